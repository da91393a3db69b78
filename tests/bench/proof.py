"""(f) Proof: what leaf, tree and receipt add to an append and to a POST, and how fast a log is sealed and hashed again."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from flask import Flask

from service.command import Answer, Recorded
from service.log.codec import leaf_hash
from service.log.ids import new_id
from service.log.kept import Kept
from service.log.notes import Checkpoint, Signer
from service.log.reconciliation import reconcile
from service.log.sealer import Sealer, TextLeaves
from service.log.tree import Tree, completed
from service.office import Office, utc_now
from tests.bench.append import prepared_append
from tests.bench.measure import Line, alternate, microseconds, timed
from tests.bench.offices import bare_connection, bench_office
from tests.bench.request import _action
from tests.service.offices import application

GOAL, LATEST = 0.1, 5.0
TEXT = "x" * 700


def _leaf() -> object:
    """What the appending process does for one event besides: its leaf hash, a second time on SQLite."""
    return leaf_hash(TEXT)


def _receipt(here: Office) -> Callable[[], object]:
    recorded = Recorded(new_id(), new_id(), 12, "case.service_given", 123_456, b"l" * 32)
    answer = Answer(new_id(), utc_now(), (recorded,))
    return lambda: here.receipts.note(answer)


def _filled(here: Office, events: int) -> int:
    """Appends enough bodies that the log has so many events; returns its head."""
    append = prepared_append(here, 500)
    while here.reader.head()[0] < events:
        append()
    return here.reader.head()[0]


def _bare(here: Office) -> float:
    """Seconds of a bare loop that hashes the same texts, read in one statement."""
    began = perf_counter()
    for (text,) in here.database.rows("SELECT text FROM events ORDER BY position"):
        sha256(b"\x00" + text.encode()).digest()
    return perf_counter() - began


def _grown(here: Office, head: int) -> float:
    """Seconds in which the tree over the whole log is made from its texts, and its root."""
    began, source = perf_counter(), TextLeaves(here.database)
    for level, number, value in completed(source, 0, head):
        source.new[level, number] = value
    Tree(source, head).root()
    return perf_counter() - began


def _published(here: Office, signer: Signer, count: int) -> None:
    """Publishes so many checkpoints below the last one, as the sealer does in days. Their roots are those of no tree."""
    with here.database.transaction() as within:
        for size in range(1, count + 1):
            note = signer.note(Checkpoint(signer.key.name, size, sha256(str(size).encode()).digest()).text)
            within.rows("INSERT INTO checkpoints VALUES (:size, :note, :now)", size=size, note=note, now=utc_now())


def _latest(here: Office, connection: Any, calls: int) -> list[Callable[[], float]]:
    """The latest checkpoint asked by a stranger, ours and a Flask view of the least SQL that reads its note."""
    bare = Flask("bare")
    sql = "SELECT note FROM checkpoints WHERE size <= (SELECT max(position) FROM events) ORDER BY size DESC LIMIT 1"
    bare.add_url_rule("/latest", view_func=lambda: connection.execute(sql).fetchone()[0])
    ours, reference = application(here).test_client(), bare.test_client()

    def ask() -> bytes:
        return ours.get("/api/v1/log/checkpoint").data

    def ask_bare() -> bytes:
        return reference.get("/latest").data

    assert ask() == ask_bare()
    return [lambda: timed(ask, calls), lambda: timed(ask_bare, calls)]


def lines(
    url: str | None,
    folder: Path,
    *,
    calls: int = 200,
    rounds: int = 5,
    events: int = 20_000,
    checkpoints: int = 5_000,
) -> list[Line]:
    """The lines of one engine: SQLite when there is no PostgreSQL URL."""
    engine = "PostgreSQL" if url else "SQLite"
    here = bench_office(folder, url)
    parts: list[Callable[[], float]] = [
        prepared_append(here, calls),
        _action(here, calls // 2),
        lambda: timed(_leaf, calls),
        lambda: timed(_receipt(here), calls),
    ]
    append, post, leaf, receipt = alternate(rounds, *parts)
    head = _filled(here, events)
    taken: dict[str, list[float]] = {"grown": [], "bare": [], "reconciled": []}
    for _ in range(max(1, rounds // 2)):
        taken["bare"].append(_bare(here))
        taken["grown"].append(_grown(here, head))
    kept = Kept(folder / "sealer")
    with kept.alone():
        signer = Signer("wahana/75.01", b"l" * 32)
        sealer = Sealer(here.database, kept, signer, utc_now)
        began = perf_counter()
        last = sealer.seal()
        sealed = perf_counter() - began
        for _ in range(max(1, rounds // 2)):
            began = perf_counter()
            found: Any = reconcile(here.database, last)
            taken["reconciled"].append(perf_counter() - began)
            assert found.differences == ()
    _published(here, signer, checkpoints - 1)
    with bare_connection(url, folder / "wahana.db") as connection:
        latest, least = alternate(rounds, *_latest(here, connection, calls))
    here.close()
    grown, bare, again = (median(taken[name]) for name in ("grown", "bare", "reconciled"))
    tree = max(0.0, grown - bare) / head  # of one event: the inner nodes, in the sealer
    both = leaf + tree

    def against(what: str, seconds: float, whole: float, goal: float | None = None) -> Line:
        name = f"(f) {what}, {engine}"
        return Line(name, microseconds(seconds), microseconds(whole), seconds / whole, "<=" if goal else "", goal)

    return [
        against("leaf and tree of one event, against its append", both, append, GOAL),
        against("receipt of one command, against its append", receipt, append, GOAL),
        against("leaf, tree and receipt together, against the append", both + receipt, append, GOAL),
        against("leaf, tree and receipt together, against a POST of a case action", both + receipt, post, GOAL),
        Line(f"(f) sealing {head:,} events at once, {engine}", _rate(head, sealed), _rate(head, bare), bare / sealed),
        Line(
            f"(f) verifying a sealed log of {head:,} events, {engine}",
            _rate(head, again),
            _rate(head, bare),
            bare / again,
            ">=",
            0.4,
        ),
        Line(
            f"(f) GET /log/checkpoint in a log with {checkpoints:,} checkpoints, {engine}",
            microseconds(latest),
            microseconds(least),
            latest / least,
            "<=",
            LATEST,
        ),
    ]


def _rate(events: int, seconds: float) -> str:
    return f"{events / seconds:,.0f} events/s"
