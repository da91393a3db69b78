"""Health: alive, ready, late, and what the counters say."""

import base64
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from projections.store import StoreUnavailable
from service import config
from service.api import health
from service.cli import main
from service.office import Office
from tests.service.offices import Asking, person, settings_of
from tests.service.test_api_beneficiaries import PEOPLE, body


def test_a_new_office_is_alive_and_ready(client: Callable[[str], Asking]) -> None:
    anybody = client("auditor").client
    assert anybody.get("/healthz").get_json() == {"status": "ok"}
    answer = anybody.get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json()["status"] == "ok"


def test_views_that_are_late_make_it_not_ready(
    office: Office, client: Callable[[str], Asking], monkeypatch: pytest.MonkeyPatch
) -> None:
    anybody = client("auditor").client
    head = office.reader.head()[0]
    monkeypatch.setattr(health, "LATE", 0)
    monkeypatch.setattr(office.reader, "head", lambda: (head + 5, b""))
    answer = anybody.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["status"] == "late"
    assert "cases" in answer.get_json()["late"]


def test_views_of_another_log_make_it_not_ready(office: Office, client: Callable[[str], Asking]) -> None:
    anybody = client("auditor").client
    office.views.catch_up()
    with office.views.store.writing(1) as session:
        session.run("UPDATE generations SET leaf = 'another' WHERE projection = 'cases'")
    answer = anybody.get("/readyz")
    assert answer.status_code == 503
    assert (answer.get_json()["status"], answer.get_json()["replaced"]) == ("replaced", ["cases"])


def test_a_database_of_the_views_that_is_away_makes_it_not_ready(
    office: Office,
    client: Callable[[str], Asking],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    asking = client("auditor")

    def away() -> None:
        raise StoreUnavailable("nobody answers\nLINE 1: SELECT")

    monkeypatch.setattr(office.views.store, "reading", away)
    assert asking.client.get("/readyz").status_code == 503
    answer = asking.get("/api/v1/villages")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "unavailable: StoreUnavailable: nobody answers" in caplog.messages


def test_another_master_key_locks_the_service_before_anybody_is_recorded_under_it(
    here: Office, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    began: list[object] = []
    monkeypatch.setenv("WAHANA_BIND", "127.0.0.1:8000")  # put back afterwards: serving sets it
    monkeypatch.setattr(os, "execv", lambda *words: began.append(words))
    right = settings_of(tmp_path, database_url)
    wrong = right | {"WAHANA_MASTER_KEY": base64.b64encode(b"w" * 32).decode()}
    first = CliRunner().invoke(main, ["serve"], env=wrong)
    assert first.exit_code == 0, first.stderr  # there is no key yet
    person(here)
    refused = CliRunner().invoke(main, ["serve"], env=wrong)
    assert (refused.exit_code, len(began)) == (78, 1)
    assert "WAHANA_MASTER_KEY" in refused.stderr
    assert CliRunner().invoke(main, ["serve"], env=right).exit_code == 0
    locked = Office(config.read(wrong))
    psm = Asking(locked, "psm")
    told = psm.get("/readyz")
    assert (told.status_code, told.get_json()["status"]) == (503, "locked")
    assert psm.post(PEOPLE, body()).status_code == 503
    locked.close()


def test_metrics_show_lag_head_and_appends(office: Office, client: Callable[[str], Asking]) -> None:
    supervisor = client("supervisor")
    supervisor.done("/api/v1/kps", {"village": "75.01.02.2011", "kind": "arisan", "name": "Arisan"})
    text = supervisor.client.get("/metrics").get_data(as_text=True)
    for name in ("wahana_projection_lag", "wahana_log_head", "wahana_append_seconds_count", "wahana_requests_total"):
        assert name in text
    assert "Arisan" not in text


def test_metrics_are_for_this_machine_when_no_token_is_set(client: Callable[[str], Asking]) -> None:
    anybody = client("auditor").client
    assert anybody.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 403
