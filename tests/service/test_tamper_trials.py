"""Tampering at random, as the owner of the database: what is found, where it is named, and what cannot be found.

The auditor has a checkpoint of her own, one is witnessed, a later one is only signed, and some people hold receipts.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from service.log.checkpoints import StoredHashes
from service.log.tree import Tree
from tests.service import tampering
from tests.service.audited import POLICY, RECEIPTS, Audited, lived, size_of, verifier
from tests.service.casebooks import Desk
from tests.service.proof_checks import consistent
from tests.service.tampering import KINDS, Log
from tests.trials.plugin import Trial

REWRITES = (
    "edit a text",
    "edit a topic",
    "delete an event",
    "insert an event",
    "swap two events",
    "restore an old database",
)
TAIL = ("edit a text", "edit a topic", "truncate the log")


class Trials:
    """One casebook, tampered with again and again, and what became known of it each time."""

    def __init__(self, here: Audited, trial: Trial) -> None:
        self.here, self.random, self.log = here, trial.random, Log(here)
        self.trusted = size_of(here.own[0])
        self.sealed = max(row[0] for row in self.log.rows["checkpoints"])
        self.counts: Counter[str] = Counter()

    def place(self, region: str) -> int:
        head = len(self.log.events)
        bounds = {
            "trusted": (1, self.trusted),
            "signed": (self.trusted + 1, self.sealed),
            "tail": (self.sealed + 1, head),
        }
        return self.random.randint(*bounds[region])

    def once(self, kind: str, region: str, *, careful: bool, stolen: bool = False) -> None:
        """Tamper, export and check once; fails when something is not found, or named elsewhere, that must be found."""
        self.log.reset()
        KINDS[kind](self.log, self.random, self.place(region), careful)
        touched, first = self.log.touched, min(self.log.touched)
        if stolen:
            self.log.sign_again()
        elif careful and self.random.random() < 0.5:
            self.log.hide(first - 1)
        self.log.write()
        held = self.here.receipts if self.random.random() < 0.5 else []
        check = self.here.check(receipts=held)
        covered = bool(touched & {position for one in check.receipts for position, _, _ in one.events})
        named = any(one.first <= position <= one.last for one in check.differences for position in touched)
        said = (
            kind,
            region,
            careful,
            stolen,
            self.log.hidden,
            sorted(touched),
            [one.sentence() for one in check.differences],
        )
        self.counts["tampered"] += 1
        if kind in ("delete a part", "delete a key") and careful:
            assert any("dimusnahkan" in notice for notice in check.notices), said
            self.counts["told_as_destroyed" if not named else "named"] += 1
            return
        fits = (careful and kind != "edit a copied column") or kind == "restore an old database"
        if fits and not covered and first > self.trusted:
            why = "in_the_unsealed_tail_without_a_receipt" if first > self.sealed else ""
            why = why or ("re_signed_above_the_auditor's_checkpoint" if stolen else "")
            why = why or ("sealed_after_the_auditor's_visit_with_the_checkpoints_removed" if self.log.hidden else "")
            if why:
                self.counts["named" if named else f"NOT_found_{why}"] += 1
                return
        assert check.code() == 3, said
        assert named, said
        self.counts["named"] += 1

    def untouched(self) -> None:
        """The honest log again: nothing differs."""
        self.log.reset()
        self.log.write()
        check = self.here.check()
        assert check.code() == 0, [one.sentence() for one in check.differences]


@pytest.fixture
def trials(desk: Desk, tmp_path: Path, trial: Trial) -> Any:
    made = Trials(lived(desk, tmp_path, trial.random, 48), trial)
    made.untouched()
    yield made
    made.untouched()
    trial.count(**made.counts)
    assert made.counts["named"]


def _regions(random: Random) -> str:
    return random.choice(("trusted", "signed", "tail"))


@pytest.mark.parametrize("kind", KINDS)
def test_tampering_is_named_at_its_place(trials: Trials, trial: Trial, kind: str) -> None:
    for number in range(trial.size(6, 300)):
        trials.once(kind, _regions(trial.random), careful=number % 2 == 1)


def test_a_log_that_is_rewritten_and_signed_with_its_stolen_key_is_named(trials: Trials, trial: Trial) -> None:
    for _ in range(trial.size(12, 300)):
        trials.once(trial.random.choice(REWRITES), _regions(trial.random), careful=True, stolen=True)


def test_the_unsealed_tail_is_held_by_receipts(trials: Trials, trial: Trial) -> None:
    for _ in range(trial.size(20, 300)):
        trials.once(trial.random.choice(TAIL), "tail", careful=True)


def test_a_lawful_destruction_is_no_difference(desk: Desk, tmp_path: Path, trial: Trial) -> None:
    here = lived(desk, tmp_path, trial.random, 24)
    log = Log(here)
    tampering.delete_part(log, trial.random, 1, True)
    key = log.members(len(log.events))["keys"][0]
    log.rows["parts"] = [row for row in log.rows["parts"] if row[3] != key]
    log.rows["subject_keys"] = [row for row in log.rows["subject_keys"] if row[0] != key]
    log.write()
    check = here.check()
    assert check.code() == 0, [one.sentence() for one in check.differences]
    assert "dimusnahkan" in " ".join(check.notices)
    trial.count(destroyed=1)


def test_honest_growth_is_never_a_difference(desk: Desk, tmp_path: Path, trial: Trial) -> None:
    here, streams, steps = Audited(desk, tmp_path), list[str](), trial.size(150, 10_000)
    sealed = checked = 0
    for _ in range(steps):
        answer = here.work(streams, trial.random)
        if trial.random.random() < 20 / steps:
            here.receipts.append(RECEIPTS.note(answer))
        if trial.random.random() < 0.2:
            note = here.seal(*(["bpk"] if trial.random.random() < 0.1 or not sealed else []))
            policy = verifier.read_policy(POLICY)
            new = verifier.read_checkpoint(note, policy)
            if here.own:
                old = verifier.read_checkpoint(trial.random.choice(here.own), policy)
                proof = Tree(StoredHashes(here.owner), new.size).consistency(old.size)
                assert consistent(old.size, new.size, old.root, new.root, proof)
            here.own.append(note)
            sealed += 1
        if sealed and trial.random.random() < 20 / steps:
            found = here.check(own=trial.random.sample(here.own, min(5, len(here.own))))
            assert found.code() == 0, [one.sentence() for one in found.differences]
            checked += 1
    here.seal()
    assert here.check().code() == 0
    trial.count(steps=steps, events=here.head(), sealed_and_proven=sealed, whole_checks=checked + 1)
