"""The page of a WKSBM, step by step, and those of the groups (KPS) and helpers (PSKS) of a village."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from flask_babel import lazy_gettext as _

from domain.wksbm import Wksbm
from domain.wksbm_legal import MISSING
from service.web import around, ask
from service.web.frame import page


class Step(msgspec.Struct):
    """One step of the way: what it is, its command, the day it was done, and the papers that would prove it."""

    label: Any
    command: str
    done: Any
    wanted: list[str]

    @property
    def state(self) -> str:
        """done when it is proven, said when it is only reported, else missing."""
        return "missing" if not self.done else "said" if self.wanted else "done"


_STEPS = (
    (_("Dirintis"), "wksbm.initiate", "wksbm.initiated", "begun_on"),
    (_("Sosialisasi"), "wksbm.hold_socialization", "wksbm.socialization_held", "socialized_on"),
    (_("KPS yang ada dicatat"), "wksbm.identify_kps", "wksbm.kps_identified", "kps_found"),
    (_("Musyawarah"), "wksbm.hold_deliberation", "wksbm.deliberation_held", "deliberated_on"),
    (_("Dibentuk"), "wksbm.form", "wksbm.formed", "formed_on"),
    (_("Pengurus diangkat"), "wksbm.appoint_board", "wksbm.board_appointed", "term_from"),
    (_("Disahkan dengan SK"), "wksbm.ratify", "wksbm.ratified", "ratified_on"),
    (_("Terdaftar di dinas"), "wksbm.register_at_office", "wksbm.registered_at_office", "registered_on"),
)
FEW = 3  # of its members, activities, funds and history on the page of its village
LATER = (
    *(
        "wksbm.join_kps",
        "wksbm.report_activity",
        "wksbm.raise_funds",
        "wksbm.distribute_funds",
        "wksbm.provide_facility",
    ),
    *("wksbm.conduct_coaching", "wksbm.assess", "wksbm.provide_evidence", "wksbm.find_dormant", "wksbm.reactivate"),
    *("wksbm.end_board_term", "wksbm.dissolve"),
)
#: Those of them that fit only a body that stands in a certain way.
_ONLY: Mapping[str, Callable[[dict[str, Any]], Any]] = {
    "wksbm.assess": lambda body: body["formed_on"],
    "wksbm.find_dormant": lambda body: body["formed_on"] and not body["dormant"],
    "wksbm.reactivate": lambda body: body["dormant"],
    "wksbm.end_board_term": lambda body: body["board_in_office"],
}
#: One day recorded for many, to be found where many are listed.
TOGETHER: tuple[tuple[str, dict[str, Any]], ...] = (
    ("wksbm.conduct_coaching_day", {}),
    ("wksbm.hold_socialization_day", {}),
)


def groups_beside(wksbm: str) -> list[tuple[str, str]]:
    """The running groups of the village of a WKSBM that are not its members, in the order of their names."""
    body = ask.maybe(f"/wksbm/{wksbm}")
    told = ask.maybe(f"/villages/{body.data['village']}") if body.fine else body
    if not told.fine:
        return []
    members = {one["id"] for one in body.data["members"] if one["active"]}
    groups = [(one["name"], one["id"]) for one in told.data["kps"] if one["active"] and one["id"] not in members]
    return [(id, name) for name, id in sorted(groups)]


def steps_of(body: dict[str, Any]) -> list[Step]:
    """The way of a WKSBM as far as it went, and what of it is proven. What it lacks for its SK is put into words."""
    body["lacks"] = [MISSING[code] for code in body["missing_for_ratification"]]
    wanted: dict[str, list[str]] = {}
    for one in body["unproven_steps"]:
        wanted.setdefault(one["step"], []).extend(one["wanted"])
    return [Step(label, command, body[day], wanted.get(topic, [])) for label, command, topic, day in _STEPS]


def next_of(row: dict[str, Any]) -> tuple[Any, list[Any]]:
    """Of a WKSBM as lists have it: its next step towards an SK, or towards another one when it has ended, ``None`` when
    there is nothing to wait for, and what it lacks for it."""
    if row["stage"] == "dibubarkan" or row["sk_in_force"]:
        waits = row["sk_in_force"] and not row["registered_on"]
        return (_STEPS[-1][0] if waits else None), []
    step = _("SK baru") if row["ratified_on"] else next((label for label, _, _, day in _STEPS if not row[day]), None)
    return step, [MISSING[code] for code in row["missing"]]


def later_of(body: dict[str, Any]) -> list[str]:
    """What is offered beside the steps of a WKSBM as it stands; of a dissolved one, papers that were missing."""
    if body["stage"] == "dibubarkan":
        return ["wksbm.provide_evidence"]
    return [one for one in LATER if one not in _ONLY or _ONLY[one](body)]


def deliberations(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The deliberations in a history that were not retracted."""
    return [one for one in history if one["topic"] == Wksbm.DeliberationHeld.TOPIC and not one["retracted"]]


def ways_of(bodies: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The way of each WKSBM of a village that was not dissolved, by its id, for whoever may read it."""
    found = {}
    for one in bodies:
        if one["stage"] != "dibubarkan" and (told := ask.maybe(f"/wksbm/{one['id']}", newest=FEW)).fine:
            found[one["id"]] = {"body": told.data, "steps": steps_of(told.data)}
    return found


@page("/wksbm/<id>", "wksbm.html", "wksbm.read")
def wksbm_page(id: str) -> Any:
    """A WKSBM: its way, board, members, activities, funds, and its history in sentences."""
    told = ask.get(f"/wksbm/{id}")
    body = told.data
    history = ask.get(f"/wksbm/{id}/history").data
    return {
        "body": body,
        "why": told.body["why"],
        "steps": steps_of(body),
        "later": later_of(body),
        "history": history,
        "held": deliberations(history),
        "officers": around.officers(history),
    }


@page("/kps/<id>", "register.html", "kps.read")
def kps_page(id: str) -> Any:
    """A group of the village: majelis taklim, arisan, paguyuban and others."""
    entry = ask.get(f"/kps/{id}").data
    return {"entry": entry, "commands": ("kps.end",) if entry["active"] else ("kps.resume",)}


@page("/psks/<id>", "register.html", "psks.read")
def psks_page(id: str) -> Any:
    """Somebody or a body that helps: volunteers, foundations, companies."""
    commands = ("psks.offer_service", "psks.withdraw_service", "psks.end", "psks.resume")
    entry = ask.get(f"/psks/{id}").data
    left_out = {"psks.resume"} if entry["active"] else {"psks.end", "psks.offer_service", "psks.withdraw_service"}
    return {"entry": entry, "commands": [one for one in commands if one not in left_out]}
