"""Reading a NIK or a KK number: what its form says, and where it disagrees with what was stated.

A NIK is text of 16 digits: six for the place where the person was first registered, six for the birth date (day + 40
for women), four for a serial from 0001. It is never rewritten when the record behind it is corrected, so it may differ
from the true birth date or sex; there is no check digit, so a good form proves nothing (Dukcapil's rules as given in
the field research, section 7.2). Therefore everything here warns and nothing refuses, and the place is never compared
with today's list of kecamatan.

Findings travel as codes of `FINDINGS`; they never hold a digit of the number.
"""

import re
from dataclasses import dataclass
from datetime import date

MALE = "L"
FEMALE = "P"

#: No office issues numbers for kecamatan 99: people who are made up for demonstrations and tests get these.
SYNTHETIC_PREFIX = "750199"

FINDINGS = {
    "spreadsheet_number": "NIK rusak oleh lembar sebar; salin ulang dari kartu sebagai teks",
    "not_16_digits": "NIK bukan 16 angka",
    "bad_birth_date": "Tanggal lahir di dalam NIK tidak ada dalam kalender",
    "serial_zero": "Nomor urut NIK 0000 tidak pernah diterbitkan",
    "birth_date_differs": "Tanggal lahir di dalam NIK berbeda dari yang disebutkan",
    "sex_differs": "Jenis kelamin di dalam NIK berbeda dari yang disebutkan",
    "kk_spreadsheet_number": "Nomor KK rusak oleh lembar sebar; salin ulang dari kartu sebagai teks",
    "kk_not_16_digits": "Nomor KK bukan 16 angka",
    "kk_bad_recording_date": "Tanggal pencatatan di dalam nomor KK tidak ada dalam kalender",
    "kk_serial_zero": "Nomor urut KK 0000 tidak pernah diterbitkan",
}

_SPREADSHEET = re.compile(r"[0-9][.,][0-9]+E\+?[0-9]+|[0-9]{16}[.,]0+", re.IGNORECASE)
_SIXTEEN = re.compile(r"[0-9]{16}")


@dataclass(frozen=True)
class NikReading:
    """What a NIK says. ``birth_date`` is a guess (two-digit year), ``sex`` is ``L`` or ``P``; either may be unknown."""

    findings: tuple[str, ...]
    birth_date: date | None = None
    sex: str | None = None


def tidy(text: str) -> str:
    """The number without the spaces, dots and hyphens people write into it."""
    return re.sub(r"[\s.\-]", "", text)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _latest(day: int, month: int, short_year: int, today: date) -> date | None:
    """The latest such day that is not after ``today``: a two-digit year names no century."""
    this_century = today.year - today.year % 100
    for year in (this_century + short_year, this_century - 100 + short_year):
        found = _date(year, month, day)
        if found is not None and found <= today:
            return found
    return None


def _form(text: str) -> tuple[str, tuple[str, ...]]:
    if _SPREADSHEET.fullmatch(text.strip()):
        return "", ("spreadsheet_number",)
    digits = tidy(text)
    return (digits, ()) if _SIXTEEN.fullmatch(digits) else ("", ("not_16_digits",))


def read_nik(text: str, *, today: date, birth_date: date | None = None, sex: str | None = None) -> NikReading:
    """Read a NIK, and compare it with the stated birth date and sex when these are given.

    The stated century is not compared, because the number has none.
    """
    digits, wrong = _form(text)
    if wrong:
        return NikReading(findings=wrong)
    findings: list[str] = []
    day, month, year = int(digits[6:8]), int(digits[8:10]), int(digits[10:12])
    said_sex = FEMALE if day > 40 else MALE
    born = _latest(day - 40 if day > 40 else day, month, year, today)
    if born is None:
        findings.append("bad_birth_date")
    if digits[12:] == "0000":
        findings.append("serial_zero")
    if birth_date is not None and born is not None:
        stated = (birth_date.day, birth_date.month, birth_date.year % 100)
        if stated != (born.day, born.month, born.year % 100):
            findings.append("birth_date_differs")
    if born is None:
        return NikReading(findings=tuple(findings))
    if sex in (MALE, FEMALE) and sex != said_sex:
        findings.append("sex_differs")
    return NikReading(findings=tuple(findings), birth_date=born, sex=said_sex)


def read_kk(text: str, *, today: date) -> tuple[str, ...]:
    """The findings on the form of a KK number: place of issue, day of recording, serial. No + 40 rule here."""
    digits, wrong = _form(text)
    if wrong:
        return tuple(f"kk_{code}" for code in wrong)
    findings = []
    if _latest(int(digits[6:8]), int(digits[8:10]), int(digits[10:12]), today) is None:
        findings.append("kk_bad_recording_date")
    if digits[12:] == "0000":
        findings.append("kk_serial_zero")
    return tuple(findings)


def synthetic_nik(born: date, sex: str, serial: int) -> str:
    """A NIK that nobody can have, for demonstrations. ``serial`` is 1 to 9999."""
    day = born.day + (40 if sex == FEMALE else 0)
    return f"{SYNTHETIC_PREFIX}{day:02}{born.month:02}{born.year % 100:02}{serial:04}"


def is_synthetic(text: str) -> bool:
    """Whether the number was made for a demonstration."""
    return tidy(text).startswith(SYNTHETIC_PREFIX)
