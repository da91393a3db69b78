"""Cases over HTTP: from the report to aftercare. A decision creates a noun; every text goes into the vault."""

import inspect
import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import marshmallow as ma
from flask import g
from flask_smorest import Blueprint

from domain.beneficiary import Beneficiary
from domain.case import Case
from domain.refusals import NotFound
from domain.sealed import Sealed
from projections import case_lists
from projections.engine import View
from projections.people_lists import existing
from service.api import case_schemas as schemas
from service.api import fields
from service.api.case_texts import in_emergency, open_case, with_people
from service.api.caseload_limit import worker_must_have_room
from service.api.commands import Form, Noun
from service.api.current import office, principal
from service.api.form import fit, parameters_of
from service.api.known import accounts_must_be_open, must_see, who_has, worker_must_be_cleared
from service.api.people_shown import counted_below
from service.api.reads import ListQuery, cursor_for, cursor_values, read
from service.api.restricted import widened
from service.log.ids import is_id
from service.reach import Scope

blueprint = Blueprint("cases", __name__, url_prefix="/api/v1", description="Cases")
noun = Noun(blueprint, Case, "case.record")
STEERING = ("case.record", "case.assign")


def day_of(view: View) -> date:
    """The office's calendar day at a view's clock."""
    moment = datetime.fromisoformat(view.clock)
    try:
        return moment.astimezone(office().zone).date()
    except OverflowError:  # the very ends of the calendar
        return moment.date()


def version_at(view: View, stream: str) -> int:
    """The last version of a stream that is shown at a view's position, corrections included: its ETag."""
    found = view.one("SELECT MAX(h.version) AS version FROM {history} h WHERE h.stream = :stream", stream=stream)
    return (found and found["version"]) or 0


def case_of(form: Form, stream: str, action: str = "case.record") -> Case:
    """The case, for somebody who may do ``action`` to it. Raises `NotFound`, `Denied`."""
    case = form.load(Case, stream)
    form.require(action, village=case.village, worker=case.worker)
    must_see(form, case, case.worker)
    return case


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise ma.ValidationError({"number": ["Bukan nomor rencana."]})
    return int(text)


def _told(form: Form, case: Case, method: str, opened: Iterable[str] = (), **named: Any) -> dict[str, Any]:
    """The arguments for a method of a case; ``opened`` fields also go along in the open, to decide by."""
    for name, value in named.items():
        if name == "number":
            named[name] = _number(value)
        elif not is_id(value):
            raise ma.ValidationError({name: ["Bukan nomor catatan."]})
    nested = (row for value in form.data.values() if isinstance(value, list) for row in value if isinstance(row, dict))
    accounts_must_be_open(form, [form.data, *nested])
    function = getattr(Case, method)
    expected = parameters_of(function)
    arguments = {**form.fill(case.beneficiary, strict=case.strict), **named, "on": form.on}
    arguments |= {f"open_{name}": form.data.get(name) for name in opened}
    if "by" in expected:
        arguments["by"] = form.account
    if "seen" in expected:
        arguments["seen"] = form.seen
    if "evidence" in expected:
        arguments["evidence"] = form.evidence(case.id)
    return fit(function, arguments)


def _fact(
    rule: str, method: str, schema: type[fields.Schema], *, action: str = "case.record", opened: Iterable[str] = ()
) -> None:
    """A route that calls one method of the case with what was sent and what the URL names."""

    expected = set(re.findall(r"<(\w+)>", rule))

    def handle(form: Form, stream: str, **named: str) -> str:
        if set(named) != expected:
            raise TypeError(f"{rule} names {sorted(expected)}")
        case = case_of(form, stream, action)
        arguments = _told(form, case, method, opened, **named)
        if "worker" in arguments:  # asked to take it over
            worker_must_be_cleared(form, case, arguments["worker"])
        getattr(case, method)(**arguments)
        return stream

    handle.__doc__ = inspect.getdoc(getattr(Case, method))
    noun.route(f"/cases/<stream>{rule}", schema, f"case.{method}", action=action)(handle)


@noun.route("/cases", schemas.CaseOpening, "case.open", action="case.open")
def open_(form: Form) -> str:
    """Take on a person, a family or a community. Refused for a record that is a duplicate or of somebody who died."""
    person = form.load(Beneficiary, form.data["beneficiary"], "case.open")
    elsewhere: str | None = form.data.get("village")
    village = form.served("case.open", elsewhere) if elsewhere else person.village
    form.require("case.open", village=village)
    if person.village != village:  # found away from home: by whoever may serve her there, or has her already
        worker, by = who_has(form, person.id)
        if form.account not in (worker, by):
            form.require("case.open", village=person.village)
    must_see(form, person, who_has(form, person.id)[0])
    person.must_be_served(form.on)
    stream = form.new_id()
    arguments = form.fill(person.id, strict=person.strict)
    arguments |= {"village": village, "subject_kind": person.kind, "tier": person.tier}
    form.decision.begin(Case.open(stream, on=form.on, evidence=form.evidence(stream), **arguments))
    return stream


@noun.route("/cases/<stream>/assignment", schemas.CaseAssignment, "case.assign", action=STEERING)
def assign(form: Form, stream: str) -> str:
    """Give a case that nobody works on to a worker; a worker may take one in her own area herself."""
    case = form.load(Case, stream)
    own = form.data["worker"] == form.account
    form.require("case.record" if own and case.worker is None else "case.assign", village=case.village)
    arguments = _told(form, case, "assign")
    worker_must_be_cleared(form, case, form.data["worker"])
    worker_must_have_room(form, form.data["worker"])
    case.assign(**arguments)
    return stream


@noun.route("/cases/<stream>/transfer", schemas.CaseAssignment, "case.transfer", action=STEERING)
def transfer(form: Form, stream: str) -> str:
    """Hand a case over: by whoever was asked to take it, or by a supervisor."""
    case = form.load(Case, stream)
    asked = case.transfer_to is not None and case.transfer_to == form.data["worker"] == form.account
    if asked:
        form.require("case.record", village=case.village, worker=form.account)
    else:
        form.require("case.assign", village=case.village)
    arguments = _told(form, case, "transfer")
    worker_must_be_cleared(form, case, form.data["worker"])
    worker_must_have_room(form, form.data["worker"])
    case.transfer(**arguments)
    return stream


@noun.route("/cases/<stream>/transfer-refusal", schemas.CaseTransferRefusal, "case.decline_transfer", action=STEERING)
def decline_transfer(form: Form, stream: str) -> str:
    """Decline a transfer that was asked for, or take the request back."""
    case = form.load(Case, stream)
    if form.account in (case.transfer_to, case.transfer_requested_by):
        form.require("case.record", village=case.village, worker=form.account)
    else:
        form.require("case.assign", village=case.village)
    case.decline_transfer(**_told(form, case, "decline_transfer"))
    return stream


@noun.route("/cases/<stream>/assessments", schemas.CaseAssessment, "case.assess")
def assess(form: Form, stream: str) -> str:
    """Assess with the version of the instrument in force on the day. The answers are scored and kept sealed."""
    case = case_of(form, stream)
    case.assess(answers=form.data["details"], **_told(form, case, "assess", ["instrument"]))
    return stream


@noun.route("/cases/<stream>/closure-approval", schemas.CaseApproval, "case.approve_closure", action="case.approve")
def approve_closure(form: Form, stream: str) -> str:
    """End a case as somebody else asked for."""
    case = case_of(form, stream, "case.approve")
    arguments = _told(form, case, "approve_closure")
    if case.ending is not None and case.strict:
        code: Any = case.ending.reason
        if isinstance(code, Sealed):
            code = form.office.vault.open([code.part]).get(code.part, {}).get("reason")
        arguments["reason"] = form.decision.seal(case.beneficiary, {"reason": code}, strict=True)
    case.approve_closure(**arguments)
    return stream


@noun.route("/cases/<stream>/reopening", schemas.CaseReopening, "case.reopen")
def reopen(form: Form, stream: str) -> str:
    """Take a closed case up again, at the person's tier of today; it needs a new assessment before a new plan."""
    case = case_of(form, stream)
    person = form.decision.load(Beneficiary, case.beneficiary)
    if case.terminated and case.tier < person.tier:
        case.raise_tier(on=form.on, tier=person.tier)
    case.reopen(**_told(form, case, "reopen"))
    return stream


_fact("/transfer-request", "request_transfer", schemas.CaseTransferRequest)
_fact("/restriction", "raise_tier", schemas.CaseRestriction)
_fact("/risk", "change_risk", schemas.CaseRiskChange)
_fact("/risk-decision", "settle_risk", schemas.CaseRiskDecision, action="case.approve")
_fact("/conferences", "hold_conference", schemas.CaseConference)
_fact("/plans", "propose_plan", schemas.CasePlan)
_fact("/assessment-approval", "approve_assessment", schemas.CaseApproval, action="case.approve")
_fact("/assessment-return", "return_assessment", schemas.CaseReturn, action="case.approve")
_fact("/plans/<number>/approval", "approve_plan", schemas.CaseApproval, action="case.approve")
_fact("/plans/<number>/return", "return_plan", schemas.CaseReturn, action="case.approve")
_fact("/closure", "terminate", schemas.CaseClosure, opened=["reason"])
_fact("/closure-return", "return_closure", schemas.CaseReturn, action="case.approve")
_fact("/emergency-aid", "give_emergency_aid", schemas.CaseEmergencyAid, opened=["item"])
_fact("/services", "deliver_service", schemas.CaseService, opened=["kind", "item"])
_fact("/visits", "plan_visit", schemas.CaseVisitPlan)
_fact("/visits/<visit>/completion", "record_visit", schemas.CaseVisitCompletion)
_fact("/visits/<visit>/missed", "miss_visit", schemas.CaseVisitMiss)
_fact("/reviews", "review_progress", schemas.CaseReview)
_fact("/tasks", "give_task", schemas.CaseTask)
_fact("/tasks/<task>/changes", "change_task", schemas.CaseTaskChange)
_fact("/tasks/<task>/completion", "finish_task", schemas.CaseTaskCompletion)
_fact("/tasks/<task>/cancellation", "drop_task", schemas.CaseTaskDrop)
_fact("/aftercare", "visit_aftercare", schemas.CaseAftercare)


class CaseQuery(ListQuery):
    village = fields.village()
    worker = fields.identifier()
    beneficiary = fields.identifier()
    open = ma.fields.Boolean()
    overdue = ma.fields.Boolean()
    risk = fields.code()
    stage = fields.code()
    plan_pending = ma.fields.Boolean(metadata={"description": "A plan of it waits to be approved"})
    assessment_pending = ma.fields.Boolean(metadata={"description": "Its assessment waits to be approved"})
    closure_pending = ma.fields.Boolean(metadata={"description": "Its end was asked for and waits"})
    disputed = ma.fields.Boolean(metadata={"description": "Two answers about its risk stand side by side"})
    assigned = ma.fields.Boolean(metadata={"description": "Somebody works on it, or nobody"})
    order = fields.code(
        ("opened", "due"),
        load_default="opened",
        metadata={"description": "The latest opened first, or what is due first"},
    )
    people = ma.fields.Boolean(load_default=True, metadata={"description": "False: nobody's data are opened"})


def reached(reach: Scope) -> tuple[str, dict[str, Any]]:
    """The asker's reach over the rows of cases."""
    where, values = reach.where("village", worker="worker")
    return widened(reach, (f"({where} AND {existing('cases', counted_below(principal()))})", values), "beneficiary")


@read(blueprint, "/cases", CaseQuery, action="case.read")
def listing(query: dict[str, Any], view: View, reach: Scope) -> tuple[list[dict[str, Any]], str | None]:
    """Cases within reach, the latest first or as ``order`` says, with what is due next and whether it is overdue."""
    after, by_due = cursor_values(query, 2), query["order"] == "due"
    asked = (
        *("village", "worker", "beneficiary", "risk", "stage", "open", "overdue", "assigned"),
        *("plan_pending", "assessment_pending", "closure_pending", "disputed"),
    )
    equal: dict[str, Any] = {name: int(v) if isinstance(v := query.get(name), bool) else v for name in asked}
    rows = case_lists.listing(
        view,
        reached(reach),
        day_of(view),
        restricted=reach.restricted,
        after=(after[0], after[1]) if after else None,
        limit=query["limit"],
        by_due=by_due,
        **equal,
    )
    full = len(rows) == query["limit"]
    following = cursor_for(*case_lists.place_of(rows[-1], by_due=by_due)) if full else None
    return with_people(view, rows) if query["people"] else rows, following


@read(blueprint, "/cases/<stream>", action="case.read")
def one(query: dict[str, Any], view: View, reach: Scope, stream: str) -> dict[str, Any]:
    """One case: its state, tasks and visits, plans with their goals, and referrals. Texts only for whoever may read
    them (``texts_shown``)."""
    where = in_emergency(view, "cases", stream) or reached(reach)
    row = case_lists.one(view, where, stream, day_of(view), restricted=reach.restricted)
    if row is None:
        raise NotFound
    g.version = row["version"] = row.pop("recorded_version") or 0
    g.composite = True
    return open_case(view, row)
