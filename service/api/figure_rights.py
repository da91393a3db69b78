"""Who may see the rows behind a figure. Rights are today's, whatever past moment the figure is of.

A count stands on a board for everybody who sees the board; the rows behind it are shown to those who would find each of
them in its own list. A person or victim who is not shown to the asker has no row; a case or referral of hers has one, with
nothing that tells of her.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from domain.territory import TERRITORY_ID
from projections import people_lists
from projections.figures import Row
from projections.together import Question, several
from projections.view import Row as ViewRow
from projections.view import Rows, View
from service.access import Sight
from service.api.current import principal
from service.api.people_shown import counted_below, reveal, sights_of
from service.api.referrals import WORKER as REFERRAL_WORKER
from service.reach import scope

Sights = dict[str, Sight]
People = Mapping[str, ViewRow]
#: What rules today the cases, referrals and WKSBM with some ids.
_RULED = {
    "case": Question(
        ("key", "village", "worker", "opened_by AS by", "NULL AS sent_to", "tier", "beneficiary"),
        "FROM {cases} WHERE key IN :case",
    ),
    "referral": Question(
        (
            *("key", "village", f"{REFERRAL_WORKER} AS worker", "submitted_by AS by", "destination_id AS sent_to"),
            *("tier", "beneficiary"),
        ),
        "FROM {referrals} WHERE key IN :referral",
    ),
    "wksbm": Question(("key", "village"), "FROM {bodies} WHERE key IN :wksbm"),
}
#: The action that reads what is done for somebody.
_WORK = {"case": "case.read", "referral": "referral.read"}
#: Of the work with some ids, for whom it is and who carries it.
_FOR_WHOM = {
    "case": "SELECT key, beneficiary, worker FROM {cases} WHERE key IN :keys",
    "referral": f"SELECT key, beneficiary, {REFERRAL_WORKER} AS worker FROM {{referrals}} WHERE key IN :keys",
}
_VICTIM = "SELECT key, victim, village FROM {victims} WHERE key IN :ids"


def sights(view: View, right: str, rows: Sequence[Row]) -> Sights:
    """Of the rows that the asker may see, by key, how the person each is about is shown; those left out she may not
    see. ``right`` is that of `projections.figures.Figure`. Only inside the view's ``with``."""
    if right == "victim":
        return _victims(view.today(), rows)
    found = sights_by_right(view, {right: {row.subject for row in rows}})[right]
    return {row.key: found[row.subject] for row in rows if row.subject in found}


def sights_by_right(view: View, wanted: Mapping[str, Collection[str]]) -> dict[str, Sights]:
    """The same for the subjects of several rights, victims excepted, by subject: what rules them is asked for at once. Only
    inside the view's ``with``."""
    today, who = view.today(), principal()
    asked = {right: sorted(wanted[right]) for right in _RULED if wanted.get(right)}
    ruled = several(today, {f"{right}s": _RULED[right] for right in asked}, **asked) if asked else {}
    whom = {row["beneficiary"] for noun in _WORK for row in ruled.get(f"{noun}s", ())} | {*wanted.get("person", ())}
    people = people_lists.persons(today, who.account, sorted(whom))
    return {right: _of(right, subjects, ruled.get(f"{right}s", []), people) for right, subjects in wanted.items()}


def _of(right: str, subjects: Collection[str], rows: Rows, people: People) -> Sights:
    if right == "person":
        return _persons({id: people[id] for id in subjects if id in people})
    if right in _WORK:
        return _worked_on(_WORK[right], rows, people)
    if right == "wksbm":
        reach = scope(principal(), "wksbm.read")
        return _public({*(row["key"] for row in rows if reach.includes(row["village"])), TERRITORY_ID})
    hidden = {"village": False, "incident": scope(principal(), "incident.read").empty}[right]
    return {} if hidden else _public(subjects)


def _persons(people: People) -> Sights:
    who = principal()
    reach = scope(who, "beneficiary.read")
    found: Sights = {}
    for (id, person), sight in zip(people.items(), sights_of(who, list(people.values())), strict=True):
        if sight is not Sight.NONE and reach.includes(
            person["village"], person["worker"], person["registered_by"], restricted=person["restricted"]
        ):
            found[id] = sight
    return found


def people_behind(view: View, kind: str, keys: Collection[str]) -> dict[str, dict[str, Any]]:
    """By row of a figure whose rows are people or what is done for them, ``person`` and ``sight``: who it is, as far as the
    lists of these tell whoever asks. Only rows that she may see."""
    if kind == "person":
        about = {key: (key, None) for key in keys}
    elif kind in _FOR_WHOM and keys:
        rows = view.rows(_FOR_WHOM[kind], keys=sorted(keys))
        about = {row["key"]: (row["beneficiary"], row["worker"]) for row in rows}
    else:
        return {}
    people = people_lists.persons(view, principal().account, sorted({whom for whom, _worker in about.values()}))
    known = {key: one for key, one in about.items() if one[0] in people}
    shown = reveal(principal(), [{**people[who], **({"worker": by} if by else {})} for who, by in known.values()], view)
    return {key: {"person": one["person"], "sight": one["sight"]} for key, one in zip(known, shown, strict=True)}


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


def _worked_on(action: str, rows: Rows, people: People) -> Sights:
    """Cases or referrals: within the reach of an action, each with the sight of whom it is about."""
    who = principal()
    reach = scope(who, action)
    rows = [row for row in rows if reach.includes(row["village"], row["worker"], row["by"], row["sent_to"])]
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


def _public(ids: Iterable[str]) -> Sights:
    return dict.fromkeys(ids, Sight.FULL)
