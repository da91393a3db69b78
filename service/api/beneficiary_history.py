"""The whole history of somebody in need: every event as a sentence, as far as whoever asks may read it."""

from collections.abc import Iterable
from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from domain.beneficiary import Beneficiary
from projections import history_lists, people_lists
from projections.engine import View
from projections.history_lists import Entry
from projections.sentences import tell
from projections.view import Rows
from service.access import Sight
from service.api import fields
from service.api.beneficiary_pages import seen_person
from service.api.current import office, principal
from service.api.files import held_for
from service.api.people_shown import counted_below, exists, ruled_today, sights_of
from service.api.reads import ReadQuery, read
from service.reach import Scope, scope

blueprint = Blueprint(
    "beneficiary_history", __name__, url_prefix="/api/v1/beneficiaries", description="PPKS: their whole history"
)
#: What says why a document of hers is under legal hold, which fewer read than what else is told of her.
_OF_HELD = frozenset({Beneficiary.DocumentHeld.TOPIC, Beneficiary.DocumentReleased.TOPIC})
#: What is done for somebody, and the action that reads it.
WORK = {"cases": "case.read", "referrals": "referral.read"}


class HistoryQuery(ReadQuery):
    case = fields.identifier(metadata={"description": "Only what was recorded under this one of her cases"})
    papers = ma.fields.Boolean(load_default=True, metadata={"description": "False: not the papers behind the events"})


@read(blueprint, "/<stream>/history", HistoryQuery, action="beneficiary.read")
def whole_history(query: dict[str, Any], view: View, reach: Scope, stream: str) -> dict[str, Any]:
    """Everything recorded about a beneficiary, through linked records, cases, referrals and disasters, in order, as
    sentences. Cases and referrals outside the asker's rights are left out and counted."""
    page = seen_person(view, reach, stream, alone="case" in query)
    streams, entries = history_lists.whole(view, stream, query.get("case"))
    about = _subjects(view, reach.account, page, streams, entries)
    left_out = [entry for entry in entries if entry.stream in about and about[entry.stream] is None]
    shown = [entry for entry in entries if about.get(entry.stream) is not None]
    return {
        "records": [one for one in history_lists.by_noun(streams)["records"] if one in about],
        "entries": _told(
            view, shown, {name: row for name, row in about.items() if row is not None}, papers=query["papers"]
        ),
        "left_out": len(left_out),
    }


def _subjects(
    view: View, me: str, page: dict[str, Any], streams: Rows, entries: Iterable[Entry]
) -> dict[str, dict[str, Any] | None]:
    """For each stream what decides how its texts are shown; ``None`` where the asker may not see its events. Streams about
    somebody who does not exist for her are left out."""
    who, today, named = principal(), view.today(), history_lists.by_noun(streams)
    page = dict(ruled_today(view, me, [page])[0])
    hers = {name for noun, names in named.items() if noun != "relatives" for name in names}
    others = sorted({entry.stream for entry in entries} - hers)
    people = people_lists.persons(today, me, [*named["records"], *others])
    found: dict[str, dict[str, Any] | None] = {}
    urgent = who.emergency == page["key"]  # then all that is about her is shown
    for id, row in people.items():
        reach = scope(who, "beneficiary.read")
        within = reach.includes(row["village"], row["worker"], row["registered_by"], restricted=row["restricted"])
        if urgent and id == page["key"]:
            found[id] = row
        elif row["restricted"] or exists(who, row["tier"]):
            found[id] = row if within else None
    restricted = page["restricted"]
    for row in streams:
        if row["noun"] not in WORK or row["tier"] is None:
            continue
        within = scope(who, WORK[row["noun"]]).includes(
            row["village"], row["worker"], row["by_account"], restricted=restricted
        )
        if urgent or restricted or max(row["tier"], page["tier"]) < counted_below(who):
            found[row["stream"]] = _as_subject(page, row["tier"], row["worker"]) if within or urgent else None
    return found | dict.fromkeys(named["incidents"], page)


def _as_subject(page: dict[str, Any], tier: int, worker: str | None) -> dict[str, Any]:
    return {**page, "tier": max(tier, page["tier"]), "worker": worker or page["worker"]}


def _told(view: View, entries: list[Entry], about: dict[str, dict[str, Any]], *, papers: bool) -> list[dict[str, Any]]:
    who = principal()
    sights = dict(zip(about, sights_of(who, list(about.values())), strict=True))
    kept = {entry.stream for entry in entries if entry.topic in _OF_HELD}
    unread = kept - held_for(view, kept) if kept else set()
    open_to = {
        (entry.stream, entry.version)
        for entry in entries
        if sights[entry.stream] is Sight.FULL and not (entry.topic in _OF_HELD and entry.stream in unread)
    }
    wanted = {part for entry in entries if (entry.stream, entry.version) in open_to for part in entry.parts()}
    opened = office().vault.open(wanted)
    found = _papers(one for one in entries if papers and sights[one.stream] is Sight.FULL)
    return [
        told(entry, sights[entry.stream], opened if (entry.stream, entry.version) in open_to else None)
        | {"evidence": found.get((entry.stream, entry.version), [])}
        for entry in entries
    ]


def _papers(entries: Iterable[Entry]) -> dict[tuple[str, int], list[dict[str, str | None]]]:
    """The papers behind some entries, by stream and version. The views only count them."""
    behind = [one for one in entries if one.papers]
    streams, versions = {one.stream for one in behind}, {one.version for one in behind}
    return {
        (stream, event.version): [
            {"kind": one.kind, "number": one.number, "dated": one.dated, "file": one.file} for one in event.evidence
        ]
        for stream, events in office().log.histories(streams, versions).items()
        for event in events
        if event.evidence
    }


def with_papers(entries: list[Entry], opened: dict[str, dict[str, Any]] | None, *, files: bool) -> list[dict[str, Any]]:
    """The history of what is no person's, such as a WKSBM, with its papers: with all their ``files``, or with those of what
    whoever asks recorded herself."""
    who, found = principal(), _papers(entries)
    if not files:
        theirs = {(one.stream, one.version) for one in entries if one.by != who.account}
        found |= {key: [{**one, "file": None} for one in found[key]] for key in theirs & found.keys()}
    return [told(one, Sight.FULL, opened) | {"evidence": found.get((one.stream, one.version), [])} for one in entries]


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
        "officer": None if blind else entry.data.get("worker"),  # to whom a case was given
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
