"""Which villages were in force on a day, as the domain redraws the list from its changes."""

from datetime import date
from typing import Any

import msgspec

from domain.aggregate import EVENTS
from domain.territory import TERRITORY_ID, Territory
from domain.villages import Village
from projections.view import Rows, View

_CHANGES = "SELECT version, topic, valid_from, edition, decree, changed, body FROM {redrawings} ORDER BY version"


def _changes(view: View) -> Rows:
    """Of today they are kept: nearly every page names villages, and the list changes every few years."""
    return view.rows(_CHANGES) if view.past else view.standing(_CHANGES)


def territory(view: View) -> Territory:
    """The territory as it was known at the view's position: ask it for the villages or the edition of a day."""
    known = Territory.blank(TERRITORY_ID)
    for row in _changes(view):
        known.remember(msgspec.json.decode(row["body"], type=EVENTS[row["topic"]]))
    return known


def within(view: View, reach: tuple[str, dict[str, Any]], day: date, known: Territory) -> dict[str, Village]:
    """The villages in force on ``day``, by code, as far as ``reach`` (SQL over ``key`` and its parameters) goes."""
    where, values = reach
    standing = known.villages_on(day)
    if not values and where == "1 = 1":
        return standing
    codes = {row["key"] for row in view.rows(f"SELECT key FROM {{villages}} WHERE {where}", **values)}
    return {code: village for code, village in standing.items() if code in codes}


def changes(view: View) -> list[dict[str, Any]]:
    """Every change of the list, in the order of the days from which they hold."""
    rows = sorted(_changes(view), key=lambda row: (row["valid_from"], row["version"]))
    return [{name: value for name, value in row.items() if name != "body"} for row in rows]
