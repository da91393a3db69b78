"""Invented free texts, as a social worker writes them. They are sealed like real ones."""

from random import Random

_STORIES = (
    "Dilaporkan tinggal sendiri di rumah papan, makan tidak teratur.",
    "Tetangga menyampaikan sudah tiga hari tidak terlihat keluar rumah.",
    "Keluarga meminta bantuan karena tidak sanggup lagi merawat.",
    "Ditemukan saat kunjungan rutin; kondisi lemah dan belum pernah diperiksa.",
    "Datang ke kantor diantar kepala dusun, menyampaikan kesulitan sehari-hari.",
    "Kehilangan pekerjaan dan belum memiliki penghasilan tetap.",
    "Dokumen kependudukan hilang sehingga tidak dapat mengakses layanan.",
)
_NOTES = (
    "Kondisi membaik, keluarga mulai mendampingi.",
    "Perlu kunjungan ulang bulan depan.",
    "Didampingi kepala dusun dan kader posyandu.",
    "Yang bersangkutan menyatakan setuju dengan rencana.",
    "Bantuan diterima langsung dan dicatat pada tanda terima.",
    "Rumah sudah dibersihkan bersama warga secara huyula.",
    "Belum ada perubahan berarti sejak kunjungan terakhir.",
)
_REASONS = (
    "Beban kerja dibagi ulang antarpetugas.",
    "Disepakati dalam pembahasan kasus.",
    "Menurut hasil kunjungan terakhir.",
    "Berkas perlu dilengkapi sebelum dilanjutkan.",
    "Ada keterangan baru dari keluarga.",
)
_GOALS = (
    "Terpenuhinya kebutuhan makan sehari-hari",
    "Memiliki dokumen kependudukan",
    "Mendapat pemeriksaan kesehatan",
    "Keluarga mampu mendampingi secara mandiri",
    "Memiliki penghasilan tambahan",
    "Kembali bersekolah",
    "Rumah tinggal yang layak",
)
_TASKS = (
    "Lengkapi salinan KK dan KTP",
    "Hubungi puskesmas untuk jadwal pemeriksaan",
    "Koordinasi dengan kepala desa",
    "Antar bantuan dan ambil tanda terima",
    "Cari keterangan keluarga dekat",
    "Siapkan laporan sosial",
)
_HAMLETS = (
    "Dusun I",
    "Dusun II",
    "Dusun III",
    "Dusun Tengah",
    "Dusun Timur",
    "Dusun Barat",
    "Lingkungan I",
    "Lingkungan II",
)


def story(rng: Random) -> str:
    return rng.choice(_STORIES)


def note(rng: Random) -> str:
    return rng.choice(_NOTES)


def reason(rng: Random) -> str:
    return rng.choice(_REASONS)


def goal(rng: Random) -> str:
    return rng.choice(_GOALS)


def task(rng: Random) -> str:
    return rng.choice(_TASKS)


def hamlet(rng: Random) -> str:
    return rng.choice(_HAMLETS)


def phone(rng: Random) -> str:
    """A number of a range that nobody is given: it begins with 0800-0000."""
    return f"08000000{rng.randint(1000, 9999)}"
