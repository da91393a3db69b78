"""The bodies of requests about WKSBM."""

import marshmallow as ma

from domain import wksbm_codes as codes
from service.api import fields
from service.api.codes import coded

MOST_BODIES = 300


class WksbmInitiation(fields.EvidencedSchema):
    """``hamlet`` is the part of the village it serves, when not the whole."""

    id = fields.identifier()
    village = fields.village(required=True)
    name = fields.text(required=True)
    hamlet = fields.text()


class WksbmSocialization(fields.EvidencedSchema):
    attendance = fields.whole(1, 1_000_000)
    minutes = fields.sealed()


class WksbmKpsIdentification(fields.EvidencedSchema):
    """``found`` is the number found in all, ``kps`` the ids of those in the register."""

    found = fields.whole(0, 10_000, required=True)
    kps = ma.fields.List(fields.identifier(), validate=ma.validate.Length(max=500))


class WksbmDeliberation(fields.EvidencedSchema):
    attendance = fields.whole(1, 1_000_000)
    minutes = fields.sealed()


class WksbmFormation(fields.EvidencedSchema):
    legal_basis = fields.text()


class WksbmBoardSeat(fields.Schema):
    office = coded(codes.OFFICES, required=True)
    name = fields.text(required=True)


class WksbmBoardAppointment(fields.EvidencedSchema):
    """``term_until`` left out: five years after ``term_from``, the usual term of a village body."""

    members = ma.fields.List(ma.fields.Nested(WksbmBoardSeat), required=True, validate=ma.validate.Length(1, 100))
    term_from = fields.day(required=True)
    term_until = fields.day()


class WksbmRatification(fields.EvidencedSchema):
    """The SK: its number and date, who signed in which post, and until when it holds; its file goes into ``evidence``."""

    number = fields.text(80, required=True)
    dated = fields.day(required=True)
    signatory = fields.text(required=True)
    signatory_post = coded(codes.SIGNATORIES, required=True)
    term_until = fields.day(required=True)


class WksbmRegistration(fields.EvidencedSchema):
    register_number = fields.text(80)
    members = fields.whole(0, 100_000)


class WksbmMembership(fields.EvidencedSchema):
    kps = fields.identifier(required=True)


class WksbmFacility(fields.EvidencedSchema):
    kind = coded(codes.FACILITIES, required=True)
    quantity = fields.whole(1, 1_000_000, required=True)
    origin = coded(codes.ORIGINS, required=True)
    value = fields.whole(metadata={"description": "Rupiah, in all"})
    note = fields.sealed()


class WksbmCoaching(fields.EvidencedSchema):
    kind = coded(codes.COACHING, required=True)
    organizer = fields.text()
    participants = fields.whole(0, 1_000_000)
    note = fields.sealed()


class WksbmActivity(fields.EvidencedSchema):
    kind = coded(codes.ACTIVITIES, required=True)
    participants = fields.whole(0, 1_000_000)
    beneficiaries = fields.whole(0, 1_000_000)
    description = fields.sealed()


class WksbmFundsRaised(fields.EvidencedSchema):
    amount = fields.whole(1, required=True, metadata={"description": "Rupiah"})
    origin = coded(codes.ORIGINS, required=True)
    note = fields.sealed()


class WksbmFundsDistributed(fields.EvidencedSchema):
    amount = fields.whole(1, required=True, metadata={"description": "Rupiah"})
    purpose = coded(codes.PURPOSES, required=True)
    beneficiaries = fields.whole(0, 1_000_000, required=True)
    note = fields.sealed()


class WksbmAssessment(fields.EvidencedSchema):
    level = coded(codes.SCALE, required=True)
    score = fields.whole(0, 1_000_000)
    recommendation = fields.sealed()


class WksbmDormancy(fields.EvidencedSchema):
    signals = ma.fields.List(coded(codes.SIGNALS), required=True, validate=ma.validate.Length(1, 20))
    note = fields.sealed()


class WksbmReactivation(fields.EvidencedSchema):
    note = fields.sealed()


class WksbmDissolution(fields.EvidencedSchema):
    """The decision itself goes into ``evidence``: its file, or its number and date. ``successor`` is the WKSBM it went
    into."""

    reason = coded(codes.DISSOLUTIONS, required=True)
    successor = fields.identifier()
    note = fields.sealed()


class WksbmPapers(fields.CommandSchema):
    """Papers for an earlier step; ``target`` is its version."""

    target = fields.whole(1, 10**9, required=True)
    evidence = ma.fields.List(
        ma.fields.Nested(fields.EvidenceSchema), required=True, validate=ma.validate.Length(1, 20)
    )


class WksbmBegun(fields.Schema):
    """A WKSBM to begin on the occasion, in a village that has none."""

    id = fields.identifier()
    village = fields.village(required=True)
    name = fields.text(required=True)
    hamlet = fields.text()


class WksbmSocializationDay(WksbmSocialization):
    """One day held for many: ``wksbm`` are the bodies that stand, ``initiations`` those that begin with it.

    ``attendance`` is counted for the day as a whole and stands with every body."""

    wksbm = ma.fields.List(fields.identifier(), load_default=list, validate=ma.validate.Length(max=MOST_BODIES))
    initiations = ma.fields.List(
        ma.fields.Nested(WksbmBegun), load_default=list, validate=ma.validate.Length(max=MOST_BODIES)
    )
    session = fields.identifier()


class WksbmCoachingDay(WksbmCoaching):
    """One coaching for many bodies."""

    wksbm = ma.fields.List(fields.identifier(), required=True, validate=ma.validate.Length(1, MOST_BODIES))
    session = fields.identifier()
