"""Emergency access over HTTP: opened with a reason, named with each request that uses it, and reviewed by somebody else."""

from datetime import date
from typing import Any

import marshmallow as ma
import msgspec
from flask_smorest import Blueprint

from domain.beneficiary import Beneficiary
from domain.emergency import Emergency
from domain.refusals import NotFound
from projections.consent_lists import RESTRICTED
from projections.emergencies import emergencies
from projections.engine import View
from projections.reading_lists import whose
from service.api import fields
from service.api.commands import Form, Noun
from service.api.current import office, principal
from service.api.reads import ListQuery, cursor_for, cursor_values, read
from service.api.restricted import unseen
from service.api.rows import truths
from service.log.ids import is_id
from service.log.vault import DESTROYED
from service.reach import Principal, Scope, allowed

HEADER = "Wahana-Emergency"
blueprint = Blueprint("emergencies", __name__, url_prefix="/api/v1/emergencies", description="Emergency access")
noun = Noun(blueprint, Emergency, "emergency.open")


class EmergencyAccess(fields.CommandSchema):
    """``reason``: what is at stake, and why it cannot wait for whoever may see the record."""

    id = fields.identifier()
    beneficiary = fields.identifier(required=True)
    reason = fields.sealed(required=True)


class EmergencyEnd(fields.CommandSchema):
    pass


class EmergencyReview(fields.CommandSchema):
    justified = ma.fields.Boolean(required=True)
    note = fields.sealed()


class EmergencyQuery(ListQuery):
    """``unreviewed``: only those that still wait for a review."""

    unreviewed = ma.fields.Boolean()
    beneficiary = fields.identifier()


@noun.route("", EmergencyAccess, "emergency.open")
def open_record(form: Form) -> str:
    """Open a record for three hours. Requests that use it carry the header ``Wahana-Emergency`` with the access's id."""
    # Also somebody who otherwise does not exist for whoever asks: she was told of her by others.
    person = form.decision.load(Beneficiary, form.data["beneficiary"])
    if not allowed(form.principal, "emergency.open", village=person.village):
        raise NotFound  # as for an id that nobody has
    person.must_be_workable(entitled=False)
    stream = form.new_id()
    reason = form.fill(person.id, strict=person.strict, only={"reason"})["reason"]
    form.decision.begin(
        Emergency.open(
            stream, on=form.today, by=form.account, beneficiary=person.id, village=person.village, reason=reason
        )
    )
    return stream


@noun.route("/<stream>/end", EmergencyEnd, "emergency.end")
def end(form: Form, stream: str) -> str:
    """End one's own access before its time."""
    form.load(Emergency, stream).end(on=form.today, by=form.account)
    return stream


@noun.route("/<stream>/review", EmergencyReview, "emergency.review", action="emergency.review")
def review(form: Form, stream: str) -> str:
    """Say whether the reason held; not by whoever opened it."""
    form.require("emergency.review")
    emergency = form.load(Emergency, stream)
    person = form.decision.load(Beneficiary, emergency.beneficiary)
    sent = form.fill(person.id, strict=person.strict, only={"justified", "note"})
    emergency.review(on=form.today, by=form.account, justified=sent["justified"], note=sent.get("note"))
    return stream


@read(blueprint, "", EmergencyQuery, action="emergency.read")
def listing(query: dict[str, Any], view: View, reach: Scope) -> Any:
    """Accesses, those that wait longest for a review first. ``overdue`` is asked of the day of the answer."""
    after = cursor_values(query, 2)
    where, values = reach.where("e.village", by="e.holder")
    asked = [where]
    if unseen(principal(), view):
        asked.append(f"e.beneficiary NOT IN {RESTRICTED}")
    if query.get("unreviewed"):
        asked.append("e.reviewed_on IS NULL")
    if query.get("beneficiary"):
        asked.append("e.beneficiary = :beneficiary")
    rows = view.rows(
        f"SELECT * FROM {{emergencies}} e WHERE {' AND '.join(asked)} AND (e.review_by, e.key) > (:day, :key) "
        "ORDER BY e.review_by, e.key LIMIT :limit",
        **values,
        beneficiary=query.get("beneficiary"),
        day=after[0] if after else "",
        key=after[1] if after else "",
        limit=query["limit"],
    )
    following = cursor_for(rows[-1]["review_by"], rows[-1]["key"]) if len(rows) == query["limit"] else None
    who = principal()
    read = [row for row in rows if row["holder"] == who.account or allowed(who, "emergency.review")]
    texts = office().vault.open(row[name] for row in read for name in ("reason", "note") if row[name])
    others = [row for row in rows if row not in read]
    told = whose(view, (row["beneficiary"] for row in others))
    for row in others:  # an auditor learns that it was, not why; of the strictly restricted not even where
        known = told.get(row["beneficiary"])
        row |= {"reason": None, "note": None, "village": row["village"] if known and known["village"] else None}
    return [_shown(row, texts, view) for row in rows], following


def _shown(row: dict[str, Any], texts: dict[str, dict[str, Any]], view: View) -> dict[str, Any]:
    shown = {name: value for name, value in row.items() if name not in ("key", "since")}
    shown = {"id": row["key"], **truths(shown, emergencies)}
    for name in ("reason", "note"):
        if row[name]:
            shown[name] = texts[row[name]].get(name) if row[name] in texts else DESTROYED
    today = office().today() if not view.past else date.fromisoformat(view.clock[:10])
    shown["open"] = row["ended"] is None and view.clock < row["ends"]
    shown["overdue"] = row["reviewed_on"] is None and row["review_by"] < today.isoformat()
    return shown


def taken_up(who: Principal, access: str, now: str) -> Principal:
    """Whoever asks, with the record that she opened in an emergency. Raises `NotFound`, `NotYourEmergency` or
    `EmergencyOver`."""
    if not is_id(access):
        raise NotFound
    emergency = office().log.load(Emergency, access)
    emergency.must_hold(who.account, now)
    if not allowed(who, "emergency.open", village=emergency.village):  # rights are always today's
        raise NotFound
    return msgspec.structs.replace(who, emergency=emergency.beneficiary)
