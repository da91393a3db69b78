"""The reading trail: who opened something sealed of whom, when, and by what. One row for each person of a reading.

No other view changes by a reading, so views that lack nothing but readings are not behind (`projections.view`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain.reading import Reading
from projections.projection import Projection

EVERYBODY = "*"  # stands for the subjects of an export of everything


@dataclass(slots=True)
class ReadingRow:
    """``opened`` counts the parts and files of the whole reading, ``people`` the people in it."""

    key: str
    subject: str = ""
    by_account: str = ""
    post: str = ""
    recorded: str = ""
    resource: str = ""
    at: int = 0
    opened: int = 0
    people: int = 0
    emergency: str | None = None


def _keys(event: Any) -> Iterable[str]:
    if not isinstance(event, Reading.Made):
        return ()
    return tuple(f"{event.stream}:{subject}" for subject in event.subjects or (EVERYBODY,))


readings = Projection(
    "readings", row=ReadingRow, keys=_keys, indexes=[("subject", "recorded"), ("by_account", "recorded")], once=True
)


@readings.on(Reading.Made)
def made(row: ReadingRow, event: Reading.Made) -> None:
    row.subject = row.key.partition(":")[2]
    row.by_account, row.post, row.recorded = event.by, event.post, event.recorded
    row.resource, row.at, row.emergency = event.resource, event.at, event.emergency
    row.opened, row.people = len(event.opened), len(event.subjects)
