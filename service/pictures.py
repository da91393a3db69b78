"""Pictures without what a camera wrote into them: where and when they were taken, by which device, with which thumbnail.

Only what is needed to show the picture is kept, by list: its pixels, its colours, and which side is up. Everything else
that a JPEG, PNG or WebP file may hold (Exif, XMP, IPTC, comments, thumbnails, what was appended) is left out. Colour
profiles (ICC.1:2022, 7.2) stay as they are, if they are whole and called profiles by their own header.
"""

import re
import struct
import zlib
from collections.abc import Iterator

from domain.refusals import Refused

_UPRIGHT = 1
_ORIENTATION = 0x0112
_EXIF = b"Exif\x00\x00"
_PNG = b"\x89PNG\r\n\x1a\n"
_MOST_PARTS = 10_000  # segments or chunks, frames' own included: pictures have dozens, long animations hundreds
_MOST_COLOURS = 1024 * 1024  # bytes of a colour profile; those of cameras have some hundred
_NO_FILL = re.compile(rb"[^\xff]")
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7]", re.DOTALL)
# Frames, tables, intervals, scans (ITU-T T.81, B.1); of the application's own: colours, and how Adobe means them.
_JPEG_KEPT = frozenset({*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF} - {0xC8})
_JPEG_ICC = b"ICC_PROFILE\x00\x01\x01"  # number one of one: a profile in several segments is left out
_PNG_KEPT = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs acTL fcTL fdAT".split())
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_WEBP_FRAME = frozenset({b"VP8 ", b"VP8L", b"ALPH"})
_WEBP_ICC, _WEBP_EXIF, _WEBP_XMP = 0x20, 0x08, 0x04


class PictureUnreadable(Refused):
    RULE = "picture_unreadable"
    SENTENCE = "Gambar ini rusak atau bukan jenis yang disebut. Ambil fotonya sekali lagi."


def bare(content: bytes, media_type: str) -> bytes:
    """The same picture and nothing else; a file that is no picture as it is. Raises `PictureUnreadable`."""
    make = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}.get(media_type)
    if make is None:
        return content
    try:
        return make(content)
    except (IndexError, struct.error) as error:
        raise PictureUnreadable from error


def _jpeg(content: bytes) -> bytes:
    if content[:3] != b"\xff\xd8\xff":
        raise PictureUnreadable
    head, kept, turned, at = [b"\xff\xd8"], [], _UPRIGHT, 2
    for _ in _parts():
        named = _NO_FILL.search(content, at + 1)  # 0xFF may be repeated before any marker
        if content[at] != 0xFF or named is None:
            raise PictureUnreadable
        at, marker = named.start() - 1, content[named.start()]
        if marker == 0xD9:
            break
        (length,) = struct.unpack_from(">H", content, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(content):
            raise PictureUnreadable
        segment = content[at:end]
        if marker == 0xE1 and segment[4:10] == _EXIF:
            turned = _orientation(segment[10:])
        elif marker == 0xE0 and segment[4:9] == b"JFIF\x00":
            head.append(b"\xff\xe0\x00\x10" + segment[4:16] + b"\x00\x00")  # without its thumbnail
        elif marker == 0xEE and segment[4:9] == b"Adobe" and length >= 14:
            kept.append(b"\xff\xee\x00\x0e" + segment[4:16])
        elif marker in _JPEG_KEPT or (marker == 0xE2 and segment[4:18] == _JPEG_ICC and _colours(segment[18:])):
            kept.append(segment)
        at = end
        if marker == 0xDA:
            following = _AFTER_SCAN.search(content, end)
            at = following.start() if following else len(content)
            kept.append(content[end:at])
            if following is None:  # cut off: there is nothing behind what it shows
                break
    if not any(one[:2] == b"\xff\xda" for one in kept):
        raise PictureUnreadable
    if turned != _UPRIGHT:
        exif = _EXIF + _exif(turned)
        head.append(b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif)
    return b"".join([*head, *kept, b"\xff\xd9"])


def _png(content: bytes) -> bytes:
    if not content.startswith(_PNG):
        raise PictureUnreadable
    chunks = list(_png_chunks(content))
    if not chunks or chunks[0][0] != b"IHDR":
        raise PictureUnreadable
    kept = [(kind, _png_icc(body) if kind == b"iCCP" else body) for kind, body in chunks if kind in _PNG_KEPT]
    kept = [one for one in kept if one != (b"iCCP", b"")]
    turned = next((_orientation(body) for kind, body in chunks if kind == b"eXIf"), _UPRIGHT)
    if turned != _UPRIGHT:
        kept.insert(1, (b"eXIf", _exif(turned)))
    return _PNG + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in kept
    )


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    for _ in _parts():
        length, kind = struct.unpack_from(">I4s", content, at)
        body = content[at + 8 : at + 8 + length]
        if len(body) != length:
            raise PictureUnreadable
        yield kind, body
        if kind == b"IEND":
            return
        at += 12 + length


def _png_icc(body: bytes) -> bytes:
    """The same colour profile under no name of its own; nothing where there is none."""
    unpacking = zlib.decompressobj()
    try:
        profile = unpacking.decompress(body[body.index(b"\x00") + 2 :], _MOST_COLOURS)
    except (ValueError, zlib.error):
        return b""
    return b"icc\x00\x00" + zlib.compress(profile) if _colours(profile) else b""


def _colours(profile: bytes) -> bool:
    """Whether this is one whole ICC profile."""
    return len(profile) >= 128 and profile[36:40] == b"acsp" and struct.unpack_from(">I", profile) == (len(profile),)


def _parts() -> Iterator[int]:
    """Counts the parts of a file that are read. Raises `PictureUnreadable` after more than any picture has."""
    yield from range(_MOST_PARTS)
    raise PictureUnreadable


def _webp(content: bytes) -> bytes:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        raise PictureUnreadable
    (size,) = struct.unpack_from("<I", content, 4)
    parts = _parts()
    chunks = list(_webp_chunks(content, 12, 8 + size, parts))
    turned = next((_orientation(body.removeprefix(_EXIF)) for kind, body in chunks if kind == b"EXIF"), _UPRIGHT)
    kept = [
        (kind, _webp_frame(body, parts) if kind == b"ANMF" else body)
        for kind, body in chunks
        if kind in _WEBP_KEPT and (kind != b"ICCP" or _colours(body))
    ]
    if not kept:
        raise PictureUnreadable
    if kept[0][0] == b"VP8X":
        colours = 0 if any(kind == b"ICCP" for kind, _ in kept) else _WEBP_ICC
        flags = kept[0][1][0] & ~(_WEBP_EXIF | _WEBP_XMP | colours) | (_WEBP_EXIF if turned != _UPRIGHT else 0)
        kept[0] = (b"VP8X", bytes([flags]) + kept[0][1][1:])
        kept += [(b"EXIF", _exif(turned))] if turned != _UPRIGHT else []
    body = b"WEBP" + _riff(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_frame(body: bytes, parts: Iterator[int]) -> bytes:
    """A frame of an animation: where it stands and how long (16 bytes), then chunks again."""
    return body[:16] + _riff([one for one in _webp_chunks(body, 16, len(body), parts) if one[0] in _WEBP_FRAME])


def _riff(chunks: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join(kind + struct.pack("<I", len(one)) + one + b"\x00" * (len(one) % 2) for kind, one in chunks)


def _webp_chunks(content: bytes, at: int, end: int, parts: Iterator[int]) -> Iterator[tuple[bytes, bytes]]:
    if end > len(content):
        raise PictureUnreadable
    while at + 8 <= end and next(parts) >= 0:
        kind, length = struct.unpack_from("<4sI", content, at)
        body = content[at + 8 : at + 8 + length]
        if len(body) != length:
            raise PictureUnreadable
        yield kind, body
        at += 8 + length + length % 2


def _orientation(exif: bytes) -> int:
    """Which side is up (Exif 2.32, tag 274): 1 to 8; 1 where it is not told."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2], "")
    try:
        (first,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, first)
        for entry in range(count):
            tag, kind, many, value = struct.unpack_from(f"{order}HHIH", exif, first + 2 + 12 * entry)
            if order and (tag, kind, many) == (_ORIENTATION, 3, 1):
                return value if 1 <= value <= 8 else _UPRIGHT
    except struct.error:
        pass
    return _UPRIGHT


def _exif(turned: int) -> bytes:
    """Exif that says which side is up, and nothing else."""
    return b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, turned, 0, 0)
