"""Questions about referrals: which are open, which stuck, which unanswered, and how long each step took.

Days are the office's calendar. A strictly restricted subject's destination counts under ``None``.
"""

from datetime import date
from typing import Any

from domain.case_state import days_after
from projections.consent_lists import RESTRICTED, withdrawn
from projections.view import Reached, Rows, View

_SHOWN = (
    "key AS id, village, case_id, beneficiary, tier, destination_kind, destinations, destination, destination_sealed, "
    "need, needs, letter_number, state, open, submitted_by, submitted_on, asked_on, reply_by, planned_for, heard, "
    "returns, last_on, last_step_on, ended_on, outcome, outcomes, reason, reasons, feedback_on, loop_closed, "
    "forwarded_from, next_referral, consent, version"
)
AGES = (7, 14, 30, 90)  # days: the upper bounds of the age groups, the last group is open
STUCK_DAYS = 14
_SHOWN += (
    f", {withdrawn('r')} AS consent_withdrawn, CASE WHEN beneficiary IN {RESTRICTED} THEN 1 ELSE 0 END AS restricted"
)
#: What decides today how a referral is shown, besides its own row: ``case_tier``, ``case_worker``, ``person_tier``.
_RULED = (
    "(SELECT held.tier FROM {cases:today} held WHERE held.key = case_id) AS case_tier, "
    "(SELECT held.worker FROM {cases:today} held WHERE held.key = case_id) AS case_worker, "
    "(SELECT whose.tier FROM {people:today} whose WHERE whose.key = r.beneficiary) AS person_tier"
)
_ALONE = (
    "(SELECT held.worker FROM {cases} held WHERE held.key = case_id) AS worker, "
    "(SELECT MAX(h.version) FROM {history} h WHERE h.stream = r.key) AS recorded_version"
)
_SILENT = "open = 1 AND state = 'diajukan' AND heard = 0 AND reply_by < :day"
#: What is counted of open referrals. The days are those of `bounds`.
COUNTED = {
    "open": "1 = 1",
    "silent": _SILENT,
    "stuck": "last_step_on <= :idle_since",
    **{
        f"days_{days}": f"submitted_on >= :since_{days}" + (f" AND submitted_on < :since_{younger}" if younger else "")
        for days, younger in zip(AGES, (0, *AGES[:-1]), strict=True)
    },
    "more": f"submitted_on < :since_{AGES[-1]}",
}
_AGE_GROUPS = (*(f"days_{days}" for days in AGES), "more")
AWAITING_FEEDBACK = "state = 'selesai' AND loop_closed = 0"


def _plain(rows: Rows, day: date) -> Rows:
    for row in rows:
        for name in ("open", "heard", "loop_closed", "destination_sealed", "consent_withdrawn", "restricted"):
            row[name] = bool(row[name])
        row["silent"] = (
            row["open"]
            and row["state"] == "diajukan"
            and not row["heard"]
            and (row["reply_by"] or "~") < day.isoformat()
        )
        row["age_days"] = _days(row["submitted_on"], row["ended_on"] or day.isoformat())
        row["idle_days"] = _days(row["last_step_on"], day.isoformat()) if row["open"] else None
    return rows


def _days(begin: str | None, end: str | None) -> int | None:
    if begin is None or end is None:
        return None
    return (date.fromisoformat(end) - date.fromisoformat(begin)).days


def listing(
    view: View,
    reach: Reached,
    day: date,
    *,
    after: tuple[str, str] | None = None,
    limit: int = 50,
    stuck: int | None = None,
    silent: bool = False,
    age: int | None = None,
    restricted: bool = False,
    **equal: str | int | None,
) -> Rows:
    """Referrals, the latest submitted first. ``stuck``: open without a step for that many days; ``silent``: the time to
    answer has passed without a word; ``age``: open for at least that many days. ``restricted``: also those of people
    whose processing is restricted. ``equal`` are columns and values. Each comes with what decides today how it is
    shown (`_RULED`)."""
    more, values = "" if restricted else f" AND beneficiary NOT IN {RESTRICTED}", {**reach[1], "limit": limit}
    for column, value in equal.items():
        if value is not None:
            more, values[f"eq_{column}"] = f"{more} AND {column} = :eq_{column}", value
    if silent:
        more, values["day"] = f"{more} AND {_SILENT}", day.isoformat()
    if stuck is not None:
        more, values["idle_since"] = f"{more} AND open = 1 AND last_step_on <= :idle_since", _before(day, stuck)
    if age is not None:
        more, values["old_since"] = f"{more} AND open = 1 AND submitted_on <= :old_since", _before(day, age)
    if after is not None:
        more += " AND (submitted_on < :after_day OR (submitted_on = :after_day AND key < :after_key))"
        values |= {"after_day": after[0], "after_key": after[1]}
    if days := [last for last in (view.latest_day, after and after[0]) if last]:  # begins there in the index
        more, values["latest"] = f"{more} AND submitted_on <= :latest", min(days)

    def of(part: View) -> Rows:
        where = part.reached("referrals", "r", reach[0])
        return part.rows(
            f"SELECT {_SHOWN}, {_RULED} FROM {{referrals:listed}} r WHERE {where}{more} "
            "ORDER BY submitted_on DESC, key DESC LIMIT :limit",
            **values,
        )

    return _plain(view.first(of, lambda row: (row["submitted_on"], row["id"]), limit, latest=True), day)


def _before(day: date, days: int) -> str:
    return days_after(day, -days).isoformat()


def one(view: View, reach: Reached, referral: str, day: date, *, restricted: bool = False) -> dict[str, Any] | None:
    """One referral with its steps, the ``worker`` of its case, the last version recorded of it (``recorded_version``), and
    what decides today how it is shown (`_RULED`). ``days`` of a step are those until the next one, or until ``day`` while
    it is open. ``None`` when there is none within reach, or, unless asked for, its subject is ``restricted``."""
    where, values = view.reached("referrals", "r", reach[0]), reach[1]
    if not restricted:
        where = f"{where} AND beneficiary NOT IN {RESTRICTED}"
    sql = f"SELECT {_SHOWN}, {_RULED}, {_ALONE} FROM {{referrals}} r WHERE {where} AND key = :referral"
    found = view.rows(sql, **values, referral=referral)
    if not found:
        return None
    [row] = _plain(found, day)
    steps = view.rows(
        "SELECT version, step, state, day, recorded, channel, by_account, (SELECT h.post FROM {history} h "
        "WHERE h.stream = s.referral AND h.version = s.version) AS post FROM {referral_steps} s "
        "WHERE referral = :referral ORDER BY version",
        referral=referral,
    )
    moves = [step for step in steps if step["state"] is not None]
    for step, following in zip(moves, [*moves[1:], None], strict=True):
        if following is not None:
            step["days"] = _days(step["day"], following["day"])
        else:
            step["days"] = _days(step["day"], day.isoformat()) if row["open"] else None
    row["steps"] = steps
    return row


def bounds(day: date, stuck: int = STUCK_DAYS) -> dict[str, str]:
    """The days in `COUNTED`, as parameters, for the day that is judged."""
    ages = {f"since_{days}": _before(day, days) for days in AGES}
    return {**ages, "day": day.isoformat(), "idle_since": _before(day, stuck)}


def _sums(*names: str) -> str:
    return ", ".join(f"SUM(CASE WHEN {COUNTED[name]} THEN 1 ELSE 0 END) AS {name}" for name in names)


def summary(view: View, reach: Reached, day: date, stuck: int = STUCK_DAYS) -> dict[str, Any]:
    """Open referrals by destination kind and age, stuck ones by the step they stand at, and the silent ones by
    destination kind. Age groups are named by their last day, the open one ``more``."""

    def of(part: View, what: str, more: str) -> Rows:
        where = part.reached("referrals", "r", reach[0])
        sql = f"SELECT {what} FROM {{referrals:all}} r WHERE {where} AND {more}"
        return part.rows(sql, **reach[1], **bounds(day, stuck))

    kinds = f"destination_kind, {_sums('open', *_AGE_GROUPS, 'silent')}, MIN(submitted_on) AS oldest"
    by_destination = view.grouped(
        lambda part: of(part, kinds, "open = 1 GROUP BY destination_kind"), "destination_kind"
    )
    by_destination.sort(key=lambda row: (row["destination_kind"] is None, row["destination_kind"]))
    steps = f"state, {_sums('open', 'stuck')}, MIN(last_step_on) AS oldest_step"
    by_step = view.grouped(lambda part: of(part, steps, "open = 1 GROUP BY state ORDER BY state"), "state")
    unclosed = view.through(lambda part: of(part, "COUNT(*) AS count", AWAITING_FEEDBACK))
    return {
        "open": sum(row["open"] for row in by_destination),
        "silent": sum(row["silent"] for row in by_destination),
        "stuck": sum(row["stuck"] for row in by_step),
        "stuck_after_days": stuck,
        "awaiting_feedback": sum(row["count"] for row in unclosed),
        "by_destination": by_destination,
        "by_step": by_step,
    }
