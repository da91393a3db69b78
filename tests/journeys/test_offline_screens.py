"""The screens that a device makes by itself, filled, for whoever sees little, enlarges them, or has no mouse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from service.log.ids import new_id
from tests.journeys.browser import BadLine, in_a_browser, opened, served
from tests.journeys.looking import DESK, DESK_TWICE, PHONE, faults, walked, wide
from tests.journeys.phones import fill, prepared, settled
from tests.journeys.sown import Sown
from tests.journeys.test_every_page import TEXTS
from tests.journeys.test_screens import entered
from tests.service.offices import VILLAGE
from tests.service.test_canary import registered

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = in_a_browser
#: Of the empty forms, which are made by one template, one of each kind of field; what each may be recorded of.
FORMS = {
    "": ("beneficiary.register", "incident.declare"),
    "beneficiary": ("beneficiary.give_consent", "beneficiary.classify"),
    "case": ("case.propose_plan", "case.hold_conference", "referral.submit"),
    "wksbm": ("wksbm.appoint_board",),
    "incident": ("incident.record_victims",),
}
EVERY_WAY = ((DESK, "light"), (DESK, "dark"), (DESK_TWICE, "light"), (PHONE, "dark"), (PHONE, "light"))
#: Forms: each width and each theme once.
BOTH_WAYS = ((DESK, "dark"), (PHONE, "light"))
EMPTY = """about => [...document.querySelectorAll('template.blank')]
  .filter(one => one.dataset.about === about).map(one => one.dataset.command)"""


class Disputed(Sown):
    """An office in which two have given different answers about one risk, and nobody has decided yet."""

    def _in_the_open(self) -> None:
        super()._in_the_open()
        self.person = registered(self)
        self.case = self.do("case.open", {"beneficiary": self.person, "channel": "surat", "urgency": "segera"})
        self.do("case.assign", {"worker": self.one.account}, stream=self.case)
        seen = self.one.data(f"/api/v1/cases/{self.case}")["version"]
        for who, risk, device in ((self.one, "darurat", "hp-1"), (self.other, "rendah", "hp-2")):
            answer = {"risk": risk, "source": "offline", "device": device}
            self.do("case.change_risk", answer, who=who, stream=self.case, seen=seen)
        kind = {"classification": new_id(), "type": "lanjut_usia_telantar"}
        self.do("beneficiary.classify", kind, stream=self.person)
        agreed = {"consent": new_id(), "purpose": "layanan", "giver": "yang_bersangkutan", "how": "lisan_saksi"}
        self.do("beneficiary.give_consent", agreed, stream=self.person)
        self.do("case.plan_visit", {"visit": new_id(), "planned_for": "2026-04-03"}, stream=self.case)
        self.do("case.give_task", {"task": new_id(), "owner": self.one.account, "due": "2026-04-01"}, stream=self.case)
        flood = {"kind": "banjir", "struck_on": "2026-03-01", "villages": [VILLAGE]}
        self.incident = self.do("incident.declare", flood)


@pytest.fixture(scope="module")
def disputed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disputed]:
    patch = pytest.MonkeyPatch()
    made = Disputed(tmp_path_factory.mktemp("disputed"), TEXTS, patch, once=True)
    patch.undo()
    yield made
    made.office.close()


class Eyes:
    """Looks at what a page shows in every way there is, and keeps what is wrong."""

    def __init__(self, page: Page) -> None:
        self.page, self.wrong, self.looked, self.reached = page, list[Any](), 0, 0

    def look(self, what: str, ways: tuple[tuple[int, str], ...] = EVERY_WAY) -> None:
        for width, theme in ways:
            wide(self.page, width, theme)
            self.wrong += [(what, width, theme, *one) for one in faults(self.page)]
        self.looked += 1

    def walk(self, what: str) -> None:
        for width in (DESK, PHONE):
            wide(self.page, width)
            self.page.locator("#isi").focus()
            reached, missed = walked(self.page)
            self.wrong += [(what, width, *one) for one in missed]
            self.reached += reached


def test_the_screens_of_a_device_filled_have_no_fault_for_axe_or_a_keyboard(disputed: Disputed) -> None:
    lines: list[BadLine] = []

    def bad(application: Any) -> BadLine:
        lines.append(BadLine(application, "/api/v1/outbox", {}))
        return lines[0]

    secret = disputed.one.person().token
    with served(disputed.office, bad) as address, opened() as browser:
        _, page = entered(browser, address, secret, viewport={"width": 360, "height": 900})
        eyes = Eyes(page)
        prepared(page, address)
        shown = {
            "": "",
            "beneficiary": f"warga/{disputed.person}",
            "case": f"kasus/{disputed.case}",
            "wksbm": f"desa/{VILLAGE}",
            "incident": f"bencana/{disputed.incident}",
        }
        for about, place in shown.items():
            page.evaluate("place => { location.hash = place }", place)
            page.locator("#luring h2").first.wait_for()
            page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
            eyes.look(place)
            eyes.walk(place)
            page.locator(".skip").focus()
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.id + location.hash") == (f"isi#{place}" if place else "isi")
            for command in FORMS[about]:
                assert command in page.evaluate(EMPTY, about)
                page.locator(f'#luring a[href^="#catat/{command}?"]').first.click()
                page.locator("#luring form").wait_for()
                for button in page.locator("#luring form button.plain").all():  # a further row
                    button.click()
                page.locator("#luring [data-panel]").evaluate_all("all => all.forEach(one => one.hidden = false)")
                eyes.look(command, BOTH_WAYS)
                eyes.walk(command)
                page.evaluate("place => { location.hash = place }", place)
                page.locator("#luring h2").first.wait_for()
                page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        outbox(eyes, address, lines[0], disputed)
        pages(eyes, address, disputed)
    assert eyes.wrong == []
    assert eyes.looked == 24
    assert eyes.reached > 500


def outbox(eyes: Eyes, address: str, line: BadLine, disputed: Disputed) -> None:
    """Entries that were sent, refused and wait, and a form in which one is mended."""
    page = eyes.page
    person = {"kind": "person", "village": VILLAGE, "identity.birth_year": "1951"}
    line.away = True
    for _ in range(2):  # the second time she is there already
        page.goto(f"{address}/luring#catat/beneficiary.register?")
        fill(page, {**person, "identity.name": "Zubaedah Pakaya"}, [])
    line.away = False
    page.goto(f"{address}/kotak-keluar")
    assert sorted(settled(page, 2)) == ["refused", "sent"]
    line.away = True
    page.goto(f"{address}/luring#catat/case.change_risk?stream={disputed.case}&kasus={disputed.case}")
    fill(page, {"risk": "tinggi", "reason": "Sendirian"}, [])
    page.goto(f"{address}/kotak-keluar")
    page.locator("#kotak li[data-state]").nth(2).wait_for()
    found = page.locator("#kotak li[data-state]").evaluate_all("all => all.map(one => one.dataset.state)")
    assert found == ["waiting", "refused", "sent"]
    page.locator("#kotak details").evaluate_all("all => all.forEach(one => one.open = true)")
    eyes.look("outbox")
    eyes.walk("outbox")
    for place, at in (("entri", 1), ("lain", 0)):
        key = page.evaluate("async at => (await Wahana.entries()).reverse()[at].key", at)
        page.goto(f"{address}/luring#{place}/{key}")
        page.locator("#luring h2").first.wait_for()
        eyes.look(place)
        eyes.walk(place)
        page.goto(f"{address}/kotak-keluar")
    page.evaluate("Wahana.close()")
    page.goto(f"{address}/kotak-keluar")
    page.locator("#kotak li[data-state]").nth(2).wait_for()
    eyes.look("outbox of nobody")
    line.away = False
    page.goto(f"{address}/luring")


def pages(eyes: Eyes, address: str, disputed: Disputed) -> None:
    """What the office shows of devices and of two answers."""
    (device,) = disputed.office.identity.means.offline.of(disputed.one.account)
    for path, word in (
        ("/akun", "Cabut"),
        (f"/pengelolaan/akun/{disputed.one.account}", device.label),
        (f"/kasus/{disputed.case}", "Dua jawaban tentang risiko"),
        ("/kasus", "Dua jawaban"),
        ("/pengawasan", "Dua jawaban tentang risiko"),
    ):
        eyes.page.goto(address + path)
        assert eyes.page.locator("main").get_by_text(word).count(), path
        eyes.look(path)
        eyes.walk(path)
    disputed.office.identity.means.offline.revoke_all(
        disputed.one.account, disputed.office.identity.means.milliseconds()
    )
    eyes.page.goto(f"{address}/luring")
    eyes.page.get_by_text("Perangkat ini telah dicabut").wait_for()
    eyes.look("a revoked device")
    eyes.walk("a revoked device")
