"""The lists that a disaster incident is described with: versioned, because the office's own lists change."""

from collections.abc import Mapping
from datetime import date

from domain import spm
from domain.codes import CodeHistory, CodeList

_FROM = date(2019, 1, 1)


def _list(name: str, version: str, source: str, codes: Mapping[str, str]) -> CodeHistory:
    return CodeHistory(CodeList(name=name, version=version, valid_from=_FROM, source=source, codes=codes))


KINDS = _list(
    "jenis bencana",
    "ID-BENCANA-2007",
    "UU 24/2007 tentang Penanggulangan Bencana",
    {
        "banjir": "Banjir",
        "tanah_longsor": "Tanah longsor",
        "kebakaran": "Kebakaran",
        "gempa_bumi": "Gempa bumi",
        "tsunami": "Tsunami",
        "angin_kencang": "Angin puting beliung / angin kencang",
        "kekeringan": "Kekeringan",
        "abrasi": "Gelombang pasang / abrasi",
        "wabah": "Epidemi / wabah penyakit",
        "gagal_teknologi": "Kegagalan teknologi",
        "konflik_sosial": "Konflik sosial",
        "teror": "Teror",
        "lainnya": "Lainnya",
    },
)

CONDITIONS = _list(
    "keadaan korban",
    "ID-KORBAN-2019",
    "Daftar setempat Dinas Sosial",
    {
        "meninggal": "Meninggal dunia",
        "hilang": "Hilang",
        "luka_berat": "Luka berat",
        "luka_ringan": "Luka ringan",
        "mengungsi": "Mengungsi",
        "rumah_hancur": "Rumah hancur / hanyut",
        "rumah_rusak": "Rumah rusak",
        "rumah_terendam": "Rumah terendam",
        "kehilangan_mata_pencaharian": "Kehilangan mata pencaharian",
        "trauma": "Membutuhkan dukungan psikososial",
        "terdampak": "Terdampak",
    },
)

# The items of SPM service e, in the words of the SPM list.
RELIEF = _list(
    "jenis bantuan bencana",
    spm.VERSION,
    "PP 2/2018; Permensos 9/2018; Permendagri 59/2021",
    {code: label for code, label in spm.ITEMS.version(spm.VERSION).codes.items() if code.startswith("E")},
)

GOODS = _list(
    "barang dan jasa bantuan",
    "ID-BANTUAN-BENCANA-2019",
    "Daftar setempat Dinas Sosial",
    {
        "beras": "Beras",
        "lauk_pauk": "Lauk pauk",
        "makanan_siap_saji": "Makanan siap saji",
        "makanan_anak": "Makanan anak",
        "air_minum": "Air minum",
        "paket_sembako": "Paket sembako",
        "sandang": "Sandang",
        "family_kit": "Family kit",
        "kids_ware": "Kids ware",
        "selimut": "Selimut",
        "kasur": "Kasur / matras",
        "tenda": "Tenda",
        "terpal": "Terpal",
        "peralatan_dapur": "Peralatan dapur",
        "penampungan": "Tempat penampungan",
        "alat_bantu": "Alat bantu",
        "pendampingan": "Pendampingan psikososial",
        "uang_tunai": "Uang tunai / santunan",
        "lainnya": "Lainnya",
    },
)

UNITS = _list(
    "satuan bantuan",
    "ID-SATUAN-BENCANA-2019",
    "Daftar setempat Dinas Sosial",
    {
        "kg": "kg",
        "liter": "liter",
        "paket": "paket",
        "bungkus": "bungkus",
        "dus": "dus",
        "lembar": "lembar",
        "buah": "buah",
        "unit": "unit",
        "orang": "orang",
        "kali": "kali",
        "hari": "hari",
        "rupiah": "rupiah",
    },
)

OUTCOMES = _list(
    "hasil verifikasi korban",
    "ID-VERIFIKASI-KORBAN-2019",
    "Daftar setempat Dinas Sosial",
    {
        "benar": "Benar korban",
        "bukan_korban": "Bukan korban",
        "ganda": "Tercatat ganda",
        "tidak_ditemukan": "Tidak ditemukan",
    },
)
#: After these a victim no longer counts and receives no further relief.
NOT_VICTIMS = frozenset({"bukan_korban", "ganda"})

FIGURES = _list(
    "angka laporan bencana",
    "ID-ANGKA-BENCANA-2019",
    "Daftar setempat Dinas Sosial",
    {
        "jiwa_terdampak": "Jiwa terdampak",
        "keluarga_terdampak": "Keluarga terdampak",
        "mengungsi": "Jiwa mengungsi",
        "meninggal": "Meninggal dunia",
        "hilang": "Hilang",
        "luka": "Luka-luka",
        "rumah_rusak": "Rumah rusak",
    },
)
