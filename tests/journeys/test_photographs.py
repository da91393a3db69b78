"""A bared photograph looks in a browser as it did: every pixel, and the right side up."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from service.pictures import bare
from tests.journeys.browser import in_a_browser, opened
from tests.service.photographs import PICTURES

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = in_a_browser
LOOK = """async data => {
  const picture = new Image(); picture.src = data; await picture.decode();
  const canvas = document.createElement('canvas');
  canvas.width = picture.naturalWidth; canvas.height = picture.naturalHeight;
  const paper = canvas.getContext('2d'); paper.drawImage(picture, 0, 0);
  return [canvas.width, canvas.height, ...paper.getImageData(0, 0, canvas.width, canvas.height).data];
}"""


def seen(page: Page, content: bytes, media_type: str) -> Any:
    return page.evaluate(LOOK, f"data:{media_type};base64,{base64.b64encode(content).decode()}")


def test_a_bared_photograph_looks_as_it_did() -> None:
    turned_over = 0
    with opened() as browser:
        page = browser.new_page()
        for media_type, make in PICTURES.items():
            for turned in range(1, 9):
                before = seen(page, make(turned), media_type)
                assert seen(page, bare(make(turned), media_type), media_type) == before, (media_type, turned)
                turned_over += before[:2] == [16, 24]
    assert turned_over >= 4, "the browser heeds which side is up, at least of photographs"
