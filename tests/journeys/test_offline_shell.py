"""What a phone without signal shows: nobody's code, the villages that its owner serves, dates as they are spoken, and an
outbox whose buttons a thumb can tell apart."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from service.log.ids import new_id
from service.office import Office
from tests.journeys.browser import in_a_browser, opened, served
from tests.journeys.calendar import registration
from tests.journeys.phones import fill, form_of, prepared, record, settled, sign_in
from tests.journeys.phones import opened as on_its_page
from tests.journeys.test_offline import cut_off
from tests.service.offices import VILLAGE, Asking
from tests.service.test_api_cases import opened as opened_case
from tests.service.web_pages import page as page_of

pytestmark = in_a_browser
PROTECTED = "nama dilindungi"
NEXT_DOOR = "75.01.02.2014"


def protected(office: Office) -> str:
    """Somebody whom a volunteer of her village is not shown, since a social worker has her case."""
    worker = Asking(office, "peksos")
    case = opened_case(office, worker)
    whose: str = worker.data(f"/api/v1/cases/{case}")["beneficiary"]
    worker.done(f"/api/v1/beneficiaries/{whose}/classifications", {"classification": new_id(), "type": "fakir_miskin"})
    return whose


def test_somebody_protected_has_no_code_no_link_and_no_form(office: Office, tmp_path: Path) -> None:
    owner, whose = Asking(office, "psm"), protected(office)
    (row,) = owner.data("/api/v1/beneficiaries")
    assert (row["id"], row["sight"]) == (whose, "none")
    owner.done("/api/v1/beneficiaries", registration(name="Rahma Hunawa", birth_date="1948-09-12"))
    with cut_off(office, tmp_path, owner) as (page, _, _):
        people = page.locator("#luring section").filter(has=page.get_by_role("heading", name="Warga", exact=True))
        assert people.get_by_text(PROTECTED).count() == 1
        assert people.get_by_role("link").all_inner_texts() == ["Rahma Hunawa"]
        assert "12 Sep 1948" in people.inner_text()
        assert whose[-6:] not in page.locator("#luring").inner_text()
        page.evaluate("id => { location.hash = `warga/${id}` }", whose)
        page.get_by_role("heading", name=PROTECTED).wait_for()
        assert page.locator("#luring details, #luring form").count() == 0
        on_its_page(page, "Rahma Hunawa", "Warga")
        assert "12 Sep 1948" in page.locator("#luring").inner_text()


def test_a_village_that_alone_is_served_stands_there_and_no_other_is_offered(office: Office, tmp_path: Path) -> None:
    owner = Asking(office, "psm", (VILLAGE,))
    with cut_off(office, tmp_path, owner) as (page, address, line):
        form_of(page, "Daftarkan warga")
        village = page.locator("#luring form [name=village]")
        assert village.input_value() == VILLAGE
        assert village.locator("option[value]:not([value=''])").count() == 1
        told = page.locator("#luring").inner_text()
        assert "diperlihatkan dahulu" not in told
        assert "kembali ke kotak keluar" in told
        # A copy of before her area was changed offers what she serves no more.
        page.evaluate("Wahana.data.areas = []; location.hash = ''")
        page.get_by_role("heading", name="Warga", exact=True).wait_for()
        record(page, "Daftarkan warga", {"kind": "person", "village": NEXT_DOOR, "identity.name": "Karim Hunawa"})
        line.away = False
        page.goto(f"{address}/kotak-keluar")
        assert settled(page, 1) == ["refused"]
        told = page.locator("#kotak").inner_text()
        assert "Desa/kelurahan yang dipilih di luar wilayah tugas Anda" in told
        assert "Pilih desa/kelurahan di wilayah" in told
        assert "tidak berwenang" not in told
        assert page.get_by_role("button", name="Kirim lagi").count() == 0
        page.get_by_role("button", name="Perbaiki").click()
        village.wait_for()
        assert village.locator("option[value]:not([value=''])").count() == 1
        fill(page, {"village": VILLAGE}, [])
        page.goto(f"{address}/kotak-keluar")
        assert settled(page, 1) == ["sent"]
    assert [one["village"] for one in owner.data("/api/v1/beneficiaries")] == [VILLAGE]


def test_a_kecamatan_offers_its_villages_and_whoever_moves_may_go_anywhere(office: Office, tmp_path: Path) -> None:
    owner = Asking(office, "tksk")
    owner.done("/api/v1/beneficiaries", registration(name="Rahma Hunawa", birth_date="1948-09-12"))
    with cut_off(office, tmp_path, owner) as (page, _, _):
        form_of(page, "Daftarkan warga")
        village = page.locator("#luring form [name=village]")
        village.wait_for()
        codes = village.locator("option").evaluate_all("all => all.map(one => one.value).filter(Boolean)")
        assert codes
        assert {code[:8] for code in codes} == {VILLAGE[:8]}
        assert village.input_value() == ""
        on_its_page(page, "Rahma Hunawa", "Warga")
        form_of(page, "Pindah tempat tinggal")
        village.wait_for()
        assert village.locator("option").count() > 200


def test_an_empty_caseload_says_how_a_case_begins_and_whoever_works_on_none_is_shown_none(
    office: Office, tmp_path: Path
) -> None:
    with cut_off(office, tmp_path, Asking(office, "psm")) as (page, _, _):
        page.get_by_text("Kasus dibuka dari nama warganya").wait_for()
        assert page.get_by_text("Tidak ada yang cocok").count() == 0
    with served(office) as address, opened() as browser:
        page = browser.new_page()
        sign_in(page, address, Asking(office, "kades"))
        prepared(page, address)
        page.get_by_text("Belum ada warga di wilayah Anda").wait_for()
        assert page.get_by_role("heading", name="Kasus saya").count() == 0


def test_when_it_was_taken_is_written_as_times_are_on_every_page_by_the_offices_clock(office: Office) -> None:
    with served(office) as address, opened() as browser:
        page = browser.new_page(timezone_id="America/New_York")
        sign_in(page, address, Asking(office, "psm"))
        prepared(page, address)
        taken = page.get_by_text("Data diambil:").inner_text()
    assert re.search(r": \d{1,2} [A-Z][a-z]{2} \d{4}, \d\d\.\d\d(\s|$)", taken), taken
    ago = datetime.now(office.zone) - timedelta(minutes=3)
    assert {f"{ago + timedelta(minutes=more):%H.%M}" for more in range(4)} & set(taken.split())


BOXES = """() => Array.from(
  document.querySelectorAll('#kotak li[data-state] .actions > *'), (one) => one.getBoundingClientRect().toJSON())"""


def test_the_buttons_of_the_outbox_stand_apart_and_are_as_large_as_a_thumb(office: Office, tmp_path: Path) -> None:
    owner = Asking(office, "psm")
    owner.done("/api/v1/beneficiaries", registration(name="Rahma Hunawa", birth_date="1951-02-03"))
    again = {"kind": "person", "village": VILLAGE, "identity.name": "Rahma Hunawa", "identity.birth_date": "1951-02-03"}
    with cut_off(office, tmp_path, owner) as (page, address, line):
        record(page, "Daftarkan warga", again)
        line.away = False
        page.goto(f"{address}/kotak-keluar")
        assert settled(page, 1) == ["refused"]
        key = page.evaluate("async () => (await Wahana.entries())[0].key")
        page.evaluate("async () => Wahana.write('outbox', { ...(await Wahana.entries())[0], rule: 'not_allowed' })")
        page.reload()
        page.locator("#kotak li[data-state] .actions").wait_for()
        boxes = page.evaluate(BOXES)  # at once: what is shown is made anew after each sending
        assert len(boxes) == 3, "mend, send again, throw away"
        assert all(box["height"] >= 44 for box in boxes)
        for one, other in pairwise(boxes):
            assert other["left"] - one["right"] >= 8 or other["top"] - one["bottom"] >= 8
        assert key not in page.locator("#kotak").inner_text(), "a number for whoever looks for it"
        page.get_by_text("Nomor entri").click()
        assert key in page.locator("#kotak details code").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("role", ["psm", "tksk", "kades", "pengurus_wksbm", "peksos", "supervisor"])
def test_whoever_works_in_the_field_begins_without_signal_from_the_first_page(office: Office, role: str) -> None:
    assert 'class="card" href="/luring"' in page_of(Asking(office, role), "/")


def test_whoever_sits_at_the_office_is_not_sent_into_the_field(office: Office) -> None:
    for role in ("kepala_dinas", "auditor", "admin"):
        assert 'class="card" href="/luring"' not in page_of(Asking(office, role), "/"), role


def test_what_the_first_page_says_of_the_line_and_of_what_waits_stays_true(office: Office, tmp_path: Path) -> None:
    with cut_off(office, tmp_path, Asking(office, "psm")) as (page, _address, line):
        shell, waits = page.locator("#luring"), page.locator('#luring p:has(a[href="/kotak-keluar"])')
        page.context.set_offline(True)
        shell.get_by_text("Belum ada sinyal").wait_for()
        record(page, "Daftarkan warga", {"kind": "person", "village": VILLAGE, "identity.name": "Karim Hunawa"})
        assert waits.inner_text() == "Kotak keluar (1)"
        line.away = False
        page.context.set_offline(False)
        shell.get_by_text("Belum ada sinyal").wait_for(state="detached")
        waits.get_by_text("(1)").wait_for(state="detached")
        assert waits.inner_text() == "Kotak keluar"
        assert shell.get_by_text("Tersimpan di kotak keluar.").count() == 1, "what was said stays"


UNREADABLE = """async ([others, destroyed]) => {
  const [own] = await Wahana.entries();
  const refused = { ...own, state: 'refused' };
  await Wahana.write('outbox', { ...refused, about: null });
  await Wahana.write('outbox', { ...refused, key: others, account: 'another' });
  await Wahana.write('outbox', { ...refused, key: destroyed, account: 'another', about: null, box: null });
  return own.key;
}"""


def test_nobody_throws_away_what_somebody_else_may_still_send(office: Office, tmp_path: Path) -> None:
    others, destroyed = new_id(), new_id()
    with cut_off(office, tmp_path, Asking(office, "psm")) as (page, address, line):
        record(page, "Daftarkan warga", {"kind": "person", "village": VILLAGE, "identity.name": "Karim Hunawa"})
        own = page.evaluate(UNREADABLE, [others, destroyed])
        line.away = False
        page.goto(f"{address}/kotak-keluar")
        entries = page.locator("#kotak li[data-state]")
        entries.nth(2).wait_for()
        for key, removable in ((own, 1), (destroyed, 1), (others, 0)):
            one = entries.filter(has=page.locator(f'code:text-is("{key}")'))
            assert one.count() == 1
            assert one.get_by_role("button", name="Buang").count() == removable, key
