"""docs/reference/proof-vectors.json: checked by the verifier that stands alone, and by the code that signs."""

from __future__ import annotations

import json
import zipfile
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from service.log import notes, policy, tree
from tests.service import proof_checks, proof_vectors
from tests.service.audited import verifier
from tests.trials.plugin import Trial

VECTORS: dict[str, Any] = json.loads(proof_vectors.PAGE.read_text("utf-8"))
TREE = VECTORS["tree"]
ROOTS = {one["size"]: bytes.fromhex(one["root"]) for one in TREE["roots"]}
LEAVES = [verifier.leaf_hash(f"daun {index}".encode()) for index in range(300)]


class Source:
    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        if level == 0:
            return LEAVES[first : first + count]
        return [tree.folded(LEAVES[256 * at : 256 * at + 256]) for at in range(first, first + count)]


def steps(one: dict[str, Any]) -> list[bytes]:
    return [b64decode(step) for step in one["proof"]]


def test_the_file_is_what_its_generator_writes() -> None:
    assert proof_vectors.PAGE.read_text("utf-8") == proof_vectors.text()


def test_both_implementations_find_the_roots() -> None:
    assert [leaf.hex() for leaf in LEAVES[:8]] == TREE["leaves"]
    for size, root in ROOTS.items():
        assert verifier.root_of(LEAVES[:size]) == tree.Tree(Source(), size).root() == root


@pytest.mark.parametrize("one", TREE["inclusion"])
def test_both_implementations_accept_an_inclusion_proof_and_no_other(one: dict[str, Any]) -> None:
    given = (LEAVES[one["index"]], one["index"], one["size"], steps(one))
    root = verifier.root_of(LEAVES[: one["size"]])
    assert tree.Tree(Source(), one["size"]).inclusion(one["index"]) == steps(one)
    for included in (proof_checks.included, tree.included):
        assert included(*given, root)
        assert not included(*given, bytes(32))
        assert not included(*given[:3], [*steps(one), bytes(32)], root)
        assert not included(given[0], one["index"] + 1, *given[2:], root)


@pytest.mark.parametrize("one", TREE["consistency"])
def test_both_implementations_accept_a_consistency_proof_and_no_other(one: dict[str, Any]) -> None:
    first, second, proof = one["first"], one["second"], steps(one)
    old, new = verifier.root_of(LEAVES[:first]), verifier.root_of(LEAVES[:second])
    assert tree.Tree(Source(), second).consistency(first) == proof
    assert proof_checks.consistent(first, second, old, new, proof)
    assert tree.consistent(first, old, second, new, proof)
    for wrong in ((bytes(32), new, proof), (old, bytes(32), proof), (old, new, [*proof, bytes(32)])):
        assert not proof_checks.consistent(first, second, *wrong)
        assert not tree.consistent(first, wrong[0], second, wrong[1], wrong[2])


def test_both_implementations_read_keys_checkpoints_and_cosignatures() -> None:
    for one in VECTORS["keys"]:
        signer = notes.Signer(one["name"], bytes.fromhex(one["seed"]), one["type"])
        key = verifier.read_key(one["verifier_key"], one["type"])
        assert (str(signer.key), key.public) == (one["verifier_key"], signer.key.public)
    checkpoint, cosignature = VECTORS["checkpoint"], VECTORS["cosignature"]
    log, witness = verifier.read_key(checkpoint["key"], 1), verifier.read_key(cosignature["key"], 4)
    text, signed = verifier.open_note(checkpoint["note"] + cosignature["line"], [log, witness])
    assert (text, signed) == (checkpoint["text"], {log: None, witness: cosignature["time"]})
    read = notes.opened(checkpoint["note"], notes.VerifierKey.parse(checkpoint["key"]))
    assert (read.size, read.root) == (3, ROOTS[3])
    for one in VECTORS["notes"]:
        if one["signed"] is None:
            with pytest.raises(ValueError, match=r"bukan|tidak sah"):
                verifier.open_note(one["note"], [log])
        else:
            assert verifier.open_note(one["note"], [log])[1] == {}


@pytest.mark.parametrize("one", VECTORS["policies"])
def test_both_implementations_read_a_policy_and_the_verifier_decides_by_it(one: dict[str, Any]) -> None:
    read = verifier.read_policy(one["policy"])
    signed = verifier.read_checkpoint(one["note"], read).signed
    assert read.reached(signed) == one["reached"]
    assert str(policy.Policy.parse(one["policy"]).log.newest) in one["policy"]


@pytest.mark.parametrize("one", VECTORS["refused_policies"], ids=lambda one: one["what"])
def test_both_implementations_refuse_a_policy_that_could_be_misread(one: dict[str, Any]) -> None:
    with pytest.raises(policy.BadPolicy):
        policy.Policy.parse(one["policy"])
    with pytest.raises(verifier.Unreadable):
        verifier.read_policy(one["policy"])


@pytest.mark.parametrize("one", VECTORS["rotation"]["checkpoints"])
def test_both_implementations_take_a_checkpoint_of_the_key_for_its_size_alone(one: dict[str, Any]) -> None:
    read = verifier.read_policy(VECTORS["rotation"]["policy"])
    keys = policy.Policy.parse(VECTORS["rotation"]["policy"]).log
    if one["holds"]:
        assert verifier.read_checkpoint(one["note"], read).size == keys.opened(one["note"]).size
        return
    with pytest.raises(ValueError, match="tidak ditandatangani"):
        verifier.read_checkpoint(one["note"], read)
    with pytest.raises(notes.BadNote, match="not signed by"):
        keys.opened(one["note"])


def test_both_implementations_agree_about_every_altered_policy(trial: Trial) -> None:
    words = sorted(
        {*VECTORS["rotation"]["policy"].split(), "none", "any", "all", "0", "1", "2", "01", "+1", "\u0663", "#"}
    )
    accepted, altered = 0, trial.size(300, 5_000)
    for _ in range(altered):
        lines = [line.split() for line in trial.random.choice(VECTORS["policies"])["policy"].splitlines()]
        for _ in range(trial.random.choice((1, 1, 2))):
            line = trial.random.choice(lines)
            at = trial.random.randrange(len(line) + 1)
            line[at : at + trial.random.choice((0, 1))] = trial.random.sample(words, trial.random.choice((0, 1)))
        text = "\n".join(
            map(" ".join, trial.random.sample(lines, len(lines)) if trial.random.random() < 0.2 else lines)
        )
        ours = theirs = True
        try:
            policy.Policy.parse(text)
        except policy.BadPolicy:
            ours = False
        try:
            verifier.read_policy(text)
        except verifier.Unreadable:
            theirs = False
        assert ours == theirs, text
        accepted += ours
    trial.count(accepted=accepted, refused=altered - accepted)


def test_a_receipt_and_a_sample_are_as_the_vectors_say() -> None:
    given = VECTORS["receipt"]
    read = verifier.read_receipt(given["note"], verifier.read_policy(VECTORS["bundle"]["policy"]), "")
    assert [(position, leaf) for position, _, leaf in read.events] == [(7, LEAVES[0]), (8, LEAVES[1])]
    for one in VECTORS["draws"]:
        assert verifier.draws(one["seed"], one["events"], 10) == one["positions"]


@pytest.mark.parametrize("case", VECTORS["bundle"]["cases"], ids=lambda case: case["what"])
def test_a_tiny_bundle_has_the_differences_that_the_vectors_say(case: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "casebook.zip"
    with zipfile.ZipFile(path, "w") as bundle:
        for name, lines in {**VECTORS["bundle"]["members"], **case["changed"]}.items():
            data = bytes.fromhex(lines[0]) if name.startswith("tile/") else "".join(f"{x}\n" for x in lines).encode()
            bundle.writestr(name, data)
    check = verifier.Check(verifier.Bundle(str(path)), verifier.read_policy(VECTORS["bundle"]["policy"]))
    check.run()
    found = sorted([one.kind, one.first, one.last] for one in check.differences)
    assert (check.code(), found) == (case["exit"], case["differences"])
