"""Visits and tasks: what was to be done, and whether it was. A missed visit is recorded, never inferred."""

from datetime import date

from domain.aggregate import Event
from domain.case_codes import MISSED_VISITS
from domain.case_state import AFTER_ITS_END, CaseState, at_least
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed


class VisitNotPlanned(Refused):
    RULE = "visit_not_planned"
    SENTENCE = "Kunjungan ini tidak ada dalam rencana kunjungan."


class VisitAlreadySettled(Refused):
    RULE = "visit_already_settled"
    SENTENCE = "Kunjungan ini sudah dicatat terlaksana atau tidak terlaksana."


class TaskNotOpen(Refused):
    RULE = "task_not_open"
    SENTENCE = "Tugas ini tidak ada atau sudah diselesaikan."


class Visits(CaseState):
    """Visits and tasks of a case."""

    class VisitPlanned(Event):
        TOPIC = "case.visit_planned"
        CONFLICTS = AFTER_ITS_END
        visit: str
        planned_for: date
        visitor: str | None = None
        note: Sealed | None = None

        def apply(self, case: CaseState) -> None:
            case.planned_visits[self.visit] = self.planned_for

    class VisitDone(Event):
        TOPIC = "case.visit_done"
        CONFLICTS = AFTER_ITS_END
        visit: str
        met: bool = False
        minutes: int | None = None
        note: Sealed | None = None

        def apply(self, case: CaseState) -> None:
            case.planned_visits.pop(self.visit, None)
            case.settled_visits[self.visit] = "terlaksana"

    class VisitMissed(Event):
        TOPIC = "case.visit_missed"
        CONFLICTS = AFTER_ITS_END
        visit: str
        reason: str
        reasons: str  # version of the list of reasons
        note: Sealed | None = None

        def apply(self, case: CaseState) -> None:
            case.planned_visits.pop(self.visit, None)
            case.settled_visits[self.visit] = "tidak_terlaksana"

    class TaskGiven(Event):
        TOPIC = "case.task_given"
        CONFLICTS = AFTER_ITS_END
        task: str
        title: Sealed
        owner: str
        due: date

        def apply(self, case: CaseState) -> None:
            case.open_tasks[self.task] = self.due

    class TaskDone(Event):
        TOPIC = "case.task_done"
        CONFLICTS = AFTER_ITS_END
        task: str
        note: Sealed | None = None

        def apply(self, case: CaseState) -> None:
            case.open_tasks.pop(self.task, None)
            case.settled_tasks[self.task] = "selesai"

    class TaskDropped(Event):
        TOPIC = "case.task_dropped"
        CONFLICTS = AFTER_ITS_END
        task: str
        reason: Sealed

        def apply(self, case: CaseState) -> None:
            case.open_tasks.pop(self.task, None)
            case.settled_tasks[self.task] = "dibatalkan"

    def plan_visit(
        self, *, on: date, visit: str, planned_for: date, visitor: str | None = None, note: Sealed | None = None
    ) -> None:
        """Plan a visit by the account ``visitor``; ``visit`` is its id, made by the caller.

        Raises `CaseIsTerminated`, `IdInUseHere`.
        """
        self._must_be_running()
        self._must_be_new((*self.planned_visits, *self.settled_visits), visit)
        self.trigger(self.VisitPlanned, on=on, visit=visit, planned_for=planned_for, visitor=visitor, note=note)

    def record_visit(
        self,
        *,
        on: date,
        visit: str,
        met: bool,
        minutes: int | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record that a visit took place, planned or not, and whether the subject was met.

        Raises `CaseIsTerminated`, `VisitAlreadySettled`, `AmountTooSmall`.
        """
        self._must_be_running()
        at_least(0, minutes=minutes)
        if visit in self.settled_visits:
            raise VisitAlreadySettled
        self.trigger(self.VisitDone, on=on, visit=visit, met=met, minutes=minutes, note=note, evidence=evidence)

    def miss_visit(
        self, *, on: date, visit: str, reason: str, note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """Record that a planned visit did not take place, with a reason of `MISSED_VISITS`.

        Raises `CaseIsTerminated`, `VisitAlreadySettled`, `VisitNotPlanned`, `UnknownCode`.
        """
        self._must_be_running()
        if visit in self.settled_visits:
            raise VisitAlreadySettled
        if visit not in self.planned_visits:
            raise VisitNotPlanned
        reasons = MISSED_VISITS.on(on)
        self.trigger(
            self.VisitMissed,
            on=on,
            visit=visit,
            reason=reasons.check(reason),
            reasons=reasons.version,
            note=note,
            evidence=evidence,
        )

    def give_task(self, *, on: date, task: str, title: Sealed, owner: str, due: date) -> None:
        """Give the account ``owner`` a task; ``task`` is its id. Raises `CaseIsTerminated`, `IdInUseHere`."""
        self._must_be_running()
        self._must_be_new((*self.open_tasks, *self.settled_tasks), task)
        self.trigger(self.TaskGiven, on=on, task=task, title=title, owner=owner, due=due)

    def finish_task(
        self, *, on: date, task: str, note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """Record that an open task is done. Raises `CaseIsTerminated`, `TaskNotOpen`."""
        self._must_be_running()
        self._must_be_open(task)
        self.trigger(self.TaskDone, on=on, task=task, note=note, evidence=evidence)

    def drop_task(self, *, on: date, task: str, reason: Sealed) -> None:
        """Give up an open task, with a reason. Raises `CaseIsTerminated`, `TaskNotOpen`."""
        self._must_be_running()
        self._must_be_open(task)
        self.trigger(self.TaskDropped, on=on, task=task, reason=reason)

    def _must_be_open(self, task: str) -> None:
        if task not in self.open_tasks:
            raise TaskNotOpen
