"""The lists of the PSKS register: the twelve kinds, what a provider may offer, and why someone leaves the register."""

from datetime import date

from domain.codes import CodeHistory, CodeList

KINDS = CodeHistory(
    CodeList(
        name="jenis PSKS",
        version="ID-PSKS-2012",
        valid_from=date(2012, 1, 1),
        source="Permensos 08/2012",
        codes={
            "pekerja_sosial_profesional": "Pekerja Sosial Profesional",
            "psm": "Pekerja Sosial Masyarakat (PSM)",
            "tagana": "Taruna Siaga Bencana (Tagana)",
            "lks": "Lembaga Kesejahteraan Sosial (LKS)",
            "karang_taruna": "Karang Taruna",
            "lk3": "Lembaga Konsultasi Kesejahteraan Keluarga (LK3)",
            "keluarga_pioner": "Keluarga pioner",
            "wksbm": "Wahana Kesejahteraan Sosial Berbasis Masyarakat (WKSBM)",
            "wpks": "Wanita Pemimpin Kesejahteraan Sosial (WPKS)",
            "penyuluh_sosial": "Penyuluh sosial",
            "tksk": "Tenaga Kesejahteraan Sosial Kecamatan (TKSK)",
            "dunia_usaha": "Dunia usaha",
        },
    )
)

_UNITS = {
    "ID-PSKS-2012": {
        "pekerja_sosial_profesional": "person",
        "psm": "person",
        "tagana": "person",
        "lks": "institution",
        "karang_taruna": "institution",
        "lk3": "institution",
        "keluarga_pioner": "family",
        "wksbm": "network",
        "wpks": "person",
        "penyuluh_sosial": "person",
        "tksk": "person",
        "dunia_usaha": "institution",
    }
}

SERVICES = CodeHistory(
    CodeList(
        name="layanan PSKS",
        version="GTLO-LAYANAN-PSKS-2019",
        valid_from=date(2019, 1, 1),
        source="daftar setempat; terbuka lewat “lainnya”",
        codes={
            "konsultasi_keluarga": "Konsultasi keluarga",
            "pendampingan": "Pendampingan sosial",
            "perawatan_rumah": "Perawatan di rumah (home care)",
            "penampungan": "Penampungan sementara",
            "pengasuhan": "Pengasuhan anak",
            "permakanan": "Bantuan makanan",
            "sandang": "Bantuan sandang",
            "alat_bantu": "Alat bantu",
            "bantuan_usaha": "Bantuan modal atau usaha",
            "pelatihan": "Pelatihan keterampilan",
            "penyuluhan": "Penyuluhan",
            "tanggap_bencana": "Tanggap bencana",
            "rujukan": "Rujukan dan antar jemput",
            "kedukaan": "Bantuan kedukaan",
            "lainnya": "Lainnya",
        },
    )
)

REASONS = CodeHistory(
    CodeList(
        name="alasan PSKS berakhir",
        version="GTLO-PSKS-AKHIR-2019",
        valid_from=date(2019, 1, 1),
        source="daftar setempat",
        codes={
            "mengundurkan_diri": "Mengundurkan diri",
            "masa_tugas_berakhir": "Masa tugas berakhir",
            "diberhentikan": "Diberhentikan",
            "pindah": "Pindah",
            "meninggal": "Meninggal",
            "bubar": "Lembaga bubar",
            "tidak_aktif": "Tidak aktif lagi",
            "salah_data": "Salah data",
        },
    )
)


def unit_of(kinds: str, kind: str) -> str:
    """What one entry of a kind is in a version of the list: person, family, institution or network."""
    return _UNITS[kinds][kind]
