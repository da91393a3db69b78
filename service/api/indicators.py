"""Indicators over HTTP: what is measured, baselines as they were stated, and the targets of each year."""

from typing import Any

import marshmallow as ma
from flask import g
from flask_smorest import Blueprint

from domain.indicator import Indicator
from domain.refusals import NotFound
from projections import register_lists
from projections.engine import View
from service.api import fields
from service.api.cases import version_at
from service.api.commands import Form, Noun
from service.api.reads import read
from service.reach import Scope

blueprint = Blueprint("indicators", __name__, url_prefix="/api/v1/indicators", description="Indicators and targets")
noun = Noun(blueprint, Indicator, "indicator.record")


class IndicatorDefinition(fields.CommandSchema):
    id = fields.identifier()
    name = fields.text(required=True)
    definition = fields.text(2000, required=True)


class IndicatorBaseline(fields.EvidencedSchema):
    """A figure as it was said of a past month, such as "sekitar 25 persen": a note, never counted."""

    permille = fields.whole(0, 1000, required=True)
    month = ma.fields.String(required=True, validate=ma.validate.Regexp(r"\A(19|20)\d{2}-(0[1-9]|1[0-2])\Z"))
    wording = fields.text(required=True)
    reference = fields.text(required=True)
    approximate = ma.fields.Boolean()
    definition_unknown = ma.fields.Boolean()


class IndicatorTarget(fields.EvidencedSchema):
    year = fields.whole(2000, 2100, required=True)
    permille = fields.whole(0, 1000, required=True)
    reference = fields.text(required=True)


@noun.route("", IndicatorDefinition, "indicator.define")
def define(form: Form) -> str:
    """Say what is measured and how."""
    form.require("indicator.record")
    stream = form.new_id()
    form.decision.begin(Indicator.define(stream, on=form.on, **form.fill(stream)))
    return stream


noun.simple("/<stream>/baselines", "state_baseline", IndicatorBaseline)
noun.simple("/<stream>/targets", "set_target", IndicatorTarget)


@read(blueprint, "", action="indicator.read")
def listing(query: dict[str, Any], view: View, reach: Scope) -> list[dict[str, Any]]:
    """Every indicator with its baselines and targets."""
    return register_lists.indicators(view)


@read(blueprint, "/<stream>", action="indicator.read")
def one(query: dict[str, Any], view: View, reach: Scope, stream: str) -> dict[str, Any]:
    """One indicator with its baselines and targets."""
    found = register_lists.indicators(view, stream)
    if not found:
        raise NotFound
    g.version = found[0]["version"] = version_at(view, stream)
    return found[0]
