"""Signed notes, verifier keys, checkpoints and cosignatures, all Ed25519 (C2SP signed-note, tlog-checkpoint,
tlog-cosignature). ``docs/reference/proof-format.md`` specifies them."""

import base64
import binascii
import hashlib
import re
from typing import Self

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from nacl.bindings import crypto_sign, crypto_sign_BYTES, crypto_sign_seed_keypair

PLAIN, COSIGNATURE = 1, 4  # types of key
_LINE = re.compile("— ([^ +\n]+) ([A-Za-z0-9+/]+={0,2})\n")
DECIMAL = re.compile(r"0|[1-9][0-9]{0,15}")


class BadNote(ValueError):
    """Not a signed note, a checkpoint or a key, or a signature of a known key that does not hold."""


def b64(data: bytes) -> str:
    """Base64 with the standard alphabet and padding."""
    return binascii.b2a_base64(data, newline=False).decode()


def unb64(text: str) -> bytes:
    """What `b64` encoded, in no other spelling. Raises `BadNote`."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("not base64") from None
    if b64(data) != text:
        raise BadNote("not base64 in its one form")
    return data


class VerifierKey(msgspec.Struct, frozen=True):
    """A public key with its name; ``kind`` is `PLAIN` or `COSIGNATURE`, ``public`` 32 bytes."""

    name: str
    kind: int
    public: bytes

    @property
    def hash(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.hash.hex()}+{b64(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what ``str`` writes. Raises `BadNote`."""
        name, _, rest = text.partition("+")
        marked, _, data = rest.partition("+")
        raw = unb64(data)
        if not is_name(name) or len(raw) != 33 or raw[0] not in (PLAIN, COSIGNATURE):
            raise BadNote("not a verifier key")
        key = cls(name, raw[0], raw[1:])
        if key.hash.hex() != marked:
            raise BadNote("a verifier key whose hash does not fit")
        return key

    def holds(self, signature: bytes, message: bytes) -> bool:
        """Whether an Ed25519 signature of 64 bytes over a message is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class Line(msgspec.Struct, frozen=True):
    """A signature line: the key's name and hash, and what follows the hash."""

    name: str
    hash: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"— {self.name} {b64(self.hash + self.signature)}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one line with its line feed. Raises `BadNote`."""
        found = _LINE.fullmatch(text)
        raw = unb64(found[2]) if found else b""
        if found is None or len(raw) < 5:
            raise BadNote("not a signature line")
        return cls(found[1], raw[:4], raw[4:])

    def of(self, key: VerifierKey) -> bool:
        """Whether the line says that it is of this key."""
        return self.name == key.name and self.hash == key.hash


class Note(msgspec.Struct, frozen=True):
    """A signed note: a text that ends with a line feed, and its signature lines in order."""

    text: str
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.lines))}"

    @classmethod
    def parse(cls, note: str) -> Self:
        """Read a note; no signature is checked. Raises `BadNote`."""
        text, gap, signatures = note.rpartition("\n\n")
        if not gap or not signatures.endswith("\n") or any(ord(one) < 32 and one != "\n" for one in note):
            raise BadNote("not a signed note")
        return cls(f"{text}\n", tuple(Line.parse(f"{line}\n") for line in signatures.split("\n")[:-1]))

    def signed(self, key: VerifierKey) -> bool:
        """Whether a line of this key is there. Raises `BadNote` when it is and does not hold."""
        found = [line for line in self.lines if line.of(key)]
        if not all(signature_holds(line, self.text, key) for line in found):
            raise BadNote(f"a signature of {key.name} does not hold")
        return bool(found)


def signature_holds(line: Line, text: str, key: VerifierKey) -> bool:
    """Whether a line of ``key`` holds for a note's text: a plain signature, or a cosignature with its time."""
    if not line.of(key):
        return False
    if key.kind == PLAIN:
        return key.holds(line.signature, text.encode())
    time, signature = int.from_bytes(line.signature[:8]), line.signature[8:]
    return key.holds(signature, _cosigned(text, time))


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


class Signer:
    """A private key: a name, a seed of 32 bytes, and whether it signs or cosigns. Raises `BadNote` for a bad name."""

    def __init__(self, name: str, seed: bytes, kind: int = PLAIN) -> None:
        if not is_name(name):
            raise BadNote("a key's name holds no space, no plus and is not empty")
        public, self._private = crypto_sign_seed_keypair(seed)
        self.key = VerifierKey(name, kind, public)
        self._start = self.key.hash

    def sign(self, text: str) -> Line:
        """This key's line under a text."""
        return Line(self.key.name, self._start, self._signature(text.encode()))

    def cosign(self, text: str, time: int) -> Line:
        """This witness's line under a checkpoint; ``time`` is seconds since 1970, UTC."""
        signature = self._signature(_cosigned(text, time))
        return Line(self.key.name, self._start, time.to_bytes(8) + signature)

    def _signature(self, message: bytes) -> bytes:
        return crypto_sign(message, self._private)[:crypto_sign_BYTES]

    def note(self, text: str) -> str:
        """A text as a note signed by this key alone."""
        return f"{text}\n{self.sign(text)}"


class Checkpoint(msgspec.Struct, frozen=True):
    """What the log says of itself: its name, the number of its leaves and their root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read exactly three lines. Raises `BadNote`."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not lines[0] or not DECIMAL.fullmatch(lines[1]):
            raise BadNote("not a checkpoint")
        root = unb64(lines[2])
        if len(root) != 32:
            raise BadNote("not a checkpoint: the root has not 32 bytes")
        return cls(lines[0], int(lines[1]), root)


def opened(note: str, key: VerifierKey) -> Checkpoint:
    """The checkpoint of a note that the log's key signed. Raises `BadNote` for any other."""
    read = Note.parse(note)
    checkpoint = Checkpoint.parse(read.text)
    if checkpoint.origin != key.name or not read.signed(key):
        raise BadNote(f"not signed by {key.name}")
    return checkpoint


def is_name(text: str) -> bool:
    """Whether a text can name a key: no space, no plus, no control character."""
    return bool(text) and not any(one in " +" or one.isspace() or ord(one) < 33 for one in text)
