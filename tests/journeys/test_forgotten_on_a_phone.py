"""What a prepared phone still holds of somebody whose data the office destroyed: nothing, once it has heard of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from service.office import Office
from tests.journeys.browser import BadLine, in_a_browser, installed, served
from tests.journeys.phones import form_of, opened, prepared, record, sign_in, states
from tests.journeys.test_offline import left_behind
from tests.journeys.test_two_days import photograph
from tests.service.destroyed import decided, lived, make, name_of
from tests.service.offices import Asking
from tests.service.test_destroying import carry_out

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = in_a_browser
HERS, OTHER = name_of(1), name_of(2)
TYPED = "Kakinya bengkak, minta obat"
#: Everything that whoever is signed in on this device could read there, as one text.
READABLE = """async () => {
  const now = await Wahana.current();
  const open = (box) => (box ? Wahana.shown(now.key, box) : null);
  const said = [Object.entries(localStorage), Object.entries(sessionStorage), document.documentElement.outerHTML];
  for (const name of await Wahana.names('kept')) said.push(name, await Wahana.kept(name));
  for (const one of await Wahana.entries()) {
    said.push(one.detail, one.receipt, await open(one.about), await open(one.errors), one.box ? `sealed:${one.key}` : '');
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const asked of await cache.keys()) said.push(asked.url, await (await cache.match(asked)).text());
  }
  return JSON.stringify(said);
}"""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    made = make(tmp_path, "")
    yield made
    made.views.store.close()
    made.close()


def test_a_phone_forgets_whose_data_were_destroyed_as_soon_as_it_hears_of_it(here: Office, tmp_path: Path) -> None:
    one, other = lived(here, [1, 2])
    here.views.catch_up(bounded=False)
    owner = Asking(here, "tksk")
    lines: list[BadLine] = []

    def bad(application: Any) -> BadLine:
        lines.append(BadLine(application, "/api/v1/outbox", {}))
        return lines[0]

    with served(here, bad) as address:
        with installed(tmp_path / "phone") as phone:
            page = phone.new_page()
            sign_in(page, address, owner)
            page.goto(f"{address}/warga/{one}")
            assert page.get_by_text(HERS).count()
            prepared(page, address)
            lines[0].away = True
            waiting(page, tmp_path)
            before = page.evaluate(READABLE)
            assert (before.count('"sealed:'), HERS in before, TYPED in before) == (3, True, True)
            carry_out(here, decided(here, [one]))
            assert HERS in page.evaluate(READABLE), "it has not heard of it yet"
            lines[0].away = False
            page.goto(f"{address}/kotak-keluar")  # any page: it asks by itself
            page.get_by_text("Data warga ini telah dimusnahkan di kantor").first.wait_for()
            page.locator("#kotak li[data-state=sent]").wait_for()
            assert states(page) == ["sent", "refused", "refused"]
            after = page.evaluate(READABLE)
            assert [word for word in (HERS, TYPED) if word in after] == []
            assert after.count('"sealed:') == 1, "what was sealed about her is not sent and not kept"
            assert OTHER in after, "nobody else is forgotten"
            page.goto(f"{address}/luring")
            page.get_by_text("Data diambil:").wait_for()
            assert page.get_by_text(OTHER).count()
            assert not page.get_by_text(HERS).count()
            assert HERS not in page.evaluate(READABLE)
        assert left_behind(tmp_path / "phone", HERS, TYPED) == [], "also not in what the browser keeps of where it was"
    assert here.database.rows("SELECT count(*) FROM events WHERE stream = :other", other=other)[0][0] == 3


def waiting(page: Page, folder: Path) -> None:
    """An entry about her with a paper, one about another, and a form about her that was begun."""
    opened(page, HERS, "Warga")
    record(
        page,
        "Catat persetujuan",
        {"how": "cap_jempol", "giver": "yang_bersangkutan", "purpose": "layanan"},
        [photograph(folder, 1)],
    )
    opened(page, OTHER, "Warga")
    record(page, "Tetapkan jenis PPKS", {"type": "lanjut_usia_telantar"})
    opened(page, HERS, "Warga")
    form_of(page, "Buka kasus")
    page.fill('#luring [name="story"]', TYPED)
    page.wait_for_timeout(300)  # until the draft is kept
