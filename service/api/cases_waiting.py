"""What waits for whoever steers the casework: cases that are late, disputed, or not decided, and how much
each worker carries."""

from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from projections import case_lists
from projections.engine import View
from projections.figures.figure import NOBODY
from projections.people_lists import existing
from service.api import fields
from service.api.case_texts import with_people
from service.api.cases import day_of, reached
from service.api.current import office, principal
from service.api.people_shown import counted_below
from service.api.reads import MOST, ReadQuery, explain, read
from service.reach import Scope, scope

blueprint = Blueprint("cases_waiting", __name__, url_prefix="/api/v1", description="Cases that wait for a decision")


class CaseloadQuery(ReadQuery):
    worker = fields.identifier(metadata={"description": "Show what this account has to do next"})
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, 500))


@read(blueprint, "/caseload", CaseloadQuery, action="board.read")
def caseload(query: dict[str, Any], view: View, reach: Scope) -> dict[str, Any]:
    """How much each worker carries: running cases, overdue ones, risk. With ``worker``, what is due next for her.
    ``worker`` is null in the row of the cases that nobody works on; ``unassigned`` in ``why`` explains that one."""
    where, day = reach.where("village", worker="worker"), day_of(view)
    workers = "caseload.{field}?worker={worker}"
    explain(
        view, day, workers=workers, unassigned=workers.format(field="{field}", worker=NOBODY), whole="caseload.{field}"
    )
    found: dict[str, Any] = {"workers": case_lists.by_worker(view, where, day, counted_below(principal()))}
    if most := office().config.caseload_most:
        found["most"] = most
    if query.get("worker"):
        # How much a village's workers carry is on the board; which cases these are, only for whoever reads cases.
        theirs = reached(scope(principal(), "case.read"))
        found["next"] = with_people(view, case_lists.next_of(view, theirs, query["worker"], day, query["limit"]))
    return found


class WaitingQuery(ReadQuery):
    worker = fields.identifier(metadata={"description": "Whose late cases; everybody's when left out"})
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, MOST))


@read(blueprint, "/cases/waiting", WaitingQuery, action="case.read")
def waiting(query: dict[str, Any], view: View, reach: Scope) -> dict[str, Any]:
    """Running cases within reach: ``late``, whose next step is overdue, the longest first; ``disputed``, about whose risk
    two answers stand; ``assessments``, ``plans`` and ``closures``, which wait to be approved; and ``transfers``, which
    somebody does not answer who was asked to take them, the latest opened first. Of each the first."""
    found = case_lists.waiting(
        view,
        reached(reach),
        day_of(view),
        limit=query["limit"],
        worker=query.get("worker"),
        restricted=reach.restricted,
    )
    with_people(view, [row for listed in found.values() for row in listed])
    return found


class TransfersQuery(ReadQuery):
    unanswered = ma.fields.Boolean(
        load_default=False,
        metadata={"description": f"Only those that got no answer within {case_lists.TRANSFER_DAYS} days"},
    )


@read(blueprint, "/cases/transfers", TransfersQuery, action="case.read")
def transfers(query: dict[str, Any], view: View, reach: Scope) -> list[dict[str, Any]]:
    """Cases that were asked to change hands and got no answer yet, the longest waiting first: within reach, and those that
    the asker has or is asked to take. What nobody answers comes to whoever steers by its age; no event says so."""
    where, values = reached(reach)
    known = existing("cases", counted_below(principal()))
    where = f"(({where}) OR ((worker = :both OR transfer_to = :both) AND {known}))"
    found = case_lists.transfers(
        view, where, {**values, "both": reach.account}, day_of(view), restricted=reach.restricted
    )
    return [one for one in found if one["unanswered"] or not query["unanswered"]]
