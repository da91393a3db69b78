"""The territory over HTTP: publishing the list of villages, renaming, splitting and merging them by decree."""

from typing import Any

import marshmallow as ma
import msgspec
from flask_smorest import Blueprint

from domain.refusals import NotFound
from domain.territory import TERRITORY_ID, Territory
from domain.villages import Village
from projections import villages_in_force
from projections.engine import View
from service.api import fields
from service.api.cases import day_of
from service.api.commands import Form, Noun
from service.api.form import fit
from service.api.reads import ReadQuery, explain, read
from service.reach import Scope

blueprint = Blueprint(
    "territory", __name__, url_prefix="/api/v1/territory", description="The villages and their list over time"
)
noun = Noun(blueprint, Territory, "territory.record")


class VillageEntry(fields.Schema):
    """One desa or kelurahan; points are microdegrees."""

    code = fields.village(required=True)
    name = fields.text(required=True)
    kind = fields.code(("desa", "kelurahan"), required=True)
    kecamatan = ma.fields.String(required=True, validate=ma.validate.Regexp(r"\A\d{2}\.\d{2}\.\d{2}\Z"))
    kecamatan_name = fields.text(required=True)
    postal_code = ma.fields.String(load_default="", validate=ma.validate.Regexp(r"\A(\d{5})?\Z"))
    latitude = fields.whole(-90_000_000, 90_000_000, load_default=0)
    longitude = fields.whole(-180_000_000, 180_000_000, load_default=0)


class Redrawing(fields.EvidencedSchema):
    """A change holds from ``valid_from`` and makes the version ``edition`` of the list, by a decree."""

    edition = fields.code(required=True)
    decree = fields.text(required=True)
    valid_from = fields.day(required=True)


def _villages(**options: Any) -> ma.fields.List[Any]:
    return ma.fields.List(ma.fields.Nested(VillageEntry), validate=ma.validate.Length(1, 1000), **options)


class TerritoryList(Redrawing):
    villages = _villages(metadata={"description": "Left out: the 205 of Kabupaten Gorontalo as first published"})


class VillageRenaming(Redrawing):
    code = fields.village(required=True)
    name = fields.text(required=True)


class VillageSplit(Redrawing):
    code = fields.village(required=True)
    villages = _villages(required=True)


class VillageMerger(Redrawing):
    codes = ma.fields.List(fields.village(), required=True, validate=ma.validate.Length(2, 50))
    into = ma.fields.Nested(VillageEntry, required=True)


def _redraw(form: Form, method: str, **more: Any) -> str:
    form.require("territory.record")
    territory = form.load(Territory, TERRITORY_ID)
    function = getattr(Territory, method)
    arguments = {**form.fill(TERRITORY_ID), "evidence": form.evidence(TERRITORY_ID), "on": form.on, **more}
    getattr(territory, method)(**fit(function, arguments))
    return TERRITORY_ID


@noun.route("/lists", TerritoryList, "territory.republish")
def publish(form: Form) -> str:
    """Publish a whole list of villages that replaces the earlier one from the day it holds."""
    form.require("territory.record")
    try:
        form.load(Territory, TERRITORY_ID)
    except NotFound:
        arguments = {**form.fill(TERRITORY_ID), "evidence": form.evidence(TERRITORY_ID), "on": form.on}
        form.decision.begin(Territory.publish(TERRITORY_ID, **fit(Territory.publish, arguments)))
        return TERRITORY_ID
    return _redraw(form, "republish")


@noun.route("/renamings", VillageRenaming, "territory.rename")
def rename(form: Form) -> str:
    """A village takes another name and keeps its code."""
    return _redraw(form, "rename")


@noun.route("/splits", VillageSplit, "territory.split")
def split(form: Form) -> str:
    """A village becomes several (pemekaran); the mother village is among them if it remains."""
    return _redraw(form, "split")


@noun.route("/mergers", VillageMerger, "territory.merge")
def merge(form: Form) -> str:
    """Several villages become one (penggabungan)."""
    return _redraw(form, "merge", into=msgspec.convert(form.data["into"], Village))


class DayQuery(ReadQuery):
    on = fields.day(metadata={"description": "The day that is asked about; left out: the day of the answer's clock"})


@read(blueprint, "", DayQuery, action="territory.read")
def listing(query: dict[str, Any], view: View, reach: Scope) -> dict[str, Any]:
    """The villages in force on a day, the version of the list, and every change of it."""
    day = query.get("on") or day_of(view)
    known = villages_in_force.territory(view)
    standing = villages_in_force.within(view, reach.where("key"), day, known)
    explain(view, day, kecamatan="board.{field}?kecamatan={kecamatan}")
    return {
        "on": day.isoformat(),
        "edition": known.edition_on(day),
        "villages": [msgspec.structs.asdict(village) for village in standing.values()],
        "changes": villages_in_force.changes(view),
    }
