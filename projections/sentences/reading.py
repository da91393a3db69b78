"""Sentences about readings."""

from projections.sentences.words import Told, number

#: What was opened, by a word of its address; the first that fits.
OPENED = (
    ("export", "Salinan seluruh catatan"),
    ("/reports", "Formulir pencatatan"),
    ("/report", "Laporan data seorang warga"),
    ("subject report", "Laporan data seorang warga"),
    ("/laporan", "Laporan data seorang warga"),
    ("search", "Hasil pencarian"),
    ("mirip", "Perbandingan catatan yang mirip"),
    ("alike", "Perbandingan catatan yang mirip"),
    ("files", "Surat atau foto"),
    ("surat", "Surat"),
    ("catat", "Formulir pencatatan"),
    ("batch", "Formulir pencatatan"),
    ("koreksi", "Koreksi catatan"),
    ("corrections", "Koreksi catatan"),
    ("retractions", "Koreksi catatan"),
    ("streams/<stream>/events", "Koreksi catatan"),
    ("readings", "Siapa membaca apa"),
    ("pembacaan", "Siapa membaca apa"),
    ("dibaca", "Siapa membaca apa"),
    ("figures", "Baris di balik angka"),
    ("mengapa", "Baris di balik angka"),
    ("replay", "Jejak catatan"),
    ("events", "Jejak catatan"),
    ("jejak", "Jejak catatan"),
    ("offline", "Pekerjaan tanpa sinyal"),
    ("luring", "Pekerjaan tanpa sinyal"),
    ("outbox", "Kotak keluar"),
    ("kotak-keluar", "Kotak keluar"),
    ("pengawasan", "Pengawasan"),
    ("caseload", "Beban kerja"),
    ("subject-requests", "Pelindungan data"),
    ("retention", "Pelindungan data"),
    ("destructions", "Pelindungan data"),
    ("pelindungan", "Pelindungan data"),
    ("emergencies", "Akses darurat"),
    ("incidents", "Bencana"),
    ("bencana", "Bencana"),
    ("referrals", "Rujukan"),
    ("rujukan", "Rujukan"),
    ("jawab", "Rujukan"),
    ("cases", "Kasus"),
    ("kasus", "Kasus"),
    ("history", "Riwayat"),
    ("warga", "Catatan warga"),
    ("beneficiaries", "Catatan warga"),
    ("wksbm", "WKSBM"),
    ("kps", "Kelompok"),
    ("psks", "PSKS"),
    ("desa", "Desa"),
    ("villages", "Desa"),
)


def opened(resource: str) -> str:
    """What a reading opened, in words; its address where there are none."""
    return next((words for part, words in OPENED if part in resource), resource)


def _made(told: Told) -> str:
    if told.has("everything"):
        return f"Semua data pribadi diserahkan: {opened(told['resource'])}."
    people = len(told.data.get("subjects") or ())
    return f"Data {number(people)} orang yang dilindungi dibuka: {opened(told['resource'])}."


SENTENCES = {"reading.made": _made}
