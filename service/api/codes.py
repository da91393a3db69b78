"""Every versioned list over HTTP: what a form offers, and what a code meant when an event was recorded."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import marshmallow as ma
from flask.views import MethodView
from flask_smorest import Blueprint

from domain import (
    account,
    beneficiary,
    beneficiary_classification,
    beneficiary_duplicate,
    beneficiary_life,
    beneficiary_need,
    beneficiary_restriction,
    case_codes,
    compartments,
    consent_codes,
    correction,
    destinations,
    incident_codes,
    kps,
    ppks,
    ppks_wording,
    psks_codes,
    retention,
    spm,
    subject_request_codes,
    wksbm_codes,
    wksbm_papers,
)
from domain.codes import CodeHistory, CodeList
from domain.instruments import INSTRUMENTS
from domain.refusals import NotFound
from service.api import fields
from service.api.current import office

blueprint = Blueprint("codes", __name__, url_prefix="/api/v1", description="Versioned lists and instruments")

#: Every list under its public name: the noun it is used with, and what it lists.
LISTS: Mapping[str, CodeHistory] = {
    "account.roles": account.ROLES,
    "account.compartments": compartments.COMPARTMENTS,
    "beneficiary.channels": beneficiary.CHANNELS,
    "beneficiary.papers": beneficiary.PAPERS,
    "beneficiary.matches": beneficiary.MATCHES,
    "beneficiary.end_reasons": beneficiary_classification.END_REASONS,
    "beneficiary.grounds": beneficiary_duplicate.GROUNDS,
    "beneficiary.relations": beneficiary_life.RELATIONS,
    "beneficiary.neglect_grounds": beneficiary_need.NEGLECT_GROUNDS,
    "beneficiary.restrictions": beneficiary_restriction.RESTRICTIONS,
    "case.channels": case_codes.CHANNELS,
    "case.urgencies": case_codes.URGENCIES,
    "case.risks": case_codes.RISKS,
    "case.services": case_codes.SERVICES,
    "case.aids": case_codes.AIDS,
    "case.units": case_codes.UNITS,
    "case.missed_visits": case_codes.MISSED_VISITS,
    "case.progress": case_codes.PROGRESS,
    "case.terminations": case_codes.TERMINATIONS,
    "case.outcomes": case_codes.OUTCOMES,
    "consent.purposes": consent_codes.PURPOSES,
    "consent.givers": consent_codes.GIVERS,
    "consent.ways": consent_codes.WAYS,
    "consent.legal_bases": consent_codes.LEGAL_BASES,
    "correction.requesters": correction.REQUESTERS,
    "incident.kinds": incident_codes.KINDS,
    "incident.conditions": incident_codes.CONDITIONS,
    "incident.relief": incident_codes.RELIEF,
    "incident.goods": incident_codes.GOODS,
    "incident.units": incident_codes.UNITS,
    "incident.outcomes": incident_codes.OUTCOMES,
    "incident.figures": incident_codes.FIGURES,
    "kps.kinds": kps.KINDS,
    "ppks.types": ppks.TYPES,
    "ppks.wordings": ppks_wording.LISTS,
    "psks.kinds": psks_codes.KINDS,
    "psks.services": psks_codes.SERVICES,
    "psks.reasons": psks_codes.REASONS,
    "referral.destinations": destinations.DESTINATIONS,
    "referral.needs": destinations.NEEDS,
    "referral.documents": destinations.DOCUMENTS,
    "referral.channels": destinations.REPLY_CHANNELS,
    "referral.rejections": destinations.REJECTIONS,
    "referral.returns": destinations.RETURNS,
    "referral.results": destinations.RESULTS,
    "retention.triggers": retention.TRIGGERS,
    "retention.fates": retention.FATES,
    "spm.services": spm.SERVICES,
    "spm.items": spm.ITEMS,
    "subject_request.kinds": subject_request_codes.KINDS,
    "subject_request.askers": subject_request_codes.ASKERS,
    "subject_request.channels": subject_request_codes.CHANNELS,
    "subject_request.identity_checks": subject_request_codes.IDENTITY_CHECKS,
    "subject_request.pauses": subject_request_codes.PAUSES,
    "subject_request.grounds": subject_request_codes.GROUNDS,
    "subject_request.closings": subject_request_codes.CLOSINGS,
    **{
        f"wksbm.{name.lower()}": history
        for name, history in vars(wksbm_codes).items()
        if isinstance(history, CodeHistory)
    },
    "wksbm.papers": wksbm_papers.PAPERS,
}


def coded(history: CodeHistory, **options: Any) -> ma.fields.String:
    """A code that some version of a list has. A code that is sealed must be checked before the domain sees it."""
    return fields.code({code for version in history.versions for code in version.codes}, **options)


class CodesQuery(fields.Schema):
    on = fields.day(metadata={"description": "Only the version in force on this day"})


class CodeVersionSchema(ma.Schema):
    version = ma.fields.String()
    valid_from = ma.fields.Date()
    source = ma.fields.String()
    codes = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())


class CodeListSchema(ma.Schema):
    list = ma.fields.String()
    name = ma.fields.String()
    versions = ma.fields.List(ma.fields.Nested(CodeVersionSchema))


class QuestionSchema(ma.Schema):
    code = ma.fields.String()
    text = ma.fields.String()
    weight = ma.fields.Integer()
    most = ma.fields.Integer()


class BandSchema(ma.Schema):
    least = ma.fields.Integer()
    risk = ma.fields.String()
    review_days = ma.fields.Integer()


class InstrumentSchema(ma.Schema):
    code = ma.fields.String()
    version = ma.fields.String()
    label = ma.fields.String()
    valid_from = ma.fields.Date()
    source = ma.fields.String()
    questions = ma.fields.List(ma.fields.Nested(QuestionSchema))
    bands = ma.fields.List(ma.fields.Nested(BandSchema))


def _problems(function: Any) -> Any:
    for status in (401, 404, 422, 429, 503):
        function = blueprint.alt_response(status, schema="ProblemSchema", content_type="application/problem+json")(
            function
        )
    return function


def _shown(name: str, history: CodeHistory, day: date | None) -> dict[str, Any]:
    versions: list[CodeList] = history.versions if day is None else [history.on(day)]
    return {"list": name, "name": history.versions[0].name, "versions": versions}


def code_systems() -> dict[str, Any]:
    """Every version of every list and instrument, as an export carries them."""
    lists = [_shown(name, history, None) for name, history in sorted(LISTS.items())]
    forms = sorted(INSTRUMENTS.values(), key=lambda form: (form.code, form.valid_from))
    return {"lists": CodeListSchema(many=True).dump(lists), "instruments": InstrumentSchema(many=True).dump(forms)}


@blueprint.route("/codes")
class Codes(MethodView):
    @blueprint.arguments(CodesQuery, location="query")
    @blueprint.response(200, CodeListSchema(many=True))
    @_problems
    def get(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        """Every list with its versions: the code, its Indonesian label, from when it holds and by which regulation."""
        return [_shown(name, history, query.get("on")) for name, history in sorted(LISTS.items())]


@blueprint.route("/codes/<listing>")
class OneList(MethodView):
    @blueprint.arguments(CodesQuery, location="query")
    @blueprint.response(200, CodeListSchema)
    @_problems
    def get(self, query: dict[str, Any], listing: str) -> dict[str, Any]:
        """One list with its versions."""
        if listing not in LISTS:
            raise NotFound
        return _shown(listing, LISTS[listing], query.get("on"))


class Wording(fields.Schema):
    wording = fields.text(
        required=True, metadata={"description": "As a form or a person says it, such as ODGJ or WRSE"}
    )


class MeaningSchema(ma.Schema):
    """``code`` is a type of list ``types``, or null when a person has to decide; ``suggestions`` are types worth
    considering, ``subtype`` is a hint."""

    code = ma.fields.String(allow_none=True)
    types = ma.fields.String()
    subtype = ma.fields.String(allow_none=True)
    suggestions = ma.fields.List(ma.fields.String())


@blueprint.route("/codes/ppks.types/meaning")
class Meaning(MethodView):
    @blueprint.arguments(Wording)
    @blueprint.response(200, MeaningSchema)
    @_problems
    def post(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Today's PPKS type for a wording of PMKS forms, the list of 2008, an abbreviation or everyday speech. Nothing is
        recorded; the wording is in the body, as it is typed about a person."""
        found = ppks_wording.find(asked["wording"])
        return {
            "code": None if found.review else found.code,
            "types": found.types,
            "subtype": found.subtype,
            "suggestions": list(found.suggestions),
        }


@blueprint.route("/instruments")
class Instruments(MethodView):
    @blueprint.response(200, InstrumentSchema(many=True))
    @_problems
    def get(self) -> list[Any]:
        """Every version of every assessment instrument: questions, weights and what a score means."""
        today = office().today()
        found = sorted(INSTRUMENTS.values(), key=lambda form: (form.code, form.valid_from))
        return [form for form in found if form.valid_from <= today]
