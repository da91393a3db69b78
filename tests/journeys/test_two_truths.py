"""S4: a volunteer and a case worker, both without signal, at one case. Neither is lost, and a supervisor decides."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from projections.verify import verify
from service.log.ids import new_id
from tests.journeys.calendar import VILLAGE, Place, keyed, registration, topics
from tests.journeys.test_intake_to_plan import ANSWERS
from tests.service.offices import Asking

QUIET = dict.fromkeys(ANSWERS, 0)


class Day:
    """One case of the volunteer's, a task on it, and what each of the two recorded that day without signal."""

    def __init__(self, place: Place) -> None:
        self.volunteer, self.desk = place.who("psm", VILLAGE), place.who("peksos", VILLAGE)
        self.supervisor = place.who("supervisor")
        body = registration(name="Hasan Lahay")
        person = self.volunteer.done("/api/v1/beneficiaries", body)["id"]
        opening = {"beneficiary": person, "channel": "kunjungan", "urgency": "biasa"}
        self.case, self.person = str(self.volunteer.done("/api/v1/cases", opening)["id"]), str(person)
        self.at, self.task = f"/api/v1/cases/{self.case}", new_id()
        self.volunteer.done(f"{self.at}/assignment", {"worker": self.volunteer.account})
        given = {"task": self.task, "title": "Urus KTP", "owner": self.volunteer.account, "due": "2025-03-20"}
        self.volunteer.done(f"{self.at}/tasks", given)
        self.volunteer.done(f"{self.at}/assessments", {"instrument": "umum", "details": QUIET})
        self.base = int(self.volunteer.data(self.at)["version"])
        place.calendar.later(1)
        self.visited = [
            self.entry("case.change_risk", {"risk": "tinggi", "reason": "Anak sendirian di rumah"}, "hp-1"),
            self.entry("case.finish_task", {"note": "KTP sudah jadi"}, "hp-1", task=self.task),
        ]
        low = {"instrument": "umum", "details": QUIET, "narrative": "Menurut berkas aman"}
        self.judged = [
            self.entry("case.assess", low, "laptop-2"),
            self.entry(
                "case.change_task", {"title": "Urus KTP dan KK", "due": "2025-03-25"}, "laptop-2", task=self.task
            ),
        ]
        place.calendar.later(1)

    def entry(self, command: str, body: dict[str, Any], device: str, **url: str) -> dict[str, Any]:
        sent = {**body, "on": "2025-03-04", "source": "offline", "device": device}
        return {**keyed(command, sent, stream=self.case, **url), "base": self.base}

    def send(self, asking: Asking, entries: list[dict[str, Any]]) -> list[int]:
        answer = asking.post("/api/v1/batch", {"items": entries})
        return [one["status"] for one in answer.get_json()["results"]]


#: Every order in which the two arrive; what one of them recorded comes in the order in which it was recorded.
ORDERS = ["".join(order) for order in sorted(set(permutations("VVDD")))]


def arrive(day: Day, order: str) -> None:
    waiting = {"V": (day.volunteer, iter(day.visited)), "D": (day.desk, iter(day.judged))}
    for whose in order:
        asking, entries = waiting[whose]
        assert day.send(asking, [next(entries)]) == [201]


@pytest.mark.parametrize("order", ORDERS)
def test_two_truths_are_both_kept_until_a_supervisor_decides(place: Place, order: str) -> None:
    day = Day(place)
    arrive(day, order)
    position = place.office.reader.head()[0]
    assert set(day.send(day.volunteer, day.visited)) == {200}, "sent twice, recorded once"
    row = day.volunteer.data(day.at)
    # The case shows two answers and behaves as high.
    assert sorted(one["risk"] for one in row["answers"]) == ["rendah", "tinggi"]
    assert (row["disputed"], row["risk"], row["review_due_on"]) == (True, "tinggi", "2025-03-18")
    assert {one["reason"] for one in row["answers"]} == {"Anak sendirian di rumah", "Menurut berkas aman"}
    workers = day.supervisor.data("/api/v1/caseload")["workers"]
    assert [(one["risk_high"], one["risk_low"]) for one in workers if one["worker"] == day.volunteer.account] == [
        (1, 0)
    ]
    # The edit of the task merged by itself.
    [task] = row["tasks"]
    assert (task["title"], task["due_on"], task["state"]) == ("Urus KTP dan KK", "2025-03-25", "selesai")
    # The decision has a reason; before it the case stays readable as it was.
    [waiting] = day.supervisor.data("/api/v1/cases", disputed="true")
    assert waiting["id"] == day.case
    body = {"risk": "tinggi", "reason": "Anak tidak boleh sendirian", "on": "2025-03-05"}
    day.supervisor.done(f"{day.at}/risk-decision", body, **{"If-Match": f'"{row["version"]}"'})
    decided = day.volunteer.data(day.at)
    assert (decided["disputed"], decided["risk"], decided["review_due_on"]) == (False, "tinggi", "2025-03-19")
    assert day.volunteer.data(day.at, as_of=position)["disputed"] is True
    told = day.volunteer.data(f"/api/v1/beneficiaries/{day.person}/history")["entries"]
    assert told[-1]["sentence"].endswith("risiko tinggi. Alasan: Anak tidak boleh sendirian.")
    assert {"case.assessed", "case.risk_changed", "case.task_done", "case.task_changed"} <= set(topics(told))
    found = verify(place.office.views)
    assert not found.differences
    state = place.who("auditor").get(f"/api/v1/streams/{day.case}/replay").get_json()["steps"][-1]["state"]
    assert (state["risk"], state["review_days"], state["terminated"]) == ("tinggi", 14, False)
