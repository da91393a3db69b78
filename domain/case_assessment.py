"""Assessment, risk and review: how a case is looked at, as often as needed and in any order while it runs."""

from collections.abc import Mapping
from datetime import date

from domain import instruments
from domain.aggregate import Event
from domain.case_codes import PROGRESS, REVIEW_DAYS, RISKS, plain_code
from domain.case_state import AFTER_ITS_END, CaseState
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed


class RiskUnchanged(Refused):
    RULE = "risk_unchanged"
    SENTENCE = "Tingkat risiko kasus ini sudah demikian."


class RiskChangeNeedsReason(Refused):
    RULE = "risk_change_needs_reason"
    SENTENCE = "Asesmen ini mengubah tingkat risiko; tuliskan alasannya pada uraian."


_RISKS = frozenset({"case.assessed", "case.risk_changed", "case.terminated"})


class Assessment(CaseState):
    """Assessments and reviews of a case."""

    class Assessed(Event):
        TOPIC = "case.assessed"
        CONFLICTS = _RISKS
        instrument: str | Sealed
        instrument_version: str
        score: int  # 0 to 100
        risk: str
        risks: str  # version of the list of risk levels
        review_days: int
        details: Sealed  # the answers
        narrative: Sealed | None = None

        def apply(self, case: CaseState) -> None:
            case.reached, case.assessed = "asesmen", True
            case.risk, case.review_days, case.reviewed_on = self.risk, self.review_days, self.on

    class RiskChanged(Event):
        TOPIC = "case.risk_changed"
        CONFLICTS = _RISKS
        risk: str
        risks: str
        review_days: int
        reason: Sealed

        def apply(self, case: CaseState) -> None:
            case.risk, case.review_days, case.reviewed_on = self.risk, self.review_days, self.on

    class ProgressReviewed(Event):
        TOPIC = "case.progress_reviewed"
        CONFLICTS = AFTER_ITS_END
        progress: str
        goals_reached: tuple[str, ...] = ()
        note: Sealed | None = None

        def apply(self, case: CaseState) -> None:
            case.reached, case.reviewed_on = "monev", self.on

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
    ) -> None:
        """Assess the subject with the version of the instrument in force on the day, as often as needed.

        ``answers`` (question code to number) are scored and not stored; ``details`` is the sealed copy of them.
        ``open_instrument`` is the code behind a sealed ``instrument``. Raises `CaseIsTerminated`, `MustBeSealed`,
        `UnknownCode`, `AnswerMissing`, `AnswerNotOffered`, and `RiskChangeNeedsReason` when an earlier risk level
        changes and there is no ``narrative``.
        """
        self._must_be_running()
        code = plain_code(strict=self.strict, field="instrument", value=instrument, opened=open_instrument)
        outcome = instruments.score(instruments.in_force(code or "", on), answers)
        if self.risk not in (None, outcome.risk) and narrative is None:
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
            evidence=evidence,
        )

    def change_risk(self, *, on: date, risk: str, reason: Sealed, evidence: tuple[Evidence, ...] = ()) -> None:
        """Set another risk level, after a visit or a review, with a reason; the review interval follows the level.

        Raises `CaseIsTerminated`, `UnknownCode`, `RiskUnchanged`.
        """
        self._must_be_running()
        risks = RISKS.on(on)
        if risks.check(risk) == self.risk:
            raise RiskUnchanged
        days = REVIEW_DAYS[risks.version][risk]
        self.trigger(
            self.RiskChanged,
            on=on,
            risk=risk,
            risks=risks.version,
            review_days=days,
            reason=reason,
            evidence=evidence,
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
