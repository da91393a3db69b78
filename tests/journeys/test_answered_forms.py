"""What answers a form is a page too: refused, with a probable twin beside it, with results, or with nothing found; and so
is what says that there is nothing to see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from service.api import tickets
from service.log.ids import new_id
from tests.journeys.browser import in_a_browser, opened, served
from tests.journeys.calendar import registration
from tests.journeys.looking import DESK, PHONE, faults, unfold, wide
from tests.journeys.test_screens import Served, entered
from tests.service.offices import PASSWORD, VILLAGE, application
from tests.service.test_web_referrals import letter_of

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = in_a_browser
NAME, BORN = "Noerllaila Jumriati Mantulangi", "1948-09-12"
REGISTER = "/catat/beneficiary.register?kind=person"
LOOKS = ((PHONE, "light"), (DESK, "dark"))
SEND = "const form = document.querySelector('main form[method=post]'); form.noValidate = true; form.requestSubmit();"


class Asked(Served):
    """With somebody who may be another's twin, and the way to the answer page of a letter."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.who["psm"].done("/api/v1/beneficiaries", registration(name=NAME, birth_date=BORN))
        self.way = letter_of(self.who["peksos"], self.referral)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    made = Asked(tmp_path_factory.mktemp("answered"))
    yield made
    made.office.close()


class Answer(NamedTuple):
    """Who sends, from where, how, what the answer's status is, and what stands in it. ``before`` is sent first."""

    role: str
    path: str
    send: Callable[[Page], None]
    status: int
    words: str
    before: Callable[[Page], None] | None = None


def empty(page: Page) -> None:
    page.evaluate(SEND)


def twin(page: Page) -> None:
    page.locator('[name="identity.name"]').fill(NAME)
    page.locator('[name="identity.birth_date"]').fill(BORN)
    page.locator('[name="village"]').select_option(VILLAGE)
    page.locator('[name="channel"]').select_option("desa")
    page.evaluate(SEND)


def handed_over(page: Page) -> None:
    page.locator('select[name="ke"]').select_option(index=2)
    page.locator('[name="kasus"]').first.check()
    page.locator("main form[method=post] button").first.click()


def rubbish(page: Page) -> None:
    page.locator("main [type=file]").set_input_files({"name": "x", "mimeType": "text/plain", "buffer": b"x"})
    page.evaluate(SEND)


def searched(name: str) -> Callable[[Page], None]:
    def search(page: Page) -> None:
        page.locator('main [name="name"]').fill(name)
        page.evaluate(SEND)

    return search


def refused(page: Page) -> None:
    page.locator('[name="login"]').fill("psm")
    page.locator('[name="password"]').fill("bukan ini")
    page.evaluate(SEND)


def filled(form: str, **fields: str) -> Callable[[Page], None]:
    """A form of the page sent with these fields, also one that is folded."""

    def send(page: Page) -> None:
        sent = page.locator(f"main {form}").first
        for name, value in fields.items():
            sent.locator(f'[name="{name}"]').first.evaluate("(one, value) => { one.value = value }", value)
        sent.evaluate("form => { form.noValidate = true; form.requestSubmit(); }")

    return send


def too_late(page: Page) -> None:
    """The session has ended while somebody typed."""
    page.locator('[name="identity.name"]').fill("Salma Hulopi")
    page.context.clear_cookies()
    page.evaluate(SEND)


def answered(page: Page, send: Callable[[Page], None]) -> int:
    """Send, and the status of what comes back."""
    with page.expect_response(lambda answer: answer.request.method == "POST") as told, page.expect_navigation():
        send(page)
    page.wait_for_load_state()
    return told.value.status


def answers(office: Asked) -> list[Answer]:
    case, worker = office.case, office.who["peksos"].account
    refusals = [
        Answer(role, f"/catat/{form}", empty, 422, "Belum tercatat.")
        for role, form in (
            ("peksos", "beneficiary.register?kind=person"),
            ("peksos", f"case.open?beneficiary={office.person}"),
            ("peksos", f"case.propose_plan?stream={case}"),
            ("peksos", f"case.give_task?stream={case}"),
            ("peksos", f"referral.submit?stream={case}"),
            ("supervisor", f"wksbm.appoint_board?stream={office.body}"),
            ("supervisor", "incident.declare"),
        )
    ]
    return [
        *refusals,
        Answer("peksos", REGISTER, twin, 409, "Mungkin orang ini sudah terdaftar."),
        Answer("psm", "/warga", searched(NAME), 200, NAME),
        Answer("peksos", "/warga", searched("Tidak Seorang Pun"), 200, "Tidak"),
        Answer("psm", "/kotak-keluar/berkas", rubbish, 422, "berkas"),
        Answer("supervisor", f"/pengawasan/alih?dari={worker}", handed_over, 200, "kasus dialihkan kepada"),
        Answer("supervisor", f"/koreksi/{office.person}/1", empty, 422, "Belum ada isian yang diubah."),
        *at_the_door(office),
        *own_account(office),
        *by_letter(office),
    ]


def at_the_door(office: Asked) -> list[Answer]:
    """What somebody without a session sends, or whose session has ended."""
    known = {"login": "psm", "code": "ABCD-EFGH", "password": PASSWORD}
    with application(office.office).app_context():
        unknown = tickets.ticket(new_id())
    entering = filled("form", login=office.who["psm"].login, password=PASSWORD)

    def signed_in(page: Page) -> None:
        answered(page, too_late)
        answered(page, entering)

    return [
        Answer("", "/masuk", refused, 401, "sandi"),
        Answer("", "/masuk/kode", filled("form", **known, again=PASSWORD), 401, "sudah dipakai"),
        Answer("", "/masuk/kode", filled("form", **known, again="lain"), 422, "tidak sama"),
        Answer("", "/publik/rujukan", filled("form", tiket="ABCD"), 422, "salah ketik"),
        Answer("", "/publik/rujukan", filled("form", tiket=unknown), 404, "tidak dikenal"),
        Answer("", "/publik/tanda-terima", filled("form", teks="bukan tanda terima"), 422, "Ini bukan tanda terima"),
        Answer("psm", REGISTER, too_late, 401, "Masuk"),
        Answer("psm", REGISTER, entering, 200, "Isian Anda masih ada", lambda page: answered(page, too_late)),
        Answer("psm", REGISTER, filled("form"), 200, "Yang Anda ketik sudah dikembalikan.", signed_in),
    ]


def own_account(office: Asked) -> list[Answer]:
    wrong = {"kata_sandi": "bukan ini"}
    enrolling = filled('[action$="/pasang"]', kata_sandi=PASSWORD)
    return [
        Answer("psm", "/akun", filled('[action$="/kata-sandi"]', **wrong, baru=PASSWORD), 403, "Belum berhasil."),
        Answer("psm", "/akun", filled('[action$="/pasang"]', **wrong), 403, "Belum berhasil."),
        Answer("psm", "/akun", enrolling, 200, "Kode enam angka"),
        Answer(
            "psm",
            "/akun",
            filled('[action$="/kode"]', kode="000000"),
            401,
            "tidak cocok",
            lambda page: answered(page, enrolling),
        ),
        Answer("psm", "/akun", filled('[action$="/keluarkan"]'), 303, "Sudah dilakukan."),
    ]


def by_letter(office: Asked) -> list[Answer]:
    """A destination without an account answers by the link of its letter."""
    way = f"{office.way}?jawaban=terima"
    return [
        Answer("", way, empty, 422, "Belum tercatat."),
        Answer("", way, filled("form", informant="Ibu Hadija, loket"), 303, "Terima kasih."),
    ]


def not_shown(office: Asked) -> list[tuple[str, str, int, str]]:
    """Who opens what, the status, and what is said."""
    return [
        ("psm", "/jejak", 403, "Bukan untuk peran Anda"),
        ("psm", f"/warga/{new_id()}", 404, "Tidak ada di sini"),
        ("psm", "/tidak-ada", 404, "Tidak ada di sini"),
        ("peksos", f"/kasus/{office.case}?per=2019-01-02", 404, "Lihat keadaan hari ini"),
        ("", "/tidak-ada", 404, "Tidak ada di sini"),
        ("", f"{office.way}x", 404, "tidak berlaku"),
        ("", office.way, 200, "Apa jawaban Anda?"),
    ]


def come(browser: Browser, address: str, office: Asked, role: str) -> tuple[BrowserContext, Page]:
    """A browser of somebody with a role, or of nobody."""
    if role:
        return entered(browser, address, office.secrets[role])
    context = browser.new_context()
    return context, context.new_page()


def test_axe_finds_no_fault_with_what_answers_a_form(office: Asked) -> None:
    wrong: list[Any] = []
    with served(office.office) as address, opened() as browser:
        for role, path, send, status, words, before in answers(office):
            context, page = come(browser, address, office, role)
            wide(page, DESK)
            page.goto(address + path)
            if before:
                before(page)
            told = answered(page, send)
            text = page.locator("main").inner_text()
            assert (told, words in text) == (status, True), (path, send.__name__, told, text[:600])
            unfold(page)
            for width, theme in LOOKS:
                wide(page, width, theme)
                wrong += [(path, send.__name__, width, theme, *one) for one in faults(page)]
            context.close()
    assert wrong == []


def test_axe_finds_no_fault_with_what_says_that_there_is_nothing_to_see(office: Asked) -> None:
    wrong: list[Any] = []
    with served(office.office) as address, opened() as browser:
        for role, path, status, words in not_shown(office):
            context, page = come(browser, address, office, role)
            told = page.goto(address + path)
            text = page.locator("main").inner_text()
            assert told is not None
            assert (told.status, words in text) == (status, True), (path, told.status, text[:300])
            for width, theme in LOOKS:
                wide(page, width, theme)
                wrong += [(path, width, theme, *one) for one in faults(page)]
            context.close()
    assert wrong == []
