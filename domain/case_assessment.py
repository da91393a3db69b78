"""Assessment, risk and review: how a case is looked at, as often as needed and in any order while it runs."""

from collections.abc import Mapping
from datetime import date

from domain import instruments
from domain.aggregate import Event
from domain.case_codes import PROGRESS, REVIEW_DAYS, RISKS, plain_code, strictest
from domain.case_state import AFTER_ITS_END, CaseState, NoSelfApproval
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed
from domain.seen import ALL, Seen


class RiskUnchanged(Refused):
    RULE = "risk_unchanged"
    SENTENCE = "Tingkat risiko kasus ini sudah demikian."


class RiskChangeNeedsReason(Refused):
    RULE = "risk_change_needs_reason"
    SENTENCE = "Asesmen ini mengubah tingkat risiko; tuliskan alasannya pada uraian."


class NoTwoAnswers(Refused):
    RULE = "no_two_answers"
    SENTENCE = "Tidak ada dua jawaban tentang risiko yang perlu diputuskan pada kasus ini."


class AssessmentNotPending(Refused):
    RULE = "assessment_not_pending"
    SENTENCE = "Tidak ada asesmen pada kasus ini yang menunggu persetujuan."


_RISKS = frozenset({"case.assessed", "case.risk_changed", "case.risk_settled", "case.terminated"})
_APPROVALS = _RISKS | {"case.assessment_approved", "case.assessment_returned"}


class Assessment(CaseState):
    """Assessments and reviews of a case. An assessment of a grave case waits for somebody else's approval."""

    class Assessed(Event):
        TOPIC = "case.assessed"
        CONFLICTS = _RISKS
        OFFLINE_CONFLICTS = AFTER_ITS_END
        instrument: str | Sealed
        instrument_version: str
        score: int  # 0 to 100
        risk: str
        risks: str  # version of the list of risk levels
        review_days: int
        details: Sealed  # the answers
        narrative: Sealed | None = None
        beside: tuple[int, ...] = ()  # versions of other answers about the risk that go on standing beside this one

        def apply(self, case: CaseState) -> None:
            case.reached, case.assessed = "asesmen", True
            case.assessors.add(self.by)
            case.answer(self, self.risk, self.review_days, self.beside)

    class AssessmentApproved(Event):
        TOPIC = "case.assessment_approved"
        CONFLICTS = _APPROVALS
        approved_by: str
        note: Sealed | None = None

        def apply(self, case: CaseState) -> None:
            case.assessors.clear()
            case.gravest = case.risk

    class AssessmentReturned(Event):
        TOPIC = "case.assessment_returned"
        CONFLICTS = _APPROVALS
        returned_by: str
        reason: Sealed

        def apply(self, case: CaseState) -> None:
            case.assessors.clear()
            case.assessed = False

    class RiskChanged(Event):
        TOPIC = "case.risk_changed"
        CONFLICTS = _RISKS
        OFFLINE_CONFLICTS = AFTER_ITS_END
        risk: str
        risks: str
        review_days: int
        reason: Sealed
        beside: tuple[int, ...] = ()  # as of an assessment

        def apply(self, case: CaseState) -> None:
            case.answer(self, self.risk, self.review_days, self.beside)

    class RiskSettled(Event):
        TOPIC = "case.risk_settled"
        CONFLICTS = _RISKS
        risk: str
        risks: str
        review_days: int
        reason: Sealed
        answers: tuple[int, ...]  # versions of the answers that were decided between

        def apply(self, case: CaseState) -> None:
            left = {one.version for one in case.answers} - set(self.answers)
            case.answer(self, self.risk, self.review_days, left, decided=True)

    class ProgressReviewed(Event):
        TOPIC = "case.progress_reviewed"
        CONFLICTS = AFTER_ITS_END
        progress: str
        goals_reached: tuple[str, ...] = ()
        note: Sealed | None = None

        def apply(self, case: CaseState) -> None:
            case.reached = "monev"
            case.look(self)

    def assess(
        self,
        *,
        on: date,
        instrument: str | Sealed,
        answers: Mapping[str, int],
        details: Sealed,
        open_instrument: str | None = None,
        narrative: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
        seen: Seen = ALL,
    ) -> None:
        """Assess the subject with the version of the instrument in force on the day, as often as needed.

        ``answers`` (question code to number) are scored and not stored; ``details`` is the sealed copy of them.
        ``open_instrument`` is the code behind a sealed ``instrument``. Raises `CaseIsTerminated`, `MustBeSealed`,
        `UnknownCode`, `AnswerMissing`, `AnswerNotOffered`, and `RiskChangeNeedsReason` when the risk level changes that
        stood in what was ``seen`` and there is no ``narrative``.
        """
        self._must_be_running()
        code = plain_code(strict=self.strict, field="instrument", value=instrument, opened=open_instrument)
        outcome = instruments.score(instruments.in_force(code or "", on), answers)
        if strictest(one.risk for one in self._known(seen)) not in (None, outcome.risk) and narrative is None:
            raise RiskChangeNeedsReason
        risks = RISKS.on(on)
        self.trigger(
            self.Assessed,
            on=on,
            instrument=instrument,
            instrument_version=outcome.version,
            score=outcome.score,
            risk=risks.check(outcome.risk),
            risks=risks.version,
            review_days=outcome.review_days,
            details=details,
            narrative=narrative,
            beside=self._beside(seen),
            evidence=evidence,
            by=seen.by,
            device=seen.device,
        )

    def approve_assessment(
        self, *, on: date, by: str, note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """Approve what the case was assessed with, and so the risk that counts now.

        Raises `CaseIsTerminated`, `AssessmentNotPending`, `NoSelfApproval`.
        """
        self._must_be_decided_by(by)
        self.trigger(self.AssessmentApproved, on=on, approved_by=by, note=note, evidence=evidence)

    def return_assessment(self, *, on: date, by: str, reason: Sealed, evidence: tuple[Evidence, ...] = ()) -> None:
        """Ask for another assessment; until then the risk that was found counts.

        Raises `CaseIsTerminated`, `AssessmentNotPending`, `NoSelfApproval`.
        """
        self._must_be_decided_by(by)
        self.trigger(self.AssessmentReturned, on=on, returned_by=by, reason=reason, evidence=evidence)

    def _must_be_decided_by(self, by: str) -> None:
        self._must_be_running()
        if not self.assessment_waits:
            raise AssessmentNotPending
        if by in self.assessors:
            raise NoSelfApproval

    def change_risk(
        self, *, on: date, risk: str, reason: Sealed, evidence: tuple[Evidence, ...] = (), seen: Seen = ALL
    ) -> None:
        """Set another risk level, after a visit or a review, with a reason; the review interval follows the level.

        Offline a level may be said again: somebody else may have changed it meanwhile. Raises `CaseIsTerminated`,
        `UnknownCode`, `RiskUnchanged`.
        """
        self._must_be_running()
        risks = RISKS.on(on)
        risks.check(risk)
        said = [one for one in self.answers if one.by == seen.by] if self.disputed else self.answers
        if not seen.offline and {one.risk for one in said} == {risk}:
            raise RiskUnchanged
        self.trigger(
            self.RiskChanged,
            on=on,
            risk=risk,
            risks=risks.version,
            review_days=REVIEW_DAYS[risks.version][risk],
            reason=reason,
            beside=self._beside(seen),
            evidence=evidence,
            by=seen.by,
            device=seen.device,
        )

    def settle_risk(self, *, on: date, by: str, risk: str, reason: Sealed, evidence: tuple[Evidence, ...] = ()) -> None:
        """Decide between answers about the risk that were given side by side; whoever gave one of them does not.

        Raises `CaseIsTerminated`, `UnknownCode`, `NoTwoAnswers`, `NoSelfApproval`.
        """
        self._must_be_running()
        risks = RISKS.on(on)
        risks.check(risk)
        if not self.disputed:
            raise NoTwoAnswers
        if any(one.by == by and not one.decided for one in self.answers):
            raise NoSelfApproval
        self.trigger(
            self.RiskSettled,
            on=on,
            risk=risk,
            risks=risks.version,
            review_days=REVIEW_DAYS[risks.version][risk],
            reason=reason,
            answers=tuple(one.version for one in self.answers),
            evidence=evidence,
            by=by,
        )

    def review_progress(
        self,
        *,
        on: date,
        progress: str,
        goals_reached: tuple[str, ...] = (),
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record a review: membaik, tetap or memburuk, and the goals reached. Raises `CaseIsTerminated`, `UnknownCode`.

        A change of the risk level is a record of its own (`change_risk`).
        """
        self._must_be_running()
        self.trigger(
            self.ProgressReviewed,
            on=on,
            progress=PROGRESS.on(on).check(progress),
            goals_reached=goals_reached,
            note=note,
            evidence=evidence,
        )
