"""A figure as it was reported and as it is known now, and the events recorded in between that make the difference.

Of a period these are late entries, corrections and retractions of what it counts. Of coverage they are what changed the
dated facts of a village's WKSBM, and changes of the list of villages.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.territory import TERRITORY_ID
from projections.coverage import months_before
from projections.figures import periods
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


def differences(view: View, then: View, figures: Sequence[Figure], asked: Asked) -> list[Difference]:
    """How figures of a period, or of coverage, changed between ``then`` and ``view``. Raises `TooMuchChanged`."""
    after, before = (_weights(one, figures, asked) for one in (view, then))
    changed = [
        {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
        for old, new in zip(before, after, strict=True)
    ]
    of_events = [keys if figure.rows_are == "event" else set() for figure, keys in zip(figures, changed, strict=True)]
    made = _made(view, then, of_events)
    return [
        Difference(
            figure,
            sum(old.values()),
            sum(new.values()),
            made[number] if figure.rows_are == "event" or not keys else _of_coverage(view, then, figure, asked, keys),
        )
        for number, (figure, old, new, keys) in enumerate(zip(figures, before, after, changed, strict=True))
    ]


def _weights(view: View, figures: Sequence[Figure], asked: Asked) -> list[dict[str, int]]:
    """The rows of each figure by key; those of a period in one statement."""
    if all(figure.group == "period" for figure in figures):
        names = [figure.name.partition(".")[2] for figure in figures]
        counted = periods.keys(view, asked, names, MOST_ROWS + 1)
        found = [dict.fromkeys(counted[name], 1) for name in names]
    else:
        rows = (figure.rows(view, asked, None, "", MOST_ROWS + 1) for figure in figures)
        found = [{row.key: row.weight for row in some} for some in rows]
    if any(len(some) > MOST_ROWS for some in found):
        raise TooMuchChanged
    return found


def _made(view: View, then: View, changed: Sequence[Collection[str]]) -> list[list[Entry]]:
    """For each of these sets of keys what was recorded since ``then`` of the events: themselves, and what corrects or
    undoes them. Their histories are read once."""
    if any(len(keys) > MOST_CHANGED for keys in changed):
        raise TooMuchChanged
    events = [{(name, int(number)) for name, _, number in (key.partition(":") for key in keys)} for keys in changed]
    streams = sorted({stream for some in events for stream, _ in some})
    of: dict[str, list[Entry]] = {}
    for begin in range(0, len(streams), _BATCH):
        some = streams[begin : begin + _BATCH]
        for entry in read(view.rows("SELECT * FROM {history} h WHERE h.stream IN :streams", streams=some)):
            of.setdefault(entry.stream, []).append(entry)
    return [_since(then, one, of) for one in events]


def _since(then: View, events: Iterable[tuple[str, int]], of: Mapping[str, list[Entry]]) -> list[Entry]:
    told = (entry for stream, version in events for entry in about(of.get(stream, []), version))
    found = {entry.position: entry for entry in told}
    return [found[position] for position in sorted(found) if position > then.position]


def _of_coverage(view: View, then: View, figure: Figure, asked: Asked, changed: set[str]) -> list[Entry]:
    before, after = (_facts(one, figure, asked, changed) for one in (then, view))
    keys = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    [entries] = _made(view, then, [keys])
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
