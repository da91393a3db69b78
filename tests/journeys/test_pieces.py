"""A photograph over a line that breaks again and again: it goes on where it was, and the form names it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from service.office import Office
from tests.journeys.browser import BadLine, in_a_browser, opened, served
from tests.journeys.test_screens import entered
from tests.journeys.test_two_days import photograph
from tests.service.offices import VILLAGE, Asking

pytestmark = in_a_browser


def test_a_photograph_goes_on_where_the_line_broke(office: Office, tmp_path: Path) -> None:
    owner, picture = Asking(office, "psm"), photograph(tmp_path, 7)
    lines: list[BadLine] = []

    def bad(application: Any) -> BadLine:
        # The beginning, pieces before and after they are kept, and the question how far it got.
        lines.append(BadLine(application, "/api/v1/files", {1: "before", 4: "after", 7: "before", 8: "before"}))
        return lines[0]

    with served(office, bad) as address, opened() as browser:
        secret = owner.person().token
        _, page = entered(browser, address, secret, viewport={"width": 360, "height": 800}, service_workers="block")
        page.goto(f"{address}/catat/beneficiary.register?kind=person&village={VILLAGE}&channel=relawan")
        page.fill('[name="identity.name"]', "Rahma Hunawa")
        page.locator("details.paper summary").first.click()
        page.fill('[name="evidence.0.kind"]', "foto")
        page.locator("[type=file]").first.set_input_files(picture)
        page.locator("main form button").last.click()  # it waits for what is on its way
        page.locator(".told").wait_for(timeout=60_000)
    assert lines[0].broken == 4
    ((file, stream),) = office.database.rows("SELECT file, stream FROM file_claims")
    assert office.files.open(file)[1] == picture.read_bytes()
    assert office.files.row(file).subject == stream
    assert office.database.rows("SELECT count(*) FROM files")[0][0] == 1
