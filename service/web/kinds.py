"""The 26 types of PPKS in plain words: what each means and for whom, beside the form that chooses one.

The sentences say shortly what the annex of Permensos 08/2012 says at length, by a dinas sosial's transcription of it,
without its stigmatising words; the annex is what binds. Bounds of age and sex are those that `domain.ppks` judges by.
"""

from typing import Any

import msgspec
from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from domain.ppks import TYPE_LIST, PpksType
from service.api import guard
from service.api.codes import LISTS
from service.api.current import office
from service.api.rights import SIGNED_IN
from service.web import ask
from service.web.frame import page
from service.web.spoken import said

#: The commands whose form shows this help.
HELPED = frozenset({"beneficiary.classify", "beneficiary.reclassify", "report.submit"})
MEANINGS = {
    "anak_balita_telantar": _(
        "Anak kecil yang ditelantarkan, atau keluarganya tidak mampu memberi makan, rawat dan asuh yang layak."
    ),
    "anak_telantar": _(
        "Anak yang kebutuhan dasarnya tidak terpenuhi, tidak diasuh, atau tidak lagi punya orang tua yang mengurus."
    ),
    "anak_berhadapan_dengan_hukum": _(
        "Anak yang disangka melakukan, menjadi korban, atau menjadi saksi tindak pidana."
    ),
    "anak_jalanan": _(
        "Anak yang rentan bekerja atau hidup di jalan, atau menghabiskan sebagian besar waktunya di sana."
    ),
    "anak_dengan_kedisabilitasan": _(
        "Anak dengan hambatan tubuh, pikiran, jiwa atau indra yang mengganggu kegiatannya sehari-hari."
    ),
    "anak_korban_kekerasan": _(
        "Anak yang mengalami kekerasan tubuh, jiwa, seksual, penelantaran atau perlakuan salah lain, "
        "atau terancam olehnya."
    ),
    "anak_memerlukan_perlindungan_khusus": _(
        "Anak dalam keadaan darurat, dieksploitasi, diperdagangkan, tertular HIV, atau dalam bahaya lain yang disebut "
        "undang-undang."
    ),
    "lanjut_usia_telantar": _(
        "Orang tua yang kebutuhan dasarnya (makan, pakaian, tempat tinggal) tidak terpenuhi atau tidak "
        "ada yang mengurus."
    ),
    "penyandang_disabilitas": _(
        "Orang dengan hambatan tubuh, pikiran, jiwa atau indra dalam waktu lama, termasuk ODGJ."
    ),
    "tuna_susila": _("Orang yang melakukan hubungan seksual berulang dengan imbalan uang, barang atau jasa."),
    "gelandangan": _("Orang yang hidup mengembara, tanpa tempat tinggal dan pekerjaan tetap."),
    "pengemis": _("Orang yang mencari nafkah dengan meminta-minta di tempat umum."),
    "pemulung": _("Orang yang mencari nafkah dengan memungut barang bekas di jalan, permukiman atau tempat sampah."),
    "kelompok_minoritas": _(
        "Kelompok yang keberfungsian sosialnya terganggu karena dibedakan dan disisihkan. Catat kebutuhannya saja."
    ),
    "bekas_warga_binaan": _(
        "Orang yang baru selesai menjalani pidana dan mengalami hambatan untuk kembali ke masyarakat atau bekerja."
    ),
    "orang_dengan_hiv": _(
        "Orang yang dinyatakan tertular HIV oleh petugas yang berwenang dan membutuhkan pelayanan sosial."
    ),
    "korban_napza": _(
        "Orang yang pernah menyalahgunakan narkotika atau zat adiktif lain, sudah dinyatakan bebas dari ketergantungan, "
        "dan belum pulih fungsi sosialnya. Yang masih memakai dirujuk lebih dulu ke BNN atau layanan kesehatan."
    ),
    "korban_perdagangan_orang": _(
        "Orang yang menderita karena diperdagangkan: tubuh, jiwa, seksual, ekonomi atau sosial."
    ),
    "korban_tindak_kekerasan": _(
        "Orang yang mengalami kekerasan, penelantaran, perlakuan salah, eksploitasi atau diskriminasi, "
        "atau terancam olehnya."
    ),
    "pekerja_migran_bermasalah_sosial": _(
        "Pekerja di luar tempat asalnya yang mengalami kekerasan, penelantaran, pengusiran atau "
        "kesulitan menyesuaikan diri."
    ),
    "korban_bencana_alam": _(
        "Orang atau kelompok yang menderita karena gempa, banjir, longsor, angin atau bencana alam lain."
    ),
    "korban_bencana_sosial": _(
        "Orang atau kelompok yang menderita karena konflik antarkelompok masyarakat atau teror."
    ),
    "perempuan_rawan_sosial_ekonomi": _(
        "Perempuan dewasa tanpa penghasilan cukup untuk hidup sehari-hari, seperti kepala keluarga atau janda miskin."
    ),
    "fakir_miskin": _(
        "Orang yang tidak punya mata pencaharian, atau punya tetapi tidak cukup untuk kebutuhan dasar yang layak."
    ),
    "keluarga_bermasalah_sosial_psikologis": _(
        "Keluarga yang hubungan antaranggotanya atau dengan tetangga tidak serasi, sehingga kebutuhan anak dan tugas "
        "keluarga tidak terpenuhi."
    ),
    "komunitas_adat_terpencil": _(
        "Kelompok dengan budaya setempat yang terpencar, dan belum atau kurang terjangkau pelayanan sosial."
    ),
}
_UNITS = {"person": _("orang"), "family": _("keluarga"), "community": _("kelompok masyarakat")}


class Kind(msgspec.Struct, frozen=True):
    """One type as it is explained: its name, meaning, bounds in words, and what else the form has to know."""

    code: str
    label: str
    meaning: Any
    bounds: list[str]
    tier: int
    keeps_criteria: bool


@page("/jenis-ppks", "kinds.html", SIGNED_IN, methods=("GET", "POST"))
def kinds() -> Any:
    """Every type with its meaning; and which one a word of old forms or of everyday speech stands for. The word is posted:
    it is typed about a person."""
    wording = guard.clean(request.form.get("istilah", "")).strip() if request.method == "POST" else ""
    told = ask.post("/codes/ppks.types/meaning", {"wording": wording}).body if wording else {}
    meant = [code for code in (told.get("code"), *told.get("suggestions", [])) if code]
    known = {one.code: one for one in explained()}
    return {
        "kinds": list(known.values()),
        "wording": wording,
        "certain": bool(told.get("code")),
        "meant": [known[code] for code in dict.fromkeys(meant) if code in known],
    }


def explained() -> list[Kind]:
    """Every type of today's list, in the order of the annex."""
    labels = LISTS["ppks.types"].on(office().today()).codes
    return [
        Kind(one.code, said(labels[one.code]), MEANINGS.get(one.code, ""), _bounds(one), one.tier, one.keeps_criteria)
        for one in TYPE_LIST
        if one.code in labels
    ]


def _bounds(kind: PpksType) -> list[str]:
    """Whom a type is for, in words."""
    found = [", ".join(str(_UNITS[unit]) for unit in kind.units)]
    if kind.from_age is not None and kind.to_age is not None:
        found.append(gettext("umur %(from_age)s sampai %(to_age)s tahun", from_age=kind.from_age, to_age=kind.to_age))
    elif kind.from_age is not None:
        found.append(gettext("umur %(age)s tahun ke atas", age=kind.from_age))
    elif kind.to_age is not None:
        found.append(gettext("umur sampai %(age)s tahun", age=kind.to_age))
    if kind.above_age is not None:
        found.append(gettext("umur di atas %(age)s tahun", age=kind.above_age))
    if kind.below_age is not None:
        found.append(gettext("umur di bawah %(age)s tahun", age=kind.below_age))
    if kind.offender_from_age is not None:
        found.append(gettext("sebagai pelaku sejak %(age)s tahun", age=kind.offender_from_age))
    if kind.sex:
        found.append(gettext("perempuan"))
    if kind.needs_subtype:
        found.append(gettext("sebutkan ragam disabilitasnya"))
    return found
