"""People in need as they are shown: lists, one person, and the whole history, today or as known at any past moment."""

from collections.abc import Iterable
from typing import Any

import marshmallow as ma
from flask import g
from flask_smorest import Blueprint

from domain import ppks
from domain.aggregate import Aggregate
from domain.beneficiary import Beneficiary
from domain.refusals import NotFound
from projections import people_lists
from projections.consent_lists import RESTRICTED
from projections.engine import View
from projections.people import classifications
from projections.people_lists import worker_of
from service.access import Sight
from service.api import fields
from service.api.consents import consent_shown
from service.api.current import office, principal
from service.api.people_shown import STRICT_WORD, exists, reveal, ruled_today, sight_of
from service.api.reads import ListQuery, ReadQuery, cursor_for, cursor_values, read
from service.api.rows import truths
from service.log.ids import is_id
from service.log.vault import DESTROYED
from service.reach import Scope, either, hidden_from, scope

blueprint = Blueprint(
    "beneficiary_pages", __name__, url_prefix="/api/v1/beneficiaries", description="PPKS as they are known"
)
STATES = ("active", "died", "moved", "duplicate")


class PeopleQuery(ListQuery):
    """``village`` may be the code of a kecamatan."""

    village = fields.text(13)
    tier = ma.fields.Integer(validate=ma.validate.Range(1, 3))
    type = fields.code(ppks.TYPES.versions[-1].codes)
    state = fields.code(STATES)
    kind = fields.code(ppks.KINDS)


def reached(view: View, reach: Scope, *, strict: bool = True) -> tuple[str, dict[str, Any]]:
    """The asker's reach over `{people} p`, by what is known of them today. Whoever does not exist for her is left out, of
    then or of today; without ``strict`` the strictly restricted,
    of then or of today, are left out."""
    row = "p" if view.lasting else "n"
    # Rows that stand are many: whom she reaches is found by an index for each way, unless it is all of an area.
    apart = view.lasting and not reach.everything and not reach.areas
    each = "k" if apart else row
    hers = "(SELECT c.beneficiary FROM {cases:today} c WHERE c.worker = %s)"
    somebodys = f"SELECT 1 FROM {{cases:today}} c WHERE c.beneficiary = {each}.key AND c.worker IS NOT NULL"
    ways, values = reach.ways(
        f"{each}.village",
        worker=worker_of(f"{each}.key"),
        mine=f"{each}.key IN {hers}",
        nobodys=f"NOT EXISTS ({somebodys})" if view.lasting else "",
        by=f"{each}.registered_by",
    )
    where = either(ways)
    if apart and ways:
        keys = " UNION ALL ".join(f"SELECT k.key FROM {{people:today}} k WHERE {way}" for way in ways)
        where = f"{row}.key IN ({keys})"
    below = min(hidden_from(principal()), people_lists.NOBODY_HIDDEN if strict else Aggregate.STRICT_TIER)
    if below < people_lists.NOBODY_HIDDEN:
        where = f"({where}) AND {row}.tier < {below}"
    found = view.reached("people", "p", where)
    if not view.lasting and below < people_lists.NOBODY_HIDDEN:
        found = f"{found} AND p.tier < {below}"
    if reach.restricted:
        return f"({found} OR p.key IN {RESTRICTED})", values
    return f"{found} AND p.key NOT IN {RESTRICTED}", values


@read(blueprint, "", PeopleQuery, action="beneficiary.read")
def listing(query: dict[str, Any], view: View, reach: Scope) -> tuple[list[dict[str, Any]], str | None]:
    """People, families and communities by village, as far as the asker may see them."""
    after = cursor_values(query, 2)
    # Whoever does not see the strictly restricted learns nothing about them from a filter either.
    strict = not (query.get("type") or query.get("tier")) or _sees_strict()
    asked = {name: query[name] for name in ("village", "tier", "type", "state", "kind") if query.get(name)}
    rows = people_lists.listed(
        view,
        reach.account,
        reached=lambda part: reached(part, reach, strict=strict),
        asked=asked,
        limit=query["limit"],
        after=(after[0], after[1]) if after else None,
    )
    following = cursor_for(rows[-1]["village"], rows[-1]["key"]) if len(rows) == query["limit"] else None
    shown = reveal(principal(), rows, view)
    if query.get("type"):  # the type of somebody who is not shown is not shown by a filter either
        shown = [row for row in shown if row["sight"] != Sight.NONE.value]
    return shown, following


def _sees_strict() -> bool:
    # Of nobody's compartments is anything known: needs them all.
    probe = {"tier": Aggregate.STRICT_TIER, "restricted": False}
    return sight_of(principal(), probe) is not Sight.NONE


def seen_person(view: View, reach: Scope, stream: str, *, alone: bool = False, brief: bool = False) -> dict[str, Any]:
    """One beneficiary as `people_lists.person` tells, or ``alone`` her own row, within the asker's reach. Raises
    `NotFound`."""
    me, page = reach.account, None
    if is_id(stream) and alone:
        page = people_lists.persons(view, me, [stream]).get(stream)
    elif is_id(stream):
        page = people_lists.person(view, me, stream, brief=brief)
    if page is None:
        raise NotFound
    [ruled] = ruled_today(view, reach.account, [page])
    restricted = ruled["restricted"]
    within = reach.includes(ruled["village"], ruled["worker"], ruled["registered_by"], restricted=restricted)
    known = restricted or (exists(principal(), ruled["tier"]) and exists(principal(), page["tier"]))
    urgent = stream == principal().emergency and not restricted
    if not ((within and known) or urgent):
        raise NotFound
    return page


class PersonQuery(ReadQuery):
    brief = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "Who it is and who belongs to it, without types, needs and consents"},
    )


@read(blueprint, "/<stream>", PersonQuery, action="beneficiary.read")
def one(query: dict[str, Any], view: View, reach: Scope, stream: str) -> dict[str, Any]:
    """One beneficiary: who it is as far as the asker may see, its types, needs, family and linked records; and the
    emergency accesses to it that the asker holds, until when."""
    page = seen_person(view, reach, stream, brief=query["brief"])
    types, needs, consents = (page.pop(name, []) for name in ("classifications", "needs", "consents"))
    _forget_hidden(view, reach.account, page)
    members, version = page.pop("members"), page.pop("recorded_version")
    sight = sight_of(principal(), ruled_today(view, reach.account, [page])[0])
    g.version = page["version"] = version or 0
    g.composite = True
    if query["brief"]:
        return _with_others(view, page, members, sight)
    parts = {row["type_part"] for row in types} | {row["service_part"] for row in needs}
    sealed = {row[name] for row in consents for name in ("part", "people")} | parts if sight is Sight.FULL else set()
    shown = _with_others(view, page, members, sight, along=sealed)
    opened = office().vault.open(parts) if sight is Sight.FULL else None
    shown["classifications"] = [_typed(row, sight, opened) for row in types]
    shown["needs"] = [_needed(row, sight, opened) for row in needs]
    shown["consents"] = [consent_shown(row, sight) for row in consents] if sight is not Sight.NONE else []
    if not scope(principal(), "hold.record").empty:  # whoever may lift a hold has to name it
        shown["holds"] = _holds(stream, view.position) if page["holds"] else []
    return shown


def _with_others(
    view: View, page: dict[str, Any], members: list[dict[str, Any]], sight: Sight, along: Iterable[str] = ()
) -> dict[str, Any]:
    """Somebody as the asker may see her, with the members of a family and the records linked to hers. The parts ``along``
    are opened with them."""
    # Between relatives who are shown, somebody who is not would be known by her place among them.
    shown, *known = reveal(principal(), [page, *(members if sight is not Sight.NONE else [])], view, along)
    shown["members"] = [member for member in known if member["sight"] != Sight.NONE.value]
    if sight is Sight.NONE:
        shown["duplicates"] = []
    return shown


def _holds(stream: str, position: int) -> list[str]:
    """The legal holds that stood at a position of the log, by their ids."""
    found: set[str] = set()
    for event in office().log.history(stream):
        if event.position <= position and isinstance(event, Beneficiary.HoldPlaced):
            found.add(event.hold)
        elif event.position <= position and isinstance(event, Beneficiary.HoldLifted):
            found.discard(event.hold)
    return sorted(found)


def _forget_hidden(view: View, me: str, page: dict[str, Any]) -> None:
    """Take from a page the ids of other records that do not exist for the asker."""
    others = {page["linked_to"], page["family"], *page["duplicates"]} - {None, ""}
    today = people_lists.persons(view.today(), me, sorted(others)) if others else {}
    known = {id for id, row in today.items() if exists(principal(), row["tier"])}
    for name in ("linked_to", "family"):
        page[name] = page[name] if page[name] in known else None
    page["duplicates"] = [id for id in page["duplicates"] if id in known]


def _unsealed(part: str | None, name: str, opened: dict[str, dict[str, Any]] | None) -> Any:
    if opened is None:
        return STRICT_WORD
    return opened[part].get(name) if part in opened else DESTROYED


def _typed(row: dict[str, Any], sight: Sight, opened: dict[str, dict[str, Any]] | None) -> dict[str, Any]:
    shown = truths(row, classifications)
    shown = {"classification": shown.pop("key"), **shown}
    for name in ("type_part", "since", "beneficiary"):
        del shown[name]
    shown["subtypes"] = row["subtypes"].split(",") if row["subtypes"] else []
    shown["findings"] = row["findings"].split(",") if row["findings"] else []
    if row["type_part"]:
        shown["type"] = _unsealed(row["type_part"], "type", opened)
        for name in ("subtypes", "findings"):
            shown[name] = (opened or {}).get(row["type_part"], {}).get(name) or []
    elif sight is Sight.NONE:
        shown |= {"type": None, "subtypes": [], "findings": []}
    label = ppks.TYPES.label(row["types"], shown["type"]) if shown["type"] else None
    return {**shown, "label": label}


def _needed(row: dict[str, Any], sight: Sight, opened: dict[str, dict[str, Any]] | None) -> dict[str, Any]:
    shown = {name: value for name, value in row.items() if name not in ("key", "service_part", "since", "beneficiary")}
    shown["services"] = row["services"].split(",") if row["services"] else []
    if row["service_part"]:
        shown["service"] = _unsealed(row["service_part"], "spm_service", opened)
        shown["services"] = (opened or {}).get(row["service_part"], {}).get("services") or []
    elif sight is Sight.NONE:
        shown |= {"service": None, "services": []}
    return shown
