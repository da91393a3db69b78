"""Real pictures as a phone makes them: drawn by a browser, with what a camera writes into them put in here."""

from __future__ import annotations

import base64
import struct
import zlib

SECRETS = (b"Canary Phone 9", b"2026:05:04 10:11:12", b"Rumah aman Limboto", b"canary-xmp", b"canary-appended")
_JPEG = base64.b64decode(
    """
/9j/4AAQSkZJRgABAQAAAQABAAD/4gHYSUNDX1BST0ZJTEUAAQEAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3NwAAAAAAAAAAAA
AAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAlkZXNj
AAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAABUAAAABRyVFJDAAABZAAAAChnVFJDAAABZAAAAChiVFJDAAAB
ZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBHAEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAA
t4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABt
bHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADb/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6
PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSk
pKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAAQABgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAYEAEAAwEAAAAAAAAAAAAAAAAA
BUOCwf/EABYBAQEBAAAAAAAAAAAAAAAAAAMCBP/EABgRAAMBAQAAAAAAAAAAAAAAAAACEQMS/9oADAMBAAIRAxEAPwCqlzdOuJYFMeWtIffpZAAczn//
2Q==
"""
)
_PNG = base64.b64decode(
    """
iVBORw0KGgoAAAANSUhEUgAAABgAAAAQCAYAAAAMJL+VAAAAS0lEQVR4AezRIQ4AIAgFUEa1eyib1YN5Iq9kMGGHwH6gfbcfZAy2h94zDUlbw5CoFD8u
SIFJlBP1/QRJOtE18AYOJH5JFE1cpZzoAwAA//8gyRzaAAAABklEQVQDADKATHF2uwFnAAAAAElFTkSuQmCC
"""
)
_WEBP = base64.b64decode(
    """
UklGRioCAABXRUJQVlA4WAoAAAAgAAAAFwAADwAASUNDUMgBAAAAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3NwAAAAAAAAAAAA
AAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAlkZXNj
AAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAABUAAAABRyVFJDAAABZAAAAChnVFJDAAABZAAAAChiVFJDAAAB
ZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBHAEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAA
t4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABt
bHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADZWUDggPAAAABADAJ0BKhgAEAA/EXKwUCwmpKKw
CAGAIglAAAtwehgYoAD+rqDxHp9cIv/7oadkyLR/lz+d3a0N7yAAAA==
"""
)


def exif(turned: int) -> bytes:
    """TIFF with the phone, the time, a place (0 deg 37' N, 122 deg 58' E), and which side is up."""
    texts = {0x0110: SECRETS[0] + b"\0", 0x0132: SECRETS[1] + b"\0", 0x010E: SECRETS[2] + b"\0"}
    places = {1: (2, 2, b"N\0\0\0"), 3: (2, 2, b"E\0\0\0")}
    degrees = {2: (0, 37, 12), 4: (122, 58, 40)}
    entries = len(texts) + 2
    behind = 8 + 2 + 12 * entries + 4
    data, rows = b"", []
    for tag, text in sorted(texts.items()):
        rows.append(struct.pack("<HHII", tag, 2, len(text), behind + len(data)))
        data += text
    rows.append(struct.pack("<HHIHH", 0x0112, 3, 1, turned, 0))
    gps_at = behind + len(data)
    rows.append(struct.pack("<HHII", 0x8825, 4, 1, gps_at))
    inner_behind = gps_at + 2 + 12 * 4 + 4
    inner, inner_data = [], b""
    for tag in (1, 2, 3, 4):
        if tag in places:
            kind, many, value = places[tag]
            inner.append(struct.pack("<HHI4s", tag, kind, many, value))
        else:
            inner.append(struct.pack("<HHII", tag, 5, 3, inner_behind + len(inner_data)))
            inner_data += b"".join(struct.pack("<II", one, 1) for one in degrees[tag])
    gps = struct.pack("<H", 4) + b"".join(inner) + struct.pack("<I", 0) + inner_data
    rows.sort(key=lambda row: struct.unpack_from("<H", row)[0])
    return b"II*\0" + struct.pack("<IH", 8, entries) + b"".join(rows) + struct.pack("<I", 0) + data + gps


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpeg(turned: int = 1) -> bytes:
    """A photograph with Exif (GPS), XMP, IPTC, a comment, and another picture appended, as phones do."""
    told = _segment(0xE1, b"Exif\0\0" + exif(turned))
    told += _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>canary-xmp</x:xmpmeta>")
    told += _segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x12" + SECRETS[2])
    told += _segment(0xFE, SECRETS[0])
    return _JPEG[:2] + told + _JPEG[2:] + b"canary-appended" + _JPEG


def png(turned: int = 1) -> bytes:
    """A picture with eXIf, XMP and a time."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    told = chunk(b"eXIf", exif(turned)) + chunk(b"tEXt", b"Comment\0" + SECRETS[2])
    told += chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0canary-xmp") + chunk(b"tIME", b"\x07\xea\x05\x04\x0a\x0b\x0c")
    return _PNG[:33] + told + _PNG[33:] + b"canary-appended"


def webp(turned: int = 1) -> bytes:
    """A picture in the extended format with EXIF and XMP."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)

    body = bytearray(_WEBP[12:])
    body[8] |= 0x0C
    told = bytes(body) + chunk(b"EXIF", exif(turned)) + chunk(b"XMP ", b"canary-xmp")
    return b"RIFF" + struct.pack("<I", len(told) + 4) + b"WEBP" + told


PICTURES = {"image/jpeg": jpeg, "image/png": png, "image/webp": webp}
