"""What a recorded event holds, for whoever may correct it: its fields as they read now, those in the vault opened."""

from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from domain.aggregate import ENVELOPE, Aggregate, Event
from domain.correction import DERIVED, FINAL, DecisionStands
from domain.sealed import Sealed
from service.api import rights
from service.api.corrections import ENTRY, OFFICE, must_be_theirs
from service.api.current import office, principal
from service.api.fields import Schema
from service.api.form import Denied, Form, plain
from service.api.problems import problem
from service.decision import Decision

blueprint = Blueprint("correctable", __name__, url_prefix="/api/v1/streams", description="Corrections")
rights.declare("GET", blueprint, ENTRY, "record.correct", *OFFICE.values())


class EventFieldsSchema(ma.Schema):
    """``values`` are the fields that a correction may name, the day among them; ``sealed`` those that lie in the vault."""

    stream = ma.fields.String()
    version = ma.fields.Integer()
    topic = ma.fields.String()
    recorded = ma.fields.String()
    values = ma.fields.Dict()
    sealed = ma.fields.List(ma.fields.String())


@blueprint.route(ENTRY, methods=["GET"])
@blueprint.response(200, EventFieldsSchema)
@blueprint.alt_response(403, schema="ProblemSchema", content_type="application/problem+json")
@blueprint.alt_response(404, schema="ProblemSchema", content_type="application/problem+json")
@blueprint.alt_response(409, schema="ProblemSchema", content_type="application/problem+json")
def correctable(stream: str, version: int) -> Any:
    """An event as it reads today, for whoever may correct it."""
    here = office()
    decision = Decision(here.log, here.casebook.recent, here.files, here.vault, fresh=True)
    form = Form(Schema(), {}, principal(), here, decision)
    aggregate = form.load(Aggregate, stream)
    event = decision.event(stream, version)
    try:
        must_be_theirs(form, "record.correct", aggregate, event)
    except Denied:
        return problem(403, detail="Anda tidak berwenang melakukan ini.", rule="not_allowed")
    if event.topic.startswith(FINAL):
        raise DecisionStands
    values, sealed = _values(event)
    return {
        "stream": stream,
        "version": version,
        "topic": event.topic,
        "recorded": event.recorded,
        "values": values,
        "sealed": sealed,
    }


def _values(event: Event) -> tuple[dict[str, Any], list[str]]:
    own = [name for name in type(event).__struct_fields__ if name not in ENVELOPE | DERIVED]
    held = {name: getattr(event, name) for name in own}
    sealed = {name: value.part for name, value in held.items() if isinstance(value, Sealed)}
    opened = office().vault.open(set(sealed.values()))
    found = {name: plain(value) for name, value in held.items()}
    found |= {name: opened.get(part, {}).get(name) for name, part in sealed.items()}
    return {"on": plain(event.on), **found}, sorted(sealed)
