"""The log's key is exchanged: what stands stays verifiable, and the key before signs nothing more."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from service.log.checkpoints import StoredHashes
from service.log.kept import Kept
from service.log.notes import Checkpoint, Signer, opened
from service.log.policy import LogKeys
from service.log.sealer import Sealer, SealRefused
from service.log.tree import Tree, consistent
from tests.service.audited import LOG, ORIGIN, POLICY, WITNESSES, Audited, lived, verifier
from tests.service.casebooks import Desk, utc_now

NEW = Signer(ORIGIN, b"n" * 32)


@pytest.fixture
def here(desk: Desk, tmp_path: Path) -> Audited:
    """A sealed and witnessed casebook with some events above the last checkpoint."""
    made = lived(desk, tmp_path, random.Random(7501), 24)
    made.seal()
    made.work([], random.Random(1))
    return made


def last(here: Audited) -> Checkpoint:
    found = here.sealer.last()
    assert found is not None
    return found


def rotated(here: Audited, end: int) -> tuple[Sealer, str]:
    """A sealer with the new key, and the policy: the old key signs up to ``end``."""
    keys = LogKeys((LOG.key, NEW.key), (end,))
    policy = POLICY.replace(f"log {LOG.key}\n", "".join(f"log {line}\n" for line in keys.lines()))
    return Sealer(here.owner, Kept(here.folder / "sealer"), NEW, utc_now, keys), policy


def checked(here: Audited, text: str, own: list[str]) -> Any:
    policy = verifier.read_policy(text)
    kept = [verifier.read_checkpoint(note, policy, "mine") for note in own]
    check = verifier.Check(verifier.Bundle(str(here.export())), policy, kept)
    check.run()
    return check


def test_a_new_key_goes_on_where_the_old_one_ended(here: Audited) -> None:
    before, head = last(here), here.head()
    sealer, policy = rotated(here, before.size)
    after = sealer.seal()
    assert after is not None
    assert (after.size, sealer.seal()) == (head, after)
    proof = Tree(StoredHashes(here.owner), head).consistency(before.size)
    assert consistent(before.size, before.root, head, after.root, proof)
    assert opened(Kept(here.folder / "sealer").read() or "", NEW.key) == after
    check = checked(here, policy, here.own)
    assert (check.code(), check.sealed) == (0, head), [one.sentence() for one in check.differences]
    assert {size for size in check.tree.roots if size < head} >= {one.size for one in check.checkpoints if one.own}


def test_nothing_new_gives_no_second_checkpoint_of_one_size(here: Audited) -> None:
    here.seal()
    before, note = last(here), Kept(here.folder / "sealer").read()
    sealer, _ = rotated(here, before.size)
    assert sealer.seal() == before
    assert Kept(here.folder / "sealer").read() == note


def test_the_new_key_does_not_sign_what_the_policy_leaves_to_the_old_one(here: Audited) -> None:
    sealer, _ = rotated(here, here.head())
    with pytest.raises(SealRefused, match="leaves the sizes up to"):
        sealer.seal()
    here.work([], random.Random(2))
    sealer, _ = rotated(here, last(here).size + 1)
    assert last(here).size + 1 < here.head(), "some sizes would be left to whoever has the old key"
    with pytest.raises(SealRefused, match="leaves the sizes up to"):
        sealer.seal()
    sealer, _ = rotated(here, last(here).size - 1)
    with pytest.raises(SealRefused, match="not signed by"):
        sealer.seal()


def test_another_key_in_an_empty_directory_signs_nothing_over_the_old_one_unless_the_policy_names_it(
    here: Audited, tmp_path: Path
) -> None:
    before, published = last(here), here.checkpoints.before(None, 100)
    other = Kept(tmp_path / "other")
    other.directory.mkdir()
    for _ in range(2):
        with pytest.raises(SealRefused, match="are all of another key"):
            Sealer(here.owner, other, NEW, utc_now).seal()
    with pytest.raises(SealRefused, match="are all of another key"):
        Sealer(here.owner, other, NEW, utc_now).seal(take_up=True)
    assert (other.read(), here.checkpoints.before(None, 100)) == (None, published)
    named = Sealer(here.owner, other, NEW, utc_now, LogKeys((LOG.key, NEW.key), (before.size,)))
    sealed = named.seal(take_up=True)
    assert sealed
    assert sealed.size == here.head()
    begun_anew = Signer("wahana/75.01-2", b"n" * 32)
    another = Kept(tmp_path / "another")
    another.directory.mkdir()
    here.work([], random.Random(3))
    assert Sealer(here.owner, another, begun_anew, utc_now).seal()


def test_the_old_key_goes_on_with_nothing_after_its_end(here: Audited) -> None:
    sealer, _ = rotated(here, last(here).size)
    sealer.seal()
    here.work([], random.Random(2))
    with pytest.raises(SealRefused, match="not signed by"):
        here.sealer.seal()


def test_what_a_thief_signs_with_the_old_key_is_named(here: Audited) -> None:
    size, (sealer, policy) = here.head(), rotated(here, last(here).size)
    text = Checkpoint(ORIGIN, size, b"x" * 32).text
    forged = LOG.note(text)
    here.owner.rows("INSERT INTO checkpoints VALUES (:size, :note, :now)", size=size, note=forged, now=utc_now())
    here.work([], random.Random(2))
    sealer.seal()
    told = checked(here, policy, [forged])
    assert [(one.kind, one.last) for one in told.differences] == [("checkpoint", size)]
    assert any("bukan untuk ukuran ini" in notice for notice in told.notices)
    here.checkpoints.cosign(size, WITNESSES["bpk"].cosign(text, 1_700_000_000), utc_now())
    [told] = checked(here, policy, []).differences
    assert (told.kind, told.last) == ("checkpoint", size)
    assert "tidak ditandatangani oleh kunci catatan untuk ukuran ini" in told.what


def test_a_checkpoint_that_the_auditor_kept_counts_although_the_policy_ends_its_key_earlier(here: Audited) -> None:
    here.seal()
    kept = here.checkpoints.latest()
    assert kept is not None
    policy = rotated(here, 1)[1]
    told = checked(here, policy, [kept.note])
    assert told.own == here.head()
    assert any(f"titik periksa {here.head()} (mine) ditandatangani" in notice for notice in told.notices)
    assert told.code() == 3, "the bundle's own are held to the policy"
