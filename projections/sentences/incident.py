"""Sentences about disasters, their victims and relief."""

from domain.incident_codes import CONDITIONS, FIGURES, GOODS, KINDS, OUTCOMES, RELIEF, UNITS
from projections.sentences.words import Told, day


def _declared(told: Told) -> str:
    where = (
        "skala kabupaten" if told.has("kabupaten_scale") else f"desa/kelurahan {told['villages'] or 'belum disebut'}"
    )
    struck = day(str(told.data.get("struck_on", "")))
    return (
        f"Bencana {told['name']} ({told.label('kind', KINDS, 'kinds')}) pada {struck} dinyatakan: {where}.{told.tail()}"
    )


def _victim(told: Told) -> str:
    known = "NIK diketahui" if told.has("nik_known") else "NIK belum diketahui"
    return (
        f"Tercatat sebagai korban bencana: {told.label('conditions', CONDITIONS, 'listing').lower()};"
        f" mewakili {told['household']} jiwa, {known}.{told.tail()}"
    )


def _relief(told: Told) -> str:
    recipients = told.data.get("recipients") or ()
    people = f"{len(recipients)} korban tercatat" if recipients else f"{told['count'] or '0'} orang"
    worth = f" senilai {told.rupiah('value_rupiah')}" if told.has("value_rupiah") else ""
    return (
        f"Bantuan {told.label('goods', GOODS, 'listing').lower()} {told['quantity']} {told.label('unit', UNITS, 'units')}"
        f"{worth} ({told.label('kind', RELIEF, 'kinds')}) diserahkan kepada {people}.{told.tail()}"
    )


def _verified(told: Told) -> str:
    return f"Hasil verifikasi korban: {told.label('outcome', OUTCOMES, 'outcomes').lower()}.{told.tail()}"


SENTENCES = {
    "incident.declared": _declared,
    "incident.extended": lambda told: f"Wilayah bencana ditambah: {told['villages']}.",
    "incident.victim_recorded": _victim,
    "incident.victim_verified": _verified,
    "incident.relief_delivered": _relief,
    "incident.figure_reported": lambda told: (
        f"{told['reporter']} melaporkan {told.label('figure', FIGURES, 'figures').lower()}: {told['number'] or '0'}."
    ),
    "incident.figure_reconciled": lambda told: (
        f"{told.label('figure', FIGURES, 'figures')} disepakati {told['number'] or '0'} (terakhir dilaporkan"
        f" {told['reported'] or '0'}, tercatat satu per satu {told['listed'] or '0'}).{told.tail()}"
    ),
    "incident.closed": lambda told: f"Masa tanggap darurat bencana ditutup.{told.tail()}",
}
