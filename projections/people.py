"""People, families and communities in need as they are known: who, where, of which tier, with which types and needs.

Names and numbers of people are not in here: a row holds the id of the encrypted part. Questions are asked in
`projections.people_lists`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.aggregate import Event
from domain.beneficiary import Beneficiary
from domain.sealed import Sealed
from domain.subject import KeyDestroyed
from projections.projection import Projection


@dataclass(slots=True)
class PersonRow:
    """One beneficiary. ``identity``, ``address`` and ``hamlet`` are part ids; ``state`` is active, died, moved or
    duplicate; ``nik_findings`` are codes separated by commas."""

    key: str
    village: str | None = None
    kind: str = ""
    tier: int = 1
    strict: bool = False
    state: str = "active"
    linked_to: str | None = None
    identity: str | None = None
    identity_state: str = "none"
    nik_findings: str = ""
    address: str | None = None
    hamlet: str | None = None
    family: str | None = None
    relation: str | None = None
    relations: str | None = None
    registered_on: date | None = None
    registered_by: str | None = None
    channel: str | None = None
    residence_outside: bool = False
    outside: bool = False
    neglected: bool | None = None
    neglect_on: date | None = None
    institution: bool = False
    died_on: date | None = None
    moved_out: bool = False
    types: int = 0  # classifications begun and not ended
    last_on: date | None = None
    holds: int = 0  # legal holds in force
    destroyed_on: date | None = None
    version: int = 0


@dataclass(slots=True)
class ClassificationRow:
    """One period of one type. ``type`` is empty when sealed, ``type_part`` then its part; ``village`` is the domicile
    when it was last decided about."""

    key: str
    beneficiary: str = ""
    village: str | None = None
    type: str | None = None
    type_part: str | None = None
    types: str = ""
    subtypes: str = ""
    tier: int = 1
    active: bool = False
    from_on: date | None = None
    until_on: date | None = None
    ended_for: str | None = None
    reasons: str | None = None
    replaced_by: str | None = None
    assessor: str | None = None
    findings: str = ""
    overridden: bool = False


@dataclass(slots=True)
class NeedRow:
    """What one classification makes necessary in one year; ``service`` is empty when sealed."""

    key: str
    beneficiary: str = ""
    classification: str = ""
    village: str | None = None
    year: int = 0
    service: str | None = None
    service_part: str | None = None
    services: str = ""
    spm: str = ""
    on_day: date | None = None


def _open(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _listed(value: object) -> str:
    return ",".join(value) if isinstance(value, tuple) else ""


def _part(value: object) -> str | None:
    return value.part if isinstance(value, Sealed) else None


def _classification_keys(event: Event) -> Iterable[str]:
    if isinstance(event, Beneficiary.Reclassified):
        return (event.ends, event.classification)
    if isinstance(event, Beneficiary.Classified | Beneficiary.PpksEnded):
        return (event.classification,)
    return ()


def _need_keys(event: Event) -> Iterable[str]:
    return (f"{event.classification}:{event.year}",) if isinstance(event, Beneficiary.NeedDetermined) else ()


people = Projection(
    "people",
    row=PersonRow,
    indexes=[
        ("village", "key"),
        ("village", "state", "tier", "since"),
        ("identity",),
        ("linked_to",),
        ("family",),
        ("registered_by",),
    ],
)
classifications = Projection(
    "classifications",
    row=ClassificationRow,
    keys=_classification_keys,
    indexes=[("beneficiary", "type", "active"), ("type", "active"), ("village", "active")],
)
needs = Projection("needs", row=NeedRow, keys=_need_keys, indexes=[("beneficiary",), ("year", "service")])


def _seen(row: PersonRow, event: Event) -> None:
    row.village = event.village or row.village
    row.version = event.version
    row.last_on = event.on if row.last_on is None else max(row.last_on, event.on)
    row.state = "duplicate" if row.linked_to else "died" if row.died_on else "moved" if row.moved_out else "active"


@people.on(Beneficiary.Registered)
def registered(row: PersonRow, event: Beneficiary.Registered) -> None:
    row.kind, row.channel, row.residence_outside = event.kind, event.channel, event.residence_outside
    row.identity, row.identity_state = event.identity.part, "claimed" if event.nik_stated else "none"
    row.nik_findings, row.hamlet = ",".join(event.nik_findings), _part(event.hamlet)
    row.registered_on, row.registered_by = event.on, event.by or None
    _seen(row, event)


@people.on(Beneficiary.IdentityClaimed)
def identity_claimed(row: PersonRow, event: Beneficiary.IdentityClaimed) -> None:
    row.identity, row.identity_state = event.identity.part, "claimed"
    row.nik_findings = ",".join(event.nik_findings)
    _seen(row, event)


@people.on(Beneficiary.IdentityMatched)
def identity_matched(row: PersonRow, event: Beneficiary.IdentityMatched) -> None:
    row.identity_state = "matched"
    _seen(row, event)


@people.on(Beneficiary.Classified, Beneficiary.Reclassified)
def typed(row: PersonRow, event: Beneficiary.Classified | Beneficiary.Reclassified) -> None:
    row.tier = max(row.tier, event.tier)
    row.strict = row.tier >= Beneficiary.STRICT_TIER
    row.types += isinstance(event, Beneficiary.Classified)
    _seen(row, event)


@people.on(Beneficiary.PpksEnded)
def type_ended(row: PersonRow, event: Beneficiary.PpksEnded) -> None:
    row.types = max(0, row.types - 1)
    _seen(row, event)


@people.on(Beneficiary.NeglectAssessed)
def neglect_assessed(row: PersonRow, event: Beneficiary.NeglectAssessed) -> None:
    row.neglected, row.neglect_on = event.neglected, event.on
    _seen(row, event)


@people.on(Beneficiary.InstitutionEntered, Beneficiary.InstitutionLeft)
def institution(row: PersonRow, event: Event) -> None:
    row.institution = isinstance(event, Beneficiary.InstitutionEntered)
    _seen(row, event)


@people.on(Beneficiary.DomicileMoved)
def domicile_moved(row: PersonRow, event: Beneficiary.DomicileMoved) -> None:
    row.moved_out, row.outside = False, event.outside
    row.address, row.hamlet = _part(event.address), _part(event.hamlet)
    _seen(row, event)


@people.on(Beneficiary.MovedOut)
def moved_out(row: PersonRow, event: Beneficiary.MovedOut) -> None:
    row.moved_out = True
    _seen(row, event)


@people.on(Beneficiary.FamilyJoined)
def family_joined(row: PersonRow, event: Beneficiary.FamilyJoined) -> None:
    row.family, row.relation, row.relations = event.family, event.relation, event.relations
    _seen(row, event)


@people.on(Beneficiary.FamilyLeft)
def family_left(row: PersonRow, event: Beneficiary.FamilyLeft) -> None:
    if row.family == event.family:
        row.family = row.relation = row.relations = None
    _seen(row, event)


@people.on(Beneficiary.Died)
def died(row: PersonRow, event: Beneficiary.Died) -> None:
    row.died_on = event.on
    _seen(row, event)


@people.on(Beneficiary.LinkedAsDuplicate)
def linked(row: PersonRow, event: Beneficiary.LinkedAsDuplicate) -> None:
    row.linked_to = event.primary
    _seen(row, event)


@people.on(Beneficiary.LinkReversed)
def link_reversed(row: PersonRow, event: Beneficiary.LinkReversed) -> None:
    if row.linked_to == event.primary:
        row.linked_to = None
    _seen(row, event)


@people.on(
    Beneficiary.NeedDetermined,
    Beneficiary.DuplicateAcknowledged,
    Beneficiary.DuplicateReleased,
    Beneficiary.ConsentGiven,
    Beneficiary.ConsentWithdrawn,
    Beneficiary.ProcessingRestricted,
    Beneficiary.RestrictionLifted,
)
def noted(row: PersonRow, event: Event) -> None:
    _seen(row, event)


@people.on(Beneficiary.HoldPlaced, Beneficiary.HoldLifted)
def held(row: PersonRow, event: Event) -> None:
    row.holds = max(0, row.holds + (1 if isinstance(event, Beneficiary.HoldPlaced) else -1))
    row.version = event.version


@people.on(Beneficiary.DocumentHeld, Beneficiary.DocumentReleased)
def document_held(row: PersonRow, event: Event) -> None:
    row.version = event.version


@people.on(KeyDestroyed)
def destroyed(row: PersonRow, event: KeyDestroyed) -> None:
    row.destroyed_on, row.version = row.destroyed_on or event.on, event.version


@classifications.on(Beneficiary.Classified, Beneficiary.Reclassified)
def classification_begun(row: ClassificationRow, event: Beneficiary.Classified | Beneficiary.Reclassified) -> None:
    row.village = event.village
    if isinstance(event, Beneficiary.Reclassified) and row.key == event.ends:
        row.active, row.until_on, row.replaced_by = False, event.on, event.classification
        return
    row.beneficiary, row.active, row.from_on = event.stream, True, event.on
    row.type, row.type_part, row.types, row.tier = _open(event.type), _part(event.type), event.types, event.tier
    row.subtypes, row.findings = _listed(event.subtypes), _listed(event.findings)
    row.overridden, row.assessor = event.override_reason is not None, event.assessor


@classifications.on(Beneficiary.PpksEnded)
def classification_ended(row: ClassificationRow, event: Beneficiary.PpksEnded) -> None:
    row.village, row.active, row.until_on = event.village, False, event.on
    row.ended_for, row.reasons = _open(event.reason), event.reasons


@needs.on(Beneficiary.NeedDetermined)
def need_determined(row: NeedRow, event: Beneficiary.NeedDetermined) -> None:
    row.beneficiary, row.classification, row.year = event.stream, event.classification, event.year
    row.village, row.on_day, row.spm = event.village, event.on, event.spm
    row.service, row.service_part = _open(event.spm_service), _part(event.spm_service)
    row.services = _listed(event.services)
