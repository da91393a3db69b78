"""The bodies of commands about people, families and communities in need."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from domain import ppks, spm
from domain.beneficiary import CHANNELS, MATCHES, PAPERS
from domain.beneficiary_classification import END_REASONS
from domain.beneficiary_duplicate import GROUNDS
from domain.beneficiary_life import RELATIONS
from domain.beneficiary_need import NEGLECT_GROUNDS
from domain.beneficiary_restriction import RESTRICTIONS
from domain.consent_codes import GIVERS, PURPOSES, WAYS
from domain.destinations import DESTINATIONS
from service.api import fields
from service.api.identity_fields import identity


def _several(inner: ma.fields.Field[Any], most: int = 20, least: int = 0) -> ma.fields.Field[Any]:
    return ma.fields.List(inner, validate=validate.Length(least, most))


class PersonRegistration(fields.EvidencedSchema):
    """``reason_to_go_on`` answers the warning that probable duplicates exist (409 ``probable_duplicates``)."""

    id = fields.identifier()
    village = fields.village(required=True)
    kind = fields.code(ppks.KINDS, required=True)
    channel = fields.code(CHANNELS.versions[-1].codes, required=True)
    identity = identity(required=True)
    hamlet = fields.sealed(fields.text())
    residence_outside = ma.fields.Boolean()
    reason_to_go_on = fields.sealed()


class IdentityClaim(fields.EvidencedSchema):
    """``reason_to_go_on`` answers the warning that another record holds this NIK (409 ``probable_duplicates``)."""

    identity = identity(required=True)
    reason_to_go_on = fields.sealed()
    papers = _several(fields.code(PAPERS.versions[-1].codes))


class IdentityMatch(fields.EvidencedSchema):
    how = fields.code(MATCHES.versions[-1].codes, required=True)
    reference = fields.sealed(fields.text(fields.LINE))


class Typing(fields.EvidencedSchema):
    """``tier`` may raise the tier that the type brings; ``findings`` are worked out, never sent."""

    classification = fields.identifier()
    type = fields.strict(fields.code(ppks.TYPES.versions[-1].codes, required=True))
    tier = fields.whole(1, 3)
    subtypes = fields.strict(_several(fields.code(ppks.SUBTYPES), 4))
    findings = fields.strict(ma.fields.List(ma.fields.String(), dump_only=True))
    criteria = fields.sealed()
    override_reason = fields.sealed()


class Retyping(Typing):
    reason = fields.sealed(required=True)


class TypeEnding(fields.EvidencedSchema):
    reason = fields.strict(fields.code(END_REASONS.versions[-1].codes, required=True))
    note = fields.sealed()


class NeedStatement(fields.EvidencedSchema):
    classification = fields.identifier(required=True)
    spm_service = fields.strict(fields.code(spm.SERVICES.versions[-1].codes, required=True))
    services = fields.strict(ma.fields.List(fields.code(), required=True, validate=validate.Length(1, 20)))
    year = fields.whole(2000, 2200, required=True)


class Neglect(fields.EvidencedSchema):
    neglected = ma.fields.Boolean(required=True)
    how = fields.code(NEGLECT_GROUNDS.versions[-1].codes, required=True)
    note = fields.sealed()


class InstitutionEntry(fields.EvidencedSchema):
    institution = fields.strict(fields.text(required=True))


class PersonNote(fields.EvidencedSchema):
    note = fields.sealed()


class DomicileMove(fields.EvidencedSchema):
    """``outside``: the village belongs to another kabupaten, and its code is not checked against the territory."""

    village = fields.village(required=True)
    outside = ma.fields.Boolean()
    address = fields.sealed(fields.text(500))
    hamlet = fields.sealed(fields.text())


class PersonDeparture(fields.EvidencedSchema):
    destination = fields.sealed(fields.text(500))


class FamilyJoining(fields.EvidencedSchema):
    family = fields.identifier(required=True)
    relation = fields.code(RELATIONS.versions[-1].codes, required=True)


class FamilyLeaving(fields.EvidencedSchema):
    family = fields.identifier(required=True)
    note = fields.sealed()


class Link(fields.EvidencedSchema):
    primary = fields.identifier(required=True)
    reason = fields.sealed(required=True)
    score = fields.whole(0, 100)
    grounds = _several(fields.code(GROUNDS.versions[-1].codes))


class LinkReversal(fields.EvidencedSchema):
    primary = fields.identifier(required=True)
    reason = fields.sealed(required=True)


class ConsentDecision(fields.EvidencedSchema):
    """``giver`` says who decides; for a guardian, ``guardian`` who that is. Spoken words need a ``witness``."""

    how = fields.code(WAYS.versions[-1].codes, required=True)
    giver = fields.strict(fields.code(GIVERS.versions[-1].codes, required=True))
    guardian = fields.sealed(fields.text())
    witness = fields.sealed(fields.text())
    note = fields.sealed()


class ConsentGiving(ConsentDecision):
    """Without a recipient the consent is given to the office. ``recipient`` or ``recipient_id`` (an account of a partner)
    narrow it from a kind of institution to one."""

    consent = fields.identifier()
    purpose = fields.strict(fields.code(PURPOSES.versions[-1].codes, required=True))
    recipient_kind = fields.strict(fields.code(DESTINATIONS.versions[-1].codes))
    recipient = fields.strict(fields.text())
    recipient_id = fields.strict(fields.identifier())
    relation = fields.strict(fields.code(RELATIONS.versions[-1].codes))
    until = fields.day()


class ProcessingRestriction(fields.EvidencedSchema):
    ground = fields.code(RESTRICTIONS.versions[-1].codes, required=True)
    reason = fields.sealed()


class RestrictionLifting(fields.EvidencedSchema):
    reason = fields.sealed(required=True)
