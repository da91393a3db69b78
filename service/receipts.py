"""Receipts: what a command recorded, as a note that the office signed and can never take back.

Made of what is stored, by a signature that is the same every time: a repeated command has the same receipt, byte for byte.
"""

import functools
import io

import msgspec
import segno

from domain.refusals import Refused
from service.command import Answer
from service.log.notes import DECIMAL, BadNote, Note, Signer, VerifierKey, b64, unb64


class ReceiptTooLarge(Refused):
    RULE = "receipt_too_large"
    SENTENCE = "Tanda terima perintah ini terlalu panjang untuk kode QR; simpan tanda terimanya sebagai teks."


class Receipt(msgspec.Struct, frozen=True):
    """What a receipt says: the command, when it was recorded, and of each event its position and leaf hash."""

    command: str
    recorded: str
    events: tuple[tuple[int, bytes], ...]


class Receipts:
    """Signs with the receipt key, an Ed25519 seed of 32 bytes, for the log named ``origin``."""

    def __init__(self, origin: str, seed: bytes) -> None:
        self._origin = origin
        self._signer = Signer(f"{origin}/receipts", seed)

    @property
    def key(self) -> VerifierKey:
        """What receipts are verified with."""
        return self._signer.key

    def note(self, answer: Answer) -> str:
        """The receipt of what a command recorded (``docs/reference/proof-format.md``, "Receipt")."""
        events = "".join(f"{event.position} {event.id} {b64(event.leaf)}\n" for event in answer.events)
        head = f"wahana-receipt/v1\n{self._origin}\n{answer.command}\n{answer.recorded}\n"
        return self._signer.note(head + events)

    def read(self, note: str) -> Receipt:
        """What a receipt of ours says. Raises `BadNote` for any other text, and for one that was altered."""
        read = Note.parse(note)
        head, *told = read.text.splitlines()
        if not read.signed(self.key) or head != "wahana-receipt/v1" or len(told) < 4 or told[0] != self._origin:
            raise BadNote("not a receipt of this log")
        events = [line.split(" ") for line in told[3:]]
        if not all(len(event) == 3 and DECIMAL.fullmatch(event[0]) for event in events):
            raise BadNote("not a receipt")
        return Receipt(told[1], told[2], tuple((int(position), unb64(leaf)) for position, _, leaf in events))


@functools.lru_cache(maxsize=64)
def qr(note: str) -> bytes:
    """The QR code of a note's bytes as an SVG file. Raises `ReceiptTooLarge` for more than fits into one."""
    try:
        # One of the eight masks (ISO/IEC 18004, 7.8): to try all takes four times as long, and signed text is as even
        # under any of them.
        code = segno.make_qr(note.encode(), error="l", mode="byte", encoding=None, mask=3)
    except segno.DataOverflowError:
        raise ReceiptTooLarge from None
    out = io.BytesIO()
    code.save(out, kind="svg", scale=4, svgclass=None, lineclass=None, title="Tanda terima")
    return out.getvalue()
