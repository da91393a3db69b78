"""Everything the office holds about the person who asks for it (UU 27/2022 art. 7, 13 and 32): one document for machines,
the same as text to read, and how to know the file again.

What other people are named by in it (relatives, reporters, informants, witnesses) is masked; free texts are as they were
written, so whoever hands the report over reads it first. The document's shape is in ``docs/reference/subject-report.md``.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from domain.aggregate import Event
from domain.refusals import NotFound
from domain.subject_request import SubjectRequest
from projections import history_lists, reading_lists, subject_request_lists
from projections.history_lists import Entry
from projections.sentences.words import initials
from projections.view import Rows, View
from service.log.vault import DESTROYED
from service.office import Office
from service.subject_report_text import Sentences, told
from service.subject_report_words import Words, villages

SCHEMA = "wahana-subject-report/1"
MOST_READINGS = 100_000  # of each of her records
#: Fields of sealed parts that name somebody else; of an identity, her parents and who heads her family.
OTHERS = frozenset({"reporter", "informant", "guardian", "witness", "requester"})
RELATIVES = frozenset({"mother", "father", "head"})
_CASE_OTHERS = OTHERS | {"recipient"}  # who took the goods; of a consent it is an institution
Parts = Mapping[str, Mapping[str, Any]]


def masked(part: Mapping[str, Any], topic: str) -> dict[str, Any]:
    """The plaintext of a part as its subject may have it: others in it by their initials."""
    others = _CASE_OTHERS if topic.startswith("case.") else OTHERS
    shown = {name: initials(str(value)) if name in others and value else value for name, value in part.items()}
    identity = shown.get("identity")
    if isinstance(identity, dict):
        shown["identity"] = {
            name: initials(str(value)) if name in RELATIVES else value for name, value in identity.items()
        }
    return shown


def of_request(here: Office, view: View, stream: str) -> dict[str, Any]:
    """The report that a request asks for: ``document``, ``text``, ``sha256`` (of the document as `written` gives it),
    ``counts`` of entries and files, and state and version of the ``request``. ``view`` has waited for the head of the log.
    Raises `NotFound`, and as `SubjectRequest.must_be_reportable`."""
    request = here.log.load(SubjectRequest, stream)
    request.must_be_reportable()
    words = Words(here.zone, villages(view))
    document, sentences = _document(here, view, request, words)
    return {
        "document": document,
        "text": told(document, sentences, words),
        "sha256": hashlib.sha256(written(document)).hexdigest(),
        "counts": {"entries": len(document["history"]), "files": len(document["files"])},
        "request": {"state": request.state, "version": request.version},
    }


def written(document: Mapping[str, Any]) -> bytes:
    """The document as a file: canonical JSON, names in order, and a line end."""
    return msgspec.json.encode(document, order="sorted") + b"\n"


def _document(
    here: Office, view: View, request: SubjectRequest, words: Words
) -> tuple[dict[str, Any], list[Sentences]]:
    """The document, and the sentences of its history as the text tells them."""
    told, entries = history_lists.whole(view, request.subject)
    streams = history_lists.by_noun(told)
    held = subject_request_lists.about(view, streams)
    if all(row["key"] != request.subject for row in held["people"]):
        raise NotFound
    own = {*streams["records"], *streams["cases"], *streams["referrals"]}
    here.vault.open(_parts(held, entries, own))  # in one round: below they are kept already
    records = streams["records"]
    readings = reading_lists.of_subject(view, *records, limit=MOST_READINGS * len(records))
    names = _names(view, {entry.by for entry in entries} | {row["by"] for row in readings})
    row = next((one for one in held["subject_requests"] if one["key"] == str(request.id)), {})
    papers = here.log.histories(own)
    history = _history(here, entries, own, words)
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "position": view.position,
        "request": {name: row.get(name) for name in ("key", "kind", "kinds", "opened_at", "due_at")},
        "records": [_record(here, one) for one in held["people"]],
        "types": _opened(here, held["classifications"], "type"),
        "needs": _opened(here, held["needs"], "spm_service", "service"),
        "consents": [_consent(here, one) for one in held["consents"]],
        "cases": [_case(here, one) for one in held["cases"]],
        "referrals": [_referral(here, one) for one in held["referrals"]],
        "disasters": [_plain(one) for one in held["victims"]],
        "requests": [_plain(one) for one in held["subject_requests"]],
        "history": [shown for shown, _ in history],
        "files": [file for name in sorted(own) for file in _files(papers.get(name, ()), name, view.position)],
        "processed_by": _processed(names, entries),
        "read_by": _readings(names, readings),
    }
    return document, [sentences for _, sentences in history]


def _parts(held: Mapping[str, Rows], entries: Iterable[Entry], own: set[str]) -> set[str]:
    """The parts that are opened for the report: those of what is held about her, and of what is told of it."""
    columns = {
        "people": ("identity", "address", "hamlet"),
        "classifications": ("type_part",),
        "needs": ("service_part",),
        "consents": ("part", "people"),
        "cases": ("story",),
    }
    found = {row[column] for name, theirs in columns.items() for row in held[name] for column in theirs if row[column]}
    found |= {row["destination"] for row in held["referrals"] if row["destination_sealed"]}
    return found.union(*(entry.parts() for entry in entries if _hers(entry, own)))


def _hers(entry: Entry, own: set[str]) -> bool:
    """Whether what is sealed of an entry is opened: of a stream that is not hers (a relative's, a disaster's) it is not,
    but for what the disaster's says of her."""
    return entry.stream in own or entry.topic.startswith("incident.victim_")


def _plain(row: Mapping[str, Any], *without: str) -> dict[str, Any]:
    hidden = {"since", "strict", *without}
    return {name: value for name, value in row.items() if name not in hidden and value is not None}


def _part(here: Office, part: str | None) -> Mapping[str, Any]:
    return here.vault.open([part]).get(part, {}) if part else {}


def _record(here: Office, row: Mapping[str, Any]) -> dict[str, Any]:
    shown = _plain(row, "identity", "address", "hamlet")
    for name in ("identity", "address", "hamlet"):
        if row[name]:
            shown[name] = masked(_part(here, row[name]), "").get(name, DESTROYED)
    return shown


def _opened(here: Office, rows: Iterable[Mapping[str, Any]], field: str, column: str = "") -> list[dict[str, Any]]:
    column = column or field
    found = []
    for row in rows:
        shown = _plain(row, f"{column}_part")
        if row[f"{column}_part"]:
            part = _part(here, row[f"{column}_part"])
            shown[column] = part.get(field, DESTROYED)
            for name in ("subtypes", "services"):
                if part.get(name):
                    shown[name] = ",".join(part[name])
        found.append(shown)
    return found


def _consent(here: Office, row: Mapping[str, Any]) -> dict[str, Any]:
    shown = _plain(row, "part", "people", "beneficiary", "key")
    for part in {row["part"], row["people"]} - {None}:
        said = masked(_part(here, part), "beneficiary.consent_given")
        shown |= {name: value for name, value in said.items() if name != "note"}
    return shown


def _case(here: Office, row: Mapping[str, Any]) -> dict[str, Any]:
    shown = _plain(row, "story", "dues", "reached", "answers", "scores")
    if row["story"]:
        shown["story"] = _part(here, row["story"]).get("story", DESTROYED)
    return shown


def _referral(here: Office, row: Mapping[str, Any]) -> dict[str, Any]:
    shown = _plain(row, "destination_sealed")
    if row["destination_sealed"]:
        part = _part(here, row["destination"])
        for name in ("destination", "destination_kind", "need"):
            shown[name] = part.get(name, DESTROYED)
    return shown


def _history(
    here: Office, entries: Iterable[Entry], own: set[str], words: Words
) -> list[tuple[dict[str, Any], Sentences]]:
    """Entries as sentences: as the document keeps them, and as the text tells them."""
    found = []
    with words.kept():
        for entry in entries:
            parts = here.vault.open(entry.parts()) if _hers(entry, own) else None
            opened = None if parts is None else {part: masked(said, entry.topic) for part, said in parts.items()}
            shown = {
                "position": entry.position,
                "recorded": entry.recorded,
                "on": entry.on,
                "stream": entry.stream,
                "topic": entry.topic,
                "by": entry.by,
                "post": entry.post,
                "sentence": entry.sentence(opened),
                "originally": entry.sentence_then(opened),
                "retracted": entry.retracted.recorded if entry.retracted else None,
            }
            kept = {name: value for name, value in shown.items() if value is not None}
            found.append((kept, words.sentences(entry, opened)))
    return found


def _files(events: Iterable[Event], stream: str, position: int) -> list[dict[str, Any]]:
    return [
        {"stream": stream, "position": event.position, **msgspec.to_builtins(paper)}
        for event in events
        if event.position <= position
        for paper in event.evidence
    ]


def _readings(names: Mapping[str, str], rows: Rows) -> list[dict[str, Any]]:
    """Who opened something sealed about her while she was of a protected tier, the earliest first. Exports of everything
    are among them."""
    earliest = sorted(rows, key=lambda row: (row["position"], row["key"]))
    return [{**_plain(row, "key", "people"), "name": names.get(row["by"], row["by"])} for row in earliest]


def _names(view: View, accounts: Iterable[str]) -> dict[str, str]:
    rows = view.rows("SELECT a.key, a.name FROM {accounts} a WHERE a.key IN :ids", ids=sorted(accounts))
    return {row["key"]: row["name"] for row in rows}


def _processed(names: Mapping[str, str], entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Who recorded something about her, in which post, how often, and from when to when."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in entries:
        one = found.setdefault(
            (entry.by, entry.post), {"by": entry.by, "post": entry.post, "events": 0, "first": entry.recorded}
        )
        one["events"] += 1
        one["last"] = entry.recorded
    return [{**one, "name": names.get(one["by"], one["by"])} for one in found.values()]
