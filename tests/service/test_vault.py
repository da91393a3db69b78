"""The vault and its key store: personal data opens only where it was put, with its own key, while that key stands."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from domain.correction import correct
from domain.kps import Kps
from domain.sealed import Sealed
from service.casebook import Casebook
from service.log.database import connect, sqlite_path
from service.log.entries import LogUnavailable
from service.log.ids import new_id
from service.log.keys import KeyStore, KeyUnreadable, commitment
from service.log.tokens import TokenKey, parts_with
from service.log.vault import GENERAL, STRICT, PartDamaged, Pending, Vault
from tests.service.casebooks import DAY, MASTER, Desk, command, registered, registration

CONTACT = "Ibu Rahma Canary-77 0812"


def part_of(casebook: Casebook, kps: str) -> str:
    event = casebook.log.history(kps)[0]
    assert isinstance(event, Kps.Registered)
    assert isinstance(event.contact, Sealed)
    return event.contact.part


def two_parts(desk: Desk) -> tuple[Casebook, str, str]:
    casebook = desk.casebook()
    one = part_of(casebook, registered(casebook, CONTACT))
    other = part_of(casebook, registered(casebook, "Pak Anton 0813"))
    return casebook, one, other


def as_owner(desk: Desk, *statements: str, **values: Any) -> None:
    """Do behind the service's back what only the owner of the database can do."""
    owner = desk.owner()
    if owner.engine == "sqlite":
        for table in ("parts", "events"):
            owner.script(f"DROP TRIGGER IF EXISTS {table}_stands_update")
    else:
        owner.script("ALTER TABLE parts DISABLE TRIGGER ALL; ALTER TABLE events DISABLE TRIGGER ALL")
    for statement in statements:
        owner.rows(statement, **values)


def test_what_was_sealed_opens_under_the_fields_own_name(desk: Desk) -> None:
    casebook, one, other = two_parts(desk)
    assert casebook.vault.open([one, other, one, ""]) == {
        one: {"contact": CONTACT},
        other: {"contact": "Pak Anton 0813"},
    }
    assert casebook.vault.open([]) == {}


def test_the_text_of_the_event_holds_only_a_reference(desk: Desk) -> None:
    casebook, one, _ = two_parts(desk)
    row = casebook.log.stored(1, 1)[0]
    assert one in row.text
    assert "Rahma" not in row.text
    assert "0812" not in row.text


def test_a_ciphertext_moved_to_another_part_does_not_open(desk: Desk) -> None:
    casebook, one, other = two_parts(desk)
    (box,) = casebook.log.database.rows("SELECT box FROM parts WHERE id = :id", id=other)
    as_owner(desk, "UPDATE parts SET box = :box WHERE id = :id", box=bytes(box[0]), id=one)
    with pytest.raises(PartDamaged, match="not the one its event names"):
        casebook.vault.open([one])
    assert other in casebook.vault.open([other])


def test_a_part_moved_to_another_event_does_not_open(desk: Desk) -> None:
    casebook, one, _ = two_parts(desk)
    as_owner(desk, "UPDATE parts SET position = position + 1 WHERE id = :id", id=one)
    with pytest.raises(PartDamaged):
        casebook.vault.open([one])


@pytest.mark.parametrize("where", [0, 13, -1])
def test_an_altered_box_does_not_open(desk: Desk, where: int) -> None:
    casebook, one, _ = two_parts(desk)
    box = bytearray(casebook.log.database.rows("SELECT box FROM parts WHERE id = :id", id=one)[0][0])
    box[where] ^= 1
    as_owner(desk, "UPDATE parts SET box = :box WHERE id = :id", box=bytes(box), id=one)
    with pytest.raises(PartDamaged):
        casebook.vault.open([one])


def test_an_event_that_names_a_moved_ciphertext_still_does_not_make_it_open(desk: Desk) -> None:
    """Someone who also rewrites the event's reference is stopped by the associated data."""
    casebook, one, other = two_parts(desk)
    first, second = casebook.log.stored(1, 2)
    reference, strange = (msgspec.json.decode(row.text)["parts"][0] for row in (first, second))
    (box,) = casebook.log.database.rows("SELECT box FROM parts WHERE id = :id", id=other)
    text = first.text
    for field in ("sha256", "key", "commitment"):
        text = text.replace(reference[field], strange[field])
    as_owner(
        desk,
        "UPDATE parts SET box = :box, key = :key WHERE id = :id",
        box=bytes(box[0]),
        key=strange["key"],
        id=one,
    )
    as_owner(desk, "UPDATE events SET text = :text WHERE position = 2", text=text)
    with pytest.raises(PartDamaged, match="does not open"):
        casebook.vault.open([one])


def test_the_wrong_master_key_says_so(desk: Desk) -> None:
    casebook, one, _ = two_parts(desk)
    wrong = desk.keys(b"w" * 32)
    subject = casebook.log.stored(1, 1)[0].stream
    with pytest.raises(KeyUnreadable, match="master key"):
        Vault(casebook.log.database, wrong).open([one])
    with pytest.raises(KeyUnreadable, match="master key"):
        wrong.key_for(subject, GENERAL)
    assert wrong.master_id != desk.keys().master_id


def test_a_destroyed_key_takes_its_parts_away_everywhere_and_nothing_else(desk: Desk) -> None:
    casebook, one, other = two_parts(desk)
    leaves = [row.leaf for row in casebook.log.stored(0, 10)]
    subject = casebook.log.stored(1, 1)[0].stream
    desk.connect(desk.keys_url, owner=True).rows("DELETE FROM subject_keys WHERE subject = :s", s=subject)
    assert casebook.vault.open([one, other]) == {other: {"contact": "Pak Anton 0813"}}
    assert [row.leaf for row in casebook.log.stored(0, 10)] == leaves


def test_a_key_is_durable_before_the_event_that_uses_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    casebook, kps = desk.casebook(), new_id()
    seen: list[int] = []

    def fails(*_: object) -> tuple[int, str]:
        elsewhere = connect(desk.keys_url, owner=True)
        seen.extend(row[0] for row in elsewhere.rows("SELECT count(*) FROM subject_keys WHERE subject = :s", s=kps))
        elsewhere.close()
        raise LogUnavailable("the log is away")

    with monkeypatch.context() as patch:
        patch.setattr(casebook.log, "record", fails)
        with pytest.raises(LogUnavailable):
            casebook.record(command(), registration(kps, CONTACT))
    assert set(seen) == {1}
    casebook.record(command(), registration(kps, CONTACT))
    rows = desk.keys().database.rows("SELECT count(*) FROM subject_keys WHERE subject = :s", s=kps)
    assert rows == [(1,)], "the orphan key is used, not doubled"
    assert casebook.vault.open([part_of(casebook, kps)])


def test_each_subject_and_compartment_has_a_key_of_its_own(desk: Desk) -> None:
    keys = desk.keys()
    one, other = new_id(), new_id()
    made = {keys.key_for(subject, label) for subject in (one, other) for label in (GENERAL, STRICT)}
    assert len({key_id for key_id, _ in made}) == len({key for _, key in made}) == 4
    assert {keys.key_for(subject, label) for subject in (one, other) for label in (GENERAL, STRICT)} == made
    assert keys.keys([key_id for key_id, _ in made]) == dict(made)
    assert keys.keys([new_id()]) == {}


def test_the_key_store_also_works_in_postgresql(postgres_url: str) -> None:
    database = connect(postgres_url, owner=True, size=2)
    keys = KeyStore(database, MASTER)
    keys.create()
    key_id, key = keys.key_for("s", GENERAL)
    assert keys.key_for("s", GENERAL) == (key_id, key)
    assert keys.key_for("s", STRICT) != (key_id, key)
    database.close()


def test_the_key_store_holds_no_label_no_key_and_no_content_in_the_open(desk: Desk) -> None:
    casebook = desk.casebook()
    kps = registered(casebook, CONTACT)
    keys = desk.keys()
    _, key = keys.key_for(kps, "kompartemen-Canary-88")
    path = Path(sqlite_path(desk.keys_url))
    desk.close()
    stored = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert kps.encode() in stored
    for secret in (b"Canary", GENERAL.encode(), b"ketat", key, MASTER, b"Rahma"):
        assert secret not in stored


def test_what_is_deleted_from_the_key_store_is_overwritten(desk: Desk) -> None:
    casebook = desk.casebook()
    kps = registered(casebook, CONTACT)
    database = desk.connect(desk.keys_url, owner=True)
    assert database.rows("PRAGMA secure_delete") == [(1,)]
    ((wrapped,),) = database.rows("SELECT wrapped FROM subject_keys WHERE subject = :s", s=kps)
    database.rows("DELETE FROM subject_keys WHERE subject = :s", s=kps)
    database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    path = Path(sqlite_path(desk.keys_url))
    desk.close()
    assert bytes(wrapped) not in b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def test_a_commitment_binds_a_key() -> None:
    assert commitment(b"a" * 32) != commitment(b"b" * 32)
    assert len(commitment(b"a" * 32)) == 64


def test_a_part_sealed_with_another_key_is_noticed_before_it_is_opened(desk: Desk) -> None:
    casebook, one, other = two_parts(desk)
    database = desk.connect(desk.keys_url, owner=True)
    subject = casebook.log.stored(1, 1)[0].stream
    strange = casebook.log.stored(2, 1)[0].stream
    ((wrapped,),) = database.rows("SELECT wrapped FROM subject_keys WHERE subject = :s", s=strange)
    database.rows("UPDATE subject_keys SET wrapped = :w WHERE subject = :s", w=wrapped, s=subject)
    with pytest.raises(PartDamaged, match="another key"):
        casebook.vault.open([one])
    assert other in casebook.vault.open([other])


def test_a_part_is_found_by_its_tokens_and_by_nobody_elses(desk: Desk) -> None:
    casebook, one, other = two_parts(desk)
    database, key = casebook.log.database, TokenKey(b"t" * 32)
    assert parts_with(database, [key.digest("w:rahma")], 10) == [one]
    assert parts_with(database, [key.digest("w:anton")], 10) == [other]
    assert sorted(parts_with(database, [key.digest("w:anton"), key.digest("w:rahma")], 10)) == sorted([one, other])
    assert len(parts_with(database, [key.digest("w:anton"), key.digest("w:rahma")], 1)) == 1
    assert parts_with(database, [TokenKey(b"u" * 32).digest("w:rahma")], 10) == []
    assert parts_with(database, [], 10) == []


def test_sealing_the_same_twice_gives_different_boxes(desk: Desk) -> None:
    vault = desk.casebook().vault
    pending = Pending(new_id(), "s", GENERAL, {"contact": CONTACT})
    boxes = {vault.seal(pending, "e", 1, 0)[1].box for _ in range(5)}
    assert len(boxes) == 5


def _times_x(block: int) -> int:
    """Multiply by x in the field of GCM (NIST SP 800-38D, 6.3): bits count from the left."""
    return block >> 1 ^ (0xE1 << 120 if block & 1 else 0)


def _product(one: int, other: int) -> int:
    found = 0
    for bit in range(127, -1, -1):
        if other >> bit & 1:
            found ^= one
        one = _times_x(one)
    return found


def _power(base: int, exponent: int) -> int:
    found = 1 << 127  # one, in that order of bits
    while exponent:
        if exponent & 1:
            found = _product(found, base)
        base, exponent = _product(base, base), exponent >> 1
    return found


def two_stories(first: bytes, second: bytes, nonce: bytes, bound: tuple[bytes, bytes]) -> bytes:
    """A ciphertext of AES-256-GCM that opens with two keys, for two pieces of associated data: GCM commits to none.

    One block is chosen so that the tags under both keys are the same (Dodis, Grubbs, Ristenpart, Woodage 2018, section 3).
    """

    def block(key: bytes, text: bytes) -> int:
        encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
        return int.from_bytes(encryptor.update(text), "big")

    hashed, tags = [], []
    length = 32  # two blocks of ciphertext, of which the second makes the tags equal
    body = b"\x00" * 16
    for key, data in zip((first, second), bound, strict=True):
        key_of_hash = block(key, b"\x00" * 16)
        padded = data + b"\x00" * (-len(data) % 16) + body
        found = 0
        for at in range(0, len(padded), 16):
            found = _product(found ^ int.from_bytes(padded[at : at + 16], "big"), key_of_hash)
        # What comes after: the chosen block times the square, and the lengths times the hash key.
        lengths = (len(data) * 8 << 64) | length * 8
        rest = _product(found, _product(key_of_hash, key_of_hash)) ^ _product(lengths, key_of_hash)
        hashed.append(_product(key_of_hash, key_of_hash))
        tags.append(rest ^ block(key, nonce + b"\x00\x00\x00\x01"))
    chosen = _product(tags[0] ^ tags[1], _power(hashed[0] ^ hashed[1], 2**128 - 2))
    tag = tags[0] ^ _product(chosen, hashed[0])
    return nonce + body + chosen.to_bytes(16, "big") + tag.to_bytes(16, "big")


def test_a_ciphertext_that_a_second_key_opens_is_refused_by_the_commitment(desk: Desk) -> None:
    """Somebody with both keys makes a box that GCM opens with either, to two stories, and shows one now and one later."""
    casebook, one, _ = two_parts(desk)
    stored = casebook.log.stored(1, 1)[0]
    told = msgspec.json.decode(stored.text)
    reference = told["parts"][0]
    first, second = casebook.vault._keys.keys([reference["key"]])[reference["key"]], b"2" * 32
    data = f"{one}\n{told['id']}\n{told['version']}\n{reference['key']}".encode()
    box = two_stories(first, second, b"n" * 12, (data, data))
    stories = [AESGCM(key).decrypt(box[:12], box[12:], data) for key in (first, second)]
    assert stories[0] != stories[1], "AES-GCM alone opens it with both keys"
    text = stored.text.replace(reference["sha256"], hashlib.sha256(box).hexdigest())
    as_owner(desk, "UPDATE parts SET box = :box WHERE id = :id", box=box, id=one)
    as_owner(desk, "UPDATE events SET text = :text WHERE position = 2", text=text)
    wrapped = aes_key_wrap(MASTER, second)
    store = desk.connect(desk.keys_url, owner=True)
    store.rows("UPDATE subject_keys SET wrapped = :w WHERE id = :id", w=wrapped, id=reference["key"])
    with pytest.raises(PartDamaged, match="another key"):
        casebook.vault.open([one])


@pytest.mark.parametrize("what", ["event", "subject", "part"])
def test_a_part_moved_with_its_row_never_opens_elsewhere(desk: Desk, what: str) -> None:
    """The whole row of a part, key and all, in the place of another: of another event of the same subject, of another
    subject, or under another part's id; and the events' references with it."""
    casebook = desk.casebook()
    kps = registered(casebook, CONTACT)
    record = casebook.record
    reason = {"on": DAY, "requested_by": "petugas"}

    def corrected(decision: Any) -> None:
        sealed = decision.seal(kps, {"reason": "Salah tulis", "contact": "Ibu Lain"})
        target = decision.event(kps, 1)
        correct(decision.load(Kps, kps), target, reason=sealed, fields=("contact",), value=sealed, **reason)

    record(command(name="record.correct"), corrected)
    other = registered(casebook, "Pak Anton 0813")
    rows = {row.stream + str(row.version): row for row in casebook.log.stored(0, 10)}
    here, there = rows[f"{kps}1"], rows[f"{kps}2" if what == "event" else f"{other}1"]
    mine, strange = (msgspec.json.decode(row.text)["parts"][0] for row in (here, there))
    ((box, key, subject),) = casebook.log.database.rows(
        "SELECT box, key, subject FROM parts WHERE id = :id", id=strange["id"]
    )
    text = here.text
    for field in ("sha256", "key", "commitment") + (("id",) if what == "part" else ()):
        text = text.replace(mine[field], strange[field])
    if what == "part":  # the event of this subject names the other's part itself
        as_owner(desk, "UPDATE parts SET position = :position WHERE id = :id", position=here.position, id=strange["id"])
    else:
        values = {"box": bytes(box), "key": key, "subject": subject, "id": mine["id"]}
        as_owner(desk, "UPDATE parts SET box = :box, key = :key, subject = :subject WHERE id = :id", **values)
    as_owner(desk, "UPDATE events SET text = :text WHERE position = :position", text=text, position=here.position)
    with pytest.raises(PartDamaged, match="does not open"):
        casebook.vault.open([strange["id"] if what == "part" else mine["id"]])
