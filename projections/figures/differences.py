"""A figure as it was reported and as it is known now, and the events recorded in between that make the difference.

Of a period these are late entries, corrections and retractions of what it counts. Of coverage they are what changed the
dated facts of a village's WKSBM, and changes of the list of villages.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from domain.territory import TERRITORY_ID
from projections.coverage import months_before
from projections.figures.events import about
from projections.figures.figure import Asked, Figure
from projections.history_lists import Entry, read
from projections.view import View
from projections.villages_in_force import territory

# Facts that decide about each sense of coverage.
_FACTS = {
    "villages": frozenset[str](),
    "dirintis": frozenset({"dirintis", "dibubarkan"}),
    "terbentuk": frozenset({"terbentuk", "dibubarkan"}),
    "sah": frozenset({"sah", "dibubarkan"}),
    "aktif": frozenset({"terbentuk", "aktif", "aktif_kembali", "tidak_aktif", "dibubarkan"}),
}
_ANY = frozenset[str]().union(*_FACTS.values())
_BATCH = 500  # streams asked for at a time
MOST_CHANGED = 5_000  # keys whose events are looked up
MOST_ROWS = 100_000  # rows that are compared


class TooMuchChanged(Exception):
    """More rows than can be compared, or more of them changed than can be told in one answer."""


@dataclass(frozen=True, slots=True)
class Difference:
    """``then`` and ``now``, and the entries that lead from one to the other, in the order of the log."""

    figure: Figure
    then: int
    now: int
    entries: list[Entry]


def difference(view: View, then: View, figure: Figure, asked: Asked) -> Difference:
    """How a figure of a period or of coverage changed between ``then`` and ``view``. Raises `TooMuchChanged`."""
    after, before = (_weights(one, figure, asked) for one in (view, then))
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    if changed and figure.rows_are != "event":
        entries = _of_coverage(view, then, figure, asked, changed)
    else:
        entries = _made(view, then, changed)
    return Difference(figure, sum(before.values()), sum(after.values()), entries)


def _weights(view: View, figure: Figure, asked: Asked) -> dict[str, int]:
    found = {row.key: row.weight for row in figure.rows(view, asked, None, "", MOST_ROWS + 1)}
    if len(found) > MOST_ROWS:
        raise TooMuchChanged
    return found


def _made(view: View, then: View, keys: Collection[str]) -> list[Entry]:
    """What was recorded since ``then`` of the events with these keys: themselves, and what corrects or undoes them."""
    if len(keys) > MOST_CHANGED:
        raise TooMuchChanged
    versions: dict[str, set[int]] = {}
    for key in keys:
        name, _, number = key.partition(":")
        versions.setdefault(name, set()).add(int(number))
    found: dict[int, Entry] = {}
    streams = sorted(versions)
    for begin in range(0, len(streams), _BATCH):
        some = streams[begin : begin + _BATCH]
        of: dict[str, list[Entry]] = {}
        for entry in read(view.rows("SELECT * FROM {history} h WHERE h.stream IN :streams", streams=some)):
            of.setdefault(entry.stream, []).append(entry)
        for stream, entries in of.items():
            for version in versions[stream]:
                found |= {entry.position: entry for entry in about(entries, version)}
    return [found[position] for position in sorted(found) if position > then.position]


def _of_coverage(view: View, then: View, figure: Figure, asked: Asked, changed: set[str]) -> list[Entry]:
    before, after = (_facts(one, figure, asked, changed) for one in (then, view))
    keys = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    entries = _made(view, then, keys)
    if territory(then).villages_on(asked.day) != territory(view).villages_on(asked.day):
        redrawn = view.rows("SELECT * FROM {history} h WHERE h.stream = :stream", stream=TERRITORY_ID)
        entries += (entry for entry in read(redrawn) if entry.position > then.position)
    return sorted(entries, key=lambda entry: entry.position)


def _facts(view: View, figure: Figure, asked: Asked, changed: set[str]) -> dict[str, tuple[Any, ...]]:
    """The facts that decide about a figure of coverage, of the bodies or villages in ``changed``, by key."""
    _, sense, proof = (*figure.name.split("."), "")[:3]
    olds = {old for old, now in territory(view).successors_on(asked.day).items() if now in changed}
    rows = view.rows(
        f"SELECT key, village, kind, valid_from, valid_until, proven FROM {{coverage_facts}} "
        f"WHERE {'wksbm' if figure.rows_are == 'wksbm' else 'village'} IN :changed AND kind IN :kinds "
        "AND valid_from <= :day AND (kind <> 'aktif' OR valid_from >= :since)",
        changed=sorted(changed | olds),
        kinds=sorted(_FACTS.get(sense, _ANY)),
        day=asked.day.isoformat(),
        since=months_before(asked.day, asked.months).isoformat(),
    )
    said = ("village", "kind", "valid_from", "valid_until", *(("proven",) if proof in ("proven", "unproven") else ()))
    return {row["key"]: tuple(row[name] for name in said) for row in rows}
