"""Real outlines on the map: a GeoJSON file is checked, simplified, drawn by every page that has a map, and removed."""

import copy
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from service import boundaries, outlines
from service.cli import main
from service.log.database import connect
from service.office import Office
from tests.service.offices import VILLAGE, Asking, application, make_office, settings_of
from tests.service.web_pages import page

NEAR = "75.01.02.2014"


def square(code: str, west: float, south: float, size: float = 0.1, name: str = "kode") -> dict[str, Any]:
    """A village with many points on each side, as surveys have them."""
    steps = [place * size / 20 for place in range(20)]
    ring = [[west + step, south] for step in steps] + [[west + size, south + step] for step in steps]
    ring += [[west + size - step, south + size] for step in steps] + [[west, south + size - step] for step in steps]
    return {
        "type": "Feature",
        "properties": {name: code, "nama": "<script>alert(1)</script>"},
        "geometry": {"type": "MultiPolygon", "coordinates": [[[*ring, ring[0]]]]},
    }


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


TWO = collection(square(VILLAGE, 122.9, 0.5), square(NEAR, 123.0, 0.5))


@pytest.fixture
def here(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    made = make_office(tmp_path, database_url)
    for name, value in settings_of(tmp_path, database_url).items():
        monkeypatch.setenv(name, value)
    yield made
    made.views.store.close()
    made.close()


def brought_in(tmp_path: Path, told: Any, *more: str) -> Any:
    file = tmp_path / "batas.geojson"
    file.write_text(told if isinstance(told, str) else json.dumps(told))
    return CliRunner().invoke(main, ["territory", "import-boundaries", str(file), *more])


def test_outlines_take_the_place_of_tiles_on_every_map_and_go_again(here: Office, tmp_path: Path) -> None:
    reader, stranger = Asking(here, "supervisor"), application(here).test_client()
    assert "<use" not in page(reader, "/desa")
    done = brought_in(tmp_path, TWO)
    assert done.exit_code == 0, done.output
    assert "2 villages outlined" in done.output
    assert f"not in the file: {VILLAGE}" not in done.output
    assert done.output.count("not in the file") == 203
    for shown in (page(reader, "/desa"), unescape(stranger.get("/publik").get_data(as_text=True))):
        used = re.findall(r'<use class="s-belum_ada" href="(/peta\.svg\?v=[0-9a-f]{10})#d([0-9.]+)"/>', shown)
        assert {code for _, code in used} == {VILLAGE, NEAR}
        assert shown.count("<title>") >= 205, "villages without an outline stay tiles"
        assert len(re.findall(r'<rect class="s-belum_ada" x=', shown)) == 203
        answer = stranger.get(used[0][0])
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.mimetype == "image/svg+xml"
        drawn = answer.get_data(as_text=True)
        assert len(re.findall(r'<path id="d75\.01\.02\.20\d\d" d="M[-l0-9 ]+z"', drawn)) == 2
        assert "alert(1)" not in drawn + shown
    assert f'href="/desa/{VILLAGE}"><title>Bulila: Belum ada</title><use' in page(reader, "/desa")
    gone = CliRunner().invoke(main, ["territory", "import-boundaries", "--remove"])
    assert gone.exit_code == 0
    assert "<use" not in page(reader, "/desa")
    assert stranger.get("/peta.svg").headers["Cache-Control"] == "public, max-age=60"


def test_another_worker_and_the_date_control_see_them_too(here: Office, tmp_path: Path, database_url: str) -> None:
    assert brought_in(tmp_path, TWO, "--json").exit_code == 0
    other = connect(settings_of(tmp_path, database_url)["WAHANA_DATABASE_URL"])
    version, boxes = outlines.boxes(other)
    assert boxes.keys() == {VILLAGE, NEAR}
    other.close()
    assert f"/peta.svg?v={version}" in page(Asking(here, "kades"), "/desa")


def broken(change: Any) -> dict[str, Any]:
    told = copy.deepcopy(TWO)
    change(told["features"][0])
    return told


WRONG: dict[str, Any] = {
    "no JSON": ("{", "not JSON"),
    "no collection": ({"type": "Feature"}, "no GeoJSON FeatureCollection"),
    "no code": (broken(lambda one: one["properties"].pop("kode")), "has no property 'kode'"),
    "nobody's": (collection(square("99.01.02.2011", 122.9, 0.5)), "no feature is a village in force"),
    "twice": (collection(square(VILLAGE, 122.9, 0.5), square(VILLAGE, 123.0, 0.5)), "stands there twice"),
    "a point": (
        broken(lambda one: one.update(geometry={"type": "Point", "coordinates": [122.9, 0.5]})),
        "is no polygon",
    ),
    "nothing": (broken(lambda one: one.update(geometry=None)), "is no polygon"),
    "latitude first": (
        broken(lambda one: one["geometry"]["coordinates"][0][0].__setitem__(0, [0.5, 122.9])),
        "[longitude, latitude]",
    ),
    "not closed": (broken(lambda one: one["geometry"]["coordinates"][0][0].pop()), "not closed"),
    "short": (
        broken(lambda one: one["geometry"].update(coordinates=[[[[122.9, 0.5]] * 3]])),
        "less than four positions",
    ),
    "a word": (
        broken(lambda one: one["geometry"]["coordinates"][0][0].__setitem__(1, ["a", 1])),
        "[longitude, latitude]",
    ),
    "no number": (json.dumps(TWO).replace("[122.9, 0.5]", "[NaN, 0.5]"), "[nan, 0.5]"),
}


@pytest.mark.parametrize("why", WRONG)
def test_a_file_that_cannot_be_used_changes_nothing_and_says_why(here: Office, tmp_path: Path, why: str) -> None:
    assert brought_in(tmp_path, TWO).exit_code == 0
    before = outlines.boxes(here.database)
    told, words = WRONG[why]
    done = brought_in(tmp_path, told)
    assert done.exit_code == 1, done.output
    assert words in done.output
    assert outlines.boxes(here.database) == before


def test_what_is_no_village_is_told_and_left_out(here: Office, tmp_path: Path) -> None:
    strange = collection(*TWO["features"], square("75.71.01.1001", 123.1, 0.5))
    done = brought_in(tmp_path, strange, "--json")
    told = json.loads(done.stdout)
    assert (told["outlined"], told["unknown"], len(told["missing"])) == (2, ["75.71.01.1001"], 203)
    other = collection(square(VILLAGE, 122.9, 0.5, name="kd"))
    assert brought_in(tmp_path, other, "--property", "kd").exit_code == 0
    assert CliRunner().invoke(main, ["territory", "import-boundaries"]).exit_code == 2


def test_lines_become_simple_and_neighbours_stay_neighbours() -> None:
    told = collection(*(square(f"75.01.01.{2000 + place}", 122.5 + place / 10, 0.5) for place in range(4)))
    codes = [one["properties"]["kode"] for one in told["features"]]
    found = boundaries.read(json.dumps(told).encode(), codes)
    assert found.points == 16, "four corners each: what lies on a line is left out"
    boxes = [found.outlines[code] for code in codes]
    assert [one.east for one in boxes[:-1]] == [one.west for one in boxes[1:]]


def test_a_jagged_border_is_the_same_line_for_both() -> None:
    border = [[122.6 + (0.004 if place % 2 else 0.0), 0.5 + place / 100] for place in range(21)]
    left = [[122.5, 0.5], *border, [122.5, 0.7], [122.5, 0.5]]
    right = [[122.7, 0.7], *border[::-1], [122.7, 0.5], [122.7, 0.7]]
    told = collection(square(VILLAGE, 122.0, 0.1), square(NEAR, 122.0, 0.2))
    for feature, ring in zip(told["features"], (left, right), strict=True):
        feature["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    found = boundaries.read(json.dumps(told).encode(), [VILLAGE, NEAR])

    def points(path: str) -> set[tuple[int, int]]:
        numbers = [int(one) for one in re.findall(r"-?\d+", path)]
        place, seen = (0, 0), set()
        for across, down in zip(numbers[::2], numbers[1::2], strict=True):
            place = place[0] + across, place[1] + down
            seen.add(place)
        return seen

    shared = points(found.outlines[VILLAGE].path) & points(found.outlines[NEAR].path)
    assert len(shared) == 21


def test_an_islet_smaller_than_the_drawing_can_show_is_a_dot_at_its_place() -> None:
    """A stray polygon far away makes a unit of the drawing many kilometres wide."""
    stray = square(NEAR, 122.9, 0.5)
    far, islet = (square(VILLAGE, *place)["geometry"]["coordinates"] for place in ((140.0, -8.0), (122.9, 0.5, 1e-5)))
    stray["geometry"]["coordinates"] += far + islet
    told = collection(stray, square(VILLAGE, 123.5, 0.5, 1e-5))
    found = boundaries.read(json.dumps(told).encode(), [VILLAGE, NEAR]).outlines
    dot = found[VILLAGE]
    assert (dot.east - dot.west, dot.south - dot.north) == (4, 4)
    assert dot.path.startswith(f"M{dot.west} {dot.north}l")
    assert found[NEAR].west < dot.west < found[NEAR].east
    assert found[NEAR].path.count("M") == 2, "of the rings of a village those that can be seen"


def test_a_whole_kabupaten_stays_light() -> None:
    """As many villages and points as a real file has, with noise on every line."""
    features = []
    for place in range(205):
        one = square(f"75.01.01.{2000 + place}", 122.2 + place % 20 / 25, 0.3 + place // 20 / 25, 0.04)
        for number, point in enumerate(one["geometry"]["coordinates"][0][0][1:-1]):
            point[0] += (number * 7919 % 11 - 5) / 4000
        features.append(one)
    found = boundaries.read(json.dumps(collection(*features)).encode(), [one["properties"]["kode"] for one in features])
    assert sum(len(one.path) for one in found.outlines.values()) <= boundaries.HEAVIEST
    assert all(one.west < one.east and one.north < one.south for one in found.outlines.values())
