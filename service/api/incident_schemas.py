"""The bodies of requests about disasters."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from domain import incident_codes as codes
from service.api import fields
from service.api.identity_fields import identity

MOST_VICTIMS = 500


def _villages(**options: Any) -> Any:
    return ma.fields.List(fields.village(), validate=validate.Length(max=250), **options)


class Declaration(fields.EvidencedSchema):
    id = fields.identifier()
    kind = fields.code(codes.KINDS.versions[-1].codes, required=True)
    name = fields.text(required=True)
    struck_on = fields.day(required=True)
    kabupaten_scale = ma.fields.Boolean()
    villages = _villages()
    note = fields.sealed()


class Extension(fields.EvidencedSchema):
    villages = _villages(required=True)


class VictimItem(fields.Schema):
    """A registered beneficiary (``victim`` alone), or a new one: then ``identity`` says who it is, and ``victim`` may be
    an id made by the client. ``household`` counts the people it stands for, itself included."""

    victim = fields.identifier()
    village = fields.village(required=True)
    conditions = ma.fields.List(
        fields.code(codes.CONDITIONS.versions[-1].codes), required=True, validate=validate.Length(1, 20)
    )
    household = fields.whole(1, 100_000)
    note = fields.sealed()
    identity = identity()
    kind = fields.code(("person", "family"))
    reason_to_go_on = fields.sealed()

    @ma.validates_schema
    def names_somebody(self, data: dict[str, Any], **_: Any) -> None:
        if not data.get("victim") and not data.get("identity"):
            raise ma.ValidationError("Sebutkan nomor warga, atau identitasnya bila belum terdaftar.")


class VictimList(fields.EvidencedSchema):
    victims = ma.fields.List(ma.fields.Nested(VictimItem), required=True, validate=validate.Length(1, MOST_VICTIMS))


class ReliefDelivery(fields.EvidencedSchema):
    """To recorded victims (``recipients``), or to a ``count`` of people nobody has listed."""

    kind = fields.code(codes.RELIEF.versions[-1].codes, required=True)
    goods = fields.code(codes.GOODS.versions[-1].codes, required=True)
    quantity = fields.whole(1, required=True)
    unit = fields.code(codes.UNITS.versions[-1].codes, required=True)
    village = fields.village()
    value_rupiah = fields.whole()
    recipients = ma.fields.List(fields.identifier(), validate=validate.Length(max=5000))
    count = fields.whole(1, 10_000_000)
    note = fields.sealed()


class Verification(fields.EvidencedSchema):
    victim = fields.identifier(required=True)
    outcome = fields.code(codes.OUTCOMES.versions[-1].codes, required=True)
    note = fields.sealed()


class Figure(fields.EvidencedSchema):
    figure = fields.code(codes.FIGURES.versions[-1].codes, required=True)
    number = fields.whole(0, 10_000_000, required=True)
    reporter = fields.text(required=True, metadata={"description": "An institution, such as BPBD"})
    village = fields.village()


class Agreement(fields.EvidencedSchema):
    figure = fields.code(codes.FIGURES.versions[-1].codes, required=True)
    number = fields.whole(0, 10_000_000, required=True)
    note = fields.sealed()


class IncidentClosure(fields.EvidencedSchema):
    note = fields.sealed()
