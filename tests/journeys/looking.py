"""What is wrong with a page for whoever sees little, enlarges it, or has no mouse."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: 1280 at 200 % is 640; 320 is 1280 at 400 %, at which a page must still flow (WCAG 1.4.10).
DESK, DESK_TWICE, PHONE, DESK_FOUR_TIMES = 1280, 640, 360, 320
#: Every rule that is on by itself, and the size of targets, which is not.
RULES = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"], "preload": False}
#: axe measures no text over a gradient; those of frames that scroll lie over their edges alone (`test_drawn_contrast`).
SHADOWLESS = "document.querySelectorAll('.wide').forEach(one => { one.style.backgroundImage = 'none' })"
#: All that a keyboard must reach, and what it came to, with whether one sees where one is.
KEYBOARD = """part => {
  const wanted = 'a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex="0"]';
  const there = [...document.querySelector(part).querySelectorAll(wanted)];
  window.all = there.filter(one => one.checkVisibility() && !one.disabled);
  const look = one => {
    const inner = one.querySelector('rect,path') || one, style = getComputedStyle(one), drawn = getComputedStyle(inner);
    return [style.outlineStyle, style.outlineWidth, style.boxShadow, style.borderColor, style.textDecorationLine,
      style.backgroundColor, drawn.stroke, drawn.strokeWidth, style.left].join(' ');
  };
  const before = new Map(window.all.map(one => [one, look(one)]));
  window.reached = new Set(); window.unseen = new Set();
  window.before?.abort();
  window.before = new AbortController();
  document.addEventListener('focusin', event => {
    const one = event.target;
    window.reached.add(one);
    requestAnimationFrame(() => setTimeout(() => {
      if (document.activeElement === one && before.has(one) && before.get(one) === look(one)) window.unseen.add(one);
    }, 0));
  }, { signal: window.before.signal });
  return [window.all.length, window.all.filter(one => one.type === 'date').length];
}"""
MANY = 90
#: Past the middle of a long list, to so many before its end.
ONWARD = """many => {
  window.all.slice(0, -many).forEach(one => window.reached.add(one));
  window.all.at(-many).focus();
}"""
#: The words of a part of a page that are broken in two for want of room.
BROKEN = """part => {
  const found = [], walk = document.createTreeWalker(document.querySelector(part), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    for (const word of walk.currentNode.data.matchAll(/\\p{L}+/gu)) {
      const range = document.createRange();
      range.setStart(walk.currentNode, word.index);
      range.setEnd(walk.currentNode, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map(one => Math.round(one.top)));
      if (lines.size > 1) found.push(word[0]);
    }
  }
  return found;
}"""
TOLD = """() => [
  window.all.filter(one => !window.reached.has(one) && !(one.type === 'radio')).map(one => one.outerHTML.slice(0, 120)),
  [...window.unseen].map(one => one.outerHTML.slice(0, 120)),
]"""


@cache
def _axe() -> str:
    from axe_playwright_python.sync_playwright import Axe

    return str(Axe().axe_script)


def wide(page: Page, width: int, theme: str = "light") -> None:
    """Look at a page in a width and a theme."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]  # light or dark


def faults(page: Page) -> list[Any]:
    """What axe finds fault with in a page as it is, by every rule."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    page.evaluate(SHADOWLESS)
    told = page.evaluate("rules => axe.run(document, rules)", RULES)
    found = [(one["id"], [node["html"][:110] for node in one["nodes"][:2]]) for one in told["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(("wider than the screen", []))
    return found


def unfold(page: Page) -> None:
    """Open whatever a page holds folded, so that it is looked at too."""
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")


def skip(page: Page) -> None:
    """Past the menu of a page that was just opened, by its first link."""
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def walked(page: Page, part: str = "main") -> tuple[int, list[Any]]:
    """Go through a part of a page, at whose beginning one is, with the Tab key alone until it comes round. Of a long list
    its beginning and its end are walked. How much was reached, and what was not, or without showing it."""
    reachable, dates = page.evaluate(KEYBOARD, part)
    presses = reachable + 5 * dates + 1
    for _ in range(min(presses, MANY)):
        page.keyboard.press("Tab")
    if presses > MANY:
        page.evaluate(ONWARD, MANY // 3)
        for _ in range(MANY // 3 + 5 * dates):
            page.keyboard.press("Tab")
    missed, unseen = page.evaluate(TOLD)
    page.evaluate("document.activeElement.blur()")  # what has the focus may lie over something else
    return reachable - len(missed), [("not reached", missed)] * bool(missed) + [("focus not seen", unseen)] * bool(
        unseen
    )
