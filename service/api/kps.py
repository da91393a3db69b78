"""KPS over HTTP: registering local bodies, ending and resuming them, and their register."""

from typing import Any

from flask_smorest import Blueprint

from domain.kps import KINDS, Kps
from projections.engine import View
from service.access import Scope
from service.api import fields
from service.api.commands import Form, Noun
from service.api.reads import ListQuery, cursor_for, cursor_values, read

blueprint = Blueprint("kps", __name__, url_prefix="/api/v1/kps", description="KPS: local welfare bodies")
noun = Noun(blueprint, Kps, "kps.record")


class Registration(fields.EvidencedSchema):
    id = fields.identifier()
    village = fields.village(required=True)
    kind = fields.code(KINDS.versions[-1].codes, required=True)
    name = fields.text(required=True)
    active_from = fields.day()
    members = fields.whole(0, 100_000)
    contact = fields.sealed()


class Ending(fields.EvidencedSchema):
    note = fields.sealed()


@noun.route("", Registration, "kps.register")
def register(form: Form) -> str:
    """Register a local body found in a village."""
    village = form.village(form.data["village"])
    form.require("kps.record", village=village)
    stream = form.new_id()
    form.decision.begin(Kps.register(stream, on=form.on, evidence=form.evidence(stream), **form.fill(stream)))
    return stream


noun.simple("/<stream>/ending", "end", Ending)
noun.simple("/<stream>/resumption", "resume", fields.EvidencedSchema)


class KpsQuery(ListQuery):
    village = fields.village()
    kind = fields.code()


@read(blueprint, "", KpsQuery, action="kps.read")
def listing(query: dict[str, Any], view: View, reach: Scope) -> tuple[list[dict[str, Any]], str | None]:
    """The register of KPS, by village and name."""
    after = cursor_values(query, 2) or ["", ""]
    where, values = reach.where("village")
    for name in ("village", "kind"):
        if query.get(name):
            where, values = f"{where} AND {name} = :{name}", {**values, name: query[name]}
    rows = view.rows(
        f"SELECT * FROM {{kps}} WHERE {where} AND (village, key) > (:v, :k) ORDER BY village, key LIMIT :limit",
        v=after[0],
        k=after[1],
        limit=query["limit"],
        **values,
    )
    following = cursor_for(rows[-1]["village"], rows[-1]["key"]) if len(rows) == query["limit"] else None
    return rows, following
