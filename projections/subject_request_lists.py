"""Questions about the requests of people about their data: the register, and what is overdue at a moment."""

from collections.abc import Mapping
from typing import Any

from projections.caseload import cases
from projections.consent_lists import RESTRICTED
from projections.consents import consents
from projections.incidents import victims
from projections.people import classifications, needs, people
from projections.referrals import referrals
from projections.subject_requests import subject_requests
from projections.together import several, whole
from projections.view import Rows, View

#: Not carried out in the time allowed. While the clock is paused, it is judged at the moment it was paused.
OVERDUE = "done_at IS NULL AND COALESCE(paused_at, :clock) > due_at"
LATE = "done_at IS NOT NULL AND done_at > due_at"


def _plain(rows: Rows, clock: str) -> Rows:
    for row in rows:
        row["open"] = bool(row["open"])
        due = row["due_at"] or "~"
        row["overdue"] = row["done_at"] is None and (row["paused_at"] or clock) > due
        row["late"] = row["done_at"] is not None and row["done_at"] > due
    return rows


def listed(
    view: View,
    *,
    limit: int = 50,
    after: tuple[str, str] | None = None,
    overdue: bool | None = None,
    **equal: str | int | None,
) -> Rows:
    """Requests, the latest first, each with ``overdue`` and ``late`` at the view's clock. ``equal`` are columns and the
    values wanted (kind, state, subject, open)."""
    where, values = "1 = 1", {"limit": limit, "clock": view.clock}
    for column, value in equal.items():
        if value is not None:
            where, values[f"eq_{column}"] = f"{where} AND {column} = :eq_{column}", value
    if overdue is not None:
        where = f"{where} AND {'' if overdue else 'NOT '}({OVERDUE})"
    else:
        del values["clock"]
    if after is not None:
        where += " AND (opened_at, key) < (:after_at, :after_key)"
        values |= {"after_at": after[0], "after_key": after[1]}

    def asked(part: View) -> Rows:
        return part.rows(
            f"SELECT * FROM {{subject_requests:listed}} q WHERE {where} ORDER BY opened_at DESC, key DESC LIMIT :limit",
            **values,
        )

    return _plain(view.first(asked, lambda row: (row["opened_at"], row["key"]), limit, latest=True), view.clock)


def one(view: View, request: str) -> dict[str, Any] | None:
    """One request; ``None`` when there is none."""
    found = view.rows("SELECT * FROM {subject_requests} q WHERE q.key = :id", id=request)
    return _plain(found, view.clock)[0] if found else None


def placed(view: View, rows: Rows) -> Rows:
    """Requests, each with the ``village`` of the person it is about, and whether her processing is ``restricted`` today. Of
    whom is strictly protected no village: it may be where she hides."""
    people = view.rows(
        "SELECT p.key, CASE WHEN p.strict = 0 THEN p.village END AS village,"
        f" CASE WHEN p.key IN {RESTRICTED} THEN 1 ELSE 0 END AS restricted "
        "FROM {people} p WHERE p.key IN :ids",
        ids=[row["subject"] for row in rows],
    )
    found = {one["key"]: one for one in people}
    for row in rows:
        person = found.get(row["subject"], {})
        row |= {"village": person.get("village"), "restricted": bool(person.get("restricted"))}
    return rows


#: What is held about a person, by the name of the projection, in the order of the keys.
_ABOUT = {
    projection.name: whole(projection, f"t WHERE t.{column} IN :{ids} ORDER BY t.key")
    for projection, column, ids in (
        (people, "key", "records"),
        (classifications, "beneficiary", "records"),
        (needs, "beneficiary", "records"),
        (consents, "beneficiary", "records"),
        (cases, "key", "cases"),
        (referrals, "key", "referrals"),
        (victims, "victim", "records"),
        (subject_requests, "subject", "records"),
    )
}


def about(view: View, streams: Mapping[str, list[str]]) -> dict[str, Rows]:
    """What is held about a person, by the name of the projection. ``streams`` are the ids of her records, cases and
    referrals; her consents come in the order of her records, and in that in which they were given."""
    found = several(view, _ABOUT, **{noun: streams[noun] for noun in ("records", "cases", "referrals")})
    place = {record: number for number, record in enumerate(streams["records"])}
    found["consents"].sort(key=lambda row: (place[row["beneficiary"]], row["given_on"], row["consent"]))
    return found
