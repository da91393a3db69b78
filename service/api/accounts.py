"""Accounts over HTTP: opening and closing them, roles with dates and areas."""

from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from domain.account import ROLES, Account
from domain.compartments import COMPARTMENTS
from projections import account_lists
from projections.engine import View
from service.access import WORKERS
from service.api import fields
from service.api.cases import day_of
from service.api.commands import Form, Noun
from service.api.form import fit
from service.api.reads import ListQuery, cursor_for, cursor_values, read
from service.identity import LOGIN
from service.log.ids import new_id
from service.reach import Scope

blueprint = Blueprint("accounts", __name__, url_prefix="/api/v1", description="Accounts and roles")
noun = Noun(blueprint, Account, "account.manage")


class AccountOpening(fields.CommandSchema):
    id = fields.identifier()
    login = fields.text(40, required=True)
    name = fields.text(required=True)


class Granting(fields.EvidencedSchema):
    """``areas`` are codes of villages or kecamatan; none means the whole kabupaten."""

    grant = fields.identifier()
    role = fields.code(ROLES.versions[-1].codes, required=True)
    title = fields.text(required=True)
    areas = ma.fields.List(fields.text(13), validate=ma.validate.Length(max=250))
    valid_from = fields.day()
    valid_until = fields.day()


class Revocation(fields.EvidencedSchema):
    grant = fields.identifier(required=True)
    note = fields.sealed()


class AccountNote(fields.EvidencedSchema):
    note = fields.sealed()


class Clearing(fields.EvidencedSchema):
    """``evidence`` names the paper by which the office decided it."""

    clearance = fields.identifier()
    compartment = fields.code(COMPARTMENTS.versions[-1].codes, required=True)
    valid_from = fields.day()
    valid_until = fields.day()


class ClearanceRevocation(fields.EvidencedSchema):
    clearance = fields.identifier(required=True)
    note = fields.sealed()


@noun.route("/accounts", AccountOpening, "account.open")
def open_account(form: Form) -> str:
    """Open an account. Its sign-in name is its own for ever."""
    form.require("account.manage")
    stream = form.new_id()
    form.decision.begin(Account.open(stream, on=form.on, login=form.data["login"], name=form.data["name"]))
    form.decision.reserve(LOGIN, form.data["login"], stream)
    return stream


@noun.route("/accounts/<stream>/grants", Granting, "account.grant_role", action="account.grant")
def grant_role(form: Form, stream: str) -> str:
    """Give another account a role for some areas, from a day (today when left out) until a last day."""
    form.require("account.grant")
    account = form.load(Account, stream)
    form.data.setdefault("grant", new_id())
    form.data.setdefault("valid_from", form.on)
    arguments = {**form.fill(stream), "on": form.on, "evidence": form.evidence(stream), "by": form.account}
    account.grant_role(**fit(Account.grant_role, arguments))
    return stream


@noun.route("/accounts/<stream>/clearances", Clearing, "account.grant_clearance", action="account.clear")
def grant_clearance(form: Form, stream: str) -> str:
    """Clear another account for one compartment of the strictly restricted tier, on a paper, from a day (today when left
    out) until a last day. Who is in several compartments is opened by those cleared for all of them."""
    form.require("account.clear")
    account = form.load(Account, stream)
    form.data.setdefault("clearance", new_id())
    form.data.setdefault("valid_from", form.on)
    arguments = {**form.fill(stream), "on": form.on, "evidence": form.evidence(stream), "by": form.account}
    account.grant_clearance(**fit(Account.grant_clearance, arguments))
    return stream


noun.simple("/accounts/<stream>/clearance-revocations", "revoke_clearance", ClearanceRevocation, action="account.clear")
noun.simple("/accounts/<stream>/revocations", "revoke_role", Revocation, action="account.grant")
noun.simple("/accounts/<stream>/closure", "close", AccountNote)
noun.simple("/accounts/<stream>/reopening", "reopen", fields.EvidencedSchema)


class AccountQuery(ListQuery):
    roles = ma.fields.Boolean(load_default=True, metadata={"description": "False: without roles and clearances"})


@read(blueprint, "/accounts", AccountQuery, action="account.read")
def listing(query: dict[str, Any], view: View, reach: Scope) -> tuple[list[dict[str, Any]], str | None]:
    """Accounts by sign-in name, with every role and clearance they were given."""
    after = cursor_values(query, 1)
    asked = account_lists.listed if query["roles"] else account_lists.accounts
    rows = asked(view, limit=query["limit"], after=after[0] if after else "")
    return rows, cursor_for(rows[-1]["login"]) if len(rows) == query["limit"] else None


@read(blueprint, "/officers", ListQuery, action="case.read")
def officers(query: dict[str, Any], view: View, reach: Scope) -> tuple[list[dict[str, Any]], str | None]:
    """Officers who may be given a case, a task or a visit that day, by account, with their names and posts."""
    after = cursor_values(query, 1)
    rows = account_lists.officers(view, WORKERS, day_of(view), limit=query["limit"], after=after[0] if after else "")
    return rows, cursor_for(rows[-1]["account"]) if len(rows) == query["limit"] else None


@read(blueprint, "/partners", ListQuery, action="referral.record")
def partners(query: dict[str, Any], view: View, reach: Scope) -> tuple[list[dict[str, Any]], str | None]:
    """Partners who answer that day what is addressed to their account, by account, with their names and posts."""
    after = cursor_values(query, 1)
    rows = account_lists.officers(view, ("mitra",), day_of(view), limit=query["limit"], after=after[0] if after else "")
    return rows, cursor_for(rows[-1]["account"]) if len(rows) == query["limit"] else None
