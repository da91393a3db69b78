"""Searching for people. Terms travel in the body only: a URL is written into logs and histories."""

from functools import partial
from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from projections.view import View
from service import search as finding
from service.access import Sight
from service.api import fields
from service.api.beneficiary_pages import seen_person
from service.api.current import office, principal
from service.api.people_shown import reveal, ruled_today, sight_of, sights_of
from service.api.reads import AS_OF, AsOf, PlaceSchema, answer, read, viewing
from service.reach import Scope, scope

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


@blueprint.route("/search", methods=["POST"])
@blueprint.arguments(Search)
@blueprint.response(200, PlaceSchema)
@blueprint.alt_response(403, schema="ProblemSchema", content_type="application/problem+json")
@blueprint.alt_response(422, schema="ProblemSchema", content_type="application/problem+json")
@blueprint.alt_response(503, schema="ProblemSchema", content_type="application/problem+json")
def people(asked: dict[str, Any]) -> Any:
    """The people who answer, the likeliest first, within the asker's rights, today or as known at a past moment."""
    who, here = principal(), office()
    reach = scope(who, "search.people")
    with viewing(asked) as view:
        found = finding.find(here, view, who.account, asked, partial(_within, view, reach))
        return answer(view, reveal(who, found[: asked["limit"]], view))


def _within(view: View, reach: Scope, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the people whom the asker may see."""
    ruled = ruled_today(view, reach.account, rows)
    return [
        row
        for row, one, sight in zip(rows, ruled, sights_of(principal(), ruled), strict=True)
        if sight is not Sight.NONE
        and reach.includes(one["village"], one["worker"], one["registered_by"], restricted=one["restricted"])
    ]


@read(blueprint, "/<stream>/alike", action="search.people")
def alike(query: dict[str, Any], view: View, reach: Scope, stream: str) -> dict[str, Any]:
    """How many records that the asker may see may be the same person; null where she is not shown in full. Nobody but she
    is opened for it: who they are, a search tells."""
    page = seen_person(view, reach, stream, alone=True)
    identity = None
    if sight_of(principal(), ruled_today(view, reach.account, [page])[0]) is Sight.FULL and page["identity"]:
        identity = office().vault.open([page["identity"]]).get(page["identity"])
    if identity is None:
        return {"count": None}
    told = identity.get("identity") or {}
    return {"count": finding.alike(office(), view, reach.account, page, told, partial(_within, view, reach))}
