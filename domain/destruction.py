"""Lawful destruction of what is known of people: proposed by one, approved by two others, minuted, then carried out.

Carrying out destroys keys, encrypted parts, search tokens and files; the service does it and records that it was done. The
events stay, so that every count and every proof stays what it was. Sources: see `domain.destruction_state`.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from domain.aggregate import Event
from domain.beneficiary import Beneficiary
from domain.destruction_state import (
    APPROVED,
    BEGUN,
    CARRIED_OUT,
    MINUTED,
    NEEDED_APPROVALS,
    PROPOSED,
    REFUSED,
    AlreadyCarriedOut,
    ApprovedBySameAlready,
    Candidate,
    DestructionState,
    MinutesNeeded,
    NobodyProposed,
    NotBegun,
    NotPending,
    ProposerCannotApprove,
    Removed,
    Subject,
    TwoApprovalsNeeded,
)
from domain.retention import Retention
from domain.sealed import Evidence, Sealed

_DECISIONS = frozenset({"destruction.refused", "destruction.begun"})


class Destruction(DestructionState):
    """One proposal and what became of it."""

    NOUN = "destruction"

    class Proposed(Event):
        """``code`` and ``number`` name the class of the archive schedule, and its version, that the proposal rests on."""

        TOPIC = "destruction.proposed"
        code: str
        number: int
        subjects: tuple[Subject, ...]
        proposed_by: str
        note: Sealed | None = None

        def apply(self, destruction: DestructionState) -> None:
            destruction.state, destruction.proposer = PROPOSED, self.proposed_by
            destruction.code, destruction.number, destruction.subjects = self.code, self.number, self.subjects

    class Approved(Event):
        TOPIC = "destruction.approved"
        CONFLICTS = _DECISIONS
        approved_by: str
        note: Sealed | None = None

        def apply(self, destruction: DestructionState) -> None:
            destruction.approvers.append(self.approved_by)
            if len(destruction.approvers) >= NEEDED_APPROVALS:
                destruction.state = APPROVED

    class Refused(Event):
        TOPIC = "destruction.refused"
        CONFLICTS = _DECISIONS
        refused_by: str
        reason: Sealed

        def apply(self, destruction: DestructionState) -> None:
            destruction.state = REFUSED

    class MinutesRecorded(Event):
        """The berita acara; its file is among the papers of the event."""

        TOPIC = "destruction.minutes_recorded"
        CONFLICTS = _DECISIONS | {"destruction.minutes_recorded"}
        berita_acara: str
        dated: date

        def apply(self, destruction: DestructionState) -> None:
            destruction.state, destruction.minutes = MINUTED, (self.berita_acara, self.dated)

    class Begun(Event):
        """Recorded together with `subject.key_destroyed` in the stream of each person: from here there is no way back."""

        TOPIC = "destruction.begun"
        CONFLICTS = _DECISIONS

        def apply(self, destruction: DestructionState) -> None:
            destruction.state = BEGUN

    class CarriedOut(Event):
        """Nothing of the people is left. ``removed`` says what there was of each."""

        TOPIC = "destruction.carried_out"
        CONFLICTS = frozenset[str]()
        removed: tuple[Removed, ...]

        def apply(self, destruction: DestructionState) -> None:
            destruction.state = CARRIED_OUT

    @classmethod
    def propose(
        cls,
        id: str,
        *,
        on: date,
        by: str,
        retention: Retention,
        candidates: Sequence[Candidate],
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> "Destruction":
        """Propose to destroy what is known of some people of one kind.

        Raises `NobodyProposed`, and for each person the refusals of `Candidate.due`.
        """
        names = {one.person.id for one in candidates}
        if not candidates or len(names) != len(candidates):
            raise NobodyProposed
        rule = retention.covering(candidates[0].person.kind, on)
        subjects = tuple(one.due(rule, on) for one in candidates)
        assert rule is not None  # or nobody would be due
        destruction = cls.blank(id)
        destruction.trigger(
            cls.Proposed,
            on=on,
            code=rule.code,
            number=rule.number,
            subjects=subjects,
            proposed_by=by,
            note=note,
            evidence=evidence,
        )
        return destruction

    def approve(
        self,
        *,
        on: date,
        by: str,
        people: Sequence[Beneficiary],
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Approve as one of the two. ``people`` are those of the proposal.

        Raises `NotPending`, `ProposerCannotApprove`, `ApprovedBySameAlready`, `UnderLegalHold`, `SubjectDestroyed`.
        """
        if self.state != PROPOSED:
            raise NotPending
        if by == self.proposer:
            raise ProposerCannotApprove
        if by in self.approvers:
            raise ApprovedBySameAlready
        for person in people:
            person.must_not_be_held()
        self.trigger(self.Approved, on=on, approved_by=by, note=note, evidence=evidence)

    def refuse(self, *, on: date, by: str, reason: Sealed, evidence: tuple[Evidence, ...] = ()) -> None:
        """Refuse it, also after it was approved, as long as it was not begun. Raises `NotPending`,
        `ProposerCannotApprove`."""
        if self.state not in (PROPOSED, APPROVED, MINUTED):
            raise NotPending
        if by == self.proposer:
            raise ProposerCannotApprove
        self.trigger(self.Refused, on=on, refused_by=by, reason=reason, evidence=evidence)

    def record_minutes(self, *, on: date, berita_acara: str, dated: date, evidence: tuple[Evidence, ...] = ()) -> None:
        """Record number and date of the berita acara, before anything is destroyed. Raises `TwoApprovalsNeeded`,
        `NotPending`, `MinutesNeeded`."""
        if self.state == PROPOSED:
            raise TwoApprovalsNeeded
        if self.state not in (APPROVED, MINUTED):
            raise NotPending
        if not berita_acara.strip() or dated > on:
            raise MinutesNeeded
        self.trigger(self.MinutesRecorded, on=on, berita_acara=berita_acara, dated=dated, evidence=evidence)

    def begin(
        self,
        *,
        on: date,
        retention: Retention,
        candidates: Sequence[Candidate],
        keys: Mapping[str, tuple[str, ...]],
    ) -> None:
        """Begin to carry it out: every person is looked at once more, and loses her ``keys``, by her id, but those of
        documents under hold.

        Raises `TwoApprovalsNeeded`, `MinutesNeeded`, `NotPending`, `AlreadyCarriedOut`, and the refusals of
        `Candidate.due`: a hold or a new case since the approval stops all of it.
        """
        self._may_begin()
        for one in candidates:
            one.due(retention.covering(one.person.kind, on), on)
        self.trigger(self.Begun, on=on)
        for one in candidates:
            held = one.person.held_keys()
            going = tuple(key for key in keys[one.person.id] if key not in held)
            one.person.lose_keys(on=on, keys=going, destruction=self.id)

    def _may_begin(self) -> None:
        if self.state == PROPOSED:
            raise TwoApprovalsNeeded
        if self.state == APPROVED:
            raise MinutesNeeded
        if self.state == CARRIED_OUT:
            raise AlreadyCarriedOut
        if self.state != MINUTED:
            raise NotPending

    def carry_out(self, *, on: date, removed: tuple[Removed, ...]) -> None:
        """Record that nothing is left. Raises `NotBegun`, `AlreadyCarriedOut`."""
        if self.state == CARRIED_OUT:
            raise AlreadyCarriedOut
        if self.state != BEGUN:
            raise NotBegun
        self.trigger(self.CarriedOut, on=on, removed=removed)
