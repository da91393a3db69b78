"""What a person may ask of her data, within which time, and on which grounds of the law it may be refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain.codes import CodeHistory, CodeList

_LAW = date(2022, 10, 17)  # UU 27/2022 in force


@dataclass(frozen=True)
class Right:
    """One right of UU 27/2022: its article, and ``hours`` from the recording of the request until it is carried out.
    ``clock`` is the article that sets them; without one the office does. ``at_once``: to grant it is to carry it out."""

    label: str
    article: str
    hours: int
    clock: str = ""
    at_once: bool = False


_VERSION = "ID-HAK-SUBJEK-2022"
_RIGHTS: Mapping[str, Right] = {
    "access": Right("Akses dan salinan data", "7", 72, "32 ayat (2)"),
    "correction": Right("Perbaikan data", "6", 72, "30 ayat (1)"),
    "restriction": Right("Pembatasan pemrosesan", "11", 72, "41 ayat (1)", at_once=True),
    "withdrawal": Right("Penarikan persetujuan", "9", 72, "40 ayat (2)", at_once=True),
    "erasure": Right("Penghapusan atau pemusnahan data", "8", 14 * 24),
    "portability": Right("Pemindahan data", "13", 14 * 24),
}
RIGHTS: Mapping[str, Mapping[str, Right]] = {_VERSION: _RIGHTS}

KINDS = CodeHistory(
    CodeList(
        name="jenis permintaan subjek data",
        version=_VERSION,
        valid_from=_LAW,
        source="UU 27/2022 pasal 6 sampai 13; 3 x 24 jam menurut pasal 30, 32, 40, dan 41; 14 hari ketentuan kantor",
        codes={code: right.label for code, right in _RIGHTS.items()},
    )
)
#: What hands the data over.
HANDED_OVER = frozenset({"access", "portability"})


def _list(name: str, version: str, source: str, codes: Mapping[str, str]) -> CodeHistory:
    return CodeHistory(CodeList(name=name, version=version, valid_from=_LAW, source=source, codes=codes))


ASKERS = _list(
    "pemohon",
    "ID-PEMOHON-HAK-2022",
    "UU 27/2022 pasal 14, 25, dan 26; ahli waris menurut hukum perdata",
    {
        "yang_bersangkutan": "Yang bersangkutan",
        "wali": "Orang tua, wali, atau pengampu",
        "ahli_waris": "Ahli waris",
    },
)
CHANNELS = _list(
    "cara meminta",
    "ID-CARA-MEMINTA-2022",
    "Permintaan tercatat, secara elektronik atau nonelektronik (UU 27/2022 pasal 14)",
    {
        "datang": "Datang ke kantor atau kepada petugas",
        "surat": "Surat",
        "telepon": "Telepon",
        "elektronik": "Surat elektronik atau layanan daring",
    },
)
IDENTITY_CHECKS = _list(
    "cara memeriksa pemohon",
    "ID-PERIKSA-PEMOHON-2022",
    "Daftar setempat",
    {
        "ktp": "KTP-el diperlihatkan",
        "kk_akta": "Kartu Keluarga atau akta kelahiran",
        "penetapan_wali": "Penetapan wali atau pengampu",
        "surat_ahli_waris": "Surat keterangan ahli waris",
        "dikenal_petugas": "Dikenal pribadi oleh petugas yang mendampingi",
        "surat_desa": "Surat keterangan desa/kelurahan",
    },
)
PAUSES = _list(
    "alasan penangguhan waktu",
    "ID-TANGGUH-PERMINTAAN-2022",
    "Daftar setempat; undang-undang tidak mengatur penangguhan, alasannya dicatat",
    {
        "bukti_identitas": "Menunggu bukti identitas pemohon",
        "keterangan_pemohon": "Menunggu keterangan pemohon",
        "permintaan_pemohon": "Atas permintaan pemohon",
    },
)
CLOSINGS = _list(
    "akhir permintaan",
    "ID-AKHIR-PERMINTAAN-2022",
    "Daftar setempat",
    {"selesai": "Selesai", "ditolak": "Ditolak", "dicabut": "Dicabut pemohon"},
)


@dataclass(frozen=True)
class Ground:
    """One ground for a refusal: the article it stands in, and which kinds of request it may refuse."""

    label: str
    article: str
    kinds: frozenset[str]


_ALL = frozenset(_RIGHTS)
#: Art. 15(1) excepts the rights of art. 8, 9, 10(1), 11 and 13: never correction (6), never access (7). Art. 33 speaks of
#: changes only.
EXCEPTED = _ALL - {"access", "correction"}
_GROUNDS: Mapping[str, Ground] = {
    "pertahanan_keamanan": Ground("Pertahanan dan keamanan nasional", "15 ayat (1) huruf a", EXCEPTED),
    "penegakan_hukum": Ground("Proses penegakan hukum", "15 ayat (1) huruf b", EXCEPTED),
    "penyelenggaraan_negara": Ground(
        "Kepentingan umum dalam rangka penyelenggaraan negara", "15 ayat (1) huruf c", EXCEPTED
    ),
    "statistik_penelitian": Ground("Kepentingan statistik dan penelitian ilmiah", "15 ayat (1) huruf e", EXCEPTED),
    "membahayakan": Ground(
        "Perubahan membahayakan keamanan atau kesehatan seseorang", "33 huruf a", frozenset({"correction"})
    ),
    "data_orang_lain": Ground("Perubahan mengungkap data pribadi orang lain", "33 huruf b", frozenset({"correction"})),
    "masa_retensi": Ground("Masa retensi arsip belum berakhir", "44 ayat (1) huruf a", frozenset({"erasure"})),
    "perkara_berjalan": Ground(
        "Berkaitan dengan proses hukum suatu perkara", "44 ayat (1) huruf c", frozenset({"erasure"})
    ),
    "bukan_subjek": Ground("Pemohon tidak terbukti berhak", "14", _ALL),
}
_GROUND_VERSION = "ID-TOLAK-HAK-2022"
REFUSALS: Mapping[str, Mapping[str, Ground]] = {_GROUND_VERSION: _GROUNDS}
NOT_THE_SUBJECT = "bukan_subjek"

GROUNDS = CodeHistory(
    CodeList(
        name="dasar penolakan permintaan",
        version=_GROUND_VERSION,
        valid_from=_LAW,
        source="UU 27/2022 pasal 14, 15 ayat (1), 33, dan 44",
        codes={code: f"{one.label} (pasal {one.article})" for code, one in _GROUNDS.items()},
    )
)
