"""What is to be done on a case: its tasks and visits, its plans and their goals. Titles and notes are part ids."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from domain.aggregate import Event
from domain.case import Case
from projections.projection import DROP, Drop, Projection


@dataclass(slots=True)
class TaskRow:
    """A task or a visit. ``state`` is terbuka, selesai or dibatalkan for a task; terbuka, terlaksana or
    tidak_terlaksana for a visit. The key is that of the case and of the task, since clients make both. ``title`` is a
    part id, ``title_at`` says where in the part the text stands. Of values that were ``told`` side by side the earliest
    day counts, and the title and the owner of the command with the greatest id, which devices make by their clock."""

    key: str
    task: str = ""
    case_id: str = ""
    village: str | None = None
    kind: str = "task"
    title: str | None = None
    title_at: str | None = None
    owner: str | None = None
    due_on: date | None = None
    state: str = ""
    settled_on: date | None = None
    told: str = ""  # what stands of a task: version, field, command and value, one a line


def _tasks_of(event: Event) -> list[str]:
    if isinstance(event, Case.ConferenceHeld):
        return [f"{event.stream}/{decision.task}" for decision in event.decisions]
    if isinstance(event, Case.VisitPlanned | Case.VisitDone | Case.VisitMissed):
        return [f"{event.stream}/{event.visit}"]
    if isinstance(event, Case.TaskGiven | Case.TaskChanged | Case.TaskDone | Case.TaskDropped):
        return [f"{event.stream}/{event.task}"]
    return []


tasks = Projection(
    "tasks", row=TaskRow, keys=_tasks_of, indexes=[("case_id", "state"), ("owner", "state", "due_on"), ("village",)]
)


def _place(row: TaskRow, event: Event) -> None:
    row.case_id, row.task = event.stream, row.key.removeprefix(f"{event.stream}/")
    row.village = event.village or row.village


def _tell(row: TaskRow, event: Event, beside: Collection[int] = (), **values: str | None) -> None:
    """Take in what an event says of a task: its fields stand in place of earlier ones, but beside those not seen."""
    said = {field: value for field, value in values.items() if value is not None}
    items = [line.split("/", 3) for line in row.told.splitlines()]
    items = [item for item in items if item[1] not in said or int(item[0]) in beside]
    items += [[str(event.version), field, event.command, value] for field, value in said.items()]
    row.told = "\n".join("/".join(item) for item in items)
    told = {name: [(item[2], item[3]) for item in items if item[1] == name] for name in ("due", "owner", "title")}
    if told["due"]:
        row.due_on = date.fromisoformat(min(value for _, value in told["due"]))
    if told["owner"]:
        row.owner = max(told["owner"])[1]
    if told["title"]:
        row.title, _, row.title_at = max(told["title"])[1].partition(" ")


def _end(row: TaskRow, event: Event, state: str, done: str) -> None:
    """End a task or visit. Two may have done so: ``done`` outweighs, and the first day of it counts."""
    if row.state == done != state:
        return
    again = row.state == state and row.settled_on is not None
    row.state, row.settled_on = state, min(row.settled_on, event.on) if again and row.settled_on else event.on


@tasks.on(Case.ConferenceHeld)
def decided(row: TaskRow, event: Case.ConferenceHeld) -> None:
    _place(row, event)
    for number, decision in enumerate(event.decisions):
        if decision.task == row.task:
            title = f"{decision.title.part} decisions/{number}/title"
            _tell(row, event, title=title, owner=decision.owner, due=decision.due.isoformat())
            row.state = "terbuka"


@tasks.on(Case.TaskGiven)
def given(row: TaskRow, event: Case.TaskGiven) -> None:
    _place(row, event)
    _tell(row, event, title=f"{event.title.part} title", owner=event.owner, due=event.due.isoformat())
    row.state = "terbuka"


@tasks.on(Case.TaskChanged)
def changed(row: TaskRow, event: Case.TaskChanged) -> None:
    _place(row, event)
    title = f"{event.title.part} title" if event.title else None
    due = event.due.isoformat() if event.due else None
    _tell(row, event, event.beside, title=title, owner=event.owner, due=due)


@tasks.on(Case.TaskDone, Case.TaskDropped)
def task_settled(row: TaskRow, event: Case.TaskDone | Case.TaskDropped) -> None:
    _place(row, event)
    _end(row, event, "selesai" if isinstance(event, Case.TaskDone) else "dibatalkan", "selesai")


@tasks.on(Case.VisitPlanned)
def visit_planned(row: TaskRow, event: Case.VisitPlanned) -> None:
    _place(row, event)
    row.kind, row.owner, row.due_on, row.state = "visit", event.visitor, event.planned_for, "terbuka"
    row.title, row.title_at = (event.note.part, "note") if event.note else (None, None)


@tasks.on(Case.VisitDone, Case.VisitMissed)
def visit_settled(row: TaskRow, event: Case.VisitDone | Case.VisitMissed) -> None:
    _place(row, event)
    row.kind = "visit"
    _end(row, event, "terlaksana" if isinstance(event, Case.VisitDone) else "tidak_terlaksana", "terlaksana")


@dataclass(slots=True)
class PlanRow:
    """One plan of a case: diusulkan, disetujui, dikembalikan or diganti. ``reason``, why it was returned, is a part id."""

    key: str
    case_id: str = ""
    number: int = 0
    state: str = ""
    goals: int = 0
    services: str | None = None
    proposed_by: str | None = None
    proposed_on: date | None = None
    decided_by: str | None = None
    decided_on: date | None = None
    reason: str | None = None


def _plans_of(event: Event) -> list[str]:
    if isinstance(event, Case.PlanProposed):
        # A new plan replaces every earlier one that still waits.
        return [f"{event.stream}/{number}" for number in range(1, event.number + 1)]
    if isinstance(event, Case.PlanApproved | Case.PlanReturned):
        return [f"{event.stream}/{event.number}"]
    return []


plans = Projection("plans", row=PlanRow, keys=_plans_of, indexes=[("case_id", "number")])


@plans.on(Case.PlanProposed)
def plan_proposed(row: PlanRow, event: Case.PlanProposed) -> Drop | None:
    if row.key != f"{event.stream}/{event.number}":
        if not row.state:
            return DROP
        row.state = "diganti" if row.state == "diusulkan" else row.state
        return None
    row.case_id, row.number, row.state, row.goals = event.stream, event.number, "diusulkan", len(event.goals)
    row.services, row.proposed_by, row.proposed_on = event.services, event.proposed_by, event.on
    return None


@plans.on(Case.PlanApproved, Case.PlanReturned)
def plan_decided(row: PlanRow, event: Case.PlanApproved | Case.PlanReturned) -> Drop | None:
    if not row.state:
        return DROP
    if isinstance(event, Case.PlanApproved):
        row.state, row.decided_by = "disetujui", event.approved_by
    else:
        row.state, row.decided_by, row.reason = "dikembalikan", event.returned_by, event.reason.part
    row.decided_on = event.on
    return None


@dataclass(slots=True)
class GoalRow:
    """One goal, as the latest plan that holds it says. ``service`` is empty when sealed."""

    key: str
    goal: str = ""
    case_id: str = ""
    plan: int = 0
    place: int = 0  # among the goals of the plan, as proposed
    title: str | None = None
    title_at: str | None = None
    service: str | None = None
    services: str | None = None
    owner: str | None = None
    due_on: date | None = None
    reached_on: date | None = None


def _goals_of(event: Event) -> list[str]:
    if isinstance(event, Case.PlanProposed):
        return [f"{event.stream}/{goal.id}" for goal in event.goals]
    if isinstance(event, Case.ProgressReviewed):
        return [f"{event.stream}/{goal}" for goal in dict.fromkeys(event.goals_reached)]
    return []


goals = Projection("goals", row=GoalRow, keys=_goals_of, indexes=[("case_id", "plan")])


@goals.on(Case.PlanProposed)
def goal_set(row: GoalRow, event: Case.PlanProposed) -> None:
    for number, goal in enumerate(event.goals):
        if row.key == f"{event.stream}/{goal.id}":
            row.place, row.title_at = number, f"goals/{number}/title"
            row.goal, row.case_id, row.plan, row.services = goal.id, event.stream, event.number, event.services
            row.title, row.owner, row.due_on = goal.title.part, goal.owner, goal.due
            row.service = goal.kind if isinstance(goal.kind, str) else None


@goals.on(Case.ProgressReviewed)
def goal_reached(row: GoalRow, event: Case.ProgressReviewed) -> Drop | None:
    if not row.goal:
        return DROP  # a goal that no plan of this case holds
    row.reached_on = event.on
    return None
