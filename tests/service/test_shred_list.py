"""The shred list: every line rests on the one before, a torn last line is recognised, an altered one is never believed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from service.log.shred_list import BEGINNING, Shredded, ShredList, ShredListDamaged

ONE = Shredded("2026-01-05T01:02:03.000004Z", "d1", "s1", ("k1", "k2"), 4, 9, 1)
OTHER = Shredded("2026-01-05T01:02:03.000004Z", "d1", "s2", ("k3",), 2, 3, 0)
THIRD = Shredded("2026-02-05T01:02:03.000004Z", "d2", "s3", ("k4",), 2, 3, 0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = ShredList(tmp_path / "deep" / "shredded")
    made.append([ONE, OTHER])
    return made.path


def test_before_the_first_destruction_there_is_none(tmp_path: Path) -> None:
    assert ShredList(tmp_path / "shredded").read() == []


def test_what_was_added_is_read_in_order(path: Path) -> None:
    ShredList(path).append([THIRD])
    assert ShredList(path).read() == [ONE, OTHER, THIRD]
    assert path.stat().st_mode & 0o077 == 0


def test_a_line_is_what_the_page_says(path: Path) -> None:
    """Read with nothing of ours: SHA-256 of the hash before, a line feed, and the JSON text."""
    before = BEGINNING
    for line in path.read_text().splitlines():
        own, _, text = line.partition(" ")
        assert own == hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()
        assert set(json.loads(text)) == {"at", "destruction", "subject", "keys", "parts", "tokens", "files"}
        before = own


def test_a_last_line_torn_anywhere_is_left_out_and_written_over(path: Path) -> None:
    data = path.read_bytes()
    first = data.index(b"\n") + 1
    for cut in range(first, len(data)):
        path.write_bytes(data[:cut])
        assert ShredList(path).read() == [ONE]
    ShredList(path).append([THIRD])
    assert ShredList(path).read() == [ONE, THIRD]


def test_an_altered_exchanged_or_missing_line_is_told(path: Path) -> None:
    ShredList(path).append([THIRD])
    lines = path.read_bytes().splitlines(keepends=True)
    for wrong in (
        b"".join(lines).replace(b"k1", b"k9"),
        b"".join(lines).replace(b'"tokens":3', b'"tokens":4'),
        b"".join(lines[1:]),
        b"".join([lines[0], lines[2]]),
        b"".join([lines[1], lines[0], lines[2]]),
        b"\n" + b"".join(lines),
    ):
        path.write_bytes(wrong)
        with pytest.raises(ShredListDamaged):
            ShredList(path).read()
        with pytest.raises(ShredListDamaged):
            ShredList(path).append([ONE])
        assert path.read_bytes() == wrong
