"""Questions about the registers: KPS, PSKS and the services they offer, and the indicators. Contacts are part ids."""

from typing import Any

from projections.view import Reached, Rows, View

_KPS = "key AS id, village, kind, kinds, name, active, active_from, active_until, members, contact, version"
_PSKS = (
    "key AS id, village, area, kind, kinds, unit, name, active, active_from, active_until, reason, members, contact, "
    "version"
)


def _narrowed(view: View, name: str, reach: Reached, equal: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    where, values = view.reached(name, "r", reach[0]), dict(reach[1])
    for column, value in equal.items():
        if value is not None:
            where, values[f"eq_{column}"] = f"{where} AND {column} = :eq_{column}", value
    return where, values


def _active(rows: Rows) -> Rows:
    for row in rows:
        row["active"] = bool(row["active"])
    return rows


def kps(view: View, reach: Reached, after: tuple[str, str] = ("", ""), limit: int = 50, **equal: Any) -> Rows:
    """KPS by village and id, after the village and id of the row before. ``equal`` are columns and values wanted."""
    where, values = _narrowed(view, "kps", reach, equal)
    return _active(
        view.rows(
            f"SELECT {_KPS} FROM {{kps}} r WHERE {where} AND (village, key) > (:after_village, :after_key) "
            "ORDER BY village, key LIMIT :limit",
            **values,
            after_village=after[0],
            after_key=after[1],
            limit=limit,
        )
    )


def one_kps(view: View, reach: Reached, stream: str) -> dict[str, Any] | None:
    """One KPS with the WKSBM it belongs or belonged to."""
    where, values = _narrowed(view, "kps", reach, {"key": stream})
    found = _active(view.rows(f"SELECT {_KPS} FROM {{kps}} r WHERE {where}", **values))
    if not found:
        return None
    found[0]["wksbm"] = members = _active(
        view.rows(
            "SELECT wksbm AS id, joined_on, left_on, active FROM {memberships} WHERE kps = :stream "
            "ORDER BY joined_on, wksbm",
            stream=stream,
        )
    )
    bodies = view.rows("SELECT key, name FROM {bodies} WHERE key IN :ids", ids=[member["id"] for member in members])
    names = {body["key"]: body["name"] for body in bodies}
    for member in members:
        member["name"] = names.get(member["id"])
    return found[0]


def psks(
    view: View, reach: Reached, after: str = "", limit: int = 50, service: str | None = None, **equal: Any
) -> Rows:
    """PSKS by id with the services they offer; with ``service``, those that offer it and serve."""
    where, values = _narrowed(view, "psks", reach, equal)
    if service is not None:
        where += " AND active = 1 AND key IN (SELECT psks FROM {psks_offers} WHERE service = :service)"
        values["service"] = service
    rows = _active(
        view.rows(
            f"SELECT {_PSKS} FROM {{psks}} r WHERE {where} AND key > :after ORDER BY key LIMIT :limit",
            **values,
            after=after,
            limit=limit,
        )
    )
    return _with_offers(view, rows)


def one_psks(view: View, reach: Reached, stream: str) -> dict[str, Any] | None:
    """One PSKS with the services it offers."""
    where, values = _narrowed(view, "psks", reach, {"key": stream})
    found = _active(view.rows(f"SELECT {_PSKS} FROM {{psks}} r WHERE {where}", **values))
    return _with_offers(view, found)[0] if found else None


def _with_offers(view: View, rows: Rows) -> Rows:
    if not rows:
        return []
    offers = view.rows(
        "SELECT psks, service, services, capacity, catchment, open_hours, offered_on FROM {psks_offers} "
        "WHERE psks IN :ids ORDER BY psks, service",
        ids=[row["id"] for row in rows],
    )
    for row in rows:
        row["services"] = []
    of = {row["id"]: row for row in rows}
    for offer in offers:
        offer["catchment"] = offer["catchment"].split(",") if offer["catchment"] else []
        of[offer.pop("psks")]["services"].append(offer)
    return rows


def indicators(view: View, stream: str | None = None) -> Rows:
    """The indicators, or the one with that id, with the baselines stated and the targets set."""
    where, values = ("1 = 1", {}) if stream is None else ("key = :stream", {"stream": stream})
    rows = view.rows(
        f"SELECT key AS id, name, definition, defined_on, version FROM {{indicators}} WHERE {where} ORDER BY key",
        **values,
    )
    figures = view.rows(
        "SELECT indicator, kind, month, year, permille, wording, reference, approximate, definition_unknown, stated_on "
        "FROM {indicator_figures} WHERE indicator IN :ids ORDER BY month, year",
        ids=[row["id"] for row in rows],
    )
    of = {row["id"]: row for row in rows}
    for row in rows:
        row["baselines"], row["targets"] = [], []
    for figure in figures:
        row, kind = of[figure.pop("indicator")], figure.pop("kind")
        if kind == "target":
            names = ("year", "permille", "reference", "stated_on")
            row["targets"].append({name: figure[name] for name in names})
        else:
            figure["approximate"] = bool(figure["approximate"])
            figure["definition_unknown"] = bool(figure["definition_unknown"])
            row["baselines"].append({name: value for name, value in figure.items() if name != "year"})
    return rows
