"""The figures of a disaster: its victims, and what was delivered to them."""

from collections.abc import Iterator

from projections import incident_lists
from projections.figures.figure import Figure, counted

_VICTIMS = {
    "victims": "Banyaknya korban bencana ini yang tercatat.",
    "people": "Jumlah jiwa yang diwakili para korban bencana ini; yang ternyata bukan korban atau ganda tidak dihitung.",
    "unverified": "Banyaknya korban bencana ini yang belum diverifikasi.",
    "helped": "Banyaknya korban bencana ini yang sudah menerima bantuan.",
}
_RELIEF = {
    "deliveries": ("1", "Banyaknya penyaluran bantuan dalam bencana ini."),
    "value_rupiah": ("COALESCE(value_rupiah, 0)", "Jumlah nilai bantuan yang disalurkan dalam bencana ini, rupiah."),
    "unlisted": ('COALESCE("count", 0)', "Jumlah penerima bantuan yang belum tercatat satu per satu."),
}


def figures() -> Iterator[Figure]:
    for name, (condition, weight) in incident_lists.COUNTED.items():
        yield counted(
            f"incidents.{name}",
            _VICTIMS[name],
            table="victims",
            where=f"{incident_lists.LISTED} AND {condition}",
            weight=weight,
            kind="victim",
            subject="victim",
            needs=frozenset({"incident"}),
            equal={"incident": "incident"},
            action="incident.read",
        )
    for name, (weight, said) in _RELIEF.items():
        yield counted(
            f"incidents.{name}",
            said,
            table="relief",
            where="1 = 1",
            weight=weight,
            kind="event",
            right="incident",
            subject="incident",
            needs=frozenset({"incident"}),
            equal={"incident": "incident"},
            action="incident.read",
        )
