"""Coverage over time: a chart and its numbers."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from service.web.trends import SENSES, chart
from tests.service.offices import Asking
from tests.service.test_api_wksbm import MEMBERS, SK, formed
from tests.service.web_office import opened, page, told

Client = Callable[[str], Asking]


def test_the_table_beside_the_chart_says_what_the_lines_say(client: Client) -> None:
    supervisor, head = client("supervisor"), client("kepala_dinas")
    wksbm = formed(supervisor)
    supervisor.done(f"/api/v1/wksbm/{wksbm}/board", {"members": MEMBERS, "term_from": SK["on"], "on": SK["on"]})
    supervisor.done(f"/api/v1/wksbm/{wksbm}/ratification", {**SK, "term_until": "2035-12-31"})
    html = page(head, "/cakupan")
    points = head.data("/api/v1/coverage/series")["points"]
    assert len(re.findall(r"<polyline ", html)) == len(SENSES)
    lengths = {len(line.split()) for line in re.findall(r'<polyline points="([^"]+)"', html)}
    assert lengths == {len(points)}
    last = points[-1]
    row = told(re.findall(r"<tbody>\s*<tr>(.*?)</tr>", html, re.S)[0])
    assert [int(number) for number in row.split()[-5:]] == [
        *(last[sense]["villages"] for sense in SENSES),
        last["villages"],
    ]
    assert [last[sense]["villages"] for sense in ("dirintis", "terbentuk", "sah")] == [1, 1, 1]
    assert "style=" not in html


def test_one_kecamatan_and_later_years_are_asked_for(client: Client) -> None:
    head = client("kepala_dinas")
    html = page(head, "/cakupan", kecamatan="75.01.02", mulai="2026")
    assert 'value="75.01.02" selected' in html
    assert "31 Des 2025" not in html
    assert "31 Jan 2026" in html
    assert opened(head, "/cakupan", kecamatan="entah").status_code == 422
    assert opened(client("admin"), "/cakupan").status_code == 403


def test_a_past_day_shows_what_was_known_then(client: Client) -> None:
    supervisor = client("supervisor")
    before = supervisor.get("/api/v1/coverage").get_json()["position"]
    formed(supervisor)
    assert "1 dari 205" in told(page(supervisor, "/cakupan")).replace("Dirintis ", "")
    assert "1 dari 205" not in told(page(supervisor, "/cakupan", posisi=before))


def test_lines_stay_inside_the_drawing() -> None:
    def point(on: str, count: int) -> dict[str, Any]:
        return {"on": on, **{sense: {"villages": count} for sense in SENSES}}

    for counts in ([0], [0, 0], [3, 205, 17], [1] * 90):
        drawn = chart([point(f"20{10 + place}-01-31", count) for place, count in enumerate(counts)])
        for line in drawn["lines"].values():
            for x, y in (pair.split(",") for pair in line.split()):
                assert drawn["left"] <= float(x) <= drawn["right"]
                assert 0 <= float(y) <= drawn["floor"]


def test_whoever_sets_targets_finds_the_way_beside_those_that_stand(client: Client) -> None:
    head = client("kepala_dinas")
    assert "/catat/indicator.define" in page(head, "/cakupan")
    indicator = head.done("/api/v1/indicators", {"name": "WKSBM", "definition": "Desa dengan WKSBM yang sah"})["id"]
    for command in ("set_target", "state_baseline"):
        assert f"/catat/indicator.{command}?stream={indicator}" in unescape(page(head, "/cakupan")).replace(
            "?kembali=%2Fcakupan&", "?"
        ).replace("?kembali=/cakupan&", "?")
