"""Closed cases in the order of their ids, in which a sample is drawn that anybody can draw again."""

from projections.consent_lists import RESTRICTED
from projections.view import Reached, Rows, View

_SHOWN = "key AS id, beneficiary, village, stage, outcome, worker, opened_on, terminated_on"


def closed(view: View, reach: Reached, *, restricted: bool = False) -> list[str]:
    """The ids of all closed cases within reach, in order. ``restricted``: also those of people whose processing is."""
    more = "" if restricted else f" AND beneficiary NOT IN {RESTRICTED}"

    def of(part: View) -> Rows:
        where = part.reached("cases", "c", reach[0])
        return part.rows(f"SELECT key FROM {{cases:all}} c WHERE {where}{more} AND open = 0", **reach[1])

    return sorted(row["key"] for row in view.through(of))


def drawn(view: View, ids: list[str]) -> dict[str, dict[str, object]]:
    """What a sample shows of these cases, by id."""
    return {row["id"]: row for row in view.rows(f"SELECT {_SHOWN} FROM {{cases}} WHERE key IN :ids", ids=ids)}
