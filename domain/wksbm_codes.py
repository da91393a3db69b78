"""The lists of WKSBM work: offices of the board, signatories, the assessment scale, and kinds of help and money.

No official text classifies WKSBM; the scale is that of Karang Taruna, a local default. The other lists are local too.
"""

from datetime import date

from domain.codes import CodeHistory, CodeList

_FROM = date(2004, 1, 1)
_LOCAL = "daftar setempat; terbuka lewat “lainnya”"


def _local(name: str, version: str, codes: dict[str, str], source: str = _LOCAL) -> CodeHistory:
    return CodeHistory(CodeList(name=name, version=version, valid_from=_FROM, source=source, codes=codes))


OFFICES = _local(
    "jabatan pengurus WKSBM",
    "ID-LKD-2018",
    {
        "pembina": "Pembina",
        "penasihat": "Penasihat",
        "ketua": "Ketua",
        "wakil_ketua": "Wakil ketua",
        "sekretaris": "Sekretaris",
        "wakil_sekretaris": "Wakil sekretaris",
        "bendahara": "Bendahara",
        "bidang": "Ketua bidang / seksi",
        "anggota": "Anggota",
    },
    "pola pengurus LKD, Permendagri 18/2018; sekurang-kurangnya ketua dan sekretaris",
)

SIGNATORIES = _local(
    "jabatan penanda tangan SK",
    "GTLO-SK-2019",
    {
        "kepala_desa": "Kepala desa",
        "pj_kepala_desa": "Penjabat kepala desa",
        "lurah": "Lurah",
        "plt_lurah": "Pelaksana tugas lurah",
        "camat": "Camat",
        "kepala_dinas_sosial": "Kepala Dinas Sosial",
        "bupati": "Bupati",
        "lainnya": "Lainnya",
    },
)

# A desa is led by an elected head, a kelurahan by a civil servant under the camat.
EXPECTED_SIGNATORIES = {
    "desa": frozenset({"kepala_desa", "pj_kepala_desa"}),
    "kelurahan": frozenset({"lurah", "plt_lurah", "camat"}),
}

SCALE = _local(
    "klasifikasi WKSBM",
    "GTLO-KLASIFIKASI-WKSBM-2019",
    {"tumbuh": "Tumbuh", "berkembang": "Berkembang", "maju": "Maju", "percontohan": "Percontohan"},
    "bawaan setempat menurut klasifikasi Karang Taruna; tidak ada klasifikasi resmi WKSBM",
)

FACILITIES = _local(
    "sarana prasarana",
    "GTLO-SARPRAS-2019",
    {
        "sekretariat": "Sekretariat",
        "papan_nama": "Papan nama",
        "peralatan_kantor": "Peralatan kantor",
        "peralatan_usaha": "Peralatan usaha",
        "perlengkapan_duka": "Perlengkapan kedukaan",
        "perlengkapan_bencana": "Perlengkapan bencana",
        "modal": "Modal usaha",
        "lainnya": "Lainnya",
    },
)

COACHING = _local(
    "pembinaan",
    "GTLO-PEMBINAAN-2019",
    {
        "pembinaan": "Pembinaan",
        "pelatihan": "Pelatihan",
        "pendampingan": "Pendampingan",
        "studi_banding": "Studi banding",
        "lainnya": "Lainnya",
    },
)

ACTIVITIES = _local(
    "kegiatan WKSBM",
    "GTLO-KEGIATAN-2019",
    {
        "pencegahan": "Pencegahan",
        "rehabilitasi": "Rehabilitasi sosial",
        "perlindungan": "Perlindungan sosial",
        "pemberdayaan": "Pemberdayaan sosial",
        "jaminan": "Jaminan sosial",
        "rujukan": "Rujukan",
        "pendataan": "Pendataan",
        "rapat": "Rapat pengurus atau anggota",
        "kedukaan": "Bantuan kedukaan",
        "kerja_bakti": "Kerja bakti / huyula",
        "lainnya": "Lainnya",
    },
)

ORIGINS = _local(
    "asal dana WKSBM",
    "GTLO-DANA-2019",
    {
        "iuran": "Iuran warga atau anggota",
        "donasi": "Donasi",
        "zakat": "Zakat, infak, sedekah",
        "usaha": "Hasil usaha",
        "dana_desa": "Bantuan desa / dana desa",
        "apbd": "Bantuan pemerintah daerah",
        "apbn": "Bantuan pemerintah pusat",
        "dunia_usaha": "Bantuan dunia usaha",
        "lainnya": "Lainnya",
    },
)

PURPOSES = _local(
    "tujuan penyaluran dana WKSBM",
    "GTLO-SALUR-2019",
    {
        "pangan": "Pangan",
        "kesehatan": "Kesehatan",
        "pendidikan": "Pendidikan",
        "kedukaan": "Kedukaan",
        "bencana": "Bencana",
        "rumah": "Perbaikan rumah",
        "modal_usaha": "Modal usaha",
        "rujukan": "Biaya rujukan",
        "operasional": "Operasional",
        "lainnya": "Lainnya",
    },
)

SIGNALS = _local(
    "tanda WKSBM tidak aktif",
    "GTLO-TIDAK-AKTIF-2019",
    {
        "sk_kedaluwarsa": "Masa SK sudah lewat",
        "tanpa_kegiatan": "Tidak ada kegiatan, penyaluran, atau laporan",
        "ketua_kosong": "Jabatan ketua kosong",
        "sekretariat_hilang": "Sekretariat tidak ada lagi",
        "kps_keluar": "Semua KPS anggota sudah keluar",
        "lainnya": "Lainnya",
    },
)

DISSOLUTIONS = _local(
    "alasan pembubaran WKSBM",
    "GTLO-BUBAR-2019",
    {
        "musyawarah": "Keputusan musyawarah warga",
        "penggabungan": "Bergabung dengan WKSBM lain",
        "pemekaran": "Pemekaran atau penggabungan desa",
        "pencabutan": "SK atau peraturannya dicabut",
    },
)
