"""S10: operations make every view anew while people work, lose the process at 60 %, and go on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from projections.rebuild import switch_back
from tests.journeys.filled import filled_office, killed_when, wahana
from tests.service.offices import Asking

EVENTS = 25_000


def told(folder: Path, url: str, *arguments: str) -> Any:
    """What the command line says in JSON; fails when it fails."""
    answer = wahana(folder, url, *arguments, "--json")
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_a_rebuild_killed_at_sixty_percent_goes_on_and_gives_the_same_bytes(tmp_path: Path, database_url: str) -> None:
    office = filled_office(tmp_path, database_url, EVENTS)
    assert told(tmp_path, database_url, "project", "rebuild")["events"] == EVENTS
    reader, auditor = Asking(office, "supervisor"), Asking(office, "auditor")
    office.views.catch_up()
    before = told(tmp_path, database_url, "project", "verify")
    assert before["differences"] == []
    board = reader.get("/api/v1/villages").get_json()
    past = reader.get("/api/v1/villages", as_of=EVENTS // 2).get_json()["data"]

    position, head = killed_when(tmp_path, database_url, lambda done, all: done >= 0.6 * all, "project", "rebuild")
    assert 0.6 * head <= position < head

    # Nobody notices: the old tables serve, complete, and take in what is recorded meanwhile.
    assert reader.get("/api/v1/villages").get_json()["data"] == board["data"]
    assert reader.client.get("/readyz").status_code == 200
    rows = [row for row in told(tmp_path, database_url, "project", "status") if row["serving"]]
    assert {(row["state"], row["generation"], row["lag"]) for row in rows} == {("live", 2, 0)}

    again = told(tmp_path, database_url, "project", "rebuild")
    assert position <= again["resumed"]
    assert again["events"] == head - again["resumed"]
    assert again["position"] == office.reader.head()[0] == head

    after = told(tmp_path, database_url, "project", "verify")
    assert after["differences"] == []
    assert after["digests"] == before["digests"]
    rows = told(tmp_path, database_url, "project", "status")
    assert {row["generation"] for row in rows if row["serving"]} == {3}
    assert reader.get("/api/v1/villages").get_json()["data"] == board["data"]
    assert reader.get("/api/v1/villages", as_of=EVENTS // 2).get_json()["data"] == past

    # The switch can be switched back, and work goes on over either.
    assert set(switch_back(office.views)) == set(office.views.projections)
    reader.done("/api/v1/wksbm", {"village": "75.01.02.2011", "name": "WKSBM Sesudahnya"})
    assert auditor.data("/api/v1/villages")
    last = told(tmp_path, database_url, "project", "verify")
    assert (last["differences"], last["position"]) == ([], office.reader.head()[0])
    office.close()


def test_a_rebuild_is_not_begun_twice_and_knows_what_it_is_asked_for(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'wahana.db'}"
    office = filled_office(tmp_path, url, 500)
    assert told(tmp_path, url, "project", "rebuild", "cases", "people")["projections"] == ["cases", "people"]
    assert wahana(tmp_path, url, "project", "rebuild", "entah").returncode != 0
    assert wahana(tmp_path, url, "project", "follow", "--once").returncode == 0
    assert told(tmp_path, url, "project", "verify")["differences"] == []
    office.close()
