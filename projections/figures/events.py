"""From the row behind a figure to the events behind the row, and how a row is called without saying who it is about."""

from collections.abc import Callable
from datetime import date
from typing import Any

from domain.ppks import KINDS
from domain.territory import TERRITORY_ID
from projections.figures.figure import Row
from projections.history_lists import Entry, incident_entries, read, stream_history
from projections.sentences import NOUNS
from projections.sentences.words import day
from projections.view import View
from projections.villages_in_force import territory

_LABELS: dict[str, tuple[str, Callable[[dict[str, Any]], str]]] = {
    "person": ("SELECT key, kind FROM {people} WHERE key IN :keys", lambda row: KINDS.get(row["kind"], row["kind"])),
    "case": (
        "SELECT key, opened_on FROM {cases} WHERE key IN :keys",
        lambda row: f"Kasus, dibuka {day(row['opened_on'])}",
    ),
    "referral": (
        "SELECT key, submitted_on FROM {referrals} WHERE key IN :keys",
        lambda row: f"Rujukan, dikirim {day(row['submitted_on'])}",
    ),
    "wksbm": ("SELECT key, name FROM {bodies} WHERE key IN :keys", lambda row: row["name"] or "WKSBM"),
    "kps": (
        "SELECT m.key, k.name FROM {memberships} m LEFT JOIN {kps} k ON k.key = m.kps WHERE m.key IN :keys",
        lambda row: row["name"] or "KPS",
    ),
    "village": (
        "SELECT key, name, kind FROM {villages} WHERE key IN :keys",
        lambda row: f"{row['kind'].capitalize()} {row['name']}",
    ),
    "victim": (
        "SELECT key, recorded_on FROM {victims} WHERE key IN :keys",
        lambda row: f"Korban, dicatat {day(row['recorded_on'])}",
    ),
    "event": (
        "SELECT key, topic, on_day FROM {history} WHERE key IN :keys",
        lambda row: f"{NOUNS[row['topic'].partition('.')[0]]}, {day(row['on_day'])}",
    ),
}


def labels(view: View, kind: str, keys: list[str]) -> dict[str, str]:
    """How rows of a kind are called, by key, with nothing that tells who a person is."""
    sql, called = _LABELS[kind]
    return {row["key"]: called(row) for row in view.rows(sql, keys=keys)} if keys else {}


def behind(view: View, kind: str, row: Row, on: date) -> list[Entry]:
    """The events behind a row, in the order of the log: those of the one stream that the row was folded from; of an
    event it and what was later said of it; of a village, as it stands ``on`` a day, those of its WKSBM and of the list
    of villages."""
    if kind == "event":
        stream, _, version = row.key.partition(":")
        return about(stream_history(view, stream), int(version))
    if kind == "kps":
        wksbm, _, kps = row.key.partition("/")
        entries = stream_history(view, wksbm)
        versions = {entry.version for entry in entries if entry.data.get("kps") == kps}
        return [entry for entry in entries if {entry.version, entry.data.get("target")} & versions]
    if kind == "victim":
        incident, _, victim = row.key.partition(":")
        return incident_entries(view, [incident], {victim})
    if kind == "village":
        return _of_village(view, row.key, on)
    return stream_history(view, row.key)


def about(entries: list[Entry], version: int) -> list[Entry]:
    """Of a stream's entries the one of a version, and those that correct it, prove it, or undo one of these."""
    known = {version}
    for entry in entries:
        if entry.data.get("target") in known:
            known.add(entry.version)
    return [entry for entry in entries if entry.version in known]


def _of_village(view: View, village: str, on: date) -> list[Entry]:
    olds = [old for old, now in territory(view).successors_on(on).items() if now == village]
    bodies: list[dict[str, Any]] = view.rows("SELECT key FROM {bodies} WHERE village IN :codes", codes=[village, *olds])
    streams = [TERRITORY_ID, *(body["key"] for body in bodies)]
    return read(view.rows("SELECT * FROM {history} h WHERE h.stream IN :streams", streams=streams))
