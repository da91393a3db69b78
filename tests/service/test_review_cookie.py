"""The session cookie: over HTTPS only the one that no neighbouring host could have set."""

import pytest

from service.app import build
from service.config import Config
from service.office import Office
from tests.service.offices import PASSWORD, Asking


def test_a_cookie_set_by_a_neighbouring_host_does_not_sign_in(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = Asking(office, "psm")
    office.identity.set_password(asking.account, PASSWORD)
    monkeypatch.setattr(Config, "secure", True)
    client = build(office.config, office).test_client()
    sent = {"login": asking.login, "password": PASSWORD}
    client.post("/api/v1/sessions", json=sent, base_url="https://localhost")
    cookie = client.get_cookie("__Host-wahana-session")
    assert cookie is not None
    assert cookie.secure
    assert cookie.domain == "localhost"
    plain = build(office.config, office).test_client()
    plain.set_cookie("wahana-session", cookie.value, secure=True)
    current = "/api/v1/sessions/current"
    assert plain.get(current, base_url="https://localhost").status_code == 401
    assert client.get(current, base_url="https://localhost").status_code == 200
    gone = client.delete(current, base_url="https://localhost", headers={"Sec-Fetch-Site": "same-origin"})
    assert gone.status_code == 204
    assert client.get_cookie("__Host-wahana-session") is None
