"""An office of its own for a test, asked over HTTP: the territory published, an account for each role."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Collection
from copy import copy
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain import compartments
from domain.account import BOUND_TO_AREA, Account
from domain.account_means import TWO_FACTORS
from domain.beneficiary import Beneficiary
from domain.sealed import Evidence
from domain.territory import Territory
from service import config
from service.app import build
from service.casebook import Command, Decision
from service.identity import LOGIN
from service.log.ids import new_id
from service.office import Office, utc_now
from service.second_factor import SECONDS, code_at, step_of

VILLAGE = "75.01.02.2011"
PASSWORD = "tujuh-belas-ikan-payangka"
BEGINNING = date(2019, 1, 1)
CLEARED = ("peksos", "supervisor")
ROLES = ("pengurus_wksbm", "kades", "psm", "tksk", "peksos", "supervisor", "kepala_dinas", "auditor", "admin")


def settings_of(folder: Path, url: str = "") -> dict[str, str]:
    """The settings of an office: on SQLite in a folder, or in the database of another URL with its keys in the folder."""
    secret = base64.b64encode(b"s" * 32).decode()
    return {
        "WAHANA_DATABASE_URL": url or f"sqlite:///{folder / 'wahana.db'}",
        "WAHANA_KEYS_URL": f"sqlite:///{folder / 'keys.db'}",
        **dict.fromkeys(("WAHANA_MASTER_KEY", "WAHANA_TOKEN_KEY", "WAHANA_SECRET_KEY", "WAHANA_RECEIPT_KEY"), secret),
    }


def make_office(folder: Path, url: str = "", *, now: Callable[[], str] = utc_now) -> Office:
    """An initialised office with the territory published. ``now`` is its clock."""
    here = Office(config.read(settings_of(folder, url)), now=now)
    here.initialise()
    record(here, lambda decision: decision.begin(Territory.publish(on=BEGINNING, valid_from=BEGINNING)))
    return here


def record(here: Office, decide: Any, name: str = "test.prepare", account: str = "penyiap") -> None:
    """Record a decision without asking the policy table."""
    here.casebook.record(Command(id=new_id(), name=name, account=account, post=""), decide)


@lru_cache(8)
def application(here: Office) -> Flask:
    """The application of an office, made once for all who ask."""
    return build(here.config, here)


def clear(account: Account, chosen: Collection[str]) -> None:
    """Clear an account for compartments of the strictly restricted tier."""
    for compartment in sorted(chosen):
        account.grant_clearance(
            on=BEGINNING,
            clearance=new_id(),
            compartment=compartment,
            valid_from=BEGINNING,
            evidence=(Evidence("surat_tugas", "1/2019", "2019-01-01"),),
        )


class Clock:
    """The office's clock, moved on by the test."""

    def __init__(self) -> None:
        self.time = datetime(2026, 6, 1, 1, tzinfo=UTC)

    def __call__(self) -> str:
        return self.time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def wait(self, **amount: float) -> None:
        self.time += timedelta(**amount)


class Asking:
    """Somebody at work: an account with one role, and a client that sends its token. Social workers and supervisors are
    cleared for every compartment unless others are named."""

    def __init__(
        self, here: Office, role: str, areas: tuple[str, ...] | None = None, clearances: Collection[str] | None = None
    ) -> None:
        self.office, self.role, self.account = here, role, new_id()
        if areas is None:
            areas = (VILLAGE[:8],) if role in BOUND_TO_AREA else ()

        def decide(decision: Decision) -> None:
            account = Account.open(self.account, on=BEGINNING, login=self.login, name=role)
            decision.reserve(LOGIN, self.login, self.account)
            account.grant_role(on=BEGINNING, grant=new_id(), role=role, title=role, areas=areas, valid_from=BEGINNING)
            clear(account, compartments.ALL if clearances is None and role in CLEARED else clearances or ())
            decision.begin(account)

        record(here, decide)
        self.client: FlaskClient = application(here).test_client()
        self.token = here.identity.issue_token(self.account, "uji", 366)
        self.secret, self.step, self.settled = b"", 0, False

    @property
    def login(self) -> str:
        """What this account signs in as."""
        return f"{self.role[:6]}-{self.account[-8:]}"

    def sign_in(self, **headers: str) -> TestResponse:
        """Sign in as a person, with the password and, where one is enrolled, a code of the next time step."""
        body = {"login": self.login, "password": PASSWORD}
        if self.secret:
            body["code"] = self.code()
        return self.client.post("/api/v1/sessions", json=body, headers=headers)

    def code(self) -> str:
        """A code of this person's authenticator that was not used before: the earliest one that still counts. Whoever has
        used three already waits for the next, as people must."""
        now, until = self.office.identity.means.milliseconds, time.monotonic() + SECONDS
        self.step = max(self.step + 1, step_of(now()) - 1)
        while self.step > step_of(now()) + 1:
            assert time.monotonic() < until, "more codes than an authenticator shows"
            time.sleep(0.2)
        return code_at(self.secret, self.step)

    def enrol(self) -> None:
        """Have a second factor, as whoever prepared the office made it."""
        means = self.office.identity.means
        self.secret = self.account.encode()[-20:]
        means.begin_factor(self.account, self.secret)
        assert means.enrol(self.account, self.code())

    def person(self, **headers: str) -> Asking:
        """The same account, signed in as a person with every factor that its role demands."""
        if not self.settled:
            self.office.identity.set_password(self.account, PASSWORD)
            if self.role in TWO_FACTORS and not self.secret:
                self.enrol()
        self.settled = True
        answer = self.sign_in(**headers)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        signed = copy(self)
        signed.client = application(self.office).test_client()
        signed.token = answer.get_json()["token"]
        return signed

    def delete(self, path: str) -> TestResponse:
        return self.client.delete(path, headers={"Authorization": f"Bearer {self.token}"})

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.client.get(path, query_string=query or None, headers={"Authorization": f"Bearer {self.token}"})

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        sent = {"Authorization": f"Bearer {self.token}", **headers}
        return self.client.post(path, json={} if body is None else body, headers=sent)

    def data(self, path: str, **query: Any) -> Any:
        """What a read answers; fails the test when it is refused."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()["data"]

    def done(self, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """What a command recorded; fails the test when it is refused."""
        answer = self.post(path, body, **headers)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return dict(answer.get_json())

    def refused(self, path: str, body: Any = None) -> str:
        """The rule by which a command is refused."""
        answer = self.post(path, body)
        assert answer.status_code in (403, 404, 409, 412, 422), answer.get_data(as_text=True)
        return str(answer.get_json().get("rule"))


def person(here: Office, village: str = VILLAGE, tier: int = 1, **more: Any) -> str:
    """The id of a registered person; of tier 3 when classified by a sealed type."""
    stream = new_id()

    def decide(decision: Decision) -> None:
        identity = decision.seal(stream, {"identity": {"name": "Warga Uji"}})
        found = Beneficiary.register(
            stream, on=date(2026, 1, 5), village=village, kind="person", channel="desa", identity=identity, **more
        )
        decision.begin(found)
        if tier == 3:
            restrict(decision, found)

    record(here, decide)
    return stream


def restrict(decision: Decision, someone: Beneficiary, type: str = "anak_korban_kekerasan") -> None:
    """Give a person a type of the strictly restricted tier."""
    kind = decision.seal(someone.id, {"type": type}, strict=True, compartments=compartments.of_type(type))
    someone.classify(on=date(2026, 1, 5), classification=new_id(), type=kind, tier=3, assessor="penyiap")
