"""PSKS over HTTP: who can help, what they offer, and the register, which is the directory of providers."""

from typing import Any

import marshmallow as ma
from flask import g
from flask_smorest import Blueprint

from domain.psks import Psks
from domain.psks_codes import KINDS, REASONS, SERVICES
from domain.refusals import NotFound
from projections import register_lists
from projections.engine import View
from service.api import fields
from service.api.cases import version_at
from service.api.codes import coded
from service.api.commands import Form, Noun
from service.api.form import fit
from service.api.kps import contact_known, contact_opened
from service.api.reads import ListQuery, cursor_for, cursor_values, read
from service.reach import Scope

blueprint = Blueprint("psks", __name__, url_prefix="/api/v1/psks", description="PSKS: people and bodies who serve")
noun = Noun(blueprint, Psks, "psks.record")


def _area(**options: Any) -> ma.fields.String:
    """A Kemendagri code of the kabupaten, a kecamatan, or a village."""
    return ma.fields.String(validate=ma.validate.Regexp(r"\A\d{2}\.\d{2}(\.\d{2}(\.[12]\d{3})?)?\Z"), **options)


class PsksRegistration(fields.EvidencedSchema):
    """``area`` is what somebody serves who belongs to no village, such as the kecamatan of a TKSK."""

    id = fields.identifier()
    kind = coded(KINDS, required=True)
    name = fields.text(required=True)
    village = fields.village()
    area = _area()
    active_from = fields.day()
    members = fields.whole(0, 100_000)
    contact = fields.sealed(fields.text(fields.LINE))


class PsksEnding(fields.EvidencedSchema):
    reason = coded(REASONS, required=True)
    note = fields.sealed()


class PsksOffer(fields.EvidencedSchema):
    """``capacity`` is the number of people at a time; ``catchment`` holds areas, none for no limit."""

    service = coded(SERVICES, required=True)
    capacity = fields.whole(0, 1_000_000)
    catchment = ma.fields.List(_area(), validate=ma.validate.Length(max=250))
    open_hours = fields.text()


class PsksWithdrawal(fields.EvidencedSchema):
    service = coded(SERVICES, required=True)


@noun.route("", PsksRegistration, "psks.register")
def register(form: Form) -> str:
    """Register somebody who serves, such as a PSM, a TKSK or an LKS."""
    village = form.data.get("village")
    if village is not None:
        form.served("psks.record", village)
    else:
        form.require("psks.record", village=form.data.get("area"))
    stream = form.new_id()
    form.decision.begin(Psks.register(stream, on=form.on, evidence=form.evidence(stream), **form.fill(stream)))
    return stream


def _about(rule: str, method: str, schema: type[fields.Schema]) -> None:
    """A route about one PSKS, for somebody who may record about its village or its area."""
    function = getattr(Psks, method)

    def handle(form: Form, stream: str) -> str:
        psks = form.load(Psks, stream)
        form.require("psks.record", village=psks.village or psks.area)
        arguments = {**form.fill(stream), "on": form.on, "evidence": form.evidence(stream)}
        getattr(psks, method)(**fit(function, arguments))
        return stream

    handle.__doc__ = function.__doc__
    noun.route(f"/<stream>/{rule}", schema, f"psks.{method}")(handle)


_about("ending", "end", PsksEnding)
_about("resumption", "resume", fields.EvidencedSchema)
_about("offers", "offer_service", PsksOffer)
_about("withdrawals", "withdraw_service", PsksWithdrawal)


class PsksQuery(ListQuery):
    village = fields.village()
    kind = coded(KINDS)
    service = coded(SERVICES)
    active = ma.fields.Boolean()


# Somebody who serves a whole kecamatan belongs to no village of it.
_PLACE = "COALESCE(village, area, '')"


@read(blueprint, "", PsksQuery, action="psks.read")
def listing(query: dict[str, Any], view: View, reach: Scope) -> tuple[list[dict[str, Any]], str | None]:
    """The register of PSKS with what they offer; ``service`` asks who offers it today."""
    after = cursor_values(query, 1) or [""]
    active = query.get("active")
    rows = register_lists.psks(
        view,
        reach.where(_PLACE),
        after[0],
        query["limit"],
        query.get("service"),
        village=query.get("village"),
        kind=query.get("kind"),
        active=None if active is None else int(active),
    )
    following = cursor_for(rows[-1]["id"]) if len(rows) == query["limit"] else None
    return contact_known(rows), following


@read(blueprint, "/<stream>", action="psks.read")
def one(query: dict[str, Any], view: View, reach: Scope, stream: str) -> dict[str, Any]:
    """One PSKS with what it offers."""
    found = register_lists.one_psks(view, reach.where(_PLACE), stream)
    if found is None:
        raise NotFound
    g.version = found["version"] = version_at(view, stream)
    return contact_opened(found)
