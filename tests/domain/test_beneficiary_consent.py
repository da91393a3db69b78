"""What people agree to, who may agree for them, and what a consent carries until it is withdrawn."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.beneficiary import Beneficiary
from domain.beneficiary_consent import (
    ConsentEndsBeforeItBegins,
    ConsentForSomethingElse,
    ConsentIdInUse,
    ConsentNotInForce,
    GuardianDecides,
    GuardianNeeded,
    NoSuchConsent,
    RecipientNeeded,
    WitnessNeeded,
)
from domain.beneficiary_state import HasDied, LinkedToAnother
from domain.correction import correct, replay, retract
from domain.referral import Referral
from domain.refusals import MustBeSealed, Refused, UnknownCode
from domain.sealed import Sealed
from tests.domain.beneficiary_beginnings import DAY, LATER, SECRET, a_beneficiary, a_strict_person, events, last

NEXT = DAY + timedelta(days=1)


def consent(person: Beneficiary, id: str = "s1", **more: Any) -> None:
    details: dict[str, Any] = {
        "on": DAY,
        "purpose": "rujukan",
        "how": "tanda_tangan",
        "giver": "yang_bersangkutan",
        "recipient_kind": "puskesmas",
        "age": 40,
    }
    person.give_consent(consent=id, **{**details, **more})


def strict_consent(person: Beneficiary, id: str = "s1", **more: Any) -> None:
    sealed: dict[str, Any] = {"purpose": SECRET, "open_purpose": "rujukan", "giver": SECRET, "recipient_kind": SECRET}
    consent(person, id, **{**sealed, "open_giver": "yang_bersangkutan", **more})


def withdraw(person: Beneficiary, id: str = "s1", **more: Any) -> None:
    person.withdraw_consent(**{"on": NEXT, "consent": id, "how": "cap_jempol", "giver": "yang_bersangkutan", **more})


def refer(person: Beneficiary, **more: Any) -> Referral:
    details: dict[str, Any] = {"destination_kind": "puskesmas", "destination": "Puskesmas Limboto"}
    details |= {"need": "pemeriksaan", "tier": person.tier, "consent": "s1", "on": NEXT}
    return Referral.submit("r1", case="k1", beneficiary=person.id, consenting=person, **{**details, **more})


def test_a_consent_is_given_for_a_purpose_and_a_recipient_and_carries_a_referral_there() -> None:
    person = a_beneficiary()
    consent(person, until=LATER)
    assert person.consents_in_force(DAY) == ["s1"]
    assert person.consents_in_force(LATER + timedelta(days=1)) == []
    referral = refer(person)
    assert (referral.consent, last(person).purposes) == ("s1", "ID-TUJUAN-PERSETUJUAN-2019")


@pytest.mark.parametrize(
    ("given", "referred", "refusal"),
    [
        ({}, {"consent": "s2"}, NoSuchConsent),
        ({}, {"on": DAY - timedelta(days=1)}, ConsentNotInForce),
        ({"until": DAY}, {}, ConsentNotInForce),
        ({}, {"destination_kind": "rumah_sakit"}, ConsentForSomethingElse),
        ({"purpose": "berbagi_data"}, {}, ConsentForSomethingElse),
        ({"recipient": "Puskesmas Telaga"}, {}, ConsentForSomethingElse),
        ({"recipient_id": "akun-1"}, {"destination_id": "akun-2"}, ConsentForSomethingElse),
    ],
)
def test_a_consent_carries_nothing_else(
    given: dict[str, Any], referred: dict[str, Any], refusal: type[Refused]
) -> None:
    person = a_beneficiary()
    consent(person, **given)
    with pytest.raises(refusal):
        refer(person, **referred)


@pytest.mark.parametrize(
    "named", [{"recipient": "puskesmas  Limboto"}, {"recipient_id": "akun-1", "recipient": "Puskesmas"}]
)
def test_a_consent_that_names_an_institution_carries_a_referral_to_it(named: dict[str, Any]) -> None:
    person = a_beneficiary()
    consent(person, **named)
    assert refer(person, destination_id="akun-1").is_open


def test_a_withdrawn_consent_carries_nothing_more_of_whatever_day() -> None:
    person = a_beneficiary()
    consent(person)
    running = refer(person)
    running.return_incomplete(on=NEXT, channel="surat", reason="berkas_kurang")
    withdraw(person, on=LATER)
    assert person.consents_in_force(DAY) == []
    with pytest.raises(ConsentNotInForce):
        refer(person)
    with pytest.raises(ConsentNotInForce):
        running.resubmit(on=NEXT, channel="surat", reply_by=LATER, consenting=person)
    with pytest.raises(NoSuchConsent):
        withdraw(person)
    consent(person, "s2", on=LATER)
    assert refer(person, on=LATER, consent="s2").is_open


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"purpose": "pameran"}, UnknownCode),
        ({"giver": "tetangga"}, UnknownCode),
        ({"how": "anggukan"}, UnknownCode),
        ({"recipient_kind": "warung"}, UnknownCode),
        ({"recipient_kind": None}, RecipientNeeded),
        ({"purpose": "berbagi_data", "recipient_kind": None}, RecipientNeeded),
        ({"age": 17}, GuardianDecides),
        ({"giver": "wali", "age": 17}, GuardianNeeded),
        ({"giver": "wali", "guardian": SECRET}, GuardianNeeded),
        ({"giver": "orang_tua", "guardian": SECRET, "relation": "tetangga"}, UnknownCode),
        ({"how": "lisan_saksi"}, WitnessNeeded),
        ({"until": DAY - timedelta(days=1)}, ConsentEndsBeforeItBegins),
    ],
)
def test_what_is_no_consent_is_refused(more: dict[str, Any], refusal: type[Refused]) -> None:
    person = a_beneficiary()
    with pytest.raises(refusal):
        consent(person, **more)
    assert len(events(person)) == 1


def test_the_office_itself_needs_no_recipient_and_words_need_a_witness() -> None:
    person = a_beneficiary()
    consent(person, purpose="dokumentasi_foto", recipient_kind=None, how="lisan_saksi", witness=SECRET)
    assert last(person).destinations == ""
    with pytest.raises(ConsentForSomethingElse):
        refer(person)
    with pytest.raises(WitnessNeeded):
        withdraw(person, how="lisan_saksi")


def test_a_parent_or_guardian_consents_for_a_child_and_is_named_under_seal() -> None:
    child = a_beneficiary()
    consent(child, giver="orang_tua", guardian=SECRET, relation="orang_tua", age=9)
    assert (last(child).guardian, last(child).relations) == (SECRET, "ID-SHDK-2019")


def test_a_consent_has_an_id_of_its_own() -> None:
    person = a_beneficiary()
    consent(person)
    with pytest.raises(ConsentIdInUse):
        consent(person)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("purpose", "rujukan"),
        ("giver", "pengampu"),
        ("recipient_kind", "rumah_sakit_jiwa"),
        ("recipient", "RSJ"),
        ("recipient_id", "akun-1"),
        ("relation", "anak"),
    ],
)
def test_of_a_strict_subject_nothing_of_it_stands_in_the_open(field: str, value: str) -> None:
    with pytest.raises(MustBeSealed):
        strict_consent(a_strict_person(), **{field: value})
    person = a_strict_person()
    strict_consent(person)
    with pytest.raises(MustBeSealed):
        withdraw(person)
    with pytest.raises(UnknownCode):
        strict_consent(person, "s2", open_purpose="entah")
    withdraw(person, giver=SECRET, open_giver="yang_bersangkutan")
    assert person.consents["s1"].withdrawn


def test_what_is_sealed_of_a_consent_is_opened_to_decide() -> None:
    person = a_strict_person()
    strict_consent(person)
    opened = {"purpose": "rujukan", "recipient_kind": "bnn"}
    sealed = {"destination_kind": SECRET, "destination": SECRET, "need": SECRET, "open_destination_kind": "bnn"}
    with pytest.raises(ConsentForSomethingElse):
        refer(person, **sealed)
    assert refer(person, **sealed, opened_consent=opened).is_open
    named = {**opened, "recipient": "BNN Provinsi"}
    strict_consent(person, "s2", recipient=SECRET)
    with pytest.raises(ConsentForSomethingElse):
        refer(person, **sealed, consent="s2", opened_consent=named, open_destination="BNN Kota")
    assert refer(person, **sealed, consent="s2", opened_consent=named, open_destination="BNN provinsi").is_open


def test_nobody_agrees_after_death_or_on_a_linked_record_but_withdrawing_is_always_possible() -> None:
    person, primary = a_beneficiary(), a_beneficiary("b2")
    consent(person)
    person.link_as_duplicate(on=DAY, primary=primary, reason=SECRET)
    with pytest.raises(LinkedToAnother):
        consent(person, "s2")
    withdraw(person)
    consent(primary)
    primary.die(on=DAY)
    with pytest.raises(HasDied):
        consent(primary, "s2", on=NEXT)
    withdraw(primary)


def test_a_corrected_consent_reads_as_corrected_and_a_retracted_one_is_none() -> None:
    person = a_beneficiary()
    consent(person)
    said = {"on": DAY, "reason": SECRET, "requested_by": "pencatat"}
    correct(person, events(person)[1], changes={"until": "2026-03-02", "recipient_kind": "bnn"}, **said)
    again = replay(None, events(person))
    assert isinstance(again, Beneficiary)
    assert (again.consents["s1"].until, again.consents["s1"].recipient_kind) == (date(2026, 3, 2), "bnn")
    retract(person, events(person)[1], **said)
    assert replay(None, events(person)).consents == {}  # type: ignore[union-attr]  # there are events
    lone = Beneficiary.blank("b9")
    withdraw(person)
    lone.remember(last(person))  # a withdrawal whose consent is missing is still read
    assert lone.consents == {}


def test_a_sealed_reference_is_what_the_domain_keeps() -> None:
    person = a_strict_person()
    strict_consent(person, note=Sealed("p9"))
    assert last(person).note == Sealed("p9")
