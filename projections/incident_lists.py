"""Questions about disasters and their victims."""

from typing import Any

from projections.consent_lists import RESTRICTED
from projections.view import View

LISTED = "recorded_on IS NOT NULL"
#: What is counted of a disaster's victims: the condition, and what each adds.
COUNTED = {
    "victims": ("1 = 1", "1"),
    "people": ("COALESCE(outcome, '') NOT IN ('bukan_korban', 'ganda')", "household"),
    "unverified": ("outcome IS NULL", "1"),
    "helped": ("deliveries > 0", "1"),
}
_SUMS = ", ".join(
    f"SUM(CASE WHEN {condition} THEN {weight} ELSE 0 END) AS {name}" for name, (condition, weight) in COUNTED.items()
)
TOTALS = f"SELECT incident, {_SUMS} FROM {{victims}} v WHERE incident IN :incidents AND {LISTED} GROUP BY incident"


def totals(view: View, ids: list[str]) -> dict[str, dict[str, Any]]:
    """For each disaster its victims, the people they stand for, those not yet checked and those helped."""
    found = {row.pop("incident"): row for row in view.rows(TOTALS, incidents=ids)} if ids else {}
    return {id: {name: int(found.get(id, {}).get(name) or 0) for name in COUNTED} for id in ids}


def listed(view: View, *, limit: int, after: tuple[str, str] | None = None) -> list[dict[str, Any]]:
    """Disasters, the latest first, with their totals; ``after`` is the day and id of the last one seen."""
    where, values = "", {}
    if after:
        where, values = "WHERE (i.struck_on, i.key) < (:day, :last)", {"day": after[0], "last": after[1]}
    rows = view.rows(
        f"SELECT * FROM {{incidents}} i {where} ORDER BY i.struck_on DESC, i.key DESC LIMIT :limit",
        limit=limit,
        **values,
    )
    counted = totals(view, [row["key"] for row in rows])
    return [{**row, **counted[row["key"]]} for row in rows]


def page(view: View, incident: str) -> dict[str, Any] | None:
    """One disaster with its totals, its deliveries and its figures in order; ``None`` when there is none."""
    row = view.one("SELECT * FROM {incidents} i WHERE i.key = :incident", incident=incident)
    if row is None:
        return None
    ordered = "WHERE t.incident = :incident ORDER BY t.on_day, t.since"
    return {
        **row,
        **totals(view, [incident])[incident],
        "relief": view.rows(f"SELECT * FROM {{relief}} t {ordered}", incident=incident),
        "figures": view.rows(f"SELECT * FROM {{figures}} t {ordered}", incident=incident),
    }


def victims_of(
    view: View,
    incident: str,
    *,
    where: str,
    values: dict[str, Any],
    limit: int,
    after: str = "",
    restricted: bool = False,
) -> list[dict[str, Any]]:
    """The victims of a disaster. ``where`` is the asker's reach over ``n`` and ``p``, what is known today of each and of
    the person: rights are always today's. ``restricted``: also those whose processing is restricted."""
    if where != "1 = 1":
        where = (
            "EXISTS (SELECT 1 FROM {victims:today} n LEFT JOIN {people:today} p ON p.key = n.victim "
            f"WHERE n.key = v.key AND {where})"
        )
    shown = "" if restricted else f" AND v.victim NOT IN {RESTRICTED}"
    return view.rows(
        "SELECT * FROM {victims} v WHERE v.incident = :incident AND v.key > :after "
        f"AND v.recorded_on IS NOT NULL AND {where}{shown} ORDER BY v.key LIMIT :limit",
        incident=incident,
        after=after,
        limit=limit,
        **values,
    )
