"""Types and needs of a beneficiary, and what a strict one keeps sealed."""

from typing import Any

import pytest

from domain import ppks
from domain.beneficiary_classification import (
    ClassificationIdInUse,
    NoOpenClassification,
    OverrideReasonNeeded,
    SameTypeStillOpen,
    TierTooLow,
)
from domain.beneficiary_need import AlreadyInside, NeedYearOff, NotInside, ServicesMissing
from domain.refusals import MustBeSealed, UnknownCode
from domain.sealed import Sealed
from domain.spm import InsideInstitution, NeglectNotEstablished, ServiceNotForType
from tests.domain.beneficiary_beginnings import DAY, LATER, SECRET, a_beneficiary, a_strict_person, classify, last, need


def test_one_person_has_several_types_at_once() -> None:
    person = a_beneficiary()
    classify(person, "c1", "pengemis")
    classify(person, "c2", "perempuan_rawan_sosial_ekonomi")
    classify(person, "c3", "penyandang_disabilitas", subtypes=("fisik", "sensorik"))
    assert list(person.open_types()) == ["c1", "c2", "c3"]
    assert person.tier == 2
    assert last(person).types == "ID-PPKS-2012"


def test_the_same_type_twice_only_after_the_first_ended() -> None:
    person = a_beneficiary()
    classify(person, "c1", "pengemis")
    with pytest.raises(SameTypeStillOpen):
        classify(person, "c2", "pengemis")
    person.end_ppks(on=LATER, classification="c1", reason="mampu")
    assert last(person).reasons == "ID-PPKS-AKHIR-2019"
    classify(person, "c2", "pengemis")
    with pytest.raises(ClassificationIdInUse):
        classify(person, "c1", "pemulung")


def test_the_same_sealed_type_twice_is_refused_on_the_callers_word() -> None:
    person = a_strict_person()
    with pytest.raises(SameTypeStillOpen):
        classify(person, "c2", Sealed(part="q"), already_active=True)
    classify(person, "c2", Sealed(part="q"))
    assert len(person.open_types()) == 2


def test_only_an_open_classification_can_end_and_only_for_a_known_reason() -> None:
    person = a_beneficiary()
    classify(person, "c1", "pengemis")
    with pytest.raises(NoOpenClassification):
        person.end_ppks(on=LATER, classification="c9", reason="mampu")
    with pytest.raises(UnknownCode):
        person.end_ppks(on=LATER, classification="c1", reason="bosan")
    person.end_ppks(on=LATER, classification="c1", reason="pindah")
    with pytest.raises(NoOpenClassification):
        person.end_ppks(on=LATER, classification="c1", reason="pindah")


def test_an_age_out_of_bounds_asks_for_a_reason_and_is_no_wall() -> None:
    person = a_beneficiary()
    with pytest.raises(OverrideReasonNeeded):
        classify(person, "c1", "lanjut_usia_telantar", age=58)
    classify(person, "c1", "lanjut_usia_telantar", age=58, override_reason=SECRET)
    assert last(person).findings == ("age_below",)
    classify(person, "c2", "perempuan_rawan_sosial_ekonomi", age=None, sex="L", override_reason=SECRET)
    assert last(person).findings == ("age_unknown", "sex_mismatch")


def test_sealed_findings_ask_for_a_reason_too() -> None:
    person = a_beneficiary()
    with pytest.raises(OverrideReasonNeeded):
        classify(person, "c1", SECRET, findings=SECRET)
    classify(person, "c1", SECRET, findings=SECRET, override_reason=SECRET)
    assert last(person).findings == SECRET


def test_a_type_is_for_its_unit() -> None:
    with pytest.raises(ppks.UnitNotAllowed):
        classify(a_beneficiary(kind="family"), "c1", "pengemis")
    with pytest.raises(ppks.UnitNotAllowed):
        classify(a_beneficiary(), "c1", SECRET, unit_ok=False)
    family = a_beneficiary(kind="family")
    classify(family, "c1", "fakir_miskin", age=None, sex=None)
    assert last(family).findings == ()


def test_a_disability_needs_its_subtype() -> None:
    with pytest.raises(ppks.SubtypeMissing):
        classify(a_beneficiary(), "c1", "penyandang_disabilitas")
    with pytest.raises(ppks.SubtypeNotForType):
        classify(a_beneficiary(), "c1", "pengemis", subtypes=("fisik",))


def test_a_strict_type_never_comes_in_the_open() -> None:
    with pytest.raises(MustBeSealed):
        classify(a_beneficiary(), "c1", "orang_dengan_hiv")
    with pytest.raises(MustBeSealed):
        classify(a_beneficiary(), "c1", "pengemis", tier=3)
    with pytest.raises(MustBeSealed):
        classify(a_beneficiary(), "c1", SECRET, subtypes=("mental",))


def test_nothing_gives_away_the_type_of_a_strict_person() -> None:
    person = a_strict_person()
    assert person.strict
    with pytest.raises(MustBeSealed):
        classify(person, "c2", "pengemis")
    with pytest.raises(MustBeSealed):
        person.end_ppks(on=LATER, classification="c1", reason="mampu")
    with pytest.raises(MustBeSealed):
        person.enter_institution(on=LATER, institution="Rumah aman")
    with pytest.raises(MustBeSealed):
        person.determine_need(on=LATER, classification="c1", spm_service="d", services=SECRET, year=2026)
    with pytest.raises(MustBeSealed):
        person.determine_need(on=LATER, classification="c1", spm_service=SECRET, services=("L13",), year=2026)
    person.enter_institution(on=LATER, institution=SECRET)
    person.determine_need(on=LATER, classification="c1", spm_service=SECRET, services=SECRET, year=2026)
    person.end_ppks(on=LATER, classification="c1", reason=SECRET)
    assert person.open_types() == {}


def test_the_tier_rises_and_does_not_fall_when_the_type_ends() -> None:
    person = a_beneficiary()
    classify(person, "c1", "pengemis")
    assert person.tier == 1
    with pytest.raises(TierTooLow):
        classify(person, "c2", "fakir_miskin", tier=1)
    with pytest.raises(TierTooLow):
        classify(person, "c2", SECRET, tier=4)
    classify(person, "c2", SECRET)
    person.end_ppks(on=LATER, classification="c2", reason=SECRET)
    assert person.tier == 3


def test_a_child_that_grows_up_is_reclassified_in_one_step() -> None:
    child = a_beneficiary()
    classify(child, "c1", "anak_balita_telantar", age=5)
    child.reclassify(
        on=LATER,
        ends="c1",
        reason=SECRET,
        classification="c2",
        type="anak_telantar",
        tier=2,
        assessor="account",
        age=6,
        sex="P",
    )
    assert child.open_types() == {"c2": "anak_telantar"}
    assert (last(child).ends, last(child).classification) == ("c1", "c2")


def test_reclassifying_needs_something_to_end_and_no_twin() -> None:
    person = a_beneficiary()
    classify(person, "c1", "pengemis")
    classify(person, "c2", "pemulung")
    again: dict[str, Any] = {"on": LATER, "reason": SECRET, "tier": 1, "assessor": "account"}
    with pytest.raises(NoOpenClassification):
        person.reclassify(ends="c9", classification="c3", type="gelandangan", **again)
    with pytest.raises(SameTypeStillOpen):
        person.reclassify(ends="c1", classification="c3", type="pemulung", **again)
    with pytest.raises(ppks.UnitNotAllowed):
        person.reclassify(ends="c1", classification="c3", type=SECRET, unit_ok=False, **{**again, "tier": 3})
    person.reclassify(ends="c1", classification="c3", type="pengemis", **again)
    assert person.open_types() == {"c2": "pemulung", "c3": "pengemis"}


def test_neglect_is_a_fact_apart_from_the_type() -> None:
    person = a_beneficiary()
    assert person.neglected is None
    person.assess_neglect(on=DAY, neglected=True, how="kunjungan_rumah", note=SECRET)
    assert person.neglected is True
    person.assess_neglect(on=LATER, neglected=False, how="wawancara")
    assert person.neglected is False
    with pytest.raises(UnknownCode):
        person.assess_neglect(on=LATER, neglected=True, how="firasat")


def test_nobody_enters_an_institution_twice_or_leaves_it_unentered() -> None:
    person = a_beneficiary()
    with pytest.raises(NotInside):
        person.leave_institution(on=DAY)
    person.enter_institution(on=DAY, institution="Panti Sosial Tresna Werdha")
    with pytest.raises(AlreadyInside):
        person.enter_institution(on=DAY, institution="Panti lain")
    person.leave_institution(on=LATER)
    assert not person.inside_institution


def test_a_disabled_person_needs_spm_services_only_when_neglected_and_outside() -> None:
    person = a_beneficiary()
    with pytest.raises(NoOpenClassification):
        need(person)
    classify(person, "c1", "penyandang_disabilitas", subtypes=("mental",))
    with pytest.raises(NeglectNotEstablished):
        need(person)
    person.assess_neglect(on=DAY, neglected=True, how="kunjungan_rumah")
    person.enter_institution(on=DAY, institution="Panti")
    with pytest.raises(InsideInstitution):
        need(person)
    person.leave_institution(on=DAY)
    need(person)
    assert person.needs == {("c1", 2026)}
    assert last(person).spm == "ID-SPM-SOSIAL-2018"
    with pytest.raises(ServiceNotForType):
        need(person, spm_service="c")
    with pytest.raises(ServicesMissing):
        need(person, services=())
    with pytest.raises(NeedYearOff):
        need(person, year=2025)
    need(person, year=2027)
