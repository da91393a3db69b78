"""Replaying a stream or a person, step by step with the state after each event, straight from the log."""

import re
from datetime import date
from typing import Any

import marshmallow as ma
import msgspec
from flask_smorest import Blueprint

from domain.refusals import NotFound
from service import replay
from service.access import scope
from service.api import fields
from service.api.current import office, principal
from service.api.problems import problem
from service.api.reads import AsOf

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
blueprint = Blueprint("replays", __name__, url_prefix="/api/v1/streams", description="Replaying the log")


class Moment(AsOf):
    """What `AsOf` takes, or a day."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | str:
        if not _DAY.fullmatch(str(value)):
            return super()._deserialize(value, attr, data, **kwargs)
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            raise ma.ValidationError("Bukan hari yang sah.") from None


class Until(fields.Schema):
    """Up to a log position, an RFC 3339 time, or the end of a day."""

    until = Moment(metadata={"description": "A log position, a day or an RFC 3339 time", "type": "string"})


class ReplayStepSchema(ma.Schema):
    position = ma.fields.Integer()
    stream = ma.fields.String()
    version = ma.fields.Integer()
    topic = ma.fields.String()
    on = ma.fields.String()
    recorded = ma.fields.String()
    by = ma.fields.String()
    post = ma.fields.String()
    sentence = ma.fields.String()
    changed = ma.fields.Dict()
    state = ma.fields.Dict()


class ReplaySchema(ma.Schema):
    """``position`` is the last one that was taken into account."""

    position = ma.fields.Integer()
    steps = ma.fields.List(ma.fields.Nested(ReplayStepSchema))


@blueprint.route("/<stream>/replay", methods=["GET"])
@blueprint.arguments(Until, location="query")
@blueprint.response(200, ReplaySchema)
@blueprint.alt_response(403, schema="ProblemSchema", content_type="application/problem+json")
@blueprint.alt_response(404, schema="ProblemSchema", content_type="application/problem+json")
@blueprint.alt_response(422, schema="ProblemSchema", content_type="application/problem+json")
def replayed(query: dict[str, Any], stream: str) -> Any:
    """Every event of a stream, or of everything about a person, with the state it led to. Sealed values stay sealed."""
    if scope(principal(), "replay.read").empty:
        return problem(403, detail="Anda tidak berwenang melihat ini.", rule="not_allowed")
    here, until = office(), query.get("until")
    upto = replay.upto_of(here, None if until is None else str(until))
    steps = replay.steps(here, stream, str(upto))
    if not steps:
        raise NotFound
    return {"position": upto, "steps": [msgspec.to_builtins(step) for step in steps]}
