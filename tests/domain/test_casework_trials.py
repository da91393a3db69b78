"""Random casework: no order of commands breaks a rule of a case and its referrals or makes their history unreadable.

Every command of a case and of its referrals is tried in any order, by several people, with corrections and retractions
between. ``WAHANA_TRIALS=full`` runs the long form, ``WAHANA_TRIALS_SEED`` repeats a run.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from domain.case import Case
from domain.case_plan import Decision, Goal
from domain.case_state import CaseIsTerminated
from domain.instruments import in_force
from domain.referral import Referral
from domain.refusals import Refused
from domain.sealed import Sealed
from domain.seen import Seen
from tests.domain.casework import DAYS, FEW, PEOPLE, SECRET, START, Recorded
from tests.domain.trials import RecordProperty, trial

BACK = st.sampled_from([None, 0, 1, 3])
STEPS: dict[str, dict[str, Any]] = {
    "accept": {},
    "reject": {"reason": "penuh"},
    "return_incomplete": {"reason": "surat_salah"},
    "resubmit": {"reply_by": START + timedelta(days=200)},
    "schedule": {"planned_for": START},
    "handle": {},
    "complete": {"outcome": "tertangani"},
    "withdraw": {"reason": SECRET},
    "note_absence": {},
    "expire": {},
    "receive_feedback": {"feedback": SECRET},
}


class Casework(Recorded):
    """Every command of a case and of its referrals, as different people may try it."""

    @initialize(tier=st.sampled_from([1, 2]), day=DAYS, ahead=st.integers(0, 5))
    def open(self, tier: int, day: date, ahead: int) -> None:
        """Open the case, and lead it some way ahead: few random lives get as far as an approved plan by themselves."""
        self.case = Case.open(
            "case", on=day, beneficiary="ben", subject_kind="person", channel="surat", urgency="biasa", tier=tier
        )
        self.record(self.case)
        ways: list[Callable[[], None]] = [
            lambda: self.assess(day, 3),
            lambda: self.answer_assessment(day, "supervisor", True),
            lambda: self.refer(day),
            lambda: self.propose_plan(day, "yusuf", ["a"]),
            lambda: self.answer_plan(day, "supervisor", 0, True),
        ]
        for way in ways[:ahead]:
            way()

    @rule(day=DAYS, grade=st.integers(0, 5), by=PEOPLE, back=BACK)
    def assess(self, day: date, grade: int, by: str = "yusuf", back: int | None = None) -> None:
        answers = dict.fromkeys((question.code for question in in_force("umum", day).questions), grade)
        self.attempt(
            lambda: self.case.assess(
                on=day,
                instrument=SECRET,
                open_instrument="umum",
                answers=answers,
                details=SECRET,
                narrative=SECRET,
                seen=self.eyes(by, back),
            )
        )

    def eyes(self, by: str, back: int | None) -> Seen:
        """What somebody had seen: everything, or on a device of her own all but what was recorded last."""
        return Seen(by) if back is None else Seen(by, f"hp-{by}", max(1, self.case.version - back))

    @rule(day=DAYS, risk=st.sampled_from(["rendah", "tinggi", "gawat"]), by=PEOPLE, back=BACK)
    def change_risk(self, day: date, risk: str, by: str, back: int | None) -> None:
        seen = self.eyes(by, back)
        self.attempt(lambda: self.case.change_risk(on=day, risk=risk, reason=SECRET, seen=seen))

    @rule(day=DAYS, by=PEOPLE, risk=st.sampled_from(["rendah", "darurat"]))
    def settle_risk(self, day: date, by: str, risk: str) -> None:
        disputed = self.case.disputed
        recorded = len(self.logs["case"])
        self.attempt(lambda: self.case.settle_risk(on=day, by=by, risk=risk, reason=SECRET))
        assert disputed or len(self.logs["case"]) == recorded
        assert len(self.logs["case"]) == recorded or not self.case.disputed

    @rule(day=DAYS, by=PEOPLE, ids=st.lists(FEW, max_size=2))
    def propose_plan(self, day: date, by: str, ids: list[str]) -> None:
        goals = tuple(Goal(id=id, title=SECRET, kind=SECRET, owner="yusuf", due=day) for id in ids)
        self.attempt(lambda: self.case.propose_plan(on=day, by=by, goals=goals))

    @rule(day=DAYS, by=PEOPLE, back=st.integers(0, 1), approve=st.booleans())
    def answer_plan(self, day: date, by: str, back: int, approve: bool) -> None:
        number = self.case.next_plan - 1 - back
        if approve:
            self.attempt(lambda: self.case.approve_plan(on=day, by=by, number=number))
        else:
            self.attempt(lambda: self.case.return_plan(on=day, by=by, number=number, reason=SECRET))

    @rule(day=DAYS, ids=st.lists(FEW, max_size=2), attendees=st.integers(0, 5))
    def confer(self, day: date, ids: list[str], attendees: int) -> None:
        decisions = tuple(Decision(task=id, title=SECRET, owner="yusuf", due=day) for id in ids)
        self.attempt(lambda: self.case.hold_conference(on=day, attendees=attendees, decisions=decisions))

    @rule(day=DAYS, code=st.sampled_from(["L02", "L07", "X"]), exception=st.sampled_from([None, SECRET]))
    def serve(self, day: date, code: str, exception: Sealed | None) -> None:
        self.attempt(
            lambda: self.case.deliver_service(
                on=day, kind=SECRET, open_kind=code, quantity=1, unit="kali", provider=SECRET, exception=exception
            )
        )

    @rule(day=DAYS, quantity=st.integers(0, 2))
    def aid(self, day: date, quantity: int) -> None:
        self.attempt(lambda: self.case.give_emergency_aid(on=day, item=SECRET, quantity=quantity, unit="paket"))

    @rule(day=DAYS, visit=FEW, what=st.sampled_from(["plan", "done", "missed"]))
    def visit(self, day: date, visit: str, what: str) -> None:
        settled = visit in self.case.settled_visits
        recorded = len(self.logs["case"])
        if what == "plan":
            self.attempt(lambda: self.case.plan_visit(on=day, visit=visit, planned_for=day))
        elif what == "done":
            self.attempt(lambda: self.case.record_visit(on=day, visit=visit, met=True))
        else:
            self.attempt(lambda: self.case.miss_visit(on=day, visit=visit, reason="menolak"))
        assert not settled or len(self.logs["case"]) == recorded

    @rule(day=DAYS, task=FEW, by=PEOPLE, back=BACK, what=st.sampled_from(["done", "drop", "change", "visit", "miss"]))
    def end_unseen(self, day: date, task: str, by: str, back: int | None, what: str) -> None:
        """End or change what somebody else may have ended meanwhile."""
        seen, ended = self.eyes(by, back), dict(self.case.settled_tasks)
        ways: dict[str, Callable[[], None]] = {
            "done": lambda: self.case.finish_task(on=day, task=task, seen=seen),
            "drop": lambda: self.case.drop_task(on=day, task=task, reason=SECRET, seen=seen),
            "change": lambda: self.case.change_task(on=day, task=task, due=day, seen=seen),
            "visit": lambda: self.case.record_visit(on=day, visit=task, met=True, seen=seen),
            "miss": lambda: self.case.miss_visit(on=day, visit=task, reason="menolak", seen=seen),
        }
        self.attempt(ways[what])
        for id, how in ended.items():
            assert self.case.settled_tasks[id] in (how, "selesai")

    @rule(day=DAYS, task=FEW, what=st.sampled_from(["give", "done", "drop"]))
    def task(self, day: date, task: str, what: str) -> None:
        settled = task in self.case.settled_tasks and task not in self.case.open_tasks
        recorded = len(self.logs["case"])
        if what == "give":
            self.attempt(lambda: self.case.give_task(on=day, task=task, title=SECRET, owner="yusuf", due=day))
        elif what == "done":
            self.attempt(lambda: self.case.finish_task(on=day, task=task))
        else:
            self.attempt(lambda: self.case.drop_task(on=day, task=task, reason=SECRET))
        assert not settled or len(self.logs["case"]) == recorded

    @rule(day=DAYS, by=PEOPLE, worker=PEOPLE, what=st.sampled_from(["assign", "ask", "transfer", "decline"]))
    def worker(self, day: date, by: str, worker: str, what: str) -> None:
        if what == "assign":
            self.attempt(lambda: self.case.assign(on=day, worker=worker))
        elif what == "ask":
            self.attempt(lambda: self.case.request_transfer(on=day, by=by, worker=worker, reason=SECRET))
        elif what == "transfer":
            self.attempt(lambda: self.case.transfer(on=day, by=by, worker=worker))
        else:
            self.attempt(lambda: self.case.decline_transfer(on=day, reason=SECRET))

    @rule(day=DAYS)
    def review(self, day: date) -> None:
        self.attempt(lambda: self.case.review_progress(on=day, progress="tetap"))

    @rule(day=DAYS)
    def become_strict(self, day: date) -> None:
        self.attempt(lambda: self.case.raise_tier(on=day, tier=3))

    @rule(day=DAYS, by=PEOPLE, approve=st.booleans())
    def answer_assessment(self, day: date, by: str, approve: bool) -> None:
        if approve:
            self.attempt(lambda: self.case.approve_assessment(on=day, by=by))
        else:
            self.attempt(lambda: self.case.return_assessment(on=day, by=by, reason=SECRET))

    @rule(day=DAYS, by=PEOPLE, reason=st.sampled_from(["tujuan_tercapai", "dirujuk_penuh"]))
    def terminate(self, day: date, by: str, reason: str) -> None:
        self.attempt(lambda: self.case.terminate(on=day, by=by, reason=SECRET, open_reason=reason, outcome="sebagian"))

    @rule(day=DAYS, by=PEOPLE, approve=st.booleans())
    def answer_closure(self, day: date, by: str, approve: bool) -> None:
        if approve:
            self.attempt(lambda: self.case.approve_closure(on=day, by=by))
        else:
            self.attempt(lambda: self.case.return_closure(on=day, by=by, reason=SECRET))

    @rule(day=DAYS, again=st.booleans())
    def after(self, day: date, again: bool) -> None:
        if again:
            self.attempt(lambda: self.case.reopen(on=day, reason=SECRET))
        else:
            self.attempt(lambda: self.case.visit_aftercare(on=day, condition="tetap"))

    def submit(self, day: date, forwarded_from: str | None = None) -> Referral:
        return Referral.submit(
            f"referral-{len(self.referrals)}",
            on=day,
            case="case",
            beneficiary="ben",
            tier=self.case.tier,
            destination_kind=SECRET,
            open_destination_kind="bapas",
            destination=SECRET,
            need=SECRET,
            basis=SECRET,
            open_basis="kewajiban_hukum",
            forwarded_from=forwarded_from,
        )

    @rule(day=DAYS)
    def refer(self, day: date) -> None:
        referral = self.submit(day)
        try:
            self.case.note_referral_opened(on=day, referral=referral.id)
        except CaseIsTerminated:
            return
        self.record(self.case)
        self.record(referral)
        self.referrals[referral.id] = referral

    def settle(self, referral: Referral, day: date) -> None:
        """What the service does in the command of a step: the end is noted on the case as well."""
        if referral.settled and referral.id in self.case.open_referrals:
            terminated = self.case.terminated
            self.case.note_referral_settled(on=day, referral=referral.id, state=referral.state)
            assert self.case.terminated == terminated
            self.record(self.case)

    @precondition(lambda self: self.referrals)
    @rule(data=st.data(), day=DAYS, step=st.sampled_from(sorted(STEPS)))
    def step(self, data: st.DataObject, day: date, step: str) -> None:
        referral = self.referrals[data.draw(st.sampled_from(sorted(self.referrals)))]
        ended, before = referral.settled, referral.state
        try:
            getattr(referral, step)(on=day, channel="telepon", **STEPS[step])
        except Refused:
            assert not referral.pending_events
            assert referral.state == before
            return
        assert not ended or (step == "receive_feedback" and referral.state == before == "selesai")
        self.record(referral)
        self.settle(referral, day)

    @precondition(lambda self: self.referrals)
    @rule(data=st.data(), day=DAYS)
    def forward(self, data: st.DataObject, day: date) -> None:
        referral = self.referrals[data.draw(st.sampled_from(sorted(self.referrals)))]
        if referral.settled or referral.id not in self.case.open_referrals:
            return
        onward = self.submit(day, referral.id)
        referral.forward(on=day, channel="surat", next_referral=onward.id)
        self.case.note_referral_opened(on=day, referral=onward.id, forwarded_from=referral.id)
        self.record(onward)
        self.record(referral)
        self.referrals[onward.id] = onward
        self.settle(referral, day)


def test_random_casework_keeps_every_rule_and_stays_readable(record_property: RecordProperty) -> None:
    trial(Casework, record_property)
