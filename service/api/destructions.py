"""Destructions over HTTP: proposed by one, approved by two others, minuted; carried out by `wahana destroy` alone."""

from typing import Any

import marshmallow as ma
from flask import g
from flask_smorest import Blueprint

from domain.beneficiary import Beneficiary
from domain.destruction import Destruction
from domain.destruction_state import NotBegun
from domain.refusals import NotFound
from projections import retention_lists
from projections.engine import View
from service.api import fields
from service.api.cases import version_at
from service.api.commands import Form, Noun
from service.api.current import office, principal
from service.api.reads import read
from service.api.restricted import without
from service.certificate import certificate
from service.destroying import candidates, schedule_of
from service.reach import Scope, hidden_from, scope

MOST_PEOPLE = 500
blueprint = Blueprint("destructions", __name__, url_prefix="/api/v1/destructions", description="Lawful destruction")
noun = Noun(blueprint, Destruction, "destruction.propose")


class Proposal(fields.EvidencedSchema):
    """``subjects`` are people of one kind whose period is over."""

    id = fields.identifier()
    subjects = ma.fields.List(fields.identifier(), required=True, validate=ma.validate.Length(1, MOST_PEOPLE))
    note = fields.sealed()


class Approval(fields.EvidencedSchema):
    note = fields.sealed()


class ProposalRefusal(fields.EvidencedSchema):
    reason = fields.sealed(required=True)


class Minutes(fields.EvidencedSchema):
    """Number and date of the berita acara; its file comes as a paper."""

    berita_acara = fields.text(required=True)
    dated = fields.day(required=True)


@noun.route("", Proposal, "destruction.propose")
def propose(form: Form) -> str:
    """Propose to destroy what is known of some people. Refused under hold, inside the period, and twice."""
    form.require("destruction.propose")
    stream = form.new_id()
    arguments = form.fill(stream)
    for one in arguments["subjects"]:
        form.load(Beneficiary, one, "destruction.propose")  # raises what is raised for whom she may not know of
    people = candidates(form.office, form.decision, arguments.pop("subjects"))
    form.decision.begin(
        Destruction.propose(
            stream,
            on=form.today,
            by=form.account,
            retention=schedule_of(form.decision),
            candidates=people,
            evidence=form.evidence(stream),
            **arguments,
        )
    )
    return stream


@noun.route("/<stream>/approvals", Approval, "destruction.approve", action="destruction.decide")
def approve(form: Form, stream: str) -> str:
    """Approve as one of two, neither of whom proposed it."""
    form.require("destruction.decide")
    found = form.load(Destruction, stream)
    people = [form.decision.load(Beneficiary, one.id) for one in found.subjects]
    arguments = {**form.fill(stream), "evidence": form.evidence(stream)}
    found.approve(on=form.today, by=form.account, people=people, **arguments)
    return stream


@noun.route("/<stream>/refusal", ProposalRefusal, "destruction.refuse", action="destruction.decide")
def refuse(form: Form, stream: str) -> str:
    """Refuse a proposal, as somebody else than who proposed it, as long as nothing was destroyed."""
    form.require("destruction.decide")
    found = form.load(Destruction, stream)
    found.refuse(on=form.today, by=form.account, evidence=form.evidence(stream), **form.fill(stream))
    return stream


@noun.route("/<stream>/minutes", Minutes, "destruction.record_minutes", action="destruction.decide")
def record_minutes(form: Form, stream: str) -> str:
    """Record the berita acara of an approved destruction. Then `wahana destroy` may carry it out."""
    form.require("destruction.decide")
    found = form.load(Destruction, stream)
    found.record_minutes(on=form.today, evidence=form.evidence(stream), **form.fill(stream))
    return stream


def _named(view: View, told: dict[str, Any], people: list[str]) -> Any:
    """What is told, without the ids of those of ``people`` who do not exist for whoever asks; how many they are, their
    period and what was removed of each stay, because a list of what is destroyed has to be whole (UU 43/2009 art. 51)."""
    who = principal()
    if scope(who, "beneficiary.read").restricted:  # the data protection officer, who answers for it
        return told
    tiers = view.rows("SELECT p.key, p.tier FROM {people:today} p WHERE p.key IN :people", people=people)
    return without(told, [row["key"] for row in tiers if row["tier"] >= hidden_from(who)])


def _approvers(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "approvers": [account for account in row["approvers"].split(",") if account]}


@read(blueprint, "", action="destruction.read")
def listing(query: dict[str, Any], view: View, reach: Scope) -> list[dict[str, Any]]:
    """Every destruction with its state, the latest first."""
    return [_approvers(row) for row in retention_lists.destructions(view)]


@read(blueprint, "/<stream>", action="destruction.read")
def one(query: dict[str, Any], view: View, reach: Scope, stream: str) -> dict[str, Any]:
    """One destruction with its people; whoever asks learns no id of somebody who does not exist for her."""
    found = retention_lists.destruction(view, stream)
    if found is None:
        raise NotFound
    g.version = found["version"] = version_at(view, stream)
    return dict(_named(view, _approvers(found), [row["subject"] for row in found["subjects"]]))


@read(blueprint, "/<stream>/certificate", action="destruction.read")
def certified(query: dict[str, Any], view: View, reach: Scope, stream: str) -> dict[str, Any]:
    """The certificate of a destruction that was carried out; ``text`` is the page to print."""
    told = certificate(office(), stream)
    if told["carried_out"]["position"] > view.position:
        raise NotBegun
    return dict(_named(view, told, [one["id"] for one in told["people"]]))
