"""One day recorded for many villages in one command: a socialization or a coaching to which many WKSBM came."""

from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from domain.refusals import NotFound
from domain.wksbm import Wksbm
from service.api import wksbm_schemas as schemas
from service.api.commands import Form, Noun
from service.api.wksbm import begin
from service.log.ids import new_id

blueprint = Blueprint("wksbm_days", __name__, url_prefix="/api/v1", description="One day for many WKSBM")
noun = Noun(blueprint, Wksbm, "wksbm.record")


def _standing(form: Form) -> list[Wksbm]:
    """The bodies that were named, each once. Raises ``ValidationError`` naming those that are not there or dissolved."""
    found, wrong = [], {}
    for index, stream in enumerate(dict.fromkeys(form.data["wksbm"])):
        try:
            wksbm = form.load(Wksbm, stream)
        except NotFound:
            wrong[index] = ["WKSBM ini tidak ada."]
            continue
        if wksbm.dissolved:
            wrong[index] = ["WKSBM ini sudah dibubarkan."]
        form.require("wksbm.record", village=wksbm.village)
        found.append(wksbm)
    if wrong:
        raise ma.ValidationError({"wksbm": wrong})
    return found


def _held(form: Form, method: str, bodies: list[Wksbm], names: set[str]) -> str:
    """Record the day with each body, its personal texts sealed under each body's own key; the papers are shared."""
    if not bodies:
        raise ma.ValidationError({"wksbm": ["Sebutkan sedikitnya satu WKSBM."]})
    session: str = form.data.setdefault("session", new_id())
    evidence = form.evidence(bodies[0].id)
    for wksbm in bodies:
        arguments: dict[str, Any] = form.fill(wksbm.id, only=names)
        getattr(wksbm, method)(on=form.on, session=session, evidence=evidence, **arguments)
    return str(bodies[0].id)


@noun.route("/socializations", schemas.WksbmSocializationDay, "wksbm.hold_socialization_day")
def socialization_day(form: Form) -> str:
    """One socialization held for many: recorded with every WKSBM named, and with those that begin with it."""
    bodies = _standing(form)
    for one in form.data["initiations"]:
        stream = one.setdefault("id", new_id())
        bodies.append(begin(form, stream, **{name: value for name, value in one.items() if name != "id"}))
    return _held(form, "hold_socialization", bodies, {"attendance", "minutes"})


@noun.route("/coachings", schemas.WksbmCoachingDay, "wksbm.conduct_coaching_day")
def coaching_day(form: Form) -> str:
    """One coaching held for many WKSBM."""
    return _held(form, "conduct_coaching", _standing(form), {"kind", "organizer", "participants", "note"})
