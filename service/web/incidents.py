"""Disasters: the list of them, and the page of one with its victims, the relief delivered, figures and story."""

from typing import Any

from flask import request

from service.web import ask, territory, words
from service.web.frame import page, reach_of

LISTED, VICTIMS = 25, 50
CHOSEN_FROM = 500  # victims that are asked for at once
#: What may be recorded of a disaster, in the order of the days after it.
COMMANDS = (
    *("incident.record_victims", "incident.deliver_relief", "incident.verify_victim", "incident.report_figure"),
    *("incident.reconcile_figure", "incident.extend", "incident.close"),
)


@page("/bencana", "incidents.html", "incident.read")
def incidents() -> Any:
    """The disasters, the latest first; of one village those that hit it."""
    village = request.args.get("desa", "")
    told = ask.get("/incidents", village=village, limit=LISTED, cursor=request.args.get("lanjut"))
    return {
        "rows": told.data,
        "following": told.body.get("next_cursor"),
        "why": told.body["why"]["incident"],
        "villages": territory.names(),
        "village": village,
    }


@page("/bencana/<id>", "incident.html", "incident.read")
def incident(id: str) -> Any:
    """One disaster: what, where and when, its victims and what they lack, what was delivered, and its story."""
    told = ask.get(f"/incidents/{id}")
    victims = ask.maybe(f"/incidents/{id}/victims", limit=VICTIMS, cursor=request.args.get("lanjut"))
    row = told.data
    here = _recorded_here(row)
    return {
        "row": row,
        "why": told.body["why"]["incident"],
        "villages": territory.names(),
        "victims": victims.data if victims.fine else [],
        "following": victims.body.get("next_cursor"),
        "commands": [(command, {"stream": id}) for command in COMMANDS if here and _has_what_it_takes(command, row)],
        "verifiable": here,
        "story": ask.get(f"/incidents/{id}/history").data,
    }


def _recorded_here(row: dict[str, Any]) -> bool:
    """Whether whoever looks may record in a village that was hit."""
    return reach_of("incident.record").includes_one(row["villages"], everywhere=row["kabupaten_scale"])


def _has_what_it_takes(command: str, row: dict[str, Any]) -> bool:
    """Late facts of earlier days still come after the closing; it is closed once."""
    needed = {"incident.verify_victim": row["victims"], "incident.reconcile_figure": row["figures"]}
    return bool(needed.get(command, True)) and not (command == "incident.close" and row["closed_on"])


def victims_of(incident: str) -> list[tuple[str, str]]:
    """The victims of a disaster to choose from, by what they are called for whoever looks."""
    rows, names = list[dict[str, Any]](), territory.names()
    cursor: str | None = ""
    while cursor is not None:
        told = ask.maybe(f"/incidents/{incident}/victims", limit=CHOSEN_FROM, cursor=cursor)
        rows, cursor = [*rows, *(told.data if told.fine else ())], told.body.get("next_cursor")
    return [(one["victim"], f"{words.called(one)}, {names.get(one['village'], one['village'])}") for one in rows]
