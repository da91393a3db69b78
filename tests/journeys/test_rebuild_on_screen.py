"""S10 on a screen: the administrator sees a rebuild go on, without touching the page, while it goes on."""

from __future__ import annotations

import re
import threading
from pathlib import Path

from projections.rebuild import Rebuilt, rebuild
from tests.journeys.browser import in_a_browser, opened, served
from tests.journeys.filled import filled_office
from tests.journeys.test_screens import entered
from tests.service.offices import Asking

pytestmark = in_a_browser
EVENTS = 4000
#: Which of the rebuild's chunks is held back until the page has shown how far it is.
HELD = (2, 5)
CHANGED = "before => !document.querySelector('#kemajuan').innerText.includes(before)"


def test_an_administrator_sees_a_rebuild_go_on(tmp_path: Path) -> None:
    office = filled_office(tmp_path, f"sqlite:///{tmp_path / 'wahana.db'}", EVENTS)
    rebuild(office.views, processes=1)
    office.views.catch_up()
    secret = Asking(office, "admin").person().token
    office.views.catch_up()
    shown, reached = threading.Event(), threading.Event()
    chunks, done = 0, list[Rebuilt]()

    def held_back(count: int, of: int, rate: float, left: float, step: str) -> None:
        nonlocal chunks
        chunks += step == "fold"
        if step == "fold" and chunks in HELD:
            reached.set()
            assert shown.wait(60), "the page never showed it"
            shown.clear()

    def build_anew() -> None:
        done.append(rebuild(office.views, progress=held_back, batch=EVENTS // 8, processes=1))

    building = threading.Thread(target=build_anew)
    with served(office) as address, opened() as browser:
        context, page = entered(browser, address, secret, viewport={"width": 1280, "height": 900})
        building.start()
        percents, told = list[int](), ""
        for at, _ in enumerate(HELD):
            assert reached.wait(60)
            reached.clear()
            if at == 0:
                page.goto(f"{address}/pengelolaan/tampilan")
                head = page.locator("#kemajuan").evaluate("one => { one.dataset.first = 'yes'; return one.innerText }")
                assert "sedang dibuat" in head
            else:  # by itself: the page was not opened again
                page.wait_for_function(CHANGED, arg=told)
            row = page.locator("#kemajuan tr").filter(has_text="sedang dibuat").first
            told = row.locator("td small").inner_text()
            percents.append(int(row.locator("progress").get_attribute("value") or 0))
            folded = int(re.sub(r"\D", "", told.partition(" dari ")[0]))
            assert abs(100 * folded // EVENTS - percents[-1]) <= 1
            shown.set()
        building.join(120)
        page.get_by_text("sedang dibuat").first.wait_for(state="detached")
        assert page.locator("#kemajuan").get_by_text("dipakai").count() > 30
        context.close()
    assert 0 < percents[0] < percents[1] < 99
    assert done[0].events >= EVENTS
    office.close()
