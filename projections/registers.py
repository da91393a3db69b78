"""The registers of KPS and PSKS: which local bodies and resources each village has, and from when to when."""

from dataclasses import dataclass

from domain.kps import Kps
from projections.projection import Projection


@dataclass(slots=True)
class KpsRow:
    """One KPS. ``contact`` is the id of the part that holds how to reach it."""

    key: str
    village: str | None = None
    kind: str | None = None
    kinds: str | None = None
    name: str | None = None
    active: bool = False
    active_from: str | None = None
    active_until: str | None = None
    members: int | None = None
    contact: str | None = None


kps = Projection("kps", row=KpsRow, indexes=[("village", "kind")])


@kps.on(Kps.Registered)
def registered(row: KpsRow, event: Kps.Registered) -> None:
    row.village, row.kind, row.kinds, row.name = event.village, event.kind, event.kinds, event.name
    row.active = True
    row.active_from = (event.active_from or event.on).isoformat()
    row.members = event.members
    row.contact = event.contact.part if event.contact else None


@kps.on(Kps.Ended)
def ended(row: KpsRow, event: Kps.Ended) -> None:
    row.active = False
    row.active_until = event.on.isoformat()


@kps.on(Kps.Resumed)
def resumed(row: KpsRow, event: Kps.Resumed) -> None:
    row.active = True
    row.active_until = None
