"""The map on a screen: names of outlines can be read, and a finger meets one tile."""

from __future__ import annotations

import json
from itertools import combinations
from typing import TYPE_CHECKING, Any

from service import boundaries, outlines
from service.web import tiles
from tests.journeys.browser import in_a_browser, opened, served
from tests.journeys.looking import DESK, PHONE, wide
from tests.journeys.test_screens import Served, entered
from tests.service.test_web_outlines import collection, square

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = in_a_browser
LEAST = 24  # WCAG 2.2, 2.5.8: what cannot be smaller makes a small screen scroll the map, and it alone
BOXES = """all => all.map(one => {
  const { left, right, top, bottom } = one.getBoundingClientRect();
  return [one.textContent, left, right, top, bottom];
})"""


def lie_on_each_other(boxes: list[list[Any]]) -> list[tuple[str, str]]:
    return [
        (one[0], other[0])
        for one, other in combinations(boxes, 2)
        if one[1] < other[2] and other[1] < one[2] and one[3] < other[4] and other[3] < one[4]
    ]


def test_names_of_kecamatan_lie_apart_on_the_map(tmp_path: Path) -> None:
    office = Served(tmp_path)
    codes = sorted(tiles._places())
    shuffled = [place * 89 % len(codes) for place in range(len(codes))]  # every kecamatan all over the kabupaten
    told = collection(
        *(
            square(code, 122.2 + place % 20 / 25, 0.3 + place // 20 / 25, 0.04)
            for code, place in zip(codes, shuffled, strict=True)
        )
    )
    found = boundaries.read(json.dumps(told).encode(), codes)
    outlines.replace(office.office.database, found.outlines)
    with served(office.office) as address, opened() as browser:
        context, page = entered(browser, address, office.secrets["supervisor"])
        page.goto(f"{address}/desa")
        for width in (DESK, PHONE):
            wide(page, width)
            boxes = page.locator(".map .over text").evaluate_all(BOXES)
            assert len(boxes) == len({code[:8] for code in codes})
            assert lie_on_each_other(boxes) == [], (width, boxes)
        context.close()
    office.office.close()


def test_each_tile_of_the_map_is_large_enough_for_a_finger_on_a_phone(tmp_path: Path) -> None:
    office = Served(tmp_path)
    with served(office.office) as address, opened() as browser:
        context, page = entered(browser, address, office.secrets["supervisor"])
        wide(page, PHONE)
        page.goto(f"{address}/desa")
        found = page.locator(".map a").evaluate_all(BOXES)
        assert len(found) == len(tiles._places())
        assert min(min(right - left, bottom - top) for _, left, right, top, bottom in found) >= LEAST
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
        context.close()
    office.office.close()
