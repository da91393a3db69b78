"""The registers: KPS with the WKSBM they belong to, PSKS with what they offer, and the indicators."""

from dataclasses import dataclass
from datetime import date

from domain.aggregate import Event
from domain.indicator import Indicator
from domain.kps import Kps
from domain.psks import Psks
from domain.wksbm import Wksbm
from projections.projection import DROP, Drop, Projection


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
    version: int = 0


kps = Projection("kps", row=KpsRow, indexes=[("village", "kind")])


@kps.on(Kps.Registered)
def registered(row: KpsRow, event: Kps.Registered) -> None:
    row.village, row.kind, row.kinds, row.name = event.village, event.kind, event.kinds, event.name
    row.active = True
    row.active_from = (event.active_from or event.on).isoformat()
    row.members, row.version = event.members, event.version
    row.contact = event.contact.part if event.contact else None


@kps.on(Kps.Ended)
def ended(row: KpsRow, event: Kps.Ended) -> None:
    row.active, row.active_until, row.version = False, event.on.isoformat(), event.version


@kps.on(Kps.Resumed)
def resumed(row: KpsRow, event: Kps.Resumed) -> None:
    row.active, row.active_until, row.version = True, None, event.version


@dataclass(slots=True)
class MembershipRow:
    """That a KPS belongs, or belonged, to a WKSBM."""

    key: str
    wksbm: str = ""
    kps: str = ""
    village: str | None = None
    joined_on: date | None = None
    left_on: date | None = None
    active: bool = False


memberships = Projection(
    "memberships",
    row=MembershipRow,
    keys=lambda event: (f"{event.stream}/{event.kps}",) if isinstance(event, Wksbm.KpsJoined | Wksbm.KpsLeft) else (),
    indexes=[("wksbm",), ("kps",)],
)


@memberships.on(Wksbm.KpsJoined)
def joined(row: MembershipRow, event: Wksbm.KpsJoined) -> None:
    row.wksbm, row.kps, row.village = event.stream, event.kps, event.village
    row.joined_on, row.left_on, row.active = event.on, None, True


@memberships.on(Wksbm.KpsLeft)
def left(row: MembershipRow, event: Wksbm.KpsLeft) -> Drop | None:
    if not row.wksbm:
        return DROP  # the joining was withdrawn
    row.left_on, row.active = event.on, False
    return None


@dataclass(slots=True)
class PsksRow:
    """One PSKS. ``area`` is the Kemendagri code it serves, when that is not a village; ``contact`` a part id."""

    key: str
    village: str | None = None
    area: str | None = None
    kind: str = ""
    kinds: str = ""
    unit: str = ""
    name: str = ""
    active: bool = False
    active_from: date | None = None
    active_until: date | None = None
    reason: str | None = None
    reasons: str | None = None
    members: int | None = None
    contact: str | None = None
    version: int = 0


psks = Projection("psks", row=PsksRow, indexes=[("village", "kind"), ("kind",)])


@psks.on(Psks.Registered)
def psks_registered(row: PsksRow, event: Psks.Registered) -> None:
    row.village, row.area, row.kind, row.kinds, row.unit = (
        event.village,
        event.area,
        event.kind,
        event.kinds,
        event.unit,
    )
    row.name, row.members, row.version = event.name, event.members, event.version
    row.active, row.active_from = True, event.active_from or event.on
    row.contact = event.contact.part if event.contact else None


@psks.on(Psks.Ended)
def psks_ended(row: PsksRow, event: Psks.Ended) -> None:
    row.active, row.active_until, row.version = False, event.on, event.version
    row.reason, row.reasons = event.reason, event.reasons


@psks.on(Psks.Resumed)
def psks_resumed(row: PsksRow, event: Psks.Resumed) -> None:
    row.active, row.active_until, row.reason, row.reasons = True, None, None, None
    row.version = event.version


@psks.on(Psks.ServiceOffered, Psks.ServiceWithdrawn)
def psks_offer(row: PsksRow, event: Event) -> None:
    row.version = event.version


@dataclass(slots=True)
class OfferRow:
    """A service that a PSKS offers: for how many at a time, for which areas (Kemendagri codes, comma between), when."""

    key: str
    psks: str = ""
    village: str | None = None
    service: str = ""
    services: str = ""
    capacity: int | None = None
    catchment: str = ""
    open_hours: str = ""
    offered_on: date | None = None


offers = Projection(
    "psks_offers",
    row=OfferRow,
    keys=lambda event: (
        (f"{event.stream}/{event.service}",) if isinstance(event, Psks.ServiceOffered | Psks.ServiceWithdrawn) else ()
    ),
    indexes=[("psks",), ("service",)],
)


@offers.on(Psks.ServiceOffered)
def offered(row: OfferRow, event: Psks.ServiceOffered) -> None:
    row.psks, row.village, row.service, row.services = event.stream, event.village, event.service, event.services
    row.capacity, row.catchment, row.open_hours = event.capacity, ",".join(event.catchment), event.open_hours
    row.offered_on = event.on


@offers.on(Psks.ServiceWithdrawn)
def withdrawn(row: OfferRow, event: Psks.ServiceWithdrawn) -> Drop:
    return DROP


@dataclass(slots=True)
class IndicatorRow:
    """One indicator: what is measured and how, in public words."""

    key: str
    name: str = ""
    definition: str = ""
    defined_on: date | None = None
    version: int = 0


indicators = Projection("indicators", row=IndicatorRow)


@indicators.on(Indicator.Defined)
def defined(row: IndicatorRow, event: Indicator.Defined) -> None:
    row.name, row.definition, row.defined_on, row.version = event.name, event.definition, event.on, event.version


@indicators.on(Indicator.BaselineStated, Indicator.TargetSet)
def figure_stated(row: IndicatorRow, event: Event) -> None:
    row.version = event.version


@dataclass(slots=True)
class FigureRow:
    """A figure of an indicator, in permille: a ``baseline`` somebody stated for a month, or the ``target`` of a year."""

    key: str
    indicator: str = ""
    kind: str = ""
    month: str = ""
    year: int = 0
    permille: int = 0
    wording: str = ""
    reference: str = ""
    approximate: bool = False
    definition_unknown: bool = False
    stated_on: date | None = None


def _figures_of(event: Event) -> tuple[str, ...]:
    if isinstance(event, Indicator.BaselineStated):
        return (f"{event.stream}/baseline/{event.month}",)
    if isinstance(event, Indicator.TargetSet):
        return (f"{event.stream}/target/{event.year}",)
    return ()


figures = Projection("indicator_figures", row=FigureRow, keys=_figures_of, indexes=[("indicator",)])


@figures.on(Indicator.BaselineStated)
def baseline_stated(row: FigureRow, event: Indicator.BaselineStated) -> None:
    row.indicator, row.kind, row.stated_on = event.stream, "baseline", event.on
    row.month, row.year, row.permille = event.month, int(event.month[:4]), event.permille
    row.wording, row.reference = event.wording, event.reference
    row.approximate, row.definition_unknown = event.approximate, event.definition_unknown


@figures.on(Indicator.TargetSet)
def target_set(row: FigureRow, event: Indicator.TargetSet) -> None:
    row.indicator, row.kind, row.stated_on = event.stream, "target", event.on
    row.year, row.permille, row.reference = event.year, event.permille, event.reference
