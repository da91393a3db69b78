"""How a case ends: by its worker alone, or, where the risk is grave or the subject strictly restricted, asked for by one
and decided by another."""

from datetime import date
from typing import Any

import msgspec

from domain.aggregate import Event
from domain.case_codes import FULL_REFERRAL, OUTCOMES, TERMINATIONS, plain_code
from domain.case_state import CaseState, NoSelfApproval
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed


class ReferralStillOpen(Refused):
    RULE = "case_has_open_referral"
    SENTENCE = "Kasus belum dapat diakhiri karena masih ada rujukan yang berjalan."


class ClosureNotPending(Refused):
    RULE = "closure_not_pending"
    SENTENCE = "Tidak ada permintaan mengakhiri kasus ini yang menunggu keputusan."


class Ending(msgspec.Struct, frozen=True):
    """An end that was asked for and waits: by whom, and what it would be recorded with."""

    by: str
    reason: str | Sealed
    reasons: str
    outcome: str
    outcomes: str
    fully_referred: bool


_ENDS = frozenset(
    f"case.{fact}"
    for fact in [
        "emergency_aid_given",
        "assigned",
        "transfer_requested",
        "transferred",
        "assessed",
        "assessment_approved",
        "assessment_returned",
        "risk_changed",
        "risk_settled",
        "conference_held",
        "plan_proposed",
        "plan_approved",
        "plan_returned",
        "progress_reviewed",
        "service_delivered",
        "visit_planned",
        "visit_done",
        "visit_missed",
        "task_given",
        "referral_opened",
        "closure_requested",
        "closure_returned",
        "terminated",
        "reopened",
        "tier_raised",
    ]
)


class Closure(CaseState):
    """The end of a case. ``ending`` is what was asked for and waits."""

    class ClosureRequested(Event):
        TOPIC = "case.closure_requested"
        CONFLICTS = _ENDS
        reason: str | Sealed
        reasons: str  # version of the list of reasons
        outcome: str
        outcomes: str  # version of the list of outcomes
        requested_by: str
        fully_referred: bool = False
        note: Sealed | None = None

        def apply(self, case: "Closure") -> None:
            case.ending = Ending(
                self.requested_by, self.reason, self.reasons, self.outcome, self.outcomes, self.fully_referred
            )

    class ClosureReturned(Event):
        TOPIC = "case.closure_returned"
        CONFLICTS = frozenset({"case.closure_requested", "case.closure_returned", "case.terminated"})
        returned_by: str
        reason: Sealed

        def apply(self, case: "Closure") -> None:
            case.ending = None

    class Terminated(Event):
        TOPIC = "case.terminated"
        CONFLICTS = _ENDS
        reason: str | Sealed
        reasons: str  # version of the list of reasons
        outcome: str
        outcomes: str  # version of the list of outcomes
        fully_referred: bool = False
        approved_by: str | None = None
        note: Sealed | None = None

        def apply(self, case: "Closure") -> None:
            case.terminated, case.ending = True, None
            case.transfer_to = case.transfer_requested_by = None

    def start(self) -> None:
        super().start()
        self.ending: Ending | None = None

    @property
    def ends_by_two(self) -> bool:
        """Whether this case ends only when somebody else agrees."""
        return self.grave or self.strict

    def terminate(
        self,
        *,
        on: date,
        by: str,
        reason: str | Sealed,
        outcome: str,
        open_reason: str | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """End the case, with a reason of `TERMINATIONS` and an outcome of `OUTCOMES`; or, if it ``ends_by_two``, ask for
        that end, in place of one that was asked for before.

        ``open_reason`` is the code behind a sealed ``reason``. Only a reason of `FULL_REFERRAL` may leave a referral
        open. Raises `CaseIsTerminated`, `MustBeSealed`, `UnknownCode`, `ReferralStillOpen`.
        """
        self._must_be_running()
        reasons, outcomes = TERMINATIONS.on(on), OUTCOMES.on(on)
        code = plain_code(strict=self.strict, field="reason", value=reason, opened=open_reason)
        if code is not None:
            reasons.check(code)
        ending = Ending(
            by, reason, reasons.version, outcomes.check(outcome), outcomes.version, fully_referred=code in FULL_REFERRAL
        )
        self._must_be_endable(ending)
        said = {**_fields(ending), "note": note, "evidence": evidence}
        if self.ends_by_two:
            self.trigger(self.ClosureRequested, on=on, requested_by=by, **said)
        else:
            self.trigger(self.Terminated, on=on, **said)

    def approve_closure(
        self,
        *,
        on: date,
        by: str,
        reason: str | Sealed | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """End the case as it was asked for. ``reason`` is what was given as one, sealed anew for this record.

        Raises `CaseIsTerminated`, `ClosureNotPending`, `NoSelfApproval`, `MustBeSealed`, `ReferralStillOpen`.
        """
        ending = self._decided(by)
        self._must_be_endable(ending)
        reason = ending.reason if reason is None else reason
        plain_code(strict=self.strict, field="reason", value=reason)
        said = {**_fields(ending), "reason": reason, "note": note, "evidence": evidence}
        self.trigger(self.Terminated, on=on, approved_by=by, **said)

    def return_closure(self, *, on: date, by: str, reason: Sealed, evidence: tuple[Evidence, ...] = ()) -> None:
        """Let the case go on, whose end was asked for. Raises `CaseIsTerminated`, `ClosureNotPending`,
        `NoSelfApproval`."""
        self._decided(by)
        self.trigger(self.ClosureReturned, on=on, returned_by=by, reason=reason, evidence=evidence)

    def _decided(self, by: str) -> Ending:
        self._must_be_running()
        if self.ending is None:
            raise ClosureNotPending
        if by == self.ending.by:
            raise NoSelfApproval
        return self.ending

    def _must_be_endable(self, ending: Ending) -> None:
        if self.open_referrals and not ending.fully_referred:
            raise ReferralStillOpen


def _fields(ending: Ending) -> dict[str, Any]:
    return {name: getattr(ending, name) for name in ending.__struct_fields__ if name != "by"}
