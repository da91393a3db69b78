"""Signing in at an identity provider: only who is linked, only with an answer that is meant for this sign-in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("authlib", reason="the extra wahana[oidc] is not installed")

from joserfc.jwk import OctKey, RSAKey
from werkzeug.test import TestResponse

from domain.account import Account
from service import config
from service.app import build
from service.config import BadConfiguration
from service.office import Office
from tests.service.identity_provider import CLIENT, SECRET, IdentityProvider, running
from tests.service.offices import BEGINNING, PASSWORD, Asking, make_office, record, settings_of

PROVIDER = "/api/v1/sessions/provider"
CALLBACK = f"{PROVIDER}/callback"
SUBJECT = "5f2c9a"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityProvider]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running() as found:
        yield found


def settings(folder: Path, url: str, provider: IdentityProvider, **more: str) -> dict[str, str]:
    return {
        **settings_of(folder, url),
        "WAHANA_OIDC_ISSUER": provider.issuer,
        "WAHANA_OIDC_CLIENT_ID": CLIENT,
        "WAHANA_OIDC_CLIENT_SECRET": SECRET,
        "WAHANA_OIDC_SECOND_FACTOR": "otp mfa",
        **more,
    }


class Door:
    """An office with a provider, and a browser at its door."""

    def __init__(self, folder: Path, url: str, provider: IdentityProvider) -> None:
        make_office(folder, url).close()
        self.provider = provider
        self.office = Office(config.read(settings(folder, url, provider)))
        self.app = build(self.office.config, self.office)
        self.browser = self.app.test_client()

    def go(self) -> str:
        answer = self.browser.get(PROVIDER)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return str(answer.headers["Location"])

    def back(self, **query: str) -> TestResponse:
        return self.browser.get(CALLBACK, query_string=query)

    def sign_in(self, subject: str = SUBJECT) -> TestResponse:
        return self.back(**self.provider.agree(self.go(), subject))

    def who(self) -> dict[str, Any]:
        found: dict[str, Any] = self.browser.get("/api/v1/sessions/current").get_json()
        return found

    def linked(self, role: str, subject: str = SUBJECT) -> Asking:
        who = Asking(self.office, role)
        self.office.identity.means.link(who.account, self.provider.issuer, subject)
        return who


@pytest.fixture
def door(tmp_path: Path, database_url: str, provider: IdentityProvider) -> Iterator[Door]:
    made = Door(tmp_path, database_url, provider)
    yield made
    made.office.views.store.close()
    made.office.close()


def test_who_is_linked_gets_a_session_of_her_account(door: Door) -> None:
    psm = door.linked("psm")
    answer = door.sign_in()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/api/v1/sessions/current")
    assert (door.who()["account"], door.who()["second_factor"]) == (psm.account, "")
    [attempt] = door.office.identity.sign_ins(1, psm.account)
    assert (attempt.outcome, attempt.method, attempt.address) == ("ok", "oidc", "127.0.0.0/24")
    assert door.office.log.history(psm.account)[-1].topic == "account.identity_linked"


def test_who_is_not_linked_or_no_longer_or_whose_account_is_closed_stays_outside(door: Door) -> None:
    psm = door.linked("psm")
    assert door.sign_in("orang-lain").get_json()["rule"] == "provider_refused"
    door.office.identity.means.unlink(psm.account, door.provider.issuer, SUBJECT)
    assert door.sign_in().status_code == 401
    door.office.identity.means.link(psm.account, door.provider.issuer, SUBJECT)
    assert door.sign_in().status_code == 303
    record(door.office, lambda decision: decision.load(Account, psm.account).close(on=BEGINNING))
    assert door.sign_in().status_code == 401


def test_one_name_there_is_one_account_here(door: Door) -> None:
    door.linked("psm")
    with pytest.raises(Exception, match="unik"):
        door.linked("tksk")


@pytest.mark.parametrize(
    ("claims", "seen"),
    [
        ({}, {"enrolling": True, "second_factor": ""}),
        ({"amr": ["pwd"]}, {"enrolling": True, "second_factor": ""}),
        ({"amr": ["pwd", "otp"]}, {"enrolling": False, "second_factor": "oidc"}),
        ({"acr": "mfa"}, {"enrolling": False, "second_factor": "oidc"}),
    ],
    ids=lambda wrong: getattr(wrong, "__name__", str(wrong)),
)
def test_a_second_factor_there_stands_for_one_here_when_the_office_says_so(
    door: Door, claims: dict[str, Any], seen: dict[str, Any]
) -> None:
    door.linked("supervisor")
    door.provider.claims = claims
    assert door.sign_in().status_code == 303
    assert {name: door.who()[name] for name in seen} == seen


def test_who_has_a_second_factor_here_is_not_let_in_without_any(door: Door) -> None:
    psm = door.linked("psm")
    psm.enrol()
    assert door.sign_in().get_json()["rule"] == "second_factor_needed"
    door.provider.claims = {"amr": ["otp"]}
    assert door.sign_in().status_code == 303


def _other_key(provider: IdentityProvider) -> None:
    provider.signed_with = RSAKey.generate_key(2048, {"kid": "k1"}, auto_kid=False)


def _shared_secret(provider: IdentityProvider) -> None:
    provider.header = {"alg": "HS256"}
    provider.signed_with = OctKey.import_key(SECRET.encode())  # type: ignore[assignment]


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://lain.example"},
        {"aud": "aplikasi-lain"},
        {"aud": [CLIENT, "aplikasi-lain"]},
        {"azp": "aplikasi-lain"},
        {"nonce": "nonce-lain"},
        {"nonce": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        _other_key,
        _shared_secret,
    ],
    ids=lambda wrong: getattr(wrong, "__name__", str(wrong)),
)
def test_an_answer_that_is_not_for_this_sign_in_opens_nothing(door: Door, wrong: Any) -> None:
    door.linked("psm")
    if callable(wrong):
        wrong(door.provider)
    else:
        door.provider.claims = wrong
    assert door.sign_in().get_json()["rule"] == "provider_refused"


def test_a_state_counts_once_and_in_the_browser_that_was_sent(door: Door) -> None:
    door.linked("psm")
    query = door.provider.agree(door.go())
    stranger = door.app.test_client()
    assert stranger.get(CALLBACK, query_string=query).status_code == 401, "another browser"
    assert door.back(**query).status_code == 401, "the attempt above has used it up"
    query = door.provider.agree(door.go())
    assert door.back(code=query["code"], state="x" * 43).status_code == 401
    assert door.back(**query).status_code == 303
    assert door.back(**query).status_code == 401
    assert door.back().status_code == 401


def test_a_code_without_its_verifier_is_worth_nothing(door: Door) -> None:
    """PKCE: a code that was stolen on its way is of no use in another sign-in."""
    door.linked("psm")
    stolen = door.provider.agree(door.go())["code"]
    own = door.provider.agree(door.go())
    assert door.back(code=stolen, state=own["state"]).status_code == 401


def test_a_provider_that_is_away_or_says_strange_things_is_not_waited_for(door: Door) -> None:
    door.provider.told = {"token_endpoint": "http://jahat.example/token"}
    assert door.browser.get(PROVIDER).status_code == 503
    door.provider.told = {"issuer": "https://lain.example"}
    assert door.browser.get(PROVIDER).status_code == 503
    door.provider.told = {}
    query = door.provider.agree(door.go())
    door.provider.told = {"jwks_uri": f"{door.provider.issuer}/tidak-ada"}
    assert door.back(**query).status_code == 503


def test_without_a_provider_there_is_no_such_way_in_and_nothing_of_it_is_imported(tmp_path: Path) -> None:
    here = make_office(tmp_path)
    browser = build(here.config, here).test_client()
    assert [browser.get(path).status_code for path in (PROVIDER, CALLBACK)] == [404, 404]
    here.close()
    code = (
        "import sys; sys.modules['authlib'] = sys.modules['joserfc'] = sys.modules['requests'] = None\n"
        "from service import config; from service.app import build; import json, os\n"
        "build(config.read()).test_client().get('/api/v1/sessions/provider')\n"
    )
    environment = {**settings_of(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path.cwd())}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


@pytest.mark.parametrize("missing", ["WAHANA_OIDC_CLIENT_ID", "WAHANA_OIDC_CLIENT_SECRET"])
def test_half_a_provider_is_no_configuration(tmp_path: Path, provider: IdentityProvider, missing: str) -> None:
    with pytest.raises(BadConfiguration, match=missing):
        config.read(settings(tmp_path, "", provider, **{missing: ""}))
    with pytest.raises(BadConfiguration, match="https"):
        config.read(settings(tmp_path, "", provider, WAHANA_OIDC_ISSUER="http://sso.example.go.id"))


def test_the_password_goes_on_working_beside_it(door: Door) -> None:
    psm = door.linked("psm")
    door.office.identity.set_password(psm.account, PASSWORD)
    assert psm.sign_in().status_code == 201
