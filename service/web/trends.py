"""Coverage of WKSBM in its four senses: on the day, over time as a chart with its numbers, and by kecamatan."""

from datetime import date
from typing import Any

from flask import request

from service.api.boards import FIRST_MONTH
from service.api.current import office
from service.web import ask, moment
from service.web.frame import may, page

SENSES = ("dirintis", "terbentuk", "sah", "aktif")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 480, 300, 34, 10, 10, 30
RECENT = 13  # rows of the table before the others are folded away


@page("/cakupan", "trends.html", "board.read")
def trends() -> Any:
    """How many villages have a WKSBM that is begun, formed, legal and active, month by month."""
    kecamatan, begin = request.args.get("kecamatan", ""), _begin(request.args.get("mulai", ""))
    told = ask.get("/coverage/series", kecamatan=kecamatan, begin=begin.isoformat())
    today = ask.get("/coverage")
    points = told.data["points"]
    return {
        "points": points[::-1],
        "recent": RECENT,
        "chart": chart(points),
        "senses": SENSES,
        "coverage": today.data,
        "indicators": ask.get("/indicators").data if may("indicator.record") and not moment.past() else [],
        "kecamatan": kecamatan,
        "begin": begin.year,
        "years": range(FIRST_MONTH.year, date.fromisoformat(points[-1]["on"]).year + 1),
        "why": {**today.body["why"], **told.body["why"]},
    }


def _begin(year: str) -> date:
    first = FIRST_MONTH.year
    if year.isdecimal() and len(year) == 4 and int(year) > first:
        return min(date(int(year), 1, 1), (moment.day() or office().today()).replace(month=1, day=1))
    return FIRST_MONTH


def chart(points: list[dict[str, Any]]) -> dict[str, Any]:
    """Where the lines, the scale and the years of a line chart stand, in the units of its drawing."""
    highest = max((point[sense]["villages"] for point in points for sense in SENSES), default=0)
    step = next((size for size in (1, 2, 5, 10, 20, 25, 50, 100) if highest <= size * 5), 100)
    top = max(step, -(-highest // step) * step)
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def across(place: int) -> float:
        return round(LEFT + wide * place / max(1, len(points) - 1), 1)

    def down(value: int) -> float:
        return round(TOP + high - high * value / top, 1)

    lines = {
        sense: " ".join(f"{across(place)},{down(point[sense]['villages'])}" for place, point in enumerate(points))
        for sense in SENSES
    }
    years = [(across(place), point["on"][:4]) for place, point in enumerate(points) if point["on"][5:7] == "01"]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "floor": HEIGHT - BOTTOM,
        "lines": lines,
        "marks": [(down(value), value) for value in range(0, top + 1, step)],
        "years": years,
    }
