"""What waits for whoever steers the casework: cases that are late, disputed, or whose plan is not decided."""

from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from projections import case_lists
from projections.engine import View
from service.api import fields
from service.api.case_texts import with_people
from service.api.cases import day_of, reached
from service.api.reads import MOST, ReadQuery, read
from service.reach import Scope

blueprint = Blueprint("cases_waiting", __name__, url_prefix="/api/v1", description="Cases that wait for a decision")


class WaitingQuery(ReadQuery):
    worker = fields.identifier(metadata={"description": "Whose late cases; everybody's when left out"})
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, MOST))


@read(blueprint, "/cases/waiting", WaitingQuery, action="case.read")
def waiting(query: dict[str, Any], view: View, reach: Scope) -> dict[str, Any]:
    """Running cases within reach: ``late``, whose next step is overdue, the longest first; ``disputed``, about whose risk
    two answers stand, and ``plans``, of which a plan waits to be approved, the latest opened first. Of each the first."""
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
