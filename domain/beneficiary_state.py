"""What a beneficiary remembers, and the refusals that several of its rules share.

The parts of a beneficiary's life stand in modules of their own (``beneficiary_*``); each is a base class of
`domain.beneficiary.Beneficiary`.
"""

from dataclasses import dataclass
from datetime import date

from domain.aggregate import Aggregate
from domain.refusals import MustBeSealed, Refused
from domain.sealed import Sealed
from domain.subject import SubjectDestroyed

#: After these a command prepared earlier has to be looked at again.
CLOSING = frozenset({"beneficiary.died", "beneficiary.linked_as_duplicate"})


class LinkedToAnother(Refused):
    RULE = "linked_to_another"
    SENTENCE = "Catatan ini sudah ditautkan sebagai ganda; lanjutkan pada catatan utamanya ({primary})."


class HasDied(Refused):
    RULE = "has_died"
    SENTENCE = "Warga ini sudah meninggal; kejadian sesudah tanggal itu tidak dapat dicatat."


class OnlyForPersons(Refused):
    RULE = "only_for_persons"
    SENTENCE = "Ini hanya dapat dicatat untuk perorangan, bukan keluarga atau kelompok masyarakat."


@dataclass(frozen=True)
class Consent:
    """One consent. What it is for and to whom is sealed for a strict subject."""

    purpose: str | Sealed
    recipient_kind: str | Sealed | None
    recipient: str | Sealed | None
    recipient_id: str | Sealed | None
    since: date
    until: date | None
    withdrawn: bool = False

    def in_force(self, on: date) -> bool:
        """Whether it carries something done on that day. Once withdrawn it carries nothing more, of whatever day."""
        return not self.withdrawn and self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True)
class Classification:
    """One period of one PPKS type; ``type`` is sealed when the subject is strict or the type is of tier 3."""

    type: str | Sealed
    open: bool


@dataclass(frozen=True)
class HeldDocument:
    """A document that was held, by the file that it is and the key of its copy; whether its hold was lifted since."""

    document: str
    key: str
    lifted: bool = False


class BeneficiaryState(Aggregate):
    """The empty state of a beneficiary and what may be asked of it."""

    def start(self) -> None:
        self.kind = ""
        self.identity: Sealed | None = None
        self.identity_state = "none"  # none, claimed, matched
        self.residence_outside = False
        self.classifications: dict[str, Classification] = {}
        self.neglected: bool | None = None
        self.inside_institution = False
        self.needs: set[tuple[str, int]] = set()  # classification id and year
        self.family: str | None = None
        self.died_on: date | None = None
        self.moved_out = False
        self.linked_to: str | None = None
        self.duplicates: set[str] = set()  # ids of the records that were found to be this one
        self.consents: dict[str, Consent] = {}
        self.restricted = False  # processing is restricted (UU 27/2022 art. 11)
        self.holds: set[str] = set()  # legal holds in force
        self.holds_ever: set[str] = set()
        self.documents_held: dict[str, HeldDocument] = {}  # by the hold
        self.destroyed = False
        self.keys_lost: frozenset[str] = frozenset()

    def must_be_served(self, on: date) -> None:
        """Refuse work that would begin on ``on`` for a record that no longer takes any. Raises `SubjectDestroyed`,
        `LinkedToAnother`, `HasDied`."""
        self._lives(on)

    def _is_not_destroyed(self) -> None:
        if self.destroyed:
            raise SubjectDestroyed

    def _stands(self) -> None:
        self._is_not_destroyed()
        if self.linked_to is not None:
            raise LinkedToAnother(primary=self.linked_to)

    def _lives(self, on: date) -> None:
        """New facts need a record that stands and a day not after the death: late entries stay possible."""
        self._stands()
        if self.died_on is not None and on > self.died_on:
            raise HasDied

    def _seal(self, **values: object) -> None:
        """Refuse open values that would give away the type of a strict subject."""
        for field, value in values.items():
            if self.strict and value and not isinstance(value, Sealed):
                raise MustBeSealed(field=field)
