"""Consents of people over HTTP: given for a purpose and a recipient, withdrawn; and the restriction of processing."""

from collections.abc import Mapping
from typing import Any

from flask_smorest import Blueprint

from domain.beneficiary import Beneficiary
from domain.consent_codes import GIVERS, PURPOSES, WAYS
from domain.destinations import DESTINATIONS
from domain.sealed import Sealed
from projections.consents import consents
from service.access import Sight
from service.api import beneficiary_schemas as schemas
from service.api.commands import Form, Noun
from service.api.current import office
from service.api.form import fit
from service.api.identity_fields import age_and_sex
from service.api.people_shown import STRICT_WORD
from service.api.registration import beneficiary_of
from service.api.rows import truths
from service.log.ids import new_id
from service.log.vault import DESTROYED

blueprint = Blueprint(
    "consents", __name__, url_prefix="/api/v1/beneficiaries", description="Consent, and restriction of processing"
)
noun = Noun(blueprint, Beneficiary, "consent.record")
#: Columns that are empty in a view when they are sealed, and so stand in the part.
_SEALED = ("purpose", "recipient_kind", "recipient", "recipient_id", "giver")


def opened_consent(form: Form, person: Beneficiary, consent: str) -> dict[str, Any]:
    """What is sealed of a consent, by name, to decide with; empty when nothing is or there is no such consent."""
    known = person.consents.get(consent)
    if known is None or not isinstance(known.purpose, Sealed):
        return {}
    return form.office.vault.open([known.purpose.part]).get(known.purpose.part, {})


def _age(form: Form, person: Beneficiary) -> int | None:
    if person.kind != "person" or person.identity is None:
        return None
    part = form.office.vault.open([person.identity.part]).get(person.identity.part, {})
    return age_and_sex(part.get("identity") or {}, form.on)[0]


@noun.route("/<stream>/consents", schemas.ConsentGiving, "beneficiary.give_consent")
def give_consent(form: Form, stream: str) -> str:
    """Record a consent for one purpose, to the office or to an institution. For a child a parent or guardian gives it."""
    person = beneficiary_of(form, stream, "consent.record")
    form.data.setdefault("consent", new_id())
    arguments = form.fill(stream, strict=person.strict)
    arguments |= {f"open_{name}": form.data[name] for name in ("purpose", "giver")}
    arguments |= {"on": form.on, "age": _age(form, person), "evidence": form.evidence(stream)}
    person.give_consent(**fit(Beneficiary.give_consent, arguments))
    return stream


@noun.route("/<stream>/consents/<consent>/withdrawal", schemas.ConsentDecision, "beneficiary.withdraw_consent")
def withdraw_consent(form: Form, stream: str, consent: str) -> str:
    """Take a consent back. From this moment nothing is shared on its ground: partners see no more of the referrals that
    rest on it, and no new one goes out."""
    person = beneficiary_of(form, stream, "consent.record")
    arguments = form.fill(stream, strict=person.strict)
    arguments |= {"on": form.on, "open_giver": form.data["giver"], "evidence": form.evidence(stream)}
    person.withdraw_consent(consent=consent, **fit(Beneficiary.withdraw_consent, arguments))
    return stream


@noun.route(
    "/<stream>/processing-restriction",
    schemas.ProcessingRestriction,
    "beneficiary.restrict_processing",
    action="beneficiary.restrict",
)
def restrict_processing(form: Form, stream: str) -> str:
    """Hide a record from all but the data protection officer."""
    person = form.decision.load(Beneficiary, stream)
    form.require("beneficiary.restrict")
    arguments = form.fill(stream, strict=person.strict)
    person.restrict_processing(on=form.on, evidence=form.evidence(stream), **arguments)
    return stream


@noun.route(
    "/<stream>/restriction-lifting",
    schemas.RestrictionLifting,
    "beneficiary.lift_restriction",
    action="beneficiary.restrict",
)
def lift_restriction(form: Form, stream: str) -> str:
    """Show a restricted record again."""
    person = form.decision.load(Beneficiary, stream)
    form.require("beneficiary.restrict")
    arguments = form.fill(stream, strict=person.strict)
    person.lift_restriction(on=form.on, evidence=form.evidence(stream), **arguments)
    return stream


def consent_shown(row: Mapping[str, Any], sight: Sight) -> dict[str, Any]:
    """A row of `projections.consents` for somebody who may see the person: what is sealed only in full sight."""
    shown = {
        name: value for name, value in truths(row, consents).items() if name not in ("key", "since", "beneficiary")
    }
    wanted = {shown.pop("part"), shown.pop("people")} - {None}
    parts = office().vault.open(wanted) if sight is Sight.FULL else {}
    said: dict[str, Any] = {name: value for part in parts.values() for name, value in part.items()}
    hidden = STRICT_WORD if sight is not Sight.FULL else DESTROYED
    if row["part"]:
        for name in _SEALED:
            shown[name] = said.get(name) if row["part"] in parts else hidden
    for name in ("guardian", "relation", "witness"):
        shown[name] = said.get(name, shown.get(name))
    labels = (("purpose", PURPOSES, "purposes"), ("recipient_kind", DESTINATIONS, "destinations"))
    for name, listing, version in (*labels, ("giver", GIVERS, "givers"), ("how", WAYS, "ways")):
        shown[f"{name}_label"] = listing.label(row[version], shown[name]) if shown[name] else None
    return shown
