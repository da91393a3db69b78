"""Sentences about KPS."""

from domain.kps import KINDS
from projections.sentences.words import Told


def _registered(told: Told) -> str:
    members = told.also("members", " dengan {} anggota")
    since = told.also("active_from", ", aktif sejak {}")
    contact = told.tail("contact", "Kontak")
    return f"KPS {told['name']} ({told.label('kind', KINDS, 'kinds')}){members} didaftarkan{since}.{contact}"


SENTENCES = {
    "kps.registered": _registered,
    "kps.ended": lambda told: f"KPS dicatat tidak aktif lagi.{told.tail()}",
    "kps.resumed": "KPS dicatat aktif kembali.",
}
