"""What the commands about referrals are sent. For a strictly restricted subject whatever names the destination or the
need is sealed; such codes are checked here, because the domain cannot read them."""

import marshmallow as ma

from domain.consent_codes import LEGAL_BASES
from domain.destinations import DESTINATIONS, NEEDS
from service.api import fields
from service.api.codes import coded

_PAPERS = ma.validate.Length(max=30)


class ReferralSubmission(fields.EvidencedSchema):
    """Without ``reply_by`` the list's time for that kind of destination counts. ``channel`` says how it was sent."""

    id = fields.identifier()
    destination_kind = fields.strict(coded(DESTINATIONS, required=True))
    destination = fields.strict(fields.text(required=True))
    destination_id = fields.strict(fields.identifier())
    need = fields.strict(coded(NEEDS, required=True))
    letter_number = fields.text(80)
    letter_date = fields.day()
    reply_by = fields.day()
    consent = fields.identifier(metadata={"description": "A consent of the person that carries this referral"})
    basis = fields.strict(coded(LEGAL_BASES))
    documents = ma.fields.List(fields.code(), validate=_PAPERS)
    channel = fields.code(load_default="surat")
    note = fields.sealed()


class ReferralStep(fields.EvidencedSchema):
    """``channel`` says how the office heard of it, ``informant`` from whom."""

    channel = fields.code(required=True)
    informant = fields.sealed(fields.text(fields.LINE))
    note = fields.sealed()


class ReferralRejection(ReferralStep):
    reason = fields.code(required=True)


class ReferralReturn(ReferralStep):
    reason = fields.code(required=True)
    missing = ma.fields.List(fields.code(), validate=_PAPERS)


class ReferralResubmission(ReferralStep):
    reply_by = fields.day(required=True)
    letter_number = fields.text(80)
    documents = ma.fields.List(fields.code(), validate=_PAPERS)


class ReferralSchedule(ReferralStep):
    planned_for = fields.day(required=True)


class ReferralCompletion(ReferralStep):
    outcome = fields.code(required=True)


class ReferralWithdrawal(ReferralStep):
    reason = fields.sealed(required=True)


class ReferralExpiry(fields.EvidencedSchema):
    channel = fields.code()
    note = fields.sealed()


class ReferralFeedback(fields.EvidencedSchema):
    channel = fields.code(required=True)
    feedback = fields.sealed(required=True)
    informant = fields.sealed(fields.text(fields.LINE))


class ReferralForwarding(ReferralSubmission):
    """The next referral, and how the office heard that the subject goes on; ``id`` is that of the next referral."""

    channel = fields.code(required=True)
    informant = fields.sealed(fields.text(fields.LINE))
