"""The history of a stream, and the whole history of one person, family or community.

What later corrections and retractions made of an event is worked out here, as they stand at the position of the view.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

import msgspec

from domain.correction import Corrected, Retracted
from domain.incident import DisasterIncident
from projections.sentences import tell
from projections.view import Rows, View

_decode = msgspec.json.Decoder().decode
#: The columns of a row that an `Entry` is made of, in its order; the last as JSON text.
_COLUMNS = itemgetter(
    *("stream", "version", "since", "topic", "on_day", "recorded"),
    *("by_account", "post", "performed_by", "village", "source", "papers", "data"),
)


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
            if _is_sealed(value):
                found.add(str(value["part"]))
            elif isinstance(value, Mapping):
                look(list(value.values()))
            elif isinstance(value, list):
                for one in value:
                    look(one)

        look([self.data, self.original or {}])
        return found

    def without_sealed(self) -> "Entry":
        """The entry as if nothing sealed had been said in it: what a short list tells, which opens nothing."""
        open_only = {name: value for name, value in self.data.items() if not _is_sealed(value)}
        return replace(self, data=open_only, original=None)

    def sentence(self, opened: Mapping[str, Mapping[str, Any]] | None = None) -> str:
        """What happened, as it reads now (`projections.sentences.tell`)."""
        return tell(self.topic, self.data, opened)

    def sentence_then(self, opened: Mapping[str, Mapping[str, Any]] | None = None) -> str | None:
        """What had been recorded first, when a correction changed it."""
        return None if self.original is None else tell(self.topic, self.original, opened)


def _is_sealed(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"part"}


def _entry(row: Mapping[str, Any]) -> Entry:
    made = Entry(*_COLUMNS(row))
    made.data = _decode(row["data"])
    return made


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


#: SQL of the records that are one person with ``:id``: itself, the one it is linked to, and all that are linked to that.
_RECORDS = (
    "SELECT me.linked_to AS key, 1 AS place FROM {people} me WHERE me.key = :id AND me.linked_to IS NOT NULL "
    "UNION ALL SELECT k.key, 2 FROM {people} k "
    "WHERE k.linked_to = COALESCE((SELECT me.linked_to FROM {people} me WHERE me.key = :id), :id) "
    "UNION ALL SELECT :id, 0"
)
_HERS = "beneficiary IN (SELECT key FROM record)"
_ABOUT = ("noun", "stream", "place", "tier", "village", "worker", "by_account")
_TOLD = (
    f"WITH record AS ({_RECORDS}), told AS ("
    "SELECT 'cases' AS noun, c.key AS stream, 0 AS place, t.tier AS tier, t.village AS village, t.worker AS worker, "
    "t.opened_by AS by_account FROM {cases} c LEFT JOIN {cases:today} t ON t.key = c.key WHERE c."
    f"{_HERS} UNION ALL "
    "SELECT 'referrals', r.key, 0, t.tier, t.village, w.worker, t.submitted_by FROM {referrals} r "
    "LEFT JOIN {referrals:today} t ON t.key = r.key LEFT JOIN {cases:today} w ON w.key = t.case_id WHERE r."
    f"{_HERS} UNION ALL SELECT 'records', key, place, NULL, NULL, NULL, NULL FROM record UNION ALL "
    "SELECT DISTINCT CASE WHEN h.topic LIKE 'incident.%' THEN 'incidents' ELSE 'relatives' END, h.stream, 0, "
    "CAST(NULL AS BIGINT), NULL, NULL, NULL FROM {history} h WHERE h.about IN (SELECT key FROM record) "
    "AND (h.topic LIKE 'incident.%' OR h.topic LIKE 'beneficiary.family_%'))"
)


def linked_records(view: View, beneficiary: str) -> list[str]:
    """The records that are one person with this one, itself first, as the links stand at the view's position."""
    rows = view.rows(f"SELECT key, place FROM ({_RECORDS}) AS record ORDER BY place, key", id=beneficiary)
    return list(dict.fromkeys(row["key"] for row in rows))


def streams_about(view: View, beneficiary: str) -> Rows:
    """The streams that tell of a beneficiary: ``noun`` (records, cases, referrals, incidents, or relatives, who joined or
    left it as a family), ``stream``, and of cases and referrals what decides today who may read them: tier, village,
    worker and who recorded them (``by_account``); nothing of it where the record was withdrawn since."""
    return _in_order(view.rows(f"{_TOLD} SELECT {', '.join(_ABOUT)} FROM told", id=beneficiary))


def _in_order(streams: Rows) -> Rows:
    return sorted(streams, key=lambda row: (row["noun"], row["place"], row["stream"]))


def by_noun(streams: Rows) -> dict[str, list[str]]:
    """The ids of `streams_about` by noun; the records with the one that was asked for first."""
    found: dict[str, list[str]] = {"records": [], "cases": [], "referrals": [], "incidents": [], "relatives": []}
    for row in streams:
        found[row["noun"]].append(row["stream"])
    return {noun: list(dict.fromkeys(ids)) for noun, ids in found.items()}


def beneficiary_streams(view: View, beneficiary: str) -> dict[str, list[str]]:
    """The ids that tell of a beneficiary: its linked ``records``, its ``cases`` and their ``referrals``, the ``incidents``
    that it was entered in, and the ``relatives`` that joined or left it."""
    return by_noun(streams_about(view, beneficiary))


def beneficiary_history(view: View, beneficiary: str) -> list[Entry]:
    """Everything recorded about one person, family or community, in the order of the log.

    Its own record and those linked to it as duplicates (a reversed link leaves each record its own history whole), its
    cases and their referrals, who joined and left a family, and what an incident's stream says of it.
    """
    return whole(view, beneficiary)[1]


def whole(view: View, beneficiary: str, only: str | None = None) -> tuple[Rows, list[Entry]]:
    """The streams that tell of a beneficiary, as `streams_about`, and its history, as `beneficiary_history`: of the stream
    ``only``, when just one of its cases or referrals is asked about."""
    joined = "h.stream = told.stream AND told.noun <> 'incidents'" if only is None else "h.stream = told.stream"
    more, values = ("", {}) if only is None else (" AND told.stream = :only", {"only": only})
    rows = view.rows(
        f"{_TOLD} SELECT {', '.join(f'told.{name} AS told_{name}' for name in _ABOUT)}, h.* FROM told "
        f"LEFT JOIN {{history}} h ON {joined}{more}",
        id=beneficiary,
        **values,
    )
    streams = {(row["told_noun"], row["told_stream"]): row for row in rows}
    about = _in_order([{name: row[f"told_{name}"] for name in _ABOUT} for row in streams.values()])
    found = by_noun(about)
    known, hers = set(found["records"]), {*found["records"], *found["cases"], *found["referrals"]}
    events = {row["key"]: row for row in rows if row["key"] is not None}.values()
    family = [
        entry
        for entry in read(row for row in events if row["stream"] not in hers)
        if entry.topic.startswith("beneficiary.family_") and entry.data.get("family") in known
    ]
    hit = incident_entries(view, found["incidents"], known) if only is None else []
    own = read(row for row in events if row["stream"] in hers)
    return about, sorted([*own, *family, *hit], key=lambda entry: entry.position)


def incident_entries(view: View, incidents: list[str], people: set[str]) -> list[Entry]:
    """What the streams of incidents say of some people: an incident may have thousands of victims, so its rows are
    chosen before they are read."""
    if not incidents:
        return []
    rows = view.rows(
        "SELECT * FROM {history} h WHERE h.about IN :ids AND h.stream IN :incidents UNION ALL "
        "SELECT * FROM {history} h WHERE h.stream IN :incidents AND h.topic IN :topics",
        ids=list(people),
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


def incident_story(view: View, incident: str) -> tuple[list[Entry], dict[str, Any]]:
    """What a disaster's stream says of the disaster itself, and where it struck as is known today: what decides who may
    read notes. Who was recorded and verified one by one stands in its list of victims, and may be thousands."""
    rows = view.rows(
        "SELECT h.*, n.kabupaten_scale AS everywhere, n.villages AS hit FROM {history} h "
        "LEFT JOIN {incidents:today} n ON n.key = h.stream WHERE h.stream = :stream AND h.about IS NULL",
        stream=incident,
    )
    entries, hit = read(rows), next((row["hit"] for row in rows if row["hit"]), "")
    known = {entry.version for entry in entries}
    place = {"everywhere": any(row["everywhere"] for row in rows), "villages": hit.split(",") if hit else []}
    return [entry for entry in entries if entry.data.get("target", entry.version) in known], place
