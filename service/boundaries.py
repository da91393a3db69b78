"""Real outlines of villages for the map, read from a GeoJSON file (RFC 7946) and simplified so that a page stays light.

What two villages share stays shared: rings are cut where three or more meet, each piece is simplified once, for both sides.
"""

import itertools
import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

import msgspec

LARGEST = 20 * 1024 * 1024  # bytes of a file
MOST_POINTS = 500_000
ACROSS = 1000  # units of the drawing, west to east
HEAVIEST = 42_000  # characters of all paths together, about a third of it on the wire
TOLERANCES = (0.6, 1.0, 1.5, 2.2, 3.0, 4.5)
_NEAR = (93.0, -13.0, 143.0, 8.0)  # west, south, east, north of Indonesia: latitude and longitude mixed up are outside
Point = tuple[int, int]
Ring = list[Point]


class BadBoundaries(ValueError):
    """The file cannot be used; the message says why."""


class Outline(msgspec.Struct, frozen=True):
    """A village's outline as the data of an SVG path, and the box it lies in, in units of the drawing."""

    path: str
    west: int
    north: int
    east: int
    south: int


class Boundaries(msgspec.Struct, frozen=True):
    """The outlines by village code; codes of the file that are no village in force; villages that it does not have."""

    outlines: dict[str, Outline]
    unknown: list[str]
    missing: list[str]
    points: int


def read(data: bytes, villages: Collection[str], name: str = "kode") -> Boundaries:
    """The outlines in a file, of those of ``villages`` that it has; ``name`` is the property that holds the code. Raises
    `BadBoundaries`."""
    if len(data) > LARGEST:
        raise BadBoundaries(f"the file is larger than {LARGEST // 2**20} MB")
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        raise BadBoundaries("the file is not JSON in UTF-8") from None
    features = told.get("features") if isinstance(told, dict) else None
    if not isinstance(features, list) or told.get("type") != "FeatureCollection":
        raise BadBoundaries("the file is no GeoJSON FeatureCollection")
    shapes: dict[str, list[list[tuple[float, float]]]] = {}
    unknown = []
    for number, feature in enumerate(features, 1):
        code = _code(feature, name, number)
        if code not in villages:
            unknown.append(code)
        elif code in shapes:
            raise BadBoundaries(f"village {code} stands there twice")
        else:
            shapes[code] = _rings(feature.get("geometry"), code)
    if not shapes:
        raise BadBoundaries(f"no feature is a village in force; is {name!r} the property that holds its code?")
    if sum(len(ring) for rings in shapes.values() for ring in rings) > MOST_POINTS:
        raise BadBoundaries(f"the outlines have more than {MOST_POINTS:,} points")
    outlines, points = _simplified(_drawn(shapes))
    return Boundaries(outlines, sorted(unknown), sorted(set(villages) - shapes.keys()), points)


def _code(feature: Any, name: str, number: int) -> str:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    code = properties.get(name) if isinstance(properties, dict) else None
    if not isinstance(code, str) or not code.isprintable() or len(code) > 40:
        raise BadBoundaries(f"feature {number} has no property {name!r} with a village code")
    return code


def _rings(geometry: Any, code: str) -> list[list[tuple[float, float]]]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    found = geometry.get("coordinates") if isinstance(geometry, dict) else None
    polygons = [found] if kind == "Polygon" else found if kind == "MultiPolygon" else None
    if not isinstance(polygons, list) or not all(isinstance(one, list) and one for one in polygons) or not polygons:
        raise BadBoundaries(f"village {code} is no polygon")
    return [_ring(ring, code) for polygon in polygons for ring in polygon]


def _ring(ring: Any, code: str) -> list[tuple[float, float]]:
    if not isinstance(ring, list) or len(ring) < 4:
        raise BadBoundaries(f"village {code} has a ring of less than four positions")
    points = []
    for position in ring:
        if not isinstance(position, list) or not 2 <= len(position) <= 3:
            raise BadBoundaries(f"village {code} has a position that is not [longitude, latitude]")
        east, north = position[:2]
        if type(east) not in (int, float) or type(north) not in (int, float):
            raise BadBoundaries(f"village {code} has a position that is not [longitude, latitude]")
        if not (_NEAR[0] <= east <= _NEAR[2] and _NEAR[1] <= north <= _NEAR[3]):
            raise BadBoundaries(
                f"village {code} has the position [{east}, {north}], which is not in Indonesia; "
                "positions are [longitude, latitude] in degrees (WGS 84)"
            )
        points.append((float(east), float(north)))
    if points[0] != points[-1]:
        raise BadBoundaries(f"village {code} has a ring that is not closed")
    return points[:-1]


def _drawn(shapes: dict[str, list[list[tuple[float, float]]]]) -> dict[str, list[Ring]]:
    """The rings on the plane of the drawing, in whole units, without points that fall together but one."""
    every = [point for rings in shapes.values() for ring in rings for point in ring]
    west, east = min(x for x, _ in every), max(x for x, _ in every)
    south, north = min(y for _, y in every), max(y for _, y in every)
    narrow = math.cos(math.radians((south + north) / 2))
    scale = ACROSS / max((east - west) * narrow, north - south, 1e-6)
    found: dict[str, list[Ring]] = {}
    for code, rings in shapes.items():
        found[code] = []
        for ring in rings:
            placed = [(round((x - west) * narrow * scale), round((north - y) * scale)) for x, y in ring]
            apart = [point for point, before in zip(placed, [placed[-1], *placed], strict=False) if point != before]
            found[code].append(apart or placed[:1])
    return found


def _simplified(drawn: dict[str, list[Ring]]) -> tuple[dict[str, Outline], int]:
    meeting = _where_pieces_end(ring for rings in drawn.values() for ring in rings if len(ring) > 2)
    for tolerance in TOLERANCES:
        pieces: dict[tuple[Point, ...], list[Point]] = {}
        found = {
            code: [_simpler(ring, meeting, tolerance, pieces) for ring in rings if len(ring) > 2]
            for code, rings in drawn.items()
        }
        outlines = {code: _outline(code, rings, drawn[code]) for code, rings in found.items()}
        if sum(len(one.path) for one in outlines.values()) <= HEAVIEST:
            return outlines, sum(len(ring) for rings in found.values() for ring in rings)
    raise BadBoundaries("the outlines are too detailed for a page, however they are simplified")


def _where_pieces_end(rings: Iterable[Ring]) -> set[Point]:
    """The points at which more than two lines meet."""
    beside: dict[Point, set[Point]] = defaultdict(set)
    for ring in rings:
        for one, other in zip(ring, [*ring[1:], ring[0]], strict=True):
            beside[one].add(other)
            beside[other].add(one)
    return {point for point, others in beside.items() if len(others) > 2}


def _simpler(ring: Ring, meeting: set[Point], tolerance: float, pieces: dict[tuple[Point, ...], list[Point]]) -> Ring:
    ends = [place for place, point in enumerate(ring) if point in meeting]
    if len(ends) < 2:  # a ring that nobody shares, or that hangs at one point: cut at its two ends
        first = ends[0] if ends else ring.index(min(ring))
        far = max(range(len(ring)), key=lambda place: math.dist(ring[place], ring[first]))
        ends = sorted({first, far})
    found: Ring = []
    for begin, end in zip(ends, [*ends[1:], ends[0] + len(ring)], strict=True):
        piece = tuple(ring[place % len(ring)] for place in range(begin, end + 1))
        turned = piece[::-1] < piece
        key = piece[::-1] if turned else piece
        if key not in pieces:
            pieces[key] = _line(key, tolerance)
        kept = pieces[key][::-1] if turned else pieces[key]
        found += kept[:-1]
    return found


def _line(points: tuple[Point, ...], tolerance: float) -> list[Point]:
    """The line with fewer points, none of those left out farther away than ``tolerance`` (Douglas and Peucker 1973)."""
    keep, waiting = {0, len(points) - 1}, [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        farthest, place = tolerance, 0
        for middle in range(first + 1, last):
            if (away := _away(points[middle], points[first], points[last])) > farthest:
                farthest, place = away, middle
        if place:
            keep.add(place)
            waiting += [(first, place), (place, last)]
    return [points[place] for place in sorted(keep)]


def _away(point: Point, begin: Point, end: Point) -> float:
    across, down = end[0] - begin[0], end[1] - begin[1]
    if not across and not down:
        return math.dist(point, begin)
    along = ((point[0] - begin[0]) * across + (point[1] - begin[1]) * down) / (across**2 + down**2)
    along = min(1.0, max(0.0, along))
    return math.dist(point, (begin[0] + along * across, begin[1] + along * down))


def _outline(code: str, rings: list[Ring], drawn: list[Ring]) -> Outline:
    kept = [ring for ring in rings if len(ring) > 2]
    if not kept:  # smaller than the drawing can show: a dot at its place
        x, y = next(point for ring in drawn for point in ring)
        kept = [[(x - 2, y - 2), (x + 2, y - 2), (x + 2, y + 2), (x - 2, y + 2)]]
    across, down = zip(*(point for ring in kept for point in ring), strict=True)
    return Outline("".join(map(_path, kept)), min(across), min(down), max(across), max(down))


def _path(ring: Ring) -> str:
    """A ring as SVG: one absolute point, the others from each to the next."""
    steps = [(x - last_x, y - last_y) for (last_x, last_y), (x, y) in itertools.pairwise(ring)]
    line = " ".join(f"{x} {y}" for x, y in steps)
    return f"M{ring[0][0]} {ring[0][1]}l{line}z".replace(" -", "-")
