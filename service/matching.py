"""Who may be the same person: scores an identity about to be registered against opened candidates.

A name alone never makes a probable duplicate: in one kecamatan many women are called Sri Wahyuni. What is found is a
warning with its grounds; a person decides, and a registration is never refused here. Nothing here may log.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple, TypedDict

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from service.log.names import name_words, nik_digits, sound

THRESHOLD = 70

GROUNDS: Mapping[str, tuple[int, str]] = {
    "nik_sama": (100, "NIK sama"),
    "nik_mirip": (25, "NIK hampir sama"),
    "nama_sama": (58, "Nama sama atau hanya berbeda ejaan"),
    "nama_mirip": (45, "Nama mirip"),
    "nama_sebagian": (30, "Sebagian nama mirip"),
    "tanggal_lahir_sama": (30, "Tanggal lahir sama"),
    "tahun_lahir_sama": (15, "Tahun lahir sama"),
    "tahun_lahir_dekat": (6, "Tahun lahir berselisih paling banyak dua tahun"),
    "desa_sama": (12, "Desa atau kelurahan sama"),
    "orang_tua_sama": (25, "Nama ibu sama atau mirip"),
    "telepon_sama": (15, "Nomor telepon sama"),
    "nik_beda": (-15, "NIK berbeda"),
    "tahun_lahir_beda": (-20, "Tahun lahir berselisih lebih dari lima tahun"),
    "orang_tua_beda": (-10, "Nama ibu berbeda"),
    "jenis_kelamin_beda": (-25, "Jenis kelamin berbeda"),
}
"""Every ground: its points and what a clerk reads. Points are a judgement of this office's, not a regulation."""

_NOBODYS_BIRTHDAYS = {(1, 1), (12, 31)}


class Identity(TypedDict, total=False):
    """What is known of one person, opened. All may be missing or None; a birth date makes the year superfluous."""

    name: str | None
    nik: str | None
    sex: str | None
    birth_date: date | None
    birth_year: int | None
    village: str | None
    mother: str | None
    phone: str | None


class Probable(NamedTuple):
    """A candidate at or above the threshold: its id, 0 to 100 points, and the codes of the grounds."""

    id: str
    score: int
    grounds: tuple[str, ...]


def name_likeness(one: str, other: str) -> int:
    """How alike two written names sound, 0 to 100: each word of the shorter name with its best partner in the longer.

    The order of words does not count. A word too many costs 8, an initial counts as a fair likeness.
    """
    written = name_words(one), name_words(other)
    shorter, longer = sorted(([sound(word) for word in words] for words in written), key=len)
    if not shorter:
        return 0
    pairs = sorted(((_word_likeness(a, b), -i, -j) for i, a in enumerate(shorter) for j, b in enumerate(longer)))
    total, used_short, used_long = 0.0, set[int](), set[int]()
    for likeness, i, j in reversed(pairs):
        if i not in used_short and j not in used_long:
            total += likeness
            used_short.add(i)
            used_long.add(j)
    by_word = total / len(shorter) - 8 * (len(longer) - len(shorter))
    joined = fuzz.ratio(*(sound("".join(words)) for words in written))  # "Nur Hayati" and "Nurhayati"
    return max(0, round(joined if joined >= 95 else by_word))


def score(candidate: Identity, other: Identity) -> tuple[int, tuple[str, ...]]:
    """Points from 0 to 100 that both are one person, and the codes of the grounds in the order of GROUNDS.

    The same NIK is 100. Without it never above 99: everything else may be chance.
    """
    found = {
        _nik_ground(candidate.get("nik"), other.get("nik")),
        _name_ground(candidate.get("name"), other.get("name")),
        _birth_ground(candidate, other),
        _mother_ground(candidate.get("mother"), other.get("mother")),
    }
    if candidate.get("village") and candidate.get("village") == other.get("village"):
        found.add("desa_sama")
    phone = _phone_digits(candidate.get("phone"))
    if phone and phone == _phone_digits(other.get("phone")):
        found.add("telepon_sama")
    if candidate.get("sex") and other.get("sex") and candidate.get("sex") != other.get("sex"):
        found.add("jenis_kelamin_beda")
    grounds = tuple(code for code in GROUNDS if code in found)
    if "nik_sama" in found:
        return 100, grounds
    return max(0, min(99, sum(GROUNDS[code][0] for code in grounds))), grounds


def probable_duplicates(candidate: Identity, others: Mapping[str, Identity], at_most: int = 10) -> list[Probable]:
    """Those among the opened candidates (by id) that reach the threshold, the most probable first."""
    scored = [Probable(id, *score(candidate, other)) for id, other in others.items()]
    reached = [probable for probable in scored if probable.score >= THRESHOLD]
    return sorted(reached, key=lambda probable: (-probable.score, probable.id))[:at_most]


def _word_likeness(one: str, other: str) -> float:
    if 1 in (len(one), len(other)):
        return 85.0 if one[:1] == other[:1] else 0.0
    return 100 * OSA.normalized_similarity(one, other)


def _name_ground(one: str | None, other: str | None) -> str:
    likeness = name_likeness(one or "", other or "")
    return next(
        (code for least, code in ((96, "nama_sama"), (85, "nama_mirip"), (72, "nama_sebagian")) if likeness >= least),
        "",
    )


def _nik_ground(one: str | None, other: str | None) -> str:
    first, second = nik_digits(one or ""), nik_digits(other or "")
    # A row of one digit is typed to get past a form: it says nothing.
    if len(first) != 16 or len(second) != 16 or 1 in (len(set(first)), len(set(second))):
        return ""
    slips = OSA.distance(first, second)
    # Two people of one kecamatan born on one day differ only in the last four digits: a slip there is no ground.
    if slips == 1 and first[:12] == second[:12]:
        return "nik_beda"
    return ("nik_sama", "nik_mirip")[slips] if slips < 2 else "nik_beda"


def _birth_ground(candidate: Identity, other: Identity) -> str:
    first, second = candidate.get("birth_date"), other.get("birth_date")
    # 1 January and 31 December stand for "day unknown" in many registers: only the year counts.
    if first and first == second and (first.month, first.day) not in _NOBODYS_BIRTHDAYS:
        return "tanggal_lahir_sama"
    years = [
        who.year if who else year
        for who, year in ((first, candidate.get("birth_year")), (second, other.get("birth_year")))
    ]
    if not years[0] or not years[1]:
        return ""
    apart = abs(years[0] - years[1])
    if apart > 5:
        return "tahun_lahir_beda"
    return "tahun_lahir_sama" if apart == 0 else "tahun_lahir_dekat" if apart <= 2 else ""


def _mother_ground(one: str | None, other: str | None) -> str:
    if not name_words(one or "") or not name_words(other or ""):
        return ""
    likeness = name_likeness(one or "", other or "")
    return "orang_tua_sama" if likeness >= 85 else "orang_tua_beda" if likeness < 50 else ""


def _phone_digits(phone: str | None) -> str:
    """The subscriber's digits: +62, 62 and 0 before them left out; empty when too few to be a number."""
    digits = "".join(filter(str.isdigit, phone or "")).removeprefix("62").lstrip("0")
    return digits if len(digits) >= 8 else ""
