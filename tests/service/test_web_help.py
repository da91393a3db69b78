"""The help of each role: there for everybody who signs in, in both languages, with buttons that the role really has, and
two pages of paper."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from werkzeug.test import TestResponse

from domain.account import ROLES
from service.access import POLICY
from service.api.commands import COMMANDS
from service.identity import Identity
from service.log.ids import new_id
from service.office import Office
from service.reach import Principal
from service.web import titles, words
from service.web.help import WRITTEN
from tests.journeys import browser
from tests.journeys.sown import Sown, every_page
from tests.service import test_canary
from tests.service.offices import VILLAGE, Asking
from tests.service.web_office import opened
from tests.service.web_pages import page, text

Client = Callable[[str], Asking]
MANY, BEGUN, BARE = 10**9, "75.01.02.2016", "75.01.02.2017"
TEXTS = Path(titles.__file__).parent / "templates" / "help"


def named(language: str, role: str) -> list[str]:
    """The words of pages that a role's help names."""
    words = r"\{\{ (?:_\(|pgettext\('many', )'([^']+)'\) \}\}"
    return re.findall(words, (TEXTS / language / f"{role}.html").read_text(encoding="utf-8"))


def in_english(who: Asking, path: str) -> TestResponse:
    who.client.set_cookie(words.COOKIE, "en")
    answer = who.client.get(path, headers={"Authorization": f"Bearer {who.token}", "Accept": "text/html"})
    who.client.delete_cookie(words.COOKIE)
    return answer


def test_every_role_has_its_help_and_finds_it_first(client: Client) -> None:
    assert set(WRITTEN) == set(ROLES.versions[-1].codes)
    for role in ("kades", "dpo", "mitra"):
        who = client(role)
        index = page(who, "/bantuan")
        assert re.findall(r'href="/bantuan/([a-z_]+)"', index)[0] == role
        assert index.count("peran Anda") == 1
        assert '<a href="/bantuan">Bantuan</a>' in page(who, "/")
    assert client("kades").get("/bantuan/raja").status_code == 404


@pytest.mark.parametrize("role", WRITTEN)
def test_the_help_says_what_one_does_not_see_and_what_to_do_when_refused(client: Client, role: str) -> None:
    shown = page(client("psm"), f"/bantuan/{role}")
    for wanted in ("Pekerjaan sehari", "dan mengapa</h2>", "Kalau ditolak", "Masuk dan keluar"):
        assert wanted in shown, wanted
    english = text(in_english(client("psm"), f"/bantuan/{role}"))
    for wanted in ("A day's work", "and why</h2>", "When you are refused"):
        assert wanted in english, wanted
    assert "Pekerjaan sehari" not in english
    assert "<h2>Kalau" not in english
    assert len(named("id", role)) == len(named("en", role)), "the same buttons in both languages"


@pytest.mark.parametrize("role", WRITTEN)
def test_what_the_help_tells_a_role_to_press_that_role_may_press(role: str) -> None:
    commands: dict[str, list[str]] = {}
    for command in COMMANDS:
        commands.setdefault(str(titles.of(command)), []).append(command)
    pressed = [one for one in named("id", role) if one in commands]
    for title in pressed:
        actions = {action for command in commands[title] for action in COMMANDS[command].actions}
        assert any(role in POLICY[action] for action in actions if action in POLICY), (role, title)
    assert len(pressed) >= (0 if role == "auditor" else 3), role


@pytest.fixture(scope="module")
def sown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sown]:
    """An office in which everything was recorded by somebody who has every role."""
    with pytest.MonkeyPatch.context() as patch:
        made = Sown(tmp_path_factory.mktemp("sown"), ["Ibu Rahma"], patch, once=True)
        _what_waits(made)
    yield made
    made.office.close()


def _what_waits(sown: Sown) -> None:
    """What a help tells what to do with: nothing of it was decided yet."""
    do, me, other = sown.do, sown.one.account, sown.other

    def case_of(person: str) -> str:
        case = do("case.open", {"beneficiary": person, "channel": "surat", "urgency": "segera"})
        do("case.assign", {"worker": me}, stream=case)
        return case

    case = case_of(test_canary.registered(sown))
    do("case.assess", {"instrument": "umum", "details": test_canary.GRAVE}, stream=case)
    do("case.approve_assessment", {}, who=sown.third, stream=case)
    goals = [{"id": new_id(), "kind": "L07", "owner": me, "due": "2026-04-01"}]
    do("case.propose_plan", {"goals": goals}, stream=case)
    do("case.plan_visit", {"visit": new_id(), "planned_for": "2026-03-03"}, stream=case)
    sent = {"destination_kind": "puskesmas", "need": "pemeriksaan", "destination_id": me}
    for steps in (("accept", "handle", "complete"), ("accept",), ()):
        referral = do("referral.submit", sent, stream=case)
        for step in steps:
            more = {"outcome": "tertangani"} if step == "complete" else {}
            do(f"referral.{step}", {"channel": "telepon", **more}, stream=referral)
    ended = {"reason": "menolak", "outcome": "sebagian"}
    do("case.terminate", ended, stream=case_of(test_canary.registered(sown)))
    grave = case_of(test_canary.registered(sown))  # whose assessment and end wait
    do("case.assess", {"instrument": "umum", "details": test_canary.GRAVE}, stream=grave)
    do("case.terminate", ended, stream=grave)
    unknown = {"village": VILLAGE, "kind": "person", "channel": "desa"}
    do("emergency.open", {"beneficiary": do("beneficiary.register", unknown, who=other)}, who=other)
    long_ago = do("beneficiary.register", {**unknown, "on": "2015-01-05"})
    for agreed in (False, True):
        destruction = do("destruction.propose", {"subjects": [long_ago]}, who=other)
        if agreed:
            for one in (sown.one, sown.third):
                do("destruction.approve", {}, who=one, stream=destruction)
    for kind, granted in (("erasure", False), ("restriction", False), ("access", True)):
        asks = {"subject": long_ago, "kind": kind, "asker": "wali", "channel": "surat"}
        request = do("subject_request.open", asks)
        if granted:
            do("subject_request.confirm_identity", {"how": "penetapan_wali"}, stream=request)
            do("subject_request.grant", {}, stream=request)
    do("beneficiary.restrict_processing", {"ground": "keberatan"}, stream=test_canary.registered(sown))
    do("wksbm.initiate", {"village": BEGUN, "name": "x"})


@pytest.mark.parametrize("role", WRITTEN)
def test_what_the_help_tells_a_role_to_press_stands_on_a_page_of_that_role(
    sown: Sown, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whoever = Identity._principal

    def with_one_role(*of: Any) -> Principal | None:
        found = whoever(*of)
        return found and replace(found, grants=tuple(one for one in found.grants if one.role == role))

    addresses = [
        address
        for rule, some in every_page(sown.office, sown.one, each=MANY).items()
        if not rule.startswith(("/catat", "/koreksi", "/mengapa", "/jejak", "/bantuan"))
        for address in some
    ]
    addresses += [f"/desa/{BEGUN}", f"/desa/{BARE}"]
    monkeypatch.setattr(Identity, "_principal", with_one_role)
    offered: set[str] = set()
    for address in addresses:
        answer = opened(sown.one, address)
        if answer.status_code in (200, 404):  # of whoever is closed to her, the way in an emergency
            links = re.findall(r'href="/catat/([a-z_]+\.[a-z_]+)', answer.get_data(as_text=True))
            offered |= {str(titles.of(command)) for command in links}
    known = {str(titles.of(command)) for command in COMMANDS}
    assert {one for one in named("id", role) if one in known} - offered == set()


def linked(who: Asking) -> dict[str, str]:
    """The pages that are linked from the menu and from the pages that it leads to, by the words of their links."""
    found: dict[str, str] = {}
    for address in re.findall(r'<li><a href="([^"]+)"', page(who, "/").split('class="menu"')[1].split("</ul>")[0]):
        for at, words_in_it in re.findall(
            r'<a [^>]*?href="(/[^"#?]*)[^"]*"[^>]*>(.*?)</a>', page(who, address), re.DOTALL
        ):
            heading = re.search(r"<strong>(.*?)</strong>", words_in_it)
            found.setdefault(unescape(heading[1] if heading else words_in_it).strip(), at)
    return {told: at for told, at in found.items() if not at.startswith("/catat")}


@pytest.mark.parametrize("role", WRITTEN)
def test_the_pages_that_a_help_names_are_linked_for_its_role(sown: Sown, role: str) -> None:
    pages = linked(sown.one)
    assert {"Cakupan", "Siapa membaca apa", "Akses darurat", "Wilayah"} <= pages.keys()
    assert [one for one in named("id", role) if one in pages and one not in linked(Asking(sown.office, role))] == []


@pytest.mark.parametrize(
    ("role", "wanted"),
    [
        ("tksk", ("menerima bantuan yang sama", "tujuh hari tidak dijawab")),
        ("peksos", ("menerima bantuan yang sama", "tujuh hari tidak dijawab")),
        ("psm", ("menerima bantuan yang sama",)),
        ("supervisor", ("Pengalihan yang tidak dijawab", "tujuh hari tidak dijawab")),
    ],
)
def test_the_help_tells_of_the_same_help_twice_and_of_a_handover_nobody_answers(
    client: Client, role: str, wanted: tuple[str, ...]
) -> None:
    shown = page(client("psm"), f"/bantuan/{role}")
    assert [one for one in wanted if one not in shown] == []


@browser.in_a_browser
def test_each_help_is_two_pages_of_paper(office: Office, client: Client) -> None:
    who = client("psm").person()
    with browser.served(office) as at, browser.opened() as chromium:
        for language in ("id", "en"):
            context = chromium.new_context(viewport={"width": 360, "height": 800})
            context.add_cookies(
                [
                    {"name": "wahana-session", "value": who.token, "url": at},
                    {"name": words.COOKIE, "value": language, "url": at},
                ]
            )
            tab = context.new_page()
            for role in WRITTEN:
                tab.goto(f"{at}/bantuan/{role}")
                pages = len(re.findall(rb"/Type\s*/Page[^s]", tab.pdf(prefer_css_page_size=True)))
                assert pages == 2, (language, role, pages)
                assert tab.evaluate("document.documentElement.scrollWidth") == 360, role
            context.close()
