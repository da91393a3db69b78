"""The map of the villages: one tile each, laid out once by ``tools/tile_map.py``, every kecamatan a block of tiles; or the
outlines that the office has imported."""

import csv
import functools
from collections import defaultdict
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from service import outlines
from service.api.current import office

SIZE, MARGIN, LEAST = 26, 6, 160
EDGE = 2  # around tiles, so that no line of theirs is cut
WIDE, HIGH = 0.65, 1.35  # of a letter over outlines, in its size, with the space around it
_FILE = Path(__file__).parent / "tiles.csv"


class Tile(msgspec.Struct):
    """One village on the map: the corner of its tile, and its row of the board; without one it is not to be coloured."""

    x: int
    y: int
    code: str
    row: dict[str, Any] | None


class Map(msgspec.Struct):
    """The tiles, the names of the blocks with the place each is written at, and the part of the plane they are on."""

    tiles: list[Tile]
    names: list[tuple[int, int, str]]
    left: int
    top: int
    width: int
    height: int
    outlines: str = ""  # the version of the outlines, where they are drawn
    outlined: frozenset[str] = frozenset()  # the villages that have one; the others stand below the map as tiles

    @property
    def whole(self) -> bool:
        """Whether it shows about all of the kabupaten, and not a few villages."""
        return self.width > 700

    @property
    def telling(self) -> bool:
        """Whether it tells more than a list of the villages does: one tile alone does not."""
        return len(self.tiles) > 1 or bool(self.outlined)

    @property
    def letters(self) -> float:
        """The size of the names over outlines."""
        return round(self.width / (90 if self.whole else 45), 1)


@functools.cache
def _places() -> dict[str, tuple[int, int]]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: (int(row["column"]), int(row["row"])) for row in csv.DictReader(file)}


def drawn(rows: list[dict[str, Any]], every: list[dict[str, Any]]) -> Map:
    """The map of these rows of the board among ``every`` village: of outlines where there are any, else of tiles."""
    version, boxes = outlines.boxes(office().database)
    if boxes.keys() & {row["code"] for row in every}:
        return _outlined(rows, every, version, boxes)
    return laid_out(rows, every)


def laid_out(rows: list[dict[str, Any]], every: list[dict[str, Any]]) -> Map:
    """The map of tiles of these rows among ``every`` village of their kecamatan: a phone then shows what was asked
    for and not the far end of the map. A village that the layout does not know stands below it."""
    wanted, known = {row["code"]: row for row in rows}, _places()
    near = {row["kecamatan"] for row in rows}
    every = [row for row in every if row["kecamatan"] in near] or every
    below = 2 + max(place[1] for place in known.values())
    unplaced = [row["code"] for row in every if row["code"] not in known]
    places = {**known, **{code: (column, below) for column, code in enumerate(unplaced)}}
    found: list[Tile] = []
    corners: dict[str, tuple[int, int, str]] = {}
    for row in every:
        column, line = places[row["code"]]
        x, y = column * SIZE, line * SIZE + SIZE // 2
        found.append(Tile(x, y, row["code"], wanted.get(row["code"])))
        left, top, _ = corners.get(row["kecamatan"], (x, y, ""))
        corners[row["kecamatan"]] = (min(left, x), min(top, y), row["kecamatan_name"])
    left, top = (
        min((tile.x for tile in found), default=0) - EDGE,
        min((tile.y for tile in found), default=0) - SIZE // 2,
    )
    return Map(
        found,
        [(x, y - 4, name) for x, y, name in corners.values()],
        left,
        top,
        max(4 * SIZE, max((tile.x for tile in found), default=0) + SIZE - left),
        max((tile.y for tile in found), default=0) + SIZE - top,
    )


def _outlined(
    rows: list[dict[str, Any]], every: list[dict[str, Any]], version: str, boxes: dict[str, outlines.Box]
) -> Map:
    wanted, middles = {row["code"]: row for row in rows}, defaultdict(list)
    theirs = [boxes[row["code"]] for row in rows or every if row["code"] in boxes]
    theirs = theirs or [boxes[row["code"]] for row in every if row["code"] in boxes]
    west, east = min(box.west for box in theirs), max(box.east for box in theirs)
    around = max(MARGIN, (LEAST - east + west) // 2)  # one village alone is shown with those around it
    left, right = west - around, east + around
    top, floor = min(box.north for box in theirs) - MARGIN, max(box.south for box in theirs) + MARGIN
    found, beside = [], 0
    for row in every:
        box = boxes.get(row["code"])
        if box is not None:
            middles[row["kecamatan_name"]].append(((box.west + box.east) // 2, (box.north + box.south) // 2))
            found.append(Tile(0, 0, row["code"], wanted.get(row["code"])))
        else:
            found.append(Tile(left + beside * SIZE, floor, row["code"], wanted.get(row["code"])))
            beside += 1
    names = [
        (sum(x for x, _ in places) // len(places), sum(y for _, y in places) // len(places), name)
        for name, places in middles.items()
    ]
    below = SIZE if beside else 0
    outlined = frozenset(row["code"] for row in every if row["code"] in boxes)
    made = Map(found, names, left, top, right - left, floor - top + below, version, outlined)
    made.names = _apart(names, made.letters)
    return made


def _apart(names: list[tuple[int, int, str]], letters: float) -> list[tuple[int, int, str]]:
    """The names, each moved up or down as little as keeps it off those further north."""
    found: list[tuple[int, int, str]] = []

    def free(x: int, y: int, name: str) -> bool:
        return all(
            abs(x - across) >= WIDE * letters * (len(name) + len(other)) / 2 or abs(y - down) >= HIGH * letters
            for across, down, other in found
        )

    for x, y, name in sorted(names, key=lambda one: (one[1], one[0])):
        lines = (y + way * step for step in count() for way in (1, -1))
        found.append((x, next(line for line in lines if free(x, line, name)), name))
    return found
