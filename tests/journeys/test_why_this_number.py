"""S10: why is this number 37? From every figure of the village board and of coverage to the rows behind it, from each row
to its events in the log, and back: the events alone, counted again, give the same number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.correction import replay
from service import config
from service.demo import FIRST
from service.demo.history import play
from service.demo.world import SMALL
from service.office import Office
from tests.journeys.counting import Body, Counted, counted_as, covered, decoded
from tests.service.offices import Asking, make_office, settings_of

UNTIL = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
DAYS = (date(2022, 6, 30), date(2026, 11, 20))
SENSES = ("dirintis", "terbentuk", "sah", "aktif")


class Walk:
    """Somebody who may see every row, and somebody who may read the log."""

    def __init__(self, here: Office) -> None:
        self.office, self.reader, self.auditor = here, Asking(here, "supervisor"), Asking(here, "auditor")
        self.texts = self.auditor.get("/api/v1/events", limit=100_000).get_data(as_text=True).splitlines()
        self._events: dict[str, list[Any]] = {}

    def answer(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self.reader.get(path, **query)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return dict(answer.get_json())

    def figure(self, way: str, field: str, **own: str) -> tuple[int, list[dict[str, Any]]]:
        """The count of a figure and all its rows, from the address that an answer gave; twenty rows a page."""
        path = re.sub(r"\{(\w+)\}", lambda name: {"field": field, **own}[name[1]], way)
        rows: list[dict[str, Any]] = []
        page = self.answer(f"{path}&limit=20")
        count, definition = page["data"]["count"], page["data"]["definition"]
        assert definition[0].isupper()
        assert definition.endswith(".")
        while True:
            assert page["data"]["left_out"] == 0
            rows += page["data"]["rows"]
            if "next_cursor" not in page:
                break
            page = self.answer(f"{path}&limit=20&cursor={page['next_cursor']}")
        assert len({row["key"] for row in rows}) == len(rows)
        assert count == sum(row["weight"] for row in rows), path
        return count, rows

    def counts(self, way: str, row: dict[str, Any], leave: Iterable[str] = (), **own: str) -> int:
        """Compare every number of a row with the rows behind it; returns how many numbers there were."""
        shown = {name: value for name, value in row.items() if isinstance(value, int) and name not in leave}
        for field, number in shown.items():
            count, rows = self.figure(way, field, **own)
            assert count == number, (way, field)
            if rows:
                assert self.events(rows[0])
        return len(shown)

    def events(self, row: dict[str, Any]) -> list[Any]:
        """The events behind a row, decoded from the texts that the log gives for their positions."""
        known = row["events"].partition("row=")[2]
        if known not in self._events:
            page = self.answer(f"{row['events']}&limit=10")
            told = page["data"]
            while "next_cursor" in page:
                page = self.answer(f"{row['events']}&limit=10&cursor={page['next_cursor']}")
                told += page["data"]
            assert [one["position"] for one in told] == sorted({one["position"] for one in told})
            assert all(one["sentence"] and one["link"] == f"/api/v1/events/{one['position']}" for one in told)
            self._events[known] = decoded(self.texts[one["position"] - 1] for one in told)
        return self._events[known]


@pytest.fixture
def walk(tmp_path: Path, database_url: str) -> Iterator[Walk]:
    """A played office, in which two villages with a WKSBM were merged since and a paper came late."""
    settled = config.read({**settings_of(tmp_path, database_url), "WAHANA_DEMO": "1"})
    make_office(tmp_path, database_url, now=lambda: FIRST).close()
    play(settled, 7, UNTIL, SMALL)
    here = Office(settled)
    merge(Asking(here, "supervisor"))
    yield Walk(here)
    here.close()


def merge(supervisor: Asking) -> None:
    """Merge the first two villages of one kecamatan that have a WKSBM into one of them."""
    board = supervisor.data("/api/v1/villages")
    first = next(row for row in board if row["wksbm"])
    second = next(row for row in board if row["kecamatan"] == first["kecamatan"] and row["code"] != first["code"])
    names = ("code", "name", "kind", "kecamatan", "kecamatan_name")
    body = {"edition": "75.01/uji", "decree": "Perda uji", "valid_from": "2026-01-01", "on": "2026-01-01"}
    body |= {"codes": [first["code"], second["code"]], "into": {name: second[name] for name in names}}
    supervisor.done("/api/v1/territory/mergers", body)


def streams(events: list[Any], noun: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for event in events:
        found.setdefault(event.stream, []).append(event)
    return {stream: own for stream, own in found.items() if own[0].topic.startswith(noun)}


def test_every_figure_is_its_rows_and_they_their_events(walk: Walk) -> None:
    """The village board and coverage down to the events and counted again; kecamatan and series down to the rows."""
    of_the_board(walk)
    of_coverage(walk)
    of_kecamatan_and_series(walk)
    of_work(walk)


def of_the_board(walk: Walk) -> None:
    months = walk.office.config.dormant_months
    for day in DAYS:
        board = walk.answer("/api/v1/villages", on=day.isoformat())
        counted = Counted(decoded(walk.texts), day, months)
        why, walked = board["why"], 0
        assert {row["code"] for row in board["data"]} == set(counted.standing)
        for village in board["data"]:
            code = village["code"]
            again = counted.board(code)
            shown = {name: village[name] for name in ("open_cases", "open_referrals", "unproven")}
            shown |= {f"people.{tier}": count for tier, count in village["people"].items()}
            assert shown == {name: again[name] for name in shown}, code
            assert village["stage"] == counted.stage(code)
            for field in [name for name, count in again.items() if count]:
                count, rows = walk.figure(why["village"], field, code=code)
                assert count == again[field], (code, field)
                for row in rows:
                    walked += 1
                    events = walk.events(row)
                    if field in ("open_cases", "open_referrals") or field.startswith("people."):
                        assert counted_as(replay(None, events)) == [field]
                    else:
                        body = Body(events, day, months)
                        said = {"unproven": body.unproven, "wksbm": not body.dissolved, "dormant": body.asleep}
                        said |= {"sk_in_force": body.sk_in_force, "active": body.active}
                        assert said[field] == row["weight"]
            for body in village["wksbm"]:
                walked += of_a_body(walk, why["wksbm"], body)
        assert walked > 60


def of_a_body(walk: Walk, why: str, body: dict[str, Any]) -> int:
    """Walk from every figure of one WKSBM to its events; returns the number of rows."""
    events = {
        "activities": "wksbm.activity_reported",
        "funds_raised": "wksbm.funds_raised",
        "funds_distributed": "wksbm.funds_distributed",
        "facilities": "wksbm.facility_provided",
        "coachings": "wksbm.coaching_conducted",
    }
    walked = 0
    for field in (*events, "unproven", "kps_count"):
        if not body[field]:
            continue
        count, rows = walk.figure(why, field, id=body["id"])
        assert count == body[field], field
        for row in rows:
            walked += 1
            first = walk.events(row)[0]
            assert first.stream == body["id"]
            if field in events:
                assert first.topic == events[field]
                assert getattr(first, "amount", 1) == row["weight"]
            elif field == "unproven":
                assert first.unproven
            else:
                assert first.topic == "wksbm.kps_joined"
    return walked


def of_coverage(walk: Walk) -> None:
    months = walk.office.config.dormant_months
    for day in DAYS:
        told = walk.answer("/api/v1/coverage", on=day.isoformat())
        counted = Counted(decoded(walk.texts), day, months)
        assert told["data"]["elsewhere"] == len(counted.elsewhere)
        parts: list[dict[str, Any]] = [told["data"]["kabupaten"], *told["data"]["kecamatan"]]
        for part in parts:
            way = told["why"]["kecamatan" if "code" in part else "kabupaten"]
            for field, number in counted.coverage(part.get("code")).items():
                sense, _, name = field.partition(".")
                assert (part[sense][name] if name else part[sense]) == number, field
                if not number:
                    continue
                count, rows = walk.figure(way, field, code=part.get("code", ""))
                assert count == number, field
                for row in rows if "code" not in part else ():
                    bodies = streams(walk.events(row), "wksbm.").values()
                    assert not name or field in covered(Body(own, day, months) for own in bodies)
            for sense in SENSES if "code" not in part else ():
                path = way.replace("{field}", f"{sense}.permille")
                share = walk.answer(path)["data"]
                assert (share["count"], share["of"]) == (part[sense]["villages"], part["villages"])
                assert share["permille"] == part[sense]["permille"]


def of_kecamatan_and_series(walk: Walk) -> None:
    board = walk.answer("/api/v1/kecamatan")
    busy = [part for part in board["data"] if part["wksbm"]][:3]
    for part in busy:
        own = {name: count for name, count in part.items() if isinstance(count, int)}
        own |= {f"{name}.{key}": count for name in ("people", "stages") for key, count in part[name].items()}
        for field, number in own.items():
            assert walk.figure(board["why"]["kecamatan"], field, code=part["code"])[0] == number, field
    told = walk.answer("/api/v1/coverage/series", begin="2025-01-01", on="2025-04-30", kecamatan=part["code"])
    for point in told["data"]["points"]:
        for sense in SENSES:
            for name in ("villages", "proven", "unproven"):
                count, _ = walk.figure(told["why"]["points"], f"{sense}.{name}", on=point["on"])
                assert count == point[sense][name]


def of_work(walk: Walk) -> None:
    """The caseload, the summary of referrals, and every disaster."""
    told = walk.answer("/api/v1/caseload")
    own = ("worker", "next_due_on")
    checked = sum(
        walk.counts(told["why"]["workers"], row, leave=own, worker=row["worker"] or "-")
        for row in told["data"]["workers"][:4]
    )
    told = walk.answer("/api/v1/referrals/summary")
    checked += walk.counts(told["why"]["summary"], told["data"], leave=("stuck_after_days",))
    for group, name in (("by_destination", "destination_kind"), ("by_step", "state")):
        for row in told["data"][group]:
            checked += walk.counts(told["why"][group], row, **{name: row[name] or "-"})
    told = walk.answer("/api/v1/incidents")
    for row in told["data"]:
        checked += walk.counts(told["why"]["incident"], row, leave=("kabupaten_scale", "version"), id=row["id"])
    assert checked > 40
