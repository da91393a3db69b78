"""Processes that fold, rebuild, destroy and serve until they are killed, for the trials of sudden death."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from projections import build, rebuild, tally
from projections.postgres import PostgresStore
from projections.processes import ProcessLost
from projections.sqlite import SqliteStore
from service import config, destroying
from service.casebook import Casebook
from service.log.keys import KeyStore
from service.log.removal import Removal
from service.log.shred_list import ShredList
from service.office import Office

GIVE_UP = 120.0  # seconds


def office_of(settings: dict[str, str]) -> Office:
    return Office(config.read(settings))


def fold(settings: dict[str, str], batch: int, pipe: Any) -> None:
    """Catch up, a few events a transaction; says when it begins and when it is done."""
    here = office_of(settings)
    here.reader.head()
    pipe.send("begins")
    here.views.catch_up(batch, wait=30, bounded=False)
    pipe.send("done")


# The steps of a rebuild, in their order: what is called, under which name.
STEPS: dict[str, tuple[tuple[Any, str], ...]] = {
    "begin": ((build, "begun"),),
    "fold a chunk": ((build, "folded"),),
    "write a chunk": ((SqliteStore, "loading"), (PostgresStore, "loading")),
    "note a chunk": ((build, "_claim"),),
    "index a table": ((SqliteStore, "index"), (PostgresStore, "index")),
    "compare a table": ((tally, "of_table"),),
    "forget the chunks": ((build, "forget_chunks"),),
    "catch up": ((rebuild, "_catch_up"),),
    "switch": ((rebuild, "_switch"),),
    "drop older tables": ((rebuild, "_drop_older"),),
}
LOST = 75


def deadly(owner: Any, name: str, *, after: bool, call: int) -> None:
    """Let the process that makes the ``call``-th call of a function die just before it, or just after."""
    real, calls = getattr(owner, name), 0

    def dies(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        done = real(*given, **named)
        if calls == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    setattr(owner, name, dies)


def build_anew(
    settings: dict[str, str], batch: int, processes: int, step: str, after: bool, call: int, pipe: Any
) -> None:
    """Rebuild every view in chunks of ``batch`` events; says when it begins, and at the end how much it found done.

    With ``step``, one of `STEPS`, the first process to take it for the ``call``-th time is killed before or after it.
    """
    for owner, name in STEPS.get(step, ()):
        deadly(owner, name, after=after, call=call)
    here = office_of(settings)
    here.reader.head()
    pipe.send("begins")
    try:
        done = rebuild.rebuild(here.views, batch=batch, processes=processes)
    except ProcessLost:
        sys.exit(LOST)
    pipe.send(done.resumed)


# The steps of a destruction, in their order: what is called, under which name, for the how-manieth time.
DESTROYING: dict[str, tuple[Any, str, int]] = {
    "close the people": (KeyStore, "close_subjects", 1),
    "record that it begins": (Casebook, "record", 1),
    "write the shred list": (ShredList, "append", 1),
    "remove the keys": (KeyStore, "remove", 1),
    "rewrite the key store": (destroying, "compact", 1),
    "remove the parts": (Removal, "remove", 1),
    "rewrite the log": (destroying, "compact", 2),
    "record what there was": (Casebook, "record", 2),
}


def destroy(settings: dict[str, str], stream: str, step: str, after: bool, pipe: Any) -> None:
    """`wahana destroy`, for one destruction or, without ``stream``, for those that were begun; says when it begins and
    when it is done. With ``step``, one of `DESTROYING`, it is killed before or after that."""
    from service.cli.destroy import destroy as command

    if step:
        owner, name, call = DESTROYING[step]
        deadly(owner, name, after=after, call=call)
    os.environ.update(settings)
    pipe.send("begins")
    command.main([stream] if stream else [], standalone_mode=False)
    pipe.send("done")


class Server:
    """A gunicorn with two workers, serving an office on a port of its own."""

    def __init__(self, settings: dict[str, str], log: Path) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        serving = {"WAHANA_BIND": f"127.0.0.1:{self.port}", "WAHANA_WORKERS": "2", "WAHANA_THREADS": "2"}
        self._log = log.open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "python:service.gunicorn_conf"],
            env={**os.environ, **serving, **settings},
            stdout=self._log,
            stderr=self._log,
        )
        self.until_ready()

    def workers(self) -> list[int]:
        """The process ids of the workers that run now."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def ask(self, method: str, path: str, token: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        """One request on a connection of its own. Raises ``OSError`` or ``HTTPException`` when it is cut off."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            connection.close()

    def until_ready(self) -> None:
        """Wait until the service says that it is ready."""
        give_up = time.monotonic() + GIVE_UP
        while True:
            try:
                if self.ask("GET", "/readyz", "")[0] == 200:
                    return
            except (OSError, http.client.HTTPException):
                pass
            assert time.monotonic() < give_up, "the service did not become ready"
            assert self.process.poll() is None, "the service ended"
            time.sleep(0.05)

    def stop(self) -> None:
        """End it as an operator would; fails when it does not end by itself."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        finally:
            self.process.kill()
            self.process.wait()
            self._log.close()
