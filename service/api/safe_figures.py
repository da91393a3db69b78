"""Counts of the strictly restricted for readers who are not cleared for all of them: small ones are suppressed, and they
are of month ends only, so that two neighbouring moments cannot be subtracted.

Source: UU 27/2022 art. 4(2) (what is specific data), UU 14/2008 art. 17(h). The threshold and the months are the office's.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from flask import g

from domain.aggregate import Aggregate
from domain.compartments import ALL as ALL_COMPARTMENTS
from projections.engine import View
from projections.suppression import LEAST, Suppressed, suppress
from projections.village_status import ACTIVE
from projections.villages_in_force import territory, within
from service.api.current import office, principal
from service.api.people_shown import counted_below

FIGURE = f"board.people.tier_{Aggregate.STRICT_TIER}"
_TIER = f"tier_{Aggregate.STRICT_TIER}"


def limited() -> bool:
    """Whether the strictly restricted stand in the asker's counts though she is not cleared for all of them."""
    who = principal()
    return counted_below(who) > Aggregate.STRICT_TIER and not who.clearances >= ALL_COMPARTMENTS


def month_end(clock: str) -> str:
    """The end of the last whole month of the office's calendar at a time: the moment the next one began, RFC 3339 UTC."""
    here = datetime.fromisoformat(clock).astimezone(office().zone)
    began = datetime.combine(date(here.year, here.month, 1), time(), office().zone).astimezone(UTC)
    return began.isoformat(timespec="microseconds").replace("+00:00", "Z")


def strict_counts(view: View, day: date) -> Suppressed:
    """How many strictly restricted people live where, as was known at the last month end before the view's clock."""
    at = month_end(view.clock)
    g.suppressed = {"least": LEAST, "as_of": at}
    return _counted(view, day, at, f"tier = {Aggregate.STRICT_TIER:d}")


def public_counts(view: View, day: date) -> tuple[str, Suppressed]:
    """How many people live where of whom the public may know that they are somewhere, and the month end of which that is:
    nobody who was strictly restricted then. Who becomes so later in the month changes no number of it."""
    at = month_end(view.clock)
    return at, _counted(view, day, at, f"tier < {Aggregate.STRICT_TIER:d}")


def _counted(view: View, day: date, at: str, of: str) -> Suppressed:
    then = view.put_back(at)
    standing = within(view, ("1 = 1", {}), day, known := territory(view))
    now = known.successors_on(day)
    counts = dict.fromkeys(standing, 0)
    sql = f"SELECT village, COUNT(*) AS n FROM {{people:all}} WHERE {ACTIVE} AND {of} GROUP BY village"
    for row in then.through(lambda part: part.rows(sql)):
        village = now.get(row["village"], row["village"])
        if village in counts:
            counts[village] += row["n"]
    return suppress(counts, {code: village.kecamatan for code, village in standing.items()})


def made_safe(view: View, day: date, rows: Iterable[dict[str, Any]], level: str) -> list[dict[str, Any]]:
    """Rows of a board, of ``villages`` or ``kecamatan``, with the counts that their reader may have."""
    found = list(rows)
    if limited():
        counts = getattr(strict_counts(view, day), level)
        for row in found:
            row["people"] = {**row["people"], _TIER: counts.get(row["code"])}
    return found


def safe_count(view: View, day: date, about: dict[str, Any]) -> int | None:
    """The count of the figure of the strictly restricted, of a village, a kecamatan or the whole."""
    counts = strict_counts(view, day)
    if about.get("village"):
        return counts.villages.get(about["village"])
    return counts.kecamatan.get(about["kecamatan"]) if about.get("kecamatan") else counts.whole
