"""Searching for people. Terms travel in the body only: a URL is written into logs and histories."""

from functools import partial
from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from domain.aggregate import Aggregate
from projections import people_lists
from projections.view import View
from service import search as finding
from service.access import Sight
from service.api import fields
from service.api.beneficiary_pages import seen_person
from service.api.current import office, principal
from service.api.people_shown import Row, reveal, ruled_today, sight_of, sights_of
from service.api.reads import AS_OF, AsOf, PlaceSchema, ReadQuery, answer, read, viewing
from service.reach import Scope, scope

MOST_ALIKE = 10
blueprint = Blueprint("search", __name__, url_prefix="/api/v1/people", description="Search")


class Search(fields.Schema):
    """A name (spelling variants are found too), a NIK or its last six digits, or a year of birth in a village."""

    name = fields.text()
    nik = fields.text(40)
    village = fields.text(13, metadata={"description": "Code of a village or a kecamatan"})
    birth_year = fields.whole(1880, 2200)
    limit = ma.fields.Integer(strict=True, load_default=20, validate=ma.validate.Range(1, 100))
    as_of = AsOf(metadata={"description": AS_OF, "type": "string"})

    @ma.validates_schema
    def asks_enough(self, data: dict[str, Any], **_: Any) -> None:
        if not (data.get("name") or data.get("nik") or (data.get("birth_year") and data.get("village"))):
            raise ma.ValidationError("Isi nama, NIK, atau tahun lahir bersama desa/kelurahan.")


class Nothing(fields.Schema):
    """What the address asks: nothing. An `as_of` there would else be answered with the present."""


@blueprint.route("/search", methods=["POST"])
@blueprint.arguments(Search)
@blueprint.arguments(Nothing, location="query")
@blueprint.response(200, PlaceSchema)
@blueprint.alt_response(403, schema="ProblemSchema", content_type="application/problem+json")
@blueprint.alt_response(422, schema="ProblemSchema", content_type="application/problem+json")
@blueprint.alt_response(503, schema="ProblemSchema", content_type="application/problem+json")
def people(asked: dict[str, Any], _: dict[str, Any]) -> Any:
    """The people who answer, the likeliest first, within the asker's rights, today or as known at a past moment."""
    who, here = principal(), office()
    reach = scope(who, "search.people")
    with viewing(asked) as view:
        found = finding.find(here, view, who.account, asked, partial(_within, view, reach))
        return answer(view, reveal(who, found[: asked["limit"]], view))


def _within(
    view: View, reach: Scope, rows: list[dict[str, Any]], below: int = people_lists.NOBODY_HIDDEN
) -> list[dict[str, Any]]:
    """Those of the people whom the asker may see, and who were and are of a tier ``below`` one."""
    ruled = zip(rows, ruled_today(view, reach.account, rows), strict=True)
    known = [(row, today) for row, today in ruled if _highest(row, today) < below]
    return [
        row
        for (row, one), sight in zip(known, sights_of(principal(), [today for _, today in known]), strict=True)
        if sight is not Sight.NONE
        and reach.includes(one["village"], one["worker"], one["registered_by"], restricted=one["restricted"])
    ]


def _highest(row: Row, today: Row) -> int:
    """The higher of the tiers that somebody had then and has today; an unknown one counts as the strictest."""
    return max(each["tier"] or Aggregate.STRICT_TIER for each in (row, today))


class AlikeQuery(ReadQuery):
    people = ma.fields.Boolean(
        load_default=False,
        metadata={"description": f"Tell who they are, too, the first {MOST_ALIKE}: a reading of each"},
    )


@read(blueprint, "/<stream>/alike", AlikeQuery, action="search.people")
def alike(query: dict[str, Any], view: View, reach: Scope, stream: str) -> dict[str, Any]:
    """How many records that the asker may see may be the same person. Nobody else is opened for it, unless ``people`` are
    asked for.

    The count is null of whoever is not shown in full, of a record that is linked to another one, and of the strictly
    restricted, who are in no count of others either: there may be a reason why somebody is recorded twice.
    """
    page = seen_person(view, reach, stream, alone=True)
    [today] = ruled_today(view, reach.account, [page])
    told: dict[str, Any] = {"count": None, "people": []}
    open_to = sight_of(principal(), today) is Sight.FULL and _highest(page, today) < Aggregate.STRICT_TIER
    if not open_to or page["linked_to"] or not page["identity"]:
        return told
    if (part := office().vault.open([page["identity"]]).get(page["identity"])) is None:
        return told
    within = partial(_within, view, reach, below=Aggregate.STRICT_TIER)
    found = finding.alike(office(), view, reach.account, page, part.get("identity") or {}, within)
    shown = reveal(principal(), found[:MOST_ALIKE], view) if query["people"] else []
    return {"count": len(found), "people": shown}
