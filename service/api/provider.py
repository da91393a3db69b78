"""Signing in at an identity provider: there, and back."""

from typing import Any

import marshmallow as ma
from flask import Response, current_app, redirect, request
from flask_smorest import Blueprint

from service.api.answers import may_refuse
from service.api.current import office
from service.api.fields import Schema
from service.api.problems import problem
from service.api.sign_in import at_the_door, opened, said
from service.identity import SignInRefused

blueprint = Blueprint("provider", __name__, url_prefix="/api/v1/sessions", description="Signing in elsewhere")
AFTERWARDS = "/api/v1/sessions/current"
_ROOM = "/api/v1/sessions/provider"


class Back(Schema):
    """What the identity provider sends a browser back with."""

    class Meta:
        unknown = ma.EXCLUDE  # providers add what they like: session_state, iss

    code = ma.fields.String(load_default="", validate=ma.validate.Length(max=4000))
    state = ma.fields.String(load_default="", validate=ma.validate.Length(max=200))


def _cookie() -> str:
    # `__Secure-` and not `__Host-`: it is sent to the two routes here alone.
    return f"{'__Secure-' if office().config.secure else ''}wahana-provider"


def _provider() -> Any:
    """The provider of this office, made when it is first asked for; None where there is none."""
    here = office()
    if not here.config.oidc_issuer:
        return None
    if "provider" not in current_app.extensions:
        from service.oidc import Provider

        current_app.extensions["provider"] = Provider(here.config, here.database, here.identity, here.now)
    return current_app.extensions["provider"]


def _away(error: Exception) -> Response:
    current_app.logger.warning("identity provider: %s", error)
    return problem(503, detail="Penyedia identitas sedang tidak terjangkau.", headers=[("Retry-After", "30")])


@blueprint.route("/provider", methods=["GET"])
@blueprint.response(303)
@may_refuse(blueprint, (404, 503))
def begin() -> Any:
    """Send the browser to the identity provider of the office."""
    provider = _provider()
    if provider is None:
        return problem(404, detail="Kantor ini tidak memakai penyedia identitas.")
    from service.oidc import ProviderUnavailable

    try:
        address, state = provider.begin()
    except ProviderUnavailable as error:
        return _away(error)
    response = redirect(address, 303)
    secure = office().config.secure
    # Lax: the browser comes back from another site's page.
    response.set_cookie(_cookie(), state, max_age=600, secure=secure, httponly=True, samesite="Lax", path=_ROOM)
    return response


@blueprint.route("/provider/callback", methods=["GET"])
@blueprint.arguments(Back, location="query")
@blueprint.response(303)
@may_refuse(blueprint, (401, 404, 422, 503))
@at_the_door
def finish(query: dict[str, Any]) -> Any:
    """Back from the identity provider: open a session for the account that is linked with whom it vouches for."""
    provider = _provider()
    if provider is None:
        return problem(404, detail="Kantor ini tidak memakai penyedia identitas.")
    from service.oidc import ProviderUnavailable

    kept, agent = request.cookies.get(_cookie(), ""), request.headers.get("User-Agent", "")
    try:
        secret = provider.finish(query["code"], query["state"], kept, request.remote_addr or "", agent)
    except ProviderUnavailable as error:
        return _away(error)
    except SignInRefused:
        return said("provider_refused")
    response = opened(secret, {}, 303)
    response.headers["Location"] = AFTERWARDS
    response.delete_cookie(_cookie(), path=_ROOM)
    return response
