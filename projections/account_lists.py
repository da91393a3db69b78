"""Questions about accounts."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from projections.view import Rows, View


def accounts(view: View, *, limit: int, after: str = "") -> Rows:
    """Accounts by sign-in name; ``after`` is the last name seen."""
    return view.rows(
        "SELECT * FROM {accounts} a WHERE a.login > :after ORDER BY a.login LIMIT :limit", after=after, limit=limit
    )


def listed(view: View, *, limit: int, after: str = "") -> Rows:
    """Accounts by sign-in name with every role and clearance they were ever given; ``after`` is the last name seen."""
    rows = accounts(view, limit=limit, after=after)
    given = view.rows(
        "SELECT * FROM {grants} g WHERE g.account IN :ids ORDER BY g.valid_from, g.key",
        ids=[row["key"] for row in rows],
    )
    cleared = view.rows(
        "SELECT * FROM {clearances} c WHERE c.account IN :ids ORDER BY c.valid_from, c.key",
        ids=[row["key"] for row in rows],
    )

    def of(row: dict[str, Any], told: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [one for one in told if one["account"] == row["key"]]

    return [{**row, "grants": of(row, given), "clearances": of(row, cleared)} for row in rows]


def officers(view: View, roles: Iterable[str], day: date, *, limit: int, after: str = "") -> list[dict[str, Any]]:
    """Open accounts that hold one of the roles on a day, each with its name and the post of the role given first;
    ``after`` is the last account seen."""
    return view.rows(
        "SELECT a.key AS account, a.name, g.title AS post FROM {accounts} a JOIN {grants} g ON g.account = a.key "
        "WHERE g.role IN :roles AND a.key > :after AND (a.closed_on IS NULL OR a.closed_on > :day) "
        "AND g.valid_from <= :day AND (g.valid_until IS NULL OR g.valid_until >= :day) "
        "AND (g.revoked_on IS NULL OR g.revoked_on > :day) "
        "AND NOT EXISTS (SELECT 1 FROM {grants} e WHERE e.account = a.key AND e.role IN :roles AND e.valid_from <= :day "
        "AND (e.valid_until IS NULL OR e.valid_until >= :day) AND (e.revoked_on IS NULL OR e.revoked_on > :day) "
        "AND (e.valid_from, e.key) < (g.valid_from, g.key)) ORDER BY a.key LIMIT :limit",
        roles=sorted(roles),
        day=day.isoformat(),
        limit=limit,
        after=after,
    )


def resets(view: View, *, limit: int, before: str = "~") -> list[dict[str, Any]]:
    """Resets that were asked for, the latest first, with the sign-in name of each account; ``before`` is the last id
    seen."""
    return view.rows(
        "SELECT r.*, a.login FROM {resets} r JOIN {accounts} a ON a.key = r.account "
        "WHERE r.reset < :before ORDER BY r.reset DESC LIMIT :limit",
        before=before,
        limit=limit,
    )
