"""Requests of people about their data over HTTP: recorded by whoever is asked, answered by the data protection officer.

What a yes means is done in the same command: processing restricted, consents withdrawn. An erasure goes on as a proposal
to destroy.
"""

from typing import Any

import marshmallow as ma
from flask import g
from flask_smorest import Blueprint

from domain.beneficiary import Beneficiary
from domain.consent_codes import GIVERS, WAYS
from domain.refusals import NotFound
from domain.subject_request import SubjectRequest
from domain.subject_request_codes import (
    ASKERS,
    CHANNELS,
    CLOSINGS,
    GROUNDS,
    IDENTITY_CHECKS,
    KINDS,
    PAUSES,
)
from projections import history_lists, subject_request_lists
from projections.engine import View
from projections.subject_requests import subject_requests
from service import subject_report
from service.api import fields
from service.api.cases import version_at
from service.api.commands import Form, Noun
from service.api.current import log_head, office
from service.api.form import fit
from service.api.known import who_has
from service.api.reads import ListQuery, ReadQuery, cursor_for, cursor_values, read
from service.api.rows import truths
from service.log.vault import DESTROYED
from service.reach import Scope, allowed

blueprint = Blueprint(
    "subject_requests", __name__, url_prefix="/api/v1/subject-requests", description="Requests about one's own data"
)
noun = Noun(blueprint, SubjectRequest, "subject_request.record")


class Asking(fields.EvidencedSchema):
    """``requester`` is who asks, and how to reach them, when that is not the person herself."""

    id = fields.identifier()
    subject = fields.identifier(required=True)
    kind = fields.code(KINDS.versions[-1].codes, required=True)
    asker = fields.strict(fields.code(ASKERS.versions[-1].codes, required=True))
    channel = fields.code(CHANNELS.versions[-1].codes, required=True)
    requester = fields.sealed(fields.text(500))
    details = fields.sealed()


class IdentityCheck(fields.EvidencedSchema):
    how = fields.code(IDENTITY_CHECKS.versions[-1].codes, required=True)
    note = fields.sealed()


class Pause(fields.CommandSchema):
    reason = fields.code(PAUSES.versions[-1].codes, required=True)
    note = fields.sealed()


class Resumption(fields.CommandSchema):
    note = fields.sealed()


class Grant(fields.EvidencedSchema):
    """``consents``: those to withdraw, all that are in force when left out; ``how`` and ``giver`` say how they are
    withdrawn. ``destruction`` is the proposal that an erasure leads to."""

    destruction = fields.identifier()
    consents = ma.fields.List(fields.identifier(), validate=ma.validate.Length(1, 100))
    how = fields.code(WAYS.versions[-1].codes, load_default="tanda_tangan")
    giver = fields.strict(fields.code(GIVERS.versions[-1].codes, load_default="yang_bersangkutan"))
    witness = fields.sealed(fields.text())
    note = fields.sealed()


class Refusal(fields.EvidencedSchema):
    ground = fields.code(GROUNDS.versions[-1].codes, required=True)
    reason = fields.sealed(required=True)


class Fulfilment(fields.EvidencedSchema):
    """Of what was handed over: its SHA-256 as the report gives it, and how much was in it."""

    sha256 = ma.fields.String(validate=ma.validate.Regexp(r"\A[0-9a-f]{64}\Z"))
    entries = fields.whole(0, 10**9)
    files = fields.whole(0, 10**6)
    corrections = fields.whole(0, 10**6)
    destruction = fields.identifier()
    note = fields.sealed()


class Closing(fields.CommandSchema):
    outcome = fields.code(CLOSINGS.versions[-1].codes, required=True)
    note = fields.sealed()


@noun.route("", Asking, "subject_request.open", action="subject_request.open")
def open_(form: Form) -> str:
    """Record what somebody asks of her data: the clock of the law begins with this."""
    # Also about somebody whose processing is restricted: the rights of a person are not.
    person = form.decision.load(Beneficiary, form.data["subject"])
    worker, by = who_has(form, person.id)
    if not allowed(form.principal, "subject_request.open", village=person.village, worker=worker, by=by):
        raise NotFound  # as for an id that nobody has
    stream = form.new_id()
    arguments = form.fill(person.id, strict=person.strict)
    arguments |= {"tier": person.tier, "died": person.died_on is not None, "on": form.on}
    arguments |= {"open_asker": form.data["asker"], "evidence": form.evidence(stream)}
    form.decision.begin(SubjectRequest.open(stream, **arguments))
    return stream


def _request_of(form: Form, stream: str) -> SubjectRequest:
    request = form.load(SubjectRequest, stream)
    form.require("subject_request.record")
    return request


def _step(rule: str, method: str, schema: type[fields.Schema]) -> None:
    """A route that calls one method of the request with what was sent."""
    function = getattr(SubjectRequest, method)

    def handle(form: Form, stream: str) -> str:
        request = _request_of(form, stream)
        arguments = {**form.fill(request.subject, strict=request.strict), "on": form.on}
        if "evidence" in schema().fields:
            arguments["evidence"] = form.evidence(stream)
        getattr(request, method)(**fit(function, arguments))
        return stream

    handle.__doc__ = function.__doc__
    noun.route(f"/<stream>{rule}", schema, f"subject_request.{method}")(handle)


_step("/identity-confirmation", "confirm_identity", IdentityCheck)
_step("/pause", "pause", Pause)
_step("/resumption", "resume", Resumption)
_step("/refusal", "refuse", Refusal)
_step("/fulfilment", "fulfil", Fulfilment)
_step("/closure", "close", Closing)


@noun.route("/<stream>/grant", Grant, "subject_request.grant")
def grant(form: Form, stream: str) -> str:
    """Say yes. A restriction and a withdrawal are carried out by this: on every record that is known to be the person's."""
    request = _request_of(form, stream)
    given = form.fill(request.subject, strict=request.strict, only={"destruction", "note"})
    request.grant(on=form.on, evidence=form.evidence(stream), **given)
    if request.kind in ("restriction", "withdrawal"):
        with form.office.views.at() as view:
            records = history_lists.linked_records(view, request.subject)
        for record in records:
            person = form.decision.load(Beneficiary, record)  # the request itself is the right to it
            if request.kind == "withdrawal":
                _withdraw(form, person, stream)
            elif not person.restricted:
                person.restrict_processing(on=form.on, ground="permintaan", request=stream)
    return stream


def _withdraw(form: Form, person: Beneficiary, request: str) -> None:
    wanted = form.data.get("consents")
    for consent, known in person.consents.items():
        if not known.withdrawn and (wanted is None or consent in wanted):
            said = form.fill(person.id, strict=person.strict, only={"how", "giver", "witness"})
            said |= {"on": form.on, "request": request, "open_giver": form.data["giver"]}
            person.withdraw_consent(consent=consent, **said)


class RequestQuery(ListQuery):
    kind = fields.code(KINDS.versions[-1].codes)
    state = fields.code(("dibuka", "dikabulkan", "ditolak", "dipenuhi", "ditutup"))
    subject = fields.identifier()
    open = ma.fields.Boolean()
    overdue = ma.fields.Boolean(metadata={"description": "Not carried out in the time allowed, at the answer's clock"})


@read(blueprint, "", RequestQuery, action="subject_request.read")
def listing(query: dict[str, Any], view: View, reach: Scope) -> tuple[list[dict[str, Any]], str | None]:
    """The register of requests, the latest first, each with when it is due and whether it is overdue."""
    after = cursor_values(query, 2)
    equal = {name: query.get(name) for name in ("kind", "state", "subject", "open")}
    rows = subject_request_lists.listed(
        view,
        limit=query["limit"],
        after=(after[0], after[1]) if after else None,
        overdue=query.get("overdue"),
        **{name: int(value) if isinstance(value, bool) else value for name, value in equal.items()},
    )
    following = cursor_for(rows[-1]["opened_at"], rows[-1]["key"]) if len(rows) == query["limit"] else None
    return [_shown(row) for row in subject_request_lists.placed(view, rows)], following


def _shown(row: dict[str, Any], opened: dict[str, dict[str, Any]] | None = None) -> dict[str, Any]:
    shown = {"id": row["key"], **truths(row, subject_requests)}
    for name in ("key", "since", "asked", "answer"):
        del shown[name]
    if opened is not None:
        for part, names in ((row["asked"], ("asker", "requester", "details")), (row["answer"], ("reason",))):
            said = opened.get(part or "")
            for name in names if part else ():
                shown[name] = shown.get(name) or (said.get(name) if said is not None else DESTROYED)
    return shown


@read(blueprint, "/<stream>", ReadQuery, action="subject_request.read")
def one(query: dict[str, Any], view: View, reach: Scope, stream: str) -> dict[str, Any]:
    """One request, with who asked and what was answered."""
    row = subject_request_lists.one(view, stream)
    if row is None:
        raise NotFound
    g.version = version_at(view, stream)
    subject_request_lists.placed(view, [row])
    return _shown(row, office().vault.open(part for part in (row["asked"], row["answer"]) if part))


class ReportQuery(ReadQuery):
    """A report tells of every reading up to now: it waits for the head of the log."""

    @ma.post_load
    def to_the_head(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "after": log_head().position}


@read(blueprint, "/<stream>/report", ReportQuery, action="subject_request.report")
def report(query: dict[str, Any], view: View, reach: Scope, stream: str) -> dict[str, Any]:
    """Everything the office holds about the person who asks, opened: as text to read and as a document for machines, with
    its hash, and with who recorded and who opened something about her. Other people's data in it are masked. Only once it
    is known who asks."""
    return subject_report.of_request(office(), view, stream)
