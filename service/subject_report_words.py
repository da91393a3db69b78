"""The words in which a subject's report says what the office keeps as codes, numbers and times of the log.

They are Indonesian whatever the language of the page, and come from the log at the report's position and from the zone of
the office alone. What somebody wrote freely stays as it was written.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from flask import has_request_context

from domain.correction import Corrected
from projections.history_lists import Entry
from projections.sentences import tell
from projections.sentences.reading import opened
from projections.sentences.words import Opened, day, written
from projections.view import View
from service.log.ids import is_id
from service.means import day_in
from service.web import words
from service.web.forms import MEANINGS
from service.web.referrals import STATES
from service.web.remembered import named

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
#: What a reading opened that has no word of its own: no page of hers.
ELSEWHERE = "Halaman lain"


def villages(view: View) -> dict[str, str]:
    """Every village that was ever listed, by code: its name and kecamatan."""
    sql = "SELECT key, name, kecamatan_name FROM {villages}"
    rows = view.rows(sql) if view.past else view.standing(sql)
    return {row["key"]: f"{row['name']}, Kecamatan {row['kecamatan_name']}" for row in rows}


class Words:
    """The words of one report. ``places`` are the villages by code, as `villages` gives them."""

    def __init__(self, zone: ZoneInfo, places: Mapping[str, str]) -> None:
        self._zone = zone
        self._places = places

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Within it, labels are Indonesian."""
        if has_request_context():
            with words.kept():
                yield
        else:
            yield

    def day(self, recorded: str) -> str:
        """The day of a time of the log, on the office's clock."""
        return day(day_in(self._zone, recorded[:16]))

    def place(self, code: str | None) -> str:
        """A village by its name and kecamatan; of another kabupaten, its code."""
        return self._places.get(code, code) if code else "tidak diketahui"

    def record(self, id: str) -> str:
        """Which record, by what pages tell it from others."""
        return words.ending(id)

    def code(self, code: str, field: str = "") -> str:
        """What a code means, of a field where that is known."""
        found = words.plainly(code, field)
        return MEANINGS.get(code, found) if found in (code, words.title(code)) else found

    def state(self, state: str) -> str:
        """Where a referral stands, within a sentence."""
        return words.inside(str(STATES.get(state) or words.title(state)))

    def opened(self, resource: str) -> str:
        """What a reading opened."""
        found = opened(resource)
        return ELSEWHERE if found == resource else found

    def sentences(self, entry: Entry, parts: Opened) -> tuple[str, str | None]:
        """What happened, and what had been recorded first, as an entry's own but without codes and ids."""
        now = tell(entry.topic, self._fields(entry.topic, entry.data), parts)
        then = None if entry.original is None else tell(entry.topic, self._fields(entry.topic, entry.original), parts)
        return now, then

    def _fields(self, topic: str, data: Mapping[str, Any]) -> dict[str, Any]:
        told: dict[str, Any] = {name: self._value(value) for name, value in data.items()}
        if "family" in told:
            told["family"] = f"(catatan {told['family']})"
        if topic == Corrected.TOPIC:
            for name in ("changes", "was"):
                told[name] = {self._named(field): self._said(field, one) for field, one in data.get(name, {}).items()}
            told["fields"] = [self._named(field) for field in data.get("fields") or ()]
        return told

    def _value(self, value: Any) -> Any:
        """A value without ids and codes of villages; references to sealed parts are no words and stay."""
        if isinstance(value, str):
            return words.ending(value) if is_id(value) else self._places.get(value, value)
        if isinstance(value, Mapping):
            return value if set(value) == {"part"} else {name: self._value(one) for name, one in value.items()}
        return [self._value(one) for one in value] if isinstance(value, list) else value

    def _named(self, field: str) -> str:
        return words.inside(str(named(field)))

    def _said(self, field: str, value: Any) -> str:
        """A corrected value in words."""
        if isinstance(value, Mapping):
            return "; ".join(f"{self._named(name)}: {self._said(name, one)}" for name, one in value.items())
        if isinstance(value, list):
            return ", ".join(self._said(field, one) for one in value)
        plain = self._value(value)
        if not isinstance(plain, str) or _DAY.fullmatch(plain):
            return written(plain)
        return self.code(plain, field)
