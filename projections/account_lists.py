"""Questions about accounts."""

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


def resets(view: View, *, limit: int, before: str = "~") -> list[dict[str, Any]]:
    """Resets that were asked for, the latest first, with the sign-in name of each account; ``before`` is the last id
    seen."""
    return view.rows(
        "SELECT r.*, a.login FROM {resets} r JOIN {accounts} a ON a.key = r.account "
        "WHERE r.reset < :before ORDER BY r.reset DESC LIMIT :limit",
        before=before,
        limit=limit,
    )
