"""Sentences about PSKS."""

from domain.psks_codes import KINDS, REASONS, SERVICES
from projections.sentences.words import Told


def _registered(told: Told) -> str:
    return (
        f"PSKS {told['name']} ({told.label('kind', KINDS, 'kinds')}){told.also('members', ' dengan {} anggota')} "
        f"didaftarkan{told.also('area', ' untuk wilayah {}')}{told.also('active_from', ', aktif sejak {}')}."
        f"{told.tail('contact', 'Kontak')}"
    )


def _offered(told: Told) -> str:
    return (
        f"Layanan “{told.label('service', SERVICES, 'services')}” ditawarkan"
        f"{told.also('capacity', ' untuk {} orang sekaligus')}{told.also('catchment', ', wilayah {}')}"
        f"{told.also('open_hours', ', waktu {}')}."
    )


SENTENCES = {
    "psks.registered": _registered,
    "psks.ended": lambda told: (
        f"PSKS dicatat tidak aktif lagi: {told.label('reason', REASONS, 'reasons').lower()}.{told.tail()}"
    ),
    "psks.resumed": "PSKS dicatat aktif kembali.",
    "psks.service_offered": _offered,
    # The event that withdraws a service names it by its code only.
    "psks.service_withdrawn": lambda told: (
        f"Layanan “{SERVICES.label(SERVICES.versions[-1].version, told['service'])}” tidak ditawarkan lagi."
    ),
}
