"""What is drawn and not written stands out from what is behind it, in both themes: axe measures texts alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.journeys.browser import in_a_browser, opened, served
from tests.journeys.test_screens import Served, entered

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = in_a_browser
LEAST = 3.0  # WCAG 2.2, 1.4.11
LEAST_TEXT = 4.5  # 1.4.3
#: What outlines each thing that is drawn, and the colour behind it.
DRAWN = """([things, before]) => [...document.querySelectorAll(things)].map(one => {
  const style = getComputedStyle(one, before || undefined);
  let behind = before ? one : one.closest('svg');
  const ground = node => getComputedStyle(node).backgroundColor;
  while (behind.parentElement && ground(behind) === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
  return [before ? style.borderTopColor : style.stroke, ground(behind)];
})"""


#: The texts of tables that scroll, and the ground of their frame where its shadow is deepest.
SHADED = """() => [...document.querySelectorAll('.wide :is(th,td,a,small)')].map(one => {
  const frame = one.closest('.wide'), style = getComputedStyle(frame), pen = new OffscreenCanvas(1, 1).getContext('2d');
  for (const name of ['--under', '--shade']) {
    pen.fillStyle = style.getPropertyValue(name).trim();
    pen.fillRect(0, 0, 1, 1);
  }
  const ground = pen.getImageData(0, 0, 1, 1).data;
  return [getComputedStyle(one).color, `rgb(${[...ground].slice(0, 3).join(', ')})`];
})"""


def luminance(colour: str) -> float:
    """The relative luminance of ``rgb(r, g, b)`` (WCAG 2.2)."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_counted_as_the_guideline_does() -> None:
    assert contrast("rgb(0, 0, 0)", "rgb(255, 255, 255)") == pytest.approx(21)
    assert contrast("rgb(119, 119, 119)", "rgb(255, 255, 255)") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_villages_on_the_map_and_steps_of_a_rail_stand_out_from_what_is_behind_them(tmp_path: Path, theme: str) -> None:
    office = Served(tmp_path)
    with served(office.office) as address, opened() as browser:
        context, page = entered(browser, address, office.secrets["supervisor"], color_scheme=theme)
        for path, things, before, least in (
            ("/desa", ".map a rect", "", 200),
            ("/desa", ".key rect", "", 5),
            (f"/wksbm/{office.body}", ".rail li", "::before", 5),
        ):
            page.goto(address + path)
            found = page.evaluate(DRAWN, [things, before])
            assert len(found) >= least, path
            assert {pair: contrast(*pair) for pair in map(tuple, found) if contrast(*pair) < LEAST} == {}, path
        context.close()
    office.office.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_text_of_a_table_can_be_read_over_the_shadow_that_tells_of_more(tmp_path: Path, theme: str) -> None:
    office = Served(tmp_path)
    with served(office.office) as address, opened() as browser:
        phone = {"viewport": {"width": 360, "height": 800}, "color_scheme": theme}
        context, page = entered(browser, address, office.secrets["supervisor"], **phone)
        for path in ("/desa", "/pengawasan", "/cakupan"):
            page.goto(address + path)
            found = {tuple(one) for one in page.evaluate(SHADED)}
            assert len({ground for _, ground in found}) == 1, path
            assert {pair: contrast(*pair) for pair in found if contrast(*pair) < LEAST_TEXT} == {}, path
        context.close()
    office.office.close()
