"""Signing in and out, and who one is."""

from typing import Any

import marshmallow as ma
from flask import Response, make_response, request
from flask_smorest import Blueprint

from service.api.current import office, principal
from service.api.fields import Schema, text
from service.api.problems import problem
from service.identity import LockedOut, SignInRefused

SESSION_COOKIE = "wahana-session"
blueprint = Blueprint("sign_in", __name__, url_prefix="/api/v1/sessions", description="Signing in and out")


def cookie_name() -> str:
    """The session cookie's name. Over HTTPS only one with the prefix counts: a neighbouring host cannot set that."""
    return f"__Host-{SESSION_COOKIE}" if office().config.secure else SESSION_COOKIE


class Credentials(Schema):
    login = text(required=True)
    password = ma.fields.String(required=True, validate=ma.validate.Length(1, 200), load_only=True)


class SessionSchema(ma.Schema):
    account = ma.fields.String()
    name = ma.fields.String()
    post = ma.fields.String()
    roles = ma.fields.List(ma.fields.String())
    token = ma.fields.String(metadata={"description": "Send it as a bearer token, or keep the cookie"})


def _who(token: str | None = None) -> dict[str, Any]:
    who = principal()
    body = {"account": who.account, "name": who.name, "post": who.post, "roles": sorted(who.roles)}
    return body | ({"token": token} if token else {})


@blueprint.route("", methods=["POST"])
@blueprint.arguments(Credentials)
@blueprint.response(201, SessionSchema)
@blueprint.alt_response(401, schema="ProblemSchema", content_type="application/problem+json")
@blueprint.alt_response(422, schema="ProblemSchema", content_type="application/problem+json")
@blueprint.alt_response(429, schema="ProblemSchema", content_type="application/problem+json")
def sign_in(data: dict[str, Any]) -> Any:
    """Open a session. The answer sets a cookie for browsers and holds the same secret for programs."""
    here = office()
    try:
        secret = here.identity.sign_in(data["login"], data["password"], request.remote_addr or "")
    except LockedOut as error:
        return problem(
            429,
            detail="Terlalu banyak percobaan; tunggu sebentar.",
            rule="locked_out",
            headers=[("Retry-After", str(error.retry_after))],
        )
    except SignInRefused:
        return problem(401, detail="Nama masuk atau kata sandi salah.", rule="sign_in_refused")
    who = here.identity.session(secret)
    assert who is not None
    body = {
        "account": who.account,
        "name": who.name,
        "post": who.post,
        "roles": sorted(who.roles),
        "token": secret,
    }
    response = make_response(body, 201)
    secure = here.config.secure
    response.set_cookie(
        cookie_name(),
        secret,
        secure=secure,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


@blueprint.route("/current", methods=["GET"])
@blueprint.response(200, SessionSchema)
@blueprint.alt_response(401, schema="ProblemSchema", content_type="application/problem+json")
def current() -> dict[str, Any]:
    """Who is signed in."""
    return _who()


@blueprint.route("/current", methods=["DELETE"])
@blueprint.response(204)
@blueprint.alt_response(401, schema="ProblemSchema", content_type="application/problem+json")
def sign_out() -> Response:
    """Close this session, on every worker."""
    secret = request.headers.get("Authorization", "").removeprefix("Bearer ").strip() or request.cookies.get(
        cookie_name(), ""
    )
    office().identity.sign_out(secret)
    response = Response(status=204)
    response.delete_cookie(cookie_name(), secure=office().config.secure, httponly=True, samesite="Lax")
    return response
