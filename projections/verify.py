"""Verify: fold the log again elsewhere and compare with what the views hold, row by row."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from projections import generations
from projections.build import Build, Progress, remove
from projections.engine import Views
from projections.projection import Projection
from projections.source import Malformed
from projections.store import Session, Tables

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A version that the views hold otherwise than a rebuild makes it. ``stored`` and ``rebuilt`` are the columns in
    order, with ``since`` (and ``until`` for a past version), or ``None`` where one lacks it. ``positions`` are those of
    the events behind it."""

    projection: str
    key: str
    positions: tuple[int, ...]
    stored: Row | None
    rebuilt: Row | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What `verify` found at ``position``. ``digests`` are of the stored tables, by table name."""

    position: int
    digests: dict[str, str]
    differences: tuple[Difference, ...]


def verify(views: Views, names: Iterable[str] | None = None, progress: Progress | None = None) -> Verified:
    """Compare the views, at the position they have reached now, with a rebuild made for the purpose.

    Streams that are set aside are left out of both. The digest of a table is the SHA-256 of its rows as JSON arrays,
    one a line, ordered by key and ``since``; it is the same on every database.
    """
    wanted = set(views.projections if names is None else names)
    with views.store.reading() as session:
        own = {name: each for name, each in views.own(session).items() if name in wanted}
        aside = generations.aside(session)
    position = min((each.position for each in own.values()), default=0)
    groups: dict[tuple[Malformed, ...], list[str]] = {}
    for name, each in own.items():
        out = [event for event in aside.get((name, each.number), []) if event.position <= position]
        groups.setdefault(tuple(out), []).append(name)
    digests: dict[str, str] = {}
    differences: list[Difference] = []
    for expected, group in groups.items():
        with _scratch(views, [views.projections[name] for name in group]) as build:
            build.aside = list(expected)
            build.run(upto=position, progress=progress)
            for event in build.aside:
                if event not in expected:
                    found = [Difference(name, event.stream, (event.position,), None, (event.reason,)) for name in group]
                    differences += found
            with views.store.reading() as session:
                now = views.own(session)
                for rebuilt in build.tables():
                    stored = views.tables(rebuilt.projection.name, now[rebuilt.projection.name].number)
                    for past in (False, True):
                        hashed = hashlib.sha256()
                        left = _hashed(versions(session, stored, position, past=past), hashed.update)
                        right = versions(build.session, rebuilt, position, past=past)
                        differences += _compare(stored, left, right)
                        digests[f"{stored.projection.name}{'_past' if past else ''}"] = hashed.hexdigest()
    return Verified(position, digests, tuple(differences))


@contextmanager
def _scratch(views: Views, projections: list[Projection[Any]]) -> Iterator[Build]:
    prefix = f"{views.store.spool()}.verify-"
    for stale in Path(prefix).parent.glob(f"{Path(prefix).name}*"):
        process = stale.name[len(Path(prefix).name) :].partition("-")[0]
        if process.isdigit() and not Path(f"/proc/{process}").exists():
            stale.unlink(missing_ok=True)
    path = f"{prefix}{os.getpid()}"
    remove(path)
    build = Build(path, projections, views.source)
    try:
        yield build
    finally:
        build.discard()


def versions(session: Session, tables: Tables, position: int, *, past: bool) -> Iterator[Row]:
    """The rows that stand at a position, or the versions closed by then, in the order of their digest."""
    if past:
        return session.stream(
            f"SELECT {tables.listed}, since, until FROM {tables.past} WHERE until <= {position:d} ORDER BY key, since"
        )
    at = tables.at.replace(":as_of_position", f"{position:d}")
    return session.stream(f"SELECT {tables.listed}, since FROM {at} AS standing ORDER BY key")


def digest(rows: Iterable[Row]) -> str:
    """The SHA-256 of rows, as lower-case hex."""
    found = hashlib.sha256()
    for _ in _hashed(rows, found.update):
        pass
    return found.hexdigest()


def _hashed(rows: Iterable[Row], update: Callable[[bytes], None]) -> Iterator[Row]:
    for row in rows:
        update(msgspec.json.encode(row) + b"\n")
        yield row


def _compare(tables: Tables, stored: Iterator[Row], rebuilt: Iterator[Row]) -> Iterator[Difference]:
    """The differences of two sequences in the same order of key and ``since``."""
    name, since = tables.projection.name, len(tables.projection.names)

    def place(row: Row) -> tuple[str, int]:
        return row[0], row[since] if len(row) > since + 1 else 0

    left, right = next(stored, None), next(rebuilt, None)
    while left is not None or right is not None:
        first, second = left and place(left), right and place(right)
        take_left = first is not None and (second is None or first <= second)
        take_right = second is not None and (first is None or second <= first)
        if left != right:
            ours, theirs = left if take_left else None, right if take_right else None
            positions = sorted({position for row in (ours, theirs) if row for position in row[since:]})
            yield Difference(name, str((ours or theirs or ("",))[0]), tuple(positions), ours, theirs)
        left = next(stored, None) if take_left else left
        right = next(rebuilt, None) if take_right else right
