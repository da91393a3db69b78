"""Who may see the rows behind a figure. Rights are today's, whatever past moment the figure is of.

A count stands on a board for everybody who sees the board; the rows behind it are shown to those who would find each of
them in its own list. A person or victim who is not shown to the asker has no row; a case or referral of hers has one, with
nothing that tells of her.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from domain.territory import TERRITORY_ID
from projections import people_lists
from projections.figures import Row
from projections.view import View
from service.access import Sight
from service.api.current import principal
from service.api.people_shown import counted_below, sights_of
from service.api.referrals import WORKER as REFERRAL_WORKER
from service.reach import scope

Sights = dict[str, Sight]
_CASE = (
    "SELECT key, village, worker, opened_by AS by, NULL AS sent_to, tier, beneficiary FROM {cases} WHERE key IN :ids"
)
_REFERRAL = (
    f"SELECT key, village, {REFERRAL_WORKER} AS worker, submitted_by AS by, destination_id AS sent_to, tier, beneficiary "
    "FROM {referrals} WHERE key IN :ids"
)
_VICTIM = "SELECT key, victim, village FROM {victims} WHERE key IN :ids"


def sights(view: View, right: str, rows: Sequence[Row]) -> Sights:
    """Of the rows that the asker may see, by key, how the person each is about is shown; those left out she may not
    see. ``right`` is that of `projections.figures.Figure`. Only inside the view's ``with``."""
    ids = sorted({row.subject for row in rows})
    today = view.today()
    if right == "victim":
        return _victims(today, rows)
    found = _RIGHTS[right](today, ids)
    return {row.key: found[row.subject] for row in rows if row.subject in found}


def _persons(today: View, ids: list[str]) -> Sights:
    who = principal()
    reach = scope(who, "beneficiary.read")
    found: Sights = {}
    people = people_lists.persons(today, who.account, ids)
    for (id, person), sight in zip(people.items(), sights_of(who, list(people.values())), strict=True):
        if sight is not Sight.NONE and reach.includes(
            person["village"], person["worker"], person["registered_by"], restricted=person["restricted"]
        ):
            found[id] = sight
    return found


def _victims(today: View, rows: Sequence[Row]) -> Sights:
    who = principal()
    reach = scope(who, "beneficiary.read")
    people = people_lists.persons(today, who.account, sorted({row.subject for row in rows}))
    found: Sights = {}
    victims = today.rows(_VICTIM, ids=[row.key for row in rows])
    told = [people.get(row["victim"], {"restricted": False}) for row in victims]
    for row, person, sight in zip(victims, told, sights_of(who, told), strict=True):
        if sight is not Sight.NONE and reach.includes(
            row["village"], person.get("worker"), person.get("registered_by"), restricted=person["restricted"]
        ):
            found[row["key"]] = sight
    return found


def _worked_on(action: str, sql: str) -> Any:
    """Cases or referrals: within the reach of an action, each with the sight of whom it is about."""

    def find(today: View, ids: list[str]) -> Sights:
        who = principal()
        reach = scope(who, action)
        rows = [
            row
            for row in today.rows(sql, ids=ids)
            if reach.includes(row["village"], row["worker"], row["by"], row["sent_to"])
        ]
        people = people_lists.persons(today, who.account, sorted({row["beneficiary"] for row in rows}))
        about = []
        for row in rows:
            person = people.get(row["beneficiary"], {"restricted": False})
            tier = max(row["tier"], person.get("tier") or row["tier"])
            about.append({**person, "key": row["beneficiary"], "tier": tier, "worker": row["worker"]})
        return {
            row["key"]: sight
            for row, one, sight in zip(rows, about, sights_of(who, about), strict=True)
            if (reach.restricted if one["restricted"] else one["tier"] < counted_below(who))
        }

    return find


def _bodies(today: View, ids: list[str]) -> Sights:
    reach = scope(principal(), "wksbm.read")
    rows = today.rows("SELECT key, village FROM {bodies} WHERE key IN :ids", ids=ids)
    return {row["key"]: Sight.FULL for row in rows if reach.includes(row["village"])} | _public(today, {TERRITORY_ID})


def _incidents(today: View, ids: list[str]) -> Sights:
    return {} if scope(principal(), "incident.read").empty else _public(today, ids)


def _public(today: View, ids: Iterable[str]) -> Sights:
    return dict.fromkeys(ids, Sight.FULL)


_RIGHTS = {
    "person": _persons,
    "case": _worked_on("case.read", _CASE),
    "referral": _worked_on("referral.read", _REFERRAL),
    "wksbm": _bodies,
    "village": _public,
    "incident": _incidents,
}
