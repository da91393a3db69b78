"""What a prepared phone still holds of somebody whose data the office destroyed: nothing, once it has heard of it, and of
everybody else all that was typed."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from service.office import Office
from tests.journeys.browser import BadLine, in_a_browser, installed, served
from tests.journeys.phones import draft_kept, fill, form_of, opened, prepared, record, settled, sign_in, states, type_in
from tests.journeys.test_offline import cut_off, left_behind
from tests.journeys.test_two_days import photograph
from tests.service import destroyers
from tests.service.destroyed import decided, lived, name_of
from tests.service.destroyers import destroy
from tests.service.offices import VILLAGE, Asking

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from playwright.sync_api import Page

pytestmark = in_a_browser
HERS, OTHER = name_of(1), name_of(2)
TYPED = "Kakinya bengkak, minta obat"
THIRD = name_of(3)
HELPED, BEGUN, OFFERED = "Atap rumahnya terbawa air", "Belum makan sejak pagi", "Perlu kaki palsu"
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

#: What another page, which still showed her, saves after the office told of her; and what was refused of a case of hers of
#: which the phone knows nothing else.
LATE = """async ([her, name]) => {
  const body = { on: '2026-01-05', classification: Wahana.newId(), type: 'lanjut_usia_telantar' };
  const entry = { key: Wahana.newId(), command: 'beneficiary.classify', url: { stream: her }, body };
  await Wahana.add({ ...entry, note: { title: 'Terlambat', about: name, typed: [], query: `stream=${her}`, made: entry } });
  const { key, account } = await Wahana.current();
  const about = await Wahana.hidden(key, { title: 'Perkara', about: name, typed: [], query: `stream=${Wahana.newId()}` });
  const refused = { state: 'refused', rule: 'subject_destroyed', detail: 'Ditolak', at: new Date(), box: null };
  await Wahana.write('outbox', { ...refused, key: Wahana.newId(), of: '', order: 99, account, about });
  await Wahana.meet();
}"""


here = destroyers.here_on_sqlite


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
            destroy(here, decided(here, [one]))
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
    draft_kept(page, TYPED)


def test_what_was_typed_of_others_outlives_her(here: Office, tmp_path: Path) -> None:
    """A member keeps her entries when the record of her family is destroyed, and a list its other rows."""
    one, other, _ = lived(here, [1, 2, 3])
    here.views.catch_up(bounded=False)
    lines: list[BadLine] = []

    def bad(application: Any) -> BadLine:
        lines.append(BadLine(application, "/api/v1/outbox", {}))
        return lines[0]

    with served(here, bad) as address, installed(tmp_path / "phone") as phone:
        page = phone.new_page()
        sign_in(page, address, Asking(here, "tksk"))
        prepared(page, address)
        lines[0].away = True
        page.evaluate("([her, of]) => { Wahana.data.people.find((one) => one.id === her).family = of; }", [other, one])
        among_others(page)
        destroy(here, decided(here, [one]))
        lines[0].away = False
        page.goto(f"{address}/kotak-keluar")
        page.get_by_text("barisnya dihapus").wait_for()
        page.locator("#kotak li[data-state=sent]").nth(1).wait_for()
        assert states(page) == ["refused", "sent", "sent"]
        after = page.evaluate(READABLE)
        assert [word for word in (HERS, TYPED) if word in after] == []
        assert [word for word in (HELPED, BEGUN, OFFERED) if word not in after] == []
        page.get_by_role("button", name="Perbaiki").click()
        page.locator("#luring form").wait_for()
        assert page.input_value('[name="victims.0.note"]') == HELPED
        fill(page, {}, [])
        page.goto(f"{address}/kotak-keluar")
        assert settled(page, 3) == ["sent", "sent", "sent"]


def among_others(page: Page) -> None:
    """An entry about a member of the family, a list with her among others, and drafts of both."""
    opened(page, OTHER, "Warga")
    record(page, "Tetapkan jenis PPKS", {"type": "lanjut_usia_telantar"})
    page.evaluate("location.hash = ''")
    declared = {"kind": "banjir", "name": "Banjir Telaga", "struck_on": "2026-01-05", "villages": VILLAGE}
    record(page, "Nyatakan kejadian bencana", declared)
    struck = {"village": VILLAGE, "conditions": "mengungsi"}
    for said in (HELPED, BEGUN):
        rows = ({**struck, "victim": HERS, "note": TYPED}, {**struck, "victim": THIRD, "note": said})
        opened(page, "Banjir Telaga", "Kejadian bencana")
        form_of(page, "Catat korban")
        type_in(page, {f"victims.{at}.{name}": typed for at, row in enumerate(rows) for name, typed in row.items()})
        if said == HELPED:
            fill(page, {}, [])
    draft_kept(page, BEGUN)
    opened(page, OTHER, "Warga")
    form_of(page, "Buka kasus")
    page.fill('#luring [name="story"]', OFFERED)
    draft_kept(page, OFFERED)


class Held:
    """Holds what is sent from an outbox until it is ``let``, and says when it has ``come``."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self.come, self.let = Event(), Event()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/api/v1/outbox":
            self.come.set()
            assert self.let.wait(120)
        return self._application(environ, start_response)


def test_an_answer_that_comes_late_puts_nothing_of_her_back(here: Office, tmp_path: Path) -> None:
    (one,) = lived(here, [1])
    here.views.catch_up(bounded=False)
    lines: list[Held] = []

    def slow(application: Any) -> Held:
        lines.append(Held(application))
        return lines[0]

    with served(here, slow) as address, installed(tmp_path / "phone") as phone:
        page = phone.new_page()
        sign_in(page, address, Asking(here, "tksk"))
        prepared(page, address)
        opened(page, HERS, "Warga")
        form_of(page, "Buka kasus")
        fill(page, {"channel": "kunjungan", "urgency": "segera", "story": TYPED}, [])
        page.goto(f"{address}/kotak-keluar")
        assert lines[0].come.wait(120)
        destroy(here, decided(here, [one]))
        page.evaluate("() => { self.heard = Wahana.stand(); }")
        page.evaluate("() => Promise.race([self.heard, new Promise((late) => { setTimeout(late, 2000); })])")
        lines[0].let.set()
        page.evaluate("() => self.heard")
        page.get_by_text("Data warga ini telah dimusnahkan di kantor").first.wait_for()
        page.evaluate("() => navigator.locks.request('wahana-outbox', () => 0)")  # until nothing is on its way
        assert [word for word in (HERS, TYPED) if word in page.evaluate(READABLE)] == []
        page.evaluate(LATE, [one, HERS])
        for title in ("Terlambat", "Perkara"):
            page.locator("#kotak li", has_text=title).get_by_text("Data warga ini telah dimusnahkan").wait_for()
        assert [word for word in (HERS, TYPED) if word in page.evaluate(READABLE)] == []


def test_another_page_that_still_showed_her_puts_nothing_of_her_back(here: Office, tmp_path: Path) -> None:
    one, _other = lived(here, [1, 2])
    here.views.catch_up(bounded=False)
    with cut_off(here, tmp_path, Asking(here, "tksk")) as (page, address, line):
        page.goto(f"{address}/luring")
        opened(page, OTHER, "Warga")
        destroy(here, decided(here, [one]))
        page.evaluate("() => { Wahana.leaving = true; }")  # it has not heard of it yet
        second = page.context.new_page()
        second.goto(f"{address}/kotak-keluar")
        line.away = False
        second.evaluate("() => Wahana.stand()")
        line.away = True
        record(page, "Buka kasus", {"channel": "kunjungan", "urgency": "segera", "story": TYPED})
        kept = second.evaluate(READABLE)
        assert HERS not in kept
        assert TYPED in kept
        cases = second.evaluate("() => Wahana.kept('cases')")
        assert [row["name"] for row in cases if row.get("pending")] == [OTHER], "and its own it has added"


def test_what_is_sent_while_a_destruction_begins_waits_and_is_recorded_when_it_was_refused(
    here: Office, tmp_path: Path
) -> None:
    one, _other = lived(here, [1, 2])
    here.views.catch_up(bounded=False)
    with cut_off(here, tmp_path, Asking(here, "tksk")) as (page, address, line):
        page.goto(f"{address}/luring")
        opened(page, HERS, "Warga")
        consent = {"how": "cap_jempol", "giver": "yang_bersangkutan", "purpose": "layanan"}
        record(page, "Catat persetujuan", consent, [photograph(tmp_path, 1)])
        opened(page, OTHER, "Warga")
        record(page, "Tetapkan jenis PPKS", {"type": "lanjut_usia_telantar"})
        here.keys.remove(list(here.keys.ids_of([one])[one]))  # so that a paper of hers needs a new one
        here.keys.close_subjects([one], "keputusan")
        line.away = False
        page.goto(f"{address}/kotak-keluar")
        page.get_by_text("sedang dalam proses pemusnahan").wait_for()
        page.get_by_text("Menunggu entri sebelumnya").wait_for()
        assert states(page) == ["sent", "waiting", "waiting"], "and others need not wait"
        assert page.evaluate(READABLE).count('"sealed:') == 3
        here.keys.open_subjects([one], "keputusan")
        assert settled(page, 3) == ["sent", "sent", "sent"]
    assert here.log.history(one)[-1].evidence
