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
from projections import history_lists, people_lists
from projections.consent_lists import RESTRICTED
from projections.engine import View
from projections.history_lists import Entry
from projections.people import classifications
from projections.people_lists import worker_of
from projections.sentences import tell
from service.access import Sight
from service.api import fields
from service.api.cases import version_at
from service.api.consents import consent_shown
from service.api.current import office, principal
from service.api.people_shown import STRICT_WORD, counted_below, exists, reveal, ruled_today, sight_of, sights_of
from service.api.reads import ListQuery, ReadQuery, cursor_for, cursor_values, read
from service.api.rows import truths
from service.log.ids import is_id
from service.log.vault import DESTROYED
from service.reach import Scope, hidden_from, scope

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
    held = f"{row}.key IN (SELECT c.beneficiary FROM {{cases:today}} c WHERE c.worker %s)"
    where, values = reach.where(f"{row}.village", worker=worker_of(f"{row}.key"), held=held, by=f"{row}.registered_by")
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


def seen_page(view: View, reach: Scope, stream: str) -> dict[str, Any]:
    """One beneficiary's page, within the asker's reach. Raises `NotFound`."""
    page = people_lists.page(view, reach.account, stream) if is_id(stream) else None
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


@read(blueprint, "/<stream>", ReadQuery, action="beneficiary.read")
def one(query: dict[str, Any], view: View, reach: Scope, stream: str) -> dict[str, Any]:
    """One beneficiary: who it is as far as the asker may see, its types, needs, family and linked records."""
    page = seen_page(view, reach, stream)
    g.version = page["version"] = version_at(view, stream)
    g.composite = True
    _forget_hidden(view, reach.account, page)
    types, needs, members = page.pop("classifications"), page.pop("needs"), page.pop("members")
    consents = page.pop("consents")
    sight = sight_of(principal(), ruled_today(view, reach.account, [page])[0])
    shown = reveal(principal(), [page], view)[0]
    parts = {row["type_part"] for row in types} | {row["service_part"] for row in needs}
    opened = office().vault.open(part for part in parts if part) if sight is Sight.FULL else None
    shown["classifications"] = [_typed(row, sight, opened) for row in types]
    shown["needs"] = [_needed(row, sight, opened) for row in needs]
    shown["consents"] = [consent_shown(row, sight) for row in consents] if sight is not Sight.NONE else []
    # Between relatives who are shown, somebody who is not would be known by her place among them.
    known = reveal(principal(), members, view) if sight is not Sight.NONE else []
    shown["members"] = [member for member in known if member["sight"] != Sight.NONE.value]
    if sight is Sight.NONE:
        shown["duplicates"] = []
    if not scope(principal(), "hold.record").empty:  # whoever may lift a hold has to name it
        shown["holds"] = _holds(stream, view.position)
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


@read(blueprint, "/<stream>/history", ReadQuery, action="beneficiary.read")
def whole_history(query: dict[str, Any], view: View, reach: Scope, stream: str) -> dict[str, Any]:
    """Everything recorded about a beneficiary, through linked records, cases, referrals and disasters, in order, as
    sentences. Cases and referrals outside the asker's rights are left out and counted."""
    page = seen_page(view, reach, stream)
    streams = history_lists.beneficiary_streams(view, stream)
    entries = history_lists.beneficiary_history(view, stream)
    about = _subjects(view, reach.account, page, streams, entries)
    left_out = [entry for entry in entries if entry.stream in about and about[entry.stream] is None]
    shown = [entry for entry in entries if about.get(entry.stream) is not None]
    return {
        "records": [record for record in streams["records"] if record in about],
        "entries": _told(shown, {name: row for name, row in about.items() if row is not None}),
        "left_out": len(left_out),
    }


def _subjects(
    view: View, me: str, page: dict[str, Any], streams: dict[str, list[str]], entries: Iterable[Entry]
) -> dict[str, dict[str, Any] | None]:
    """For each stream what decides how its texts are shown; ``None`` where the asker may not see its events. Streams about
    somebody who does not exist for her are left out."""
    who, today = principal(), view.today()
    page = dict(ruled_today(view, me, [page])[0])
    others = {entry.stream for entry in entries} - {name for names in streams.values() for name in names}
    people = people_lists.persons(today, me, [*streams["records"], *others])
    found: dict[str, dict[str, Any] | None] = {}
    urgent = who.emergency == page["key"]  # then all that is about her is shown
    for id, row in people.items():
        reach = scope(who, "beneficiary.read")
        within = reach.includes(row["village"], row["worker"], row["registered_by"], restricted=row["restricted"])
        if urgent and id == page["key"]:
            found[id] = row
        elif row["restricted"] or exists(who, row["tier"]):
            found[id] = row if within else None
    cases = {row["key"]: row for row in today.rows("SELECT * FROM {cases} c WHERE c.key IN :ids", ids=streams["cases"])}
    referrals = today.rows("SELECT * FROM {referrals} r WHERE r.key IN :ids", ids=streams["referrals"])
    restricted = page["restricted"]
    for id, row in cases.items():
        within = scope(who, "case.read").includes(
            row["village"], row["worker"], row["opened_by"], restricted=restricted
        )
        if urgent or restricted or max(row["tier"], page["tier"]) < counted_below(who):
            found[id] = _as_subject(page, row["tier"], row["worker"]) if within or urgent else None
    for row in referrals:
        worker = cases.get(row["case_id"], {}).get("worker")
        within = scope(who, "referral.read").includes(
            row["village"], worker, row["submitted_by"], restricted=restricted
        )
        if urgent or restricted or max(row["tier"], page["tier"]) < counted_below(who):
            found[row["key"]] = _as_subject(page, row["tier"], worker) if within or urgent else None
    return found | dict.fromkeys(streams["incidents"], page)


def _as_subject(page: dict[str, Any], tier: int, worker: str | None) -> dict[str, Any]:
    return {**page, "tier": max(tier, page["tier"]), "worker": worker or page["worker"]}


def _told(entries: list[Entry], about: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    who = principal()
    sights = dict(zip(about, sights_of(who, list(about.values())), strict=True))
    wanted = {part for entry in entries if sights[entry.stream] is Sight.FULL for part in entry.parts()}
    opened = office().vault.open(wanted)
    papers = _papers({one.stream for one in entries if one.papers and sights[one.stream] is Sight.FULL})
    return [
        told(entry, sights[entry.stream], opened if sights[entry.stream] is Sight.FULL else None)
        | {"evidence": papers.get((entry.stream, entry.version), [])}
        for entry in entries
    ]


def _papers(streams: Iterable[str]) -> dict[tuple[str, int], list[dict[str, str | None]]]:
    """The papers behind the events of some streams, by stream and version. The views only count them."""
    return {
        (stream, event.version): [
            {"kind": one.kind, "number": one.number, "dated": one.dated, "file": one.file} for one in event.evidence
        ]
        for stream in streams
        for event in office().log.history(stream)
        if event.evidence
    }


def told(entry: Entry, sight: Sight, opened: dict[str, dict[str, Any]] | None) -> dict[str, Any]:
    """One entry of a history as JSON. Open fields give something away, those from before somebody was restricted above
    all: a reader who may not see her at all learns only that something was recorded."""
    blind = sight is Sight.NONE
    return {
        "stream": entry.stream,
        "version": entry.version,
        "position": entry.position,
        "topic": entry.topic if not blind else entry.topic.partition(".")[0],
        "on": entry.on,
        "recorded": entry.recorded,
        "by": entry.by,
        "post": entry.post,
        "performed_by": entry.performed_by,
        "village": entry.village,
        "source": entry.source,
        "papers": entry.papers,
        "sentence": tell(entry.topic.partition(".")[0], {}) if blind else entry.sentence(opened),
        "originally": None if blind else entry.sentence_then(opened),
        "corrected": [{"version": one.version, "recorded": one.recorded, "by": one.by} for one in entry.corrected],
        "retracted": None
        if entry.retracted is None
        else {"version": entry.retracted.version, "recorded": entry.retracted.recorded, "by": entry.retracted.by},
    }
