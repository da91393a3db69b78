"""The last time that all views were verified: kept beside them, for whoever looks after the service."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from projections.engine import Status, Views
from projections.verify import Verified

PATIENCE = 60.0  # seconds to wait for those who fold


class LastVerified(NamedTuple):
    """When the views were verified (RFC 3339 UTC), at which position of the log, and with how many differences.

    ``digest``: SHA-256 over the digests of all tables, equal wherever the views are. ``differing``: the projections that
    differed then and are in use unchanged, neither built anew nor switched since.
    """

    at: str
    position: int
    differences: int
    digest: str
    differing: tuple[str, ...]


def keep(views: Views, found: Verified) -> LastVerified:
    """Keep what verifying all views found, in place of what was found before. Raises `store.Busy`."""
    lines = "".join(f"{digest}  {table}\n" for table, digest in sorted(found.digests.items()))
    names = sorted({one.projection for one in found.differences})
    at, digest = views.now(), hashlib.sha256(lines.encode()).hexdigest()
    with views.store.writing(PATIENCE) as session:
        differing = ",".join(f"{name} {found.generations[name]}" for name in names)
        session.run(f"DELETE FROM {session.dialect.prefix}verified")
        mark = session.dialect.mark
        session.run(
            f"INSERT INTO {session.dialect.prefix}verified (at, position, differences, digest, differing)"
            f" VALUES ({', '.join([mark] * 5)})",
            (at, found.position, len(found.differences), digest, differing),
        )
    return LastVerified(at, found.position, len(found.differences), digest, tuple(names))


def last_verified(views: Views, status: Iterable[Status]) -> LastVerified | None:
    """What was kept last, or ``None`` when the views were never verified. Of what differed then, what `Views.status` says
    is still serving."""
    with views.store.reading() as session:
        rows = session.run(f"SELECT at, position, differences, digest, differing FROM {session.dialect.prefix}verified")
    if not rows:
        return None
    at, position, differences, digest, differing = rows[0]
    serving = {f"{one.projection} {one.generation}": one.projection for one in status if one.serving}
    still = tuple(serving[each] for each in differing.split(",") if each in serving)
    return LastVerified(at, position, differences, digest, still)
