"""Generations: the same projection built more than once, side by side, and which of them a process folds and reads.

A process knows its own by the digest of its definition. ``live`` is the one in use; ``old`` the one before it, still
folded and read by a process that runs the code of its digest, which is how a release is rolled back. ``building`` is
one that a rebuild is making, ``discarded`` one that it gave up and is about to drop: nobody reads them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from projections.projection import Projection
from projections.source import Malformed
from projections.store import Session

LIVE, OLD, BUILDING, DISCARDED = "live", "old", "building", "discarded"


class ViewsNotReady(Exception):
    """Projections have no tables of this code's definition yet: they need a rebuild."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__(f"not built yet for this version of the program: {', '.join(names)}")


class Generation(NamedTuple):
    """One build of one projection, the log position (with its leaf hash, in hex) up to which it has folded, and how many
    events are set aside of it: where all of this is the same, so are its tables."""

    projection: str
    number: int
    digest: str
    state: str
    position: int
    leaf: str
    aside: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """One generation of a projection. ``own``: of this code's definition. ``serving``: what this process reads.
    ``replaced``: it was folded from another log than this one; then it lacks everything, and ``lag`` says so."""

    projection: str
    generation: int
    digest: str
    state: str
    own: bool
    serving: bool
    position: int
    lag: int
    replaced: bool
    set_aside: tuple[Malformed, ...]


def load(session: Session) -> list[Generation]:
    """Every generation there is."""
    return [Generation(*row) for row in rows(session)]


def rows(session: Session) -> list[tuple[Any, ...]]:
    """Every generation there is, as the values of a `Generation`."""
    prefix = session.dialect.prefix
    # Nothing is set aside as a rule: that is asked once, not of each.
    return session.run(
        "SELECT g.projection, g.generation, g.digest, g.state, g.position, g.leaf,"
        f" CASE WHEN EXISTS (SELECT 1 FROM {prefix}set_aside) THEN (SELECT count(*) FROM"
        f" {prefix}set_aside s WHERE s.projection = g.projection AND s.generation = g.generation) ELSE 0 END"
        f" FROM {prefix}generations g ORDER BY g.projection, g.generation"
    )


def choose(found: Iterable[Generation], projections: Iterable[Projection[Any]]) -> dict[str, Generation]:
    """The generation that this code folds and reads, for each projection that has one: its live one, else its newest
    old one."""
    own: dict[str, Generation] = {}
    digests = {projection.name: projection.digest for projection in projections}
    for generation in found:
        best = own.get(generation.projection)
        if generation.state not in (LIVE, OLD):
            continue
        if digests.get(generation.projection) == generation.digest and (best is None or best.state != LIVE):
            own[generation.projection] = generation
    return own


def add(session: Session, generation: Generation) -> None:
    row = (generation.projection, generation.number, generation.digest, generation.state)
    mark = session.dialect.mark
    session.many(
        f"INSERT INTO {session.dialect.prefix}generations (projection, generation, digest, state, position, leaf)"
        f" VALUES ({', '.join([mark] * 6)})",
        [(*row, generation.position, generation.leaf)],
    )


def set_state(session: Session, generation: Generation, state: str) -> None:
    mark = session.dialect.mark
    table = f"{session.dialect.prefix}generations"
    session.many(
        f"UPDATE {table} SET state = {mark} WHERE projection = {mark} AND generation = {mark}",
        [(state, generation.projection, generation.number)],
    )


def move(session: Session, generations: Iterable[Generation], position: int, leaf: str) -> None:
    """Write the checkpoint."""
    mark = session.dialect.mark
    names: dict[int, list[str]] = {}
    for generation in generations:
        names.setdefault(generation.number, []).append(generation.projection)
    for number, moved in names.items():
        session.many(
            f"UPDATE {session.dialect.prefix}generations SET position = {mark}, leaf = {mark}"
            f" WHERE generation = {mark} AND projection IN ({', '.join([mark] * len(moved))})",
            [(position, leaf, number, *moved)],
        )


def forget(session: Session, generation: Generation) -> None:
    """Remove the entry of a generation whose tables are gone."""
    for table in ("generations", "set_aside"):
        session.many(
            f"DELETE FROM {session.dialect.prefix}{table} WHERE projection = {session.dialect.mark}"
            f" AND generation = {session.dialect.mark}",
            [(generation.projection, generation.number)],
        )


def set_aside(session: Session, generations: Iterable[Generation], malformed: Sequence[Malformed]) -> None:
    """Record events whose streams are left out from there on."""
    mark = session.dialect.mark
    rows = [
        (each.projection, each.number, event.position, event.stream, event.version, event.topic, event.reason)
        for each in generations
        for event in malformed
    ]
    session.many(
        f"INSERT INTO {session.dialect.prefix}set_aside"
        f" (projection, generation, position, stream, version, topic, reason) VALUES ({', '.join([mark] * 7)})",
        rows,
    )


def set_aside_in(session: Session, generations: Iterable[Generation]) -> set[Malformed]:
    """What is set aside in any of these generations."""
    found = aside(session)
    return {event for each in generations for event in found.get((each.projection, each.number), [])}


def take_back(session: Session, generations: Iterable[Generation], stream: str) -> None:
    """Remove the entries of a stream that is left out no longer."""
    mark = session.dialect.mark
    session.many(
        f"DELETE FROM {session.dialect.prefix}set_aside WHERE projection = {mark} AND generation = {mark}"
        f" AND stream = {mark}",
        [(each.projection, each.number, stream) for each in generations],
    )


def aside(session: Session) -> dict[tuple[str, int], list[Malformed]]:
    """What is set aside, by projection and generation number, in log order."""
    found: dict[tuple[str, int], list[Malformed]] = {}
    table = f"{session.dialect.prefix}set_aside"
    for name, number, *event in session.run(
        f"SELECT projection, generation, position, stream, version, topic, reason FROM {table} ORDER BY position"
    ):
        found.setdefault((name, number), []).append(Malformed(*event))
    return found
