"""What a village hands in about somebody in need: registered, classified and taken on as a case in one command.

Of a strictly restricted type it is a blind drop: whoever hands it in has no right to see anybody of that tier, so that the
record does not exist for her from the next moment on, whatever she asks: not in a list, a count, a search, a history, nor
as a probable duplicate. For the same reason she is not asked about duplicates: the office links records later.
"""

from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from domain import compartments, ppks
from domain.beneficiary import Beneficiary
from domain.case import Case
from service.api import beneficiary_schemas, case_schemas, fields
from service.api.beneficiary_types import type_arguments
from service.api.commands import Form, Noun
from service.api.form import fit, plain
from service.api.identity_fields import age_and_sex, identity, must_be_born, nik_findings
from service.api.registration import findable
from service.log.ids import new_id

blueprint = Blueprint("reports", __name__, url_prefix="/api/v1/reports", description="Reports of a village")
noun = Noun(blueprint, Case, "report.submit")


class Report(fields.EvidencedSchema):
    """``type`` is what it seems to be about; ``story`` is told to whoever takes the case on."""

    id = fields.identifier()
    case = fields.identifier()
    classification = fields.identifier()
    village = fields.village(required=True)
    kind = fields.code(ppks.KINDS, load_default="person")
    identity = identity(required=True)
    type = fields.strict(fields.code(ppks.TYPES.versions[-1].codes, required=True))
    subtypes = fields.strict(ma.fields.List(fields.code(ppks.SUBTYPES), validate=ma.validate.Length(max=4)))
    override_reason = fields.sealed()
    urgency = fields.code(required=True)
    story = fields.sealed(required=True)


@noun.route("", Report, "report.submit")
def submit(form: Form) -> str:
    """Hand in a report about somebody in need. Of a strictly restricted type it cannot be read or found again by whoever
    handed it in; the receipt proves that it was."""
    sent = form.data
    village = form.served("report.submit", sent["village"], by=form.account)
    stream = form.new_id()
    for name in ("case", "classification"):  # the same in every attempt
        sent.setdefault(name, new_id())
    board = "pengurus_wksbm" in form.principal.roles and "psm" not in form.principal.roles
    person = _registered(form, stream, village, "wksbm" if board else "relawan")
    typing = _part(form, beneficiary_schemas.Typing(), "classification", "type", "subtypes", "override_reason")
    age, sex = age_and_sex(plain(sent["identity"]), form.on) if sent["kind"] == "person" else (None, None)
    person.classify(**fit(Beneficiary.classify, type_arguments(typing, person, age, sex)))
    told = _part(form, case_schemas.CaseOpening(), "story")
    form.decision.begin(
        Case.open(
            sent["case"],
            on=form.on,
            beneficiary=stream,
            subject_kind=person.kind,
            village=village,
            tier=person.tier,
            channel="wksbm" if board else "lainnya",
            urgency=sent["urgency"],
            **told.fill(stream, strict=person.strict),
        )
    )
    return stream


def _part(form: Form, schema: fields.Schema, *names: str) -> Form:
    """What of the report one of its records is made of."""
    sent: dict[str, Any] = {name: form.data[name] for name in names if form.data.get(name) is not None}
    return Form(schema, {**sent, "on": form.on}, form.principal, form.office, form.decision)


def _registered(form: Form, stream: str, village: str, channel: str) -> Beneficiary:
    brought = compartments.of_type(form.data["type"], form.data.get("subtypes") or ())
    strict = ppks.tier_of(form.data["type"]) >= ppks.STRICT_TIER
    written = form.data["identity"]
    must_be_born(written, form.today)
    filled = _part(form, beneficiary_schemas.PersonRegistration(), "identity")
    arguments = filled.fill(stream, strict=strict, compartments=brought)
    person = Beneficiary.register(
        stream,
        on=form.on,
        village=village,
        kind=form.data["kind"],
        channel=channel,
        nik_stated=bool(written.get("nik")),
        nik_findings=nik_findings(written, form.on) if form.data["kind"] == "person" else (),
        evidence=form.evidence(stream),
        **arguments,
    )
    findable(form.decision, arguments["identity"], written, village)
    return form.decision.begin(person)
