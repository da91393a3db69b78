"""Envelopes: what was recorded on a device without signal, sealed there so that only the office opens it.

Hybrid public key encryption (RFC 9180), base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM: suites that every
browser can make of its own cryptography. The format is told in ``docs/reference/outbox-format.md``.
"""

import hmac
from collections.abc import Iterator
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.refusals import Refused

MAGIC = b"WAHANA-OUTBOX-1\n"
INFO = b"wahana-outbox/v1"
_LENGTH, _IDS, _ENCAPSULATED = 4, 32, 65
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class NotAnOutbox(Refused):
    RULE = "not_an_outbox"
    SENTENCE = "Ini bukan berkas kotak keluar Wahana, atau berkasnya tidak utuh."


class NotOurs(Refused):
    RULE = "envelope_not_ours"
    SENTENCE = "Amplop ini tidak dapat dibuka: bukan untuk kantor ini, atau isinya berubah."


class Envelope(msgspec.Struct, frozen=True):
    """One sealed entry of an outbox: the ids of its device and its own, and the box."""

    device: str
    entry: str
    box: bytes

    def bound(self) -> bytes:
        """What the box is bound to: it opens under no other device or entry."""
        return INFO + self.ids()

    def ids(self) -> bytes:
        """Both ids, as they stand before the box."""
        return UUID(self.device).bytes + UUID(self.entry).bytes


class Written(msgspec.Struct, kw_only=True):
    """What lies in an envelope. ``at`` is the device's clock, RFC 3339; a paper's content follows it."""

    secret: str
    at: str
    command: str = ""
    url: dict[str, str] = {}
    body: dict[str, object] = {}
    base: int | None = None
    paper: "Paper | None" = None


class Paper(msgspec.Struct, kw_only=True):
    """A photograph or paper: its name and type, whose it is, and the record that it backs when there is one already."""

    name: str = ""
    type: str
    subject: str
    stream: str = ""


_written = msgspec.json.Decoder(Written)


def split(content: bytes) -> Iterator[Envelope]:
    """The envelopes of an outbox file, in their order. Raises `NotAnOutbox`."""
    if not content.startswith(MAGIC):
        raise NotAnOutbox
    at = len(MAGIC)
    while at < len(content):
        length = int.from_bytes(content[at : at + _LENGTH], "big")
        piece = content[at + _LENGTH : at + _LENGTH + length]
        if len(piece) < length or length <= _IDS + _ENCAPSULATED:
            raise NotAnOutbox
        yield Envelope(str(UUID(bytes=piece[:16])), str(UUID(bytes=piece[16:_IDS])), piece[_IDS:])
        at += _LENGTH + length


def joined(envelopes: list[Envelope]) -> bytes:
    """An outbox file of these envelopes."""
    pieces = [one.ids() + one.box for one in envelopes]
    return MAGIC + b"".join(len(piece).to_bytes(_LENGTH, "big") + piece for piece in pieces)


class OutboxKey:
    """The office's key pair for envelopes, made of a secret of the service: whoever keeps that keeps this."""

    def __init__(self, secret: bytes) -> None:
        wide = b"".join(hmac.digest(secret, b"outbox key %d" % half, "sha256") for half in (1, 2))
        # 512 bits taken modulo the order are as good as evenly drawn (FIPS 186-5, A.2.1).
        self._private = ec.derive_private_key(int.from_bytes(wide, "big") % (_P256_ORDER - 1) + 1, ec.SECP256R1())
        self._suite = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

    @property
    def public(self) -> bytes:
        """The public key as an uncompressed point, 65 bytes."""
        return self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def seal(self, device: str, entry: str, written: Written, content: bytes = b"") -> Envelope:
        """An envelope as a device makes it."""
        head = msgspec.json.encode(written)
        empty = Envelope(device, entry, b"")
        plain = len(head).to_bytes(_LENGTH, "big") + head + content
        box = self._suite.encrypt(plain, self._private.public_key(), empty.bound())
        return msgspec.structs.replace(empty, box=box)

    def open(self, envelope: Envelope) -> tuple[Written, bytes]:
        """What was written, and the content of a paper. Raises `NotOurs`."""
        try:
            plain = self._suite.decrypt(envelope.box, self._private, envelope.bound())
            length = int.from_bytes(plain[:_LENGTH], "big")
            return _written.decode(plain[_LENGTH : _LENGTH + length]), plain[_LENGTH + length :]
        except (InvalidTag, ValueError, msgspec.DecodeError):
            raise NotOurs from None
