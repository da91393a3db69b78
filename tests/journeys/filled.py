"""Offices with a long invented history in their log, and the command line run against them."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from service import config
from service.office import Office
from tests.bench.history import rows
from tests.service.offices import settings_of

WAHANA = [sys.executable, "-c", "from service.cli import main; main()"]
_SAID = re.compile(rb"([\d,]+) of ([\d,]+) events")


def filled_office(folder: Path, url: str, events: int, seed: int = 7501) -> Office:
    """An office whose log holds ``events`` generated events from 2019 to 2026, and whose views were never built."""
    here = Office(config.read(settings_of(folder, url)))
    here.initialise()
    if url.startswith("sqlite"):
        import sqlite3

        with sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level="DEFERRED") as connection:
            connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows(events, seed))
        connection.close()
    else:
        import psycopg

        with psycopg.connect(url) as postgres, postgres.cursor().copy("COPY events FROM STDIN") as copy:
            for row in rows(events, seed):
                copy.write_row(row)
    return here


def environment(folder: Path, url: str, **more: str) -> dict[str, str]:
    """The environment in which a process works for this office."""
    return {**os.environ, **settings_of(folder, url), **more}


def wahana(folder: Path, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What the command line answers about an office."""
    return subprocess.run(
        [*WAHANA, *arguments],
        env=environment(folder, url),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def killed_when(folder: Path, url: str, enough: Callable[[int, int], bool], *arguments: str) -> tuple[int, int]:
    """Run the command line on a terminal of its own and kill it (SIGKILL) once ``enough(position, head)`` of what its
    progress says. Returns the position and head it said then. Fails when it ended first."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*WAHANA, *arguments], env=environment(folder, url), stdout=subprocess.DEVNULL, stderr=theirs
    )
    os.close(theirs)
    said, position, head, give_up = b"", 0, 0, time.monotonic() + 120
    try:
        while not (head and enough(position, head)):
            assert time.monotonic() < give_up, said
            try:
                said = (said + os.read(ours, 4096))[-4096:]
            except OSError:  # the other side is closed: it ended
                break
            for found in _SAID.findall(said):  # on a busy machine several come at once
                position, head = (int(number.replace(b",", b"")) for number in found)
                if head and enough(position, head):
                    break
        process.send_signal(signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL, f"it ended before it was killed: {said!r}"
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return position, head
