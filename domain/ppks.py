"""PPKS: the 26 types of need of `ID-PPKS-2012`, with their rules as data.

Source: Permensos 08/2012 and its annex, as transcribed by a dinas sosial. Types are numbered as there. The age and sex
bounds of the annex differ between sources, so they belong to a version of the list and are judged at the day of
classification: outside them a classification is a finding that asks for a reason, never a wall.

Type 14 is recorded as a need, not as an identity: neither its sub-criteria nor anybody's sexual orientation is stored.
"""

from dataclasses import dataclass
from datetime import date

from domain.codes import CodeHistory, CodeList
from domain.nik import FEMALE, MALE
from domain.refusals import Refused

VERSION = "ID-PPKS-2012"
STRICT_TIER = 3
KINDS = {"person": "Perorangan", "family": "Keluarga", "community": "Kelompok / masyarakat"}
SUBTYPES = {"fisik": "Fisik", "intelektual": "Intelektual", "mental": "Mental (ODGJ)", "sensorik": "Sensorik"}
FINDINGS = {
    "age_below": "Umur di bawah batas jenis ini",
    "age_above": "Umur di atas batas jenis ini",
    "age_unknown": "Umur belum diketahui, padahal jenis ini berbatas umur",
    "offender_age_below": "Di bawah 12 tahun hanya sebagai korban atau saksi",
    "sex_mismatch": "Jenis ini untuk perempuan",
    "sex_unknown": "Jenis kelamin belum diketahui, padahal jenis ini untuk perempuan",
}
_P, _F, _C = "person", "family", "community"


@dataclass(frozen=True)
class PpksType:
    """One type. Ages are completed years: ``from_age`` and ``to_age`` are inside the bounds, ``above_age`` and
    ``below_age`` outside. ``spm`` names the services that can apply, ``hard`` the bounds that the office may yet make
    binding (they remain overridable until it says so), ``next`` the type a person usually grows into."""

    number: int
    code: str
    label: str
    tier: int
    units: tuple[str, ...] = (_P,)
    from_age: int | None = None
    above_age: int | None = None
    to_age: int | None = None
    below_age: int | None = None
    offender_from_age: int | None = None
    sex: str | None = None
    hard: bool = False
    spm: tuple[str, ...] = ()
    needs_subtype: bool = False
    keeps_criteria: bool = True
    next: str | None = None


TYPE_LIST: tuple[PpksType, ...] = (
    PpksType(1, "anak_balita_telantar", "Anak balita telantar", 2, to_age=5, spm=("b",), next="anak_telantar"),
    PpksType(2, "anak_telantar", "Anak telantar", 2, from_age=6, to_age=18, spm=("b",)),
    PpksType(
        3,
        "anak_berhadapan_dengan_hukum",
        "Anak yang berhadapan dengan hukum (ABH)",
        3,
        below_age=18,
        offender_from_age=12,
    ),
    PpksType(4, "anak_jalanan", "Anak jalanan", 2, below_age=18),
    PpksType(
        5,
        "anak_dengan_kedisabilitasan",
        "Anak dengan kedisabilitasan (ADK)",
        2,
        below_age=18,
        spm=("a", "b"),
        needs_subtype=True,
        next="penyandang_disabilitas",
    ),
    PpksType(6, "anak_korban_kekerasan", "Anak korban tindak kekerasan atau perlakuan salah", 3, below_age=18),
    PpksType(
        7,
        "anak_memerlukan_perlindungan_khusus",
        "Anak yang memerlukan perlindungan khusus (AMPK)",
        3,
        from_age=6,
        to_age=18,
    ),
    PpksType(8, "lanjut_usia_telantar", "Lanjut usia telantar", 1, from_age=60, hard=True, spm=("c",)),
    PpksType(9, "penyandang_disabilitas", "Penyandang disabilitas", 2, spm=("a",), needs_subtype=True),
    PpksType(10, "tuna_susila", "Tuna susila", 3),
    PpksType(11, "gelandangan", "Gelandangan", 1, spm=("d",)),
    PpksType(12, "pengemis", "Pengemis", 1, spm=("d",)),
    PpksType(13, "pemulung", "Pemulung", 1),
    PpksType(14, "kelompok_minoritas", "Kelompok minoritas", 3, units=(_P, _C), keeps_criteria=False),
    PpksType(15, "bekas_warga_binaan", "Bekas warga binaan lembaga pemasyarakatan (BWBLP)", 3, above_age=18),
    PpksType(16, "orang_dengan_hiv", "Orang dengan HIV (ODHIV)", 3, from_age=18),
    PpksType(17, "korban_napza", "Korban penyalahgunaan NAPZA", 3),
    PpksType(18, "korban_perdagangan_orang", "Korban perdagangan orang", 3),
    PpksType(19, "korban_tindak_kekerasan", "Korban tindak kekerasan", 3, units=(_P, _F, _C)),
    PpksType(20, "pekerja_migran_bermasalah_sosial", "Pekerja migran bermasalah sosial (PMBS)", 2),
    PpksType(21, "korban_bencana_alam", "Korban bencana alam", 1, units=(_P, _C), spm=("e",)),
    PpksType(22, "korban_bencana_sosial", "Korban bencana sosial", 1, units=(_P, _C), spm=("e",)),
    PpksType(
        23,
        "perempuan_rawan_sosial_ekonomi",
        "Perempuan rawan sosial ekonomi (PRSE)",
        1,
        from_age=18,
        to_age=59,
        sex=FEMALE,
        hard=True,
        next="lanjut_usia_telantar",
    ),
    PpksType(24, "fakir_miskin", "Fakir miskin", 2, units=(_P, _F)),
    PpksType(25, "keluarga_bermasalah_sosial_psikologis", "Keluarga bermasalah sosial psikologis", 2, units=(_F,)),
    PpksType(26, "komunitas_adat_terpencil", "Komunitas adat terpencil (KAT)", 1, units=(_C,)),
)
TYPE_DATA = {kind.code: kind for kind in TYPE_LIST}

#: The list that classification uses. A day before it began is judged by it too: the older list is only read.
TYPES = CodeHistory(
    CodeList(
        name="jenis PPKS",
        version=VERSION,
        valid_from=date(2012, 1, 1),
        source="Permensos 08/2012",
        codes={kind.code: kind.label for kind in TYPE_LIST},
    )
)


class UnitNotAllowed(Refused):
    RULE = "ppks_unit_not_allowed"
    SENTENCE = "Jenis PPKS ini tidak berlaku untuk satuan yang didaftarkan (perorangan, keluarga, atau masyarakat)."


class SubtypeMissing(Refused):
    RULE = "disability_subtype_missing"
    SENTENCE = "Sebutkan ragam disabilitas: fisik, intelektual, mental, atau sensorik; boleh lebih dari satu."


class SubtypeNotForType(Refused):
    RULE = "subtype_not_for_type"
    SENTENCE = "Ragam disabilitas hanya dicatat untuk anak dengan kedisabilitasan dan penyandang disabilitas."


class CriteriaNotKept(Refused):
    RULE = "criteria_not_kept"
    SENTENCE = "Untuk jenis ini sistem tidak menyimpan rincian kriteria; catat kebutuhannya saja."


def tier_of(code: str) -> int:
    """The confidentiality tier a type brings: 1 normal, 2 child, health or finance, 3 strictly restricted."""
    return TYPE_DATA[code].tier


def check(code: str, *, kind: str, on: date, subtypes: tuple[str, ...] = (), criteria: bool = False) -> PpksType:
    """Refuse a type that cannot be given to this kind of beneficiary on that day; return the type's data.

    The domain calls it for open types; a caller calls it before it seals one. ``criteria`` says whether criteria are
    to be stored. Raises `UnknownCode`, `UnitNotAllowed`, `SubtypeMissing`, `SubtypeNotForType`, `CriteriaNotKept`.
    """
    data = TYPE_DATA[TYPES.on(on).check(code)]
    if kind not in data.units:
        raise UnitNotAllowed
    if data.needs_subtype and not subtypes:
        raise SubtypeMissing
    if subtypes and (not data.needs_subtype or not SUBTYPES.keys() >= set(subtypes)):
        raise SubtypeNotForType
    if criteria and not data.keeps_criteria:
        raise CriteriaNotKept
    return data


def age_on(born: date, day: date) -> int:
    """Completed years of age on a day; negative before birth."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def rule_findings(code: str, version: str, *, age: int | None, sex: str | None) -> tuple[str, ...]:
    """Where a person lies outside the bounds of a type, as codes of `FINDINGS`; none for a type without bounds.

    ``age`` is in completed years on the day of classification, ``sex`` is ``L`` or ``P``; both come from whoever
    opened the identity. Only for persons: families and communities have neither. Raises `UnknownCode`.
    """
    data = TYPE_DATA[TYPES.version(version).check(code)]
    findings: list[str] = []
    bounds = (data.from_age, data.above_age, data.to_age, data.below_age)
    if age is None:
        if bounds != (None, None, None, None):
            findings.append("age_unknown")
    elif (data.from_age is not None and age < data.from_age) or (data.above_age is not None and age <= data.above_age):
        findings.append("age_below")
    elif (data.to_age is not None and age > data.to_age) or (data.below_age is not None and age >= data.below_age):
        findings.append("age_above")
    elif data.offender_from_age is not None and age < data.offender_from_age:
        findings.append("offender_age_below")
    if data.sex is not None and sex != data.sex:
        findings.append("sex_mismatch" if sex in (MALE, FEMALE) else "sex_unknown")
    return tuple(findings)
