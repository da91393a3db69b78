"""The PPKS types and the SPM needs of a beneficiary over HTTP.

Whether a type may be given is judged here when it has to be sealed: the domain cannot read it then.
"""

from typing import Any

from flask_smorest import Blueprint

from domain import compartments, ppks, spm
from domain.beneficiary import Beneficiary
from domain.case import Case
from domain.sealed import Sealed
from projections import people_lists
from service.api import beneficiary_schemas as schemas
from service.api.commands import Form, Noun
from service.api.form import fit
from service.api.identity_fields import age_and_sex
from service.api.registration import beneficiary_of
from service.log.ids import new_id

blueprint = Blueprint(
    "beneficiary_types", __name__, url_prefix="/api/v1/beneficiaries", description="Types and needs of PPKS"
)
noun = Noun(blueprint, Beneficiary, "beneficiary.record")


def _age_and_sex(form: Form, person: Beneficiary) -> tuple[int | None, str | None]:
    if person.kind != "person" or person.identity is None:
        return None, None
    part = form.office.vault.open([person.identity.part]).get(person.identity.part, {})
    return age_and_sex(part.get("identity") or {}, form.on)


def open_type(form: Form, type: str | Sealed | None) -> str:
    """A type as its code; empty when its part was destroyed."""
    if not isinstance(type, Sealed):
        return type or ""
    return str(form.office.vault.open([type.part]).get(type.part, {}).get("type") or "")


def type_arguments(
    form: Form, person: Beneficiary, age: int | None, sex: str | None, leave_out: str = ""
) -> dict[str, Any]:
    """The arguments that classifying and reclassifying share. Raises what `ppks.check` raises."""
    sent, on = form.data, form.on
    sent.setdefault("classification", new_id())
    subtypes = tuple(sent.get("subtypes") or ())
    data = ppks.check(
        sent["type"], kind=person.kind, on=on, subtypes=subtypes, criteria=sent.get("criteria") is not None
    )
    tier = max(data.tier, sent.get("tier") or 1)
    strict = person.strict or tier >= Beneficiary.STRICT_TIER
    if strict and person.kind == "person":
        found = ppks.rule_findings(sent["type"], ppks.TYPES.on(on).version, age=age, sex=sex)
        sent["findings"] = list(found)
    for name in ("subtypes", "findings"):
        if not sent.get(name):
            sent.pop(name, None)
    held = [type for id, type in person.open_types().items() if id != leave_out]
    brought = compartments.of_type(sent["type"], subtypes, tier)
    arguments = form.fill(person.id, strict=strict, compartments=brought)
    arguments |= {"tier": tier, "assessor": form.account, "on": on, "evidence": form.evidence(person.id)}
    arguments["already_active"] = any(open_type(form, type) == sent["type"] for type in held)
    if not strict:
        arguments |= {"age": age, "sex": sex}
    # The number of a classification names a row of its own in the views: no second person may use it.
    form.decision.reserve("classification", sent["classification"], person.id)
    return arguments


def _restrict_cases(form: Form, person: Beneficiary) -> None:
    """A higher tier counts for the cases that run, in the same command."""
    with form.office.views.at() as view:
        running = people_lists.open_cases(view, person.id)
    for stream in running:
        case = form.decision.load(Case, stream)
        if case.tier < person.tier:
            case.raise_tier(on=form.on, tier=person.tier)


@noun.route("/<stream>/classifications", schemas.Typing, "beneficiary.classify")
def classify(form: Form, stream: str) -> str:
    """Record that a PPKS type applies. Outside the age or sex bounds of the type a reason is asked for. A type of tier
    3, and every type of somebody who has one, is sealed."""
    person = beneficiary_of(form, stream)
    person.classify(**fit(Beneficiary.classify, type_arguments(form, person, *_age_and_sex(form, person))))
    _restrict_cases(form, person)
    return stream


@noun.route("/<stream>/classifications/<ends>/replacement", schemas.Retyping, "beneficiary.reclassify")
def reclassify(form: Form, stream: str, ends: str) -> str:
    """Replace a type by another one: a child grew up, the first judgement was refined."""
    person = beneficiary_of(form, stream)
    arguments = type_arguments(form, person, *_age_and_sex(form, person), leave_out=ends)
    person.reclassify(ends=ends, **fit(Beneficiary.reclassify, arguments))
    _restrict_cases(form, person)
    return stream


@noun.route("/<stream>/classifications/<classification>/ending", schemas.TypeEnding, "beneficiary.end_ppks")
def end_ppks(form: Form, stream: str, classification: str) -> str:
    """Record that a type no longer applies."""
    person = beneficiary_of(form, stream)
    arguments = form.fill(stream, strict=person.strict)
    person.end_ppks(on=form.on, classification=classification, evidence=form.evidence(stream), **arguments)
    return stream


@noun.route("/<stream>/needs", schemas.NeedStatement, "beneficiary.determine_need")
def determine_need(form: Form, stream: str) -> str:
    """Record which items of an SPM service a type makes necessary in a year."""
    person = beneficiary_of(form, stream)
    sent = form.data
    if person.strict and sent["classification"] in person.open_types():
        spm.check_need(
            sent["spm_service"],
            tuple(sent["services"]),
            type=open_type(form, person.open_types()[sent["classification"]]),
            on=form.on,
            neglected=person.neglected,
            inside=person.inside_institution,
        )
    arguments = form.fill(stream, strict=person.strict)
    arguments |= {"on": form.on, "evidence": form.evidence(stream)}
    person.determine_need(**fit(Beneficiary.determine_need, arguments))
    return stream
