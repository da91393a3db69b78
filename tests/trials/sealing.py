"""Sealers that are killed: at a named step of their work, or whenever the trial likes."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from service.log import kept as kept_module
from service.log.checkpoints import Checkpoints
from service.log.database import Database
from service.log.entries import LogUnavailable
from service.log.kept import Kept
from service.log.notes import Signer
from service.log.sealer import Sealer
from tests.service.casebooks import Desk, utc_now

SEED = b"l" * 32
ORIGIN = "wahana/75.01"
#: Each step of sealing, and what of it is replaced. ``insert`` ends in the middle of the transaction.
STEPS = ("sign", "write_flushed", "put_in_place", "flush_directory", "publish", "insert")


def _deadly(real: Callable[..., Any], after: bool) -> Callable[..., Any]:
    def step(*values: Any, **more: Any) -> Any:
        if not after:
            os.kill(os.getpid(), signal.SIGKILL)
        real(*values, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    return step


def _arm(database: Database, step: str, after: bool) -> None:
    if step == "sign":
        Signer.note = _deadly(Signer.note, after)  # type: ignore[method-assign]  # in a process of its own
    elif step == "publish":
        Checkpoints.publish = _deadly(Checkpoints.publish, after)  # type: ignore[method-assign]
    elif step == "insert":
        real = database.rows
        deadly = _deadly(real, after)
        database.rows = lambda sql, **values: (  # type: ignore[method-assign]
            deadly if sql.startswith("INSERT INTO checkpoints") else real
        )(sql, **values)
    elif step:
        setattr(kept_module, step, _deadly(getattr(kept_module, step), after))


def seal_until_killed(desk: Desk, directory: Path, step: str, after: bool, pipe: Any) -> None:
    """Seal for ever; says each text that is signed. Ends itself before or after ``step``, when one is named."""
    database, kept = desk.connect(desk.url, size=1), Kept(directory)
    sign = Signer.note

    def told(signer: Signer, text: str) -> str:
        note = sign(signer, text)
        pipe.send(text)
        return note

    Signer.note = told  # type: ignore[method-assign]
    _arm(database, step, after)
    with kept.alone():
        sealer = Sealer(database, kept, Signer(ORIGIN, SEED), utc_now)
        pipe.send("begins")
        while True:
            with contextlib.suppress(LogUnavailable):  # a busy machine: try again, as `wahana seal --follow` does
                sealer.seal()
