"""A report of March, as it was handed in and as it is known today: the difference names its events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.journeys.calendar import ELSEWHERE, NEXT_DOOR, VILLAGE, Place, registration, topics
from tests.service.offices import Asking

MARCH = {"begin": "2025-03-01", "end": "2025-03-31"}
PERIOD, DIFFERENCE = "/api/v1/periods", "/api/v1/periods/difference"
COVERAGE = "/api/v1/coverage/difference"
GROUNDS = {"reason": "salah catat", "requested_by": "supervisor"}


def changed(who: Asking, path: str, **query: Any) -> dict[str, dict[str, Any]]:
    """The figures that differ, by name."""
    figures = who.data(path, **query)["figures"]
    return {one["figure"]: one for one in figures if one["then"] != one["now"] or one["events"] or one["left_out"]}


def numbers(one: dict[str, Any]) -> tuple[int, int]:
    return one["then"], one["now"]


class March:
    """March in one village, reported on 1 April; what came to light in April."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.supervisor, self.worker = place.who("supervisor"), place.who("tksk")
        self.wksbm = self.supervisor.done("/api/v1/wksbm", {"village": VILLAGE, "name": "Huyula"})["id"]
        self.first = self.activity("2025-03-03")
        place.calendar.move_to(date(2025, 3, 20))
        self.second = self.activity("2025-03-20")
        self.person = self.worker.done("/api/v1/beneficiaries", registration(name="Ani", birth_year=1960))["id"]
        place.calendar.move_to(date(2025, 4, 1))
        self.reported = int(self.supervisor.get(PERIOD, **MARCH).headers["Wahana-Position"])
        self.reported_at = place.calendar.moment.isoformat()
        place.calendar.move_to(date(2025, 4, 10))

    def activity(self, on: str) -> dict[str, Any]:
        found: dict[str, Any] = self.supervisor.done(
            f"/api/v1/wksbm/{self.wksbm}/activities", {"kind": "rapat", "on": on}
        )
        return dict(found["events"][0])

    def correct(self, event: dict[str, Any], **values: Any) -> None:
        body = {**GROUNDS, "target": event["version"], "values": values}
        self.supervisor.done(f"/api/v1/streams/{self.wksbm}/corrections", body)

    def retract(self, event: dict[str, Any]) -> dict[str, Any]:
        done = self.supervisor.done(
            f"/api/v1/streams/{self.wksbm}/retractions", {**GROUNDS, "target": event["version"]}
        )
        return dict(done["events"][0])

    def count(self, **query: Any) -> int:
        return int(self.supervisor.data(PERIOD, **MARCH, **query)["figures"]["activities"])

    def difference(self, **query: Any) -> dict[str, Any] | None:
        query = {**MARCH, "reported": self.reported, **query}
        return changed(self.supervisor, DIFFERENCE, **query).get("period.activities")


def test_a_difference_too_large_to_tell_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    march = March(place)
    march.activity("2025-03-07")
    wide = {**MARCH, "reported": march.reported}
    assert march.supervisor.get(DIFFERENCE, **wide).status_code == 200
    for bound, most in (("MOST_CHANGED", 0), ("MOST_ROWS", 2)):
        with monkeypatch.context() as patch:
            patch.setattr(f"projections.figures.differences.{bound}", most)
            answer = march.supervisor.get(DIFFERENCE, **wide)
            assert answer.status_code == 422
            assert "Persempit periode atau wilayahnya." in answer.get_data(as_text=True)
            assert march.supervisor.get(DIFFERENCE, **wide, figure="period.registered").status_code == 200


def test_a_period_counts_what_happened_in_it_as_known_at_a_moment(place: Place) -> None:
    march = March(place)
    told = march.supervisor.get(PERIOD, **MARCH).get_json()
    assert told["data"]["figures"] == {
        **dict.fromkeys(told["data"]["figures"], 0),
        "registered": 1,
        "activities": 2,
    }
    way = told["why"]["figures"].replace("{field}", "activities")
    assert "&on=2025-04-10&" in way
    rows = march.supervisor.data(way)["rows"]
    assert [row["key"] for row in rows] == [f"{march.wksbm}:{one['version']}" for one in (march.first, march.second)]
    assert topics(march.supervisor.data(rows[0]["events"])) == ["wksbm.activity_reported"]
    assert march.count(village=VILLAGE) == march.count(kecamatan=VILLAGE[:8]) == 2
    assert march.count(village=ELSEWHERE) == 0
    assert place.who("kades", ELSEWHERE).data(PERIOD, **MARCH)["figures"]["activities"] == 0
    assert march.supervisor.data(PERIOD, begin="2025-03-04", end="2025-03-19")["figures"]["activities"] == 0
    assert march.difference() is None


def test_a_late_entry_makes_a_difference(place: Place) -> None:
    march = March(place)
    late = march.activity("2025-03-15")
    march.activity("2025-04-09")  # of April: nothing to March
    assert march.count() == 3
    assert march.count(as_of=march.reported) == 2
    for reported in (march.reported, march.reported_at):
        found = march.difference(reported=reported)
        assert found is not None
        assert numbers(found) == (2, 3)
        assert [(one["position"], one["on"]) for one in found["events"]] == [(late["position"], "2025-03-15")]
        assert found["events"][0]["recorded"].startswith("2025-04-10")
        assert "kegiatan" in found["events"][0]["sentence"].lower()
    assert march.difference(as_of=late["position"] - 1) is None


def test_a_report_of_after_what_is_known_is_refused_by_its_own_name(place: Place) -> None:
    march = March(place)
    head = march.activity("2025-03-15")["position"]
    for asked, said in (
        ({"reported": head, "as_of": head - 1}, "Harus sebelum atau sama dengan “as_of”."),
        ({"reported": head + 99, "as_of": head}, "Harus sebelum atau sama dengan “as_of”."),
        ({"reported": head + 99}, "Posisi itu belum ada di catatan."),
    ):
        refused = march.supervisor.get(DIFFERENCE, **{**MARCH, **asked})
        assert (refused.status_code, refused.get_json()["errors"]["query"]) == (422, {"reported": [said]})


def test_a_merger_of_villages_since_the_report_makes_no_difference_to_what_happened(place: Place) -> None:
    march = March(place)
    into = {"code": NEXT_DOOR, "name": "Gabungan", "kind": "desa", "kecamatan": "75.01.02", "kecamatan_name": "Telaga"}
    merger = {"edition": "75.01/uji", "decree": "Perda uji", "valid_from": "2025-04-05", "on": "2025-04-05"}
    march.supervisor.done("/api/v1/territory/mergers", {**merger, "codes": [VILLAGE, NEXT_DOOR], "into": into})
    assert (march.count(village=NEXT_DOOR), march.count(village=VILLAGE), march.count()) == (2, 0, 2)
    assert march.difference() is None
    assert march.difference(village=NEXT_DOOR) is None
    found = changed(march.supervisor, COVERAGE, on="2025-04-09", reported=march.reported)["coverage.villages"]
    assert (*numbers(found), topics(found["events"])) == (205, 204, ["territory.village_merged"])


def test_a_correction_of_a_day_makes_a_difference_in_both_months(place: Place) -> None:
    march = March(place)
    march.correct(march.first, on="2025-02-27")
    found = march.difference()
    assert found is not None
    assert numbers(found) == (2, 1)
    assert topics(found["events"]) == ["record.corrected"]
    february = {"begin": "2025-02-01", "end": "2025-02-28"}
    found = march.difference(**february)
    assert found is not None
    assert numbers(found) == (0, 1)
    assert topics(found["events"]) == ["record.corrected"]


def test_a_retraction_makes_a_difference_until_it_is_itself_retracted(place: Place) -> None:
    march = March(place)
    retraction = march.retract(march.second)
    found = march.difference()
    assert found is not None
    assert numbers(found) == (2, 1)
    assert [one["position"] for one in found["events"]] == [retraction["position"]]
    march.retract(retraction)
    assert march.difference() is None
    assert march.count() == 2


def test_what_happened_and_was_withdrawn_since_the_report_makes_no_difference(place: Place) -> None:
    march = March(place)
    march.retract(march.activity("2025-03-16"))
    assert march.difference() is None


def test_the_difference_names_only_events_of_people_whom_the_reader_may_see(place: Place) -> None:
    march = March(place)
    march.worker.done("/api/v1/beneficiaries", {**registration(name="Budi", birth_year=1950), "on": "2025-03-30"})
    query = {**MARCH, "reported": march.reported}
    found = changed(march.worker, DIFFERENCE, **query)["period.registered"]
    assert (*numbers(found), topics(found["events"])) == (1, 2, ["beneficiary.registered"])
    found = changed(place.who("peksos"), DIFFERENCE, **query)["period.registered"]
    assert (*numbers(found), found["events"], found["left_out"]) == (1, 2, [], 1)


def test_the_events_of_a_difference_come_in_pages(place: Place) -> None:
    march = March(place)
    positions = [march.activity(f"2025-03-{day}")["position"] for day in ("05", "06", "07", "08", "09")]
    query = {**MARCH, "reported": march.reported, "figure": "period.activities", "limit": 2}
    found: list[int] = []
    page = march.supervisor.get(DIFFERENCE, **query).get_json()
    while True:
        [one] = page["data"]["figures"]
        found += [event["position"] for event in one["events"]]
        if "next_cursor" not in page:
            break
        assert one["more"] == 5 - len(found)
        page = march.supervisor.get(DIFFERENCE, **query, cursor=page["next_cursor"]).get_json()
    assert found == positions
    assert march.supervisor.get(DIFFERENCE, **MARCH).status_code == 422
    assert march.supervisor.get(DIFFERENCE, **{**query, "figure": "board.wksbm"}).status_code == 422
    assert march.supervisor.get(DIFFERENCE, **{**query, "as_of": march.reported - 1}).status_code == 422


def coverage_changes(march: March, *acts: Callable[[], Any], on: str = "2025-03-31") -> dict[str, dict[str, Any]]:
    for act in acts:
        act()
    return changed(march.supervisor, COVERAGE, on=on, reported=march.reported)


def test_coverage_of_a_day_is_explained_by_what_was_recorded_since(place: Place) -> None:
    march = March(place)
    at = f"/api/v1/wksbm/{march.wksbm}"

    def deliberated() -> None:
        march.supervisor.done(f"{at}/deliberations", {"attendance": 40, "on": "2025-03-05"})

    def formed() -> None:
        march.supervisor.done(f"{at}/formation", {"on": "2025-03-06"})

    found = coverage_changes(march, deliberated, formed)
    assert set(found) == {
        f"coverage.{one}" for one in ("terbentuk.villages", "terbentuk.unproven", "aktif.villages", "aktif.unproven")
    }
    assert numbers(found["coverage.terbentuk.villages"]) == (0, 1)
    assert topics(found["coverage.terbentuk.villages"]["events"]) == ["wksbm.formed"]
    assert topics(found["coverage.aktif.villages"]["events"]) == ["wksbm.formed"]
    # Before it was formed, that day was as it had been reported.
    assert coverage_changes(march, on="2025-03-05") == {}
    march.retract(march.first)
    march.retract(march.second)
    found = coverage_changes(march)
    assert set(found) == {"coverage.terbentuk.villages", "coverage.terbentuk.unproven"}
