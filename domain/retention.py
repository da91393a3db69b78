"""The office's archive schedule (JRA): how long records of people are kept, counted from when, and what becomes of them.

A class covers kinds of beneficiary. What no class covers is kept and reviewed, never destroyed. Each change of a class is a
new version: a decision names the version it rests on. Sources: UU 43/2009 art. 51 (only what the JRA says is to be
destroyed may be destroyed), UU 27/2022 art. 44.
"""

import re
from datetime import date

import msgspec

from domain.aggregate import Aggregate, Event
from domain.codes import CodeHistory, CodeList
from domain.refusals import Refused
from domain.sealed import Evidence

RETENTION_ID = "00000000-0000-7000-8000-000000000301"
KINDS = ("person", "family", "community")
DESTROY, KEEP, REVIEW = "musnah", "permanen", "tinjau"
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}")
LONGEST_YEARS = 100

TRIGGERS = CodeHistory(
    CodeList(
        name="awal masa retensi",
        version="ID-AWAL-RETENSI-2019",
        valid_from=date(2019, 7, 1),
        source="Daftar setempat menurut JRA kantor",
        codes={
            "kasus_terakhir_ditutup": "Kasus terakhir ditutup (tanpa kasus: catatan terakhir)",
            "kematian": "Kematian warga",
            "catatan_terakhir": "Catatan terakhir tentang warga",
        },
    )
)

FATES = CodeHistory(
    CodeList(
        name="nasib akhir arsip",
        version="ID-NASIB-AKHIR-2019",
        valid_from=date(2019, 7, 1),
        source="UU 43/2009 pasal 48 dan 51: JRA memuat jenis arsip, masa simpan, dan keterangan nasib akhir",
        codes={DESTROY: "Musnah", KEEP: "Permanen", REVIEW: "Dinilai kembali"},
    )
)


class NotARetentionCode(Refused):
    RULE = "not_a_retention_code"
    SENTENCE = "Kode kelas retensi terdiri atas 1 sampai 40 huruf, angka, titik, garis miring, atau tanda hubung."


class PeriodOutOfBounds(Refused):
    RULE = "period_out_of_bounds"
    SENTENCE = "Masa simpan {years} tahun di luar batas 1 sampai 100 tahun."


class CoversNothing(Refused):
    RULE = "covers_nothing"
    SENTENCE = "Kelas retensi harus menyebut paling sedikit satu jenis warga: perorangan, keluarga, atau kelompok."


class CoveredByAnother(Refused):
    RULE = "covered_by_another"
    SENTENCE = "Jenis ini sudah diatur oleh kelas retensi {code}; ubah kelas itu lebih dahulu."


class VersionsInOrder(Refused):
    RULE = "versions_in_order"
    SENTENCE = "Versi baru kelas retensi tidak boleh berlaku sebelum versi yang terakhir ({latest})."


class RetentionClass(msgspec.Struct, frozen=True):
    """One version of one class. ``years`` are counted from the day that ``trigger`` names."""

    code: str
    number: int
    label: str
    kinds: tuple[str, ...]
    trigger: str
    years: int
    fate: str
    basis: str
    valid_from: date

    def ends(self, began: date) -> date:
        """The last day of the period of a record whose retention began on a day; 29 February becomes 28 February."""
        try:
            return began.replace(year=began.year + self.years)
        except ValueError:
            return began.replace(year=began.year + self.years, day=28)


class Retention(Aggregate):
    """The whole schedule: one stream, every version of every class."""

    NOUN = "retention"

    class ClassSet(Event):
        """A new class, or a new version of one; ``number`` counts its versions. It holds from the day of the event."""

        TOPIC = "retention.class_set"
        code: str
        number: int
        label: str
        kinds: tuple[str, ...]
        trigger: str
        triggers: str  # version of the list of triggers
        years: int
        fate: str
        fates: str  # version of the list of fates
        basis: str

        def apply(self, retention: "Retention") -> None:
            made = RetentionClass(
                self.code,
                self.number,
                self.label,
                self.kinds,
                self.trigger,
                self.years,
                self.fate,
                self.basis,
                self.on,
            )
            retention.classes.setdefault(self.code, []).append(made)

    def start(self) -> None:
        self.classes: dict[str, list[RetentionClass]] = {}  # the versions of each, in order

    def set_class(
        self,
        *,
        on: date,
        code: str,
        label: str,
        kinds: tuple[str, ...],
        trigger: str,
        years: int,
        fate: str,
        basis: str,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Set a class or change it, from ``on``. ``basis`` names the JRA it comes from.

        Raises `NotARetentionCode`, `CoversNothing`, `UnknownCode`, `PeriodOutOfBounds`, `CoveredByAnother`,
        `VersionsInOrder`.
        """
        if not _CODE.fullmatch(code):
            raise NotARetentionCode
        if not kinds or not set(kinds) <= set(KINDS):
            raise CoversNothing
        if not 1 <= years <= LONGEST_YEARS:
            raise PeriodOutOfBounds(years=years)
        known = self.classes.get(code, [])
        if known and on < known[-1].valid_from:
            raise VersionsInOrder(latest=known[-1].valid_from)
        for other, versions in self.classes.items():
            if other != code and set(versions[-1].kinds) & set(kinds):
                raise CoveredByAnother(code=other)
        triggers, fates = TRIGGERS.on(on), FATES.on(on)
        self.trigger(
            self.ClassSet,
            on=on,
            code=code,
            number=len(known) + 1,
            label=label,
            kinds=tuple(dict.fromkeys(kinds)),
            trigger=triggers.check(trigger),
            triggers=triggers.version,
            years=years,
            fate=fates.check(fate),
            fates=fates.version,
            basis=basis,
            evidence=evidence,
        )

    def in_force(self, day: date) -> list[RetentionClass]:
        """The version of each class that holds on a day, by code."""
        found = []
        for code in sorted(self.classes):
            versions = [one for one in self.classes[code] if one.valid_from <= day]
            found += versions[-1:]
        return found

    def covering(self, kind: str, day: date) -> RetentionClass | None:
        """The class that holds on a day for a kind of beneficiary; None: keep and review."""
        found = [one for one in self.in_force(day) if kind in one.kinds]
        return max(found, key=lambda one: one.valid_from, default=None)
