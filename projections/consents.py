"""What people agreed to, and whose processing is restricted. Questions are asked in `projections.consent_lists`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.aggregate import Event
from domain.beneficiary import Beneficiary
from domain.sealed import Sealed
from projections.projection import Projection


@dataclass(slots=True)
class ConsentRow:
    """One consent; its key is the beneficiary's id, a colon and its own. ``purpose`` and the columns of the recipient and
    the giver are empty when sealed: ``part`` then holds them. ``people`` is the part with guardian and witness."""

    key: str
    beneficiary: str = ""
    consent: str = ""
    purpose: str | None = None
    purposes: str = ""
    recipient_kind: str | None = None
    destinations: str = ""
    recipient: str | None = None
    recipient_id: str | None = None
    giver: str | None = None
    givers: str = ""
    relation: str | None = None
    relations: str = ""
    how: str = ""
    ways: str = ""
    part: str | None = None
    people: str | None = None
    given_on: date | None = None
    given_by: str | None = None  # the account that recorded it
    until_on: date | None = None
    papers: int = 0
    withdrawn: bool = False
    withdrawn_on: date | None = None
    withdrawn_how: str | None = None


@dataclass(slots=True)
class RestrictionRow:
    """Whether a beneficiary's processing is restricted, and since which day."""

    key: str
    active: bool = False
    ground: str | None = None
    restrictions: str = ""
    request: str | None = None
    from_on: date | None = None
    until_on: date | None = None


def _consent_keys(event: Event) -> Iterable[str]:
    if isinstance(event, Beneficiary.ConsentGiven | Beneficiary.ConsentWithdrawn):
        return (f"{event.stream}:{event.consent}",)
    return ()


def _restriction_keys(event: Event) -> Iterable[str]:
    if isinstance(event, Beneficiary.ProcessingRestricted | Beneficiary.RestrictionLifted):
        return (event.stream,)
    return ()


consents = Projection("consents", row=ConsentRow, keys=_consent_keys, indexes=[("beneficiary", "consent")])
restrictions = Projection("restrictions", row=RestrictionRow, keys=_restriction_keys, indexes=[("active",)])


def _open(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _part(*values: object) -> str | None:
    return next((value.part for value in values if isinstance(value, Sealed)), None)


@consents.on(Beneficiary.ConsentGiven)
def given(row: ConsentRow, event: Beneficiary.ConsentGiven) -> None:
    row.beneficiary, row.consent = event.stream, event.consent
    row.purpose, row.purposes = _open(event.purpose), event.purposes
    row.recipient_kind, row.destinations = _open(event.recipient_kind), event.destinations
    row.recipient, row.recipient_id = _open(event.recipient), _open(event.recipient_id)
    row.giver, row.givers, row.how, row.ways = _open(event.giver), event.givers, event.how, event.ways
    row.relation, row.relations = _open(event.relation), event.relations
    row.part = _part(event.purpose, event.recipient_kind, event.recipient, event.recipient_id, event.giver)
    row.people = _part(event.guardian, event.witness, event.relation)
    row.given_on, row.given_by, row.until_on = event.on, event.by or None, event.until
    row.papers = len(event.evidence)


@consents.on(Beneficiary.ConsentWithdrawn)
def withdrawn(row: ConsentRow, event: Beneficiary.ConsentWithdrawn) -> None:
    row.beneficiary, row.consent = event.stream, event.consent
    row.withdrawn, row.withdrawn_on, row.withdrawn_how = True, event.on, event.how


@restrictions.on(Beneficiary.ProcessingRestricted)
def restricted(row: RestrictionRow, event: Beneficiary.ProcessingRestricted) -> None:
    row.active, row.ground, row.restrictions, row.request = True, event.ground, event.restrictions, event.request
    row.from_on, row.until_on = event.on, None


@restrictions.on(Beneficiary.RestrictionLifted)
def lifted(row: RestrictionRow, event: Beneficiary.RestrictionLifted) -> None:
    row.active, row.until_on = False, event.on
