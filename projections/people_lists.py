"""Questions about people in need. What decides how a person is shown (tier, village, worker, and whether
processing is restricted) comes with every row."""

from collections.abc import Callable
from typing import Any

from projections.consent_lists import RESTRICTED
from projections.consents import consents
from projections.people import classifications, needs, people
from projections.together import Question, several, whole
from projections.view import Reached, Row, Rows, View


def worker_of(person: str) -> str:
    """SQL of who works today with the person of that key: the account that asks (``:me``) when it does, else somebody,
    else NULL."""
    return (
        f"(SELECT c.worker FROM {{cases:today}} c WHERE c.beneficiary = {person} AND c.worker IS NOT NULL"
        " ORDER BY CASE WHEN c.worker = :me THEN 0 ELSE 1 END, c.open DESC, c.key DESC LIMIT 1)"
    )


WORKER = worker_of("p.key")
# What decides today about a person of `{people} p`, besides her own row.
_DECIDED = (f"{WORKER} AS worker", f"CASE WHEN p.key IN {RESTRICTED} THEN 1 ELSE 0 END AS restricted")
DECIDED = ", ".join(_DECIDED)
IN_VILLAGE = "p.village >= :village AND p.village < :beyond"  # a range of an index
FILTERS = ("village", "tier", "state", "kind")
#: In which column of a projection the person stands whom a row is about.
ABOUT = {"people": "key", "cases": "beneficiary", "referrals": "beneficiary"}
NOBODY_HIDDEN = 4


def existing(table: str, below: int) -> str:
    """SQL over the rows of a projection: those about nobody of tier ``below`` or higher, as she is today or as she was.
    `NOBODY_HIDDEN` leaves nobody out. Of work for somebody of tier 2 it is known that there is some."""
    if below >= NOBODY_HIDDEN or table not in {*ABOUT, "victims", "period_facts"}:
        return "1 = 1"
    if table == "victims":
        return f"victim NOT IN ({_hidden(below)})"
    work = max(below, 3)
    if table == "period_facts":
        of_work = (
            f"stream NOT IN (SELECT hidden.key FROM {{{name}:today}} hidden WHERE hidden.tier >= {work:d} OR "
            f"hidden.{ABOUT[name]} IN ({_hidden(work)}))"
            for name in ("cases", "referrals")
        )
        return f"(stream NOT IN ({_hidden(below)}) AND {' AND '.join(of_work)})"
    least = below if table == "people" else work
    return f"(tier < {least:d} AND {ABOUT[table]} NOT IN ({_hidden(least)}))"


def _hidden(tier: int) -> str:
    return f"SELECT whom.key FROM {{people:today}} whom WHERE whom.tier >= {tier:d}"


def village_range(village: str) -> dict[str, str]:
    """The parameters of `IN_VILLAGE` for a village, or for all whose code begins so."""
    return {"village": village, "beyond": f"{village}~"}  # behind all digits and the dot


def persons(view: View, me: str, ids: list[str]) -> dict[str, dict[str, Any]]:
    """The rows of some people, by id, each with its ``worker`` and whether it is ``restricted`` today."""
    known = _known(view, me)
    if missing := [id for id in dict.fromkeys(ids) if id not in known]:
        known |= dict.fromkeys(missing)
        rows = _then_and_today(view, me, "p.key IN :ids", ids=missing)
        known |= {row["key"]: row for row in rows}
    return {id: dict(row) for id in dict.fromkeys(ids) if (row := known[id]) is not None}


def _known(view: View, me: str) -> dict[str, Row | None]:
    return view.known(f"people, for {me}")


def _then_and_today(view: View, me: str, where: str, **values: Any) -> Rows:
    """The people of whom ``where`` holds at the view's position. Of a past moment those of whom it holds today are read
    with them: `persons` will be asked for today's rows, which decide how each is shown."""
    columns = ", ".join((*(f"p.{name}" for name in (*people.names, "since")), *_DECIDED))
    if not view.past or view.position == view.today().position:
        return view.rows(f"SELECT {columns} FROM {{people}} p WHERE {where}", me=me, **values)
    asked = f"SELECT 1 AS today, {columns} FROM {{people:today}} p WHERE {where}"
    # A row that has not changed since is both: it is read once.
    _, ended = view.parts()
    asked += f" UNION ALL SELECT 0 AS today, {columns} FROM {{people:part}} p WHERE {where}"
    told: tuple[Rows, Rows] = ([], [])
    for row in ended.rows(asked, me=me, **values):
        told[row["today"]].append(without(row, "today"))
    _known(view.today(), me).update((row["key"], row) for row in told[1])
    return told[0] + [row for row in told[1] if row["since"] <= view.position]


_AROUND = " UNION ALL ".join(
    (
        *(f"SELECT k.{column} AS key FROM {{people}} k WHERE k.key = :id" for column in ("key", "family", "linked_to")),
        *(f"SELECT k.key FROM {{people}} k WHERE k.{column} = :id" for column in ("family", "linked_to")),
        *(
            f"SELECT k.key FROM {{people}} her JOIN {{people}} k ON k.{column} = her.{column} WHERE her.key = :id"
            for column in ("family", "linked_to")
        ),
        "SELECT h.stream FROM {history} h WHERE h.about = :id AND h.topic LIKE 'beneficiary.family_%'",
    )
)
_DECIDED_ABOUT = {
    "classifications": whole(classifications, "k WHERE k.beneficiary = :id ORDER BY k.from_on, k.key"),
    "needs": whole(needs, "n WHERE n.beneficiary = :id ORDER BY n.year, n.key"),
    "consents": whole(consents, "k WHERE k.beneficiary = :id ORDER BY k.given_on, k.consent"),
    "emergencies": Question(
        ("key AS id", "ends"),
        "FROM {emergencies} WHERE beneficiary = :id AND holder = :me AND ended IS NULL AND ends > :clock ORDER BY id",
    ),
}


def _around(near: str) -> Question:
    """A person, family or community, those of her family and its members, who joined or left it, the record that hers is
    linked to, and those linked to it and to hers, as `persons` gives them; hers with the last version recorded of it
    (``recorded_version``)."""
    version = "(SELECT MAX(h.version) FROM {history} h WHERE h.stream = p.key)"
    last = f"CASE WHEN p.key = :id THEN {version} END AS recorded_version"
    return Question(
        (*people.names, "since", *_DECIDED, last), f"FROM {{people}} p WHERE p.key IN {near} ORDER BY p.key"
    )


#: Those of them who decide today how each is shown.
_AROUND_TODAY = Question((*people.names, "since", *_DECIDED), "FROM {people:today} p WHERE p.key IN :near")


def without(row: Row, name: str) -> Row:
    """The row without one of its columns."""
    return {column: value for column, value in row.items() if column != name}


def holding(view: View, me: str, parts: list[str]) -> list[dict[str, Any]]:
    """The people whose identity is in one of these parts, at the view's position."""
    known = _known(view, me)
    wanted = set(parts)
    found = [dict(row) for row in known.values() if row and row["identity"] in wanted]
    there = {row["identity"] for row in found}
    if not (missing := [part for part in parts if part not in there]):
        return found
    rows = _then_and_today(view, me, "p.identity IN :parts", parts=missing)
    known |= {row["key"]: dict(row) for row in rows}
    return found + rows


def listed(
    view: View,
    me: str,
    *,
    reached: Callable[[View], Reached],
    asked: dict[str, Any],
    limit: int,
    after: tuple[str, str] | None = None,
) -> list[dict[str, Any]]:
    """People by village and id. ``reached`` gives the asker's reach over `{people} p` of a part of the view; ``asked``
    may name village (the beginning of its code will do), tier, state, kind and type; ``after`` is the village and id of
    the last one seen."""
    more, values = "", {"me": me, "limit": limit}
    if "village" in asked:
        more, values = f"{more} AND {IN_VILLAGE}", {**values, **village_range(asked["village"])}
    for name in FILTERS[1:]:
        if name in asked:
            more, values = f"{more} AND p.{name} = :{name}", {**values, name: asked[name]}
    typed = "SELECT 1 FROM {classifications} k WHERE k.beneficiary = p.key AND k.type = :type AND k.active = 1"
    if "type" in asked:
        values["type"] = asked["type"]
    if after:
        more, values = f"{more} AND (p.village, p.key) > (:v, :k)", {**values, "v": after[0], "k": after[1]}

    def of(part: View) -> Rows:
        where, who = reached(part)
        if "type" in asked:
            where += f" AND {part.some(typed)}"
        return part.rows(
            f"SELECT p.*, {DECIDED} FROM {{people:listed}} p WHERE {where}{more} "
            "ORDER BY p.village, p.key LIMIT :limit",
            **values,
            **who,
        )

    return view.first(of, lambda row: (row["village"] or "", row["key"]), limit)


def person(view: View, me: str, beneficiary: str, *, brief: bool = False) -> dict[str, Any] | None:
    """One beneficiary with its family members, the records linked to it, the last version recorded of it
    (``recorded_version``) and, unless ``brief``, its types, needs, consents and the emergency accesses to it that ``me``
    holds; ``None`` when there is none."""
    near, ids = f"({_AROUND})", {}
    if view.past:  # of a past moment a planner that does not know how few they are would go through everybody
        near, ids = ":near", {"near": [row["key"] for row in view.rows(_AROUND, id=beneficiary) if row["key"]]}
    asked = {"around": _around(near)} | ({} if brief else _DECIDED_ABOUT)
    if view.past:
        asked["today"] = _AROUND_TODAY
    told = several(view, asked, me=me, id=beneficiary, clock=view.clock, **ids)
    rows = told.pop("around")
    known = _known(view, me)
    known |= {row["key"]: without(row, "recorded_version") for row in rows} | ({} if rows else {beneficiary: None})
    _known(view.today(), me).update((row["key"], row) for row in told.pop("today", ()))
    found = next((row for row in rows if row["key"] == beneficiary), None)
    return found and {
        **found,
        "members": [without(row, "recorded_version") for row in rows if row["family"] == beneficiary],
        "duplicates": [row["key"] for row in rows if row["linked_to"] == beneficiary],
        **told,
    }


def open_cases(view: View, beneficiary: str) -> list[str]:
    """The ids of the cases that run for a beneficiary."""
    rows = view.rows("SELECT c.key FROM {cases} c WHERE c.beneficiary = :id AND c.open = 1", id=beneficiary)
    return [row["key"] for row in rows]


def in_village(view: View, village: str, limit: int) -> list[str]:
    """The identity parts of those who live in a village or kecamatan, at most ``limit``."""
    sql = f"SELECT p.identity FROM {{people:all}} p WHERE {IN_VILLAGE} LIMIT :limit"
    rows = view.through(lambda part: part.rows(sql, **village_range(village), limit=limit))
    return [row["identity"] for row in rows][:limit]
