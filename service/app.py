"""The web application: every request gets a number, is asked who it is, and leaves with the same headers."""

import logging
import re
import time
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from service.api import blueprints, documents, guard, health, log_proofs, problems
from service.api.current import office
from service.api.sign_in import cookie_name
from service.config import Config
from service.log.ids import new_id
from service.office import Office

OPEN = frozenset(
    {
        "health.alive",
        "health.ready",
        "health.metrics",
        "sign_in.sign_in",
        "documents.openapi",
        "documents.page",
        "documents.rules",
        *log_proofs.OPEN,
        "static",
    }
)
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
log = logging.getLogger("wahana.access")

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
    "Cache-Control": "no-store",
}


def build(config: Config, here: Office | None = None) -> Flask:
    """The application of one office. Opens no database yet, so it may be made before a fork."""
    app = Flask("service", static_folder="web/static")
    app.config.update(DEBUG=False)  # no SECRET_KEY: sessions are ours, and Flask need not look for its own
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it
    app.extensions["office"] = here or Office(config)
    app.extensions["office"].casebook.observe = health.appended
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
    return app


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else new_id()
    g.began = time.perf_counter()


def _ask_who() -> Response | None:
    """Find out who asks; every route but the few that must be open refuses a stranger."""
    g.principal = None
    if request.endpoint is None or request.endpoint in OPEN:
        return None
    identity = office().identity
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    cookie = request.cookies.get(cookie_name())
    if scheme.lower() == "bearer" and token:
        token = token.strip()
        g.principal = identity.bearer(token) if token.startswith("wahana_") else identity.session(token)
    elif cookie:
        if request.method not in ("GET", "HEAD", "OPTIONS") and not _same_origin():
            return problems.problem(403, detail="Permintaan ini tidak berasal dari halaman Wahana.", rule="cross_site")
        g.principal = identity.session(cookie)
    if g.principal is None:
        return problems.problem(
            401, detail="Masuk dulu untuk melihat ini.", rule="not_signed_in", headers=[("WWW-Authenticate", "Bearer")]
        )
    return None


def _same_origin() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == office().config.base_url.rstrip("/")


def _finish(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code < 400:
        response.headers.setdefault("Cache-Control", "public, max-age=3600")
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if office().config.secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if "position" in g:
        response.headers["Wahana-Position"] = str(g.position)
    if "version" in g and response.status_code == 200:
        response.set_etag(str(g.version))
        if not g.get("composite"):  # shows other streams or what depends on today: never "not modified"
            response.make_conditional(request)
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    health.seen(request.endpoint, response.status_code, seconds)
    _log(response, seconds)
    return response


def _log(response: Response, seconds: float) -> None:
    # The rule and not the path: a path may hold ids, and a query what somebody searched for.
    fields: dict[str, Any] = {
        "request_id": g.get("request_id", ""),
        "method": request.method,
        "rule": str(request.url_rule or ""),
        "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1),
        "account": g.principal.account if g.get("principal") else "",
    }
    log.info("request", extra={"fields": fields})
