"""What the pages of a device say of what was recorded on it, once the office has it or has refused it; and that on the page
of somebody stands at once what may be recorded of her."""

from __future__ import annotations

from pathlib import Path

from service.office import Office
from tests.journeys.browser import in_a_browser
from tests.journeys.phones import opened, record, settled
from tests.journeys.test_offline import FAMILY, cut_off
from tests.service.offices import VILLAGE, Asking

pytestmark = in_a_browser
HERS, HIS = FAMILY[:2]
OPENED = {"channel": "kunjungan", "urgency": "segera"}
UNSENT, REFUSED = "belum terkirim", "ditolak"
NEXT_DOOR = "75.01.02.2014"


def test_what_has_arrived_is_not_called_unsent_on_any_page_of_the_device(office: Office, tmp_path: Path) -> None:
    """Neither on pages that are open: her own, and the first one, where somebody is being looked for."""
    owner = Asking(office, "peksos")
    with cut_off(office, tmp_path, owner) as (page, address, line):
        record(page, "Daftarkan warga", {"kind": "person", "village": VILLAGE, "identity.name": HERS})
        opened(page, HERS, "Warga")
        assert UNSENT in page.locator("#luring").inner_text()
        record(page, "Buka kasus", OPENED)
        opened(page, HERS, "Kasus saya")
        record(page, "Beri tugas", {"title": "Antar ke puskesmas", "due": "2027-01-10"})  # builds on both
        first = page.locator("#luring")
        assert first.get_by_text(UNSENT).count() == 2
        hers = page.context.new_page()
        hers.goto(f"{address}/luring")
        opened(hers, HERS, "Warga")
        page.evaluate("scrollTo(0, 0)")
        outbox = page.context.new_page()
        outbox.goto(f"{address}/kotak-keluar")
        line.away = False
        assert settled(outbox, 3) == ["sent"] * 3
        for one in (page, hers):
            one.get_by_text(HERS).first.wait_for()
            one.wait_for_function(f"() => !document.getElementById('luring').innerText.includes('{UNSENT}')")
        line.away = True
        page.reload()
        opened(page, HERS, "Kasus saya")
        assert UNSENT not in first.inner_text()


def test_what_was_refused_is_called_so_and_goes_with_its_entry(office: Office, tmp_path: Path) -> None:
    owner = Asking(office, "psm", (VILLAGE,))
    with cut_off(office, tmp_path, owner) as (page, address, line):
        page.evaluate("Wahana.data.areas = []")  # a copy of before her area was changed
        record(page, "Daftarkan warga", {"kind": "person", "village": NEXT_DOOR, "identity.name": HIS})
        record(page, "Daftarkan warga", {"kind": "person", "village": VILLAGE, "identity.name": HERS})
        line.away = False
        outbox = page.context.new_page()
        outbox.goto(f"{address}/kotak-keluar")
        assert sorted(settled(outbox, 2)) == ["refused", "sent"]
        people = page.locator("#luring li")
        people.filter(has_text=HIS).get_by_text(REFUSED).wait_for()
        assert UNSENT not in page.locator("#luring").inner_text()
        outbox.on("dialog", lambda asked: asked.accept())
        outbox.get_by_role("button", name="Buang").click()
        people.filter(has_text=HIS).wait_for(state="detached")
        people.filter(has_text=HERS).wait_for()
        page.reload()
        people.filter(has_text=HERS).wait_for()
        assert people.filter(has_text=HIS).count() == 0


def test_what_may_be_recorded_stands_open_on_the_page_of_a_person_and_of_a_case(office: Office, tmp_path: Path) -> None:
    owner = Asking(office, "peksos")
    with cut_off(office, tmp_path, owner) as (page, _, _):
        record(page, "Daftarkan warga", {"kind": "person", "village": VILLAGE, "identity.name": HERS})
        opened(page, HERS, "Warga")
        page.get_by_role("link", name="Buka kasus", exact=True).click(timeout=2000)
        page.locator("#luring form").wait_for()
        page.evaluate("history.back()")
        record(page, "Buka kasus", OPENED)
        opened(page, HERS, "Kasus saya")
        assert page.get_by_role("link", name="Beri tugas", exact=True).is_visible()
