"""Writes docs/reference/proof-vectors.json: ``python -m tests.service.proof_vectors``. Always the same bytes."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from service.log.notes import Checkpoint, Note, Signer, b64
from tests.house.tables import ROOT
from tests.service.audited import LOG, ORIGIN, POLICY, RECEIPTS, STRANGER, WITNESSES
from tests.service.test_tree import mth, path, subproof

PAGE = ROOT / "docs" / "reference" / "proof-vectors.json"
SIZES = (0, 1, 2, 3, 4, 5, 6, 7, 8, 255, 256, 257, 300)
INCLUSIONS = ((0, 1), (0, 2), (1, 2), (2, 3), (4, 7), (6, 7), (255, 256), (256, 257), (100, 300), (299, 300))
CONSISTENCIES = ((1, 1), (1, 2), (2, 3), (3, 7), (4, 7), (6, 8), (255, 257), (256, 300), (257, 300))
QUORUMS = ("none", "a", "dua", "semua")
SIGNED: tuple[tuple[str, ...], ...] = ((), ("a",), ("b",), ("a", "b"), ("b", "c"), ("a", "b", "c"))


def _id(number: int) -> str:
    return f"01890000-0000-7000-8000-{number:012d}"


def _leaves(size: int) -> list[bytes]:
    return [hashlib.sha256(b"\x00" + f"daun {index}".encode()).digest() for index in range(size)]


def _proofs() -> dict[str, Any]:
    leaves = _leaves(max(SIZES))
    return {
        "leaf_texts": "'daun 0', 'daun 1', 'daun 2' ...",
        "leaves": [leaf.hex() for leaf in leaves[:8]],
        "roots": [{"size": size, "root": mth(leaves[:size]).hex()} for size in SIZES],
        "inclusion": [
            {"index": index, "size": size, "proof": [b64(step) for step in path(index, leaves[:size])]}
            for index, size in INCLUSIONS
        ],
        "consistency": [
            {"first": one, "second": two, "proof": [b64(step) for step in subproof(one, leaves[:two], True)]}
            for one, two in CONSISTENCIES
        ],
    }


def _policies() -> list[dict[str, Any]]:
    found = []
    names = {name: Signer(f"{name}.example", name.encode() * 32, 4) for name in "abc"}
    text = Checkpoint(ORIGIN, 3, mth(_leaves(3))).text
    for quorum in QUORUMS:
        policy = f"# uji\nlog {LOG.key}\n" + "".join(f"witness {name} {one.key}\n" for name, one in names.items())
        policy += f"group dua 2 a b c\ngroup semua all a dua # bertingkat\nquorum {quorum}\n"
        for signed in SIGNED:
            note = Note(text, (LOG.sign(text), *(names[name].cosign(text, 1_700_000_000) for name in signed)))
            reached = {
                "none": True,
                "a": "a" in signed,
                "dua": len(signed) >= 2,
                "semua": "a" in signed and len(signed) >= 2,
            }[quorum]
            found.append({"policy": policy, "note": str(note), "signed": ["log", *signed], "reached": reached})
    return found


def _refused_policies() -> list[dict[str, str]]:
    one, other = (Signer(f"{name}.example", b"a" * 32, 4).key for name in "ab")
    log, earlier = f"log {LOG.key}\n", f"log {STRANGER.key} upto 5\n"
    cases = {
        "no log": "quorum none\n",
        "no quorum": log,
        "two logs without an end": log + log + "quorum none\n",
        "an earlier key behind the last": log + earlier + "quorum none\n",
        "no key without an end": earlier + "quorum none\n",
        "one key twice": f"log {LOG.key} upto 5\n{log}quorum none\n",
        "ends that do not rise": f"{earlier}log {Signer(ORIGIN, b'n' * 32).key} upto 5\n{log}quorum none\n",
        "an end at nothing": f"log {STRANGER.key} upto 0\n{log}quorum none\n",
        "keys of two names": f"log {Signer('wahana/71.01', b'n' * 32).key} upto 5\n{log}quorum none\n",
        "one key for two witnesses": f"{log}witness a {one}\nwitness b {other}\nquorum none\n",
        "a witness called any": f"{log}witness any {one}\nquorum any\n",
        "a quorum that comes later": f"{log}quorum a\nwitness a {one}\n",
        "a threshold that is no plain number": f"{log}witness a {one}\ngroup g +1 a\nquorum g\n",
        "a threshold above the members": f"{log}witness a {one}\ngroup g 2 a\nquorum g\n",
        "a witness's key as the log's": f"log {one}\nquorum none\n",
    }
    return [{"what": what, "policy": policy} for what, policy in cases.items()]


def _rotation() -> dict[str, Any]:
    """Two keys of one log: the earlier one signs sizes up to 5, the later one those above."""
    found = []
    for size in (5, 6):
        text = Checkpoint(ORIGIN, size, mth(_leaves(size))).text
        for signer, holds in ((STRANGER, size == 5), (LOG, size == 6)):
            found.append({"note": signer.note(text), "holds": holds})
    return {"policy": f"log {STRANGER.key} upto 5\nlog {LOG.key}\nquorum none\n", "checkpoints": found}


def _event(position: int, stream: int, version: int, command: int, **more: Any) -> dict[str, Any]:
    return {
        "by": "akun-1", "command": _id(900 + command), "id": _id(position), "on": "2026-03-02", "position": position,
        "recorded": f"2026-03-02T01:00:0{command}.000000Z", "schema": 1, "source": "api", "stream": _id(100 + stream),
        "topic": "kps.registered", "version": version, **more,
    }  # fmt: skip


def bundle_members(second: str = "akun-4") -> dict[str, list[Any]]:
    """A tiny log of ten events, the last of which destroys the key of the second: its lines by member, tiles as hex.
    ``second`` gives the second approval of it."""
    box, key, gone = b"kotak", _id(301), _id(302)

    def part(number: int, of: str) -> dict[str, str]:
        return {"id": _id(200 + number), "key": of, "commitment": "c" * 64, "sha256": hashlib.sha256(box).hexdigest()}

    events = [
        _event(1, 1, 1, 1, contact={"part": _id(201)}, name='Arisan é "Huyula"', parts=[part(1, key)]),
        _event(2, 2, 1, 2, topic="beneficiary.registered", contact={"part": _id(202)}, parts=[part(2, gone)]),
        _event(3, 3, 1, 2),
        _event(4, 1, 2, 3, topic="kps.ended"),
        _event(5, 4, 1, 4, topic="destruction.proposed", proposed_by="akun-2",
               subjects=[{"began": "2014-01-01", "ends": "2019-01-01", "id": _id(102)}]),
        _event(6, 4, 2, 5, topic="destruction.approved", approved_by="akun-3"),
        _event(7, 4, 3, 6, topic="destruction.approved", approved_by=second),
        _event(8, 4, 4, 7, topic="destruction.minutes_recorded", berita_acara="1/BA", dated="2026-03-01"),
        _event(9, 4, 5, 8, topic="destruction.begun"),
        _event(10, 2, 2, 9, topic="subject.key_destroyed", destruction=_id(104), keys=[gone]),
    ]  # fmt: skip
    texts = [json.dumps(one, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for one in events]
    leaves = [hashlib.sha256(b"\x00" + text.encode()).digest() for text in texts]
    names = ("position", "stream", "version", "topic", "schema", "recorded", "command")
    text = Checkpoint(ORIGIN, 4, mth(leaves[:4])).text
    note = str(Note(text, (LOG.sign(text), WITNESSES["bpk"].cosign(text, 1_700_000_000))))
    commands = [(1, 1, 1), (2, 2, 2), *((number, number + 1, 1) for number in range(3, 10))]
    about = {"format": "wahana-casebook/1", "origin": ORIGIN, "events": 10, "exported": "2026-03-03T00:00:00.000000Z"}
    return {
        "manifest.json": [json.dumps({**about, "parts": "none"})],
        "code-systems.json": ["{}"],
        "events.ndjson": texts,
        "columns.ndjson": [
            json.dumps([*(one[name] for name in names), leaf.hex()]) for one, leaf in zip(events, leaves, strict=True)
        ],
        "commands.ndjson": [
            json.dumps([_id(900 + n), "akun-1", "kps.register", first, count, f"2026-03-02T01:00:0{n}.000000Z"])
            for n, first, count in commands
        ],
        "parts.ndjson": [json.dumps([_id(201), 1, _id(101), key, hashlib.sha256(box).hexdigest()])],
        "keys.ndjson": [json.dumps([key, _id(101), "c" * 64])],
        "checkpoints.ndjson": [json.dumps({"size": 4, "sealed": "2026-03-02T02:00:00.000000Z", "note": note})],
        "tile/0/000.p/10": [b"".join(leaves).hex()],
    }


def _bundle() -> dict[str, Any]:
    members = bundle_members()
    events, columns = members["events.ndjson"], members["columns.ndjson"]
    edited = [events[0].replace("Huyula", "Huyulo"), *events[1:]]
    alike = {name: lines for name, lines in bundle_members("akun-3").items() if lines != members[name]}
    moved = [members["parts.ndjson"][0].replace(", 1,", ", 3,")]
    cases = [
        ("honest", {}, 0, []),
        ("an edited text", {"events.ndjson": edited}, 3, [["leaf", 1, 1], ["tile", 1, 10], ["checkpoint", 1, 4]]),
        ("a column", {"columns.ndjson": [columns[0], columns[1].replace("registered", "ended"), *columns[2:]]}, 3,
         [["column", 2, 2]]),
        ("no event 3", {"events.ndjson": [*events[:2], *events[3:]], "columns.ndjson": [*columns[:2], *columns[3:]]}, 3,
         [["gap", 3, 3], ["command", 2, 3], ["count", 0, 0], ["tile", 1, 10], ["checkpoint", 1, 4]]),
        ("a moved part", {"parts.ndjson": moved}, 3, [["part", 1, 1], ["part", 3, 3]]),
        ("no key", {"keys.ndjson": []}, 3, [["key", 1, 1]]),
        ("no witness", {"checkpoints.ndjson": [_without_witness(members["checkpoints.ndjson"][0])]}, 3, [["quorum", 0, 0]]),
        ("approved twice by one", alike, 3, [["part", 2, 2], ["key", 2, 2]]),
        ("the tail cut", {name: members[name][:-1] for name in ("events.ndjson", "columns.ndjson", "commands.ndjson")}, 3,
         [["count", 0, 0], ["part", 2, 2], ["key", 2, 2], ["tile", 1, 9], ["tile", 0, 0]]),
    ]  # fmt: skip
    told = [
        {"what": what, "changed": changed, "exit": code, "differences": sorted(found)}
        for what, changed, code, found in cases
    ]
    return {"about": "lines of each member; a tile in hex", "policy": POLICY, "members": members, "cases": told}


def _without_witness(line: str) -> str:
    given = json.loads(line)
    lines = given["note"].splitlines(keepends=True)
    return json.dumps({**given, "note": "".join(lines[:5])})


def vectors() -> dict[str, Any]:
    """All of them."""
    text = Checkpoint(ORIGIN, 3, mth(_leaves(3))).text
    receipt = (
        f"wahana-receipt/v1\n{ORIGIN}\n{_id(1)}\n2026-03-02T01:00:00.000000Z\n7 {_id(2)} {b64(_leaves(1)[0])}\n"
        f"8 {_id(3)} {b64(_leaves(2)[1])}\n"
    )
    signed = Signer(RECEIPTS.key.name, b"r" * 32).note(receipt)
    bad = {
        "a stranger's key of the same name": [STRANGER.note(text), False],
        "a text that was changed": [LOG.note(text).replace("\n3\n", "\n4\n"), None],
        "no empty line": [LOG.note(text).replace("\n\n", "\n"), None],
    }
    return {
        "about": "Test vectors of docs/reference/proof-format.md. Seeds, leaves and roots are hexadecimal.",
        "tree": _proofs(),
        "keys": [
            {"name": one.key.name, "type": one.key.kind, "seed": seed.hex(), "verifier_key": str(one.key)}
            for one, seed in ((LOG, b"l" * 32), (WITNESSES["bpk"], b"b" * 32))
        ],
        "checkpoint": {"key": str(LOG.key), "text": text, "note": LOG.note(text)},
        "cosignature": {
            "key": str(WITNESSES["bpk"].key), "time": 1_700_000_000,
            "line": str(WITNESSES["bpk"].cosign(text, 1_700_000_000)),
        },
        "notes": [{"what": what, "note": note, "signed": result} for what, (note, result) in bad.items()],
        "policies": _policies(),
        "refused_policies": _refused_policies(),
        "rotation": _rotation(),
        "receipt": {"key": str(RECEIPTS.key), "text": receipt, "note": signed},
        "draws": [{"seed": "undian 2026", "events": events, "positions": _draws(events)} for events in (3, 1000)],
        "bundle": _bundle(),
    }  # fmt: skip


def _draws(events: int) -> list[int]:
    found: list[int] = []
    for number in range(100):
        digest = hashlib.sha256(f"undian 2026\n{number}".encode()).hexdigest()
        position = 1 + int(digest, 16) % events
        if position not in found:
            found.append(position)
    return found[:10]


def text() -> str:
    return json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PAGE.write_text(text(), "utf-8")
