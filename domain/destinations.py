"""Where people are referred to: the versioned list of destination kinds, and what each kind asks for.

Kinds and levels follow the practice of the regency; reply times are defaults by analogy until the office sets its own.
A provincial home takes nobody without an assessment and a letter of the regency's office.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from domain.codes import CodeHistory, CodeList


@dataclass(frozen=True)
class DestinationKind:
    """One kind of destination. ``consent``: without it, a strictly restricted subject only goes there to save
    what is vital. ``reply_days`` are calendar days until an answer is due."""

    label: str
    level: str  # desa, kabupaten, provinsi, pusat, vertikal, setempat
    reply_days: int
    consent: bool = False
    assessment: bool = False
    letter: bool = False


_START = date(2019, 1, 1)
_VERSION = "ID-TUJUAN-2019"
_KINDS: Mapping[str, DestinationKind] = {
    "puskesmas": DestinationKind("Puskesmas", "kabupaten", 3, consent=True),
    "rumah_sakit": DestinationKind("Rumah sakit", "kabupaten", 3, consent=True),
    "rumah_sakit_jiwa": DestinationKind("Rumah sakit jiwa", "provinsi", 7, consent=True),
    "bidang_dinsos": DestinationKind("Bidang lain di Dinas Sosial", "kabupaten", 3),
    "panti_provinsi": DestinationKind("Panti sosial provinsi", "provinsi", 14, assessment=True, letter=True),
    "sentra_kemensos": DestinationKind("Sentra / balai Kementerian Sosial", "pusat", 30, assessment=True, letter=True),
    "lks": DestinationKind("LKS / LKSA / panti swasta", "setempat", 7),
    "rumah_singgah": DestinationKind("Rumah singgah", "setempat", 2),
    "dukcapil": DestinationKind("Dinas Dukcapil", "kabupaten", 7),
    "uptd_ppa": DestinationKind("UPTD PPA / DP3A", "kabupaten", 2),
    "kepolisian": DestinationKind("Kepolisian (Unit PPA)", "vertikal", 3),
    "kejaksaan": DestinationKind("Kejaksaan", "vertikal", 14),
    "bapas": DestinationKind("Balai Pemasyarakatan", "vertikal", 14),
    "lpsk": DestinationKind("LPSK", "pusat", 14),
    "bnn": DestinationKind("BNN / IPWL", "vertikal", 7, consent=True),
    "bpjs_kesehatan": DestinationKind("BPJS Kesehatan", "vertikal", 14),
    "bpjs_ketenagakerjaan": DestinationKind("BPJS Ketenagakerjaan", "vertikal", 14),
    "pendidikan": DestinationKind("Dinas Pendidikan / sekolah / PKBM", "kabupaten", 14),
    "ketenagakerjaan": DestinationKind("Disnaker / BLK", "kabupaten", 14),
    "bp3mi": DestinationKind("BP3MI", "vertikal", 14),
    "perumahan": DestinationKind("Dinas PUPR / Perkim", "kabupaten", 30),
    "bpbd": DestinationKind("BPBD", "kabupaten", 1),
    "baznas": DestinationKind("Baznas / UPZ / lembaga zakat / CSR", "setempat", 14),
    "pemerintah_desa": DestinationKind("Pemerintah desa / kelurahan", "desa", 7),
    "dinsos_lain": DestinationKind("Dinas Sosial kabupaten/kota lain", "kabupaten", 14, letter=True),
    "lainnya": DestinationKind("Lainnya", "setempat", 14),
}
# What each kind asks for, by version of the list.
KIND_RULES: Mapping[str, Mapping[str, DestinationKind]] = {_VERSION: _KINDS}

DESTINATIONS = CodeHistory(
    CodeList(
        name="jenis tujuan rujukan",
        version=_VERSION,
        valid_from=_START,
        source="Daftar setempat; syarat panti provinsi menurut Pemerintah Provinsi Gorontalo (2024)",
        codes={code: kind.label for code, kind in _KINDS.items()},
    )
)


def _list(name: str, version: str, codes: Mapping[str, str]) -> CodeHistory:
    source = "Daftar setempat Dinas Sosial"
    return CodeHistory(CodeList(name=name, version=version, valid_from=_START, source=source, codes=codes))


NEEDS = _list(
    "kebutuhan rujukan",
    "ID-KEBUTUHAN-RUJUKAN-2019",
    {
        "pemeriksaan": "Pemeriksaan dan pengobatan",
        "rawat_inap": "Rawat inap",
        "kesehatan_jiwa": "Layanan kesehatan jiwa",
        "pengasuhan_panti": "Perawatan atau pengasuhan di lembaga",
        "tempat_aman": "Tempat tinggal sementara / tempat aman",
        "rehabilitasi": "Rehabilitasi lanjut",
        "dokumen": "Dokumen kependudukan",
        "jaminan_kesehatan": "Kepesertaan jaminan kesehatan",
        "perlindungan_hukum": "Perlindungan dan pendampingan hukum",
        "sekolah": "Kembali bersekolah",
        "pelatihan_kerja": "Pelatihan dan pekerjaan",
        "perbaikan_rumah": "Perbaikan rumah",
        "bantuan": "Bantuan uang atau barang",
        "pemulangan": "Pemulangan ke daerah asal",
        "asesmen_lanjutan": "Asesmen lanjutan",
        "lainnya": "Lainnya",
    },
)

DOCUMENTS = _list(
    "berkas rujukan",
    "ID-BERKAS-RUJUKAN-2019",
    {
        "surat_rujukan": "Surat rujukan",
        "laporan_sosial": "Laporan sosial",
        "hasil_asesmen": "Hasil asesmen",
        "laporan_cc": "Laporan pembahasan kasus",
        "persetujuan": "Surat persetujuan",
        "ktp_kk": "KTP / KK",
        "keterangan_telantar": "Surat keterangan telantar",
        "berita_acara": "Berita acara serah terima",
        "keterangan_ahli": "Keterangan ahli",
        "lainnya": "Lainnya",
    },
)

REPLY_CHANNELS = _list(
    "saluran kabar",
    "ID-KABAR-2019",
    {
        "surat": "Surat",
        "telepon": "Telepon",
        "whatsapp": "WhatsApp",
        "kunjungan": "Kunjungan",
        "akun": "Diisi sendiri oleh tujuan",
        "tautan": "Tautan pada surat",
        "internal": "Dicatat petugas sendiri",
    },
)

REJECTIONS = _list(
    "alasan penolakan rujukan",
    "ID-TOLAK-2019",
    {
        "penuh": "Tempat penuh",
        "bukan_kewenangan": "Bukan kewenangan",
        "syarat_tidak_terpenuhi": "Syarat tidak terpenuhi",
        "tidak_memenuhi_kriteria": "Tidak memenuhi kriteria",
        "layanan_tidak_ada": "Layanan tidak tersedia",
        "klien_menolak": "Klien menolak",
        "lainnya": "Lainnya",
    },
)

RETURNS = _list(
    "alasan pengembalian rujukan",
    "ID-KEMBALI-2019",
    {
        "berkas_kurang": "Berkas kurang",
        "data_tidak_lengkap": "Data tidak lengkap",
        "surat_salah": "Surat salah",
        "asesmen_kurang": "Asesmen kurang",
        "lainnya": "Lainnya",
    },
)

RESULTS = _list(
    "hasil rujukan",
    "ID-HASIL-RUJUKAN-2019",
    {
        "tertangani": "Tertangani",
        "tertangani_sebagian": "Tertangani sebagian",
        "tidak_tertangani": "Tidak tertangani",
        "kembali_ke_keluarga": "Kembali ke keluarga",
        "menetap": "Menetap di lembaga tujuan",
        "meninggal": "Meninggal dunia",
    },
)


def rules_of(version: str, kind: str) -> DestinationKind:
    """What a kind of destination asks for in that version of the list.

    Raises `UnknownCode` when the version or the kind is not known.
    """
    return KIND_RULES[DESTINATIONS.version(version).version][DESTINATIONS.version(version).check(kind)]


def reply_due(kind: DestinationKind, submitted: date) -> date:
    """The day until which an answer is expected when the letter names none."""
    return submitted + timedelta(days=kind.reply_days)
