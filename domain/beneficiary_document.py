"""Legal hold of one document: it outlives the destruction of everything else that is known of a person.

What is held is a copy under a key of its own, with the reason for it; the document itself lies under her other keys and
goes with them. Source: as in `domain.beneficiary_hold`.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from domain.aggregate import Event
from domain.beneficiary_hold import Holding, HoldTaken, NoSuchHold, must_have_paper
from domain.beneficiary_state import HeldDocument
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed
from domain.subject import SubjectDestroyed


class NotHerDocument(Refused):
    RULE = "not_her_document"
    SENTENCE = "Surat ini tidak ada di antara surat yang tercatat untuk warga ini."


class DocumentHolding(Holding):
    """The part of a beneficiary that decides which documents stay when the record is destroyed."""

    class DocumentHeld(Event):
        """``hold`` names the hold and the file of the copy, which is the first of the papers; ``document`` the file that
        was copied; ``key`` the key of the copy and of the reason."""

        TOPIC = "beneficiary.document_held"
        CONFLICTS = frozenset[str]()
        hold: str
        document: str
        key: str
        reason: Sealed

        def apply(self, beneficiary: Any) -> None:
            beneficiary.documents_held[self.hold] = HeldDocument(self.document, self.key)

    class DocumentReleased(Event):
        TOPIC = "beneficiary.document_released"
        CONFLICTS = frozenset({"beneficiary.document_released"})
        hold: str
        key: str
        reason: Sealed

        def apply(self, beneficiary: Any) -> None:
            beneficiary.documents_held[self.hold] = replace(beneficiary.documents_held[self.hold], lifted=True)

    def must_take_document(self, *, hold: str, document: str, evidence: tuple[Evidence, ...]) -> None:
        """Whether the document may be held by this, before it is copied: also again, after its hold was lifted by mistake,
        until its key is lost. Raises `HoldNeedsPaper`, `HoldTaken`, `SubjectDestroyed`."""
        must_have_paper(evidence)
        before = self.documents_held.get(hold)
        if before is not None and before.key in self.keys_lost:
            raise SubjectDestroyed
        if before is not None and before.lifted and before.document == document:
            return
        if before is not None or hold in self.holds_ever:
            raise HoldTaken
        self._is_not_destroyed()

    def hold_document(
        self, *, on: date, hold: str, document: str, kept: Evidence, reason: Sealed, evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """Keep one document from being destroyed until the hold is lifted; ``kept`` is its copy under a key of its own.

        Raises as `must_take_document`.
        """
        self.must_take_document(hold=hold, document=document, evidence=evidence)
        assert kept.key is not None
        papers = (kept, *evidence)
        self.trigger(
            self.DocumentHeld, on=on, hold=hold, document=document, key=kept.key, reason=reason, evidence=papers
        )

    def release_document(self, *, on: date, hold: str, reason: Sealed, evidence: tuple[Evidence, ...] = ()) -> None:
        """End the hold of a document, also after everything else was destroyed. Raises `HoldNeedsPaper`, `NoSuchHold`."""
        must_have_paper(evidence)
        held = self.documents_held.get(hold)
        if held is None or held.lifted:
            raise NoSuchHold
        self.trigger(self.DocumentReleased, on=on, hold=hold, key=held.key, reason=reason, evidence=evidence)

    def held_keys(self) -> frozenset[str]:
        """The keys that stay while the others are destroyed."""
        return frozenset(one.key for one in self.documents_held.values() if not one.lifted)

    def released_keys(self) -> tuple[str, ...]:
        """The keys of documents that stayed when she was destroyed, and whose hold was lifted since."""
        if not self.destroyed:
            return ()
        return tuple(
            sorted(one.key for one in self.documents_held.values() if one.lifted and one.key not in self.keys_lost)
        )
