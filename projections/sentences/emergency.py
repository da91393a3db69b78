"""Sentences about emergency access."""

from projections.sentences.words import Told


def _reviewed(told: Told) -> str:
    found = "beralasan" if told.has("justified") else "tidak beralasan"
    note = f" Catatan: {told['note']}." if told.has("note") else ""
    return f"Akses darurat diperiksa dan dinilai {found}.{note}"


SENTENCES = {
    "emergency.opened": lambda told: (
        f"Akses darurat dibuka selama {told['hours']} jam: {told['reason']}. Diperiksa paling lambat {told['review_by']}."
    ),
    "emergency.ended": "Akses darurat diakhiri sebelum waktunya.",
    "emergency.reviewed": _reviewed,
}
