"""The boards over HTTP: every village, the kecamatan, and coverage on a day and over time.

Two clocks: ``as_of`` is what was known, ``on`` the day that is judged. Only what lies within reach is shown and counted.
"""

from datetime import date
from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from domain.refusals import NotFound
from projections import coverage, register_lists, village_status
from projections.engine import View
from service.api import fields
from service.api.cases import day_of
from service.api.current import office, principal
from service.api.kps import contact_known
from service.api.people_shown import counted_below
from service.api.reads import explain, read
from service.api.safe_figures import made_safe
from service.api.territory import DayQuery
from service.reach import Scope

blueprint = Blueprint("boards", __name__, url_prefix="/api/v1", description="Boards of villages, and coverage")
FIRST_MONTH = date(2019, 7, 1)
LONGEST_SERIES = 600
_VILLAGE = {"village": "board.{field}?village={code}", "wksbm": "wksbm.{field}?wksbm={id}"}
_WHOLE = {"whole": "board.{field}", "kecamatan": "board.{field}?kecamatan={kecamatan}"}


def _kecamatan(**options: Any) -> ma.fields.String:
    return ma.fields.String(validate=ma.validate.Regexp(r"\A\d{2}\.\d{2}\.\d{2}\Z"), **options)


def _lacking(what: str) -> ma.fields.Boolean:
    about = f"Only villages with a WKSBM of which {what}; of several such, one to which all apply"
    return ma.fields.Boolean(load_default=False, metadata={"description": about})


class BoardQuery(DayQuery):
    kecamatan = _kecamatan()
    stage = fields.code(("belum_ada", "dirintis", "terbentuk", "sah", "dibubarkan"))
    unproven = _lacking("a step is not proven")
    sk_expired = _lacking("the decree (SK) has run out")
    board_expired = _lacking("no board is in office")
    inactive = _lacking("it is dormant, or nothing was reported for long")
    bodies_only = ma.fields.Boolean(
        load_default=False, metadata={"description": "Only villages and their WKSBM, nothing of people and of events"}
    )


class SeriesQuery(DayQuery):
    """From the month of ``begin`` to ``on``, of the whole kabupaten or of one kecamatan."""

    begin = fields.day(load_default=FIRST_MONTH)
    kecamatan = _kecamatan()


def _board(view: View, reach: Scope, day: date, code: str | None = None, **how: bool) -> list[dict[str, Any]]:
    months = office().config.dormant_months
    return village_status.board(
        view, reach.where("village"), reach.where("key"), day, months, code, counted_below(principal()), **how
    )


@read(blueprint, "/villages", BoardQuery, action="board.read")
def villages(query: dict[str, Any], view: View, reach: Scope) -> list[dict[str, Any]]:
    """Every village in force on the day, those with nothing too: each WKSBM with its stage, papers, board and activity;
    people by tier, open cases and referrals, and the last event."""
    day = query.get("on") or day_of(view)
    explain(view, day, **_VILLAGE, **_WHOLE)
    rows = _board(view, reach, day, bodies_only=query["bodies_only"])
    if not query["bodies_only"]:
        rows = made_safe(view, day, rows, "villages")
    wanted = {name: query[name] for name in ("kecamatan", "stage") if query.get(name)}
    lacking = [name for name in village_status.LACKING if query[name]]
    kept = (row for row in rows if all(row[name] == value for name, value in wanted.items()))
    return [row for row in kept if village_status.lacks(row, lacking)]


@read(blueprint, "/villages/<code>", DayQuery, action="board.read")
def village(query: dict[str, Any], view: View, reach: Scope, code: str) -> dict[str, Any]:
    """One village's card: what the board says of it, and its KPS and PSKS."""
    day = query.get("on") or day_of(view)
    explain(view, day, **_VILLAGE)
    found = made_safe(view, day, _board(view, reach, day, code), "villages")
    if not found:
        raise NotFound
    where = reach.where("village")
    kps = register_lists.kps(view, where, limit=500, village=code)
    psks = register_lists.psks(view, where, limit=500, village=code)
    return {**found[0], "kps": contact_known(kps), "psks": contact_known(psks)}


@read(blueprint, "/kecamatan", DayQuery, action="board.read")
def kecamatan(query: dict[str, Any], view: View, reach: Scope) -> list[dict[str, Any]]:
    """The board rolled up by kecamatan."""
    day = query.get("on") or day_of(view)
    explain(view, day, kecamatan="board.{field}?kecamatan={code}")
    return made_safe(view, day, village_status.by_kecamatan(_board(view, reach, day)), "kecamatan")


@read(blueprint, "/coverage", DayQuery, action="board.read")
def on_a_day(query: dict[str, Any], view: View, reach: Scope) -> dict[str, Any]:
    """In how many villages a WKSBM is begun, formed, legal and active on the day; with and without papers."""
    day = query.get("on") or day_of(view)
    months = office().config.dormant_months
    explain(view, day, kabupaten="coverage.{field}", kecamatan="coverage.{field}?kecamatan={code}")
    return coverage.coverage(view, reach.where("village"), reach.where("key"), day, months)


@read(blueprint, "/coverage/series", SeriesQuery, action="board.read")
def over_time(query: dict[str, Any], view: View, reach: Scope) -> dict[str, Any]:
    """The same at each month's end up to the day."""
    begin, end = query["begin"], query.get("on") or day_of(view)
    if begin > end or (end.year - begin.year) * 12 > LONGEST_SERIES:
        raise ma.ValidationError({"begin": ["Harus sebelum “on”, paling jauh 50 tahun."]})
    part = f"kecamatan={query['kecamatan']}&" if query.get("kecamatan") else ""
    explain(view, None, points=f"coverage.{{field}}?{part}on={{on}}")
    return coverage.series(
        view,
        reach.where("village"),
        reach.where("key"),
        begin,
        end,
        office().config.dormant_months,
        query.get("kecamatan"),
    )
