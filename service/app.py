"""The web application: every request gets a number, is asked who it is, and leaves with the same headers."""

import logging
import re
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Request, Response, current_app
from werkzeug.middleware.proxy_fix import ProxyFix

from service.api import (
    blueprints,
    commands,
    documents,
    emergencies,
    guard,
    health,
    log_proofs,
    outbox,
    problems,
    rights,
)
from service.api.current import notes, office, this_request
from service.api.readings import trailed
from service.api.sign_in import ENROLMENT, cookie_name, said, same_origin
from service.config import Config
from service.log.ids import new_id
from service.office import Office
from service.restored import Gate
from service.web import frame, letters, offline, pages, public, sign_in
from service.web.compression import compressed

OPEN = frozenset(
    {
        "health.alive",
        "health.ready",
        "health.metrics",
        "sign_in.sign_in",
        "sign_in.reset_password",
        "provider.begin",
        "provider.finish",
        "documents.openapi",
        "documents.page",
        "documents.rules",
        *sign_in.OPEN,
        *letters.OPEN,
        *public.OPEN,
        *offline.OPEN,
        *log_proofs.OPEN,
        *outbox.OPEN,
        "static",
    }
)
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")  # what a page sends without asking
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
log = logging.getLogger("wahana.access")

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)
_STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
    "Cache-Control": "no-store",
}
_HEADERS = tuple((name.lower(), name, value) for name, value in HEADERS.items())
_TLS_HEADERS = (*_HEADERS, ("strict-transport-security", "Strict-Transport-Security", _STRICT_TRANSPORT))


class Application(Flask):
    """Flask without asynchronous routes: it need not find out about each function of each request whether it is one."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def build(config: Config, here: Office | None = None) -> Flask:
    """The application of one office. Opens no database yet, so it may be made before a fork."""
    app = Application("service", static_folder="web/static")
    app.config.update(DEBUG=False)  # no SECRET_KEY: sessions are ours, and Flask need not look for its own
    app.url_map.merge_slashes = False  # else `//` would be answered with whatever host a request names
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it
    app.extensions["office"] = here or Office(config)
    app.extensions["office"].casebook.observe = health.appended
    app.extensions["gate"] = Gate(app.extensions["office"])
    if config.trusted_proxies:
        hops = config.trusted_proxies
        # Flask's documented way to wrap its WSGI callable, which the types take for a method.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.before_request(_begin)
    guard.install(app)
    problems.install(app)
    app.before_request(_ask_who)
    app.after_request(_finish)
    api = documents.install(app)
    blueprints.register(api)
    app.register_blueprint(health.blueprint)
    pages.install(app)
    return app


def _begin() -> None:
    asked = this_request()
    if asked.method == "HEAD":  # what it leads to is that of a GET, whatever a route makes of the others
        asked.method = "GET"
    here, given = notes(), this_request().environ.get("HTTP_X_REQUEST_ID", "")
    here.request_id = given if _REQUEST_ID.fullmatch(given) else new_id()
    here.began = time.perf_counter()
    office().trail.begin()


def _ask_who() -> Response | None:
    """Find out who asks; every route but the few that must be open refuses a stranger."""
    asked, here = this_request(), notes()
    here.principal = here.asked = None
    changes = asked.method not in ("GET", "HEAD", "OPTIONS")
    if changes and asked.environ.get("HTTP_SEC_FETCH_SITE") in ("cross-site", "same-site"):
        return said("cross_site")  # a browser on somebody else's page: also for signing in, which sets a cookie
    if changes and asked.mimetype in FORMS and asked.headers.get("Origin") and not same_origin():
        return said("cross_site")  # the same of an older browser: a form is sent without asking first
    if asked.endpoint is None or asked.endpoint in OPEN:
        return None
    current_app.extensions["gate"].pass_through()
    identity, rule = office().identity, str(asked.url_rule)
    folded = None if asked.method == "POST" and rule in commands.RULES else office().views.folded
    scheme, _, token = asked.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        here.asked = identity.asked(token.strip(), folded)
    elif cookie := asked.cookies.get(cookie_name()):
        if changes and not same_origin():
            return said("cross_site")
        here.asked = None if cookie.startswith("wahana_") else identity.asked(cookie, folded)
    if here.asked is None:
        return said("not_signed_in", headers=[("WWW-Authenticate", "Bearer")])
    here.principal = here.asked.principal
    if here.asked.enrolling and asked.endpoint not in ENROLMENT:
        return said("second_factor_missing")
    if asked.method != "OPTIONS" and not rights.may_enter(here.principal, asked.method, rule):
        return said("not_allowed")
    if asked.method == "GET" and (access := asked.headers.get(emergencies.HEADER)):  # it shows; it lets nobody record
        here.principal = emergencies.taken_up(here.principal, access, office().now())
        here.emergency = access
    return None


def _finish(response: Response) -> Response:
    asked, here = this_request(), notes()
    response = frame.as_page(trailed(response))
    headers = response.headers
    endpoint = asked.endpoint
    standing = {name.lower() for name, _ in headers}
    if endpoint == "static" and response.status_code < 400:
        kept = "public, max-age=31536000, immutable" if "v" in asked.args else "public, max-age=3600"
        headers["Cache-Control"] = kept
        standing.add("cache-control")
    # Each `setdefault` would go through all headers again.
    for key, name, value in _TLS_HEADERS if office().config.secure else _HEADERS:
        if key not in standing:
            headers.add(name, value)
    headers.add("X-Request-ID", here.get("request_id", ""))
    if "position" in here:
        headers["Wahana-Position"] = str(here.position)
    if "version" in here and response.status_code == 200:
        response.set_etag(str(here.version))
        if not here.get("composite"):  # shows other streams or what depends on today: never "not modified"
            response.make_conditional(asked)
    compressed(response)
    seconds = time.perf_counter() - here.get("began", time.perf_counter())
    health.seen(endpoint, response.status_code, seconds)
    if log.isEnabledFor(logging.INFO):
        _log(asked, here, response.status_code, seconds)
    return response


def _log(asked: Request, here: Any, status: int, seconds: float) -> None:
    principal = here.get("principal")
    # The rule and not the path: a path may hold ids, and a query what somebody searched for.
    fields: dict[str, Any] = {
        "request_id": here.get("request_id", ""),
        "method": asked.method,
        "rule": str(asked.url_rule or ""),
        "status": status,
        "milliseconds": round(seconds * 1000, 1),
        "account": principal.account if principal else "",
    }
    log.info("request", extra={"fields": fields})
