"""Tampering at random, as the owner of the database: what is found, where it is named, and what cannot be found.

In half of the runs the highest checkpoint that can be trusted is the auditor's own; in the others a witness cosigned it,
and the auditor has an earlier one of her own or none. A later checkpoint is only signed, and some people hold receipts.
Half of the auditors ask the witness for her copy; the others have only what the office shows of it.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.log.checkpoints import StoredHashes
from service.log.notes import Note
from service.log.shred_list import Shredded, ShredList
from service.log.tree import Tree
from tests.service import tampering
from tests.service.audited import POLICY, RECEIPTS, WITNESSES, Audited, lived, verifier
from tests.service.casebooks import Desk, utc_now
from tests.service.proof_checks import consistent
from tests.service.tampering import KINDS, Log
from tests.service.test_verifier import copied
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
#: Whose checkpoint is the highest one that can be trusted, run after run; twice each, once for either care.
WAYS = ("the auditor's", "a witness's above the auditor's", "the auditor's", "a witness's alone")
UNDER = ("named_under_the_auditor's_own", "named_under_a_witness's_alone")
BEFORE = 600  # events of a log with two full tiles and their hashes


class Trials:
    """One casebook, tampered with again and again, and what became known of it each time."""

    def __init__(self, here: Audited, trial: Trial) -> None:
        self.here, self.random = here, trial.random
        published = here.checkpoints.between(0, here.head())
        self.first, self.trusted, self.sealed = [one.size for one in published]
        self.signed = {one.size: one.note for one in published}
        line = WITNESSES["bpk"].cosign(Note.parse(here.own[0]).text, 1_700_000_000)
        here.checkpoints.cosign(self.trusted, line, utc_now())
        self.copy = here.own[0] + str(line)  # as the witness keeps it
        self.log, self.counts = Log(here), Counter[str]()

    def begin(self, way: str) -> None:
        """The honest log again, with the one cosignature and the auditor's own checkpoint of this way."""
        self.log.reset()
        cosigned, self.own = {
            "the auditor's": (self.first, self.trusted),
            "a witness's above the auditor's": (self.trusted, self.first),
            "a witness's alone": (self.trusted, 0),
        }[way]
        self.log.rows["cosignatures"] = [row for row in self.log.rows["cosignatures"] if row[0] == cosigned]
        self.asked = self.own < self.trusted and self.random.random() < 0.5

    def held(self) -> list[str]:
        """The checkpoints in the auditor's hands: her own, and the witness's copy when she asked for it."""
        return ([self.signed[self.own]] if self.own else []) + ([self.copy] if self.asked else [])

    def reach(self) -> int:
        """The highest position that a checkpoint speaks of which is in the auditor's hands, or stands cosigned."""
        return max(self.own, self.asked * self.trusted, *(row[0] for row in self.log.rows["cosignatures"]), 0)

    def rounds(self, least: int, *regions: str) -> Iterator[tuple[int, str]]:
        """Number and region of each run, begun: as many as asked for, and more until under both checkpoints, where the
        regions reach there, something was named."""
        under, number = () if regions == ("tail",) else UNDER, 0
        while number < least or (number < 20 * least and not all(self.counts[one] for one in under)):
            way = WAYS[number // 2 % len(WAYS)]
            self.counts[f"{way}_the_highest".replace(" ", "_")] += 1
            self.begin(way)
            yield number, self.random.choice(regions)
            number += 1
        assert all(self.counts[f"{way}_the_highest".replace(" ", "_")] for way in WAYS)
        assert all(self.counts[one] for one in under)

    def place(self, region: str) -> int:
        bounds = {
            "full tile": (1, min(self.trusted, 512)),
            "trusted": (1, self.trusted),
            "signed": (self.trusted + 1, self.sealed),
            "tail": (self.sealed + 1, len(self.log.events)),
        }
        return self.random.randint(*bounds[region])

    def once(self, kind: str, region: str, *, careful: bool, stolen: bool = False) -> None:
        """Tamper, export and check once; fails when something is not found, or named elsewhere, that must be found."""
        KINDS[kind](self.log, self.random, self.place(region), careful)
        touched, first = self.log.touched, min(self.log.touched)
        if stolen:
            self.log.sign_again()
        elif careful and self.random.random() < 0.5:
            self.log.hide(first - 1)
        self.log.write()
        receipts = self.here.receipts if self.random.random() < 0.5 else []
        check = self.here.check(own=self.held(), receipts=receipts)
        covered = bool(touched & {position for one in check.receipts for position, _, _ in one.events})
        named = any(one.first <= position <= one.last for one in check.differences for position in touched)
        sentences = [one.sentence() for one in check.differences]
        said = (kind, region, careful, stolen, self.own, self.asked, self.log.hidden, sorted(touched), sentences)
        self.counts["tampered"] += 1
        if kind in ("delete a part", "delete a key") and careful:
            self.told_as_destroyed(check, said)
            return
        fits = (careful and kind != "edit a copied column") or kind == "restore an old database"
        if fits and not covered and first > self.reach():
            if not self.log.rows["cosignatures"]:
                assert "quorum" in {one.kind for one in check.differences}, said
            why = self.unknown(first, stolen)
            if why:
                self.counts["named" if named else f"NOT_found_{why}"] += 1
                return
        assert check.code() == 3, said
        assert named, said
        self.counts["named"] += 1
        if first <= self.trusted:
            self.counts[UNDER[0]] += self.own >= first
            self.counts[UNDER[1]] += self.own < first

    def told_as_destroyed(self, check: Any, said: Any) -> None:
        """What is gone is told with the event that excuses it, and as not checked: it stands above every checkpoint."""
        [told] = [one for one in check.destroyed if one.lacks]
        assert told.position == len(self.log.events) > self.reach(), said
        assert {position for position, _ in told.lacks} <= self.log.touched, said
        assert any(
            f"posisi {told.position} " in one and "dapat ditulis kapan saja" in one for one in check.unchecked
        ), said
        self.counts["told_as_destroyed_and_not_checked"] += 1

    def unknown(self, first: int, stolen: bool) -> str:
        """Why a change that begins there and fits may stay unknown; empty when nothing excuses it."""
        if first > self.sealed:
            return "in_the_unsealed_tail_without_a_receipt"
        if first <= self.trusted:
            return "under_a_witness's_checkpoint_that_is_gone,_her_copy_not_asked_for"
        if stolen:
            return "re_signed_above_the_highest_checkpoint"
        return "sealed_above_the_highest_checkpoint_with_the_later_ones_removed" if self.log.hidden else ""

    def untouched(self) -> None:
        """The honest log again: nothing differs."""
        for way in WAYS:
            self.begin(way)
            self.log.write()
            check = self.here.check(own=self.held())
            assert check.code() == 0, [one.sentence() for one in check.differences]


def _tried(here: Audited, trial: Trial) -> Iterator[Trials]:
    made = Trials(here, trial)
    made.untouched()
    yield made
    made.untouched()
    trial.count(**made.counts)
    assert made.counts["named"]


@pytest.fixture
def trials(desk: Desk, tmp_path: Path, trial: Trial) -> Iterator[Trials]:
    yield from _tried(lived(desk, tmp_path, trial.random, 48), trial)


@pytest.fixture
def tiled(desk: Desk, tmp_path: Path, trial: Trial) -> Iterator[Trials]:
    """Those of a log with full tiles under every checkpoint."""
    yield from _tried(lived(desk, tmp_path, trial.random, 48, BEFORE), trial)


@pytest.mark.parametrize("kind", KINDS)
def test_tampering_is_named_at_its_place(trials: Trials, trial: Trial, kind: str) -> None:
    for number, region in trials.rounds(trial.size(8, 300), "trusted", "signed", "tail"):
        trials.once(kind, region, careful=number % 2 == 1)


def test_a_log_that_is_rewritten_and_signed_with_its_stolen_key_is_named(trials: Trials, trial: Trial) -> None:
    for _, region in trials.rounds(trial.size(12, 300), "trusted", "signed", "tail"):
        trials.once(trial.random.choice(REWRITES), region, careful=True, stolen=True)


def test_the_unsealed_tail_is_held_by_receipts(trials: Trials, trial: Trial) -> None:
    for _, region in trials.rounds(trial.size(20, 300), "tail"):
        trials.once(trial.random.choice(TAIL), region, careful=True)


def test_tampering_under_a_full_tile_is_named_at_its_place(tiled: Trials, trial: Trial) -> None:
    for number, region in tiled.rounds(trial.size(22, 300), "full tile"):
        tiled.once(list(KINDS)[number // 2 % len(KINDS)], region, careful=number % 2 == 1)


def test_a_tile_of_the_export_that_is_altered_or_left_out_is_named(tiled: Trials, trial: Trial) -> None:
    tiled.begin(WAYS[0])
    tiled.log.write()
    honest = tiled.here.export()
    with zipfile.ZipFile(honest) as bundle:
        leaves = bundle.read("columns.ndjson").count(b"\n")
        tiles = {name: len(bundle.read(name)) for name in bundle.namelist() if name.startswith("tile/")}
    assert [name for name, length in sorted(tiles.items()) if length == 8192] == ["tile/0/000", "tile/0/001"]
    assert "tile/1/000.p/2" in tiles
    for number in range(trial.size(12, 300)):
        name = trial.random.choice(sorted(tiles))
        at, lost = trial.random.randrange(tiles[name]), number % 3 == 2

        def change(member: str, data: bytes, name: str = name, at: int = at, lost: bool = lost) -> bytes | None:
            if member != name:
                return data
            return None if lost else data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

        check = tiled.here.check(bundle=copied(honest, change))
        [found] = check.differences
        _, level, tile, *_ = name.replace(".p", "").split("/")
        first = int(tile) * 256 + 1 if level == "0" else 1
        last = min(first + 255, leaves) if level == "0" else 512
        assert (found.kind, found.first, found.last) == ("tile", first, last), (name, found.sentence())
        assert name in found.what
        tiled.counts["left_out" if lost else "altered"] += 1
        tiled.counts["of_a_full_tile"] += tiles[name] == 8192
        tiled.counts["named"] += 1


FAULTS = {
    "decision": "tidak ada di dalam catatan",
    "proposed": "tidak ada di dalam catatan",
    "subject": "tidak menyebut orang itu",
    "approved": "tidak disetujui dua orang",
    "second": "tidak disetujui dua orang",
    "another": "tidak disetujui dua orang",
    "not_refused": "ditolak",
    "minutes_recorded": "tanpa berita acara",
    "begun": "belum dilaksanakan",
    "person": "bukan aliran seorang warga",
}


def _gone(log: Log) -> tuple[str, int]:
    """Takes the part nearest to the beginning away, with its key and all that lies under it; the key and a position."""
    part = min(log.rows["parts"], key=lambda row: row[1])
    log.rows["parts"] = [row for row in log.rows["parts"] if row[3] != part[3]]
    log.rows["subject_keys"] = [row for row in log.rows["subject_keys"] if row[0] != part[3]]
    return part[3], part[1]


def test_a_lawful_destruction_is_no_difference(desk: Desk, tmp_path: Path, trial: Trial) -> None:
    here = lived(desk, tmp_path, trial.random, 24)
    log = Log(here)
    key, place = _gone(log)
    at = tampering.claim_destroyed(log, key)
    log.write()
    check = here.check()
    assert check.code() == 0, [one.sentence() for one in check.differences]
    assert f"posisi {at} (aliran " in " ".join(check.unchecked), "nobody outside the office knows of it yet"
    check = here.check(own=[here.seal()])
    assert check.code() == 0, [one.sentence() for one in check.differences]
    assert not [one for one in check.unchecked if "memusnahkan" in one]
    [told] = [one for one in check.notices if f"posisi {at} (aliran " in one]
    assert f"dari posisi {place}" in told
    trial.count(destroyed=1)


@pytest.mark.parametrize("without", FAULTS)
def test_an_event_that_no_decision_bears_out_excuses_nothing(
    desk: Desk, tmp_path: Path, trial: Trial, without: str
) -> None:
    here = lived(desk, tmp_path, trial.random, 24)
    log = Log(here)
    key, place = _gone(log)
    at = tampering.claim_destroyed(log, key, without=without)
    log.write()
    check = here.check(own=[here.seal()])
    told = [one for one in check.differences if one.first == place]
    assert {one.kind for one in told} == {"part", "key"}
    for one in told:
        assert f"peristiwa pemusnahan pada posisi {at} tidak berlaku" in one.what
        assert FAULTS[without] in one.what
    assert check.code() == 3
    trial.count(named=len(told))


def test_what_a_restored_log_does_not_know_is_borne_out_by_the_shred_list_alone(
    desk: Desk, tmp_path: Path, trial: Trial
) -> None:
    here = lived(desk, tmp_path, trial.random, 24)
    log = Log(here)
    key, _ = _gone(log)
    at = tampering.claim_destroyed(log, key, without="decision")
    log.write()
    event = log.members(at)
    kept = ShredList(tmp_path / "shredded")
    kept.append([Shredded("2026-01-01T00:00:00Z", event["destruction"], event["stream"], (key,), 1, 0, 0)])
    listed = verifier.read_shred_list(kept.path.read_text("utf-8"), "shredded")
    policy = verifier.read_policy(POLICY)
    for shredded, code in ((listed, 0), (set(), 3), ({("", *one[1:]) for one in listed}, 3)):
        check = verifier.Check(verifier.Bundle(str(here.export())), policy, (), (), shredded)
        check.run()
        assert check.code() == code, [one.sentence() for one in check.differences]
        assert ("hanya ada pada daftar pemusnahan" in " ".join(check.unchecked)) == (code == 0)
    with pytest.raises(verifier.Unreadable, match="baris 1: daftar pemusnahan diubah"):
        verifier.read_shred_list(kept.path.read_text("utf-8").replace(key, key[::-1]), "shredded")
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
