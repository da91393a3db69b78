"""A case and its referrals under trial: what is recorded, amended and read again, and what must always hold."""

import copy
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.aggregate import ENVELOPE, Aggregate, Event
from domain.case import Case
from domain.correction import Corrected, Retracted, correct, effective, replay, retract
from domain.referral import Referral
from domain.referral_steps import ENDS
from domain.refusals import Refused
from domain.sealed import Sealed
from tests.domain.trials import state, stored

START = date(2026, 1, 5)
SECRET = Sealed(part="0190")
PEOPLE = st.sampled_from(["yusuf", "rahma", "supervisor"])
FEW = st.sampled_from(["a", "b", "c"])
DAYS = st.integers(0, 120).map(lambda days: START + timedelta(days=days))
AFTER_THE_END = {
    "case.aftercare_visited",
    "case.reopened",
    "case.tier_raised",
    "case.referral_opened",
    "case.referral_settled",
    Corrected.TOPIC,
    Retracted.TOPIC,
}
VALUES: list[Any] = [
    None,
    True,
    -(2**63),
    -1,
    2**63 - 1,
    "",
    "a",
    "selesai",
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    [],
    ["a"],
]


def fits(event: Event, field: str, value: object) -> bool:
    """Whether a value can stand in a field of an event, so that most random corrections are taken."""
    try:
        msgspec.convert({**msgspec.to_builtins(event), field: value}, type(event))
    except msgspec.ValidationError:
        return False
    return True


class Recorded(RuleBasedStateMachine):
    """One case with the referrals that were made for it; ``logs`` holds what was recorded, by stream."""

    case: Case

    def __init__(self) -> None:
        super().__init__()
        self.logs: dict[str, list[Event]] = {}
        self.referrals: dict[str, Referral] = {}
        self.amended: set[str] = set()

    def record(self, aggregate: Aggregate) -> list[Event]:
        """Take what was decided into the log, as its stored text would be read again."""
        fresh: list[Any] = aggregate.collect_events()  # type: ignore[assignment]
        log = self.logs.setdefault(aggregate.id, [])
        log.extend(stored(event, event.version) for event in fresh)
        return log[len(log) - len(fresh) :]

    def reload(self, stream: str) -> None:
        again = replay(None, self.logs[stream])
        if isinstance(again, Case):
            self.case = again
        elif isinstance(again, Referral):
            self.referrals[stream] = again

    def attempt(self, decide: Callable[[], None]) -> None:
        """Try a command on the case; what is refused leaves no trace, what is recorded keeps the rules."""
        terminated, proposers = self.case.terminated, dict(self.case.plan_proposers)
        assessors, ending, two = set(self.case.assessors), self.case.ending, self.case.ends_by_two
        waits = self.case.assessment_waits
        before = copy.deepcopy(state(self.case))
        refusal = None
        try:
            decide()
        except Refused as refused:
            refusal = refused
        if refusal is not None:
            assert refusal.rule != Refused.RULE
            assert not self.case.pending_events
            assert state(self.case) == before
            return
        for event in self.record(self.case):
            if terminated:
                assert event.topic in AFTER_THE_END
            if isinstance(event, Case.PlanApproved):
                assert event.approved_by != proposers.get(event.number)
                assert not waits
            if isinstance(event, Case.AssessmentApproved):
                assert waits
                assert event.approved_by not in assessors
            if isinstance(event, Case.Terminated):
                assert event.fully_referred or not self.case.open_referrals
                assert bool(event.approved_by) or not two
                assert not event.approved_by or (ending is not None and event.approved_by != ending.by)

    @rule(data=st.data(), day=DAYS, withdraw=st.booleans())
    def amend(self, data: st.DataObject, day: date, withdraw: bool) -> None:
        """Correct any field of any record to any value that fits, or withdraw the record."""
        stream = data.draw(st.sampled_from(sorted(self.logs)))
        aggregate: Aggregate = self.case if stream == "case" else self.referrals[stream]
        target = data.draw(st.sampled_from(effective(self.logs[stream])))
        try:
            if withdraw:
                retract(aggregate, target, on=day, reason=SECRET, requested_by="supervisor")
            else:
                field = data.draw(st.sampled_from(sorted(set(type(target).__struct_fields__) - ENVELOPE | {"on"})))
                fitting = [value for value in VALUES if fits(target, field, value)] or [None]
                changes = {field: data.draw(st.sampled_from(fitting))}
                correct(aggregate, target, on=day, reason=SECRET, requested_by="yang_bersangkutan", changes=changes)
        except Refused:
            return
        self.record(aggregate)
        self.amended.add(stream)
        self.reload(stream)

    @invariant()
    def history_reads_as_lived(self) -> None:
        for stream, log in self.logs.items():
            aggregate: Aggregate = self.case if stream == "case" else self.referrals[stream]
            again = replay(None, log)
            assert again is not None
            assert again.version == len(log)
            assert state(again) == state(aggregate)

    @invariant()
    def a_referral_ends_once(self) -> None:
        for stream, log in self.logs.items():
            if stream != "case" and stream not in self.amended:
                ends = [event for event in log if getattr(event, "STATE", "") in ENDS]
                assert len(ends) <= 1
                assert bool(ends) == self.referrals[stream].settled

    @invariant()
    def visits_tasks_plans_and_dates_agree(self) -> None:
        if not self.logs:
            return
        case = self.case
        assert case.stage in {"diterima", "asesmen", "rencana", "intervensi", "monev", "terminasi"}
        assert (case.stage == "terminasi") == case.terminated
        assert case.next_review is None or isinstance(case.next_review, date)
        if "case" not in self.amended:
            assert not set(case.planned_visits) & set(case.settled_visits)
            assert not set(case.open_tasks) & set(case.settled_tasks)
            assert sorted(case.plans) == list(range(1, case.next_plan))
            assert list(case.plans.values()).count("diusulkan") <= 1
            assert not case.open_referrals & set(case.settled_referrals)
            if not self.amended:
                assert case.open_referrals == {id for id, referral in self.referrals.items() if referral.is_open}
