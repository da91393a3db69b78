"""Retention over HTTP: the archive schedule, legal holds, and the dry run that says who is due and what prevents others."""

from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from domain.beneficiary import Beneficiary
from domain.beneficiary_document import NotHerDocument
from domain.beneficiary_hold import NoSuchHold
from domain.refusals import NotFound
from domain.retention import FATES, KINDS, LONGEST_YEARS, RETENTION_ID, TRIGGERS, Retention
from projections import retention_lists
from projections.consent_lists import RESTRICTED
from projections.engine import View
from service.api import fields
from service.api.cases import day_of
from service.api.commands import Form, Noun
from service.api.current import office, principal
from service.api.files import held_for, may_read
from service.api.reads import ListQuery, ReadQuery, cursor_for, cursor_values, read
from service.log.ids import new_id
from service.log.vault import held_label
from service.reach import Scope, hidden_from, scope

MOST_REVIEWED = 3000  # people in one question: most of them are not due, and are left out

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


class DocumentHold(fields.EvidencedSchema):
    """``document`` is the file of one of her papers; ``hold`` becomes the file of its copy."""

    hold = fields.identifier()
    document = fields.identifier(required=True)
    reason = fields.sealed(required=True)


class DueQuery(ListQuery):
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, MOST_REVIEWED))
    due = ma.fields.Boolean(metadata={"description": "Only those who are due, or only the others"})


class HeldQuery(ReadQuery):
    due = ma.fields.Boolean(metadata={"description": "Only those that wait to be destroyed, or only the others"})


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


@holds.route("/beneficiaries/<stream>/document-holds", DocumentHold, "beneficiary.hold_document")
def hold_document(form: Form, stream: str) -> str:
    """Keep one document while something legal is pending, also when everything else of her is destroyed. Needs a paper.
    Whoever records it need not be able to read it. A hold that was lifted by mistake is placed again with its own id and
    document, as long as the copy stands."""
    form.require("hold.record")
    person = form.load(Beneficiary, stream, "hold.record")
    hold, document = form.data.setdefault("hold", new_id()), form.data["document"]
    arguments, papers = form.fill(stream, label=held_label(hold)), form.evidence(stream)
    person.must_take_document(hold=hold, document=document, evidence=papers)
    if hold not in person.documents_held:
        _must_be_hers(stream, document)
        try:
            form.office.files.held_copy(document, subject=stream, label=held_label(hold), id=hold)
        except NotFound:
            raise NotHerDocument from None
    kept = form.decision.paper("salinan_ditahan", file=hold, number=None, dated=None, stream=stream)
    person.hold_document(**arguments, kept=kept, on=form.on, evidence=papers)
    return stream


def _must_be_hers(stream: str, document: str) -> None:
    files = office().files
    try:
        hers = files.row(document).subject == stream and files.claimed_by(document) is not None
    except NotFound:
        hers = False
    if not hers:
        raise NotHerDocument


@holds.route("/beneficiaries/<stream>/document-holds/<hold>/lifting", HoldLifting, "beneficiary.release_document")
def release_document(form: Form, stream: str, hold: str) -> str:
    """End the hold of a document. What is left of somebody destroyed is then destroyed too, by `wahana destroy`."""
    form.require("hold.record")
    person = form.load(Beneficiary, stream, "hold.record")
    if hold not in person.documents_held:
        raise NoSuchHold
    arguments = form.fill(stream, label=held_label(hold))
    person.release_document(**arguments, hold=hold, on=form.on, evidence=form.evidence(stream))
    return stream


def _known() -> str:
    """SQL over people ``p``: those of whom whoever asks may know that they are in a list of what is kept, by what is known
    of them today: rights are always today's."""
    who = principal()
    if scope(who, "beneficiary.read").restricted:  # the data protection officer, for whom these lists are
        return "1 = 1"
    today = f"SELECT n.key FROM {{people:today}} n WHERE n.tier < {hidden_from(who)}"
    return f"p.key IN ({today}) AND p.key NOT IN {RESTRICTED}"


@read(blueprint, "/retention/held-documents", HeldQuery, action="retention.read")
def held_documents(query: dict[str, Any], view: View, reach: Scope) -> list[dict[str, Any]]:
    """The documents under legal hold, and those that were: whether each is due for destruction, and what prevents it. While
    it stands, the reason is told to those who record holds and see the person in full, of somebody destroyed to the data
    protection officer; ``readable`` says whether whoever asks may read the copy."""
    wanted = query.get("due")
    rows = retention_lists.held_documents(view, known=_known())
    rows = [row for row in rows if wanted is None or row["due"] == wanted]
    standing = [row for row in rows if not (row["lifted_on"] or row["destroyed_on"])]
    hers = held_for(view, {row["beneficiary"] for row in standing})
    opened = office().vault.open({row["reason"] for row in standing if row["beneficiary"] in hers})
    for row in rows:
        row["readable"] = row in standing and may_read(row["hold"])
        row["reason"] = opened.get(row["reason"], {}).get("reason")
    return rows


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
    rows = retention_lists.reviewed(
        view, day_of(view), after=after[0] if after else "", limit=query["limit"], known=_known()
    )
    following = cursor_for(rows[-1]["id"]) if len(rows) == query["limit"] else None
    wanted = query.get("due")
    return [row for row in rows if wanted is None or row["due"] == wanted], following
