"""Accounts over HTTP: opening and closing them, roles with dates and areas, passwords, tokens.

A password and a token's secret are no events: they are set here and never shown again.
"""

from typing import Any

import marshmallow as ma
import msgspec
from flask import Response, request
from flask_smorest import Blueprint

from domain.account import ROLES, Account
from domain.refusals import NotFound
from projections import account_lists
from projections.engine import View
from service.api import fields
from service.api.commands import Form, Noun
from service.api.current import office, principal
from service.api.form import fit
from service.api.problems import problem
from service.api.reads import ListQuery, cursor_for, cursor_values, read
from service.identity import LOGIN, LockedOut, SignInRefused
from service.log.ids import is_id, new_id
from service.reach import Scope, allowed

blueprint = Blueprint("accounts", __name__, url_prefix="/api/v1", description="Accounts, roles, tokens")
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


@noun.route("/accounts", AccountOpening, "account.open")
def open_account(form: Form) -> str:
    """Open an account. Its sign-in name is its own for ever."""
    form.require("account.manage")
    stream = form.new_id()
    form.decision.begin(Account.open(stream, on=form.on, login=form.data["login"], name=form.data["name"]))
    form.decision.reserve(LOGIN, form.data["login"], stream)
    return stream


@noun.route("/accounts/<stream>/grants", Granting, "account.grant_role")
def grant_role(form: Form, stream: str) -> str:
    """Give an account a role for some areas, from a day (today when left out) until a last day."""
    form.require("account.grant")
    account = form.load(Account, stream)
    form.data.setdefault("grant", new_id())
    form.data.setdefault("valid_from", form.on)
    arguments = {**form.fill(stream), "on": form.on, "evidence": form.evidence(stream)}
    account.grant_role(**fit(Account.grant_role, arguments))
    return stream


noun.simple("/accounts/<stream>/revocations", "revoke_role", Revocation, action="account.grant")
noun.simple("/accounts/<stream>/closure", "close", AccountNote)
noun.simple("/accounts/<stream>/reopening", "reopen", fields.EvidencedSchema)


@read(blueprint, "/accounts", ListQuery, action="account.read")
def listing(query: dict[str, Any], view: View, reach: Scope) -> tuple[list[dict[str, Any]], str | None]:
    """Accounts by sign-in name, with every role they were given."""
    after = cursor_values(query, 1)
    rows = account_lists.listed(view, limit=query["limit"], after=after[0] if after else "")
    return rows, cursor_for(rows[-1]["login"]) if len(rows) == query["limit"] else None


class Password(fields.Schema):
    """``current`` is asked of everybody who changes the own password."""

    password = ma.fields.String(required=True, validate=ma.validate.Length(1, 200), load_only=True)
    current = ma.fields.String(validate=ma.validate.Length(1, 200), load_only=True)


class TokenRequest(fields.Schema):
    label = fields.text(80, required=True)
    days = fields.whole(1, 366, load_default=90)


class TokenSchema(ma.Schema):
    """Times are milliseconds since 1970. ``token`` is shown once, when it is issued."""

    id = ma.fields.String()
    account = ma.fields.String()
    label = ma.fields.String()
    created = ma.fields.Integer()
    expires = ma.fields.Integer()
    revoked = ma.fields.Integer(allow_none=True)
    last_used = ma.fields.Integer(allow_none=True)
    token = ma.fields.String()


def _may(stream: str, *, manage: str = "account.manage") -> bool:
    """Whether whoever asks is this account, or manages accounts."""
    return is_id(stream) and (principal().account == stream or allowed(principal(), manage))


def _not_allowed() -> Response:
    return problem(403, detail="Anda tidak berwenang melakukan ini.", rule="not_allowed")


def _documented(*statuses: int) -> Any:
    def wrap(function: Any) -> Any:
        for status in statuses:
            function = blueprint.alt_response(status, schema="ProblemSchema", content_type="application/problem+json")(
                function
            )
        return function

    return wrap


@blueprint.route("/accounts/<stream>/password", methods=["POST"])
@blueprint.arguments(Password)
@blueprint.response(204)
@_documented(403, 404, 409, 422, 429)
def set_password(data: dict[str, Any], stream: str) -> Any:
    """Set a password: one's own, with the current one, or anybody's as administrator. Closes the account's sessions."""
    who, here = principal(), office()
    if not _may(stream):
        return _not_allowed()
    if who.account == stream:
        try:
            opened = here.identity.sign_in(who.login, data.get("current") or "", request.remote_addr or "")
        except LockedOut as error:
            wait = [("Retry-After", str(error.retry_after))]
            return problem(429, detail="Terlalu banyak percobaan; tunggu sebentar.", rule="locked_out", headers=wait)
        except SignInRefused:
            return problem(403, detail="Kata sandi yang sekarang tidak cocok.", rule="current_password_wrong")
        here.identity.sign_out(opened)
    here.identity.set_password(stream, data["password"])
    return Response(status=204)


@blueprint.route("/accounts/<stream>/sessions", methods=["DELETE"])
@blueprint.response(204)
@_documented(403)
def end_sessions(stream: str) -> Any:
    """Close every session of an account, on every worker."""
    if not _may(stream):
        return _not_allowed()
    office().identity.sign_out_everywhere(stream)
    return Response(status=204)


@blueprint.route("/accounts/<stream>/tokens", methods=["POST"])
@blueprint.arguments(TokenRequest)
@blueprint.response(201, TokenSchema)
@_documented(403, 404, 409, 422)
def issue_token(data: dict[str, Any], stream: str) -> Any:
    """Issue a bearer token for a program; its text is shown this once."""
    if not _may(stream):
        return _not_allowed()
    identity = office().identity
    text = identity.issue_token(stream, data["label"], data["days"])
    name = text.split("_")[1]
    row = next(row for row in identity.tokens(stream) if row.id == name)
    return {**msgspec.structs.asdict(row), "token": text}


@blueprint.route("/accounts/<stream>/tokens", methods=["GET"])
@blueprint.response(200, TokenSchema(many=True))
@_documented(403)
def tokens(stream: str) -> Any:
    """The tokens of an account, newest first, without their secrets."""
    if not _may(stream, manage="account.read"):
        return _not_allowed()
    return [msgspec.structs.asdict(row) for row in office().identity.tokens(stream)]


@blueprint.route("/tokens/<token>", methods=["DELETE"])
@blueprint.response(204)
@_documented(403, 404)
def revoke_token(token: str) -> Any:
    """Make a token worthless at once."""
    identity = office().identity
    owner = next((row.account for row in identity.tokens() if row.id == token), None)
    if owner is None:
        raise NotFound
    if not _may(owner):
        return _not_allowed()
    identity.revoke_token(token)
    return Response(status=204)
