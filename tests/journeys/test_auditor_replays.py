"""S8: an auditor replays a case to the day it was decided, over HTTP and from the command line."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from tests.journeys.calendar import ELSEWHERE, VILLAGE, Place, registration
from tests.journeys.filled import wahana
from tests.journeys.test_intake_to_plan import ANSWERS, goals


def decided(place: Place) -> tuple[str, str]:
    """A case whose plan was approved on 12 March, and what came after; the person's id and the case's."""
    worker, supervisor = place.who("tksk"), place.who("supervisor")
    person = worker.done("/api/v1/beneficiaries", registration(name="Yusuf Botutihe", birth_year=1960))["id"]
    case = worker.done("/api/v1/cases", {"beneficiary": person, "channel": "surat", "urgency": "biasa"})["id"]
    at = f"/api/v1/cases/{case}"
    worker.done(f"{at}/assignment", {"worker": worker.account})
    place.calendar.move_to(date(2025, 3, 10))
    worker.done(f"{at}/assessments", {"instrument": "umum", "details": ANSWERS})
    worker.done(f"{at}/plans", {"goals": goals(worker.account)})
    place.calendar.move_to(date(2025, 3, 12))
    supervisor.done(f"{at}/assessment-approval")
    supervisor.done(f"{at}/plans/1/approval")
    place.calendar.move_to(date(2025, 3, 20))
    worker.done(f"{at}/risk", {"risk": "darurat", "reason": "Jatuh sakit"})
    worker.done(f"{at}/closure", {"reason": "meninggal", "outcome": "tidak_dinilai"})
    supervisor.done(f"{at}/closure-approval")
    return person, case


def test_an_auditor_replays_a_case_to_the_day_of_its_decision(place: Place) -> None:
    person, case = decided(place)
    auditor = place.who("auditor")
    whole = auditor.get(f"/api/v1/streams/{case}/replay").get_json()
    then = auditor.get(f"/api/v1/streams/{case}/replay", until="2025-03-12").get_json()
    assert [step["topic"] for step in then["steps"]] == [
        "case.opened",
        "case.assigned",
        "case.assessed",
        "case.plan_proposed",
        "case.assessment_approved",
        "case.plan_approved",
    ]
    assert then["steps"] == whole["steps"][:6]
    assert len(whole["steps"]) == 9
    state: dict[str, Any] = then["steps"][-1]["state"]
    assert (state["risk"], state["review_days"], state["terminated"]) == ("tinggi", 14, False)
    assert whole["steps"][-1]["state"]["terminated"]
    eve = auditor.get(f"/api/v1/streams/{case}/replay", until="2025-03-12T08:59:59+08:00").get_json()
    assert eve["steps"] == whole["steps"][:4]
    assert "Jatuh sakit" not in json.dumps(whole)
    assert "[tersegel]" in json.dumps(whole)

    # The view as of that day says the same as the replay of the log.
    row = auditor.data(f"/api/v1/cases/{case}", as_of=then["position"])
    assert (row["risk"], row["plan_in_force"], row["open"]) == ("tinggi", 1, True)

    told = wahana(place.folder, place.url, "replay", case, "--until", "2025-03-12", "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout) == then["steps"]
    told = wahana(place.folder, place.url, "replay", case, "--until", "2025-03-12", "--no-state")
    assert told.stdout.count("case.") == 6
    assert "Rencana yang berlaku: 1" in told.stdout
    assert "Keadaan sesudahnya: " not in told.stdout
    everything = auditor.get(f"/api/v1/streams/{person}/replay", until="2025-03-12").get_json()
    assert {step["stream"] for step in everything["steps"]} == {person, case}
    positions = [step["position"] for step in everything["steps"]]
    assert positions == sorted(positions)


def test_a_replay_is_for_auditors_and_needs_a_moment_that_can_be_read(place: Place) -> None:
    _, case = decided(place)
    assert place.who("tksk").get(f"/api/v1/streams/{case}/replay").status_code == 403
    auditor = place.who("auditor")
    assert auditor.get(f"/api/v1/streams/{case}/replay", until="kemarin").status_code == 422
    assert auditor.get(f"/api/v1/streams/{case}/replay", until="2018-01-01").status_code == 404
    assert auditor.get("/api/v1/streams/entah/replay").status_code == 404
    assert wahana(place.folder, place.url, "replay", case, "--until", "kemarin").returncode == 2
    assert wahana(place.folder, place.url, "replay", "01a20a73-0ff7-7126-a1f2-5aefa7101cbd").returncode == 1


def test_the_feed_gives_every_event_from_any_position(place: Place) -> None:
    decided(place)
    auditor, head = place.who("auditor"), place.who("kades")
    answer = auditor.get("/api/v1/events", limit=100_000)
    assert answer.content_type == "application/x-ndjson"
    lines = answer.get_data(as_text=True).splitlines()
    events = [json.loads(line) for line in lines]
    assert [event["position"] for event in events] == list(range(1, len(events) + 1))
    assert answer.headers["Wahana-Head"] == str(len(events))
    for after in (0, 1, len(events) // 2, len(events) - 1, len(events), len(events) + 5):
        rest = auditor.get("/api/v1/events", after=after, limit=3).get_data(as_text=True).splitlines()
        assert rest == lines[after : after + 3]
    one = auditor.get(f"/api/v1/events/{len(events)}").get_json()
    assert one["text"] == lines[-1]
    assert auditor.get(f"/api/v1/events/{len(events) + 1}").status_code == 404
    assert head.get("/api/v1/events").status_code == 403
    exported = wahana(place.folder, place.url, "events", "export", "--after", "3")
    assert exported.stdout.splitlines() == lines[3:]


def test_a_village_is_told_event_by_event_with_the_state_each_led_to(place: Place) -> None:
    person, case = decided(place)
    auditor, supervisor = place.who("auditor"), place.who("supervisor")
    wksbm = supervisor.done("/api/v1/wksbm", {"village": VILLAGE, "name": "Huyula", "on": "2025-03-04"})["id"]
    held = supervisor.done(f"/api/v1/wksbm/{wksbm}/activities", {"kind": "rapat", "on": "2025-03-05"})["events"][0]
    grounds = {"target": held["version"], "reason": "Salah catat", "requested_by": "supervisor"}
    supervisor.done(f"/api/v1/streams/{wksbm}/retractions", grounds)
    supervisor.done(f"/api/v1/wksbm/{wksbm}/activities", {"kind": "rapat", "on": "2025-03-06"})
    supervisor.done("/api/v1/wksbm", {"village": ELSEWHERE, "name": "Tetangga"})
    path = f"/api/v1/villages/{VILLAGE}/replay"
    whole = auditor.get(path, limit=500).get_json()
    events = [json.loads(line) for line in auditor.get("/api/v1/events").get_data(as_text=True).splitlines()]
    here = [event["position"] for event in events if event.get("village") == VILLAGE]
    assert [step["position"] for step in whole["steps"]] == here
    assert {step["stream"] for step in whole["steps"]} == {person, case, wksbm}
    for stream in (case, wksbm):  # told alone, a stream says the same
        own = auditor.get(f"/api/v1/streams/{stream}/replay").get_json()["steps"]
        assert [step for step in whole["steps"] if step["stream"] == stream] == own
    assert "Yusuf Botutihe" not in json.dumps(whole)

    paged: list[dict[str, Any]] = []
    page = auditor.get(path, limit=4).get_json()
    while "next_cursor" in page:
        assert len(page["steps"]) == 4
        paged += page["steps"]
        page = auditor.get(path, limit=4, cursor=page["next_cursor"]).get_json()
    assert [*paged, *page["steps"]] == whole["steps"]

    until = auditor.get(path, until="2025-03-12", limit=500).get_json()["steps"]
    assert until == [step for step in whole["steps"] if step["recorded"] < "2025-03-12T16:00:00Z"]
    told = wahana(place.folder, place.url, "replay", VILLAGE, "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout) == whole["steps"]
    told = wahana(place.folder, place.url, "replay", VILLAGE, "--until", str(here[2]), "--no-state")
    assert re.findall(r"^ *(\d+)  \d{4}-", told.stdout, re.MULTILINE) == [str(position) for position in here[:3]]
    assert place.who("tksk").get(path).status_code == 403
    assert auditor.get("/api/v1/villages/75.01.99.2009/replay").status_code == 404
    assert wahana(place.folder, place.url, "replay", "75.01.99.2009").returncode == 1
