"""Whether the process lives, whether it can serve, and what it has been doing."""

import hmac
import os
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from flask import Blueprint, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from projections.engine import Status
from projections.store import StoreUnavailable
from projections.verified import last_verified
from service.api.current import office
from service.api.problems import problem
from service.log.entries import LogUnavailable
from service.log.keys import KeyUnreadable

LATE = 1000  # events behind after which a view no longer counts as ready
REMEDIES = {
    "locked": "wahana keys status: the service was started with another master key than the one that wraps the keys",
    "replaced": "wahana project rebuild",
    "missing": "wahana project rebuild; if it refuses because of events that cannot be taken in, it says with which"
    " --set-aside it would not",
    "late": "wahana project follow --once",
    "unreadable": "wahana doctor: events that were folded once cannot be read any more, and a rebuild would refuse",
    "differs": "wahana project rebuild",
}

blueprint = Blueprint("health", __name__)
registry = CollectorRegistry()
_requests = Counter(
    "wahana_requests_total", "Requests by endpoint and status", ["endpoint", "status"], registry=registry
)
_seconds = Histogram("wahana_request_seconds", "Time to answer, by endpoint", ["endpoint"], registry=registry)
_appends = Histogram("wahana_append_seconds", "Time to record one command in the log", registry=registry)
_head = Gauge("wahana_log_head", "Last position of the log", registry=registry, multiprocess_mode="mostrecent")
_lag = Gauge(
    "wahana_projection_lag",
    "Events a projection is behind the log",
    ["projection"],
    registry=registry,
    multiprocess_mode="mostrecent",
)
_unsealed = Gauge(
    "wahana_unsealed_events", "Events above the last checkpoint", registry=registry, multiprocess_mode="mostrecent"
)
_unsealed_for = Gauge(
    "wahana_unsealed_seconds", "Age of the oldest event above it", registry=registry, multiprocess_mode="mostrecent"
)
_checkpoint_age = Gauge(
    "wahana_checkpoint_age_seconds", "Age of the last checkpoint", registry=registry, multiprocess_mode="mostrecent"
)
_verified = Gauge(
    "wahana_views_verified_timestamp_seconds",
    "When the views were last verified",
    registry=registry,
    multiprocess_mode="mostrecent",
)
_differences = Gauge(
    "wahana_views_differences",
    "Rows that differed from a rebuild when the views were last verified",
    registry=registry,
    multiprocess_mode="mostrecent",
)
_aside = Gauge(
    "wahana_views_set_aside",
    "Events that the views set aside",
    registry=registry,
    multiprocess_mode="mostrecent",
)


def seen(endpoint: str | None, status: int, seconds: float) -> None:
    """Count one answered request."""
    counter, clock = _of(endpoint or "none", status)
    counter.inc()
    clock.observe(seconds)


@lru_cache(maxsize=2048)  # statuses are few, and endpoints are those of the program
def _of(endpoint: str, status: int) -> tuple[Counter, Histogram]:
    return _requests.labels(endpoint, str(status)), _seconds.labels(endpoint)


def appended(seconds: float) -> None:
    """Note how long recording one command took."""
    _appends.observe(seconds)


@blueprint.get("/healthz")
def alive() -> Response:
    return jsonify(status="ok")


@blueprint.get("/readyz")
def ready() -> Response:
    """200 when the log answers, the master key opens the key store, and every view this process reads was folded from the
    log and is at most 1,000 events behind.

    Events that were set aside because they cannot be read are named, and so is what verifying the views found last;
    neither stops the service: whoever reads elsewhere would read the same views, and nobody could record. Nor does a
    sealer that stands still: ``sealed`` says how old the last checkpoint is and what it does not cover.
    """
    try:
        told = readiness(office().views.status())
        office().keys.must_open()
    except (LogUnavailable, StoreUnavailable):
        return problem(503, detail="Basis data tidak terjangkau.", headers=[("Retry-After", "2")])
    except KeyUnreadable:
        told |= {"status": "locked", "remedy": REMEDIES["locked"]}
    response = jsonify(told)
    response.status_code = (
        503 if told["status"] == "locked" or told["replaced"] or told["missing"] or told["late"] else 200
    )
    return response


def readiness(status: list[Status]) -> dict[str, Any]:
    """What `ready` says of views of this ``status``. Raises `LogUnavailable` or `StoreUnavailable`."""
    here = office()
    standing, verified = here.standing(), last_verified(here.views, status)
    head = next((one.position + one.lag for one in status if not one.replaced), None)
    head = here.reader.head()[0] if head is None else head
    serving = [one for one in status if one.serving]
    missing = sorted(set(here.views.projections) - {one.projection for one in serving})
    replaced = sorted(one.projection for one in serving if one.replaced)
    late = sorted(one.projection for one in serving if one.lag > LATE and not one.replaced)
    aside = sorted({(bad.position, bad.topic, bad.reason) for one in serving for bad in one.set_aside})
    states: dict[str, list[Any]] = {"replaced": replaced, "missing": missing, "late": late}
    if verified:
        states |= {"unreadable": [*verified.unread], "differs": [*verified.differing]}
    state = next((state for state, found in states.items() if found), "ok")
    return {
        "status": state,
        "remedy": REMEDIES.get(state),
        "head": head,
        "replaced": replaced,
        "missing": missing,
        "late": late,
        "sealed": msgspec.to_builtins(standing),
        "set_aside": [{"position": position, "topic": topic, "reason": reason} for position, topic, reason in aside],
        "verified": verified and verified._asdict(),
    }


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus text; for whoever has the metrics token, or, when none is set, for this machine alone."""
    token = office().config.metrics_token
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), token.encode()):
            return problem(401, detail="metrics token", headers=[("WWW-Authenticate", "Bearer")])
    elif request.remote_addr not in ("127.0.0.1", "::1"):
        return problem(403, detail="metrics are for this machine only")
    _head.set(office().reader.head()[0])
    standing = office().standing()
    _unsealed.set(standing.unsealed)
    _unsealed_for.set(standing.unsealed_seconds)
    if standing.age_seconds is not None:
        _checkpoint_age.set(standing.age_seconds)
    status = office().views.status()
    serving = [one for one in status if one.serving]
    for one in serving:
        _lag.labels(one.projection).set(one.lag)
    _aside.set(len({bad.position for one in serving for bad in one.set_aside}))
    if verified := last_verified(office().views, status):
        _verified.set(datetime.fromisoformat(verified.at).timestamp())
        _differences.set(verified.differences)
    gathered = registry
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        gathered = CollectorRegistry()
        MultiProcessCollector(gathered)
    return Response(generate_latest(gathered), content_type=CONTENT_TYPE_LATEST)
