"""A sample of closed cases that anybody can draw again, with a seed that nobody could choose alone."""

import hashlib
from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from projections import case_sample
from projections.engine import View
from service.api.cases import reached
from service.api.reads import ReadQuery, read
from service.reach import Scope

MOST_DRAWN = 100
blueprint = Blueprint("cases_sampled", __name__, url_prefix="/api/v1", description="Samples of closed cases")


def draws(seed: str, size: int, count: int) -> list[int]:
    """The first ``count`` different places, from 1 to ``size``, that a seed draws: as `tools/verify_casebook.py` draws."""
    found: dict[int, None] = {}
    number = 0
    while len(found) < min(count, size):
        digest = hashlib.sha256(f"{seed}\n{number}".encode()).digest()
        found[1 + int.from_bytes(digest, "big") % size] = None
        number += 1
    return list(found)


class SampleQuery(ReadQuery):
    seed = ma.fields.String(
        load_default="",
        validate=ma.validate.Length(max=200),
        metadata={"description": "Any text, as a lot drawn before witnesses; the same one draws the same cases"},
    )
    count = ma.fields.Integer(load_default=10, validate=ma.validate.Range(1, MOST_DRAWN))


@read(blueprint, "/cases/sample", SampleQuery, action="case.read")
def sample(query: dict[str, Any], view: View, reach: Scope) -> dict[str, Any]:
    """Closed cases within reach as a seed draws them: ``size`` is how many there are, ``place`` is where each of those
    ``drawn`` stands among them in the order of their ids, from 1. Nobody's data are opened."""
    ids = case_sample.closed(view, reached(reach), restricted=reach.restricted)
    places = draws(query["seed"], len(ids), query["count"])
    rows = case_sample.drawn(view, [ids[place - 1] for place in places])
    return {"size": len(ids), "drawn": [{"place": place, **rows[ids[place - 1]]} for place in places]}
