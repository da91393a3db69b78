"""What somebody reads before she decides on what another proposed, on the form of her yes or no, as far as she may read it:
the goals of a plan, the reason and outcome of an end, the answers of an assessment."""

from collections.abc import Mapping
from typing import Any

from service.web import around, ask, moment
from service.web.cases import DECIDED, entries_of
from service.web.spoken import said

#: By the commands that decide: the event on which they do; of a plan the case itself tells.
_ASKED_BY = {command: topics[0] for _name, _waits, _back, topics, commands in DECIDED for command in commands}
_PLANS = ("case.approve_plan", "case.return_plan")


def upon(command: str, places: Mapping[str, str]) -> dict[str, Any] | None:
    """What a command decides on; ``None`` for the others, and at a past moment, at which nobody decides."""
    decides = command in (*_PLANS, *_ASKED_BY) and not moment.past()
    told = ask.maybe(f"/cases/{places['stream']}") if decides else None
    if told is None or not told.fine:
        return None
    if command in _PLANS:
        plan = next((one for one in told.data["plans"] if str(one["number"]) == places["number"]), None)
        return {"plan": plan, "officers": around.officers()} if plan else None
    asked = [one for one in entries_of(told.data, papers=False) if one["topic"] == _ASKED_BY[command]]
    last = next((one for one in reversed(asked) if not one["retracted"]), None)
    return {"entry": last, "officers": {}, "answers": _answers(last)} if last else None


def _answers(entry: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    """The questions of an assessment, each with its answer and the most that it could be."""
    told = ask.maybe(f"/streams/{entry['stream']}/events/{entry['version']}") if "assessed" in entry["topic"] else None
    values = told.body["values"] if told and told.fine else {}
    given = values.get("details") or {}
    known: Any = ask.now("/instruments").body if given else ()
    asked = [
        one["questions"] for one in known if one["code"] == values["instrument"] and one["valid_from"] <= values["on"]
    ]
    return [
        (said(one["text"]), given[one["code"]], one["most"])
        for one in (asked[-1] if asked else ())
        if one["code"] in given
    ]
