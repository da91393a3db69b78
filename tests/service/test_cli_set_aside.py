"""What the views set aside and what verifying them finds, from the command line and where an operator looks."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from domain.beneficiary import Beneficiary
from projections.rebuild import rebuild
from service.cli import main, output
from service.log.codec import leaf_hash
from service.log.reader import LogReader
from service.office import Office
from tests.service.offices import VILLAGE, Asking, person, record, settings_of
from tests.service.owner import Owner

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """``run(*words)``: what the command line answers about the office."""
    opened: list[Office] = []

    def noted(settings: Any) -> Office:
        opened.append(Office(settings))
        return opened[-1]

    monkeypatch.setattr(output, "Office", noted)
    yield lambda *words: CliRunner().invoke(main, words, env=settings_of(tmp_path, database_url))
    for office in opened:
        office.close()
        office.views.store.close()


@pytest.fixture
def owner(here: Office, database_url: str) -> Iterator[Owner]:
    found = Owner(database_url)
    yield found
    found.close()


def spoilt_person(here: Office, owner: Owner) -> tuple[str, str, int]:
    """Somebody who died, her registration unreadable when the views come to it, and somebody after her."""
    someone = person(here)
    position = here.reader.head()[0]
    record(here, lambda decision: decision.load(Beneficiary, someone).die(on=here.today()))
    person(here)
    text = owner.spoil(position)
    here.views.catch_up()
    return someone, text, position


def ready(here: Office) -> tuple[int, Any]:
    answer = Asking(here, "auditor").client.get("/readyz")
    here.views.catch_up()
    return answer.status_code, answer.get_json()


def test_what_is_set_aside_is_named_wherever_an_operator_looks(here: Office, run: Run, owner: Owner) -> None:
    someone, _, position = spoilt_person(here, owner)
    code, body = ready(here)
    assert code == 200
    assert [(each["position"], each["topic"]) for each in body["set_aside"]] == [(position, "beneficiary.registered")]
    assert someone not in json.dumps(body), "anybody may ask for it"
    status = run("project", "status")
    assert f"aside from position {position}: stream {someone}: beneficiary.registered: " in status.stdout
    rows = json.loads(run("project", "status", "--json").stdout)
    assert {each["stream"] for row in rows for each in row["set_aside"]} == {someone}
    metrics = Asking(here, "auditor").client.get("/metrics").get_data(as_text=True)
    assert "wahana_views_set_aside 1.0" in metrics


def test_a_release_names_the_reason_until_the_row_is_mended(here: Office, run: Run, owner: Owner) -> None:
    someone, text, position = spoilt_person(here, owner)
    refused = run("project", "release", str(position))
    assert refused.exit_code == 3
    assert f"not released: position {position}: the text does not match its leaf hash" in refused.stderr
    assert run("project", "release", str(position + 1)).exit_code == 1
    assert run("project", "release", "entah").exit_code == 1
    tried = run("project", "retry")
    assert (tried.exit_code, f"stays aside from position {position} on: " in tried.stdout) == (3, True)

    owner.mend(position, text)
    done = run("project", "release", someone, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["stream"], told["position"], told["stopped"]) == (someone, position, None)
    assert "people" in told["projections"]
    (line,) = [json.loads(line) for line in done.stderr.splitlines()]
    assert (line["message"], line["stream"], line["position"]) == ("released", someone, position)
    assert run("project", "verify").exit_code == 0
    assert ready(here)[1]["set_aside"] == []
    assert Asking(here, "supervisor").get(f"/api/v1/beneficiaries/{someone}").status_code == 200


def test_a_replay_says_that_a_stream_is_missing(here: Office, run: Run, owner: Owner) -> None:
    other = person(here)
    _, text, position = spoilt_person(here, owner)
    auditor = Asking(here, "auditor")
    for path, name in (("streams", other), ("villages", VILLAGE)):
        assert auditor.get(f"/api/v1/{path}/{name}/replay").get_json()["set_aside"] == [position]
        told = run("replay", name)
        assert (told.exit_code, f"set aside from position {position}:" in told.stderr) == (0, True)
    owner.mend(position, text)
    assert run("project", "retry").exit_code == 0
    assert auditor.get(f"/api/v1/streams/{other}/replay").get_json()["set_aside"] == []
    assert run("replay", other).stderr == ""


def test_a_retry_takes_in_everything_that_was_mended(here: Office, run: Run, owner: Owner) -> None:
    someone, text, position = spoilt_person(here, owner)
    owner.mend(position, text)
    done = run("project", "retry")
    assert done.exit_code == 0
    assert done.stdout.startswith(f"position {position} of stream {someone}: released into ")
    assert json.loads(done.stderr)["message"] == "released"
    assert (run("project", "retry", "--json").stdout, run("project", "verify").exit_code) == ("[]\n", 0)


def test_a_damaged_row_does_not_keep_an_office_without_views_down(here: Office, run: Run, owner: Owner) -> None:
    other = person(here)
    someone, text, position = spoilt_person(here, owner)
    supervisor = Asking(here, "supervisor")
    with here.views.store.writing(1) as session:
        session.run(f"UPDATE {session.dialect.prefix}generations SET digest = 'another program'")
    answer = supervisor.client.get("/readyz")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "missing")
    assert "wahana project rebuild; if it refuses" in answer.get_json()["remedy"]
    refused = run("project", "rebuild")
    assert refused.exit_code == 3
    assert f"wahana: position {position}: beneficiary.registered: " in refused.stderr
    assert "what reads these views is answered 503: accounts, " in refused.stderr
    command = refused.stderr.splitlines()[-1].partition("until they are released: wahana ")[2]
    assert command == f"project rebuild --set-aside {position}"
    assert supervisor.get(f"/api/v1/beneficiaries/{other}").status_code == 503
    beyond = run("project", "rebuild", "--set-aside", str(position), "--set-aside", "999999")
    assert (beyond.exit_code, "the log ends at position" in beyond.stderr) == (2, True)
    needless = run("project", "rebuild", "--set-aside", str(position), "--set-aside", "1")
    assert (needless.exit_code, "need not be set aside: 1" in needless.stderr) == (1, True)

    done = run(*command.split(), "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["set_aside"] == [position]
    assert supervisor.get(f"/api/v1/beneficiaries/{other}").status_code == 200
    code, body = ready(here)
    assert (code, body["status"], body["remedy"]) == (200, "ok", None)
    assert [each["position"] for each in body["set_aside"]] == [position]
    assert "stay as they are" in run("project", "rebuild", "people").stderr
    owner.mend(position, text)
    assert run("project", "release", someone).exit_code == 0
    assert run("project", "verify").exit_code == 0


def test_verifying_says_what_it_left_out_and_does_not_end_as_if_all_was_compared(
    here: Office, run: Run, owner: Owner
) -> None:
    someone, text, position = spoilt_person(here, owner)
    head = here.reader.head()[0]
    found = run("project", "verify", "--scheduled")
    assert found.exit_code == 1, "nothing differs, but not all was compared"
    assert f"not compared: stream {someone} from position {position} on: beneficiary.registered: " in found.stdout
    assert f"0 differences at position {head} of {head}" in found.stdout
    told = json.loads(run("project", "verify", "--json").stdout)
    assert [(bad["position"], bad["stream"]) for bad in told["set_aside"]] == [(position, someone)]
    assert (told["position"], told["head"], told["stopped_before"]) == (head, head, None)
    kept = ready(here)[1]["verified"]
    assert (kept["set_aside"], kept["head"], kept["stopped_before"]) == ([position], head, None)
    owner.mend(position, text)
    assert run("project", "retry").exit_code == 0
    assert run("project", "verify").exit_code == 0


def test_verifying_says_where_it_stopped_before_an_event_of_a_newer_program(
    here: Office, run: Run, owner: Owner
) -> None:
    someone = person(here)
    head = here.reader.head()[0]
    text = owner.spoil(head).replace("beneficiary.registered", "case.dreamt")
    owner.mend(head, text)
    owner.database.rows(
        "UPDATE events SET topic = 'case.dreamt', leaf = :leaf WHERE position = :head", leaf=leaf_hash(text), head=head
    )
    found = run("project", "verify")
    assert found.exit_code == 1, found.output
    assert f"not compared: what comes after position {head - 1}: position {head} needs a newer version" in found.stdout
    assert f"0 differences at position {head - 1} of {head}" in found.stdout
    assert someone not in found.stdout


def test_verifying_catches_up_first(here: Office, run: Run) -> None:
    person(here)
    head = here.reader.head()[0]
    found = run("project", "verify")
    assert (found.exit_code, f"0 differences at position {head} of {head}" in found.stdout) == (0, True)


def test_verifying_on_schedule_keeps_its_result_where_an_operator_looks(here: Office, run: Run) -> None:
    person(here)
    here.views.catch_up()
    assert ready(here)[1]["verified"] is None
    assert run("project", "verify").exit_code == 0
    assert ready(here)[1]["verified"] is None, "only on schedule"
    assert run("project", "verify", "people", "--scheduled").exit_code == 2
    assert run("project", "verify", "--scheduled").exit_code == 0
    code, body = ready(here)
    found = body["verified"]
    assert (code, body["status"], found["differences"], found["differing"]) == (200, "ok", 0, [])
    assert here.now() > found["at"] > "2026"
    assert 0 < found["position"] <= here.reader.head()[0]
    assert len(found["digest"]) == 64
    metrics = Asking(here, "auditor").client.get("/metrics").get_data(as_text=True)
    assert "wahana_views_differences 0.0" in metrics
    assert "wahana_views_verified_timestamp_seconds 1." in metrics


def test_a_difference_is_named_with_its_events_and_shown_until_the_view_is_made_anew(here: Office, run: Run) -> None:
    someone = person(here)
    position = here.reader.head()[0]
    here.views.catch_up()
    with here.views.store.writing(1) as session:
        table = here.views.tables("people", here.views.own(session)["people"].number)
        session.run(f"UPDATE {table.current} SET village = '75.01.01.1001' WHERE key = '{someone}'")
    found = run("project", "verify", "--scheduled")
    assert found.exit_code == 3
    assert f"people {someone}: stored (" in found.stdout
    assert f"; position {position}: beneficiary.registered" in found.stdout
    assert "1 differences at position" in found.stdout
    (told,) = json.loads(run("project", "verify", "--json").stdout)["differences"]
    assert (told["projection"], told["key"]) == ("people", someone)
    assert told["events"] == [{"position": position, "topic": "beneficiary.registered", "stream": someone}]

    code, body = ready(here)
    assert (code, body["status"], body["verified"]["differing"]) == (200, "differs", ["people"])
    assert "wahana_views_differences 1.0" in Asking(here, "auditor").client.get("/metrics").get_data(as_text=True)
    rebuild(here.views, ["people"])
    code, body = ready(here)
    assert (code, body["status"], body["verified"]["differing"]) == (200, "ok", [])
    assert body["verified"]["differences"] == 1, "what was found then stays said"


def test_serving_a_restored_log_begins_and_says_so(
    here: Office, run: Run, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    began: list[Any] = []
    monkeypatch.setenv("WAHANA_BIND", "127.0.0.1:8000")  # put back afterwards: serving sets it
    monkeypatch.setattr(os, "execv", lambda *words: began.append(words))
    person(here)
    here.views.catch_up()
    assert "differs" not in run("serve").stderr
    head = here.reader.head()[0]
    owner.database.rows("DELETE FROM events WHERE position = :head", head=head)
    assert LogReader(here.database).head()[0] == head - 1
    said = run("serve").stderr
    assert f"the log differs from the one the views were folded from, up to position {head}: " in said
    assert "run: wahana project rebuild" in said
    assert len(began) == 2, "it serves all the same"
    assert run("project", "follow", "--once").exit_code == 3
    assert run("doctor").exit_code == 3
    assert Asking(here, "auditor").client.get("/readyz").get_json()["status"] == "replaced"
