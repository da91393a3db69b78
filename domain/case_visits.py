"""Visits and tasks: what was to be done, and whether it was. A missed visit is recorded, never inferred.

Two people may end the same one offline: both entries are kept, and done outweighs not done.
"""

from datetime import date

from domain.aggregate import Event
from domain.case_codes import MISSED_VISITS
from domain.case_state import AFTER_ITS_END, CaseState, at_least
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed
from domain.seen import ALL, Seen


class VisitNotPlanned(Refused):
    RULE = "visit_not_planned"
    SENTENCE = "Kunjungan ini tidak ada dalam rencana kunjungan."


class VisitAlreadySettled(Refused):
    RULE = "visit_already_settled"
    SENTENCE = "Kunjungan ini sudah dicatat terlaksana atau tidak terlaksana."


class TaskNotOpen(Refused):
    RULE = "task_not_open"
    SENTENCE = "Tugas ini tidak ada atau sudah diselesaikan."


class TaskUnchanged(Refused):
    RULE = "task_unchanged"
    SENTENCE = "Tidak ada yang diubah pada tugas ini."


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
            case.note(self, f"visit {self.visit}")

    class VisitMissed(Event):
        TOPIC = "case.visit_missed"
        CONFLICTS = AFTER_ITS_END
        visit: str
        reason: str
        reasons: str  # version of the list of reasons
        note: Sealed | None = None

        def apply(self, case: CaseState) -> None:
            case.planned_visits.pop(self.visit, None)
            case.settled_visits.setdefault(self.visit, "tidak_terlaksana")
            case.note(self, f"visit {self.visit}")

    class TaskGiven(Event):
        TOPIC = "case.task_given"
        CONFLICTS = AFTER_ITS_END
        task: str
        title: Sealed
        owner: str
        due: date

        def apply(self, case: CaseState) -> None:
            case.date_task(self, self.task, self.due)

    class TaskChanged(Event):
        TOPIC = "case.task_changed"
        CONFLICTS = frozenset({"case.task_changed", "case.terminated"})
        OFFLINE_CONFLICTS = AFTER_ITS_END
        task: str
        title: Sealed | None = None
        owner: str | None = None
        due: date | None = None
        beside: tuple[int, ...] = ()  # versions of other changes of this task that whoever changed it had not seen

        def apply(self, case: CaseState) -> None:
            case.note(self, f"change of {self.task}")
            if self.due is not None and self.task in case.open_tasks:
                case.date_task(self, self.task, self.due, self.beside)

    class TaskDone(Event):
        TOPIC = "case.task_done"
        CONFLICTS = AFTER_ITS_END
        task: str
        note: Sealed | None = None

        def apply(self, case: CaseState) -> None:
            case.open_tasks.pop(self.task, None)
            case.settled_tasks[self.task] = "selesai"
            case.note(self, f"task {self.task}")

    class TaskDropped(Event):
        TOPIC = "case.task_dropped"
        CONFLICTS = AFTER_ITS_END
        task: str
        reason: Sealed

        def apply(self, case: CaseState) -> None:
            case.open_tasks.pop(self.task, None)
            case.settled_tasks.setdefault(self.task, "dibatalkan")
            case.note(self, f"task {self.task}")

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
        seen: Seen = ALL,
    ) -> None:
        """Record that a visit took place, planned or not, and whether the subject was met.

        Raises `CaseIsTerminated`, `VisitAlreadySettled`, `AmountTooSmall`.
        """
        self._must_be_running()
        at_least(0, minutes=minutes)
        if self._ended_for(seen, f"visit {visit}"):
            raise VisitAlreadySettled
        said = {"met": met, "minutes": minutes, "note": note, "evidence": evidence}
        self.trigger(self.VisitDone, on=on, visit=visit, by=seen.by, device=seen.device, **said)

    def miss_visit(
        self,
        *,
        on: date,
        visit: str,
        reason: str,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
        seen: Seen = ALL,
    ) -> None:
        """Record that a planned visit did not take place, with a reason of `MISSED_VISITS`.

        Raises `CaseIsTerminated`, `VisitAlreadySettled`, `VisitNotPlanned`, `UnknownCode`.
        """
        self._must_be_running()
        if self._ended_for(seen, f"visit {visit}"):
            raise VisitAlreadySettled
        if visit not in self.planned_visits and visit not in self.settled_visits:
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
            by=seen.by,
            device=seen.device,
        )

    def give_task(self, *, on: date, task: str, title: Sealed, owner: str, due: date) -> None:
        """Give the account ``owner`` a task; ``task`` is its id. Raises `CaseIsTerminated`, `IdInUseHere`."""
        self._must_be_running()
        self._must_be_new((*self.open_tasks, *self.settled_tasks), task)
        self.trigger(self.TaskGiven, on=on, task=task, title=title, owner=owner, due=due)

    def change_task(
        self,
        *,
        on: date,
        task: str,
        title: Sealed | None = None,
        owner: str | None = None,
        due: date | None = None,
        seen: Seen = ALL,
    ) -> None:
        """Change what a task is, whose, or until when: what is given. One that somebody ended meanwhile stays ended.

        Raises `CaseIsTerminated`, `TaskNotOpen`, `TaskUnchanged`.
        """
        self._must_be_running()
        self._must_be_open(task, seen)
        if title is None and owner is None and due is None:
            raise TaskUnchanged
        beside = tuple(mark.version for mark in self._noted.get(f"change of {task}", ()) if not seen.knew(mark))
        said = {"title": title, "owner": owner, "due": due, "beside": beside}
        self.trigger(self.TaskChanged, on=on, task=task, by=seen.by, device=seen.device, **said)

    def finish_task(
        self,
        *,
        on: date,
        task: str,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
        seen: Seen = ALL,
    ) -> None:
        """Record that an open task is done. Raises `CaseIsTerminated`, `TaskNotOpen`."""
        self._must_be_running()
        self._must_be_open(task, seen)
        self.trigger(self.TaskDone, on=on, task=task, note=note, evidence=evidence, by=seen.by, device=seen.device)

    def drop_task(self, *, on: date, task: str, reason: Sealed, seen: Seen = ALL) -> None:
        """Give up an open task, with a reason. Raises `CaseIsTerminated`, `TaskNotOpen`."""
        self._must_be_running()
        self._must_be_open(task, seen)
        self.trigger(self.TaskDropped, on=on, task=task, reason=reason, by=seen.by, device=seen.device)

    def _must_be_open(self, task: str, seen: Seen) -> None:
        """Open, or ended by somebody whose entry was not seen."""
        if task not in self.open_tasks and (task not in self.settled_tasks or self._ended_for(seen, f"task {task}")):
            raise TaskNotOpen
