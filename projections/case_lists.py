"""Questions about cases: lists, one case, and how much each worker carries. Days are the office's calendar."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from projections.consent_lists import RESTRICTED
from projections.history_lists import stream_history
from projections.people_lists import NOBODY_HIDDEN, existing
from projections.together import Question, several
from projections.view import Reached, Rows, View

_SHOWN = (
    "key AS id, village, beneficiary, subject_kind, tier, stage, open, worker, transfer_to, opened_by, risk, disputed, "
    "answers, urgency, "
    "channel, opened_on, respond_by, review_due_on, next_due_on, next_kind, next_task, plan_in_force, plan_pending, "
    "open_referrals, services, last_on, terminated_on, reason, reasons, outcome, reopened, version, assessed, "
    "assessment_pending, closure_pending, ends_by_two"
)
_YES_OR_NO = ("disputed", "open", "restricted", "assessed", "assessment_pending", "closure_pending", "ends_by_two")
_SHOWN += f", CASE WHEN beneficiary IN {RESTRICTED} THEN 1 ELSE 0 END AS restricted"
_ASKED_ON = "(SELECT MAX(h.on_day) FROM {history} h WHERE h.stream = c.key AND h.topic = 'case.transfer_requested')"
_ALONE = (
    "(SELECT whose.tier FROM {people:today} whose WHERE whose.key = c.beneficiary) AS hers, "
    "(SELECT MAX(h.version) FROM {history} h WHERE h.stream = c.key) AS recorded_version, "
    f"CASE WHEN c.transfer_to IS NOT NULL THEN {_ASKED_ON} END AS transfer_asked_on"
)
#: What stands under a case.
_OF_CASE = {
    "tasks": Question(
        ("task AS id", "kind", "title", "title_at", "owner", "due_on", "state", "settled_on"),
        "FROM {tasks} WHERE case_id = :case ORDER BY due_on IS NULL, due_on, task",
    ),
    "plans": Question(
        (
            *("number", "state", "services", "proposed_by", "proposed_on", "decided_by", "decided_on", "reason"),
            "'reason' AS reason_at",
        ),
        "FROM {plans} WHERE case_id = :case ORDER BY number",
    ),
    "goals": Question(
        ("goal AS id", "plan", "title", "title_at", "service", "owner", "due_on", "reached_on"),
        "FROM {goals} WHERE case_id = :case ORDER BY plan, place",
    ),
    "referrals": Question(
        ("key AS id", "destination_kind", "state", "open", "submitted_on", "reply_by", "last_on"),
        "FROM {referrals} WHERE case_id = :case ORDER BY submitted_on, key",
    ),
}
#: What is counted of a worker's running cases: the condition, and what each case adds. ``:day`` is the day judged.
CASELOAD = {
    "open": ("1 = 1", "1"),
    "overdue": ("next_due_on < :day", "1"),
    "risk_low": ("risk = 'rendah'", "1"),
    "risk_medium": ("risk = 'sedang'", "1"),
    "risk_high": ("risk = 'tinggi'", "1"),
    "risk_emergency": ("risk = 'darurat'", "1"),
    "risk_unknown": ("risk IS NULL", "1"),
    "urgent": ("urgency = 'darurat'", "1"),
    "disputed": ("disputed = 1", "1"),
    "plans_pending": ("plan_pending IS NOT NULL", "1"),
    "assessments_pending": ("assessment_pending = 1", "1"),
    "closures_pending": ("closure_pending = 1", "1"),
    "transfers_pending": ("transfer_to IS NOT NULL", "1"),
    "open_referrals": ("1 = 1", "open_referrals"),
}
UNDATED = "9999-12-31"
DUE = f"COALESCE(next_due_on, '{UNDATED}')"
TRANSFER_DAYS = 7  # then a request to take a case over is the supervisor's
OPEN = "+open = 1"  # the plus: too many cases are open for an index of them to help


def _plain(rows: Rows, day: date) -> Rows:
    """Yes and no as such, the standing answers about the risk one by one, and whether something is overdue on ``day``."""
    for row in rows:
        told = [line.split("/") for line in row["answers"].splitlines()]
        row["answers"] = [{"version": int(version), "risk": risk} for version, risk, _days in told]
        for name in _YES_OR_NO:
            row[name] = bool(row[name])
        row["overdue"] = row["next_due_on"] is not None and row["next_due_on"] < day.isoformat()
    return rows


def listing(
    view: View,
    reach: Reached,
    day: date,
    *,
    after: tuple[str, str] | None = None,
    limit: int = 50,
    overdue: bool | None = None,
    plan_pending: bool | None = None,
    assigned: bool | None = None,
    by_due: bool = False,
    restricted: bool = False,
    **equal: str | int | None,
) -> Rows:
    """Cases, the latest opened first, after the opening day and id of the row before; or ``by_due``: by the day on which
    something is due, the undated last. ``equal`` are columns and the values wanted (village, worker, beneficiary, risk,
    stage, open, disputed, and what waits). ``plan_pending``: whether a plan waits to be approved; ``assigned``: whether
    somebody works on it. ``restricted``: also those of people whose processing is restricted."""
    more, values = "" if restricted else f" AND beneficiary NOT IN {RESTRICTED}", {**reach[1], "limit": limit}
    for column, value in equal.items():
        if value is not None:
            more, values[f"eq_{column}"] = f"{more} AND {column} = :eq_{column}", value
    if overdue is not None:
        values["day"] = day.isoformat()
        late = "next_due_on IS NOT NULL AND next_due_on < :day"
        more = f"{more} AND {late}" if overdue else f"{more} AND NOT ({late})"
    if plan_pending is not None:
        more = f"{more} AND plan_pending IS {'NOT ' if plan_pending else ''}NULL"
    if assigned is not None:
        more = f"{more} AND worker IS {'NOT ' if assigned else ''}NULL"
    column, onward, way = (DUE, ">", "") if by_due else ("opened_on", "<", " DESC")
    if after is not None:
        more += f" AND ({column} {onward} :after_day OR ({column} = :after_day AND key {onward} :after_key))"
        values |= {"after_day": after[0], "after_key": after[1]}
    if not by_due and (days := [last for last in (view.latest_day, after and after[0]) if last]):
        more, values["latest"] = f"{more} AND opened_on <= :latest", min(days)  # begins there in the index
    listed = "all" if by_due else "listed"

    def of(part: View) -> Rows:
        where = part.reached("cases", "c", reach[0])
        return part.rows(
            f"SELECT {_SHOWN} FROM {{cases:{listed}}} c WHERE {where}{more} "
            f"ORDER BY {column}{way}, key{way} LIMIT :limit",
            **values,
        )

    return _plain(view.first(of, lambda row: place_of(row, by_due=by_due), limit, latest=not by_due), day)


def place_of(row: Mapping[str, Any], *, by_due: bool) -> tuple[str, str]:
    """Where a case stands in a `listing`, which goes on after it."""
    return (row["next_due_on"] or UNDATED if by_due else row["opened_on"]), row["id"]


#: What waits for whoever steers: the running cases that are late, whose risk is answered twice, whose assessment, plan
#: or end is not decided, and that somebody was asked to take who does not answer.
WAITING = {
    "late": "next_due_on IS NOT NULL AND next_due_on < :day",
    "disputed": "disputed = 1",
    "assessments": "assessment_pending = 1",
    "plans": "plan_pending IS NOT NULL",
    "closures": "closure_pending = 1",
    "transfers": f"transfer_to IS NOT NULL AND {_ASKED_ON} <= :unanswered",
}


def _asked(name: str) -> str:
    return _ASKED_ON if name == "transfers" else "CAST(NULL AS TEXT)"


def waiting(
    view: View, reach: Reached, day: date, *, limit: int = 50, worker: str | None = None, restricted: bool = False
) -> dict[str, Rows]:
    """The first cases of each list of `WAITING`: those late for longest, of the other lists the latest opened; ``worker``
    is whose late ones are wanted."""
    more, values = "" if restricted else f" AND beneficiary NOT IN {RESTRICTED}", {**reach[1], "limit": limit}
    waited = date.fromordinal(max(1, day.toordinal() - TRANSFER_DAYS))
    judged, newest = {"day": day.isoformat(), "unanswered": waited.isoformat()}, ""
    if view.latest_day:  # begins there in the index
        newest, values["latest"] = " AND opened_on <= :latest", view.latest_day
    if worker:
        values["of_worker"] = worker
    hers = " AND worker = :of_worker" if worker else ""

    def of(part: View) -> Rows:
        where = f"{part.reached('cases', 'c', reach[0])}{more} AND open = 1"
        lists = [
            f"SELECT '{name}' AS list, {_SHOWN}, {_asked(name)} AS transfer_asked_on "
            f"FROM {{cases:listed}} c WHERE {where}{newest} AND {condition} "
            "ORDER BY opened_on DESC, key DESC LIMIT :limit"
            for name, condition in WAITING.items()
            if name != "late"
        ]
        lists.append(
            f"SELECT 'late' AS list, {_SHOWN}, NULL FROM {{cases:all}} c WHERE {where}{hers} AND {WAITING['late']} "
            "ORDER BY next_due_on, key LIMIT :limit"
        )
        one_by_one = (f"SELECT * FROM ({sql}) AS list_{number}" for number, sql in enumerate(lists))
        return part.rows(" UNION ALL ".join(one_by_one), **values, **judged)

    rows = _plain(view.through(of), day)
    rows.sort(key=lambda row: (row["opened_on"], row["id"]), reverse=True)
    found: dict[str, Rows] = {name: [] for name in WAITING}
    for row in rows:
        if row["list"] != "transfers":
            del row["transfer_asked_on"]
        found[row.pop("list")].append(row)
    found["late"].sort(key=lambda row: (row["next_due_on"], row["id"]))
    return {name: listed[:limit] for name, listed in found.items()}


def transfers(view: View, where: str, values: dict[str, Any], day: date, *, restricted: bool = False) -> Rows:
    """The running cases that were asked to change hands and got no answer, the longest waiting first: who asked whom, since
    when, and for how many days on ``day``. `TRANSFER_DAYS` without an answer make one ``unanswered``."""
    more = "" if restricted else f" AND beneficiary NOT IN {RESTRICTED}"
    rows = view.rows(
        "SELECT c.key AS id, c.village, c.worker, c.transfer_to, c.version, h.on_day AS asked_on, h.post AS asked_post, "
        f"h.version AS asked FROM (SELECT * FROM {{cases}} c WHERE {view.reached('cases', 'c', where)}{more} "
        "AND transfer_to IS NOT NULL AND open = 1) c "
        "JOIN {history} h ON h.stream = c.key AND h.topic = 'case.transfer_requested' "
        "ORDER BY h.version",
        **values,
    )
    found = list({row["id"]: row for row in rows}.values())  # of several requests of a case the last one is open
    for row in found:
        del row["asked"]
        row["age_days"] = max(0, (day - date.fromisoformat(row["asked_on"])).days)
        row["unanswered"] = row["age_days"] >= TRANSFER_DAYS
    return sorted(found, key=lambda row: (row["asked_on"], row["id"]))


def one(view: View, reach: Reached, case: str, day: date, *, restricted: bool = False) -> dict[str, Any] | None:
    """One case with its open and settled tasks and visits, its plans with their goals, its referrals, the tier of its
    subject today (``hers``) and the last version recorded of it (``recorded_version``); ``None`` when there is none
    within reach, or, unless asked for, its subject is ``restricted``."""
    where, values = view.reached("cases", "c", reach[0]), reach[1]
    if not restricted:
        where = f"{where} AND beneficiary NOT IN {RESTRICTED}"
    sql = f"SELECT {_SHOWN}, story, score, reviewed_on, {_ALONE} FROM {{cases}} c WHERE {where} AND key = :case"
    found = view.rows(sql, **values, case=case)
    if not found:
        return None
    [row] = _plain(found, day)
    if row["disputed"]:
        row["answers"] = _answers(view, case, {one["version"] for one in row["answers"]})
    row |= several(view, _OF_CASE, case=case)
    for task in row["tasks"]:
        task["overdue"] = bool(row["open"] and task["state"] == "terbuka" and (task["due_on"] or "~") < day.isoformat())
    goals = row.pop("goals")
    for plan in row["plans"]:
        plan["goals"] = [
            {name: value for name, value in goal.items() if name != "plan"}
            for goal in goals
            if goal["plan"] == plan["number"]
        ]
    for referral in row["referrals"]:
        referral["open"] = bool(referral["open"])
    return row


def _answers(view: View, case: str, standing: set[int]) -> Rows:
    """What was said of the risk side by side: the level and the interval, by whom, when it happened and was recorded, and
    where the reason stands; the earliest recorded first."""
    return [
        {
            "version": entry.version,
            "topic": entry.topic,
            **{name: entry.data.get(name) for name in ("risk", "review_days", "score")},
            **{name: getattr(entry, name) for name in ("on", "recorded", "by", "post", "source")},
            "reason_at": next((name for name in ("reason", "narrative") if name in entry.data), None),
            "reason": next((entry.data[name]["part"] for name in ("reason", "narrative") if name in entry.data), None),
        }
        for entry in stream_history(view, case)
        if entry.version in standing
    ]


def by_worker(view: View, reach: Reached, day: date, below: int = NOBODY_HIDDEN) -> Rows:
    """Of each worker: running cases, those overdue, by risk and urgency, pending plans and transfers, open referrals,
    and the first day on which something is due. Cases that nobody works on stand under ``None``, first; those of
    people of tier ``below`` or higher do not count."""
    where, values = reach
    sums = ", ".join(
        f"CAST(SUM(CASE WHEN {condition} THEN {weight} ELSE 0 END) AS BIGINT) AS {name}"
        for name, (condition, weight) in CASELOAD.items()
    )
    sql = (
        f"SELECT worker, {sums}, MIN(next_due_on) AS next_due_on FROM {{cases:all}} WHERE {where} AND {OPEN} "
        f"AND {existing('cases', below)} "
        "GROUP BY worker ORDER BY worker IS NOT NULL, worker"
    )
    return view.grouped(lambda part: part.rows(sql, **values, day=day.isoformat()), "worker")


def carried(view: View, worker: str) -> int:
    """How many running cases a worker has, anywhere."""
    return int(
        view.rows("SELECT COUNT(*) AS n FROM {cases} WHERE worker = :of_worker AND open = 1", of_worker=worker)[0]["n"]
    )


def next_of(view: View, reach: Reached, worker: str, day: date, limit: int = 50) -> Rows:
    """What a worker has to do next: running cases by the day on which something is due, the undated last. Those of people
    whose processing is restricted are left out: nothing is done there."""

    def of(part: View) -> Rows:
        where = part.reached("cases", "c", reach[0])
        return part.rows(
            f"SELECT {_SHOWN} FROM {{cases:all}} c WHERE {where} AND open = 1 AND worker = :of_worker "
            f"AND beneficiary NOT IN {RESTRICTED} "
            "ORDER BY next_due_on IS NULL, next_due_on, key LIMIT :limit",
            **reach[1],
            of_worker=worker,
            limit=limit,
        )

    return _plain(view.first(of, lambda row: (row["next_due_on"] or "~", row["id"]), limit), day)
