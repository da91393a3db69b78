"""What happened to a referral, in one Indonesian sentence each."""

from collections.abc import Callable

from domain import destinations as codes
from domain.codes import CodeHistory
from domain.consent_codes import LEGAL_BASES
from projections.sentences.words import Told


def _newest(told: Told, name: str, history: CodeHistory) -> str:
    """The label of a code whose event keeps no version of its list."""
    return told.label(name, dict(history.versions[-1].codes))


def _heard(told: Told) -> str:
    """How the office heard of it, by whom, and what was noted."""
    channel = _newest(told, "channel", codes.REPLY_CHANNELS).lower()
    return f" (kabar lewat {channel}{told.also('informant', ', dari {}')}).{told.tail()}"


def _told(text: str) -> Callable[[Told], str]:
    return lambda told: f"{text}{_heard(told)}"


def _submitted(told: Told) -> str:
    kind = told.label("destination_kind", codes.DESTINATIONS, "destinations")
    need = told.label("need", codes.NEEDS, "needs").lower()
    papers = _newest(told, "documents", codes.DOCUMENTS)
    sent = f" lewat {_newest(told, 'channel', codes.REPLY_CHANNELS).lower()}" if told.has("channel") else ""
    basis = " dengan persetujuan" if told.has("consent") else ""
    if told.has("basis"):
        basis = f" tanpa persetujuan, dengan dasar {told.label('basis', LEGAL_BASES, 'bases').lower()}"
    onward = " sebagai lanjutan rujukan sebelumnya" if told.has("forwarded_from") else ""
    return (
        f"Rujukan diajukan{sent}{onward}{basis} kepada {told['destination']} ({kind}) untuk {need}"
        f"{told.also('letter_number', ', surat nomor {}')}, jawaban ditunggu sampai {told['reply_by']}."
        f"{f' Berkas: {papers}.' if papers else ''}{told.tail()}"
    )


def _rejected(told: Told) -> str:
    reason = told.label("reason", codes.REJECTIONS, "reasons").lower()
    return f"Rujukan ditolak oleh tujuan: {reason}{_heard(told)}"


def _returned(told: Told) -> str:
    reason = told.label("reason", codes.RETURNS, "reasons").lower()
    missing = _newest(told, "missing", codes.DOCUMENTS)
    lacking = f", yang kurang: {missing}" if missing else ""
    return f"Rujukan dikembalikan untuk dilengkapi: {reason}{lacking}{_heard(told)}"


def _resubmitted(told: Told) -> str:
    letter = told.also("letter_number", ", surat nomor {}")
    return f"Rujukan diajukan lagi{letter}, jawaban ditunggu sampai {told['reply_by']}{_heard(told)}"


def _completed(told: Told) -> str:
    outcome = told.label("outcome", codes.RESULTS, "outcomes").lower()
    return f"Tujuan menyelesaikan penanganan: {outcome}{_heard(told)}"


def _withdrawn(told: Told) -> str:
    return f"Rujukan dibatalkan oleh Dinas Sosial{_heard(told)}{told.tail('reason', 'Alasan')}"


def _feedback(told: Told) -> str:
    return f"Umpan balik diterima dari tujuan{_heard(told)}{told.tail('feedback', 'Isi')}"


SENTENCES = {
    "referral.submitted": _submitted,
    "referral.accepted": _told("Rujukan diterima oleh tujuan"),
    "referral.rejected": _rejected,
    "referral.returned": _returned,
    "referral.resubmitted": _resubmitted,
    "referral.scheduled": lambda told: f"Tujuan menjadwalkan pada {told['planned_for']}{_heard(told)}",
    "referral.handled": _told("Tujuan mulai menangani"),
    "referral.completed": _completed,
    "referral.forwarded": _told("Rujukan dialihkan ke tujuan lain"),
    "referral.withdrawn": _withdrawn,
    "referral.client_absent": _told("Yang bersangkutan tidak datang ke tujuan"),
    "referral.expired": _told("Rujukan kedaluwarsa karena tidak ada jawaban sampai batas waktu"),
    "referral.feedback_received": _feedback,
}
