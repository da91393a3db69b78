"""Second factors over HTTP: enrolling an authenticator, taking it away, new recovery codes."""

from typing import Any

import marshmallow as ma
from flask import Response
from flask_smorest import Blueprint

from domain.account_means import needs_two_factors
from service.api import fields
from service.api.answers import may_refuse
from service.api.current import asked, office
from service.api.sign_in import at_the_door, confirmed, own_session, said

blueprint = Blueprint("factors", __name__, url_prefix="/api/v1/accounts", description="Second factors")
FACTOR = "/<stream>/second-factor"


class Confirmation(fields.Schema):
    """The password once more: a session that was left open must not be enough."""

    current = ma.fields.String(required=True, validate=ma.validate.Length(1, 200), load_only=True)


class FactorCode(fields.Schema):
    code = ma.fields.String(required=True, validate=ma.validate.Length(1, 40), load_only=True)


class FactorSchema(ma.Schema):
    """Whether an authenticator counts, whether the roles of today demand one, and how many recovery codes are left."""

    enrolled = ma.fields.Boolean()
    mandatory = ma.fields.Boolean()
    recovery_codes = ma.fields.Integer()


class EnrolmentSchema(ma.Schema):
    """Shown once. ``uri`` is what an authenticator reads from a picture, ``secret`` the same for typing."""

    secret = ma.fields.String()
    uri = ma.fields.String()


class RecoverySchema(ma.Schema):
    """Shown once: each opens one session when the authenticator is lost."""

    recovery_codes = ma.fields.List(ma.fields.String())


@blueprint.route(FACTOR, methods=["GET"])
@blueprint.response(200, FactorSchema)
@may_refuse(blueprint, (401, 403))
def second_factor(stream: str) -> Any:
    """One's own second factor."""
    if refused := own_session(stream):
        return refused
    factors, who = office().identity.means.factors, asked().principal
    return {
        "enrolled": factors.enrolled(stream),
        "mandatory": needs_two_factors(who.grants),
        "recovery_codes": factors.left(stream),
    }


@blueprint.route(FACTOR, methods=["POST"])
@blueprint.arguments(Confirmation)
@blueprint.response(201, EnrolmentSchema)
@may_refuse(blueprint, (401, 403, 409, 422, 429))
@at_the_door
def begin_factor(data: dict[str, Any], stream: str) -> Any:
    """Begin to enrol an authenticator. It counts once it has shown a code; one before it counts until then."""
    if refused := own_session(stream) or confirmed(data["current"]):
        return refused
    secret, uri = office().identity.means.begin_factor(stream)
    return {"secret": secret, "uri": uri}


@blueprint.route(f"{FACTOR}/confirmation", methods=["POST"])
@blueprint.arguments(FactorCode)
@blueprint.response(201, RecoverySchema)
@may_refuse(blueprint, (401, 403, 409, 422, 429))
@at_the_door
def confirm_factor(data: dict[str, Any], stream: str) -> Any:
    """Let the authenticator that was begun count. Every other session of the account ends."""
    if refused := own_session(stream):
        return refused
    codes = office().identity.means.enrol(stream, data["code"], by=asked().principal, device=asked().device)
    return {"recovery_codes": codes} if codes else said("second_factor_refused")


@blueprint.route(f"{FACTOR}/removal", methods=["POST"])
@blueprint.arguments(Confirmation)
@blueprint.response(204)
@may_refuse(blueprint, (401, 403, 409, 422, 429))
@at_the_door
def remove_factor(data: dict[str, Any], stream: str) -> Any:
    """Take one's second factor away, where no role demands it. Ends every session."""
    if refused := own_session(stream) or confirmed(data["current"]):
        return refused
    office().identity.means.remove_factor(stream, by=asked().principal)
    return Response(status=204)


@blueprint.route(f"{FACTOR}/recovery-codes", methods=["POST"])
@blueprint.arguments(Confirmation)
@blueprint.response(201, RecoverySchema)
@may_refuse(blueprint, (401, 403, 409, 422, 429))
@at_the_door
def renew_codes(data: dict[str, Any], stream: str) -> Any:
    """New recovery codes in place of those before."""
    if refused := own_session(stream) or confirmed(data["current"]):
        return refused
    return {"recovery_codes": office().identity.means.renew_codes(stream, by=asked().principal)}
