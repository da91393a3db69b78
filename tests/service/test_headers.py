"""Browsers: every answer of every route leaves with the same protections, and no foreign page uses a session."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.api.rights import ROUTES
from service.app import HEADERS, OPEN, build
from service.config import Config
from service.office import Office
from tests.service.offices import PASSWORD, Asking
from tests.service.test_strangers import routes

Client = Callable[[str], Asking]
FOREIGN = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://jahat.example"},
    {"Origin": "null"},
    {},
)


def protected(answer: TestResponse, tls: bool = False) -> None:
    for name, value in HEADERS.items():
        if name != "Cache-Control":
            assert answer.headers.getlist(name) == [value], (answer.request.path, answer.status_code, name)
    assert answer.headers.getlist("Strict-Transport-Security") == (
        ["max-age=31536000; includeSubDomains"] if tls else []
    )
    if answer.status_code >= 400 or answer.request.path.startswith("/api/"):
        assert answer.headers["Cache-Control"] == "no-store"
    assert "Server" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_every_route_is_protected_whatever_it_answers(client: Client) -> None:
    """The route table, as a stranger, as somebody signed in, by a wrong method, and with a body that is none."""
    who, seen = client("supervisor"), set()
    broken: dict[str, Any] = {"data": b"{", "content_type": "application/json"}
    for _, method, path in routes(who.client):
        if method != "GET" and path.endswith(("/closure", "/cosignature")):
            continue
        signed = {"Authorization": f"Bearer {who.token}"}
        for asked, headers in ((method, {}), (method, signed), ("PATCH", signed), ("OPTIONS", {})):
            answer = who.client.open(path, method=asked, headers=headers, **(broken if asked == "POST" else {}))
            protected(answer)
            seen.add(answer.status_code)
            answer.close()
    assert seen >= {200, 400, 401, 403, 404, 405}


def test_nothing_inline_and_nothing_from_elsewhere_is_let_into_a_page(client: Client) -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert not re.search(r"unsafe|https?:|\*|nonce", policy)
    pages = [row.split(" ")[1] for row in ROUTES if row.startswith("GET ") and "/api/" not in row and "<" not in row]
    assert len(pages) > 15
    browser = client("psm").client
    asked = {role: client(role) for role in ("supervisor", "admin", "dpo", "psm")}
    shown, scripts = set(), set[str]()
    for path in ("/docs", "/docs/rules", "/masuk", *pages):
        for who in asked.values():
            answer = who.client.get(path, headers={"Authorization": f"Bearer {who.token}", "Accept": "text/html"})
            page = answer.get_data(as_text=True)
            answer.close()
            shown |= {path} if answer.status_code == 200 else set()
            assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", page, re.I), path
            assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", page), path
            scripts |= set(re.findall(r'<script src="([^"?]+)', page))
    assert set(pages) - shown == set(), "nobody was shown this page"
    ours = [path for path in scripts if "/vendor/" not in path]
    assert ours
    for path in ours:
        with browser.get(path) as answer:
            script = answer.get_data(as_text=True)
        assert not re.search(
            r"(?:inner|outer)HTML|insertAdjacent|document\.write|eval\(|new Function|[\"']paste", script
        ), path


@pytest.mark.parametrize("foreign", FOREIGN, ids=str)
def test_no_foreign_page_changes_anything_with_a_session(
    office: Office, client: Client, foreign: dict[str, str]
) -> None:
    signed = client("supervisor").person()
    browser: FlaskClient = signed.client
    browser.set_cookie("wahana-session", signed.token)
    head, tried = office.reader.head()[0], 0
    for endpoint, method, path in routes(browser):
        if method == "GET" or endpoint in OPEN:
            continue
        answer = browser.open(path, method=method, json={} if method == "POST" else None, headers=foreign)
        assert (answer.status_code, answer.get_json()["rule"]) == (403, "cross_site"), (method, path)
        tried += 1
    assert tried > 100
    assert office.reader.head()[0] == head
    assert browser.get("/api/v1/sessions/current").status_code == 200, "and the session is still there"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_no_foreign_page_signs_somebody_in(client: Client, site: str) -> None:
    """Not even as somebody else: what she then writes would land in the attacker's account."""
    psm = client("psm")
    psm.person()
    answer = psm.sign_in(**{"Sec-Fetch-Site": site})
    assert (answer.status_code, answer.get_json()["rule"]) == (403, "cross_site")
    assert "Set-Cookie" not in answer.headers
    for headers in ({"Sec-Fetch-Site": site}, {"Origin": "https://jahat.example"}, {"Origin": "null"}):
        door = psm.client.post("/masuk", data={"login": psm.login, "password": PASSWORD}, headers=headers)
        assert (door.status_code, door.get_json()["rule"]) == (403, "cross_site")
        assert "Set-Cookie" not in door.headers
    form = psm.client.post("/api/v1/sessions", data={"login": psm.login, "password": "x"})
    assert form.status_code == 415, "a form cannot be sent without the browser asking first"


def test_our_own_page_may(client: Client) -> None:
    signed = client("psm").person()
    signed.client.set_cookie("wahana-session", signed.token)
    path = f"/api/v1/accounts/{signed.account}/sessions"
    for own in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://127.0.0.1:8000"}):
        assert signed.client.delete(path, headers=own).status_code == 204


def test_the_cookie_is_bound_to_its_host_over_tls_and_plain_on_loopback(
    client: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    psm = client("psm").person()
    plain = psm.sign_in().headers["Set-Cookie"]
    assert plain.startswith("wahana-session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(plain.split("; "))
    assert "Secure" not in plain
    assert "Domain" not in plain
    monkeypatch.setattr(Config, "secure", True)
    psm.client = build(office.config, office).test_client()
    answer = psm.sign_in()
    protected(answer, tls=True)
    kept = answer.headers["Set-Cookie"]
    assert kept.startswith("__Host-wahana-session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(kept.split("; "))
    assert "Domain" not in kept
