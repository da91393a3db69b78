"""What people and old forms call a PPKS type: today's labels, the list of 2008, abbreviations, everyday words.

A word that may mean two types, or none of today's, goes to review (`REVIEW`) with suggestions; it is never mapped
silently. Words for a sexual orientation or identity are known to no list here, so they match nothing.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from domain.codes import CodeHistory, CodeList
from domain.ppks import TYPE_LIST, TYPES, VERSION

REVIEW = "ditinjau"

#: The 22 types in use before 2012, in their order, each with today's code or `REVIEW`.
LEGACY = (
    ("anak_balita_terlantar", "Anak balita terlantar", "anak_balita_telantar"),
    ("anak_terlantar", "Anak terlantar", "anak_telantar"),
    ("anak_nakal", "Anak nakal", REVIEW),
    ("anak_jalanan", "Anak jalanan", "anak_jalanan"),
    ("wanita_rawan_sosial_ekonomi", "Wanita rawan sosial ekonomi", "perempuan_rawan_sosial_ekonomi"),
    ("korban_tindak_kekerasan", "Korban tindak kekerasan", "korban_tindak_kekerasan"),
    ("lanjut_usia_terlantar", "Lanjut usia terlantar", "lanjut_usia_telantar"),
    ("penyandang_cacat", "Penyandang cacat", "penyandang_disabilitas"),
    ("tuna_susila", "Tuna susila", "tuna_susila"),
    ("pengemis", "Pengemis", "pengemis"),
    ("gelandangan", "Gelandangan", "gelandangan"),
    ("bwblk", "Bekas warga binaan lembaga kemasyarakatan (BWBLK)", "bekas_warga_binaan"),
    ("korban_napza", "Korban penyalahgunaan NAPZA", "korban_napza"),
    ("keluarga_fakir_miskin", "Keluarga fakir miskin", "fakir_miskin"),
    ("rtlh", "Keluarga berumah tak layak huni (RTLH)", REVIEW),
    ("kbsp", "Keluarga bermasalah sosial psikologis", "keluarga_bermasalah_sosial_psikologis"),
    ("kat", "Komunitas adat terpencil", "komunitas_adat_terpencil"),
    ("korban_bencana_alam", "Korban bencana alam", "korban_bencana_alam"),
    ("korban_bencana_sosial", "Korban bencana sosial atau pengungsi", "korban_bencana_sosial"),
    ("pekerja_migran_terlantar", "Pekerja migran terlantar", "pekerja_migran_bermasalah_sosial"),
    ("odha", "Orang dengan HIV/AIDS", "orang_dengan_hiv"),
    ("keluarga_rentan", "Keluarga rentan", REVIEW),
)
LEGACY_VERSION = "ID-PMKS-2008"
TODAY_OF_LEGACY = {code: today for code, _, today in LEGACY}

#: Every list whose codes may have to be read; only `domain.ppks.TYPES` is used to classify.
LISTS = CodeHistory(
    CodeList(
        name="jenis PMKS (lama)",
        version=LEGACY_VERSION,
        valid_from=date(2008, 1, 1),
        source="Data PMKS 2008, Departemen Sosial (22 jenis)",
        codes={code: label for code, label, _ in LEGACY},
    ),
    *TYPES.versions,
)

_WORDS = {
    "anak_balita_telantar": "balita telantar; balita terlantar",
    "anak_telantar": "anak telantar; anak terlantar",
    "anak_berhadapan_dengan_hukum": "ABH; anak berhadapan dengan hukum; anak berhadapan hukum; anak berkonflik dengan "
    "hukum; anak yang berkonflik dengan hukum",
    "anak_jalanan": "anjal",
    "anak_dengan_kedisabilitasan": "ADK; anak dengan disabilitas; anak disabilitas; anak penyandang disabilitas; "
    "anak cacat; anak difabel; anak berkebutuhan khusus",
    "anak_korban_kekerasan": "anak yang menjadi korban tindak kekerasan atau diperlakukan salah; anak korban kekerasan;"
    "anak yang menjadi korban tindak kekerasan; anak korban tindak kekerasan",
    "anak_memerlukan_perlindungan_khusus": "AMPK; anak memerlukan perlindungan khusus",
    "lanjut_usia_telantar": "lansia telantar; lansia terlantar; LUT; lanjut usia terlantar",
    "penyandang_disabilitas": "penyandang cacat; difabel; disabilitas; paca; orang dengan kedisabilitasan; ODK",
    "tuna_susila": "tunasusila; WTS; PSK; pekerja seks; pekerja seks komersial",
    "gelandangan": "tunawisma; tuna wisma",
    "pengemis": "peminta-minta",
    "kelompok_minoritas": "minoritas",
    "bekas_warga_binaan": "BWBLP; BWBLK; BWBP; bekas warga binaan; bekas narapidana; eks narapidana; mantan narapidana; "
    "eks napi; bekas warga binaan lembaga kemasyarakatan; bekas warga binaan pemasyarakatan",
    "orang_dengan_hiv": "ODHA; ODHIV; orang dengan HIV/AIDS; orang dengan HIV; penderita HIV; HIV/AIDS",
    "korban_napza": "NAPZA; korban napza; korban narkoba; penyalahguna napza; korban penyalahgunaan narkoba; KPN",
    "korban_perdagangan_orang": "korban trafficking; korban TPPO; TPPO; trafficking; korban perdagangan manusia",
    "korban_tindak_kekerasan": "korban kekerasan; KTK; wanita korban tindak kekerasan; korban KDRT; KDRT",
    "pekerja_migran_bermasalah_sosial": "PMBS; PMB; PMIB; pekerja migran bermasalah; TKI bermasalah; PMI bermasalah; "
    "pekerja migran terlantar; buruh migran bermasalah",
    "korban_bencana_alam": "KBA; korban banjir; korban gempa; korban longsor",
    "korban_bencana_sosial": "KBS; korban konflik sosial; korban bencana sosial atau pengungsi",
    "perempuan_rawan_sosial_ekonomi": "PRSE; WRSE; wanita rawan sosial ekonomi",
    "fakir_miskin": "FM; keluarga fakir miskin; keluarga miskin; orang miskin; warga miskin; gakin",
    "keluarga_bermasalah_sosial_psikologis": "KBSP",
    "komunitas_adat_terpencil": "KAT; masyarakat adat terpencil",
}
_SUBTYPE_WORDS = {
    "mental": "ODGJ; orang dengan gangguan jiwa; gangguan jiwa; psikotik; eks psikotik; disabilitas mental",
    "intelektual": "tuna grahita; disabilitas intelektual; down syndrome",
    "sensorik": "tuna netra; tuna rungu; tuna wicara; tuna rungu wicara; disabilitas sensorik; disabilitas netra; "
    "disabilitas rungu",
    "fisik": "tuna daksa; disabilitas fisik; cacat fisik; cacat tubuh",
}
#: Words that need a person to decide, with the types worth looking at first.
_REVIEWED = {
    "anak nakal": ("anak_berhadapan_dengan_hukum", "anak_memerlukan_perlindungan_khusus"),
    "RTLH; rumah tidak layak huni; rumah tak layak huni; keluarga berumah tak layak huni; "
    "keluarga berumah tidak layak huni": ("fakir_miskin",),
    "keluarga rentan": ("fakir_miskin", "keluarga_bermasalah_sosial_psikologis"),
    "gepeng; gelandangan dan pengemis; gelandangan pengemis; PGOT": ("gelandangan", "pengemis"),
    "orang telantar": ("gelandangan", "pekerja_migran_bermasalah_sosial"),
    "pengungsi": ("korban_bencana_alam", "korban_bencana_sosial"),
    "korban bencana": ("korban_bencana_alam", "korban_bencana_sosial"),
    "tuna sosial": ("gelandangan", "pengemis", "tuna_susila", "bekas_warga_binaan"),
    "cacat mental; disabilitas ganda; cacat ganda": ("penyandang_disabilitas", "anak_dengan_kedisabilitasan"),
    "pecandu narkoba; pecandu napza; pengguna narkoba": ("korban_napza",),
    "lansia; lanjut usia": ("lanjut_usia_telantar",),
}


@dataclass(frozen=True)
class Match:
    """What a wording means. ``code`` is a code of list ``types``, or `REVIEW` when a person has to decide; then, and
    where a child is classified apart, ``suggestions`` names types worth considering. ``subtype`` is a hint only."""

    code: str
    types: str = VERSION
    subtype: str | None = None
    suggestions: tuple[str, ...] = ()

    @property
    def review(self) -> bool:
        return self.code == REVIEW


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = re.sub(r"^\W*(pmks|ppks)\b", "", plain)
    return re.sub(r"[^a-z0-9]", "", plain).replace("terlantar", "telantar")


def _known() -> dict[str, Match]:
    known: dict[str, Match] = {}

    def learn(words: str, match: Match) -> None:
        for word in words.split(";"):
            known.setdefault(_key(word), match)

    for words, suggestions in _REVIEWED.items():
        learn(words, Match(REVIEW, suggestions=suggestions))
    for kind in TYPE_LIST:
        also = ("anak_dengan_kedisabilitasan",) if kind.code == "penyandang_disabilitas" else ()
        words = f"{kind.code}; {kind.label}; {re.sub(r'[(].*[)]', '', kind.label)}; {_WORDS.get(kind.code, '')}"
        learn(words, Match(kind.code, suggestions=also))
    for subtype, words in _SUBTYPE_WORDS.items():
        learn(words, Match("penyandang_disabilitas", subtype=subtype, suggestions=("anak_dengan_kedisabilitasan",)))
    for code, label, today in LEGACY:
        learn(f"{code}; {label}", Match(today))
    known.pop("", None)
    return known


_KNOWN = _known()


def find(text: str) -> Match:
    """What a wording from a form or a person means today; case, spaces and punctuation do not matter.

    Unknown words come back as `REVIEW` without suggestions.
    """
    outside, inside = re.sub(r"\(.*?\)", "", text), "".join(re.findall(r"\((.*?)\)", text))
    for wording in (text, outside, inside):
        match = _KNOWN.get(_key(wording))
        if match is not None:
            return match
    return Match(REVIEW)
