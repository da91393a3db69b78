"""Pictures that are handed out carry nothing that a camera wrote into them; the vault keeps them as they came."""

from __future__ import annotations

import hashlib
import os
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from service.log.ids import new_id
from service.office import Office
from service.pictures import PictureUnreadable, bare
from tests.service.offices import VILLAGE, Asking, person
from tests.service.photographs import PICTURES, SECRETS, exif, jpeg, png, webp

Client = Callable[[str], Asking]
GPS = struct.pack("<II", 122, 1)


def upload(who: Asking, content: bytes, media_type: str, subject: str, **query: Any) -> Any:
    headers = {"Authorization": f"Bearer {who.token}", "File-Name": "foto"}
    return who.client.post(
        "/api/v1/files",
        query_string={"subject": subject, **query},
        data=content,
        content_type=media_type,
        headers=headers,
    )


@pytest.mark.parametrize("media_type", PICTURES)
@pytest.mark.parametrize("turned", range(1, 9))
def test_nothing_is_left_of_what_the_camera_wrote_but_which_side_is_up(media_type: str, turned: int) -> None:
    whole = PICTURES[media_type](turned)
    assert all(secret in whole for secret in (SECRETS[0], SECRETS[1], SECRETS[2], b"canary-xmp", GPS))
    shown = bare(whole, media_type)
    for secret in (*SECRETS, GPS, b"xmp", b"Photoshop", b"GPS", b"II*\0"):
        assert secret not in shown
    assert shown.count(b"MM\0*") == (turned != 1)
    if turned != 1:
        at = shown.index(b"MM\0*")
        assert shown[at + 8 : at + 20] == struct.pack(">HHHIH", 1, 0x0112, 3, 1, turned)
    assert bare(shown, media_type) == shown, "there is nothing left to take away"


@pytest.mark.parametrize("media_type", PICTURES)
def test_the_picture_itself_stays_byte_for_byte(media_type: str) -> None:
    whole = PICTURES[media_type]()
    shown = bare(whole, media_type)
    pixels = {
        "image/jpeg": lambda data: data[data.index(b"\xff\xda") : data.index(b"\xff\xd9")],
        "image/png": lambda data: data[data.index(b"IDAT") : data.index(b"IEND")],
        "image/webp": lambda data: data[data.index(b"VP8 ") : data.index(b"VP8 ") + 60],
    }[media_type]
    assert pixels(shown) == pixels(whole)
    assert (b"ICC_PROFILE" in shown) == (b"ICC_PROFILE" in whole)


@pytest.mark.parametrize("media_type", PICTURES)
def test_whatever_is_sent_as_a_picture_is_bared_or_refused(media_type: str) -> None:
    """Cut anywhere, or with any byte changed: never another error, and never a word of the camera's."""
    whole = PICTURES[media_type](6)
    spoilt = [whole[:at] for at in range(0, len(whole), 7)]
    for at in range(min(len(whole), 700)):
        spoilt.append(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
    spoilt += [os.urandom(size) for size in (0, 1, 2, 11, 300)]
    shown = 0
    for one in spoilt:
        try:
            told = bare(one, media_type)
        except PictureUnreadable:
            continue
        shown += 1
        assert b"canary-xmp" not in told
        assert GPS not in told or GPS not in one
    assert 0 < shown < len(spoilt)


def test_a_progressive_photograph_keeps_all_its_scans() -> None:
    whole = jpeg()
    start, end = whole.index(b"\xff\xda"), whole.index(b"\xff\xd9")
    scan = whole[start:end]
    more = whole[:start] + scan + b"\xff\xfe\x00\x08Canary" + scan + b"\xff" + whole[end:]  # a fill byte before the end
    shown = bare(more, "image/jpeg")
    assert shown.count(scan) == 2
    assert b"Canary" not in shown


def test_strange_exif_is_taken_as_upright() -> None:
    whole = jpeg()
    for spoilt in (b"XX" + exif(6)[2:], exif(6)[:9], exif(9), b"II*\0\xff\xff\xff\xff"):
        at = whole.index(b"Exif\0\0")
        told = whole[:2] + struct.pack(">BBH", 0xFF, 0xE1, len(spoilt) + 8) + b"Exif\0\0" + spoilt
        (length,) = struct.unpack_from(">H", whole, at - 2)
        assert b"MM\0*" not in bare(told + whole[at - 2 + length :], "image/jpeg")


def riff(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def test_the_frames_of_an_animation_are_bared_too() -> None:
    still = webp()
    at = still.index(b"VP8 ")
    pixels = still[at : at + 8 + int.from_bytes(still[at + 4 : at + 8], "little")]
    told = riff(b"EXIF", exif(6)) + riff(b"XMP ", b"canary-xmp") + riff(b"ANMF", b"canary-inner" + bytes(20))
    frame = riff(b"ANMF", bytes(16) + told + pixels + told)
    inside = riff(b"VP8X", b"\x2e" + still[21:30]) + riff(b"ANIM", bytes(6)) + frame + frame
    shown = bare(b"RIFF" + struct.pack("<I", len(inside) + 4) + b"WEBP" + inside, "image/webp")
    assert shown.count(riff(b"ANMF", bytes(16) + pixels)) == 2
    assert shown[20] == 0x02, "an animation, with neither Exif, XMP nor colours"
    assert len(shown) == 12 + 18 + 14 + 2 * (24 + len(pixels))
    assert bare(shown, "image/webp") == shown


@pytest.mark.parametrize("media_type", PICTURES)
def test_a_colour_profile_stays_if_it_is_one(media_type: str) -> None:
    """Whatever else is called a profile is left out, and so is what stands behind one or in its name."""
    whole = jpeg()
    start = whole.index(b"ICC_PROFILE\0") + 14
    profile = whole[start : start + int.from_bytes(whole[start : start + 4])]

    def with_profile(told: bytes, name: bytes = b"canary name") -> bytes:
        if media_type == "image/jpeg":
            segment = b"ICC_PROFILE\0\x01\x01" + told
            return (
                b"\xff\xd8" + struct.pack(">BBH", 0xFF, 0xE2, len(segment) + 2) + segment + bare(whole, media_type)[2:]
            )
        if media_type == "image/png":
            body = name + b"\0\0" + zlib.compress(told) + b"canary-behind"
            chunk = struct.pack(">I", len(body)) + b"iCCP" + body + struct.pack(">I", zlib.crc32(b"iCCP" + body))
            return png()[:33] + chunk + png()[33:]
        inside = webp()[12:30] + riff(b"ICCP", told) + webp()[webp().index(b"VP8 ") :]
        return b"RIFF" + struct.pack("<I", len(inside) + 4) + b"WEBP" + inside

    packed = zlib.compress(profile) if media_type == "image/png" else profile
    shown = bare(with_profile(profile), media_type)
    assert packed in shown
    assert b"canary" not in shown
    none = bare(with_profile(b""), media_type)
    for spoilt in (b"canary-text", profile + b"canary-behind", bytes(36) + b"acsp", b"\0" * 200 + SECRETS[2]):
        assert bare(with_profile(spoilt), media_type) == none


def test_text_behind_what_adobe_means_is_left_out() -> None:
    whole, said = jpeg(), b"Adobe" + bytes(7)
    told = whole[:2] + struct.pack(">BBH", 0xFF, 0xEE, 14 + 12) + said + b"canary-adobe" + whole[2:]
    shown = bare(told, "image/jpeg")
    assert said in shown
    assert b"canary" not in shown


MANY_PARTS = {
    "segments": ("image/jpeg", b"\xff\xd8" + b"\xff\xfe\0\x02" * 5_000_000),
    "fill bytes": ("image/jpeg", b"\xff\xd8" + b"\xff" * 20_000_000),
    "fill bytes before each": ("image/jpeg", b"\xff\xd8" + (b"\xff" * 2000 + b"\xfe\0\x02") * 9990 + jpeg()[2:]),
    "chunks": ("image/png", png()[:33] + (bytes(4) + b"IDAT" + bytes(4)) * 1_600_000),
    "riff": ("image/webp", b"RIFF" + struct.pack("<I", 19_000_004) + b"WEBP" + b"ALPH\0\0\0\0" * 2_375_000),
    "frames": (
        "image/webp",
        b"RIFF" + struct.pack("<I", 20_000 * 24 + 4) + b"WEBP" + (riff(b"ANMF", bytes(16))) * 20_000,
    ),
    "in a frame": (
        "image/webp",
        b"RIFF" + struct.pack("<I", 16_000_028) + b"WEBP" + riff(b"ANMF", bytes(16) + b"ALPH\0\0\0\0" * 2_000_000),
    ),
}


@pytest.mark.parametrize("why", MANY_PARTS)
def test_what_has_more_parts_than_a_picture_costs_next_to_nothing(why: str) -> None:
    media_type, content = MANY_PARTS[why]
    tracemalloc.start()
    begun = time.process_time()
    try:
        with pytest.raises(PictureUnreadable):
            bare(content, media_type)
        assert time.process_time() - begun < 1.5
        assert tracemalloc.get_traced_memory()[1] < 2 * len(content) + 16 * 1024 * 1024
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("media_type", PICTURES)
def test_a_shared_copy_is_bare_and_the_vault_keeps_the_evidence(
    office: Office, client: Client, media_type: str
) -> None:
    supervisor, whole, kps = client("supervisor"), PICTURES[media_type](6), new_id()
    file = upload(supervisor, whole, media_type, kps).get_json()["id"]
    body = {"id": kps, "village": VILLAGE, "kind": "arisan", "name": "Mawar"}
    supervisor.done("/api/v1/kps", {**body, "evidence": [{"kind": "sk", "file": file}]})
    for reader in ("supervisor", "kades"):
        answer = client(reader).get(f"/api/v1/files/{file}")
        assert answer.content_type == media_type
        assert answer.get_data() == bare(whole, media_type)
    head, kept = office.files.open(file)
    assert kept == whole
    assert head.sha256 == hashlib.sha256(whole).hexdigest()
    (evidence,) = office.log.history(kps)[-1].evidence
    assert evidence.sha256 == office.files.row(file).sha256


def test_of_somebody_strictly_restricted_not_even_the_vault_learns_where_it_was_taken(
    office: Office, client: Client
) -> None:
    child = person(office, tier=3)
    file = upload(client("peksos"), jpeg(6), "image/jpeg", child, strict="true").get_json()["id"]
    head, kept = office.files.open(file)
    assert kept == bare(jpeg(6), "image/jpeg")
    assert head.sha256 == hashlib.sha256(kept).hexdigest()
    assert head.size == office.files.row(file).size == len(kept)


def test_what_only_claims_to_be_a_picture_is_refused(client: Client) -> None:
    for content, media_type in ((b"<script>", "image/png"), (png(), "image/jpeg"), (jpeg()[:40], "image/jpeg")):
        answer = upload(client("psm"), content, media_type, new_id())
        assert answer.status_code == 409
        assert answer.get_json()["rule"] == "picture_unreadable"
