"""Sentences about what people ask of their data."""

from domain.subject_request_codes import ASKERS, CHANNELS, CLOSINGS, GROUNDS, IDENTITY_CHECKS, KINDS, PAUSES
from projections.sentences.words import Told, joined


def _opened(told: Told) -> str:
    asker = told.label("asker", ASKERS, "askers").lower()
    how = told.label("channel", CHANNELS, "channels").lower()
    return (
        f"Permintaan {told.label('kind', KINDS, 'kinds').lower()} diterima dari {asker}"
        f"{told.also('requester', ', {}')} ({how}).{told.tail('details', 'Isi')}"
    )


def _refused(told: Told) -> str:
    ground = told.label("ground", GROUNDS, "grounds")
    return f"Permintaan ditolak. Dasar: {ground}.{told.tail('reason', 'Penjelasan')}"


def _granted(told: Told) -> str:
    return f"Permintaan dikabulkan{told.also('destruction', ', dengan usul musnah {}')}.{told.tail()}"


def _fulfilled(told: Told) -> str:
    done = joined(
        [
            told.also("entries", "{} catatan riwayat diserahkan"),
            told.also("files", "{} berkas disebut"),
            told.also("corrections", "{} koreksi dibuat"),
            told.also("destruction", "usul musnah {}"),
        ]
    )
    return (
        f"Permintaan dipenuhi{f': {done}' if done else ''}{told.also('sha256', ' (SHA-256 berkas {})')}.{told.tail()}"
    )


SENTENCES = {
    "subject_request.opened": _opened,
    "subject_request.identity_confirmed": lambda told: (
        f"Pemohon diperiksa: {told.label('how', IDENTITY_CHECKS, 'checks').lower()}.{told.tail()}"
    ),
    "subject_request.paused": lambda told: (
        f"Waktu permintaan ditangguhkan: {told.label('reason', PAUSES, 'reasons').lower()}.{told.tail()}"
    ),
    "subject_request.resumed": lambda told: f"Waktu permintaan berjalan lagi.{told.tail()}",
    "subject_request.granted": _granted,
    "subject_request.refused": _refused,
    "subject_request.fulfilled": _fulfilled,
    "subject_request.closed": lambda told: (
        f"Permintaan ditutup: {told.label('outcome', CLOSINGS, 'outcomes').lower()}.{told.tail()}"
    ),
}
