"""What decides about a row of a list stands on a narrow phone without moving the list sideways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.journeys.browser import in_a_browser, opened, served
from tests.journeys.calendar import registration
from tests.journeys.test_screens import Served, entered
from tests.service.test_api_cases import DAY, GRAVE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = in_a_browser
#: Who looks, where, the heading of the table's part, and the columns that decide.
DECIDING = (
    ("supervisor", "/pengawasan", "Beban kerja", ("Terlambat", "Berjalan", "Alihkan")),
    ("supervisor", "/pengawasan", "Kasus terlambat", ("Tenggat", "Risiko")),
    ("supervisor", "/pengawasan", "Rujukan yang macet", ("Langkah terakhir",)),
    ("supervisor", "/pengawasan", "SK atau masa bakti habis", ("SK sampai",)),
    ("supervisor", "/kasus", "Kasus per petugas", ("Terlambat", "Tenggat paling awal")),
    ("supervisor", "/kasus", "Kasus yang terlambat", ("Berikutnya",)),
    ("psm", "/warga", "Daftar", ("Desa/kelurahan", "Lahir")),
    ("peksos", "/rujukan", "Menurut tujuan dan umur", ("Paling lama sejak", "Tanpa jawaban")),
    ("peksos", "/rujukan", "Yang perlu ditanyakan lebih dulu", ("Umur (hari)", "Keadaan")),
    ("supervisor", "/desa", "Daftar", ("WKSBM", "Kasus")),
    ("dpo", "/pelindungan", "Permintaan warga", ("Sisa waktu", "Keadaan", "Dibuka")),
    ("admin", "/pengelolaan/tampilan", "Tampilan", ("Kemajuan", "Belum diikuti")),
    ("supervisor", "/cakupan", "Menurut kecamatan", ("SK berlaku", "Aktif")),
    ("supervisor", "/publik", "Menurut kecamatan", ("SK berlaku", "Warga yang tercatat")),
    ("supervisor", "/publik", "Menurut desa dan kelurahan", ("WKSBM", "Warga yang tercatat")),
)
#: The right edge of every cell of a column of the first table behind a heading, and of the part of it that is seen.
EDGES = """([heading, column]) => {
  const start = [...document.querySelectorAll('h1,h2')].find(one => one.textContent.trim().startsWith(heading));
  const table = [...document.querySelectorAll('table')].find(
    one => start.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
  const at = [...table.tHead.rows[0].cells].findIndex(one => one.textContent.trim() === column);
  const range = document.createRange();
  const inside = cell => { range.selectNodeContents(cell); return range.getBoundingClientRect().right; };
  const right = Math.max(...[...table.rows].map(row => inside(row.cells[at])));
  return [right, table.parentElement.getBoundingClientRect().right, table.tBodies[0].rows.length];
}"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("columns"))
    volunteer, worker = made.who["psm"], made.who["peksos"]
    long = registration(name="Noerllaila Jumriati Mantulangi", birth_date="1948-09-12")
    volunteer.done("/api/v1/beneficiaries", long)
    worker.done(f"/api/v1/cases/{made.case}/assessments", {"instrument": "umum", "details": GRAVE, "on": DAY})
    asks = {"subject": made.person, "kind": "erasure", "asker": "yang_bersangkutan", "channel": "datang"}
    request = worker.done("/api/v1/subject-requests", asks)["id"]
    made.who["dpo"].done(f"/api/v1/subject-requests/{request}/pause", {"reason": "bukti_identitas"})
    yield made
    made.office.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened() as made:
        yield made


def test_what_decides_is_seen_at_360_pixels_without_moving_sideways(office: Served, browser: Browser) -> None:
    hidden, looked = [], 0
    with served(office.office) as address:
        for role, path, heading, columns in DECIDING:
            context, page = entered(browser, address, office.secrets[role], viewport={"width": 360, "height": 800})
            page.goto(address + path)
            for column in columns:
                right, edge, rows = page.evaluate(EDGES, [heading, column])
                assert rows, (path, heading)
                hidden += [(path, heading, column, right, edge)] * (right > edge)
                looked += 1
            context.close()
    assert hidden == []
    assert looked == 29


def test_what_a_table_is_about_is_read_in_whole_at_360_pixels(office: Served, browser: Browser) -> None:
    with served(office.office) as address:
        context, page = entered(browser, address, office.secrets["supervisor"], viewport={"width": 360, "height": 800})
        page.goto(f"{address}/cakupan")
        page.locator("main details").evaluate_all("all => all.forEach(one => one.open = true)")
        rights = page.locator("caption").evaluate_all("""all => all.map(one => {
          const range = document.createRange(); range.selectNodeContents(one); return range.getBoundingClientRect().right;
        })""")
        assert rights
        assert max(rights) <= 360
        context.close()
