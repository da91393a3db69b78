"""What the commands about referrals are sent. For a strictly restricted subject whatever names the destination or the
need is sealed; such codes are checked here, because the domain cannot read them."""

import marshmallow as ma

from domain.destinations import DESTINATIONS, NEEDS
from service.api import fields
from service.api.codes import coded

_PAPERS = ma.validate.Length(max=30)


class Submission(fields.EvidencedSchema):
    """Without ``reply_by`` the list's time for that kind of destination counts."""

    id = fields.identifier()
    destination_kind = fields.strict(coded(DESTINATIONS, required=True))
    destination = fields.strict(fields.text(required=True))
    destination_id = fields.strict(fields.identifier())
    need = fields.strict(coded(NEEDS, required=True))
    letter_number = fields.text(80)
    letter_date = fields.day()
    reply_by = fields.day()
    consent = ma.fields.Boolean()
    consent_record = fields.identifier()
    documents = ma.fields.List(fields.code(), validate=_PAPERS)
    note = fields.sealed()


class Step(fields.EvidencedSchema):
    """``channel`` says how the office heard of it, ``informant`` from whom."""

    channel = fields.code(required=True)
    informant = fields.sealed()
    note = fields.sealed()


class Rejection(Step):
    reason = fields.code(required=True)


class Return(Step):
    reason = fields.code(required=True)
    missing = ma.fields.List(fields.code(), validate=_PAPERS)


class Resubmission(Step):
    reply_by = fields.day(required=True)
    letter_number = fields.text(80)
    documents = ma.fields.List(fields.code(), validate=_PAPERS)


class Schedule(Step):
    planned_for = fields.day(required=True)


class Completion(Step):
    outcome = fields.code(required=True)


class Withdrawal(Step):
    reason = fields.sealed(required=True)


class Expiry(fields.EvidencedSchema):
    channel = fields.code()
    note = fields.sealed()


class Feedback(fields.EvidencedSchema):
    channel = fields.code(required=True)
    feedback = fields.sealed(required=True)
    informant = fields.sealed()


class Forwarding(Submission):
    """The next referral, and how the office heard that the subject goes on; ``id`` is that of the next referral."""

    channel = fields.code(required=True)
    informant = fields.sealed()
