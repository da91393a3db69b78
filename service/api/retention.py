"""Retention over HTTP: the archive schedule, legal holds, and the dry run that says who is due and what prevents others."""

from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from domain.beneficiary import Beneficiary
from domain.refusals import NotFound
from domain.retention import FATES, KINDS, LONGEST_YEARS, RETENTION_ID, TRIGGERS, Retention
from projections import retention_lists
from projections.consent_lists import RESTRICTED
from projections.engine import View
from service.api import fields
from service.api.cases import day_of
from service.api.commands import Form, Noun
from service.api.current import principal
from service.api.reads import ListQuery, cursor_for, cursor_values, read
from service.log.ids import new_id
from service.reach import Scope, hidden_from, scope

blueprint = Blueprint("retention", __name__, url_prefix="/api/v1", description="Retention and legal hold")
schedule = Noun(blueprint, Retention, "retention.record")
holds = Noun(blueprint, Beneficiary, "hold.record")


class RetentionClassSetting(fields.EvidencedSchema):
    """A class of the archive schedule, new or changed. ``basis`` names the JRA."""

    code = fields.code(required=True)
    label = fields.text(required=True)
    kinds = ma.fields.List(fields.code(KINDS), required=True, validate=ma.validate.Length(1, len(KINDS)))
    trigger = fields.code(TRIGGERS.versions[-1].codes, required=True)
    years = fields.whole(1, LONGEST_YEARS, required=True)
    fate = fields.code(FATES.versions[-1].codes, required=True)
    basis = fields.text(required=True)


class Hold(fields.EvidencedSchema):
    hold = fields.identifier()
    reason = fields.sealed(required=True)


class HoldLifting(fields.EvidencedSchema):
    reason = fields.sealed(required=True)


class DueQuery(ListQuery):
    due = ma.fields.Boolean(metadata={"description": "Only those who are due, or only the others"})


@schedule.route("/retention/classes", RetentionClassSetting, "retention.set_class")
def set_class(form: Form) -> str:
    """Set a class of the archive schedule, or a new version of one, from a day on (today when left out)."""
    form.require("retention.record")
    try:
        known = form.load(Retention, RETENTION_ID)
    except NotFound:
        known = form.decision.begin(Retention.blank(RETENTION_ID))
    arguments = {**form.fill(RETENTION_ID), "on": form.on, "evidence": form.evidence(RETENTION_ID)}
    known.set_class(**{**arguments, "kinds": tuple(arguments["kinds"])})
    return RETENTION_ID


@holds.route("/beneficiaries/<stream>/holds", Hold, "beneficiary.place_hold")
def place_hold(form: Form, stream: str) -> str:
    """Keep a record from being destroyed while something legal is pending. Needs a paper."""
    form.require("hold.record")
    person = form.load(Beneficiary, stream, "hold.record")
    form.data.setdefault("hold", new_id())
    person.place_hold(**form.fill(stream, strict=person.strict), on=form.on, evidence=form.evidence(stream))
    return stream


@holds.route("/beneficiaries/<stream>/holds/<hold>/lifting", HoldLifting, "beneficiary.lift_hold")
def lift_hold(form: Form, stream: str, hold: str) -> str:
    """End a legal hold. Needs a paper."""
    form.require("hold.record")
    person = form.load(Beneficiary, stream, "hold.record")
    arguments = form.fill(stream, strict=person.strict)
    person.lift_hold(**arguments, hold=hold, on=form.on, evidence=form.evidence(stream))
    return stream


@read(blueprint, "/retention/classes", action="retention.read")
def classes(query: dict[str, Any], view: View, reach: Scope) -> list[dict[str, Any]]:
    """Every version of every class of the archive schedule. What no class covers is kept and reviewed."""
    return [{**row, "kinds": row["kinds"].split(",")} for row in retention_lists.classes(view)]


@read(blueprint, "/retention/due", DueQuery, action="retention.read")
def due(query: dict[str, Any], view: View, reach: Scope) -> tuple[list[dict[str, Any]], str | None]:
    """The dry run: for each person, by id, class and period, whether she is due, and what prevents it. Changes nothing.

    With ``due`` a page may hold fewer than ``limit``, because the others of it are left out.
    """
    after = cursor_values(query, 1)
    who = principal()
    known = f"p.tier < {hidden_from(who)} AND p.key NOT IN {RESTRICTED}"
    if scope(who, "beneficiary.read").restricted:  # the data protection officer, for whom this list is
        known = "1 = 1"
    rows = retention_lists.reviewed(
        view, day_of(view), after=after[0] if after else "", limit=query["limit"], known=known
    )
    following = cursor_for(rows[-1]["id"]) if len(rows) == query["limit"] else None
    wanted = query.get("due")
    return [row for row in rows if wanted is None or row["due"] == wanted], following
