"""Signed notes, keys, checkpoints, cosignatures and policies: what they hold, and every forgery that is turned away."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from service.log.notes import COSIGNATURE, BadNote, Checkpoint, Line, Note, Signer, VerifierKey, b64, opened
from service.log.policy import BadPolicy, LogKeys, Policy
from tests.trials.plugin import Trial

LOG = Signer("wahana/75.01", b"l" * 32)
STRANGER = Signer("wahana/75.01", b"x" * 32)
RECEIPTS = Signer("wahana/75.01/receipts", b"r" * 32)
WITNESSES = [Signer(f"saksi-{number}", bytes([number]) * 32, COSIGNATURE) for number in (1, 2, 3)]
POLICY = f"""# the office's policy
log {LOG.key}
receipts {RECEIPTS.key}   # not the sealer's
witness satu {WITNESSES[0].key}
witness dua {WITNESSES[1].key}
witness tiga {WITNESSES[2].key}
group luar 2 satu dua tiga
group semua all satu luar

quorum luar
"""
CHECKPOINT = Checkpoint(LOG.key.name, 20852163, hashlib.sha256(b"root").digest())


def test_the_key_and_the_note_of_the_published_example_are_read() -> None:
    """The example of C2SP signed-note, which is that of the Go checksum database."""
    key = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    note = Note.parse(text)
    assert (str(note), str(key)) == (text, "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert note.signed(key)
    with pytest.raises(BadNote):
        Note.parse(text.replace("answer", "Answer")).signed(key)


def test_a_checkpoint_has_three_lines_and_comes_back_as_it_was() -> None:
    note = LOG.note(CHECKPOINT.text)
    assert CHECKPOINT.text == f"wahana/75.01\n20852163\n{b64(CHECKPOINT.root)}\n"
    assert opened(note, LOG.key) == CHECKPOINT


@pytest.mark.parametrize(
    "text",
    [
        "wahana/75.01\n5\n",
        f"wahana/75.01\n05\n{b64(b'r' * 32)}\n",
        f"wahana/75.01\n-5\n{b64(b'r' * 32)}\n",
        f"wahana/75.01\n٥\n{b64(b'r' * 32)}\n",
        f"wahana/75.01\n5\n{b64(b'r' * 31)}\n",
        f"wahana/75.01\n5\n{b64(b'r' * 32)}\nmore\n",
        f"\n5\n{b64(b'r' * 32)}\n",
        f"wahana/75.01\n5\n{b64(b'r' * 32).replace('=', '')}\n",
    ],
)
def test_what_is_no_checkpoint_is_turned_away_however_well_it_is_signed(text: str) -> None:
    with pytest.raises(BadNote):
        opened(LOG.note(text), LOG.key)


def test_a_checkpoint_of_another_log_or_key_is_turned_away() -> None:
    for signer, origin in ((STRANGER, "wahana/75.01"), (LOG, "wahana/75.02"), (RECEIPTS, RECEIPTS.key.name)):
        text = Checkpoint(origin, 5, b"r" * 32).text
        with pytest.raises(BadNote, match="not signed by"):
            opened(signer.note(text), LOG.key)


def test_a_cosignature_is_over_the_time_and_the_three_lines() -> None:
    witness = WITNESSES[0]
    line = witness.cosign(CHECKPOINT.text, 1_790_000_000)
    message = f"cosignature/v1\ntime 1790000000\n{CHECKPOINT.text}".encode()
    Ed25519PublicKey.from_public_bytes(witness.key.public).verify(line.signature[8:], message)
    assert Line.parse(str(line)) == line
    note = Note(CHECKPOINT.text, (LOG.sign(CHECKPOINT.text), line))
    assert note.signed(witness.key)
    assert not note.signed(WITNESSES[1].key)
    later = Line(line.name, line.hash, (1_790_000_001).to_bytes(8) + line.signature[8:])
    with pytest.raises(BadNote, match="does not hold"):
        Note(CHECKPOINT.text, (later,)).signed(witness.key)


def test_lines_of_unknown_keys_are_passed_over_but_a_bad_line_of_a_known_one_spoils_the_note() -> None:
    good, strange = LOG.sign(CHECKPOINT.text), STRANGER.sign(CHECKPOINT.text)
    assert Note(CHECKPOINT.text, (strange, good)).signed(LOG.key)
    assert not Note(CHECKPOINT.text, (strange,)).signed(LOG.key)
    forged = Line(good.name, good.hash, strange.signature)
    with pytest.raises(BadNote):
        Note(CHECKPOINT.text, (good, forged)).signed(LOG.key)


def test_no_altered_byte_of_a_signed_checkpoint_goes_unnoticed(trial: Trial) -> None:
    note = LOG.note(CHECKPOINT.text).encode()
    for _ in range(500):
        at, change = trial.random.randrange(len(note)), trial.random.randrange(1, 256)
        altered = note[:at] + bytes([note[at] ^ change]) + note[at + 1 :]
        with pytest.raises((BadNote, UnicodeDecodeError)):
            opened(altered.decode(), LOG.key)
    trial.count(altered_bytes=500)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\nfeed", "tab\t", "\u2028"])
def test_a_key_needs_a_name_that_a_line_can_hold(name: str) -> None:
    with pytest.raises(BadNote):
        Signer(name, b"k" * 32)


def test_a_verifier_key_whose_hash_does_not_fit_is_turned_away() -> None:
    text = str(LOG.key)
    assert VerifierKey.parse(text) == LOG.key
    for wrong in (text.replace("wahana", "wahane"), text[:-4], text.upper(), "wahana", "", f"{text}\n"):
        with pytest.raises(BadNote):
            VerifierKey.parse(wrong)


def test_a_policy_names_the_keys_of_log_receipts_and_witnesses() -> None:
    policy = Policy.parse(POLICY)
    assert (policy.log, policy.receipts) == (LogKeys((LOG.key,)), RECEIPTS.key)
    assert policy.witnesses == dict(zip(("satu", "dua", "tiga"), (one.key for one in WITNESSES), strict=True))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("", "log"),
        (POLICY.replace("quorum luar", ""), "quorum"),
        (POLICY + "quorum luar\n", "one too many"),
        (POLICY + f"log {LOG.key}\n", "one log too many"),
        (POLICY + f"receipts {RECEIPTS.key}\n", "one too many"),
        (POLICY.replace("quorum luar", "").replace("log ", "quorum luar\nlog "), "stands before it"),
        (
            POLICY.replace(str(WITNESSES[1].key), "dua+" + str(Signer("dua", bytes([1]) * 32, COSIGNATURE).key)[4:]),
            "one key",
        ),
        (POLICY.replace("quorum luar", "quorum entah"), "entah"),
        (POLICY.replace("luar 2", "luar 4"), "4 of 3"),
        (POLICY.replace("luar 2", "luar 0"), "0 of 3"),
        (POLICY.replace("luar 2 satu", "luar 2 entah"), "unknown"),
        (POLICY.replace("satu dua tiga", "satu satu tiga"), "twice"),
        (POLICY.replace("witness dua", "witness satu"), "line 5"),
        (POLICY.replace(f"log {LOG.key}", f"log {WITNESSES[0].key}"), "another type"),
        (POLICY.replace(str(WITNESSES[1].key), str(LOG.key)), "another type"),
        (POLICY + "kuorum luar\n", "line 11"),
    ],
)
def test_a_policy_that_could_be_misread_is_not_read(wrong: str, says: str) -> None:
    with pytest.raises(BadPolicy, match=says):
        Policy.parse(wrong)


def test_a_policy_comes_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "policy"
    path.write_text(POLICY)
    assert Policy.load(path) == Policy.parse(POLICY)
    with pytest.raises(BadPolicy, match="FileNotFoundError"):
        Policy.load(tmp_path / "none")
