"""Signing in and out, and who one is."""

import functools
from collections.abc import Callable
from typing import Any

import marshmallow as ma
import msgspec
from flask import Response, make_response, request
from flask_smorest import Blueprint

from service.api.answers import may_refuse
from service.api.current import asked, office
from service.api.fields import Schema, text
from service.api.problems import RULES, problem
from service.identity import Asked, LockedOut, SecondFactorNeeded, SecondFactorRefused, SignInRefused

SESSION_COOKIE = "wahana-session"
blueprint = Blueprint("sign_in", __name__, url_prefix="/api/v1/sessions", description="Signing in and out")

#: What a session may still do that was opened without the second factor which its account's role demands.
ENROLMENT = frozenset(
    {
        *("sign_in.current", "sign_in.sign_out"),
        *("factors.second_factor", "factors.begin_factor", "factors.confirm_factor"),
        *("pages.own_account", "pages.own_account_step"),
    }
)


def cookie_name() -> str:
    """The session cookie's name. Over HTTPS only one with the prefix counts: a neighbouring host cannot set that."""
    return f"__Host-{SESSION_COOKIE}" if office().config.secure else SESSION_COOKIE


def same_origin() -> bool:
    """Whether a request comes from a page of ours, as far as its browser says."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == office().config.base_url.rstrip("/")


def at_the_door(function: Callable[..., Any]) -> Callable[..., Any]:
    """A route that answers what the door refuses: 429 while a wait lasts, 401 for what was not the right secret."""

    @functools.wraps(function)
    def ask(*arguments: Any, **named: Any) -> Any:
        try:
            return function(*arguments, **named)
        except LockedOut as error:
            return said("locked_out", headers=[("Retry-After", str(error.retry_after))])
        except (SignInRefused, SecondFactorNeeded, SecondFactorRefused) as error:
            return said(error.rule)

    return ask


def said(rule: str, **more: Any) -> Response:
    """A refusal in the words of `RULES`."""
    status, sentence = RULES[rule]
    return problem(status, detail=sentence, rule=rule, **more)


class Credentials(Schema):
    """``code`` is what an authenticator shows, a recovery code, or the code of a reset of the second factor."""

    login = text(required=True)
    password = ma.fields.String(required=True, validate=ma.validate.Length(1, 200), load_only=True)
    code = ma.fields.String(validate=ma.validate.Length(max=40), load_only=True)


class ResetPassword(Schema):
    """``code`` is the one-time code of an approved reset."""

    login = text(required=True)
    code = ma.fields.String(required=True, validate=ma.validate.Length(1, 40), load_only=True)
    password = ma.fields.String(required=True, validate=ma.validate.Length(1, 200), load_only=True)


class NoticeSchema(ma.Schema):
    """A reset of one's own account that one was not told of yet. ``asker`` and ``approver`` are accounts."""

    reset = ma.fields.String()
    means = ma.fields.String()
    asked_on = ma.fields.Date()
    asker = ma.fields.String()
    approver = ma.fields.String()
    done = ma.fields.Boolean()


class SessionSchema(ma.Schema):
    """``second_factor`` is the one behind this session, empty for none; with ``enrolling`` it may only enrol one.
    ``areas`` are codes of the villages and kecamatan that the roles are for; none means the whole kabupaten."""

    account = ma.fields.String()
    name = ma.fields.String()
    post = ma.fields.String()
    roles = ma.fields.List(ma.fields.String())
    areas = ma.fields.List(ma.fields.String())
    second_factor = ma.fields.String()
    enrolling = ma.fields.Boolean()
    token = ma.fields.String(metadata={"description": "Send it as a bearer token, or keep the cookie"})
    resets = ma.fields.List(ma.fields.Nested(NoticeSchema))


def _who(asking: Asked) -> dict[str, Any]:
    who = asking.principal
    return {
        "account": who.account,
        "name": who.name,
        "post": who.post,
        "roles": sorted(who.roles),
        "areas": sorted(who.areas),
        "second_factor": asking.factor,
        "enrolling": asking.enrolling,
    }


def opened(secret: str, body: dict[str, Any], status: int = 201) -> Response:
    """An answer that hands a new session's secret to browsers, as a cookie."""
    response = make_response(body, status)
    secure = office().config.secure
    response.set_cookie(cookie_name(), secret, secure=secure, httponly=True, samesite="Lax", path="/")
    return response


@blueprint.route("", methods=["POST"])
@blueprint.arguments(Credentials)
@blueprint.response(201, SessionSchema)
@may_refuse(blueprint, (401, 422, 429))
@at_the_door
def sign_in(data: dict[str, Any]) -> Any:
    """Open a session. The answer sets a cookie for browsers and holds the same secret for programs, and it tells of
    resets of one's account. With a second factor but no code the answer is 401, `second_factor_needed`."""
    identity = office().identity
    secret = identity.sign_in(
        data["login"],
        data["password"],
        request.remote_addr or "",
        code=data.get("code", ""),
        agent=request.headers.get("User-Agent", ""),
    )
    asking = identity.asked(secret)
    assert asking is not None
    told = [msgspec.to_builtins(one) for one in identity.means.notices(asking.principal.account)]
    return opened(secret, {**_who(asking), "token": secret, "resets": told})


@blueprint.route("/password", methods=["POST"])
@blueprint.arguments(ResetPassword)
@blueprint.response(204)
@may_refuse(blueprint, (401, 409, 422, 429))
@at_the_door
def reset_password(data: dict[str, Any]) -> Any:
    """Set a password with the one-time code of an approved reset. Ends every session and revokes every token."""
    try:
        office().identity.reset_password(data["login"], data["code"], data["password"], request.remote_addr or "")
    except SignInRefused:
        return said("reset_refused")
    return Response(status=204)


@blueprint.route("/current", methods=["GET"])
@blueprint.response(200, SessionSchema)
@may_refuse(blueprint, (401,))
def current() -> dict[str, Any]:
    """Who is signed in."""
    return _who(asked())


@blueprint.route("/current", methods=["DELETE"])
@blueprint.response(204)
@may_refuse(blueprint, (401,))
def sign_out() -> Response:
    """Close this session, on every worker."""
    secret = request.headers.get("Authorization", "").removeprefix("Bearer ").strip() or request.cookies.get(
        cookie_name(), ""
    )
    office().identity.sign_out(secret)
    response = Response(status=204)
    response.delete_cookie(cookie_name(), secure=office().config.secure, httponly=True, samesite="Lax")
    return response


def own_session(stream: str) -> Response | None:
    """Why this may not be done to an account by whoever asks: only its holder may, and not with a token."""
    if asked().principal.account != stream:
        return said("not_allowed")
    return None if asked().device else said("session_needed")


def confirmed(password: str) -> Response | None:
    """Why the password that the signed-in person gave once more does not do. Raises `LockedOut`."""
    try:
        office().identity.confirm(asked().principal, password, request.remote_addr or "")
    except SignInRefused:
        return said("current_password_wrong")
    return None
