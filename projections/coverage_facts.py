"""The dated facts of every WKSBM that coverage is counted from. Questions are asked in `projections.coverage`."""

from dataclasses import dataclass
from datetime import date

from domain.aggregate import Event
from domain.wksbm import Wksbm
from domain.wksbm_state import Step
from projections.projection import DROP, Drop, Projection

_KINDS: dict[type[Event], str] = {
    Wksbm.Initiated: "dirintis",
    Wksbm.SocializationHeld: "dirintis",
    Wksbm.KpsIdentified: "dirintis",
    Wksbm.DeliberationHeld: "dirintis",
    Wksbm.Formed: "terbentuk",
    Wksbm.Ratified: "sah",
    Wksbm.ActivityReported: "aktif",
    Wksbm.FundsRaised: "aktif",
    Wksbm.FundsDistributed: "aktif",
    Wksbm.FoundDormant: "tidak_aktif",
    Wksbm.Reactivated: "aktif_kembali",
    Wksbm.Dissolved: "dibubarkan",
}


@dataclass(slots=True)
class FactRow:
    """One dated fact of a WKSBM; an SK has a last day, ``valid_until``. ``proven``: a paper for it was seen."""

    key: str
    wksbm: str = ""
    village: str | None = None
    kind: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    proven: bool = False
    provided: str = ""  # versions that brought papers which did not suffice


def _facts_of(event: Event) -> tuple[str, ...]:
    if isinstance(event, Wksbm.EvidenceProvided):
        return (f"{event.stream}:{event.target}",)
    return (f"{event.stream}:{event.version}",) if type(event) in _KINDS else ()


coverage_facts = Projection(
    "coverage_facts", row=FactRow, keys=_facts_of, indexes=[("kind", "valid_from", "wksbm"), ("wksbm",)]
)


@coverage_facts.on(*_KINDS)
def fact(row: FactRow, event: Step) -> None:
    row.wksbm, row.village, row.kind, row.valid_from = event.stream, event.village, _KINDS[type(event)], event.on
    row.proven = not event.unproven
    if isinstance(event, Wksbm.Ratified):
        row.valid_from, row.valid_until = event.dated, event.term_until


@coverage_facts.on(Wksbm.EvidenceProvided)
def proven(row: FactRow, event: Wksbm.EvidenceProvided) -> Drop | None:
    if not row.kind:
        return DROP  # papers for a step that says nothing about coverage
    if event.proven and {str(version) for version in event.rests_on} <= set(row.provided.split()):
        row.proven = True
    else:
        row.provided = f"{row.provided} {event.version}".strip()
    return None
