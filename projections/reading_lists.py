"""Questions about the reading trail. Ask with a view that waited for the head of the log: a reading alone moves no view."""

from collections.abc import Iterable
from typing import Any

from projections.readings import EVERYBODY
from projections.view import View

_TOLD = (
    "r.since AS position, r.recorded, r.by_account AS by, r.post, r.resource, r.at, r.people, r.subject, "
    "r.emergency, r.key"
)
After = tuple[int, str]


def of_subject(view: View, *records: str, limit: int = 500, after: After | None = None) -> list[dict[str, Any]]:
    """The readings of one person, by her ``records``, and the exports of everything, the latest first. ``after`` is the
    position and key of the last one seen."""
    return _listed(view, "r.subject IN :subjects", limit, after, subjects=[*records, EVERYBODY])


def by_account(
    view: View, account: str | None, *, entry: int | None = None, limit: int = 500, after: After | None = None
) -> list[dict[str, Any]]:
    """What one account opened, or anybody when none is named, the latest first, one row for each person; all of it, or
    that of the ``entry`` at one position."""
    where = "r.by_account = :account" if account else "1 = 1"
    if entry is not None:
        where += " AND r.since = :entry"
    return _listed(view, where, limit, after, account=account, entry=entry)


def whose(view: View, subjects: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What tells these people from others without a name: kind, and village unless they are strictly restricted."""
    rows = view.rows(
        "SELECT p.key, p.kind, CASE WHEN p.strict = 0 THEN p.village END AS village FROM {people:today} p "
        "WHERE p.key IN :subjects",
        subjects=sorted(set(subjects)),
    )
    return {row["key"]: {"kind": row["kind"], "village": row["village"]} for row in rows}


def _listed(view: View, where: str, limit: int, after: After | None, **values: Any) -> list[dict[str, Any]]:
    position, key = after or (2**62, "")
    return view.rows(
        f"SELECT {_TOLD} FROM {{readings}} r WHERE {where} "
        "AND (r.since < :position OR (r.since = :position AND r.key > :key)) "
        "ORDER BY r.since DESC, r.key LIMIT :limit",
        **values,
        position=position,
        key=key,
        limit=limit,
    )
