"""A casebook that is sealed, witnessed and audited, for tests that export it and check it with the verifier alone."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from service.api.codes import code_systems
from service.command import Answer
from service.log.bundle import Bundle
from service.log.checkpoints import Checkpoints
from service.log.database import Database
from service.log.ids import new_id
from service.log.kept import Kept
from service.log.notes import COSIGNATURE, Note, Signer
from service.log.sealer import Sealer
from service.receipts import Receipts
from tests.house.tables import ROOT
from tests.service.casebooks import Desk, command, registration, turn, utc_now

PROGRAM = ROOT / "tools" / "verify_casebook.py"
ORIGIN = "wahana/75.01"
LOG, STRANGER = Signer(ORIGIN, b"l" * 32), Signer(ORIGIN, b"x" * 32)
WITNESSES = {name: Signer(f"{name}.example", name[:1].encode() * 32, COSIGNATURE) for name in ("inspektorat", "bpk")}
RECEIPTS = Receipts(ORIGIN, b"r" * 32)
POLICY = (
    f"log {LOG.key}\nreceipts {RECEIPTS.key}\n"
    + "".join(f"witness {name} {signer.key}\n" for name, signer in WITNESSES.items())
    + "group luar any inspektorat bpk\nquorum luar\n"
)
TABLES = ("events", "commands", "parts", "tokens", "tree_hashes", "checkpoints", "cosignatures")


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_casebook", PROGRAM)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


verifier: Any = _loaded()


def without_keepers(owner: Database) -> None:
    """What a thief with the owner's rights does first: drop what keeps the log append-only."""
    if owner.engine == "sqlite":
        for (name,) in owner.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            owner.rows(f"DROP TRIGGER {name}")
        owner.rows("PRAGMA synchronous=OFF")
    else:
        for table in TABLES:
            owner.rows(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        owner.rows("SET synchronous_commit = off")


@dataclass
class Audited:
    """A casebook, the sealer's directory, what the auditor kept of it, and where exports go."""

    desk: Desk
    folder: Path
    own: list[str] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.owner = self.desk.owner()
        self.casebook = self.desk.casebook()
        self.checkpoints = Checkpoints(self.owner)
        directory = self.folder / "sealer"
        directory.mkdir(exist_ok=True)
        self.sealer = Sealer(self.owner, Kept(directory), LOG, utc_now)

    def head(self) -> int:
        return int(self.owner.rows("SELECT coalesce(max(position), 0) FROM events")[0][0])

    def work(self, streams: list[str], choose: Any) -> Answer:
        """One more command: a KPS turned, or one or two registered, with a sealed contact or without."""
        if streams and choose.random() < 0.5:
            return self.casebook.record(command(name="kps.turn"), turn(choose.choice(streams)))
        fresh = [new_id() for _ in range(choose.choice((1, 1, 1, 2, 3)))]
        streams += fresh
        contacts = [choose.choice(("", "Ibu Rahma 0812", "Pak Adam 0811")) for _ in fresh]

        def decide(decision: Any) -> None:
            for stream, contact in zip(fresh, contacts, strict=True):
                registration(stream, contact)(decision)

        return self.casebook.record(command(), decide)

    def grow(self, streams: list[str], events: int) -> None:
        """That many KPS registered in few commands, one in ten with a sealed contact."""
        while events > 0:
            fresh = [new_id() for _ in range(min(events, 100))]

            def decide(decision: Any, fresh: list[str] = fresh) -> None:
                for number, stream in enumerate(fresh):
                    registration(stream, "" if number % 10 else "Ibu Rahma 0812")(decision)

            self.casebook.record(command(), decide)
            streams += fresh
            events -= len(fresh)

    def seal(self, *witnesses: str) -> str:
        """Seal what is new; returns the note with a line of each of these witnesses, which the log keeps too."""
        sealed = self.sealer.seal()
        assert sealed
        for name in witnesses:
            self.checkpoints.cosign(sealed.size, WITNESSES[name].cosign(sealed.text, 1_700_000_000), utc_now())
        published = self.checkpoints.at(sealed.size)
        assert published
        return self.checkpoints.note(published)

    def export(self, parts: str = "none") -> Path:
        path = self.folder / "casebook.zip"
        keys, vault = self.casebook.vault._keys, self.casebook.vault
        Bundle(self.owner, keys, vault, origin=ORIGIN, codes=code_systems()).write(path, now=utc_now(), parts=parts)
        return path

    def check(
        self, own: Sequence[str] | None = None, receipts: Sequence[str] | None = None, bundle: Path | None = None
    ) -> Any:
        """Export and check in this process, or check that bundle, with what the auditor kept."""
        policy = verifier.read_policy(POLICY)
        kept = [verifier.read_checkpoint(note, policy, "mine") for note in (self.own if own is None else own)]
        given = [
            verifier.read_receipt(note, policy, "mine") for note in (self.receipts if receipts is None else receipts)
        ]
        check = verifier.Check(verifier.Bundle(str(bundle or self.export())), policy, kept, given)
        check.run()
        return check


def size_of(note: str) -> int:
    return int(Note.parse(note).text.split("\n")[1])


def lived(desk: Desk, folder: Path, choose: Any, commands: int, before: int = 0) -> Audited:
    """A casebook whose first part is witnessed, the next known to the auditor, the next sealed, the last unsealed.

    ``before`` are events in few commands under all of it.
    """
    here, streams = Audited(desk, folder), list[str]()
    here.grow(streams, before)
    quarter = commands // 4
    for number in range(commands):
        answer = here.work(streams, choose)
        if choose.random() < 0.5:
            here.receipts.append(RECEIPTS.note(answer))
        if number == quarter:
            here.seal("inspektorat")
        if number == 2 * quarter:
            here.own.append(here.seal())
        if number == 3 * quarter:
            here.seal()
    return here
