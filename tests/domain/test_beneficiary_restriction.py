"""Processing restricted, and the restriction lifted (UU 27/2022 art. 11)."""

import pytest

from domain.beneficiary_restriction import AlreadyRestricted, NotRestricted, ProcessingRestricted
from domain.correction import HalfOfAPair, replay, retract
from domain.refusals import UnknownCode
from tests.domain.beneficiary_beginnings import DAY, SECRET, a_beneficiary, events, last


def test_a_restricted_record_is_for_those_entitled_alone_until_the_restriction_is_lifted() -> None:
    person = a_beneficiary()
    person.must_be_workable(entitled=False)
    person.restrict_processing(on=DAY, ground="permintaan", request="q1")
    with pytest.raises(ProcessingRestricted) as refusal:
        person.must_be_workable(entitled=False)
    assert "pasal 11" in refusal.value.sentence
    person.must_be_workable(entitled=True)
    with pytest.raises(AlreadyRestricted):
        person.restrict_processing(on=DAY, ground="permintaan")
    assert replay(None, events(person)).restricted  # type: ignore[union-attr]  # there are events
    person.lift_restriction(on=DAY, reason=SECRET)
    person.must_be_workable(entitled=False)
    with pytest.raises(NotRestricted):
        person.lift_restriction(on=DAY, reason=SECRET)


def test_a_restriction_has_a_ground_of_the_list() -> None:
    person = a_beneficiary()
    with pytest.raises(UnknownCode):
        person.restrict_processing(on=DAY, ground="karena_saya_mau")
    person.restrict_processing(on=DAY, ground="ketepatan_diragukan", reason=SECRET)
    assert last(person).restrictions == "ID-PEMBATASAN-2022"


def test_linked_records_and_those_of_the_dead_can_be_restricted_too() -> None:
    person, primary = a_beneficiary(), a_beneficiary("b2")
    person.link_as_duplicate(on=DAY, primary=primary, reason=SECRET)
    primary.die(on=DAY)
    for one in (person, primary):
        one.restrict_processing(on=DAY, ground="permintaan")
        assert one.restricted


def test_a_restriction_is_lifted_by_a_decision_and_not_by_calling_it_a_mistake() -> None:
    person = a_beneficiary()
    person.restrict_processing(on=DAY, ground="permintaan")
    with pytest.raises(HalfOfAPair):
        retract(person, last(person), on=DAY, reason=SECRET, requested_by="pencatat")
