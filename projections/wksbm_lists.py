"""Questions about WKSBM: how they stood on a day, and one of them whole.

What was known is the view's; ``day`` is the day that is judged. Counts and papers are as known, whatever the day.
"""

from datetime import date
from typing import Any

from domain.wksbm import Wksbm
from domain.wksbm_papers import wanted
from projections import coverage
from projections.history import history
from projections.history_lists import Entry, read
from projections.together import Question, several, whole
from projections.view import Reached, Rows, View
from projections.wksbm import boards_of, sks_of, waiting_of

_BODY = (
    "key AS id, village, name, hamlet, stage, begun_on, deliberated, deliberated_on, socialized_on, kps_found, formed_on, "
    "ratified_on, sk_number, sk_dated, sk_until, term_from, term_until, registered, registered_on, register_number, "
    "kps_count, last_activity_on, activities, funds_raised, funds_distributed, facilities, coachings, coached_on, level, "
    "scale, assessed_on, dormant, dissolved_on, dissolution, successor, unproven, unproven_steps, missing, last_on, "
    "version"
)
_RECORDED = "(SELECT MAX(h.version) FROM {history} h WHERE h.stream = b.key) AS recorded_version"
_WHOLE = (*_BODY.split(", "), "sks", "boards", "waiting", _RECORDED)
_MEMBERS = Question(
    (
        "m.kps AS id",
        "m.joined_on AS joined_on",
        "m.left_on AS left_on",
        "m.active AS active",
        "k.name AS name",
        "k.kind AS kind",
    ),
    "FROM {memberships} m LEFT JOIN {kps} k ON k.key = m.kps WHERE m.wksbm = :wksbm ORDER BY joined_on, id",
)
_DONE = {
    "activities": {Wksbm.ActivityReported.TOPIC},
    "funds": {Wksbm.FundsRaised.TOPIC, Wksbm.FundsDistributed.TOPIC},
}
_YES_OR_NO = ("deliberated", "registered", "dormant")
_UNKNOWN = coverage.Body("")
_LATER = "_on"  # a day after the one that is asked about has not come yet


def judged(view: View, rows: Rows, day: date, months: int) -> Rows:
    """Bodies as they stood on ``day``: ``stage`` that day, ``sk_in_force``, ``board_in_office`` and ``active`` (a sign
    of life within so many months), with yes and no as such. Those that had not begun are left out.

    ``rows`` need the columns of `bodies_in` besides ``sks`` and ``boards``, which are taken out.
    """
    on, since = day.isoformat(), coverage.months_before(day, months).isoformat()
    later = [row["id"] for row in rows if row["last_on"] > on]
    facts = coverage.bodies_until(view, ("1 = 1", {}), day, wksbm=later) if later else {}
    found = []
    for row in rows:
        if row["begun_on"] > on:
            continue
        for name in _YES_OR_NO:
            row[name] = bool(row[name])
        if row["last_on"] > on:
            then = facts.get(row["id"], _UNKNOWN)
            row["dormant"], row["last_activity_on"] = then.dormant(on), then.last_sign(on)
        for name, value in row.items():
            if name.endswith(_LATER) and value is not None and value > on:
                row[name] = None
        sks = [sk for sk in sks_of(row.pop("sks")) if sk.dated <= day]
        boards = [board for board in boards_of(row.pop("boards")) if board.term_from <= day]
        if sks:
            latest = max(sks, key=lambda sk: (sk.dated, sk.version))
            row["sk_number"], row["sk_dated"] = latest.number, latest.dated.isoformat()
            row["sk_until"] = latest.term_until.isoformat()
        else:
            row["sk_number"] = row["sk_dated"] = row["sk_until"] = None
        row["registered"] = row["registered_on"] is not None
        standing = row["dissolved_on"] is None
        formed = row["formed_on"] is not None
        row["stage"] = "sah" if sks else "terbentuk" if formed else "dirintis"
        if not standing:
            row["stage"] = "dibubarkan"
        row["sk_in_force"] = standing and any(sk.term_until >= day for sk in sks)
        seat = max(boards, key=lambda board: (board.term_from, board.version), default=None)
        row["term_from"] = seat.term_from.isoformat() if seat else None
        row["term_until"] = seat.term_until.isoformat() if seat else None
        row["board_in_office"] = standing and any(
            board.term_until >= day and (board.ended is None or board.ended > day) for board in boards
        )
        row["active"] = standing and formed and not row["dormant"] and (row["last_activity_on"] or "") >= since
        row["missing"] = row["missing"].split(",") if row["missing"] else []
        found.append(row)
    return found


def bodies_in(view: View, reach: Reached, day: date, months: int, more: str = "", how: str = "", **values: Any) -> Rows:
    """The bodies within ``reach`` (SQL over ``village``), as `judged`, in order of village and id; ``more`` is SQL that
    goes on after the condition, such as `` AND stage = :stage``; ``how`` says how to go through the table (`View`)."""
    where, parameters = reach
    rows = view.rows(
        f"SELECT {_BODY}, sks, boards FROM {{bodies{how}}} WHERE {where}{more or ' ORDER BY village, key'}",
        **parameters,
        **values,
    )
    return judged(view, rows, day, months)


def page_of_bodies(
    view: View, reach: Reached, day: date, months: int, more: str, limit: int, **values: Any
) -> tuple[tuple[str, str] | None, Rows]:
    """A page of bodies as `judged`, and the village and id of its last row when others may follow."""
    where, parameters = view.reached("bodies", "b", reach[0]), reach[1]
    rows = view.rows(
        f"SELECT {_BODY}, sks, boards FROM {{bodies:listed}} b WHERE {where}{more} ORDER BY village, key LIMIT :limit",
        **parameters,
        **values,
        limit=limit,
    )
    last = (rows[-1]["village"], rows[-1]["id"]) if len(rows) == limit else None
    return last, judged(view, rows, day, months)


def one_body(
    view: View, reach: Reached, wksbm: str, day: date, months: int, *, newest: int = 0
) -> dict[str, Any] | None:
    """One body with its boards, its SKs, its members, its unproven steps with the papers that would prove them, and
    the last ``version`` recorded of it; with ``newest`` the so many newest of its history too, as `_newest`."""
    where, values = view.reached("bodies", "b", reach[0]), reach[1]
    asked = {"bodies": Question(_WHOLE, f"FROM {{bodies}} b WHERE {where} AND key = :wksbm"), "members": _MEMBERS}
    if newest:
        asked["history"] = whole(history, "h WHERE h.stream = :wksbm")
    found = several(view, asked, **values, wksbm=wksbm)
    if not found["bodies"]:
        return None
    [texts] = found["bodies"]
    day = max(day, date.fromisoformat(texts["begun_on"]))
    told = {name: value for name, value in texts.items() if name not in ("waiting", "recorded_version")}
    [row] = judged(view, [told], day, months)
    row["version"] = texts["recorded_version"] or 0
    row["boards"] = [
        {
            "version": board.version,
            "term_from": board.term_from.isoformat(),
            "term_until": board.term_until.isoformat(),
            "ended_on": board.ended.isoformat() if board.ended else None,
            "members": [{"office": member.office, "name": member.name} for member in board.members],
        }
        for board in boards_of(texts["boards"])
    ]
    row["sks"] = [
        {
            "version": sk.version,
            "number": sk.number,
            "dated": sk.dated.isoformat(),
            "term_until": sk.term_until.isoformat(),
            "signatory": sk.signatory,
            "signatory_post": sk.signatory_post,
            "in_force": sk.dated <= day <= sk.term_until and row["dissolved_on"] is None,
        }
        for sk in sks_of(texts["sks"])
    ]
    row["unproven_steps"] = [
        {"target": each.version, "step": each.step, "wanted": sorted(wanted(each.step))}
        for each in waiting_of(texts["waiting"])
    ]
    row["missing_for_ratification"] = row.pop("missing")
    row["members"] = [{**member, "active": bool(member["active"])} for member in found["members"]]
    if newest:
        known = [one for one in read(found["history"]) if one.on <= day.isoformat()]
        row["newest"] = _newest(known, newest)
    return row


def _newest(entries: list[Entry], most: int) -> dict[str, list[Entry]]:
    """The newest of what a body did, of its money, and of all that was recorded of it: the two by the day on which they
    happened and without what was retracted, the last by when it was recorded."""
    done = sorted((one for one in entries if one.retracted is None), key=lambda one: (one.on, one.position))
    parts = {name: [one for one in done if one.topic in topics] for name, topics in _DONE.items()} | {"events": entries}
    return {name: [one.without_sealed() for one in part[: -most - 1 : -1]] for name, part in parts.items()}
