"""Lays the villages out as a tile map: one tile each, every kecamatan a block near its true place, no block on another.

Writes service/web/tiles.csv from the points in domain/villages.csv. Run: python tools/tile_map.py
"""

import csv
import math
from pathlib import Path

ROOT = Path(__file__).parent.parent
SPREAD = (26.0, 15.0)  # tiles across and down that the points are stretched over before blocks push each other apart
ROUNDS = 4000


class Block:
    """One kecamatan: its villages, its size in tiles, and where its middle lies."""

    def __init__(self, code: str, villages: list[tuple[str, float, float]]) -> None:
        self.code, self.villages = code, villages
        self.across = math.ceil(math.sqrt(len(villages)))
        self.down = math.ceil(len(villages) / self.across)
        self.x = sum(village[2] for village in villages) / len(villages)
        self.y = sum(village[1] for village in villages) / len(villages)


def blocks() -> list[Block]:
    """The kecamatan with their villages' points."""
    found: dict[str, list[tuple[str, float, float]]] = {}
    with (ROOT / "domain" / "villages.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            point = float(row["lat"]), float(row["lon"])
            found.setdefault(row["kode"][:8], []).append((row["kode"], *point))
    return [Block(code, villages) for code, villages in sorted(found.items())]


def spread(all: list[Block]) -> None:
    """Push the blocks apart until none touches another, each as little as possible."""
    left, right = min(one.x for one in all), max(one.x for one in all)
    south, north = min(one.y for one in all), max(one.y for one in all)
    for one in all:
        one.x = (one.x - left) / (right - left) * SPREAD[0]
        one.y = (north - one.y) / (north - south) * SPREAD[1]
    for _ in range(ROUNDS):
        still = True
        for place, one in enumerate(all):
            for other in all[place + 1 :]:
                wide = (one.across + other.across) / 2 + 1 - abs(one.x - other.x)
                high = (one.down + other.down) / 2 + 1 - abs(one.y - other.y)
                if wide > 0.01 and high > 0.01:
                    still = False
                    if wide < high:
                        step = math.copysign(wide / 4, one.x - other.x)
                        one.x, other.x = one.x + step, other.x - step
                    else:
                        step = math.copysign(high / 4, one.y - other.y)
                        one.y, other.y = one.y + step, other.y - step
        if still:
            return
    raise SystemExit("the blocks still touch: widen SPREAD")


def tiles(all: list[Block]) -> list[tuple[str, int, int]]:
    """Column and row of each village: inside a block from north to south, and each row from west to east."""
    placed: list[tuple[str, int, int]] = []
    for one in all:
        left, top = round(one.x - one.across / 2), round(one.y - one.down / 2)
        ordered = sorted(one.villages, key=lambda village: -village[1])
        for row in range(one.down):
            line = sorted(ordered[row * one.across : (row + 1) * one.across], key=lambda village: village[2])
            placed += [(village[0], left + column, top + row) for column, village in enumerate(line)]
    west, north = min(tile[1] for tile in placed), min(tile[2] for tile in placed)
    return sorted((code, column - west, row - north) for code, column, row in placed)


def main() -> None:
    """Write the file."""
    all = blocks()
    spread(all)
    placed = tiles(all)
    if len({tile[1:] for tile in placed}) != len(placed):
        raise SystemExit("two villages on one tile: widen SPREAD")
    with (ROOT / "service" / "web" / "tiles.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("code", "column", "row"))
        writer.writerows(placed)


if __name__ == "__main__":
    main()
