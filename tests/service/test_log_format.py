"""docs/reference/log-format.md and its vectors: recomputed with nothing of ours, and equal to what our code writes."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap

from domain.aggregate import ENVELOPE, Event
from domain.sealed import Evidence, PartRef
from service.log import codec, files, keys, vault
from service.log.files import FileHead
from service.log.tokens import TokenKey
from tests.service.casebooks import Desk

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "log-format.md"
VECTORS: dict[str, Any] = json.loads(PAGE.with_name("log-vectors.json").read_text("utf-8"))
EVENTS = VECTORS["events"]


def raw(value: str) -> bytes:
    return bytes.fromhex(value)


@pytest.mark.parametrize("event", EVENTS)
def test_a_text_is_canonical_and_hashes_to_its_leaf(event: dict[str, str]) -> None:
    text = event["text"]
    read = json.loads(text)
    assert text == json.dumps(read, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(b"\x00" + text.encode("utf-8")).hexdigest() == event["leaf"]


def test_a_part_opens_with_its_key_and_nothing_but_the_right_associated_data() -> None:
    part = VECTORS["part"]
    box, key = raw(part["box"]), raw(part["key"])
    bound = "\n".join([part["part"], part["event"], str(part["version"]), part["key_id"]])
    assert bound == part["associated_data"]
    assert box[:12] == raw(part["nonce"])
    assert AESGCM(key).decrypt(box[:12], box[12:], bound.encode()) == part["plaintext"].encode()
    assert hashlib.sha256(box).hexdigest() == part["sha256"]
    assert hashlib.sha256(b"wahana key commitment\x00" + key).hexdigest() == part["commitment"]


def test_the_first_event_names_the_part_and_the_file_of_the_vectors() -> None:
    event, part, file = json.loads(EVENTS[0]["text"]), VECTORS["part"], VECTORS["file"]
    named = {"id": part["part"], "key": part["key_id"], "commitment": part["commitment"], "sha256": part["sha256"]}
    assert event["parts"] == [named]
    assert event["contact"] == {"part": part["part"]}
    assert (event["id"], event["version"]) == (part["event"], part["version"])
    assert event["evidence"][0]["file"] == file["file"]
    assert event["evidence"][0]["sha256"] == file["sha256"]


def test_a_key_is_wrapped_and_its_label_sealed_by_the_master_key() -> None:
    key = VECTORS["key"]
    master, box = raw(key["master"]), raw(key["label_box"])
    assert aes_key_wrap(master, raw(key["key"])) == raw(key["wrapped"])
    assert aes_key_unwrap(master, raw(key["wrapped"])) == raw(key["key"])
    assert hashlib.sha256(b"wahana master key id\x00" + master).hexdigest()[:16] == key["master_id"]
    assert box[:12] == raw(key["label_nonce"])
    assert AESGCM(master).decrypt(box[:12], box[12:], key["key_id"].encode()).decode() == key["label"]


def test_a_token_and_a_fingerprint_are_keyed_hashes() -> None:
    tokens = VECTORS["tokens"]
    key = raw(tokens["key"])
    for one in tokens["token"]:
        assert hmac.digest(key, b"token\x00" + one["text"].encode(), "sha256")[:16] == raw(one["digest"])
    for one in tokens["fingerprint"]:
        assert hmac.digest(key, b"command\x00" + one["asked"].encode(), "sha256") == raw(one["digest"])


def test_a_file_opens_chunk_by_chunk() -> None:
    file = VECTORS["file"]
    boxes, pieces = [], []
    for number, chunk in enumerate(file["chunks"]):
        box = raw(chunk["box"])
        bound = "\n".join([file["file"], file["key_id"], str(number), str(len(file["chunks"]))])
        assert (bound, box[:12]) == (chunk["associated_data"], raw(chunk["nonce"]))
        boxes.append(box)
        pieces.append(AESGCM(raw(file["key"])).decrypt(box[:12], box[12:], bound.encode()))
    head, content = json.loads(pieces[0]), b"".join(pieces[1:])
    assert content.decode() == file["content"]
    assert (head["size"], head["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert hashlib.sha256(b"".join(boxes)).hexdigest() == file["sha256"]


def test_our_code_writes_what_the_vectors_say(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for event in EVENTS:
        read = codec.decode(json.loads(event["text"])["topic"], event["text"])
        assert codec.canonical(read) == event["text"]
        prepared = codec.prepare(read.stream, read.version, read.topic, codec.template(read))
        assert prepared.text(read.position, read.recorded) == event["text"]
        assert codec.leaf_hash(event["text"]).hex() == event["leaf"]
    part, key, file = VECTORS["part"], VECTORS["key"], VECTORS["file"]
    store = keys.KeyStore(desk.keys().database, raw(key["master"]))
    monkeypatch.setattr(store, "key_for", lambda *_: (part["key_id"], raw(part["key"])))
    nonces = [part["nonce"], *(chunk["nonce"] for chunk in file["chunks"]), key["label_nonce"]]
    monkeypatch.setattr("os.urandom", lambda _: raw(nonces.pop(0)))
    pending = vault.Pending(part["part"], "s", vault.GENERAL, json.loads(part["plaintext"]))
    reference, stored = vault.Vault(store.database, store).seal(pending, part["event"], part["version"], 0)
    assert (stored.box.hex(), reference.sha256) == (part["box"], part["sha256"])
    assert reference.commitment == keys.commitment(raw(part["key"])) == part["commitment"]
    sealer = files.Files(store.database, store)
    for number, chunk in enumerate(file["chunks"]):
        arguments = (raw(file["key"]), file["file"], file["key_id"], number, len(file["chunks"]))
        assert sealer._seal(*arguments, raw(chunk["plaintext_hex"])).hex() == chunk["box"]
    assert store._seal_label(key["key_id"], key["label"]).hex() == key["label_box"]
    assert store.master_id == key["master_id"]
    token_key = TokenKey(raw(VECTORS["tokens"]["key"]))
    for one in VECTORS["tokens"]["token"]:
        assert token_key.digest(one["text"]).hex() == one["digest"]
    for one in VECTORS["tokens"]["fingerprint"]:
        assert token_key.fingerprint(one["asked"].encode()).hex() == one["digest"]
    assert nonces == []


def rows_under(heading: str) -> list[str]:
    """The names in the first column of the table under a heading of the page."""
    section = PAGE.read_text("utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `([a-z_0-9]+)` \|", section, re.MULTILINE)


@pytest.mark.parametrize(
    ("heading", "structure"),
    [
        ("The envelope", Event),
        ("Part references", PartRef),
        ("Evidence", Evidence),
        ("Files", FileHead),
    ],
)
def test_the_page_names_every_member(heading: str, structure: type[msgspec.Struct]) -> None:
    assert rows_under(heading) == list(structure.__struct_fields__)


def test_the_page_names_every_table_and_column(desk: Desk) -> None:
    page = PAGE.read_text("utf-8")
    owner = desk.owner()
    for table in (
        "events",
        "commands",
        "parts",
        "tokens",
        "reservations",
        "files",
        "file_chunks",
        "file_claims",
        "destroyed_keys",
    ):
        if owner.engine == "sqlite":
            columns = [row[1] for row in owner.rows(f"PRAGMA table_info({table})")]
        else:
            columns = [
                row[0]
                for row in owner.rows(
                    "SELECT column_name FROM information_schema.columns WHERE table_name = :t ORDER BY ordinal_position",
                    t=table,
                )
            ]
        listed = re.search(rf"^\| `{table}` \| (.+?) \|", page, re.MULTILINE)
        assert listed, table
        assert re.findall(r"`([a-z_0-9]+)`", listed[1]) == columns
    assert len(ENVELOPE) == len(Event.__struct_fields__)
