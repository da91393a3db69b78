"""People, families and communities in need over HTTP: registration, identity, domicile, family, duplicates."""

import inspect

from flask_smorest import Blueprint

from domain.beneficiary import Beneficiary
from service.api import beneficiary_schemas as schemas
from service.api import fields
from service.api.commands import Form, Noun
from service.api.form import fit
from service.api.identity_fields import must_be_born, nik_findings
from service.api.registration import begin_beneficiary, beneficiary_of, findable, holders_of_nik

blueprint = Blueprint(
    "beneficiaries", __name__, url_prefix="/api/v1/beneficiaries", description="PPKS: people, families, communities"
)
noun = Noun(blueprint, Beneficiary, "beneficiary.record")


@noun.route("", schemas.PersonRegistration, "beneficiary.register")
def register(form: Form) -> str:
    """Register a person, a family or a community. Probable duplicates are shown first: a warning with a reason to go
    on, never a wall. What is odd about a NIK is kept as findings and refuses nothing."""
    form.served("beneficiary.record", form.data["village"], by=form.account)
    stream = form.new_id()
    begin_beneficiary(form, stream)
    return stream


@noun.route("/<stream>/identity-claims", schemas.IdentityClaim, "beneficiary.claim_identity")
def claim_identity(form: Form, stream: str) -> str:
    """Record the identity that a person states, with the papers shown. It replaces an earlier one and has to be matched
    anew. That another record holds the NIK is answered once, and passed by with a reason."""
    person = beneficiary_of(form, stream)
    identity = form.data["identity"]
    must_be_born(identity, form.today)
    others = holders_of_nik(form, stream, identity, person.village)
    arguments = form.fill(stream, strict=person.strict)
    findable(form.decision, arguments["identity"], identity, person.village)
    arguments |= {"nik_findings": nik_findings(identity, form.on), "evidence": form.evidence(stream), "on": form.on}
    arguments["duplicates_seen"] = len(others)
    person.claim_identity(**fit(Beneficiary.claim_identity, arguments))
    return stream


def _fact(rule: str, method: str, schema: type[fields.Schema]) -> None:
    """A route that calls one method of the beneficiary with what was sent."""
    function = getattr(Beneficiary, method)

    def handle(form: Form, stream: str) -> str:
        found = beneficiary_of(form, stream)
        arguments = {**form.fill(stream, strict=found.strict), "on": form.on, "evidence": form.evidence(stream)}
        getattr(found, method)(**fit(function, arguments))
        return stream

    handle.__doc__ = inspect.getdoc(function)
    noun.route(f"/<stream>{rule}", schema, f"beneficiary.{method}")(handle)


_fact("/identity-matches", "match_identity", schemas.IdentityMatch)
_fact("/neglect-assessments", "assess_neglect", schemas.Neglect)
_fact("/institution-entries", "enter_institution", schemas.InstitutionEntry)
_fact("/institution-departures", "leave_institution", schemas.PersonNote)
_fact("/family-departures", "leave_family", schemas.FamilyLeaving)
_fact("/death", "die", schemas.PersonNote)
_fact("/departure", "move_out", schemas.PersonDeparture)


@noun.route("/<stream>/domicile-moves", schemas.DomicileMove, "beneficiary.move_domicile")
def move_domicile(form: Form, stream: str) -> str:
    """Record a new domicile, or a new address in the same village. Services follow it."""
    found = beneficiary_of(form, stream)
    if not form.data.get("outside"):
        form.village(form.data["village"])
    arguments = form.fill(stream, strict=found.strict)
    found.move_domicile(on=form.on, evidence=form.evidence(stream), **arguments)
    return stream


@noun.route("/<stream>/family-memberships", schemas.FamilyJoining, "beneficiary.join_family")
def join_family(form: Form, stream: str) -> str:
    """Record that a person belongs to a registered family."""
    found = beneficiary_of(form, stream)
    family = form.load(Beneficiary, form.data["family"])
    found.join_family(on=form.on, family=family, relation=form.data["relation"], evidence=form.evidence(stream))
    return stream


@noun.route("/<stream>/duplicate-links", schemas.Link, "beneficiary.link_as_duplicate")
def link_as_duplicate(form: Form, stream: str) -> str:
    """Record that this is a second record of ``primary``. Nothing is merged: the link can be reversed."""
    found = beneficiary_of(form, stream)
    arguments = form.fill(stream, strict=found.strict)
    arguments |= {"primary": beneficiary_of(form, form.data["primary"], "beneficiary.read"), "on": form.on}
    found.link_as_duplicate(evidence=form.evidence(stream), **fit(Beneficiary.link_as_duplicate, arguments))
    return stream


@noun.route("/<stream>/link-reversals", schemas.LinkReversal, "beneficiary.reverse_link")
def reverse_link(form: Form, stream: str) -> str:
    """Record that a link was wrong: both histories are whole again."""
    found = beneficiary_of(form, stream)
    arguments = form.fill(stream, strict=found.strict)
    arguments |= {"primary": form.load(Beneficiary, form.data["primary"]), "on": form.on}
    found.reverse_link(evidence=form.evidence(stream), **arguments)
    return stream
