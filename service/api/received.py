"""What a household received, so that nobody gives the same twice without knowing it: a warning, never a refusal."""

from datetime import date
from typing import Any

from flask_smorest import Blueprint

from domain import double_aid
from projections import aid_lists, people_lists
from projections.engine import View
from projections.history_lists import Entry
from service.access import Sight
from service.api import fields
from service.api.beneficiary_history import told
from service.api.beneficiary_pages import seen_person
from service.api.cases import day_of
from service.api.current import office, principal
from service.api.people_shown import counted_below, exists, reveal, sights_of
from service.api.reads import read
from service.api.territory import DayQuery
from service.reach import Scope, scope

blueprint = Blueprint("received", __name__, url_prefix="/api/v1/beneficiaries", description="What a household received")
_NAMES = ("item", "goods", "kind")  # what was given; of a service without a thing, its kind
Given = tuple[Entry, str, dict[str, Any] | None]


class ReceivedQuery(DayQuery):
    kind = fields.text(60, metadata={"description": "Only this kind: a code of a service, of aid or of disaster goods"})


@read(blueprint, "/<stream>/received", ReceivedQuery, action="beneficiary.read")
def received(query: dict[str, Any], view: View, reach: Scope, stream: str) -> list[dict[str, Any]]:
    """What the household of a beneficiary was given, by cases and after disasters, that would be given twice if it were
    given on the day again: each kind has its period. As far as the asker may see whose it was; the latest first."""
    seen_person(view, reach, stream, alone=True)
    return by_households(query, view, reach, [stream])


def by_households(query: dict[str, Any], view: View, reach: Scope, people: list[str]) -> list[dict[str, Any]]:
    """The same of the households of several people."""
    day, wanted = query.get("on") or day_of(view), query.get("kind")
    household = aid_lists.households(view, people) if people else []
    given = [one for one in aid_lists.given_to(view, household) if _may_count(one[0], day)] if household else []
    found = _readable(view, reach, household, given)
    # What is opened is told in the trail of readings: nothing is that cannot be part of the answer.
    parts = {part for (entry, *_), sight in found if sight is Sight.FULL for part in entry.parts()}
    opened = office().vault.open(parts)
    shown = []
    for (entry, whom, _), sight in found:
        kind, on = _kind_of(entry, opened if sight is Sight.FULL else {}), date.fromisoformat(entry.on)
        last = double_aid.last_day(kind, on) if kind else None
        if last is None or not on <= day <= last or (wanted and double_aid.kind_of(wanted) != kind):
            continue
        line = told(entry, sight, opened if sight is Sight.FULL else None)
        shown.append({**line, "beneficiary": whom, "kind": kind, "until": last.isoformat()})
    then = people_lists.persons(view, reach.account, sorted({one["beneficiary"] for one in shown}))
    names = dict(zip(then, reveal(principal(), then.values(), view, along=parts), strict=True))
    for one in shown:
        one |= {name: names.get(one["beneficiary"], {}).get(name) for name in ("person", "sight")}
    return sorted(shown, key=lambda one: (one["on"], one["position"]), reverse=True)


def _may_count(entry: Entry, day: date) -> bool:
    """Whether the same again would be given twice, as far as can be told while what is sealed is closed."""
    kind, on = _kind_of(entry, {}), date.fromisoformat(entry.on)
    last = double_aid.last_day(kind, on) if kind else double_aid.latest(on)
    return last is not None and on <= day <= last


def _readable(view: View, reach: Scope, household: list[str], given: list[Given]) -> list[tuple[Given, Sight]]:
    """Those that the asker may know of today, and how each is shown."""
    who, work = principal(), scope(principal(), "case.read")
    people = people_lists.persons(view.today(), reach.account, household)
    kept, about = [], []
    for one in given:
        _, whom, case = one
        row = people.get(whom)
        if row is None or not (row["restricted"] or exists(who, row["tier"])):
            continue
        restricted = row["restricted"]
        if not reach.includes(row["village"], row["worker"], row["registered_by"], restricted=restricted):
            continue
        if case is not None:
            tier = max(case["tier"], row["tier"])
            mine = work.includes(case["village"], case["worker"], case["opener"], restricted=restricted)
            if not (mine and (restricted or tier < counted_below(who))):
                continue
            row = {**row, "tier": tier, "worker": case["worker"] or row["worker"]}
        elif not one[0].topic.startswith("incident."):
            continue
        kept.append(one)
        about.append(row)
    return [(one, sight) for one, sight in zip(kept, sights_of(who, about), strict=True) if sight is not Sight.NONE]


def _kind_of(entry: Entry, opened: dict[str, dict[str, Any]]) -> str:
    """What was given; nothing where it is sealed and the asker may not read it."""
    for name in _NAMES:
        said = entry.data.get(name)
        if isinstance(said, dict):
            said = (opened.get(str(said.get("part"))) or {}).get(name)
        if isinstance(said, str):
            return double_aid.kind_of(said)
    return ""
