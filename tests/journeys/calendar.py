"""The days of a journey: an office whose clock the test sets, with the people who work in it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from service.log.ids import new_id
from service.office import Office
from tests.service.offices import Asking, make_office

WITA = ZoneInfo("Asia/Makassar")
MONDAY = date(2025, 3, 3)
VILLAGE, NEXT_DOOR, ELSEWHERE = "75.01.02.2011", "75.01.02.2014", "75.01.01.1001"


class Calendar:
    """A clock that stands at nine in the morning, Gorontalo time, of the day it was set to, and ticks when read."""

    def __init__(self, day: date = MONDAY) -> None:
        self.moment = datetime(day.year, day.month, day.day, 9, tzinfo=WITA)

    def __call__(self) -> str:
        self.moment += timedelta(milliseconds=1)
        return self.moment.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    @property
    def today(self) -> str:
        return self.moment.date().isoformat()

    def move_to(self, day: date) -> str:
        """Go on to the morning of a later day; returns it as text."""
        later = datetime(day.year, day.month, day.day, 9, tzinfo=WITA)
        assert later > self.moment
        self.moment = later
        return self.today

    def later(self, days: int) -> str:
        return self.move_to(self.moment.date() + timedelta(days=days))


class Place:
    """One office, its calendar, and one person for each role and area."""

    def __init__(self, folder: Path, url: str, day: date = MONDAY) -> None:
        self.folder, self.url = folder, url
        self.calendar = Calendar(day)
        self.office: Office = make_office(folder, url, now=self.calendar)
        self._people: dict[Any, Asking] = {}

    def who(self, role: str, *areas: str) -> Asking:
        """Somebody of a role; bound to the first kecamatan of the tests unless areas are given."""
        if (role, areas) not in self._people:
            self._people[role, areas] = Asking(self.office, role, areas or None)
        return self._people[role, areas]

    def begin_anew(self) -> None:
        """Forget who works here: whoever is asked for next is given an account."""
        self._people.clear()

    def close(self) -> None:
        self.office.close()


def registration(village: str = VILLAGE, **identity: Any) -> dict[str, Any]:
    """The body that registers one person."""
    return {"village": village, "kind": "person", "channel": "desa", "identity": identity}


def topics(found: list[dict[str, Any]]) -> list[str]:
    return [str(one["topic"]) for one in found]


def keyed(command: str, body: dict[str, Any], **url: str) -> dict[str, Any]:
    """One item of a batch, with an id of its own."""
    return {"key": new_id(), "command": command, "url": url, "body": body}
