"""Questions about disasters and their victims."""

from typing import Any

from projections.consent_lists import RESTRICTED
from projections.people_lists import NOBODY_HIDDEN, existing
from projections.view import View

LISTED = "recorded_on IS NOT NULL"
#: What is counted of a disaster's victims: the condition, and what each adds.
COUNTED = {
    "victims": ("1 = 1", "1"),
    "people": ("COALESCE(outcome, '') NOT IN ('bukan_korban', 'ganda')", "household"),
    "unverified": ("outcome IS NULL", "1"),
    "helped": ("deliveries > 0", "1"),
}


def _sum(name: str) -> str:
    condition, weight = COUNTED[name]
    return f"SUM(CASE WHEN {condition} THEN {weight} ELSE 0 END)"


_SUMS = ", ".join(f"{_sum(name)} AS {name}" for name in COUNTED)
_TOTALS = f"SELECT incident, {_SUMS} FROM {{victims}} v WHERE incident IN :incidents AND {LISTED}"


def totals(view: View, ids: list[str], below: int = NOBODY_HIDDEN) -> dict[str, dict[str, Any]]:
    """For each disaster its victims, the people they stand for, those not yet checked and those helped; people of tier
    ``below`` or higher are in no count."""
    asked = f"{_TOTALS} AND {existing('victims', below)} GROUP BY incident"
    found = {row.pop("incident"): row for row in view.rows(asked, incidents=ids)} if ids else {}
    return {id: {name: int(found.get(id, {}).get(name) or 0) for name in COUNTED} for id in ids}


def listed(
    view: View,
    *,
    limit: int,
    after: tuple[str, str] | None = None,
    village: str | None = None,
    below: int = NOBODY_HIDDEN,
) -> list[dict[str, Any]]:
    """Disasters, the latest first, with their `totals`; ``after`` is the day and id of the last one seen. Of a ``village``
    those that hit it, or the whole kabupaten."""
    conditions, values = ["1 = 1"], {}
    if after:
        conditions.append("(i.struck_on, i.key) < (:day, :last)")
        values = {"day": after[0], "last": after[1]}
    if village:
        conditions.append("(i.kabupaten_scale = 1 OR i.villages LIKE :village)")
        values["village"] = f"%{village}%"  # codes all have the same length
    rows = view.rows(
        f"SELECT * FROM {{incidents}} i WHERE {' AND '.join(conditions)} "
        "ORDER BY i.struck_on DESC, i.key DESC LIMIT :limit",
        limit=limit,
        **values,
    )
    counted = totals(view, [row["key"] for row in rows], below)
    return [{**row, **counted[row["key"]]} for row in rows]


def page(view: View, incident: str, below: int = NOBODY_HIDDEN) -> dict[str, Any] | None:
    """One disaster with its `totals`, its deliveries and its figures in order, and the version of its stream; ``None`` when
    there is none."""
    its = f"v.incident = i.key AND {LISTED} AND {existing('victims', below)}"
    row = view.one(
        "SELECT i.*, "
        + ", ".join(f"(SELECT {_sum(name)} FROM {{victims}} v WHERE {its}) AS {name}" for name in COUNTED)
        + ", (SELECT MAX(h.version) FROM {history} h WHERE h.stream = i.key) AS version_now "
        "FROM {incidents} i WHERE i.key = :incident",
        incident=incident,
    )
    if row is None:
        return None
    ordered = "WHERE t.incident = :incident ORDER BY t.on_day, t.since"
    return {
        **{name: value for name, value in row.items() if name != "version_now"},
        **{name: int(row[name] or 0) for name in COUNTED},
        "version": row["version_now"],
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
