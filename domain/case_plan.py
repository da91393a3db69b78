"""Conference and plan: what is to be done for a subject, and who agreed to it.

Four eyes see a plan: whoever proposed it cannot approve it. Every version is kept under its number.
"""

from datetime import date

import msgspec

from domain.aggregate import Event
from domain.case_codes import SERVICES, plain_code
from domain.case_state import AFTER_ITS_END, CaseState, NoSelfApproval, at_least
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed


class NoAssessmentYet(Refused):
    RULE = "plan_needs_assessment"
    SENTENCE = "Rencana intervensi memerlukan asesmen; asesmen yang dikembalikan dibuat ulang dahulu."


class AssessmentWaits(Refused):
    RULE = "plan_needs_approved_assessment"
    SENTENCE = "Asesmen kasus ini menunggu persetujuan; putuskan asesmennya dahulu, lalu rencananya."


class PlanIsEmpty(Refused):
    RULE = "plan_is_empty"
    SENTENCE = "Rencana intervensi harus memuat paling sedikit satu tujuan."


class PlanNotPending(Refused):
    RULE = "plan_not_pending"
    SENTENCE = "Rencana nomor {number} tidak sedang menunggu persetujuan."


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """One goal of a plan: what, by which kind of service, by whose account, until when."""

    id: str
    title: Sealed
    kind: str | Sealed
    owner: str
    due: date


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One decision of a conference: it becomes a task of the account ``owner``."""

    task: str
    title: Sealed
    owner: str
    due: date


_PLANS = frozenset({"case.plan_proposed", "case.plan_approved", "case.plan_returned", "case.terminated"})


class Planning(CaseState):
    """Conferences and plans of a case."""

    class ConferenceHeld(Event):
        TOPIC = "case.conference_held"
        CONFLICTS = AFTER_ITS_END
        attendees: int
        decisions: tuple[Decision, ...] = ()
        minutes: Sealed | None = None

        def apply(self, case: CaseState) -> None:
            for decision in self.decisions:
                case.date_task(self, decision.task, decision.due)

    class PlanProposed(Event):
        TOPIC = "case.plan_proposed"
        CONFLICTS = _PLANS
        number: int
        goals: tuple[Goal, ...]
        services: str  # version of the list of services
        proposed_by: str
        note: Sealed | None = None

        def apply(self, case: CaseState) -> None:
            case.reached = "rencana"
            for number, state in case.plans.items():
                if state == "diusulkan":
                    case.plans[number] = "diganti"
            case.plans[self.number] = "diusulkan"
            case.plan_proposers[self.number] = self.proposed_by

    class PlanApproved(Event):
        TOPIC = "case.plan_approved"
        CONFLICTS = _PLANS
        number: int
        approved_by: str
        note: Sealed | None = None

        def apply(self, case: CaseState) -> None:
            if self.number in case.plans:
                case.plans[self.number] = "disetujui"
                case.plan_in_force = self.number

    class PlanReturned(Event):
        TOPIC = "case.plan_returned"
        CONFLICTS = _PLANS
        number: int
        returned_by: str
        reason: Sealed

        def apply(self, case: CaseState) -> None:
            if self.number in case.plans:
                case.plans[self.number] = "dikembalikan"

    def hold_conference(
        self,
        *,
        on: date,
        attendees: int,
        decisions: tuple[Decision, ...] = (),
        minutes: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record a case conference of two people or more; each decision becomes a task.

        Raises `CaseIsTerminated`, `AmountTooSmall`, `IdInUseHere`.
        """
        self._must_be_running()
        at_least(2, attendees=attendees)
        self._must_be_new((*self.open_tasks, *self.settled_tasks), *(decision.task for decision in decisions))
        self.trigger(
            self.ConferenceHeld, on=on, attendees=attendees, decisions=decisions, minutes=minutes, evidence=evidence
        )

    def propose_plan(
        self,
        *,
        on: date,
        by: str,
        goals: tuple[Goal, ...],
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Propose a plan, or a revision of it: it gets the next number, and every earlier one is kept.

        Raises `CaseIsTerminated`, `NoAssessmentYet`, `PlanIsEmpty`, `IdInUseHere`, `MustBeSealed`, `UnknownCode`.
        """
        self._must_be_running()
        if not self.assessed:
            raise NoAssessmentYet
        if not goals:
            raise PlanIsEmpty
        self._must_be_new((), *(goal.id for goal in goals))
        services = SERVICES.on(on)
        for goal in goals:
            if (kind := plain_code(strict=self.strict, field="goals.kind", value=goal.kind)) is not None:
                services.check(kind)
        self.trigger(
            self.PlanProposed,
            on=on,
            number=self.next_plan,
            goals=goals,
            services=services.version,
            proposed_by=by,
            note=note,
            evidence=evidence,
        )

    def _must_be_pending(self, number: int) -> None:
        self._must_be_running()
        if self.plans.get(number) != "diusulkan":
            raise PlanNotPending(number=number)

    def approve_plan(
        self, *, on: date, by: str, number: int, note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """Approve a proposed plan, once the assessment that it answers is. Raises `CaseIsTerminated`, `PlanNotPending`,
        `NoSelfApproval`, `NoAssessmentYet`, `AssessmentWaits`."""
        self._must_be_pending(number)
        if by == self.plan_proposers.get(number):
            raise NoSelfApproval
        if not self.assessed:
            raise NoAssessmentYet
        if self.assessment_waits:
            raise AssessmentWaits
        self.trigger(self.PlanApproved, on=on, number=number, approved_by=by, note=note, evidence=evidence)

    def return_plan(
        self, *, on: date, by: str, number: int, reason: Sealed, evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """Send a proposed plan back to be revised. Raises `CaseIsTerminated`, `PlanNotPending`, `NoSelfApproval`."""
        self._must_be_pending(number)
        if by == self.plan_proposers.get(number):
            raise NoSelfApproval
        self.trigger(self.PlanReturned, on=on, number=number, returned_by=by, reason=reason, evidence=evidence)
