"""The lists a case is recorded with. Each is a versioned list: an event carries the code and the version it used.

Times are defaults by analogy: no published service time of the office was found, so the office replaces them by a new
version when it decides its own.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from domain.codes import CodeHistory, CodeList
from domain.refusals import MustBeSealed
from domain.sealed import Sealed

SUBJECT_KINDS: Mapping[str, str] = {"person": "Perseorangan", "family": "Keluarga", "community": "Komunitas"}

_START = date(2019, 1, 1)
_LOCAL = "Daftar setempat Dinas Sosial"


def _list(name: str, version: str, codes: Mapping[str, str], source: str = _LOCAL) -> CodeHistory:
    return CodeHistory(CodeList(name=name, version=version, valid_from=_START, source=source, codes=codes))


CHANNELS = _list(
    "saluran masuk",
    "ID-SALURAN-2019",
    {
        "datang_langsung": "Datang langsung",
        "kunjungan": "Kunjungan / penjangkauan petugas",
        "telepon": "Telepon",
        "whatsapp": "WhatsApp / pesan singkat",
        "surat": "Surat",
        "sp4n_lapor": "SP4N-LAPOR!",
        "slrt_puskesos": "SLRT / Puskesos",
        "pemerintah_desa": "Pemerintah desa / kelurahan",
        "wksbm": "WKSBM",
        "rujukan_masuk": "Rujukan dari lembaga lain",
        "kepolisian": "Kepolisian / Satpol PP",
        "media": "Berita atau media sosial",
        "anonim": "Laporan tanpa nama",
        "lainnya": "Lainnya",
    },
)

URGENCIES = _list(
    "kegentingan",
    "ID-URGENSI-2019",
    {"darurat": "Darurat", "segera": "Segera", "biasa": "Biasa"},
    source="Daftar setempat; 1 hari menurut standar pengaduan PPKS Dinsos Garut",
)
# Hours within which somebody must have responded, by version and code.
RESPONSE_HOURS: Mapping[str, Mapping[str, int]] = {"ID-URGENSI-2019": {"darurat": 3, "segera": 24, "biasa": 72}}

RISKS = _list(
    "tingkat risiko",
    "ID-RISIKO-2019",
    {"rendah": "Rendah", "sedang": "Sedang", "tinggi": "Tinggi", "darurat": "Darurat"},
)
#: Where one person alone neither assesses nor ends a case.
GRAVE_RISKS = frozenset({"tinggi", "darurat"})
_SEVERITY = {code: place for version in RISKS.versions for place, code in enumerate(version.codes)}


def strictest(levels: Iterable[str]) -> str | None:
    """The gravest of some risk levels, by the order of their list; ``None`` of none."""
    return max(levels, key=lambda level: (_SEVERITY.get(level, -1), level), default=None)


# Days until the next review, by version and code; an instrument may set its own.
REVIEW_DAYS: Mapping[str, Mapping[str, int]] = {
    "ID-RISIKO-2019": {"rendah": 90, "sedang": 30, "tinggi": 14, "darurat": 3}
}

SERVICES = _list(
    "jenis layanan",
    "ID-LAYANAN-2019",
    {
        "L01": "Layanan data dan pengaduan",
        "L02": "Layanan kedaruratan",
        "L03": "Permakanan",
        "L04": "Sandang",
        "L05": "Alat bantu",
        "L06": "Perbekalan kesehatan",
        "L07": "Bimbingan fisik, mental spiritual, dan sosial",
        "L08": "Bimbingan sosial kepada keluarga dan masyarakat",
        "L09": "Fasilitasi NIK, akta kelahiran, surat nikah, dan KIA",
        "L10": "Akses ke layanan pendidikan dan kesehatan dasar",
        "L11": "Penelusuran keluarga",
        "L12": "Reunifikasi dan reintegrasi sosial",
        "L13": "Rujukan",
        "E1": "Permakanan korban bencana",
        "E2": "Sandang korban bencana",
        "E3": "Tempat penampungan pengungsi",
        "E4": "Penanganan khusus kelompok rentan",
        "E5": "Dukungan psikososial korban bencana",
        "A01": "Dukungan pemenuhan kebutuhan hidup layak",
        "A02": "Perawatan sosial dan/atau pengasuhan anak",
        "A03": "Dukungan keluarga",
        "A04": "Terapi fisik",
        "A05": "Terapi psikososial",
        "A06": "Terapi mental spiritual",
        "A07": "Pelatihan vokasional",
        "A08": "Pembinaan kewirausahaan",
        "A09": "Bantuan sosial dan asistensi sosial",
        "A10": "Dukungan aksesibilitas",
        "B01": "Bantuan uang tunai",
        "B02": "Bantuan bahan pokok",
        "B03": "Bantuan barang rumah tangga",
        "B04": "Bantuan modal usaha",
        "B05": "Bantuan perbaikan rumah",
        "B06": "Santunan kematian",
    },
    source="Permensos 9/2018 (L, E), Permensos 7/2021 (A), daftar setempat (B)",
)
# Services that may come before any plan: they answer an emergency, or only take in the complaint.
EMERGENCY_SERVICES = frozenset({"L01", "L02", "E1", "E2", "E3", "E4", "E5"})
# Hours from the decision to the service, by version and code.
SERVICE_HOURS: Mapping[str, Mapping[str, int]] = {
    "ID-LAYANAN-2019": {
        **dict.fromkeys(("L02", "E1", "E2", "E3", "E4"), 24),
        **dict.fromkeys(("L01", "E5"), 24),
        **dict.fromkeys(("L03", "L04", "L06", "L13", "B02", "B06"), 72),
        **dict.fromkeys(("L07", "L08", "L10", "A01", "A03", "A05", "A06", "A09", "B01", "B03"), 168),
        **dict.fromkeys(("L05", "L09", "L11", "L12", "A02", "A04", "A10"), 336),
        **dict.fromkeys(("A07", "A08", "B04", "B05"), 720),
    }
}

AIDS = _list(
    "barang bantuan",
    "ID-BANTUAN-2019",
    {
        "uang_tunai": "Uang tunai",
        "sembako": "Paket bahan pokok",
        "makanan_siap_saji": "Makanan siap saji",
        "sandang": "Paket sandang",
        "selimut_tikar": "Selimut dan tikar",
        "perlengkapan_bayi": "Perlengkapan bayi",
        "perlengkapan_lansia": "Perlengkapan lanjut usia",
        "kursi_roda": "Kursi roda",
        "tongkat_kruk": "Tongkat / kruk",
        "alat_bantu_dengar": "Alat bantu dengar",
        "alat_usaha": "Peralatan usaha",
        "bahan_bangunan": "Bahan bangunan",
        "perlengkapan_sekolah": "Perlengkapan sekolah",
        "lainnya": "Lainnya",
    },
)

UNITS = _list(
    "satuan",
    "ID-SATUAN-2019",
    {
        "kali": "kali",
        "hari": "hari",
        "jam": "jam",
        "orang": "orang",
        "paket": "paket",
        "unit": "unit",
        "lembar": "lembar",
        "kg": "kg",
        "rupiah": "rupiah",
    },
)

MISSED_VISITS = _list(
    "sebab kunjungan tidak terlaksana",
    "ID-KUNJUNGAN-2019",
    {
        "tidak_di_tempat": "Tidak ada di tempat",
        "menolak": "Menolak dikunjungi",
        "alamat_tidak_ditemukan": "Alamat tidak ditemukan",
        "cuaca_jalan": "Cuaca atau jalan tidak memungkinkan",
        "petugas_berhalangan": "Petugas berhalangan",
        "lainnya": "Lainnya",
    },
)

PROGRESS = _list(
    "perkembangan",
    "ID-PERKEMBANGAN-2019",
    {"membaik": "Membaik", "tetap": "Tetap", "memburuk": "Memburuk"},
)

TERMINATIONS = _list(
    "alasan mengakhiri kasus",
    "ID-TERMINASI-2019",
    {
        "tujuan_tercapai": "Tujuan tercapai",
        "dirujuk_penuh": "Dirujuk penuh",
        "pindah_wilayah": "Pindah wilayah",
        "meninggal": "Meninggal dunia",
        "menolak": "Menolak / mengundurkan diri",
        "tidak_ditemukan": "Tidak ditemukan",
        "duplikat": "Catatan ganda",
        "salah_data": "Salah data",
        "tidak_memenuhi_kriteria": "Tidak memenuhi kriteria",
        "graduasi": "Graduasi / sudah mampu",
    },
)
# The case is in another's hands: the only reason that may leave a referral open.
FULL_REFERRAL = frozenset({"dirujuk_penuh"})

OUTCOMES = _list(
    "hasil penanganan",
    "ID-HASIL-2019",
    {
        "tercapai": "Tujuan tercapai",
        "sebagian": "Tercapai sebagian",
        "tidak_tercapai": "Tidak tercapai",
        "tidak_dinilai": "Tidak dapat dinilai",
    },
)


def response_hours(version: str, urgency: str) -> int | None:
    """Hours within which a case of this urgency must be answered; ``None`` when the version or code is unknown."""
    return RESPONSE_HOURS.get(version, {}).get(urgency)


def service_hours(version: str, kind: str) -> int | None:
    """Target hours of a service; ``None`` when the version or code is unknown."""
    return SERVICE_HOURS.get(version, {}).get(kind)


def plain_code(*, strict: bool, field: str, value: str | Sealed, opened: str | None = None) -> str | None:
    """The code to decide by: ``value`` itself when open, ``opened`` (never stored) when ``value`` is sealed.

    Raises `MustBeSealed` when a strictly restricted subject's code comes in the open.
    """
    if isinstance(value, Sealed):
        return opened
    if strict:
        raise MustBeSealed(field=field)
    return value
