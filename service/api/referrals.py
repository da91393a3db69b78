"""Referrals over HTTP: sent, answered, ended. What opens or ends one is noted on its case in the same command."""

import inspect
from typing import Any

import marshmallow as ma
import msgspec
from flask import g
from flask_smorest import Blueprint

from domain.beneficiary import Beneficiary
from domain.beneficiary_consent import ConsentNotInForce
from domain.case import Case
from domain.referral import Referral
from domain.refusals import NotFound
from projections import referral_lists
from projections.engine import View
from projections.people_lists import existing
from service.api import fields
from service.api import referral_schemas as schemas
from service.api.case_texts import HIDDEN, hidden_since, in_emergency, open_destination, with_people
from service.api.cases import case_of, day_of
from service.api.commands import Form, Noun
from service.api.consents import opened_consent
from service.api.current import principal
from service.api.form import fit, parameters_of
from service.api.known import must_see
from service.api.people_shown import STRICT_WORD, counted_below
from service.api.reads import ListQuery, ReadQuery, cursor_for, cursor_values, explain, read
from service.api.restricted import widened
from service.reach import Scope, allowed

WITHDRAWN = "persetujuan_ditarik"
blueprint = Blueprint("referrals", __name__, url_prefix="/api/v1", description="Referrals")
noun = Noun(blueprint, Referral, "referral.record")


def _referral_of(form: Form, stream: str, *, answering: bool = False) -> tuple[Referral, Case]:
    """The referral and its case, for somebody who may record about it, or whom it is addressed to and who answers it, with
    an account or by the link on its letter. Raises `NotFound`, `Denied`."""
    referral = form.load(Referral, stream)
    case = form.decision.load(Case, referral.case)
    if answering and form.principal.letter:  # shows nothing of her, so that nobody need be cleared to say it
        _must_be_shared(form, referral)
        return referral, case
    if not (answering and allowed(form.principal, "referral.answer", to=referral.addressed_to)):
        form.require("referral.record", village=referral.village, worker=case.worker)
    must_see(form, referral, case.worker)
    must_see(form, case, case.worker)
    return referral, case


def _must_be_shared(form: Form, referral: Referral) -> None:
    """Raise `ConsentNotInForce` when the consent that a referral rests on was withdrawn."""
    person = form.decision.load(Beneficiary, referral.beneficiary)
    consent = person.consents.get(referral.consent) if referral.consent else None
    if referral.consent and (consent is None or consent.withdrawn):
        raise ConsentNotInForce


def _step(rule: str, method: str, schema: type[fields.Schema], *, answering: bool = False) -> None:
    """A route for one step; when it ends the referral, the case notes that too. ``answering``: it is the destination's
    own word, which the destination may record itself."""
    actions = ("referral.record", "referral.answer") if answering else ("referral.record",)
    function = getattr(Referral, method)

    def handle(form: Form, stream: str) -> str:
        referral, case = _referral_of(form, stream, answering=answering)
        arguments = form.fill(referral.beneficiary, strict=referral.strict or case.strict)
        arguments |= {"on": form.on, "evidence": form.evidence(stream)}
        if "consenting" in parameters_of(function):
            arguments["consenting"] = form.decision.load(Beneficiary, referral.beneficiary)
        was_open = referral.is_open
        getattr(referral, method)(**fit(function, arguments))
        if was_open and referral.settled:
            case.note_referral_settled(on=form.on, referral=stream, state=referral.state)
        return stream

    handle.__doc__ = inspect.getdoc(function)
    noun.route(f"/referrals/<stream>/{rule}", schema, f"referral.{method}", action=actions)(handle)


def _submit(form: Form, case: Case, *, forwarded_from: str | None = None) -> Referral:
    """Begin a referral of a case with what was sent, and note it on the case."""
    stream = form.new_id()
    own = set(form.schema.fields) - ({"informant", "note"} if forwarded_from else set())
    arguments = form.fill(case.beneficiary, strict=case.strict, only=own)
    if form.data.get("consent"):
        person = form.decision.load(Beneficiary, case.beneficiary)
        arguments |= {"consenting": person, "opened_consent": opened_consent(form, person, form.data["consent"])}
    referral = Referral.submit(
        stream,
        on=form.on,
        case=case.id,
        beneficiary=case.beneficiary,
        tier=case.tier,
        village=case.village,
        open_destination_kind=form.data["destination_kind"],
        open_destination=form.data["destination"],
        open_destination_id=form.data.get("destination_id"),
        open_basis=form.data.get("basis"),
        assessed=case.assessed,
        forwarded_from=forwarded_from,
        evidence=form.evidence(stream),
        **fit(Referral.submit, arguments),
    )
    form.decision.begin(referral)
    case.note_referral_opened(on=form.on, referral=stream, forwarded_from=forwarded_from)
    return referral


@noun.route("/cases/<stream>/referrals", schemas.ReferralSubmission, "referral.submit")
def submit(form: Form, stream: str) -> str:
    """Send the subject of a case to a destination. Some kinds ask for an assessment or a letter first; a strictly
    restricted subject needs a consent in force that carries it there, or another basis of the law."""
    case = case_of(form, stream, "referral.record")
    referral = _submit(form, case)
    # Its events come first: an answer given again is about the stream of its first event.
    form.decision.aggregates = {referral.id: referral, **form.decision.aggregates}
    return str(referral.id)


@noun.route("/referrals/<stream>/forwarding", schemas.ReferralForwarding, "referral.forward")
def forward(form: Form, stream: str) -> str:
    """Send the subject on to another destination: this referral ends, the next one begins."""
    referral, case = _referral_of(form, stream)
    following = _submit(form, case, forwarded_from=stream)
    told = form.fill(referral.beneficiary, strict=case.strict, only={"channel", "informant", "note"})
    referral.forward(on=form.on, next_referral=str(following.id), **told)
    case.note_referral_settled(on=form.on, referral=stream, state=referral.state)
    return stream


_step("acceptance", "accept", schemas.ReferralStep, answering=True)
_step("rejection", "reject", schemas.ReferralRejection, answering=True)
_step("return", "return_incomplete", schemas.ReferralReturn, answering=True)
_step("resubmission", "resubmit", schemas.ReferralResubmission)
_step("schedule", "schedule", schemas.ReferralSchedule, answering=True)
_step("handling", "handle", schemas.ReferralStep, answering=True)
_step("completion", "complete", schemas.ReferralCompletion, answering=True)
_step("feedback", "receive_feedback", schemas.ReferralFeedback, answering=True)
_step("withdrawal", "withdraw", schemas.ReferralWithdrawal)
_step("absence", "note_absence", schemas.ReferralStep, answering=True)
_step("expiry", "expire", schemas.ReferralExpiry)


def _days(**options: Any) -> ma.fields.Integer:
    return ma.fields.Integer(validate=ma.validate.Range(0, 36_500), **options)


class ReferralQuery(ListQuery):
    village = fields.village()
    case = fields.identifier()
    beneficiary = fields.identifier()
    state = fields.code()
    destination_kind = fields.code()
    open = ma.fields.Boolean()
    silent = ma.fields.Boolean(metadata={"description": "The time to answer has passed without a word"})
    stuck = _days(metadata={"description": "Open without a step for that many days"})
    age = _days(metadata={"description": "Open for at least that many days"})
    people = ma.fields.Boolean(load_default=False, metadata={"description": "True: who each is about comes along"})


class ReferralSummaryQuery(ReadQuery):
    stuck = _days(load_default=referral_lists.STUCK_DAYS)


# A referral is worked on by the worker of its case.
WORKER = "(SELECT held.worker FROM {cases:today} held WHERE held.key = case_id)"


def reached(reach: Scope) -> tuple[str, dict[str, Any]]:
    """The asker's reach over the rows of referrals."""
    where, values = reach.where("village", worker=WORKER, by="submitted_by", to="destination_id")
    where = f"({where} AND {existing('referrals', counted_below(principal()))})"
    return widened(reach, (where, values), "beneficiary")


@read(blueprint, "/referrals", ReferralQuery, action="referral.read")
def listing(query: dict[str, Any], view: View, reach: Scope) -> tuple[list[dict[str, Any]], str | None]:
    """Referrals within reach, the latest first, with their age and how long nothing has happened."""
    after = cursor_values(query, 2)
    equal = {name: query.get(name) for name in ("village", "beneficiary", "state", "destination_kind", "open")}
    rows = referral_lists.listing(
        view,
        reached(reach),
        day_of(view),
        after=(after[0], after[1]) if after else None,
        limit=query["limit"],
        stuck=query.get("stuck"),
        silent=query.get("silent", False),
        age=query.get("age"),
        case_id=query.get("case"),
        restricted=reach.restricted,
        **{name: int(value) if isinstance(value, bool) else value for name, value in equal.items()},
    )
    following = cursor_for(rows[-1]["submitted_on"], rows[-1]["id"]) if len(rows) == query["limit"] else None
    for row in hidden_since(rows):
        row["worker"] = row.pop("case_worker")
        if row.pop("destination_sealed"):
            row.update(HIDDEN)
    if query.get("destination_kind"):  # a filter tells no more than the list
        rows = [row for row in rows if row["destination_kind"] != STRICT_WORD]
    if query["people"]:
        with_people(view, rows)
    for row in rows:
        del row["worker"]
    return [shared(reach, row) for row in rows], following


#: What a partner may still see of a referral whose consent was withdrawn.
_LEFT = frozenset({"id", "state", "open", "submitted_on", "last_on", "ended_on", "consent_withdrawn", "version"})


def shared(reach: Scope, row: dict[str, Any], worker: str | None = "") -> dict[str, Any]:
    """A referral as its reader may see it. The consent it rests on being withdrawn, a partner who has it only because it
    was sent there learns that, and nothing more about the person; ``worker`` is that of the case, when known."""
    if row["consent_withdrawn"] and row["open"]:
        row["shown_state"] = WITHDRAWN
    ours = msgspec.structs.replace(reach, addressed=False)
    if not row["consent_withdrawn"] or ours.includes(
        row["village"], worker, row["submitted_by"], restricted=row["restricted"]
    ):
        return row
    left = {name: value if name in _LEFT else None for name, value in row.items() if name not in ("steps", "days")}
    return {**left, "shown_state": WITHDRAWN}


@read(blueprint, "/referrals/summary", ReferralSummaryQuery, action="referral.read")
def summary(query: dict[str, Any], view: View, reach: Scope) -> dict[str, Any]:
    """Open referrals by destination and age, the stuck ones by step, the unanswered ones."""
    day, stuck = day_of(view), query["stuck"]
    explain(
        view,
        day,
        summary=f"referrals.{{field}}?stuck={stuck}",
        by_destination=f"referrals.{{field}}?destination_kind={{destination_kind}}&stuck={stuck}",
        by_step=f"referrals.{{field}}?state={{state}}&stuck={stuck}",
    )
    return referral_lists.summary(view, reached(reach), day, stuck)


@read(blueprint, "/referrals/<stream>", action="referral.read")
def one(query: dict[str, Any], view: View, reach: Scope, stream: str) -> dict[str, Any]:
    """One referral with every step, and the days each took."""
    where = in_emergency(view, "referrals", stream) or reached(reach)
    row = referral_lists.one(view, where, stream, day_of(view), restricted=reach.restricted)
    if row is None:
        raise NotFound
    g.version = row["version"] = row.pop("recorded_version") or 0
    g.composite = True
    shown = with_people(view, [open_destination(view, row, row["worker"])])[0]
    return shared(reach, shown, row["worker"])
