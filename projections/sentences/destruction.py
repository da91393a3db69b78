"""Sentences about the archive schedule and about destructions."""

from domain.retention import FATES, TRIGGERS
from projections.sentences.words import Told, day, joined, number

_KINDS = {"person": "perorangan", "family": "keluarga", "community": "kelompok masyarakat"}


def _class_set(told: Told) -> str:
    kinds = joined(_KINDS.get(str(one), str(one)) for one in told.data.get("kinds") or ())
    return (
        f"Kelas retensi {told.data.get('code', '')} “{told['label']}” ({kinds}) ditetapkan: {told['years']} tahun sejak "
        f"{told.label('trigger', TRIGGERS, 'triggers').lower()}, lalu {told.label('fate', FATES, 'fates').lower()}"
        f" ({told['basis']})."
    )


def _removed(told: Told) -> str:
    rows = told.rows("removed")

    def total(name: str) -> str:
        return number(sum(int(row.data.get(name) or 0) for row in rows))

    return (
        f"Data {len(rows)} warga dimusnahkan: {total('keys')} kunci, {total('parts')} bagian tersegel, "
        f"{total('tokens')} tanda cari, {total('files')} berkas."
    )


SENTENCES = {
    "retention.class_set": _class_set,
    "destruction.proposed": lambda told: (
        f"Pemusnahan data {len(told.rows('subjects'))} warga diusulkan menurut kelas retensi {told.data.get('code', '')}"
        f" versi {told['number']}.{told.tail()}"
    ),
    "destruction.approved": lambda told: f"Usul pemusnahan disetujui seorang penyetuju.{told.tail()}",
    "destruction.refused": lambda told: f"Usul pemusnahan ditolak.{told.tail('reason', 'Alasan')}",
    "destruction.minutes_recorded": lambda told: (
        f"Berita acara pemusnahan nomor {told.data.get('berita_acara', '')} tanggal "
        f"{day(str(told.data.get('dated', '')))} dicatat."
    ),
    "destruction.begun": "Pemusnahan mulai dilaksanakan; sejak ini tidak dapat dibatalkan.",
    "destruction.carried_out": _removed,
}
