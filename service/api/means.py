"""Passwords, sessions, tokens and resets over HTTP. Secrets are set here and shown once, when they are made.

These routes take no ``Idempotency-Key``: an answer that shows a secret is not kept and cannot be given again.
"""

from typing import Any

import marshmallow as ma
import msgspec
from flask import Response
from flask_smorest import Blueprint

from domain.account import Account
from domain.account_means import MEANS
from domain.refusals import NotFound
from projections import account_lists
from projections.engine import View
from service.access_tokens import NAMES, READ
from service.api import fields
from service.api.answers import may_refuse
from service.api.commands import Form, Noun
from service.api.current import asked, office, principal
from service.api.reads import ListQuery, cursor_for, cursor_values, read
from service.api.sign_in import at_the_door, confirmed, own_session, said
from service.log.ids import is_id, new_id
from service.reach import Scope, allowed

blueprint = Blueprint("means", __name__, url_prefix="/api/v1", description="Passwords, sessions, tokens, resets")
noun = Noun(blueprint, Account, "account.reset")


class Password(fields.Schema):
    password = ma.fields.String(required=True, validate=ma.validate.Length(1, 200), load_only=True)
    current = ma.fields.String(required=True, validate=ma.validate.Length(1, 200), load_only=True)


class DeviceSchema(ma.Schema):
    """A session that holds. Times are milliseconds since 1970; ``current`` is the one that asks."""

    id = ma.fields.String()
    created = ma.fields.Integer()
    last_seen = ma.fields.Integer()
    address = ma.fields.String(metadata={"description": "The network it was opened from"})
    agent = ma.fields.String(metadata={"description": "The sort of browser"})
    factor = ma.fields.String()
    current = ma.fields.Boolean()


class TokenRequest(fields.Schema):
    """``actions`` are of the policy table; `read` stands for all that only read, `all` for whatever the account may."""

    label = fields.text(80, required=True)
    days = fields.whole(1, 366, load_default=90)
    actions = ma.fields.List(fields.code(NAMES), validate=ma.validate.Length(1, 60), load_default=[READ])


class TokenSchema(ma.Schema):
    """Times are milliseconds since 1970. ``token`` is shown once, when it is issued."""

    id = ma.fields.String()
    account = ma.fields.String()
    label = ma.fields.String()
    created = ma.fields.Integer()
    expires = ma.fields.Integer()
    revoked = ma.fields.Integer(allow_none=True)
    last_used = ma.fields.Integer(allow_none=True)
    actions = ma.fields.List(ma.fields.String())
    token = ma.fields.String()


class ResetRequest(fields.CommandSchema):
    reset = fields.identifier()
    means = fields.code(MEANS, required=True)


class ResetCodeSchema(ma.Schema):
    """Shown once, to be given to the holder. ``expires`` is in milliseconds since 1970."""

    code = ma.fields.String()
    expires = ma.fields.Integer()


def _may(stream: str, manage: str) -> bool:
    """Whether whoever asks manages accounts, or is this one and signed in as a person."""
    own = principal().account == stream and bool(asked().device)
    return is_id(stream) and (own or allowed(principal(), manage))


@blueprint.route("/accounts/<stream>/password", methods=["POST"])
@blueprint.arguments(Password)
@blueprint.response(204)
@may_refuse(blueprint, (401, 403, 404, 409, 422, 429))
@at_the_door
def set_password(data: dict[str, Any], stream: str) -> Any:
    """Set one's own password, with the current one. Closes the account's sessions; its tokens stay, and are listed."""
    if refused := own_session(stream) or confirmed(data["current"]):
        return refused
    office().identity.means.set_password(stream, data["password"], by=principal())
    return Response(status=204)


@blueprint.route("/accounts/<stream>/sessions", methods=["GET"])
@blueprint.response(200, DeviceSchema(many=True))
@may_refuse(blueprint, (401, 403))
def devices(stream: str) -> Any:
    """One's own sessions, the one used last first."""
    if refused := own_session(stream):
        return refused
    found = office().identity.devices(stream)
    return [{**msgspec.structs.asdict(one), "current": one.id == asked().device} for one in found]


@blueprint.route("/accounts/<stream>/sessions", methods=["DELETE"])
@blueprint.response(204)
@may_refuse(blueprint, (401, 403))
def end_sessions(stream: str) -> Any:
    """Close every session of an account but the one that asks, on every worker."""
    if not _may(stream, "account.manage"):
        return said("not_allowed")
    office().identity.sign_out_everywhere(stream, but=asked().device or "-")
    return Response(status=204)


@blueprint.route("/accounts/<stream>/sessions/<device>", methods=["DELETE"])
@blueprint.response(204)
@may_refuse(blueprint, (401, 403, 404))
def end_session(stream: str, device: str) -> Any:
    """Close one session of one's own."""
    if refused := own_session(stream):
        return refused
    office().identity.sign_out_device(stream, device)
    return Response(status=204)


@blueprint.route("/accounts/<stream>/tokens", methods=["POST"])
@blueprint.arguments(TokenRequest)
@blueprint.response(201, TokenSchema)
@may_refuse(blueprint, (401, 403, 404, 409, 422))
def issue_token(data: dict[str, Any], stream: str) -> Any:
    """Issue a bearer token for a program of one's own; its text is shown this once.

    It does no more than its account may and no more than its actions. A token cannot issue another.
    """
    if refused := own_session(stream):
        return refused
    identity = office().identity
    text = identity.means.issue_token(
        stream, data["label"], data["days"], data["actions"], factor=asked().factor, by=principal()
    )
    name = text.split("_")[1]
    row = next(row for row in identity.tokens(stream) if row.id == name)
    return {**msgspec.structs.asdict(row), "token": text}


@blueprint.route("/accounts/<stream>/tokens", methods=["GET"])
@blueprint.response(200, TokenSchema(many=True))
@may_refuse(blueprint, (401, 403))
def tokens(stream: str) -> Any:
    """The tokens of an account, newest first, without their secrets."""
    if not _may(stream, "account.read"):
        return said("not_allowed")
    return [msgspec.structs.asdict(row) for row in office().identity.tokens(stream)]


@blueprint.route("/tokens/<token>", methods=["DELETE"])
@blueprint.response(204)
@may_refuse(blueprint, (401, 403, 404))
def revoke_token(token: str) -> Any:
    """Make a token worthless at once."""
    identity = office().identity
    owner = next((row.account for row in identity.tokens() if row.id == token), None)
    if owner is None or not _may(owner, "account.manage"):
        raise NotFound
    identity.means.revoke_token(token, by=principal())
    return Response(status=204)


@noun.route("/accounts/<stream>/resets", ResetRequest, "account.ask_reset", action="account.reset")
def ask_reset(form: Form, stream: str) -> str:
    """Ask that somebody else's password or second factor be set anew; another one has to approve. She is told."""
    form.require("account.reset")
    reset = form.data.setdefault("reset", new_id())
    form.load(Account, stream).ask_reset(on=form.on, reset=reset, means=form.data["means"], by=form.account)
    return stream


@read(blueprint, "/resets", ListQuery, action="account.reset")
def resets(query: dict[str, Any], view: View, reach: Scope) -> tuple[list[dict[str, Any]], str | None]:
    """Resets that were asked for, the latest first."""
    after = cursor_values(query, 1)
    rows = account_lists.resets(view, limit=query["limit"], before=after[0] if after else "~")
    return rows, cursor_for(rows[-1]["reset"]) if len(rows) == query["limit"] else None


@blueprint.route("/accounts/<stream>/resets/<reset>/approval", methods=["POST"])
@blueprint.response(201, ResetCodeSchema)
@may_refuse(blueprint, (401, 403, 404, 409))
def approve_reset(stream: str, reset: str) -> Any:
    """Agree to what another one asked for. The one-time code is shown this once: give it to the holder, to nobody else."""
    if not allowed(principal(), "account.reset"):
        return said("not_allowed")
    code, expires = office().identity.means.approve_reset(stream, reset, by=principal())
    return {"code": code, "expires": expires}


@blueprint.route("/accounts/<stream>/resets/<reset>/refusal", methods=["POST"])
@blueprint.response(204)
@may_refuse(blueprint, (401, 403, 404, 409))
def decline_reset(stream: str, reset: str) -> Any:
    """End a reset that was not used yet: by its holder, or by whoever may ask for one."""
    if not _may(stream, "account.reset"):
        return said("not_allowed")
    office().identity.means.decline_reset(stream, reset, by=principal())
    return Response(status=204)
