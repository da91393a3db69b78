"""Which sealed texts of a case or a referral a reader may see, and opening them at the edge."""

from collections.abc import Iterable
from typing import Any

from domain.aggregate import Aggregate
from projections import people_lists
from projections.engine import View
from service.access import Sight
from service.api.current import office, principal
from service.api.people_shown import STRICT_WORD, reveal, sight_of, sights_of
from service.log.vault import DESTROYED

HIDDEN = {"destination": STRICT_WORD, "destination_kind": STRICT_WORD, "need": STRICT_WORD}
Place = tuple[str | None, str | None]  # a part's id, and where in the part the text stands


def may_read(row: dict[str, Any], worker: str | None, recorder: str | None = None) -> bool:
    """Whether whoever asks may read what is written about the person of a case or referral: ``beneficiary``, tier and
    village in ``row``."""
    who = principal()
    return sight_of(who, {**row, "key": row["beneficiary"], "worker": worker, "registered_by": recorder}) is Sight.FULL


def texts(places: Iterable[Place]) -> dict[Place, Any]:
    """The texts at these places. What was destroyed reads as `DESTROYED`."""
    wanted = [place for place in places if place[0]]
    opened = office().vault.open(part for part, _ in wanted if part)
    return {place: _at(opened.get(place[0] or ""), place[1] or "") for place in wanted}


def _at(values: Any, path: str) -> Any:
    if values is None:
        return DESTROYED
    for step in path.split("/"):
        if isinstance(values, list):
            values = values[int(step)] if int(step) < len(values) else None
        elif isinstance(values, dict):
            values = values.get(step)
    return values


def case_today(view: View, case: str, row: dict[str, Any]) -> dict[str, Any]:
    """What decides today about a case whose ``row`` may be of a past moment. A closed case keeps its tier, hers rises."""
    if "hers" in row and not view.past:
        return {**row, "tier": max(row["tier"], row["hers"] or Aggregate.STRICT_TIER)}
    found = view.today().one(
        "SELECT c.beneficiary, c.tier, c.village, c.worker, c.opened_by, p.tier AS hers FROM {cases} c "
        "LEFT JOIN {people} p ON p.key = c.beneficiary WHERE c.key = :case",
        case=case,
    )
    if found is None:
        return row
    tier = max(found["tier"], found["hers"] or Aggregate.STRICT_TIER)
    return {**found, "tier": tier, "restricted": row["restricted"]}


def open_case(view: View, row: dict[str, Any]) -> dict[str, Any]:
    """Put who it is about into one case, and its texts in place of their references, or nothing where the reader may not
    see them."""
    ruled = case_today(view, row["id"], row)
    readable = may_read(ruled, ruled["worker"], ruled["opened_by"])
    row.pop("hers", None)
    goals = [goal for plan in row["plans"] for goal in plan["goals"]]
    titled, reasoned = [*row["tasks"], *goals], [*row["plans"], *(row["answers"] if row["disputed"] else ())]
    story: Place = (row["story"], "story")
    places = [(one["title"], one["title_at"]) for one in titled] + [
        (one["reason"], one["reason_at"]) for one in reasoned
    ]
    wanted = [story, *places] if readable else []
    with_people(view, [row], along=[part for part, _ in wanted if part])
    found = texts(wanted)
    row["texts_shown"] = readable
    row["story"] = found.get(story)
    for one in titled:
        one["title"] = found.get((one["title"], one.pop("title_at")))
    for one in reasoned:
        one["reason"] = found.get((one["reason"], one.pop("reason_at")))
    return row


def open_destination(view: View, row: dict[str, Any], worker: str | None) -> dict[str, Any]:
    """Put the name of a sealed destination in place, or the word "ketat"."""
    hidden_since([row])
    del row["case_worker"]
    if not row.pop("destination_sealed"):
        return row
    shown: dict[str, Any] = dict(HIDDEN)
    ruled = case_today(view, row["case_id"], {**row, "worker": worker})
    if may_read({**row, "tier": max(row["tier"], ruled["tier"])}, ruled["worker"], row["submitted_by"]):
        places: dict[str, Place] = {name: (row["destination"], name) for name in shown}
        found = texts(places.values())
        shown = {name: found.get(place) for name, place in places.items()}
    row.update(shown)
    return row


def hidden_since(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Referrals without what decides how they are shown, but the ``case_worker``. Where one was sent in the open and is of
    somebody who has become strictly restricted since, whoever may not read about her today finds "ketat" in place of the
    destination."""
    who, strict = principal(), []
    for row in rows:
        tiers = row["tier"], row.pop("case_tier"), row.pop("person_tier")
        ruled = {"tier": max(one or Aggregate.STRICT_TIER for one in tiers), "worker": row["case_worker"]}
        if ruled["tier"] >= Aggregate.STRICT_TIER and not row["destination_sealed"]:
            strict.append((row, {**row, **ruled, "key": row["beneficiary"], "registered_by": row["submitted_by"]}))
    sights = sights_of(who, [about for _, about in strict])
    for (row, _), sight in zip(strict, sights, strict=True):
        if sight is not Sight.FULL:
            row.update(HIDDEN)
    return rows


def with_people(view: View, rows: list[dict[str, Any]], along: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Put who each case is about (``person``, ``sight``) as the reader may see it; the parts ``along`` are opened with
    them."""
    people = people_lists.persons(view, principal().account, sorted({row["beneficiary"] for row in rows}))
    known = [row for row in rows if row["beneficiary"] in people]
    about = [{**people[row["beneficiary"]], "worker": row["worker"], "restricted": row["restricted"]} for row in known]
    shown = reveal(principal(), about, view, along)
    for row in rows:
        row["person"], row["sight"] = None, Sight.NONE.value
    for row, person in zip(known, shown, strict=True):
        row["person"], row["sight"] = person["person"], person["sight"]
    return rows


def in_emergency(view: View, table: str, stream: str) -> tuple[str, dict[str, str]] | None:
    """Everything as a reach, when the row ``stream`` of ``cases`` or ``referrals`` is about whom this request opens in an
    emergency."""
    about = principal().emergency
    row = view.one(f"SELECT beneficiary FROM {{{table}}} t WHERE t.key = :stream", stream=stream) if about else None
    return ("1 = 1", {}) if row and row["beneficiary"] == about else None
