"""Why is this number 37, on the pages: from every figure to its rows, from each row to its events, and counted again."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from domain.correction import replay
from service import config
from service.demo import FIRST
from service.demo.history import play
from service.demo.world import SMALL
from service.office import Office
from tests.journeys.counting import Counted, counted_as, decoded
from tests.service.offices import VILLAGE, Asking, make_office, person, settings_of
from tests.service.test_api_wksbm import begun
from tests.service.web_pages import page

Client = Callable[[str], Asking]
UNTIL = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
DAYS = (date(2024, 6, 30), None)
FIGURE = re.compile(r'<a class="why" href="(/mengapa/[^"]+)">([\d.]+)</a>')  # others lead to the list that they count
ROW = re.compile(
    r'<tr><th scope="row">(.*?)</th>(?:<td class="n">([\d.]+)</td>)?<td><a href="([^"]+)">Lihat peristiwa</a>'
)


def number(text: str) -> int:
    return int(text.replace(".", ""))


class Walk:
    """Somebody who may see every row, somebody who may read the log, and what was walked already."""

    def __init__(self, here: Office) -> None:
        self.office, self.reader, self.auditor = here, Asking(here, "supervisor"), Asking(here, "auditor")
        self.texts = self.auditor.get("/api/v1/events", limit=100_000).get_data(as_text=True).splitlines()
        self.behind: dict[str, list[int]] = {}

    def figures(self, path: str) -> list[tuple[str, int]]:
        """Every figure of a page that leads somewhere: its address and what the page says that it is."""
        return [(unescape(link), number(said)) for link, said in FIGURE.findall(page(self.reader, path))]

    def rows(self, link: str, said: int) -> list[tuple[int, str]]:
        """The rows of a figure: what each adds, and where its events are. They sum up to what the page said."""
        found: list[tuple[int, str]] = []
        following: str | None = link
        while following:
            shown = page(self.reader, following)
            counted = re.search(r"<dt>Jumlah</dt><dd>([\d.]+)", shown)
            assert counted, link
            assert number(counted[1]) == said, link
            assert "tidak boleh Anda lihat" not in shown
            found += [(number(weight or "1"), unescape(events)) for _, weight, events in ROW.findall(shown)]
            onward = re.search(r'href="([^"]+)">Baris berikutnya', shown)
            following = unescape(onward[1]) if onward else None
        assert sum(weight for weight, _ in found) == said, link
        return found

    def events(self, link: str) -> list[int]:
        """The positions of the events behind a row."""
        if link not in self.behind:
            positions: list[int] = []
            following: str | None = link
            while following:
                shown = page(self.reader, following)
                story = shown.partition('<ol class="story">')[2].partition("</ol>")[0]
                positions += [number(one) for one in re.findall(r"Posisi catatan ([\d.]+)", story)]
                onward = re.search(r'href="([^"]+)">Peristiwa berikutnya', shown)
                following = unescape(onward[1]) if onward else None
            assert positions == sorted(set(positions))
            assert positions
            self.behind[link] = positions
        return self.behind[link]


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    folder: Path = tmp_path_factory.mktemp("mengapa")
    settled = config.read({**settings_of(folder), "WAHANA_DEMO": "1"})
    make_office(folder, now=lambda: FIRST).close()
    play(settled, 7, UNTIL, SMALL)
    here = Office(settled)
    yield Walk(here)
    here.close()


def moment(day: date | None) -> str:
    return f"per={day.isoformat()}" if day else ""


@pytest.mark.parametrize("day", DAYS)
def test_every_figure_of_the_board_is_its_rows_and_they_their_events(walk: Walk, day: date | None) -> None:
    """Every kecamatan's board, on which every figure of every village stands, and the pages of two villages."""
    board = walk.reader.data("/api/v1/kecamatan")
    counted = as_known(walk, day)
    pages = [f"/desa?kecamatan={one['code']}&{moment(day)}" for one in board]
    pages += [f"/desa/{code}?{moment(day)}" for code in list(counted.standing)[:2]]
    walked: dict[tuple[str, str], int] = {}
    for path in pages:
        for link, said in walk.figures(path):
            parts = urlsplit(link)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            assert asked.get("per") == (day.isoformat() if day else None), "the date control holds"
            field = parts.path.removeprefix("/mengapa/board.")
            rows = walk.rows(link, said)
            if "village" not in asked:
                continue
            assert counted.board(asked["village"])[field] == said, link
            walked[asked["village"], field] = said
            for _weight, where in rows:
                events = decoded(walk.texts[position - 1] for position in walk.events(where))
                if field != "unproven":
                    assert counted_as(replay(None, events)) == [field]
    told = {
        (code, field): count
        for code in counted.standing
        for field, count in counted.board(code).items()
        if count and (field.startswith(("people", "open")) or field == "unproven")
    }
    assert {key: count for key, count in walked.items() if key in told} == told, "every figure that is not nothing"
    assert len(told) > 20


def as_known(walk: Walk, day: date | None) -> Counted:
    """What was known at a day's end, or is known today, counted from the events recorded by then."""
    if day is None:
        return Counted(decoded(walk.texts), walk.office.today(), walk.office.config.dormant_months)
    position = walk.reader.get("/api/v1/kecamatan", as_of=f"{day.isoformat()}T15:59:59.999999Z").get_json()["position"]
    return Counted(decoded(walk.texts[:position]), day, walk.office.config.dormant_months)


@pytest.mark.parametrize("day", DAYS)
def test_every_figure_of_coverage_is_its_villages_and_they_their_events(walk: Walk, day: date | None) -> None:
    counted, seen = as_known(walk, day), 0
    for link, said in walk.figures(f"/cakupan?mulai=2024&{moment(day)}"):
        asked = parse_qs(urlsplit(link).query)
        rows = walk.rows(link, said)
        if "on" not in asked:
            field = urlsplit(link).path.removeprefix("/mengapa/coverage.")
            seen += 1
            assert (counted.coverage(asked.get("kecamatan", [None])[0])[field]) == said, link
        for _weight, where in rows[:2]:
            assert walk.events(where)
    assert seen > 20


def test_the_other_pages_explain_their_figures_too(walk: Walk) -> None:
    wksbm = next(row["wksbm"][0]["id"] for row in walk.reader.data("/api/v1/villages") if row["wksbm"])
    least = {
        "/": 5,
        "/kasus": 5,
        "/laporan?mulai=2019-01-01&sampai=2026-11-20": 4,
        "/laporan?mulai=2019-01-01&sampai=2026-11-20&dilaporkan=2025-12-31": 8,
        "/laporan?mulai=2019-01-01&sampai=2026-11-20&dilaporkan=2025-12-31&kecamatan=75.01.02&per=2026-06-30": 4,
        "/pengawasan": 2,
        "/pengelolaan/wilayah": 19,
        "/rujukan": 1,
        f"/wksbm/{wksbm}": 1,
    }
    for path, number_of in least.items():
        figures = walk.figures(path)
        assert len(figures) >= number_of, path
        for link, said in figures:
            for _weight, where in walk.rows(link, said)[:1]:
                assert walk.events(where)


def test_the_auditor_goes_on_to_the_log_and_the_replay(walk: Walk) -> None:
    link, _said = next(one for one in walk.figures("/cakupan") if "on=" not in one[0])
    _weight, where = walk.rows(link, _said)[0]
    shown = page(walk.auditor, where)
    [event, *_] = re.findall(r'href="(/jejak/peristiwa/\d+)"', shown)
    assert "Terbukti" in page(walk.auditor, event) or "Belum di bawah titik periksa" in page(walk.auditor, event)
    [replayed, *_] = re.findall(r'href="(/jejak/[0-9a-f-]{36}\?[^"]+)"', shown)
    assert page(walk.auditor, unescape(replayed))


def test_whoever_may_not_see_rows_reads_what_is_counted(office: Office, client: Client) -> None:
    begun(client("kades"))
    person(office)
    who = f"/mengapa/board.people.tier_1?village={VILLAGE}"
    rows = page(client("kades"), who)
    assert "Lihat peristiwa" in rows
    assert ">Warga Uji, " in rows, "by the name that the list of people shows"
    elsewhere = Asking(office, "kades", ("75.01.03",))
    assert "Tidak ada yang dihitung" in page(elsewhere, who)
    shown = page(client("mitra"), who)
    assert "Banyaknya catatan PPKS" in shown
    assert "Peran Anda tidak membuka angka ini" in shown
    assert "Lihat peristiwa" not in shown
    strict = page(client("kepala_dinas"), f"/mengapa/board.people.tier_3?village={VILLAGE}")
    assert "jumlah yang kecil disamarkan" in strict
    assert "Lihat peristiwa" not in strict
    assert client("kades").get("/mengapa/board.tidak_ada").status_code == 404
    assert client("kades").get("/mengapa/board.open_cases?village=salah").status_code == 422


def test_rows_are_named_without_a_village_too(office: Office, client: Client) -> None:
    person(office)
    shown = page(client("supervisor"), "/mengapa/board.people.tier_1")
    assert re.search(r">Warga Uji, Perorangan[^<]*</a>", shown)
