"""How people in need are shown: the one place where their encrypted parts are opened for a reader.

`service.access.sees` decides for every person: in full; masked (initials, no NIK, the year of birth only); or not at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from domain.aggregate import Aggregate
from projections import people_lists
from projections.people import people as people_projection
from projections.sentences.words import DESTROYED, initials
from projections.view import View
from service.access import Sight
from service.api.current import office
from service.api.rows import truths
from service.identity import Principal
from service.reach import hidden_from, scope, sees

STRICT_WORD = "ketat"
#: Columns that lead to something sealed, or only serve to decide what is shown: they never leave the service.
HIDDEN = frozenset({"identity", "address", "hamlet", "since", "worker", "strict", "restricted", "holds"})
Row = Mapping[str, Any]
#: Columns that tell who somebody is to whoever knows her neighbours: never of a person who is not shown at all.
TELLING = frozenset(
    {
        *("nik_findings", "family", "relation", "relations", "linked_to", "channel", "residence_outside", "outside"),
        *("neglected", "neglect_on", "institution", "died_on", "moved_out"),
    }
)
#: Columns that name another record.
NAMING = ("linked_to", "family")
#: What decides how somebody is shown. Whatever past moment is looked at, today's values count.
DECIDING = ("tier", "village", "worker", "registered_by", "restricted")


def compartments_of(people: Iterable[Row]) -> dict[str, frozenset[str]]:
    """The compartments of those among these people who are strictly restricted, by id; asked for all of them at once."""
    tiers = {row["key"]: row.get("tier") or Aggregate.STRICT_TIER for row in people if row.get("key")}
    strict = [id for id, tier in tiers.items() if tier >= Aggregate.STRICT_TIER]
    # The keys of the others come along: in the same round, and whatever is opened next is mostly theirs.
    held = office().vault.compartments(tiers) if strict else {}
    return {id: held.get(id, frozenset()) for id in strict}


def sights_of(principal: Principal, people: Sequence[Row]) -> list[Sight]:
    """How each person is shown. A row has her id as ``key``, tier, village, worker (who works with her) and
    registered_by; of somebody without an id the compartments are taken for unknown."""
    held = compartments_of(people) if principal.clearances else {}
    return [_sight(principal, row, held.get(row.get("key") or "")) for row in people]


def sight_of(principal: Principal, person: Row) -> Sight:
    """How one person is shown."""
    return sights_of(principal, [person])[0]


def _sight(principal: Principal, person: Row, compartments: frozenset[str] | None) -> Sight:
    if principal.emergency and person.get("key") == principal.emergency and not person["restricted"]:
        return Sight.FULL
    worker, tier = person.get("worker"), person.get("tier") or Aggregate.STRICT_TIER
    mine = worker == principal.account or (worker is None and person.get("registered_by") == principal.account)
    return sees(principal, tier, person.get("village"), mine, compartments, restricted=person["restricted"])


def counted_below(principal: Principal) -> int:
    """The lowest tier of people who stand in no count that the asker is told, and for whom no work is known to her."""
    return hidden_from(principal, Sight.COUNTED)


def exists(principal: Principal, tier: int | None) -> bool:
    """Whether somebody of that tier exists for the asker at all."""
    return (tier or Aggregate.STRICT_TIER) < hidden_from(principal)


def ruled_today(view: View, me: str, people: Sequence[Row]) -> list[Row]:
    """Rows about people of a view, with what decides today how they are shown."""
    if not view.past:
        return list(people)
    now = people_lists.persons(view.today(), me, [row["key"] for row in people])
    return [{**row, **{name: now.get(row["key"], {}).get(name) for name in DECIDING}} for row in people]


def masked(identity: Row) -> dict[str, Any]:
    """What is shown of an identity to somebody who may see that there is a person, but not who."""
    born = str(identity.get("birth_date") or identity.get("birth_year") or "")[:4]
    shown = {"name": initials(str(identity.get("name") or identity.get("alias") or "")), "sex": identity.get("sex")}
    return {**shown, "birth_year": int(born) if born.isdecimal() else None}


def reveal(principal: Principal, people: Iterable[Row], view: View, along: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Rows of `projections.people` (with ``worker``), taken from ``view``, as this reader may see them today.

    Each gets ``sight`` (full, masked, none) and ``person``: the identity, its masked form, "[dimusnahkan]", or null.
    Address and hamlet come with the full sight. The tier of a strictly restricted person reads "ketat". ``along`` are
    parts that whoever asks goes on to read: they are opened in the same round.
    """
    rows = list(people)
    ruled = ruled_today(view, principal.account, rows)
    sights = sights_of(principal, ruled)
    wanted = set(along)
    for row, sight in zip(rows, sights, strict=True):
        if sight is not Sight.NONE and row.get("identity"):
            wanted.add(row["identity"])
        if sight is Sight.FULL:
            wanted |= {row[name] for name in ("address", "hamlet") if row.get(name)}
    opened = office().vault.open(wanted)
    rows = _without_hidden(principal, rows, view)
    return [_shown(row, one["tier"], sight, opened) for row, one, sight in zip(rows, ruled, sights, strict=True)]


def _without_hidden(principal: Principal, rows: list[Row], view: View) -> list[Row]:
    """Rows without the ids of other records that do not exist for the asker."""
    others = {row[name] for row in rows for name in NAMING if row.get(name)}
    if not others:
        return rows
    entitled = scope(principal, "beneficiary.read").restricted
    known = {
        id
        for id, row in people_lists.persons(view.today(), principal.account, sorted(others)).items()
        if (entitled if row["restricted"] else exists(principal, row["tier"]))
    }
    return [{**row, **{name: None for name in NAMING if row.get(name) and row[name] not in known}} for row in rows]


def _shown(row: Row, tier: int | None, sight: Sight, opened: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    shown = {"id" if name == "key" else name: value for name, value in row.items() if name not in HIDDEN}
    shown = truths(shown, people_projection)
    shown["sight"], shown["restricted"] = sight.value, bool(row["restricted"])
    shown["person"] = None
    if max(row.get("tier") or 0, tier or 0) >= Aggregate.STRICT_TIER:
        shown["tier"] = STRICT_WORD
    if sight is Sight.NONE:
        return {name: value for name, value in shown.items() if name not in TELLING}
    part = opened.get(row.get("identity") or "")
    if row.get("identity") and part is None:
        shown["person"] = DESTROYED
    elif part is not None:
        identity = part.get("identity") or {}
        shown["person"] = dict(identity) if sight is Sight.FULL else masked(identity)
    if sight is Sight.FULL:
        for name in ("address", "hamlet"):
            if row.get(name):
                shown[name] = opened[row[name]].get(name) if row[name] in opened else DESTROYED
    return shown
