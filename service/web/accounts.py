"""Who is who: accounts by id, for pages that name them."""

from typing import Any

from service.api.current import office
from service.web import ask

CASEWORK = ("peksos", "psm", "tksk")


def known(*, roles: bool = True) -> dict[str, dict[str, Any]]:
    """Every account by id, as far as whoever looks may know accounts; nobody otherwise. Without
    ``roles`` only who they are, which is read sooner."""
    found: dict[str, dict[str, Any]] = {}
    cursor: str | None = ""
    while cursor is not None:
        told = ask.maybe("/accounts", limit=500, cursor=cursor, roles=None if roles else "false")
        if not told.fine:
            return {}
        found |= {row["key"]: row for row in told.data}
        cursor = told.body.get("next_cursor")
    return found


def names(accounts: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The name of each account."""
    return {key: row["name"] for key, row in accounts.items()}


def roles_today(account: dict[str, Any]) -> list[dict[str, Any]]:
    """The roles that an account holds today."""
    today = office().today().isoformat()
    return [one for one in account["grants"] if in_force(one, today)]


def in_force(given: dict[str, Any], day: str) -> bool:
    """Whether a role or a clearance holds on a day."""
    ended = given["revoked_on"] and given["revoked_on"] <= day
    return given["valid_from"] <= day <= (given["valid_until"] or "~") and not ended


def workers(accounts: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The open accounts that can work on cases today, by name."""
    found = [
        row
        for row in accounts.values()
        if not row["closed_on"] and any(one["role"] in CASEWORK for one in roles_today(row))
    ]
    return sorted(found, key=lambda row: (row["name"], row["key"]))
