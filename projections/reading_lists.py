"""Questions about the reading trail. Ask with a view that waited for the head of the log: a reading alone moves no view."""

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
    view: View, account: str | None, *, limit: int = 500, after: After | None = None
) -> list[dict[str, Any]]:
    """What one account opened, or anybody when none is named, the latest first, one row for each person."""
    where = "r.by_account = :account" if account else "1 = 1"
    return _listed(view, where, limit, after, account=account)


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
