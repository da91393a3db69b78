"""The map of the villages: one tile each, laid out once by ``tools/tile_map.py``; every kecamatan is a block of tiles."""

import csv
import functools
from pathlib import Path
from typing import Any

import msgspec

SIZE = 26
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


@functools.cache
def _places() -> dict[str, tuple[int, int]]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: (int(row["column"]), int(row["row"])) for row in csv.DictReader(file)}


def laid_out(rows: list[dict[str, Any]], every: list[dict[str, Any]]) -> Map:
    """The map of these rows of the board among ``every`` village. One that the layout does not know stands below it."""
    wanted, known = {row["code"]: row for row in rows}, _places()
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
    left, top = min((tile.x for tile in found), default=0), min((tile.y for tile in found), default=0) - SIZE // 2
    return Map(
        found,
        [(x, y - 4, name) for x, y, name in corners.values()],
        left,
        top,
        max(4 * SIZE, max((tile.x for tile in found), default=0) + SIZE - left),
        max((tile.y for tile in found), default=0) + SIZE - top,
    )
