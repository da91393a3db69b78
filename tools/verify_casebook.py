#!/usr/bin/env python3
"""Checks a casebook that Wahana exported, without Wahana.

    python verify_casebook.py casebook.zip --policy office.policy
           [--checkpoint FILE]... [--receipt FILE]... [--shred-list FILE] [--witnessed-upto POSITION]
           [--sample N --seed TEXT] [--json]
    python verify_casebook.py --policy office.policy --receipt FILE [--receipt FILE]... [--json]

Needs Python 3.9 or newer and the package `cryptography`. Nothing of the bundle is executed, imported or unpacked to disk.
What it checks, and why that is enough, stands in docs/reference/proof-format.md; this program was written from that page.
`--checkpoint` is a checkpoint that the auditor or a witness kept; `--receipt` a receipt that somebody was given;
`--shred-list` the office's list of what was destroyed. Without a casebook the signatures of receipts are checked, and held
against no log.

Exit codes: 0 nothing that was checked differs, 3 something differs, 1 it could not be checked.
"""

# ruff: noqa: B905 - zip has no strict in Python 3.9

from __future__ import annotations

import argparse
import base64
import contextlib
import dataclasses
import hashlib
import io
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "wahana-casebook/1"
DESTROYED = "subject.key_destroyed"
LARGEST = 2**53
LONGEST_LINE = 4 * 2**20  # bytes; a box holds a few kilobytes, a text less
LONGEST_NOTE = 2**20
LONGEST_LIST = 2**26
MOST_MISSING = 100_000  # positions of a bundle; more are wrong numbers rather than missing events
MOST_TOLD = 2_000  # differences kept word by word; the others are counted
MOST_DRAWN = 10_000
MOST_DESTROYED = 200  # events by which keys were destroyed that are told word by word, of either kind; JSON tells all
MOST_RANGES = 20
APPROVALS = 2  # of a destruction, by others than who proposed it
COPIES = ("stream", "version", "topic", "schema", "recorded", "command")
LISTED = frozenset(
    "askers bases channels checks compartments destinations fates figures givers grounds grounds_list items kinds listing"
    " matches needs offices origins outcomes papers_list purposes reasons relations requesters restrictions risks roles"
    " scale services signal_list signatories spm triggers types units urgencies ways".split()
)  # members of an event that, where they are texts, name the version of a list
NDJSON = ("events", "columns", "commands", "parts", "keys", "checkpoints")
NEEDED = {"manifest.json", "code-systems.json", *(f"{name}.ndjson" for name in NDJSON)}
DAMAGED = (OSError, zipfile.BadZipFile, zlib.error, ValueError, EOFError, NotImplementedError, RuntimeError)
STORED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
OPTIONAL = ("boxes.ndjson", "opened.ndjson")
TILE = re.compile(r"tile/([0-7])/((?:x[0-9]{3}/){0,4}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)
UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")  # would command the terminal
NOT_HELD = (
    "apakah catatan memuat peristiwa ini pada posisinya: tidak dicocokkan dengan ekspor atau titik periksa mana pun",
    "apakah kunci itu milik kantor: hanya menurut kebijakan yang diberikan",
)
DECIMAL = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


class Unreadable(Exception):
    """It cannot be checked; the sentence says why."""


class Altered(ValueError):
    """A line of a known key does not hold for the text that it stands under."""


def unbase64(text: str) -> bytes:
    """Standard base64 with padding, in its one spelling. Raises ``ValueError``."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ValueError("bukan base64") from error
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64 yang tidak baku")
    return data


def parsed(text: bytes) -> Any:
    """What a JSON text says; None when it is not one."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


# The tree (RFC 9162, section 2.1)


def leaf_hash(text: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + text).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """Leaves in order, 32 bytes each; the roots at the sizes in ``wanted`` are taken as they are passed."""

    def __init__(self, wanted: Iterable[int] = ()) -> None:
        self.leaves = bytearray()
        self.roots: dict[int, bytes] = {}
        self._wanted = set(wanted)
        self._peaks: list[bytes] = []
        self._keep()

    @property
    def size(self) -> int:
        return len(self.leaves) // 32

    def add(self, leaf: bytes) -> None:
        number = self.size
        self.leaves += leaf
        while number & 1:
            leaf = node_hash(self._peaks.pop(), leaf)
            number >>= 1
        self._peaks.append(leaf)
        self._keep()

    def leaf(self, position: int) -> bytes:
        return bytes(self.leaves[32 * (position - 1) : 32 * position])

    def root(self) -> bytes:
        if not self._peaks:
            return hashlib.sha256().digest()
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root

    def _keep(self) -> None:
        if self.size in self._wanted:
            self.roots[self.size] = self.root()


def root_of(leaves: Sequence[bytes]) -> bytes:
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def tile_path(level: int, number: int, width: int) -> str:
    path = f"{number % 1000:03d}"
    while number := number // 1000:
        path = f"x{number % 1000:03d}/{path}"
    return f"tile/{level}/{path}" + ("" if width == 256 else f".p/{width}")


def tiles_of(leaves: bytes) -> Iterator[tuple[str, int, int, bytes]]:
    """Every tile of the tree over these leaves: its path, its first and last position, its bytes."""
    hashes, level, span = leaves, 0, 1
    total = len(leaves) // 32
    while hashes:
        above = bytearray()
        for start in range(0, len(hashes), 8192):
            tile = hashes[start : start + 8192]
            first = start // 32 * span
            last = min(total, first + len(tile) // 32 * span)
            yield tile_path(level, start // 8192, len(tile) // 32), first + 1, last, tile
            if len(tile) == 8192:
                above += root_of([tile[at : at + 32] for at in range(0, 8192, 32)])
        hashes, level, span = bytes(above), level + 1, span * 256


# Keys, notes, checkpoints, receipts


@dataclasses.dataclass(frozen=True)
class Key:
    """A verifier key: its name, its type (1 a signature over the text, 4 a cosignature), its hash and the public key."""

    name: str
    kind: int
    hash: bytes
    public: bytes

    def holds(self, signature: bytes, message: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def text(self) -> str:
        """The key as a policy writes it."""
        return f"{self.name}+{self.hash.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"


def read_key(text: str, kind: int) -> Key:
    """A key as a policy writes it. Raises ``ValueError``."""
    name, given, data = text.split("+", 2)
    raw = unbase64(data)
    if not name or any(one.isspace() or ord(one) < 33 for one in name) or len(raw) != 33 or raw[0] != kind:
        raise ValueError("bukan kunci jenis ini")
    computed = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if given != computed.hex():
        raise ValueError("sidik kuncinya bukan miliknya")
    return Key(name, kind, computed, raw[1:])


def open_note(note: str, keys: Iterable[Key]) -> tuple[str, dict[Key, int | None]]:
    """The text of a note and the keys among ``keys`` that signed it, with the time of a cosignature.

    Raises ``ValueError`` when it is no note, `Altered` when a line of a known key does not hold.
    """
    known = {(key.name, key.hash): key for key in keys}
    text, gap, lines = note.rpartition("\n\n")
    if not gap or not lines.endswith("\n") or len(note) > LONGEST_NOTE:
        raise ValueError("bukan nota bertanda tangan")
    text += "\n"
    signed: dict[Key, int | None] = {}
    for line in lines[:-1].split("\n"):
        dash, name, data = ([*line.split(" "), "", ""])[:3]
        raw = unbase64(data)
        if dash != "\u2014" or not name or "+" in name or len(line.split(" ")) != 3 or len(raw) < 5:
            raise ValueError("bukan baris tanda tangan")
        key = known.get((name, raw[:4]))
        if key is None:
            continue
        time, message, signature = None, text.encode(), raw[4:]
        if key.kind == 4:
            time, signature = int.from_bytes(raw[4:12], "big"), raw[12:]
            message = f"cosignature/v1\ntime {time}\n{text}".encode()
        if not key.holds(signature, message):
            raise Altered(f"tanda tangan {name} tidak sah")
        signed[key] = time
    return text, signed


@dataclasses.dataclass(frozen=True)
class Policy:
    """Whose signatures count. ``earlier`` are the log's keys before this one, each with the last size it signed."""

    log: Key
    earlier: tuple[tuple[Key, int], ...]
    receipts: Key | None
    witnesses: dict[str, Key]
    groups: dict[str, tuple[int, tuple[str, ...]]]
    quorum: str

    def log_keys(self) -> set[Key]:
        return {self.log, *(key for key, _ in self.earlier)}

    def signer(self, size: int) -> Key:
        """The log's key for checkpoints of this size."""
        return next((key for key, end in self.earlier if size <= end), self.log)

    def reached(self, signed: Iterable[Key]) -> bool:
        """Whether the quorum is reached by these keys."""
        given = set(signed)

        def counts(name: str) -> bool:
            if name in self.witnesses:
                return self.witnesses[name] in given
            least, members = self.groups[name]
            return sum(counts(member) for member in members) >= least

        return self.quorum == "none" or counts(self.quorum)


def read_policy(text: str) -> Policy:
    """Raises `Unreadable` with the number of the line that is not understood."""
    single: dict[str, Any] = {}
    earlier: list[tuple[Key, int]] = []
    witnesses: dict[str, Key] = {}
    groups: dict[str, tuple[int, tuple[str, ...]]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            kind, rest = words[0], words[1:]
            new = rest[:1] and rest[0] not in ("none", "any", "all", *witnesses, *groups)
            if kind in ("log", "receipts") and len(rest) == 1 and kind not in single:
                single[kind] = read_key(rest[0], 1)
            elif kind == "log" and len(rest) == 3 and rest[1] == "upto" and "log" not in single:
                earlier.append((read_key(rest[0], 1), whole(rest[2])))
                if earlier[-1][1] <= max((end for _, end in earlier[:-1]), default=0):
                    raise ValueError("tidak lebih besar daripada yang sebelumnya")
            elif kind == "witness" and len(rest) == 2 and new:
                key = read_key(rest[1], 4)
                if key.public in {one.public for one in witnesses.values()}:
                    raise ValueError("satu kunci untuk dua saksi")
                witnesses[rest[0]] = key
            elif kind == "group" and len(rest) >= 3 and new:
                members = tuple(rest[2:])
                least = {"any": 1, "all": len(members)}.get(rest[1]) or whole(rest[1])
                unknown = [one for one in members if one not in witnesses and one not in groups]
                if unknown or len(set(members)) != len(members) or not 1 <= least <= len(members):
                    raise ValueError("kelompok yang tidak mungkin")
                groups[rest[0]] = (least, members)
            elif kind == "quorum" and len(rest) == 1 and kind not in single:
                if rest[0] != "none" and rest[0] not in witnesses and rest[0] not in groups:
                    raise ValueError("kuorum yang belum disebut")
                single[kind] = rest[0]
            else:
                raise ValueError("tidak dipahami")
        except ValueError as error:
            raise Unreadable(f"kebijakan, baris {number}: tidak dapat dibaca ({error})") from None
    if "log" not in single or "quorum" not in single:
        raise Unreadable("kebijakan: harus ada satu baris log dan satu baris quorum")
    policy = Policy(single["log"], tuple(earlier), single.get("receipts"), witnesses, groups, single["quorum"])
    if len(policy.log_keys()) <= len(earlier) or len({key.name for key in policy.log_keys()}) > 1:
        raise Unreadable("kebijakan: kunci catatan harus senama dan berlainan")
    return policy


def whole(text: str) -> int:
    if not DECIMAL.fullmatch(text):
        raise ValueError("bukan bilangan")
    return int(text)


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """A checkpoint whose signatures hold. ``own`` is the file the auditor gave, empty for one of the bundle."""

    size: int
    root: bytes
    signed: dict[Key, int | None]
    own: str = ""

    def name(self) -> str:
        return f"titik periksa {self.size}" + (f" ({self.own})" if self.own else "")


def read_checkpoint(note: str, policy: Policy, own: str = "") -> Checkpoint:
    """Raises ``ValueError`` when it is no checkpoint of this log, or when a signature that counts does not hold.

    A checkpoint of the auditor's own was once signed by a key of the log, whatever size the policy gives that key today.
    """
    if own:  # an editor or a mail gives and takes ends of lines; none of it is under the signature
        note = note.replace("\r\n", "\n").strip() + "\n"
    text, signed = open_note(note, [*policy.log_keys(), *policy.witnesses.values()])
    lines = text.split("\n")
    if len(lines) != 4 or lines[0] != policy.log.name:
        raise ValueError("bukan titik periksa catatan ini")
    size, root = whole(lines[1]), unbase64(lines[2])
    if len(root) != 32 or not (policy.log_keys() if own else {policy.signer(size)}) & signed.keys():
        raise ValueError("tidak ditandatangani oleh kunci catatan untuk ukuran ini")
    return Checkpoint(size, root, signed, own)


@dataclasses.dataclass(frozen=True)
class Receipt:
    """What a receipt says: command, time, and position, event id and leaf of each event."""

    name: str
    command: str
    recorded: str
    events: tuple[tuple[int, str, bytes], ...]


def read_receipt(note: str, policy: Policy, name: str) -> Receipt:
    """Raises ``ValueError`` when it is no receipt of this log, or not signed by the key of receipts.

    Space around it is no alteration: who reads a QR code with a telephone loses or gains some at its end.
    """
    if policy.receipts is None:
        raise ValueError("kebijakan tidak menyebut kunci tanda terima")
    text, signed = open_note(note.replace("\r\n", "\n").strip() + "\n", [policy.receipts])
    head, origin, command, recorded, *lines = text[:-1].split("\n")
    if not signed or head != "wahana-receipt/v1" or origin != policy.log.name or not lines:
        raise ValueError("bukan tanda terima catatan ini yang bertanda tangan")
    events = []
    for line in lines:
        position, event, leaf = line.split(" ")
        if len(unbase64(leaf)) != 32:
            raise ValueError("bukan baris tanda terima")
        events.append((whole(position), event, unbase64(leaf)))
    return Receipt(name, command, recorded, tuple(events))


# Destruction


@dataclasses.dataclass
class Decision:
    """A decision to destroy, as far as the log has told it."""

    proposer: str | None = None
    subjects: frozenset[str] = frozenset()
    approvers: set[str] = dataclasses.field(default_factory=set)
    steps: set[str] = dataclasses.field(default_factory=set)

    def take(self, event: dict[str, Any]) -> None:
        step = str(event.get("topic")).partition(".")[2]
        self.steps.add(step)
        if step == "proposed":
            self.proposer = str(event.get("proposed_by"))
            self.subjects = frozenset(one["id"] for one in references(event.get("subjects")))
        elif step == "approved":
            self.approvers.add(str(event.get("approved_by")))

    def fault(self, person: str) -> str:
        """Why nothing of this person could be destroyed by it yet; empty when it could."""
        for wrong, what in (
            (self.proposer is None, "keputusannya tidak ada di dalam catatan sebelum itu"),
            (person not in self.subjects, "keputusannya tidak menyebut orang itu"),
            (len(self.approvers - {self.proposer}) < APPROVALS, "keputusannya tidak disetujui dua orang selain pengusul"),
            ("refused" in self.steps, "keputusannya ditolak"),
            ("minutes_recorded" not in self.steps, "keputusannya tanpa berita acara"),
            ("begun" not in self.steps, "keputusannya belum dilaksanakan"),
        ):
            if wrong:
                return what
        return ""


@dataclasses.dataclass
class Destroying:
    """An event that says keys were destroyed. ``fault`` is why the log does not bear it out, ``lacks`` what it excuses."""

    position: int
    stream: str
    destruction: str
    keys: tuple[str, ...]
    fault: str = ""
    listed: bool = False  # borne out by the shred list that was given, and by nothing in the log
    lacks: list[tuple[int, str]] = dataclasses.field(default_factory=list)

    def sentence(self) -> str:
        where = ranges(sorted({position for position, _ in self.lacks}))
        return (
            f"posisi {self.position} (aliran {self.stream}, keputusan {self.destruction}) memusnahkan: "
            f"{len(self.lacks)} bagian atau kunci tidak ada karenanya, dari posisi {where}"
        )


def ranges(positions: Sequence[int]) -> str:
    """Positions in words; beyond `MOST_RANGES` stretches only how many more there are."""
    found: list[list[int]] = []
    for position in positions:
        if found and found[-1][1] == position - 1:
            found[-1][1] = position
        else:
            found.append([position, position])
    words = [str(first) if first == last else f"{first}-{last}" for first, last in found[:MOST_RANGES]]
    return ", ".join(words) + (f" dan {len(found) - MOST_RANGES} tempat lain" if len(found) > MOST_RANGES else "")


def read_shred_list(text: str, path: str) -> set[tuple[str, str, str]]:
    """Destruction, person and key of every line of a shred list. Raises `Unreadable` when a line's hash does not fit."""
    found, before = set(), "0" * 64
    for number, line in enumerate(text.split("\n")[:-1], 1):  # what follows the last line feed was torn
        digest, _, entry = line.partition(" ")
        read = parsed(entry.encode())
        if hashlib.sha256(f"{before}\n{entry}".encode()).hexdigest() != digest or not isinstance(read, dict):
            raise Unreadable(f"{path}, baris {number}: daftar pemusnahan diubah, atau baris sebelumnya hilang")
        keys = read.get("keys")
        names = (str(read.get("destruction")), str(read.get("subject")))
        found.update((*names, str(key)) for key in (keys if isinstance(keys, list) else []))
        before = digest
    return found


# The bundle


class Bundle:
    """A ZIP file that somebody else made: names, sizes and places are looked at before anything is read."""

    def __init__(self, path: str) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
            members = self._zip.infolist()
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise Unreadable(f"berkas ekspor tidak dapat dibuka: {error}") from None
        self.names = {member.filename for member in members}
        if len(self.names) != len(members):
            raise Unreadable("berkas ekspor memuat satu nama dua kali")
        end = 0
        for member in sorted(members, key=lambda one: one.header_offset):
            name, size, packed = member.filename, member.file_size, member.compress_size
            tile = TILE.fullmatch(name)
            for wrong, what in (
                (not tile and name not in NEEDED and name not in OPTIONAL, "nama yang tidak dikenal"),
                (member.flag_bits & 1 or member.compress_type not in STORED, "cara penyimpanan yang tidak dikenal"),
                (member.header_offset < end, "bertumpang tindih dengan isi lain"),
                (size > 2**20 and size > 250 * packed, "mengembang secara tidak wajar"),
                (tile and size > 8192, "terlalu besar"),
            ):
                if wrong:
                    raise Unreadable(f"berkas ekspor, {name!r}: {what}")
            end = member.header_offset + 30 + len(name) + packed
        if NEEDED - self.names:
            raise Unreadable(f"berkas ekspor tidak lengkap: {', '.join(sorted(NEEDED - self.names))}")
        self.manifest = parsed(self.read("manifest.json"))
        self.codes = parsed(self.read("code-systems.json"))
        if self.codes is None:
            raise Unreadable("code-systems.json: bukan JSON")
        if not isinstance(self.manifest, dict) or self.manifest.get("format") != FORMAT:
            raise Unreadable("bentuk berkas ekspor tidak dikenal")

    @contextlib.contextmanager
    def _opened(self, name: str) -> Iterator[Any]:
        try:
            member: Any = self._zip.open(name)
            with io.BufferedReader(member, 2**18) as lines:  # which gives them three times as fast
                yield lines
        except DAMAGED as error:
            raise Unreadable(f"{name}: {error}") from None

    def read(self, name: str, most: int = 64 * 2**20) -> bytes:
        with self._opened(name) as member:
            data: bytes = member.read(most + 1)
        if len(data) > most:
            raise Unreadable(f"{name}: terlalu besar")
        return data

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a member, without their line feeds."""
        with self._opened(name) as member:
            while line := member.readline(LONGEST_LINE):
                if not line.endswith(b"\n"):
                    raise Unreadable(f"{name}: baris yang terlalu panjang atau terpotong")
                yield line[:-1]

    def rows(self, name: str, *kinds: type, names: Sequence[str] = ()) -> Iterator[list[Any]]:
        """The lines of a member as arrays whose members are of these types; of an object those that have these names."""
        for number, line in enumerate(self.lines(name), 1):
            row = parsed(line)
            if names and isinstance(row, dict):
                row = [row.get(one) for one in names]
            if not isinstance(row, list) or list(map(type, row)) != list(kinds):
                raise Unreadable(f"{name}, baris {number}: bentuknya tidak dikenal")
            yield row


class Rows:
    """Rows in the order of their positions, taken as an event passes."""

    def __init__(self, rows: Iterator[list[Any]], place: int) -> None:
        self._rows, self._place = rows, place
        self._next = next(rows, None)

    def upto(self, position: int) -> Iterator[list[Any]]:
        """The next rows whose position is not above this one."""
        while self._next is not None and self._next[self._place] <= position:
            row, self._next = self._next, next(self._rows, None)
            yield row


def whole_number(digits: str) -> int:
    if len(digits) > 17 or not -LARGEST < int(digits) < LARGEST:
        raise ValueError("terlalu besar")
    return int(digits)


def no_number(_: str) -> None:
    raise ValueError("bukan bilangan bulat")


DECODER = json.JSONDecoder(parse_int=whole_number, parse_float=no_number, parse_constant=no_number)
CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read_text(line: bytes) -> dict[str, Any] | None:
    """The members of a canonical text; None when it is not one."""
    try:
        text = line.decode("utf-8")
        read = DECODER.decode(text)
        canonical = CANONICAL.encode(read)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) and canonical == text else None


def references(given: Any) -> Iterator[dict[str, str]]:
    """References to parts or files as the text has them; what is missing or no text is empty, and so fits nothing."""
    for one in given if isinstance(given, list) else []:
        one = one if isinstance(one, dict) else {}
        yield {name: str(one.get(name) or "") for name in ("id", "key", "commitment", "sha256")}


def versions_in(codes: Any) -> set[tuple[str, str]]:
    """What code-systems.json holds: name and version of each instrument, and under no name the versions of lists."""
    codes = codes if isinstance(codes, dict) else {}
    lists, forms = (codes.get(name) if isinstance(codes.get(name), list) else [] for name in ("lists", "instruments"))
    held = [one.get("versions") for one in lists if isinstance(one, dict)]
    versions = [version for one in held if isinstance(one, list) for version in one if isinstance(version, dict)]
    found = {("", str(one.get("version"))) for one in versions}
    return found | {(str(one.get("code")), str(one.get("version"))) for one in forms if isinstance(one, dict)}


def versions_named(event: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The lists and the instrument that an event names by version, as `versions_in` tells them."""
    for told in (event, event.get("changes")):
        if isinstance(told, dict):
            yield from (("", value) for name, value in told.items() if name in LISTED and isinstance(value, str) and value)
    form, version = event.get("instrument"), event.get("instrument_version")
    if isinstance(form, str) and isinstance(version, str):  # a sealed one cannot be looked up
        yield form, version


# The check


@dataclasses.dataclass
class Difference:
    """Something that differs, at positions ``first`` to ``last`` (0: at no position)."""

    kind: str
    what: str
    first: int = 0
    last: int = 0
    stream: str = ""
    command: str = ""

    def sentence(self) -> str:
        where = f"posisi {self.first}" + (f"-{self.last}" if self.last > self.first else "")
        names = (("aliran", self.stream), ("perintah", self.command))
        about = ", ".join(f"{name} {value}" for name, value in names if value)
        return (f"{where}{f' ({about})' if about else ''}: " if self.first else "") + self.what


class Check:
    """One pass over a bundle. ``differences`` and ``unchecked`` say what came of it."""

    def __init__(
        self,
        bundle: Bundle,
        policy: Policy,
        own: Sequence[Checkpoint] = (),
        receipts: Sequence[Receipt] = (),
        shredded: Iterable[tuple[str, str, str]] = (),
        least: int = 0,
        altered: Iterable[tuple[str, str]] = (),
    ) -> None:
        if bundle.manifest.get("origin") != policy.log.name:
            raise Unreadable(f"ekspor ini dari catatan {bundle.manifest.get('origin')!r}, bukan {policy.log.name!r}")
        self.bundle, self.policy, self.receipts, self.least = bundle, policy, receipts, least
        self.differences: list[Difference] = []
        self.more = self.count = 0
        self.unchecked: list[str] = []
        self.notices: list[str] = []
        for name, why in altered:
            self.differ("receipt", f"tanda terima {name}: tanda tangan tidak sah ({why})")
        for one in own:
            if policy.signer(one.size) not in one.signed:
                what = f"{one.name()} ditandatangani kunci catatan yang menurut kebijakan bukan untuk ukuran ini"
                self.notices.append(what)
        self.checkpoints = sorted([*self._published(), *own], key=lambda one: one.size)
        self.tree = Tree(one.size for one in self.checkpoints)
        self.sealed = self.witnessed = self.own = 0
        self._place: tuple[int, int, str, str] = (0, 0, "", "")  # of the event that passes
        self._missing: dict[str, list[tuple[tuple[int, int, str, str], str]]] = {}  # by key
        self._shredded = set(shredded)
        self._people: set[str] = set()  # streams that begin with a person
        self._decisions: dict[str, Decision] = {}
        self.destroyed: list[Destroying] = []
        self._codes = versions_in(bundle.codes)
        self._lacking: dict[tuple[str, str], list[Any]] = {}  # how many events name what is not there, and the first
        self._gaps = 0  # positions, in all
        self._versions: dict[str, int] = {}
        self._recorded = ""
        self._run: list[Any] = ["", 0, None]  # the command under way, its events so far, its row
        self._receipted = {position for one in receipts for position, _, _ in one.events}
        self._told: dict[int, dict[str, Any]] = {}

    def run(self) -> None:
        self._keys()
        self._events()
        self._ends()
        self._tiles()
        self._roots()
        self._destructions()
        self._receipts()
        self._say_unchecked()

    def code(self) -> int:
        return 3 if self.differences else 0 if self.checkpoints else 1

    def differ(self, kind: str, what: str, first: int = 0, last: int = 0, stream: str = "", command: str = "") -> None:
        """Name a difference; the same one at the next position makes a range."""
        for before in self.differences[-4:]:
            if first and (before.kind, before.what, before.last) == (kind, what, first - 1):
                before.last = max(first, last)
                return
        if len(self.differences) < MOST_TOLD:
            self.differences.append(Difference(kind, what, first, max(first, last), stream, command))
        else:
            self.more += 1

    def _here(self, kind: str, what: str) -> None:
        self.differ(kind, what, *self._place)

    def _published(self) -> Iterator[Checkpoint]:
        for size, note in self.bundle.rows("checkpoints.ndjson", int, str, names=("size", "note")):
            origin = note.partition("\n")[0]
            if origin != self.policy.log.name:
                self.notices.append(f"titik periksa {size} dari catatan lain, {origin[:100]!r}: tidak dihitung")
                continue
            try:
                found = read_checkpoint(note, self.policy)
                if found.size != size:
                    raise ValueError("ukurannya lain")
                yield found
            except ValueError as error:
                self.differ("checkpoint", f"titik periksa {size} tidak sah ({error})", 1, max(1, size))

        left_out = self.bundle.manifest.get("checkpoints_left_out")
        if isinstance(left_out, list) and left_out:
            sizes = ", ".join(str(one)[:20] for one in left_out[:MOST_RANGES]) + (" ..." if left_out[MOST_RANGES:] else "")
            self.notices.append(
                f"pembuat ekspor meninggalkan {len(left_out)} titik periksa yang tidak ditandatangani kunci catatan"
                f" (ukuran {sizes}): seseorang menulisnya ke dalam basis data"
            )

    def _keys(self) -> None:
        self.keys: dict[str, tuple[str, str]] = {}
        for key, subject, commitment in self.bundle.rows("keys.ndjson", str, str, str):
            if key in self.keys:
                raise Unreadable("keys.ndjson: satu kunci dua kali")
            self.keys[key] = (subject, commitment)
        self._unused: set[str] = set(self.keys)

    def _events(self) -> None:
        columns = self.bundle.rows("columns.ndjson", int, str, int, str, int, str, str, str)
        self._commands = Rows(self.bundle.rows("commands.ndjson", str, str, str, int, int, str), 3)
        self._parts = Rows(self.bundle.rows("parts.ndjson", str, int, str, str, str), 1)
        boxed = "boxes.ndjson" in self.bundle.names
        self._boxes = self.bundle.rows("boxes.ndjson", str, str) if boxed else None
        for line in self.bundle.lines("events.ndjson"):
            row = next(columns, None)
            if row is None:
                raise Unreadable("columns.ndjson: lebih pendek daripada events.ndjson")
            self._event(line, row)
            self.count += 1
        if next(columns, None) is not None:
            raise Unreadable("columns.ndjson: lebih panjang daripada events.ndjson")
        if self.bundle.manifest.get("events") != self.count:
            said = self.bundle.manifest.get("events")
            self.differ("count", f"manifest menyebut {said} peristiwa, isinya {self.count}")

    def _event(self, line: bytes, row: list[Any]) -> None:
        position, expected = row[0], self.tree.size + 1
        if expected < position <= expected + MOST_MISSING - self._gaps:
            self._gaps += position - expected
            self.differ("gap", "peristiwa tidak ada", expected, position - 1)
            while self.tree.size < position - 1:
                self.tree.add(bytes(32))
        elif position != expected:
            self.differ("gap", f"nomor posisi pada kolom {position}", expected, 0, row[1], row[6])
            position = expected
        leaf = leaf_hash(line)
        self.tree.add(leaf)
        columns = dict(zip(COPIES, row[1:7]))
        event = read_text(line)
        if event is None:
            event = {**columns, "position": position}
            self.differ("text", "teks bukan JSON kanonik", position, 0, row[1], row[6])
        self._place = (position, 0, str(event.get("stream")), str(event.get("command", "")))
        wrong = [name for name, value in columns.items() if event.get(name, "") != value]
        wrong += ["position"] if event.get("position") != position else []
        if wrong:
            self._here("column", f"kolom {', '.join(wrong)} berbeda dari teks")
        if leaf.hex() != row[7]:
            self._here("leaf", "teks tidak sesuai dengan sidik daunnya")
        self._order(event)
        self._command(event)
        self._sealed_parts(event)
        for version in versions_named(event):
            if version not in self._codes:
                self._lacking.setdefault(version, [0, self._place])[0] += 1
        self._destruction(event)
        if position in self._receipted:
            self._told[position] = {name: event.get(name) for name in ("id", "command", "recorded")}

    def _destruction(self, event: dict[str, Any]) -> None:
        position, _, stream, _ = self._place
        topic, version, keys = str(event.get("topic")), event.get("version"), event.get("keys")
        if version == 1 and topic.startswith("beneficiary."):
            self._people.add(stream)
        elif topic.startswith("destruction."):
            self._decisions.setdefault(stream, Decision()).take(event)
        elif topic == DESTROYED and isinstance(keys, list):
            told = Destroying(position, stream, str(event.get("destruction", "")), tuple(map(str, keys)))
            told.fault = self._decisions.get(told.destruction, Decision()).fault(stream)
            if stream not in self._people:
                told.fault = "aliran itu bukan aliran seorang warga"
            elif told.fault:
                told.listed = all((told.destruction, stream, key) in self._shredded for key in told.keys)
            self.destroyed.append(told)

    def _order(self, event: dict[str, Any]) -> None:
        stream, version, recorded = self._place[2], event.get("version"), str(event.get("recorded"))
        if recorded < self._recorded:
            self._here("time", "waktu catat mundur")
        self._recorded = max(recorded, self._recorded)
        last = self._versions.get(stream, 0)
        if version != last + 1:
            self._here("version", f"versi {version} mengikuti versi {last} aliran ini")
        if type(version) is int and version > last:
            self._versions[stream] = version

    def _command(self, event: dict[str, Any]) -> None:
        position, _, _, command = self._place
        name, seen, row = self._run
        if name == command and row is not None and seen < row[4]:
            self._run[1] += 1
        else:
            self._end_of_run(position - 1)
            row = None
            for found in self._commands.upto(position):
                if found[3] == position and found[0] == command:
                    row = found
                else:
                    self._lost_command(found)
            if row is None and command:
                self._here("command", "tidak ada perintah yang mulai di sini")
            self._run = [command, 1, row]
        if row is not None and row[5] != str(event.get("recorded")):
            self._here("command", "waktu catat berbeda dari waktu perintahnya")
        if row is not None and row[1] != str(event.get("by", row[1])):
            self._here("command", "akun berbeda dari akun perintahnya")

    def _end_of_run(self, last: int) -> None:
        command, seen, row = self._run
        if row is not None and seen != row[4]:
            what = f"perintah ini mencatat {row[4]} peristiwa, di sini ada {seen}"
            self.differ("command", what, row[3], max(last, row[3] + row[4] - 1), "", command)

    def _lost_command(self, row: list[Any]) -> None:
        self.differ("command", "peristiwa perintah ini tidak ada", max(1, row[3]), row[3] + row[4] - 1, "", row[0])

    def _sealed_parts(self, event: dict[str, Any]) -> None:
        here: dict[str, list[Any]] = {}
        for row in self._parts.upto(self._place[0]):
            if self._boxes is not None:
                self._box(row)
            if row[1] == self._place[0]:
                here[row[0]] = row
            else:
                self.differ("part", f"bagian {row[0]} tidak disebut peristiwa mana pun", max(1, row[1]))
        for part in references(event.get("parts")):
            row = here.pop(part["id"], [])
            if not row:
                self._lack(part["key"], f"bagian {part['id']}")
            elif (row[3], row[4]) != (part["key"], part["sha256"]):
                self._here("part", f"kotak bagian {part['id']} bukan yang disebut teks")
            self._key(part, row[2] if row else None)
        for paper in references(event.get("evidence")):
            if paper["key"]:
                self._key(paper, None)
        for part_id in here:
            self._here("part", f"bagian {part_id} tidak disebut teks")

    def _key(self, part: dict[str, str], subject: str | None) -> None:
        self._unused.discard(part["key"])
        known = self.keys.get(part["key"])
        if known is None:
            self._lack(part["key"], f"kunci {part['key']}")
        elif known[1] != part["commitment"] or subject not in (None, known[0]):
            self._here("key", f"kunci {part['key']} bukan yang disebut teks")

    def _lack(self, key: str, what: str) -> None:
        self._missing.setdefault(key, []).append((self._place, what))

    def _box(self, row: list[Any]) -> None:
        assert self._boxes is not None
        part, text = next(self._boxes, ("", ""))
        try:
            fits = part == row[0] and hashlib.sha256(unbase64(text)).hexdigest() == row[4]
        except ValueError:
            fits = False
        if not fits:
            self.differ("part", f"isi kotak bagian {row[0]} tidak sesuai dengan sidiknya", max(1, row[1]))

    def _ends(self) -> None:
        """What is only known at the end: what is left over, and which keys are of no use."""
        self._end_of_run(self.tree.size)
        for row in self._commands.upto(LARGEST):
            self._lost_command(row)
        for row in self._parts.upto(LARGEST):
            self.differ("part", f"bagian {row[0]} tidak disebut peristiwa mana pun", row[1])
        for (form, version), (count, first) in self._lacking.items():
            what = f"instrumen {form} versi {version}" if form else f"daftar {version}"
            self.differ("codes", f"code-systems.json tidak memuat {what}, yang disebut {count} peristiwa", *first)
        if self._unused:
            self.notices.append(f"{len(self._unused)} kunci belum dipakai peristiwa mana pun")
        kept = [key for key in dict.fromkeys(key for one in self.destroyed for key in one.keys) if key in self.keys]
        if kept:
            self.notices.append(f"{len(kept)} kunci masih ada meskipun tercatat dimusnahkan: {', '.join(kept[:5])}")

    def _tiles(self) -> None:
        left = {name for name in self.bundle.names if TILE.fullmatch(name)}
        for path, first, last, tile in tiles_of(bytes(self.tree.leaves)):
            if path not in left:
                self.differ("tile", f"ubin {path} tidak ada", first, last)
            elif self.bundle.read(path, 8192) != tile:
                self.differ("tile", f"ubin {path} berbeda dari daun yang dihitung", first, last)
            left.discard(path)
        for path in sorted(left):
            self.differ("tile", f"ubin {path} tidak termasuk pohon ini")

    def _roots(self) -> None:
        whole, wanted = 0, self.policy.quorum != "none"
        for one in self.checkpoints:
            if one.size > self.tree.size:
                what = f"{one.name()} memuat peristiwa yang tidak ada"
                self.differ("checkpoint", what, self.tree.size + 1, one.size)
            elif self.tree.roots[one.size] != one.root:
                what = f"{one.name()} berbeda dari teks: yang diubah ada di antara posisi ini"
                self.differ("checkpoint", what, whole + 1, one.size)
            else:
                whole = self.sealed = one.size
                if one.own:
                    self.own = one.size
                if wanted and self._witnessed(one):
                    self.witnessed = one.size
        for one, other in zip(self.checkpoints, self.checkpoints[1:]):
            if one.size == other.size and one.root != other.root:
                what = f"dua akar berbeda ditandatangani untuk ukuran {one.size}: catatan ditulis ulang"
                self.differ("split", what, 1, one.size)
        if wanted and not any(map(self._witnessed, self.checkpoints)):
            self.differ("quorum", "tidak ada titik periksa yang ditandatangani saksi sebanyak kuorum kebijakan")
        elif self.witnessed < self.least:
            what = f"disaksikan hanya sampai posisi {self.witnessed}, yang diminta paling sedikit {self.least}"
            self.differ("quorum", what, self.witnessed + 1, self.least)

    def _witnessed(self, one: Checkpoint) -> bool:
        """Of no events a checkpoint speaks of nothing, whoever signed it."""
        return one.size > 0 and self.policy.reached(one.signed)

    def _destructions(self) -> None:
        """Excuse what is not there by the events that name its key, and tell by which: below a checkpoint that can be
        trusted the office was bound to such an event; above, it can be written whenever something is missing."""
        by_key: dict[str, list[Destroying]] = {}
        for one in self.destroyed:
            for key in one.keys:
                by_key.setdefault(key, []).append(one)
        for key, places in self._missing.items():
            for place, what in places:
                told = [one for one in by_key.get(key, ()) if one.position > place[0]]
                lawful = sorted((one for one in told if not one.fault or one.listed), key=lambda one: one.listed)
                if lawful:
                    lawful[0].lacks.append((place[0], what))
                    continue
                why = "tanpa peristiwa pemusnahan sesudahnya"
                if told:
                    why = f"dan peristiwa pemusnahan pada posisi {told[0].position} tidak berlaku: {told[0].fault}"
                self.differ("key" if what.startswith("kunci") else "part", f"{what} tidak ada, {why}", *place)
        trusted = max(self.own, self.witnessed)
        counting = [one for one in self.destroyed if one.lacks]
        if counting:
            count = sum(len(one.lacks) for one in counting)
            what = f"{count} bagian atau kunci tidak ada karena dimusnahkan menurut catatan, oleh {len(counting)} peristiwa"
            self.notices.append(what)
        below = [one.sentence() for one in counting if one.position <= trusted and not one.listed]
        _some(self.notices, below)
        above = f"; di atas posisi {trusted} peristiwa itu dapat ditulis kapan saja: cocokkan dengan berita acaranya"
        _some(self.unchecked, [one.sentence() + above for one in counting if one.position > trusted and not one.listed])
        listed = "; keputusannya hanya ada pada daftar pemusnahan yang diberikan, bukan di dalam catatan"
        _some(self.unchecked, [one.sentence() + listed for one in counting if one.listed])

    def _receipts(self) -> None:
        for one in self.receipts:
            for position, event, leaf in one.events:
                told = self._told.get(position)
                said = {"id": event, "command": one.command, "recorded": one.recorded}
                if told is None:
                    what = f"peristiwa pada tanda terima {one.name} tidak ada"
                elif told != said or self.tree.leaf(position) != leaf:
                    what = f"berbeda dari tanda terima {one.name}"
                else:
                    continue
                self.differ("receipt", what, position, 0, "", one.command)

    def _say_unchecked(self) -> None:
        say, size, trusted = self.unchecked.append, self.tree.size, max(self.own, self.witnessed)
        covered = len([position for position in self._receipted if position > trusted])
        if self.policy.earlier and not any(self.policy.log in one.signed for one in self.checkpoints):
            say("kunci catatan yang sekarang: belum menandatangani apa pun di sini, hanya kunci lama yang sudah diganti")
        if not self.checkpoints:
            say("seluruh catatan: tidak ada titik periksa, yang menandatangani pun tidak ada")
        if trusted < self.sealed:
            say(
                f"posisi {trusted + 1}-{self.sealed}: hanya ditandatangani kunci catatan sendiri; yang memegang kunci itu"
                " dapat menulisnya ulang"
            )
        if self.sealed < size:
            say(f"posisi {self.sealed + 1}-{size}: belum ditandatangani")
        if trusted < size or covered:
            say(f"di atas posisi {trusted}: {covered} peristiwa dilindungi tanda terima yang diberikan")
        if self._boxes is None:
            say("bagian dan isi kotak terenkripsi: tidak ada di dalam ekspor, hanya sidiknya menurut pembuat ekspor")
        say(
            "nama perintah (commands.ndjson), milik siapa bagian dan kunci (parts.ndjson, keys.ndjson), kapan"
            " ditandatangani (checkpoints.ndjson) dan kapan diekspor (manifest.json): hanya menurut pembuat ekspor"
        )
        say(
            "arti kode dan isi instrumen (code-systems.json): hanya menurut pembuat ekspor; diperiksa hanya apakah setiap"
            " versi yang disebut peristiwa ada"
        )
        say("berkas bukti (surat, foto): tidak ikut diekspor; sidiknya ada di peristiwa, keberadaannya tidak diperiksa")
        say("apakah kunci masih tersimpan: hanya menurut pembuat ekspor, kuncinya tidak ikut diekspor")
        if "opened.ndjson" in self.bundle.names:
            say("opened.ndjson: apakah ini isi kotak tidak dapat diperiksa tanpa kunci")
        given = [shown(str(self.bundle.manifest.get(name) or "-"))[:80] for name in ("for", "delete_by")]
        if given != ["-", "-"]:
            say(f"salinan ini untuk {given[0]}, dihapus paling lambat {given[1]}: hanya menurut pembuat ekspor")


def _some(told: list[str], sentences: Sequence[str]) -> None:
    told += sentences[:MOST_DESTROYED]
    if len(sentences) > MOST_DESTROYED:
        told.append(f"... dan {len(sentences) - MOST_DESTROYED} peristiwa pemusnahan lain; --json menyebut semua")


# The report


def draws(seed: str, size: int, count: int) -> list[int]:
    """The first ``count`` different positions drawn from ``size`` by the published seed."""
    found: dict[int, None] = {}
    number = 0
    while len(found) < min(count, size):
        digest = hashlib.sha256(f"{seed}\n{number}".encode()).digest()
        found[1 + int.from_bytes(digest, "big") % size] = None
        number += 1
    return list(found)


def sampled(bundle: Bundle, size: int, seed: str, count: int) -> list[dict[str, Any]]:
    """The events to be looked up on paper, in the order they were drawn."""
    order = draws(seed, size, count)
    wanted, found = set(order), {}
    for position, line in enumerate(bundle.lines("events.ndjson"), 1):
        if position in wanted:
            event = read_text(line) or {}
            names = ("topic", "on", "village", "stream", "command")
            found[position] = {"position": position, **{name: str(event.get(name, "")) for name in names}}
    return [found[position] for position in order if position in found]


def codes(check: Check) -> list[dict[str, Any]]:
    """The code of each checkpoint as it is printed in minutes, and whether the texts lead to it."""
    roots = [(one.size, one.root, check.tree.roots.get(one.size) == one.root) for one in check.checkpoints]
    return [
        {"size": size, "code": base64.b64encode(root).decode(), "fits": fits} for size, root, fits in dict.fromkeys(roots)
    ]


def report(check: Check, sample: list[dict[str, Any]]) -> dict[str, Any]:
    differences = [{**dataclasses.asdict(one), "sentence": one.sentence()} for one in check.differences]
    told = {"exit": check.code(), "events": check.count, "root": base64.b64encode(check.tree.root()).decode()}
    told.update({name: getattr(check, name) for name in ("sealed", "witnessed", "own", "more", "unchecked", "notices")})
    destroyed = [
        {"position": one.position, "stream": one.stream, "destruction": one.destruction, "listed": one.listed,
         "lacks": [{"position": position, "what": what} for position, what in one.lacks]}
        for one in check.destroyed if one.lacks
    ]
    return {**told, "differences": differences, "destroyed": destroyed, "sample": sample}


def shown(value: Any) -> str:
    """What somebody else wrote, as one line that does nothing to a terminal."""
    return UNSHOWN.sub("?", str(value))


def lines_of(told: dict[str, Any], check: Check) -> Iterator[str]:
    yield f"Catatan {shown(check.policy.log.name)}: {told['events']} peristiwa, akar {told['root']}"
    yield f"Titik periksa: {len(check.checkpoints)}, yang sesuai sampai posisi {told['sealed']}"
    if check.policy.quorum != "none":
        yield f"Disaksikan menurut kebijakan sampai posisi {told['witnessed']}"
    if any(one.own for one in check.checkpoints):
        yield f"Sesuai dengan titik periksa yang Anda simpan sampai posisi {told['own']}"
    differences = [one["sentence"] for one in told["differences"]]
    if told["more"]:
        differences.append(f"... dan {told['more']} perbedaan lain")
    sample = ["  ".join(shown(value) for value in one.values() if value) for one in told["sample"]]
    printed = [f"{one['size']}  {one['code']}" + ("" if one["fits"] else "  BERBEDA") for one in told.get("codes", [])]
    for heading, sentences in (
        ("BERBEDA", differences),
        ("TIDAK DAPAT DIPERIKSA", told["unchecked"]),
        ("PERLU DIKETAHUI", told["notices"]),
        ("KODE TITIK PERIKSA UNTUK DICOCOKKAN DENGAN BERITA ACARA", printed),
        ("SAMPEL UNTUK DICOCOKKAN DENGAN BERKAS", sample),
    ):
        if sentences:
            yield f"\n{heading}"
            yield from (f"  {shown(sentence)}" for sentence in sentences)
    yield "\nHasil: " + ("tidak ada yang berbeda.", "tidak dapat diperiksa.", "", "ADA YANG BERBEDA.")[told["exit"]]


def text_of(path: str, most: int = LONGEST_NOTE) -> str:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:  # some editors put a mark before what they save
            text = file.read(most + 1)
    except FileNotFoundError:
        raise Unreadable(f"{path}: berkas ini tidak ada") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path}: tidak dapat dibaca sebagai teks ({error})") from None
    if len(text) > most:
        raise Unreadable(f"{path}: terlalu besar")
    return text


def given(read: Any, paths: Iterable[str], policy: Policy, altered: list[tuple[str, str]] | None = None) -> list[Any]:
    """What stands in these files. Raises `Unreadable`, for one that was altered only when ``altered`` does not take it."""
    found = []
    for path in paths:
        try:
            found.append(read(text_of(path), policy, path))
        except Altered as error:
            if altered is None:
                raise Unreadable(f"{path}: tidak sah ({error})") from None
            altered.append((path, str(error)))
        except ValueError as error:
            raise Unreadable(f"{path}: tidak sah ({error})") from None
    return found


def checked(asked: argparse.Namespace) -> tuple[Check, list[dict[str, Any]]]:
    """The check that was asked for, and its sample. Raises `Unreadable`."""
    if not 0 <= asked.sample <= MOST_DRAWN or bool(asked.sample) != bool(asked.seed):
        raise Unreadable(f"--sample (1-{MOST_DRAWN}) dan --seed diberikan bersama")
    policy = read_policy(text_of(asked.policy))
    if asked.witnessed_upto < 0 or (asked.witnessed_upto and policy.quorum == "none"):
        raise Unreadable("--witnessed-upto adalah posisi, dan kebijakan harus menyebut kuorum")
    own = given(read_checkpoint, asked.checkpoint, policy)
    shredded = read_shred_list(text_of(asked.shred_list, LONGEST_LIST), asked.shred_list) if asked.shred_list else ()
    altered: list[tuple[str, str]] = []
    receipts = given(read_receipt, asked.receipt, policy, altered)
    check = Check(Bundle(asked.bundle), policy, own, receipts, shredded, asked.witnessed_upto, altered)
    check.run()
    return check, sampled(check.bundle, check.own or check.count, asked.seed, asked.sample) if asked.sample else []


def receipts_alone(asked: argparse.Namespace) -> dict[str, Any]:
    """What receipts say by themselves, held against no log. Raises `Unreadable`.

    ``valid`` is whether the key of receipts signed one; None when that cannot be known by this policy.
    """
    of_a_log = (asked.checkpoint, asked.sample, asked.seed, asked.codes, asked.shred_list, asked.witnessed_upto)
    if not asked.receipt or any(of_a_log):
        raise Unreadable("tanpa berkas ekspor hanya --receipt yang dapat diperiksa; selebihnya butuh ekspor")
    policy = read_policy(text_of(asked.policy))
    found: list[dict[str, Any]] = []
    for path in asked.receipt:
        try:
            one = read_receipt(text_of(path), policy, path)
        except ValueError as error:
            found.append({"name": path, "valid": False if isinstance(error, Altered) else None, "error": str(error)})
            continue
        events = [
            {"position": position, "id": event, "leaf": base64.b64encode(leaf).decode()}
            for position, event, leaf in one.events
        ]
        told = {"command": one.command, "recorded": one.recorded, "events": events}
        found.append({"name": path, "valid": True, **told})
    wrong = {one["valid"] for one in found}
    key = policy.receipts.text() if policy.receipts else ""
    code = 3 if False in wrong else 1 if None in wrong else 0
    return {"exit": code, "key": key, "receipts": found, "unchecked": list(NOT_HELD)}


def lines_alone(told: dict[str, Any]) -> Iterator[str]:
    for one in told["receipts"]:
        if not one["valid"]:
            what = "tidak dapat diperiksa" if one["valid"] is None else "TANDA TANGAN TIDAK SAH"
            yield f"Tanda terima {shown(one['name'])}: {what} ({shown(one['error'])})"
            continue
        yield f"Tanda terima {shown(one['name'])}: tanda tangan sah"
        yield f"  perintah {shown(one['command'])}, dicatat {shown(one['recorded'])}, {len(one['events'])} peristiwa"
        for event in one["events"]:
            yield f"  posisi {event['position']}: peristiwa {shown(event['id'])}, daun {event['leaf']}"
    yield f"\nKunci tanda terima menurut kebijakan: {shown(told['key'] or '-')}"
    yield "\nTIDAK DAPAT DIPERIKSA"
    yield from (f"  {sentence}" for sentence in told["unchecked"])
    ends = ("tanda tangan sah, belum dicocokkan dengan catatan.", "tidak dapat diperiksa.", "", "TANDA TANGAN TIDAK SAH.")
    yield f"\nHasil: {ends[told['exit']]}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Memeriksa ekspor buku kasus Wahana tanpa Wahana.")
    alone = "tanpa ini hanya tanda tangan --receipt yang diperiksa, tidak dicocokkan dengan catatan"
    parser.add_argument("bundle", nargs="?", help=f"berkas ekspor (casebook.zip); {alone}")
    parser.add_argument("--policy", required=True, help="kebijakan: tanda tangan siapa yang berlaku")
    parser.add_argument("--checkpoint", action="append", default=[], help="titik periksa yang Anda atau saksi simpan")
    parser.add_argument("--receipt", action="append", default=[], help="tanda terima")
    parser.add_argument("--shred-list", default="", help="daftar pemusnahan kantor, bila cadangan pernah dipulihkan")
    least = "berbeda bila kuorum kebijakan tidak mencapai posisi ini"
    parser.add_argument("--witnessed-upto", type=int, default=0, metavar="POSITION", help=least)
    parser.add_argument("--codes", action="store_true", help="sebut kode tiap titik periksa seperti pada berita acara")
    parser.add_argument("--sample", type=int, default=0, help="banyaknya peristiwa yang diundi")
    parser.add_argument("--seed", default="", help="benih undian, diundi setelah Anda memegang titik periksa")
    parser.add_argument("--json", action="store_true", help="cetak JSON")
    asked = parser.parse_args(arguments)
    try:
        if asked.bundle is not None:  # an empty one, of a forgotten variable, is not none
            check, sample = checked(asked)
            told = {**report(check, sample), **({"codes": codes(check)} if asked.codes else {})}
            lines = lines_of(told, check)
        else:
            told = receipts_alone(asked)
            lines = lines_alone(told)
    except Unreadable as error:
        told = {"exit": 1, "error": str(error)}
        lines = iter([f"{shown(error)}\n\nHasil: tidak dapat diperiksa."])
    print(json.dumps(told) if asked.json else "\n".join(lines))
    return int(told["exit"])


if __name__ == "__main__":
    sys.exit(main())
