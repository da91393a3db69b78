"""What answers a form is a page too: refused, with a probable twin beside it, with results, or with nothing found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.browser import in_a_browser, opened, served
from tests.journeys.calendar import registration
from tests.journeys.looking import DESK, PHONE, faults, unfold, wide
from tests.journeys.test_screens import Served, entered
from tests.service.offices import VILLAGE

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = in_a_browser
NAME, BORN = "Noerllaila Jumriati Mantulangi", "1948-09-12"
SEND = "const form = document.querySelector('main form[method=post]'); form.noValidate = true; form.requestSubmit();"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("answered"))
    made.who["psm"].done("/api/v1/beneficiaries", registration(name=NAME, birth_date=BORN))
    yield made
    made.office.close()


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


def answers(office: Served) -> list[tuple[str, str, Callable[[Page], None], int, str]]:
    """Who sends, from where, how, what the answer's status is, and what stands in it."""
    case, worker = office.case, office.who["peksos"].account
    refusals: list[tuple[str, str, Callable[[Page], None], int, str]] = [
        (role, f"/catat/{form}", empty, 422, "Belum tercatat.")
        for role, form in (
            ("peksos", "beneficiary.register?kind=person"),
            ("peksos", f"case.open?beneficiary={office.person}"),
            ("peksos", f"case.propose_plan?stream={case}"),
            ("peksos", f"referral.submit?stream={case}"),
            ("supervisor", f"wksbm.appoint_board?stream={office.body}"),
            ("supervisor", "incident.declare"),
        )
    ]
    return [
        *refusals,
        ("peksos", "/catat/beneficiary.register?kind=person", twin, 409, "Mungkin orang ini sudah terdaftar."),
        ("psm", "/warga", searched(NAME), 200, NAME),
        ("peksos", "/warga", searched("Tidak Seorang Pun"), 200, "Tidak"),
        ("psm", "/kotak-keluar/berkas", rubbish, 422, "berkas"),
        ("", "/masuk", refused, 401, "sandi"),
        ("supervisor", f"/pengawasan/alih?dari={worker}", handed_over, 200, "kasus dialihkan kepada"),
    ]


def test_axe_finds_no_fault_with_what_answers_a_form(office: Served) -> None:
    wrong: list[Any] = []
    with served(office.office) as address, opened() as browser:
        for role, path, send, status, words in answers(office):
            secret = office.secrets[role] if role else ""
            context, page = (
                entered(browser, address, secret) if role else (made := browser.new_context(), made.new_page())
            )
            wide(page, DESK)
            page.goto(address + path)
            with page.expect_response(lambda answer: answer.request.method == "POST") as told:
                send(page)
            page.wait_for_load_state()
            assert told.value.status == status, (path, send.__name__, page.locator("main").inner_text()[:600])
            assert words in page.locator("main").inner_text(), (path, send.__name__)
            unfold(page)
            for width, theme in ((PHONE, "light"), (DESK, "dark")):
                wide(page, width, theme)
                wrong += [(path, send.__name__, width, theme, *one) for one in faults(page)]
            context.close()
    assert wrong == []
