"""Which paper proves which step of a WKSBM's life, and when a step stands as reported, unproven.

Steps and papers follow Bantul's Perbup 94/2019 (the only published list of steps), Kepmensos 42/HUK/2004 and the
practice of village deliberations, which asks for signed minutes and an attendance list.
"""

from datetime import date

from domain.codes import CodeHistory, CodeList
from domain.sealed import Evidence

PAPERS = CodeHistory(
    CodeList(
        name="jenis bukti WKSBM",
        version="GTLO-BUKTI-WKSBM-2019",
        valid_from=date(2004, 1, 1),
        source="Perbup Bantul 94/2019 dan praktik musyawarah desa; daftar setempat",
        codes={
            "surat_koordinasi": "Surat koordinasi",
            "surat_tugas": "Surat tugas",
            "daftar_kps": "Daftar KPS yang ditemukan",
            "undangan": "Undangan",
            "daftar_hadir": "Daftar hadir",
            "notulen": "Notulen",
            "foto": "Foto",
            "materi": "Materi",
            "berita_acara": "Berita acara bertanda tangan",
            "susunan_pengurus": "Susunan pengurus",
            "aturan_main": "AD/ART atau aturan main",
            "sk": "Surat keputusan",
            "peraturan_desa": "Peraturan desa",
            "formulir_psks": "Formulir data PSKS",
            "surat_pernyataan": "Surat pernyataan",
            "serah_terima": "Berita acara serah terima",
            "laporan_kegiatan": "Laporan kegiatan",
            "buku_anggota": "Buku anggota",
            "buku_kegiatan": "Buku kegiatan",
            "buku_kas": "Buku kas",
            "buku_penyaluran": "Buku penyaluran",
            "tanda_terima": "Tanda terima",
            "instrumen_monev": "Instrumen monev yang terisi",
        },
    )
)


def _any(*kinds: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset({kind}) for kind in kinds)


# For each step the sets of papers of which one must be complete.
PROOF: dict[str, tuple[frozenset[str], ...]] = {
    "wksbm.initiated": _any("surat_koordinasi", "surat_tugas", "daftar_kps"),
    "wksbm.socialization_held": _any("daftar_hadir"),
    "wksbm.kps_identified": _any("daftar_kps"),
    "wksbm.deliberation_held": (frozenset({"berita_acara", "daftar_hadir"}),),
    "wksbm.formed": _any("berita_acara", "susunan_pengurus"),
    "wksbm.board_appointed": _any("susunan_pengurus", "berita_acara", "sk"),
    "wksbm.ratified": _any("sk"),
    "wksbm.registered_at_office": _any("formulir_psks"),
    "wksbm.kps_joined": _any("surat_pernyataan", "buku_anggota", "berita_acara"),
    "wksbm.kps_left": _any("surat_pernyataan", "buku_anggota", "berita_acara"),
    "wksbm.facility_provided": _any("serah_terima"),
    "wksbm.coaching_conducted": _any("laporan_kegiatan", "daftar_hadir"),
    "wksbm.activity_reported": _any("laporan_kegiatan", "buku_kegiatan", "daftar_hadir"),
    "wksbm.funds_raised": _any("buku_kas", "tanda_terima"),
    "wksbm.funds_distributed": _any("buku_penyaluran", "tanda_terima"),
    "wksbm.assessed": _any("instrumen_monev"),
    "wksbm.board_term_ended": _any("sk", "berita_acara", "susunan_pengurus"),
    "wksbm.found_dormant": _any("instrumen_monev", "berita_acara"),
    "wksbm.reactivated": _any("berita_acara", "laporan_kegiatan", "instrumen_monev"),
    "wksbm.dissolved": _any("sk", "berita_acara", "peraturan_desa"),
}


def seen(evidence: tuple[Evidence, ...]) -> frozenset[str]:
    """The kinds of the papers whose file is attached. A paper only named by number and date has not been seen."""
    return frozenset(paper.kind for paper in evidence if paper.file is not None)


def named(evidence: tuple[Evidence, ...]) -> frozenset[str]:
    """The kinds of the papers that are attached, or named by both number and date."""
    return frozenset(paper.kind for paper in evidence if paper.file is not None or (paper.number and paper.dated))


def proves(topic: str, kinds: frozenset[str]) -> bool:
    """Whether papers of these kinds prove a step."""
    return any(papers <= kinds for papers in PROOF[topic])


def wanted(topic: str) -> frozenset[str]:
    """Every kind of paper that helps to prove a step; empty for what needs no proof."""
    return frozenset().union(*PROOF.get(topic, ()))
