"""Measure everything and write docs/performance.md: ``python -m tests.bench [--short] [--check]``."""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests import postgres
from tests.bench import append, loading, pages, past, proof, reading, rebuilding, request, trail, verifying
from tests.bench.measure import Line
from tests.bench.peers import comparing
from tests.house.tables import ROOT

PAGE = ROOT / "docs" / "performance.md"
#: Events of the log that is rebuilt and read, and of the one it is held against, in the short form and in the long one.
SIZES = {True: {"small": 40_000, "events": 200_000}, False: {"small": 200_000, "events": 1_000_000}}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
HEAD = """# Performance

What `make bench` measured the last time it ran; it writes this page. {short}{when}, CPython {python}, {cores} cores,
{memory} GB of memory, SQLite {sqlite}, PostgreSQL {postgres} with `fsync` on.

**How to read it.** A number of one machine says little about another, so each line measures ours and a reference beside it,
in turn, in the same run, and compares medians. *Ratio* is time against time: where the goal is "≥" it is the reference's
time divided by ours (1.0: as fast; 0.5: half as fast), where it is "≤" ours divided by the reference's. A line without a
goal is there for orientation. A machine whose disk answers a flush slowly makes (a) and (b) look better, as both sides
wait for it; one that answers at once shows what the program itself costs.

| What | Ours | Reference | Ratio | Goal | Met |
|---|---|---|---|---|---|
"""
TAIL = """
**The references.** (a) a bare insert of one row of 700 bytes by one writer, as durable, also where ours
has sixteen threads or processes: theirs is then the time between two events; ours records an event that was decided and
encoded before, with its leaf hash, a part and a command row. (b) a Flask view that reads the same body and
inserts one row, as durable; ours signs in by token, asks the policy table, checks the schema, loads the case, encrypts the
note, appends, and folds all projections after every 256 events, as a writer does. (c) a loop written by hand that
decodes each event once and writes the same tables and row versions to the same engine (COPY on PostgreSQL), in one process
and one transaction, keeps its rows in memory, checks nothing and cannot be resumed; ours checks each leaf hash, holds a
bounded number of rows, lets others fold in between, resumes after a kill, compares what stands with what it folded, and
switches atomically. Verifying is measured against a rebuild, a POST during a rebuild against the same POST before. *Most
memory* is what the rebuild's own process held at its peak; of two processes it is both peaks added, in which what they
share counts twice; what PostgreSQL holds for them is not in it. *Of an event* takes one process apart, each moment counted
once: *reading* with the check of the leaf hash, *comparing* the sums of what was folded and of what stands, *all else* the
cut into chunks, new tables, what one thread hands to the other, the switch.
(d) the least SQL that fetches the same rows from the same tables; as of an earlier position: the same read of today, ours
too, and the dearer of the middle of the log and nine tenths of it. (e) a read of the same rows and a typed decode of each.

(p) peers from package registries (`make peers`), each in a process of its own; *Ratio* is the peer's
time divided by ours: above 1, ours is faster. Their append gives less than ours, which also orders all streams without
gaps, hashes the event, keeps an encrypted part and remembers the command, so that the same one sent twice is recorded
once. Emmett checks the stream's version and numbers events over all streams (on PostgreSQL with gaps); its whole
command loads an empty stream, decides and appends, where ours registers: key, sealed part, search tokens, views.
SQLAlchemy-Continuum and django-simple-history write a record and its history row, half of them new and half changed:
they keep states, not what happened, and check no version. When projecting one row to a stream, as relaxed as our views,
Emmett and the library fold event by event, Emmett in one transaction for all, the library in one for each; neither
keeps row history nor checks a hash.

(f) our own append and POST of the same run, for what proof adds to them: a leaf hash and a receipt in the
web process, after the commit, and one inner node in the sealer; for sealing and verifying, a bare loop that hashes the
same texts as they come from one statement. A stranger who asks for the latest checkpoint: against a Flask view of the
least SQL that reads its note; ours checks its signature and asks who cosigned it.

(g) the same request of the same people, with the writing of the entry left out: what a reading costs because it is an
event, durable before it is answered ([decision 29](decisions/0029-reading-trail.md)).

(h) Pages: what goes over the line, compressed, with the stylesheets and scripts at first and without them later; how many
statements a page puts to the databases; and its time on the server beside that of the very answers that it asks the API
for, over HTTP like itself. All answers of one page share one snapshot, which is asked the same question once ([decision
40](decisions/0040-one-page-one-snapshot.md)), and take less time together than one after the other. A page that asks the
API nothing has its time alone. Every page there is stands here, with its statements when it is opened again. Lists show the
invented log of {events:,} events on SQLite; a record that has a page was recorded through the commands, with all that can
be said of it: where something protected is opened, times and statements are those with keys, papers and the entry of the
reading trail.

**What the limit is made of.** *A rebuild*: the lines "of an event" take it apart. Writing rows and making indexes is
about half of it, done by the database; folding, which is Python, reading, checking and decoding, and comparing what
stands with what was folded share the rest.
The loop writes with less ceremony, without a journal and in one transaction, but its rows lie all over memory, where
ours are those of some thousand events: so its folding takes longer. A second process shares everything but, on SQLite,
the lock of the one writer. *An append*: one flush of the disk, three rows in five trees of pages, and less than ten
microseconds of Python. On SQLite seven pages are written for it on average, for the bare insert one or two, and each
costs about 15 µs, for two writes and its share of the flush: two for a part and nearly two for a command, since SQLite
divides the end of a tree with text keys over three pages every few rows, and spares only tables with whole numbers as
keys. A commit that makes SQLite's journal longer takes 110 µs more than one that writes over what was copied back
already. Sixteen threads that share a commit pay about 40 µs an event for writing it and as much again for handing it
from thread to thread; where a flush takes less than half a millisecond, they wait for the interpreter's lock and not for
the disk.
*A POST*: processor time, four to five times that of the bare view, in which nothing stands
out any more: on SQLite, Flask, Werkzeug and the client that asks take three tenths, the append an eighth, the decision
a tenth, the encrypted part, the sign-in, the folding and the signature of the receipt a twentieth each, loading the
body a fortieth. On PostgreSQL two round trips come on top: who asks, and the append. Twice the bare view would be the
frame, the append and the signature, and nothing else. *A POST while views are rebuilt*: what the server does for a
rebuild has the same priority as what it does for people, and each waits for the other's flushes; so a rebuild rests eight
times as long as it works while people record.

**Before and after profiling**, each pair in one run of one machine:

| What | Before | After | How |
|---|---|---|---|
| append, SQLite | 177 µs | 165 µs | the version is checked in the question for the last position |
| the processor's part of it | 57 µs | 51 µs | a transaction without a generator, one cursor for all its rows |
| append to a log of 10,000 events, PostgreSQL | 3.0 ms | 0.3 ms | the ends of streams that it rests on are found by index |
| sixteen threads, per event, SQLite | 90 µs | 66 µs | whoever leads waits for those of the commit before |
| the people of a worker, 1,000,000 events, SQLite | 92 ms | 18 ms | an index for each way to reach a person |
| the same as of a past moment | 100 ms | 20 ms | the same; of what has changed since, row by row |
| who held 300 parts at a past moment, PostgreSQL, against today | 2.0 | 1.2 | a row that still stands is read once |
| 95th percentile of a POST during a rebuild, SQLite | 3.4 times that without | 1.3 | folds behind all else, longer rests |
| the same, PostgreSQL | 1.9 | 1.4 | the same; rows in pieces of 8 kB, one index at a time |
| most memory of one process, 1,000,000 events, SQLite | 168 MB | 104 MB | smaller chunks, one sum of what they wrote |
| the page of what works without signal | 21 ms | 1.3 ms | its empty forms are made once for all who have the same |
| the page of an event with two thousand values | 24 ms | 5.7 ms | a function writes them, not a template |
| the QR code of a checkpoint | 9.2 ms | 2.0 ms | one mask instead of the best of eight |

On a virtual machine a processor that waits is halted, and whoever wakes it pays for it: one question to PostgreSQL that is
answered at once takes 11 µs while both sides share a processor and about 50 µs otherwise. Of a POST these are two.

**Tried and given up.** A side file for spilt rows, copied in at the end: twice the writing, and nobody could fold
meanwhile ([decision 18](decisions/0018-rebuild-by-stream.md)). Folding after each command: 3.2 times the inserting
view. Checks of pooled connections before each use: one round trip each. A shared commit on PostgreSQL as one call with
arrays for all its commands: half as fast as one call for each in a pipeline. Keys remembered for seconds: a destroyed
key could seal once more. A signature cheaper than Ed25519 by libsodium: deterministic ECDSA over P-256 takes three
times as long; signing several receipts at once helps nobody who writes alone. All rows of a
shared commit in one statement on SQLite: the interpreter's lock changes hands less often, and it takes as long. One
connection for all shared commits of a process on SQLite, and pages of 2, 8 or 16 kB: no faster. One statement with CTEs in
the append function of PostgreSQL, or in its place, its three questions in one, its lock in an assignment: no faster. Parts
and commands in tables with a row id on SQLite: fewer pages move at a split, but one more is written each time; no faster.
Two companies of threads that take turns on SQLite, one preparing while the other's commit is flushed: they take the
interpreter's lock from each other, and no event is sooner recorded. Copying the journal back on SQLite after 4,000 pages
instead of 1,000: it is four times as long until it grows no more, and nothing is gained by then.
The way from a command to its append without asking who asks
([decision 41](decisions/0041-short-ways.md)).

`make bench ARGS=--short` leaves out the log of 1,000,000 events; `--check` ends with 3 when a goal is missed.
"""


def row(line: Line) -> str:
    """One line as a row of the table."""
    ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
    goal = "" if line.goal is None else f"{'≥' if line.sense == '>=' else '≤'} {line.goal:g}"
    met = {None: "", True: "yes", False: "**no**"}[line.met]
    return f"| {line.name} | {line.ours} | {line.reference} | {ratio} | {goal} | {met} |"


def page(lines: list[Line], version: str, *, short: bool) -> str:
    """The page that tells these lines."""
    head = HEAD.format(
        short="The short form. " if short else "",
        when=datetime.now(UTC).strftime("%Y-%m-%d"),
        python=platform.python_version(),
        cores=os.cpu_count(),
        memory=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        sqlite=sqlite3.sqlite_version,
        postgres=version,
    )
    return head + "".join(f"{row(line)}\n" for line in lines) + TAIL.format(events=SIZES[short]["events"])


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="wahana-bench-") as folder:
        yield Path(folder)


def measured(*, short: bool, said: Callable[[str], object] = lambda text: None) -> tuple[list[Line], str]:
    """All lines, and the version of PostgreSQL."""
    found: list[Line] = []

    def add(lines: list[Line]) -> None:
        for line in lines:
            found.append(line)
            said(row(line))

    with ExitStack() as stack:
        server = stack.enter_context(postgres.running_server("18", DURABLE))
        for number, module in enumerate((append, request, loading, proof, verifying, trail, comparing)):
            for engine in ("sqlite", "postgresql"):
                url = postgres.make_database(server.dsn, f"bench_{number}") if engine == "postgresql" else None
                with _scratch() as folder:
                    add(module.lines(url, folder))
        for url in (None, postgres.make_database(server.dsn, "bench_rebuild")):
            with _scratch() as folder:
                add(rebuilding.lines(url, folder))
        version = postgres.version(server.dsn)
        small, large = (postgres.make_database(server.dsn, f"bench_{size}") for size in ("small", "large"))
        add(rebuilding.large_on_postgres(small, large, **SIZES[short]))
        with _scratch() as folder:
            add(rebuilding.large(folder, **SIZES[short]))
            add(reading.lines(*rebuilding.kept(folder)))
            add(pages.lines(*rebuilding.kept(folder)))
            add(past.lines(*rebuilding.kept(folder), postgres.make_database(server.dsn, "bench_past")))
    return sorted(found, key=lambda line: line.name[:3]), version


def main(arguments: list[str]) -> int:
    """Measure, print, write the page; 3 when ``--check`` is given and a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--short", action="store_true", help="leave out the log of 1,000,000 events")
    parser.add_argument("--check", action="store_true", help="end with 3 when a goal is missed")
    asked = parser.parse_args(arguments)
    began = time.monotonic()
    lines, version = measured(short=asked.short, said=lambda text: print(text, file=sys.stderr, flush=True))
    text = page(lines, version, short=asked.short)
    PAGE.write_text(text, "utf-8")
    print(text)
    missed = [line for line in lines if line.met is False]
    for line in missed:
        print(f"goal missed: {line.name}", file=sys.stderr)
    print(f"wrote {PAGE.name} after {time.monotonic() - began:.0f} s", file=sys.stderr)
    return 3 if asked.check and missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
