"""The history of a stream, and the whole history of one person, family or community.

What later corrections and retractions made of an event is worked out here, as they stand at the position of the view.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from domain.correction import Corrected, Retracted
from domain.incident import DisasterIncident
from projections.sentences import tell
from projections.view import View


@dataclass(slots=True)
class Entry:
    """One event as it reads at the view's position. ``original`` holds its fields as first recorded when a correction
    changed them; ``corrected`` and ``retracted`` are the entries that did so."""

    stream: str
    version: int
    position: int
    topic: str
    on: str
    recorded: str
    by: str
    post: str
    performed_by: str | None
    village: str | None
    source: str
    papers: int
    data: dict[str, Any]
    original: dict[str, Any] | None = None
    corrected: list["Entry"] = field(default_factory=list)
    retracted: "Entry | None" = None

    def parts(self) -> set[str]:
        """The ids of the parts that its own fields, then and now, refer to."""
        found: set[str] = set()

        def look(value: Any) -> None:
            if isinstance(value, Mapping):
                if set(value) == {"part"}:
                    found.add(str(value["part"]))
                else:
                    look(list(value.values()))
            elif isinstance(value, list):
                for one in value:
                    look(one)

        look([self.data, self.original or {}])
        return found

    def sentence(self, opened: Mapping[str, Mapping[str, Any]] | None = None) -> str:
        """What happened, as it reads now (`projections.sentences.tell`)."""
        return tell(self.topic, self.data, opened)

    def sentence_then(self, opened: Mapping[str, Mapping[str, Any]] | None = None) -> str | None:
        """What had been recorded first, when a correction changed it."""
        return None if self.original is None else tell(self.topic, self.original, opened)


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        stream=row["stream"],
        version=row["version"],
        position=row["since"],
        topic=row["topic"],
        on=row["on_day"],
        recorded=row["recorded"],
        by=row["by_account"],
        post=row["post"],
        performed_by=row["performed_by"],
        village=row["village"],
        source=row["source"],
        papers=row["papers"],
        data=msgspec.json.decode(row["data"]),
    )


def read(rows: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """Entries from all the rows of some streams, in the order of the log, with what became of each.

    As `domain.correction.effective` reads a stream: a retraction of a correction or of a retraction undoes it.
    """
    entries = sorted((_entry(row) for row in rows), key=lambda entry: entry.position)
    named = {(entry.stream, entry.version): entry for entry in entries}
    for entry in reversed(entries):
        target = named.get((entry.stream, entry.data.get("target", 0)))
        if entry.topic == Retracted.TOPIC and entry.retracted is None and target is not None:
            target.retracted = entry
    for entry in entries:
        target = named.get((entry.stream, entry.data.get("target", 0)))
        if entry.topic == Corrected.TOPIC and entry.retracted is None and target is not None:
            _amend(target, entry)
    return entries


def _amend(target: Entry, correction: Entry) -> None:
    if target.original is None:
        target.original = dict(target.data)
    changes = dict(correction.data.get("changes") or {})
    target.on = changes.pop("on", target.on)
    target.data = target.data | changes
    value = correction.data.get("value")
    if value:
        target.data |= {name: dict(value) for name in correction.data.get("fields") or ()}
    target.corrected.append(correction)


def stream_history(view: View, stream: str) -> list[Entry]:
    """Everything recorded under one id."""
    return read(view.rows("SELECT * FROM {history} h WHERE h.stream = :stream ORDER BY h.version", stream=stream))


def linked_records(view: View, beneficiary: str) -> list[str]:
    """The records that are one person with this one, itself first, as the links stand at the view's position."""
    row = view.one("SELECT p.linked_to FROM {people} p WHERE p.key = :id", id=beneficiary)
    primary = (row and row["linked_to"]) or beneficiary
    rows = view.rows("SELECT p.key FROM {people} p WHERE p.linked_to = :primary ORDER BY p.key", primary=primary)
    return list(dict.fromkeys([beneficiary, primary, *(one["key"] for one in rows)]))


def beneficiary_streams(view: View, beneficiary: str) -> dict[str, list[str]]:
    """The ids that tell of a beneficiary: its linked ``records``, its ``cases`` and their ``referrals``, and the
    ``incidents`` that it was entered in."""
    records = linked_records(view, beneficiary)
    cases = view.rows("SELECT c.key FROM {cases} c WHERE c.beneficiary IN :ids ORDER BY c.key", ids=records)
    referrals = view.rows("SELECT r.key FROM {referrals} r WHERE r.beneficiary IN :ids ORDER BY r.key", ids=records)
    hit = view.rows(
        "SELECT DISTINCT h.stream FROM {history} h WHERE h.about IN :ids AND h.topic LIKE 'incident.%'", ids=records
    )
    return {
        "records": records,
        "cases": [row["key"] for row in cases],
        "referrals": [row["key"] for row in referrals],
        "incidents": sorted(row["stream"] for row in hit),
    }


def beneficiary_history(view: View, beneficiary: str) -> list[Entry]:
    """Everything recorded about one person, family or community, in the order of the log.

    Its own record and those linked to it as duplicates (a reversed link leaves each record its own history whole), its
    cases and their referrals, who joined and left a family, and what an incident's stream says of it.
    """
    found = beneficiary_streams(view, beneficiary)
    own = [*found["records"], *found["cases"], *found["referrals"]]
    rows = view.rows("SELECT * FROM {history} h WHERE h.stream IN :streams", streams=own)
    joined = view.rows(
        "SELECT * FROM {history} h WHERE h.stream IN"
        " (SELECT a.stream FROM {history} a WHERE a.about IN :ids AND a.topic LIKE 'beneficiary.family_%')",
        ids=found["records"],
    )
    known = set(found["records"])
    family = [
        entry
        for entry in read(row for row in joined if row["stream"] not in known)
        if entry.topic.startswith("beneficiary.family_") and entry.data.get("family") in known
    ]
    hit = incident_entries(view, found["incidents"], known)
    return sorted([*read(rows), *family, *hit], key=lambda entry: entry.position)


def incident_entries(view: View, incidents: list[str], people: set[str]) -> list[Entry]:
    """What the streams of incidents say of some people: an incident may have thousands of victims, so its rows are
    chosen before they are read."""
    if not incidents:
        return []
    rows = view.rows(
        "SELECT * FROM {history} h WHERE h.about IN :ids AND h.stream IN :incidents",
        ids=list(people),
        incidents=incidents,
    )
    rows += view.rows(
        "SELECT * FROM {history} h WHERE h.stream IN :incidents AND h.topic IN :topics",
        incidents=incidents,
        topics=[DisasterIncident.ReliefDelivered.TOPIC, Corrected.TOPIC, Retracted.TOPIC],
    )
    entries = read(rows)

    def concerns(entry: Entry) -> bool:
        if entry.topic == DisasterIncident.ReliefDelivered.TOPIC:
            return bool(
                people & {*(entry.data.get("recipients") or ()), *((entry.original or {}).get("recipients") or ())}
            )
        return entry.data.get("victim") in people

    chosen = [entry for entry in entries if concerns(entry)]
    versions = {(entry.stream, entry.version) for entry in chosen}
    return [entry for entry in entries if (entry.stream, entry.data.get("target", entry.version)) in versions]
