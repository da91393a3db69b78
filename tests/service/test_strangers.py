"""Every route refuses a stranger, answers errors in one shape, and leaves with the same headers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain.account import Account
from service.api.commands import COMMANDS
from service.app import HEADERS, OPEN
from service.log.ids import new_id
from service.office import Office
from tests.service.offices import Asking

Client = Callable[[str], Asking]
WRONG = (
    "",
    "Bearer",
    "Bearer salah",
    "Bearer wahana_aaaaaaaa_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
    "Bearer wahana__",
    "Bearer \u00ff",
    "Basic YWRtaW46YWRtaW4=",
    "Token satu",
)


def routes(client: FlaskClient) -> list[tuple[str, str, str]]:
    """Endpoint, method and an address of every route."""
    found = []
    for rule in client.application.url_map.iter_rules():
        path = re.sub(r"<int:\w+>", "1", str(rule))
        path = re.sub(r"<[^>]+>", new_id(), path)
        found += [(rule.endpoint, method, path) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
    return sorted(found)


def a_problem(answer: TestResponse) -> dict[str, Any]:
    """The problem document of an answer; fails when it is none."""
    assert answer.content_type == "application/problem+json", answer.get_data(as_text=True)
    told: dict[str, Any] = answer.get_json()
    assert told["status"] == answer.status_code
    assert told["title"]
    assert told["type"]
    assert told["instance"].startswith("urn:uuid:")
    return told


def has_the_headers(answer: TestResponse) -> None:
    for name, value in HEADERS.items():
        if name == "Cache-Control" and answer.request.path in ("/docs", "/sw.js", "/manifest.webmanifest"):
            continue  # a file of the page itself
        assert answer.headers[name] == value, name
    assert answer.headers["X-Request-ID"]
    assert "Server" not in answer.headers


def test_every_route_but_the_open_ones_refuses_a_stranger_and_a_wrong_token(office: Office, client: Client) -> None:
    browser = client("tksk").client
    head, asked = office.reader.head()[0], 0
    for endpoint, method, path in routes(browser):
        if endpoint in OPEN:
            continue
        for wrong in WRONG:
            headers = {"Authorization": wrong} if wrong else {}
            answer = browser.open(path, method=method, json={}, headers=headers)
            assert answer.status_code == 401, (method, path, wrong, answer.status_code)
            assert a_problem(answer)["rule"] == "not_signed_in"
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            has_the_headers(answer)
        asked += 1
    assert asked >= len(COMMANDS) + 25
    assert office.reader.head()[0] == head


def test_the_open_routes_are_the_few_that_must_be(client: Client) -> None:
    endpoints = {endpoint for endpoint, _, _ in routes(client("tksk").client)}
    assert endpoints >= OPEN
    paths = sorted(path for endpoint, _, path in routes(client("tksk").client) if endpoint in OPEN)
    within = re.compile("/(tile/1|jawab|offline-devices)/[^/]+(/.*)?")
    plain = [within.sub(lambda at: f"/{at[1]}/…", path) for path in paths if not path.startswith("/static/")]
    assert plain == [
        "/api/v1/log/checkpoint",
        "/api/v1/log/checkpoints",
        "/api/v1/log/checkpoints/1",
        "/api/v1/log/checkpoints/1/cosignature",
        "/api/v1/log/consistency",
        "/api/v1/log/inclusion",
        "/api/v1/log/keys",
        "/api/v1/log/tile/1/…",
        "/api/v1/offline-devices/…",
        "/api/v1/outbox",
        "/api/v1/sessions",
        "/api/v1/sessions/password",
        "/api/v1/sessions/provider",
        "/api/v1/sessions/provider/callback",
        "/bahasa",
        "/docs",
        "/docs/rules",
        "/healthz",
        "/jawab/…",
        "/jawab/…",
        "/keluar",
        "/kotak-keluar",
        "/kotak-keluar/isian.js",
        "/manifest.webmanifest",
        "/masuk",
        "/masuk",
        "/masuk/kode",
        "/masuk/kode",
        "/metrics",
        "/openapi.json",
        "/peta.svg",
        "/publik",
        "/publik/desa.csv",
        "/publik/rujukan",
        "/publik/rujukan",
        "/publik/tanda-terima",
        "/publik/tanda-terima",
        "/readyz",
        "/sw.js",
    ]


def test_a_token_of_an_account_that_was_closed_or_a_revoked_one_is_worth_nothing(client: Client) -> None:
    admin, worker = client("admin"), client("tksk")
    assert worker.get("/api/v1/cases").status_code == 200
    [token] = admin.get(f"/api/v1/accounts/{worker.account}/tokens").get_json()
    revoked = admin.client.delete(f"/api/v1/tokens/{token['id']}", headers={"Authorization": f"Bearer {admin.token}"})
    assert revoked.status_code == 204
    assert worker.get("/api/v1/cases").status_code == 401
    other = client("psm")
    admin.done(f"/api/v1/accounts/{other.account}/closure", {})
    assert other.get("/api/v1/cases").status_code == 401


def test_somebody_without_a_role_may_do_and_see_nothing(office: Office, client: Client) -> None:
    """Signed in, but without any grant: every command is refused, and no read tells of the office's work."""
    nobody = Asking(office, "tksk")
    [grant] = office.log.load(Account, nobody.account).grants
    client("admin").done(f"/api/v1/accounts/{nobody.account}/revocations", {"grant": grant})
    head, shared = office.reader.head()[0], {"/api/v1/codes", "/api/v1/instruments", "/api/v1/sessions/current"}
    shared |= {
        "/",
        "/akun",
        "/jenis-ppks",
        "/bantuan",
        "/luring",
        "/luring/isian.js",
        "/luring/tanda/isian.js",
    }  # of what is anybody's
    shared.add("/kotak-keluar/berkas")
    for endpoint, method, path in routes(nobody.client):
        if endpoint in OPEN or path in shared or path.startswith("/api/v1/codes/"):
            continue
        if path.startswith(("/api/v1/sessions", "/api/v1/batch")) or endpoint.startswith("documents"):
            continue
        headers = {"Authorization": f"Bearer {nobody.token}"}
        answer = nobody.client.open(path, method=method, json={} if method == "POST" else None, headers=headers)
        assert answer.status_code in (403, 404, 405, 415, 422), (method, path, answer.status_code)
        a_problem(answer)
    assert office.reader.head()[0] == head


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/tidak-ada", 404),
        ("GET", "/api/v1/tidak-ada", 404),
        ("DELETE", "/api/v1/cases", 405),
        ("PUT", "/api/v1/wksbm", 405),
        ("GET", "/api/v1/cases/bukan-uuid", 404),
        ("GET", "/api/v1/cases?limit=0", 422),
        ("GET", "/api/v1/cases?entah=1", 422),
        ("GET", "/api/v1/cases?as_of=99999999", 422),
        ("GET", "/api/v1/events/0", 404),
        ("GET", "/static/tidak-ada.js", 404),
        ("GET", "/api/v1/cases/%00", 400),
        ("POST", "/api/v1/cases", 422),
    ],
)
def test_every_error_is_a_problem_with_the_same_headers(client: Client, method: str, path: str, status: int) -> None:
    worker = client("auditor" if "events" in path else "tksk")
    answer = worker.client.open(
        path,
        method=method,
        json={} if method == "POST" else None,
        headers={"Authorization": f"Bearer {worker.token}"},
    )
    assert answer.status_code == status, answer.get_data(as_text=True)
    a_problem(answer)
    has_the_headers(answer)


def test_no_answer_names_the_host_that_a_request_names(client: Client) -> None:
    stranger = client("tksk").client
    for path in ("/desa//x", "/static//x", "//jahat.example/desa", "/desa/", "/api/v1//cases", "/masuk//"):
        for method in ("GET", "POST"):
            answer = stranger.open(path, method=method, headers={"Host": "jahat.example", "Accept": "text/html"})
            assert not answer.headers.get("Location", "/").startswith(("http", "//")), (method, path)
            assert answer.status_code != 308, (method, path)


def test_a_page_too_says_by_which_other_methods_it_is_asked(client: Client) -> None:
    answer = client("tksk").client.open("/desa", method="PUT", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (405, "text/html")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_good_answers_leave_with_the_same_headers(client: Client) -> None:
    worker = client("supervisor")
    for path in ("/healthz", "/readyz", "/openapi.json", "/docs", "/metrics", "/api/v1/cases", "/api/v1/villages"):
        answer = worker.get(path)
        assert answer.status_code == 200, path
        has_the_headers(answer)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
        answer.close()
    given = worker.client.get("/healthz", headers={"X-Request-ID": "permintaan-0001"})
    assert given.headers["X-Request-ID"] == "permintaan-0001"
    forged = worker.client.get("/healthz", headers={"X-Request-ID": "a b<script>"})
    assert "<" not in forged.headers["X-Request-ID"]
