"""KPS over HTTP: registering local bodies, ending and resuming them, and their register."""

from typing import Any

import marshmallow as ma
from flask import g
from flask_smorest import Blueprint

from domain.kps import KINDS, Kps
from domain.refusals import NotFound
from projections import register_lists
from projections.engine import View
from projections.sentences.words import DESTROYED
from service.api import fields
from service.api.cases import version_at
from service.api.codes import coded
from service.api.commands import Form, Noun
from service.api.current import office
from service.api.reads import ListQuery, cursor_for, cursor_values, read
from service.reach import Scope

blueprint = Blueprint("kps", __name__, url_prefix="/api/v1/kps", description="KPS: local welfare bodies")
noun = Noun(blueprint, Kps, "kps.record")


class KpsRegistration(fields.EvidencedSchema):
    id = fields.identifier()
    village = fields.village(required=True)
    kind = coded(KINDS, required=True)
    name = fields.text(required=True)
    active_from = fields.day()
    members = fields.whole(0, 100_000)
    contact = fields.sealed(fields.text(fields.LINE))


class KpsEnding(fields.EvidencedSchema):
    note = fields.sealed()


@noun.route("", KpsRegistration, "kps.register")
def register(form: Form) -> str:
    """Register a local body found in a village."""
    form.served("kps.record", form.data["village"])
    stream = form.new_id()
    form.decision.begin(Kps.register(stream, on=form.on, evidence=form.evidence(stream), **form.fill(stream)))
    return stream


noun.simple("/<stream>/ending", "end", KpsEnding)
noun.simple("/<stream>/resumption", "resume", fields.EvidencedSchema)


class KpsQuery(ListQuery):
    village = fields.village()
    kind = coded(KINDS)
    active = ma.fields.Boolean()


def contact_opened(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a register with its contact in plain words."""
    if row["contact"]:
        opened = office().vault.open([row["contact"]])
        row["contact"] = opened.get(row["contact"], {"contact": DESTROYED}).get("contact")
    return row


def contact_known(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a register that only say whether a contact is known: a list opens nothing."""
    for row in rows:
        row["contact"] = row["contact"] is not None
    return rows


@read(blueprint, "", KpsQuery, action="kps.read")
def listing(query: dict[str, Any], view: View, reach: Scope) -> tuple[list[dict[str, Any]], str | None]:
    """The register of KPS, by village and id."""
    after = cursor_values(query, 2) or ["", ""]
    active = query.get("active")
    rows = register_lists.kps(
        view,
        reach.where("village"),
        (after[0], after[1]),
        query["limit"],
        village=query.get("village"),
        kind=query.get("kind"),
        active=None if active is None else int(active),
    )
    following = cursor_for(rows[-1]["village"], rows[-1]["id"]) if len(rows) == query["limit"] else None
    return contact_known(rows), following


@read(blueprint, "/<stream>", action="kps.read")
def one(query: dict[str, Any], view: View, reach: Scope, stream: str) -> dict[str, Any]:
    """One KPS with the WKSBM it belongs or belonged to."""
    found = register_lists.one_kps(view, reach.where("village"), stream)
    if found is None:
        raise NotFound
    g.version = found["version"] = version_at(view, stream)
    g.composite = True
    return contact_opened(found)
