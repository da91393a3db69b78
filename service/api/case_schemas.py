"""What the commands about cases are sent: a field has the name of the method's argument and of the event's field."""

import marshmallow as ma

from domain.case_codes import AIDS, SERVICES, TERMINATIONS
from domain.instruments import INSTRUMENTS
from service.api import fields
from service.api.codes import coded

_MANY = ma.validate.Length(max=100)


class CaseOpening(fields.EvidencedSchema):
    """The tier, the village and the kind of subject come from the beneficiary; ``village`` only when it is elsewhere."""

    id = fields.identifier()
    beneficiary = fields.identifier(required=True)
    village = fields.village()
    channel = fields.code(required=True)
    urgency = fields.code(required=True)
    anonymous = ma.fields.Boolean()
    story = fields.sealed()
    reporter = fields.sealed(fields.text(fields.LINE))


class CaseAssignment(fields.EvidencedSchema):
    worker = fields.identifier(required=True)
    note = fields.sealed()


class CaseTransferRequest(fields.EvidencedSchema):
    worker = fields.identifier(required=True)
    reason = fields.sealed(required=True)


class CaseTransferRefusal(fields.CommandSchema):
    reason = fields.sealed(required=True)


class CaseRestriction(fields.CommandSchema):
    tier = fields.whole(1, 3, required=True)


class CaseAssessment(fields.EvidencedSchema):
    """``details`` are the answers: a whole number for each question of the instrument in force on the day."""

    instrument = fields.strict(fields.code({code for code, _ in INSTRUMENTS}, required=True))
    details = fields.sealed(
        ma.fields.Dict(
            keys=ma.fields.String(validate=ma.validate.Length(1, 60)),
            values=fields.whole(0, 100),
            required=True,
            validate=_MANY,
        )
    )
    narrative = fields.sealed()


class CaseRiskChange(fields.EvidencedSchema):
    risk = fields.code(required=True)
    reason = fields.sealed(required=True)


class CaseRiskDecision(fields.EvidencedSchema):
    """What counts from now on, of two answers that were given side by side."""

    risk = fields.code(required=True)
    reason = fields.sealed(required=True)


class CaseDecisionSchema(fields.Schema):
    task = fields.identifier(required=True)
    title = fields.sealed(fields.text(fields.LINE, required=True))
    owner = fields.identifier(required=True)
    due = fields.day(required=True)


class CaseConference(fields.EvidencedSchema):
    attendees = fields.whole(2, 1000, required=True)
    decisions = ma.fields.List(ma.fields.Nested(CaseDecisionSchema), validate=_MANY)
    minutes = fields.sealed()


class CaseGoalSchema(fields.Schema):
    id = fields.identifier(required=True)
    title = fields.sealed(fields.text(fields.LINE, required=True))
    kind = fields.strict(coded(SERVICES, required=True))
    owner = fields.identifier(required=True)
    due = fields.day(required=True)


class CasePlan(fields.EvidencedSchema):
    goals = ma.fields.List(ma.fields.Nested(CaseGoalSchema), required=True, validate=ma.validate.Length(min=1, max=100))
    note = fields.sealed()


class CaseApproval(fields.EvidencedSchema):
    note = fields.sealed()


class CaseReturn(fields.EvidencedSchema):
    reason = fields.sealed(required=True)


class CaseEmergencyAid(fields.EvidencedSchema):
    item = fields.strict(coded(AIDS, required=True))
    quantity = fields.whole(1, required=True)
    unit = fields.code(required=True)
    value_rupiah = fields.whole()
    provider = fields.strict(fields.text())
    recipient = fields.sealed(fields.text(fields.LINE))
    note = fields.sealed()


class CaseService(fields.EvidencedSchema):
    """``exception`` is the reason why a service was given without an approved plan."""

    kind = fields.strict(coded(SERVICES, required=True))
    quantity = fields.whole(1, required=True)
    unit = fields.code(required=True)
    provider = fields.strict(fields.text(required=True))
    value_rupiah = fields.whole()
    fee_rupiah = fields.whole()
    item = fields.strict(coded(AIDS))
    goal = fields.identifier()
    recipient = fields.sealed(fields.text(fields.LINE))
    exception = fields.sealed()
    note = fields.sealed()


class CaseVisitPlan(fields.CommandSchema):
    visit = fields.identifier(required=True)
    planned_for = fields.day(required=True)
    visitor = fields.identifier()
    note = fields.sealed()


class CaseVisitCompletion(fields.EvidencedSchema):
    met = ma.fields.Boolean(required=True)
    minutes = fields.whole(0, 10_000)
    note = fields.sealed()


class CaseVisitMiss(fields.EvidencedSchema):
    reason = fields.code(required=True)
    note = fields.sealed()


class CaseReview(fields.EvidencedSchema):
    progress = fields.code(required=True)
    goals_reached = ma.fields.List(fields.identifier(), validate=_MANY)
    note = fields.sealed()


class CaseTask(fields.CommandSchema):
    task = fields.identifier(required=True)
    title = fields.sealed(fields.text(fields.LINE, required=True))
    owner = fields.identifier(required=True)
    due = fields.day(required=True)


class CaseTaskChange(fields.CommandSchema):
    """Only what is to change; what is left out stays as it is."""

    title = fields.sealed(fields.text(fields.LINE))
    owner = fields.identifier()
    due = fields.day()


class CaseTaskCompletion(fields.EvidencedSchema):
    note = fields.sealed()


class CaseTaskDrop(fields.CommandSchema):
    reason = fields.sealed(required=True)


class CaseClosure(fields.EvidencedSchema):
    """How the case ends. Where its risk is grave or its subject strictly restricted, this asks for that end
    (`case.closure_requested`), and somebody else decides."""

    reason = fields.strict(coded(TERMINATIONS, required=True))
    outcome = fields.code(required=True)
    note = fields.sealed()


class CaseAftercare(fields.EvidencedSchema):
    condition = fields.code(required=True)
    note = fields.sealed()


class CaseReopening(fields.EvidencedSchema):
    reason = fields.sealed(required=True)
