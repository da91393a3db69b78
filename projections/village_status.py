"""The village board: all villages in force on a day, those with nothing too, with their WKSBM, people and cases.

Counts are grouped queries at the view's position. What was known is the view's; ``day`` is the day that is judged.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from projections.people_lists import NOBODY_HIDDEN, existing
from projections.together import Question, several
from projections.view import Reached, Rows, View
from projections.villages_in_force import territory, within
from projections.wksbm_lists import bodies_in

# What is counted of a village, in SQL over the rows of people, cases and referrals.
ACTIVE, OPEN = "state = 'active'", "open = 1"
_NOT_OF_PEOPLE = " OR ".join(f"h.topic LIKE '{noun}.%'" for noun in ("wksbm", "kps", "psks", "territory"))


def _counts(view: View, reach: Reached, how: str, below: int) -> dict[str, dict[str, int]]:
    """Of each village: active people by tier, open cases, open referrals, of nobody of tier ``below`` or higher. ``how``
    says how to go through the tables: all of them each by itself, from its index; for one village together."""
    where, values = reach
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    asked = {
        name: Question(
            (*by, "COUNT(*) AS n"),
            f"FROM {{{table}{how}}} WHERE {where} AND {state} AND {existing(table, below)} GROUP BY {', '.join(by)}",
        )
        for name, table, by, state in (
            ("tier", "people", ("village", "tier"), ACTIVE),
            ("open_cases", "cases", ("village",), OPEN),
            ("open_referrals", "referrals", ("village",), OPEN),
        )
    }
    if how:
        rows = {name: view.rows(f"SELECT {', '.join(one.columns)} {one.rest}", **values) for name, one in asked.items()}
    else:
        rows = several(view, asked, **values)
    for name, counts in rows.items():
        for row in counts:
            found[row["village"] or ""][f"tier_{row['tier']}" if name == "tier" else name] += row["n"]
    return found


def _last_events(view: View, codes: list[str], below: int) -> dict[str, dict[str, Any]]:
    """Of each village the event recorded last: its day, when it was recorded, its position and its topic.
    Who does not know of everybody is told nothing of what was recorded about people."""
    more = "" if below >= NOBODY_HIDDEN else f"AND ({_NOT_OF_PEOPLE}) "
    keys = {
        row["key"]: row["event"]
        for row in view.rows(
            "SELECT v.key, (SELECT h.key FROM {history} h WHERE h.village = v.key AND h.recorded <= :clock "
            + more
            + "ORDER BY h.recorded DESC, h.since DESC LIMIT 1) AS event FROM {villages} v WHERE v.key IN :codes",
            codes=codes,
            clock=view.clock,
        )
    }
    rows = view.rows(
        "SELECT key, topic, on_day, recorded, since FROM {history} WHERE key IN :keys",
        keys=[key for key in keys.values() if key],
    )
    events = {row["key"]: row for row in rows}
    return {
        village: {
            "topic": events[key]["topic"],
            "on": events[key]["on_day"],
            "recorded": events[key]["recorded"],
            "position": events[key]["since"],
        }
        for village, key in keys.items()
        if key in events
    }


def board(
    view: View,
    reach: Reached,
    reach_key: Reached,
    day: date,
    months: int,
    code: str | None = None,
    below: int = NOBODY_HIDDEN,
    *,
    bodies_only: bool = False,
) -> Rows:
    """Every village in force on ``day`` within reach, or the one with ``code``, in order of code.

    ``reach`` is SQL over ``village``, ``reach_key`` the same over ``key``; people of tier ``below`` or higher, and the
    work for them, are not counted. What was recorded under the code of a village
    that was merged since counts for the one it went into. With ``bodies_only`` nothing is told but the village and its
    WKSBM.
    """
    known = territory(view)
    standing = within(view, reach_key, day, known)
    codes = known.successors_on(day)
    if code is not None:
        standing = {code: standing[code]} if code in standing else {}
        olds = [code, *(old for old, now in codes.items() if now == code)]
        reach = (f"{reach[0]} AND village IN :olds", {**reach[1], "olds": olds})
    how = ":all" if code is None else ""
    rows: dict[str, dict[str, Any]] = {}
    for village in standing.values():
        rows[village.code] = {
            "code": village.code,
            "name": village.name,
            "kind": village.kind,
            "kecamatan": village.kecamatan,
            "kecamatan_name": village.kecamatan_name,
            "latitude": village.latitude,
            "longitude": village.longitude,
            "stage": "belum_ada",
            "wksbm": [],
            "unproven": 0,
        }
    for body in bodies_in(view, reach, day, months, how=how):
        if row := rows.get(_now(codes, body["village"])):
            row["wksbm"].append(body)
            row["unproven"] += body["unproven"]
            row["stage"] = max(row["stage"], body["stage"], key=_STAGES.index)
    if bodies_only:
        return list(rows.values())
    for row in rows.values():
        row |= {"people": {"tier_1": 0, "tier_2": 0, "tier_3": 0}, "open_cases": 0, "open_referrals": 0}
    for village_code, counts in _counts(view, reach, how, below).items():
        if row := rows.get(_now(codes, village_code)):
            for name, count in counts.items():
                (row["people"] if name.startswith("tier_") else row)[name] += count
    olds_of: dict[str, list[str]] = defaultdict(list)
    for old, now in codes.items():
        olds_of[now].append(old)
    last = _last_events(view, [*rows, *(old for now in rows for old in olds_of[now])], below)
    for now, row in rows.items():
        events = [last[known_as] for known_as in (now, *olds_of[now]) if known_as in last]
        row["last_event"] = max(events, key=lambda event: int(event["position"]), default=None)
    return list(rows.values())


def stages(view: View, day: date, months: int) -> Rows:
    """Of every village in force on ``day`` its names, the stage of its WKSBM and whether an SK of one is in force, which is
    what coverage calls ``sah``; and nothing of people."""
    known = territory(view)
    codes = known.successors_on(day)
    rows: dict[str, dict[str, Any]] = {
        one.code: {
            "code": one.code,
            "name": one.name,
            "kecamatan": one.kecamatan,
            "kecamatan_name": one.kecamatan_name,
            "stage": "belum_ada",
            "sk_in_force": False,
        }
        for one in known.villages_on(day).values()
    }
    for body in bodies_in(view, ("1 = 1", {}), day, months, how=":all"):
        if row := rows.get(_now(codes, body["village"])):
            row["stage"] = max(row["stage"], body["stage"], key=_STAGES.index)
            row["sk_in_force"] |= body["sk_in_force"]
    return list(rows.values())


def _now(codes: dict[str, str], village: str) -> str:
    """The village that stands for a code: its successor when it was merged."""
    return codes.get(village, village)


#: What a WKSBM may lack, and how its row tells it.
LACKING: dict[str, Callable[[dict[str, Any]], bool]] = {
    "unproven": lambda body: body["unproven"] > 0,
    "sk_expired": lambda body: bool(body["sk_until"]) and not body["sk_in_force"],
    "board_expired": lambda body: body["stage"] in ("terbentuk", "sah") and not body["board_in_office"],
    "inactive": lambda body: body["dormant"] or (body["stage"] in ("terbentuk", "sah") and not body["active"]),
}


def lacks(row: dict[str, Any], wanted: Iterable[str]) -> bool:
    """Whether a village of the board has a WKSBM, not a dissolved one, that lacks all of these; or nothing is asked."""
    rules = [LACKING[name] for name in wanted]
    running = (body for body in row["wksbm"] if body["stage"] != "dibubarkan")
    return not rules or any(all(rule(body) for rule in rules) for body in running)


_STAGES = ("belum_ada", "dibubarkan", "dirintis", "terbentuk", "sah")


def by_kecamatan(rows: Rows) -> Rows:
    """The board rolled up by kecamatan: villages by stage, bodies, steps without papers, people, cases, referrals."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        total = found.setdefault(
            row["kecamatan"],
            {
                "code": row["kecamatan"],
                "name": row["kecamatan_name"],
                "villages": 0,
                "stages": dict.fromkeys(_STAGES, 0),
                "wksbm": 0,
                "sk_in_force": 0,
                "active": 0,
                "dormant": 0,
                "unproven": 0,
                "people": {"tier_1": 0, "tier_2": 0, "tier_3": 0},
                "open_cases": 0,
                "open_referrals": 0,
            },
        )
        total["villages"] += 1
        total["stages"][row["stage"]] += 1
        bodies = [body for body in row["wksbm"] if body["stage"] != "dibubarkan"]
        total["wksbm"] += len(bodies)
        for name in ("sk_in_force", "active", "dormant"):
            total[name] += sum(body[name] for body in bodies)
        for name in ("unproven", "open_cases", "open_referrals"):
            total[name] += row[name]
        for tier, count in row["people"].items():
            total["people"][tier] += count
    return [found[code] for code in sorted(found)]
