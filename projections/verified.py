"""The last time that all views were verified: kept beside them, for whoever looks after the service."""

import hashlib
from collections.abc import Collection
from typing import NamedTuple

from projections.engine import Status, Views
from projections.verify import Verified

PATIENCE = 60.0  # seconds to wait for those who fold


class LastVerified(NamedTuple):
    """When the views were verified (RFC 3339 UTC), at which position of the log, which ended at ``head``, and with how many
    differences.

    ``digest``: SHA-256 over the digests of all tables, equal wherever the views are. ``differing``: the projections that
    differed then and are in use unchanged, neither built anew nor switched since. ``set_aside``, ``stopped_before``,
    ``unread``: the positions that `verify.Verified` tells of what was not compared; of ``unread`` those that are not set
    aside since.
    """

    at: str
    position: int
    head: int
    differences: int
    digest: str
    differing: tuple[str, ...]
    set_aside: tuple[int, ...]
    stopped_before: int | None
    unread: tuple[int, ...] = ()


_STORED = LastVerified._fields[:8]
_UNREAD = "unread"  # beside the names that differed: a program of before takes none that no view has for one


def keep(views: Views, found: Verified) -> None:
    """Keep what verifying all views found, in place of what was found before. Raises `store.Busy`."""
    lines = "".join(f"{digest}  {table}\n" for table, digest in sorted(found.digests.items()))
    names = sorted({one.projection for one in found.differences})
    at, digest = views.now(), hashlib.sha256(lines.encode()).hexdigest()
    with views.store.writing(PATIENCE) as session:
        unread = [f"{_UNREAD} {event.position}" for event in found.unread]
        differing = ",".join([*(f"{name} {found.generations[name]}" for name in names), *unread])
        session.run(f"DELETE FROM {session.dialect.prefix}verification")
        aside = ",".join(str(event.position) for event in found.set_aside)
        session.run(
            f"INSERT INTO {session.dialect.prefix}verification ({', '.join(_STORED)})"
            f" VALUES ({', '.join([session.dialect.mark] * 8)})",
            (at, found.position, found.head, len(found.differences), digest, differing, aside, found.stopped_before),
        )


def last_verified(views: Views, status: Collection[Status]) -> LastVerified | None:
    """What was kept last, or ``None`` when the views were never verified. Of what differed then, what `Views.status` says
    is still serving."""
    with views.store.reading() as session:
        rows = session.run(f"SELECT {', '.join(_STORED)} FROM {session.dialect.prefix}verification")
    if not rows:
        return None
    last = LastVerified(*rows[0])
    differing, aside = rows[0][5:7]
    set_aside = {event.position for one in status if one.serving for event in one.set_aside}
    serving = {f"{one.projection} {one.generation}": one.projection for one in status if one.serving}
    still = tuple(serving[each] for each in differing.split(",") if each in serving)
    told = [each.removeprefix(f"{_UNREAD} ") for each in differing.split(",") if each.startswith(f"{_UNREAD} ")]
    return last._replace(
        differing=still,
        set_aside=tuple(int(each) for each in aside.split(",") if each),
        unread=tuple(position for position in map(int, told) if position not in set_aside),
    )
