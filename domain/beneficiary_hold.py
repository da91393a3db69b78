"""Legal hold: while a case is pending, nothing about a person is destroyed; and that her keys were destroyed at last.

Source: UU 27/2022 art. 43-44 and UU 43/2009 art. 51: what is tied to a pending legal matter is not destroyed.
"""

from datetime import date
from typing import Any

from domain.aggregate import Event
from domain.beneficiary_state import BeneficiaryState
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed
from domain.subject import KeyDestroyed


class HoldNeedsPaper(Refused):
    RULE = "hold_needs_paper"
    SENTENCE = "Penahanan pemusnahan dan pencabutannya harus disertai surat: isi nomor surat atau unggah berkasnya."


class HoldTaken(Refused):
    RULE = "hold_taken"
    SENTENCE = "Nomor penahanan ini sudah dipakai untuk warga ini."


class NoSuchHold(Refused):
    RULE = "no_such_hold"
    SENTENCE = "Penahanan ini tidak ada pada warga ini atau sudah dicabut."


class UnderLegalHold(Refused):
    RULE = "under_legal_hold"
    SENTENCE = "Data warga {subject} sedang ditahan untuk keperluan hukum dan tidak boleh dimusnahkan."


class Holding(BeneficiaryState):
    """The part of a beneficiary that decides whether its record may be destroyed."""

    class HoldPlaced(Event):
        """``reason`` may give away what somebody is suspected of, so it is sealed; the paper's number is open."""

        TOPIC = "beneficiary.hold_placed"
        CONFLICTS = frozenset[str]()
        hold: str
        reason: Sealed

        def apply(self, beneficiary: Any) -> None:
            beneficiary.holds.add(self.hold)
            beneficiary.holds_ever.add(self.hold)

    class HoldLifted(Event):
        TOPIC = "beneficiary.hold_lifted"
        CONFLICTS = frozenset({"beneficiary.hold_lifted"})
        hold: str
        reason: Sealed

        def apply(self, beneficiary: Any) -> None:
            beneficiary.holds.discard(self.hold)

    def place_hold(self, *, on: date, hold: str, reason: Sealed, evidence: tuple[Evidence, ...] = ()) -> None:
        """Keep the record from being destroyed until the hold is lifted. Also of a record that was linked to another.

        Raises `HoldNeedsPaper`, `HoldTaken`, `SubjectDestroyed`.
        """
        self._is_not_destroyed()
        must_have_paper(evidence)
        if hold in self.holds_ever or hold in self.documents_held:
            raise HoldTaken
        self.trigger(self.HoldPlaced, on=on, hold=hold, reason=reason, evidence=evidence)

    def lift_hold(self, *, on: date, hold: str, reason: Sealed, evidence: tuple[Evidence, ...] = ()) -> None:
        """End a hold. Raises `HoldNeedsPaper`, `NoSuchHold`."""
        must_have_paper(evidence)
        if hold not in self.holds:
            raise NoSuchHold
        self.trigger(self.HoldLifted, on=on, hold=hold, reason=reason, evidence=evidence)

    def must_not_be_held(self) -> None:
        """Raises `UnderLegalHold`, `SubjectDestroyed`."""
        self._is_not_destroyed()
        if self.holds:
            raise UnderLegalHold(subject=self.id)

    def lose_keys(self, *, on: date, keys: tuple[str, ...], destruction: str) -> None:
        """Remember that these keys are destroyed: all of this record but those of documents that are held, and later
        theirs. Raises `SubjectDestroyed` when all of them were lost before."""
        going = tuple(key for key in keys if key not in self.keys_lost)
        if not going:
            self._is_not_destroyed()
        self.trigger(KeyDestroyed, on=on, keys=going, destruction=destruction)


def must_have_paper(evidence: tuple[Evidence, ...]) -> None:
    """Raises `HoldNeedsPaper`."""
    if not any(paper.number or paper.file for paper in evidence):
        raise HoldNeedsPaper
