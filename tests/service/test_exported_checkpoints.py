"""Which of a log's checkpoints an export holds, and that it looks at the signatures of no others."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from zipfile import ZipFile

import pytest

from service.log.bundle import Bundle
from service.log.checkpoints import Published, signed
from service.log.notes import COSIGNATURE, Checkpoint, Signer, VerifierKey
from service.log.policy import LogKeys
from service.office import Office, utc_now

ORIGIN = "wahana/75.01"
FIRST, LOG, STRANGER = (Signer(ORIGIN, seed * 32) for seed in (b"f", b"l", b"s"))
KEYS = LogKeys((FIRST.key, LOG.key), (200,))
WITNESS = Signer("inspektorat", b"w" * 32, COSIGNATURE)


def text(size: int) -> str:
    return Checkpoint(ORIGIN, size, bytes(32)).text


def publish(here: Office, rows: list[Published], cosigned: list[int]) -> None:
    with here.database.transaction() as within:
        for row in rows:
            within.rows(
                "INSERT INTO checkpoints VALUES (:size, :note, :at)", size=row.size, note=row.note, at=row.sealed
            )
    for size in cosigned:
        here.checkpoints.cosign(size, WITNESS.cosign(text(size), 1_790_000_000), utc_now())


def exported(here: Office, folder: Path) -> tuple[list[int], list[int]]:
    """Sizes of the checkpoints in the bundle, and those that it says were left out."""
    path = folder / "casebook.zip"
    Bundle(here.database, here.keys, here.vault, origin=ORIGIN, codes=[], log_keys=KEYS).write(path, now=utc_now())
    with ZipFile(path) as bundle:
        there = [json.loads(line)["size"] for line in bundle.read("checkpoints.ndjson").splitlines()]
        return there, json.loads(bundle.read("manifest.json")).get("checkpoints_left_out", [])


def own(rows: list[Published]) -> list[Published]:
    """Those that one of the log's keys signed."""
    return [row for row in rows if any(signed(row, LogKeys((key,))) for key in KEYS.keys)]


def described(rows: list[Published], cosigned: list[int]) -> list[int]:
    """As the format says it: cosigned, the last before another month, or the latest."""
    ours = own(rows)
    pairs = zip(ours, [*ours[1:], None], strict=True)
    return [
        row.size for row, after in pairs if after is None or row.size in cosigned or row.sealed[:7] != after.sealed[:7]
    ]


@pytest.mark.parametrize("seed", range(6))
def test_an_export_holds_the_last_of_each_month_the_latest_and_the_cosigned_whoever_wrote_among_them(
    here: Office, tmp_path: Path, seed: int
) -> None:
    choose = Random(seed)
    rows = []
    for size in range(1, 401):
        ours = FIRST if size <= 200 else LOG
        key = choose.choices((ours, STRANGER, FIRST, None), (12, 4, 1, 1))[0]
        month = size // 60 + 1 if choose.random() < 0.9 else choose.randint(1, 12)
        rows.append(Published(size, key.note(text(size)) if key else "x", f"2026-{month:02}-01T00:00:00Z"))
    cosigned = sorted(choose.sample(range(1, 401), 12))
    publish(here, rows, cosigned)
    there, left_out = exported(here, tmp_path)
    assert there == described(rows, cosigned)
    ours = own(rows)
    strange = [row for row in rows if row not in ours]
    after = {row.size: next((one for one in ours if one.size > row.size), None) for row in strange}
    assert sorted(left_out) == [
        row.size
        for row in strange
        if row.size in cosigned or (one := after[row.size]) is None or one.sealed[:7] != row.sealed[:7]
    ]


def test_an_export_looks_at_the_signatures_of_what_it_holds_and_of_no_other(
    here: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        Published(size, LOG.note(text(size)), f"2026-{size // 250 + 1:02}-01T00:00:00Z") for size in range(201, 901)
    ]
    publish(here, rows, [300, 310])
    looked: list[bytes] = []
    holds = VerifierKey.holds

    def counted(self: VerifierKey, signature: bytes, message: bytes) -> bool:
        looked.append(message)
        return holds(self, signature, message)

    monkeypatch.setattr(VerifierKey, "holds", counted)
    there, left_out = exported(here, tmp_path)
    assert (there, left_out) == ([249, 300, 310, 499, 749, 900], [])
    assert sorted(looked) == sorted(text(size).encode() for size in there)
