"""The life of a beneficiary's record, as the field speaks of it."""

from datetime import date

import pytest

from domain.aggregate import EVENTS
from domain.beneficiary import (
    Beneficiary,
    IdentityAlreadyMatched,
    NoIdentityClaimed,
    ReasonToGoOnNeeded,
)
from domain.beneficiary_life import (
    AlreadyInFamily,
    AlreadyMovedOut,
    DeathAlreadyRecorded,
    NotAFamily,
    NotInFamily,
    SameDomicile,
)
from domain.beneficiary_state import HasDied, OnlyForPersons
from domain.correction import correct, replay, retract
from domain.refusals import UnknownCode
from domain.sealed import Sealed
from domain.villages import NotAVillageCode
from tests.domain.beneficiary_beginnings import (
    DAY,
    LATER,
    OTHER_VILLAGE,
    SECRET,
    VILLAGE,
    a_beneficiary,
    classify,
    events,
    last,
    need,
)


def test_a_person_without_a_nik_is_registered() -> None:
    person = a_beneficiary(hamlet=SECRET, residence_outside=True)
    assert person.identity_state == "none"
    assert (person.village, person.identity, person.residence_outside) == (VILLAGE, SECRET, True)
    assert last(person).channels == "ID-SALURAN-PENDAFTARAN-2019"


def test_registration_refuses_what_the_lists_do_not_know() -> None:
    with pytest.raises(UnknownCode):
        a_beneficiary(kind="rumah")
    with pytest.raises(UnknownCode):
        a_beneficiary(channel="mimpi")
    with pytest.raises(NotAVillageCode):
        a_beneficiary(village="7501022001")
    with pytest.raises(UnknownCode):
        a_beneficiary(nik_stated=True, nik_findings=("7501020408870001",))


def test_probable_duplicates_ask_for_a_reason_to_go_on_and_are_no_wall() -> None:
    with pytest.raises(ReasonToGoOnNeeded):
        a_beneficiary(duplicates_seen=2)
    assert last(a_beneficiary(duplicates_seen=2, reason_to_go_on=SECRET)).duplicates_seen == 2


def test_a_nik_is_claimed_then_matched_by_dukcapil() -> None:
    person = a_beneficiary()
    with pytest.raises(NoIdentityClaimed):
        person.match_identity(on=DAY, how="surat_dukcapil")
    claimed = Sealed(part="claimed")
    person.claim_identity(on=DAY, identity=claimed, papers=("ktp", "kk"), nik_findings=("sex_differs",))
    assert (person.identity, person.identity_state) == (claimed, "claimed")
    person.match_identity(on=LATER, how="surat_dukcapil", reference=SECRET)
    assert person.identity_state == "matched"
    with pytest.raises(IdentityAlreadyMatched):
        person.match_identity(on=LATER, how="surat_dukcapil")
    person.claim_identity(on=LATER, identity=SECRET)
    assert person.identity_state == "claimed"


def test_a_nik_stated_at_registration_is_a_claim() -> None:
    assert a_beneficiary(nik_stated=True, nik_findings=("serial_zero",)).identity_state == "claimed"


def test_a_claimed_nik_of_another_record_asks_for_a_reason_and_is_no_wall() -> None:
    person = a_beneficiary()
    with pytest.raises(ReasonToGoOnNeeded):
        person.claim_identity(on=DAY, identity=SECRET, duplicates_seen=1)
    person.claim_identity(on=DAY, identity=SECRET, duplicates_seen=1, reason_to_go_on=SECRET)
    assert person.identity_state == "claimed"


@pytest.mark.parametrize("kind", ["family", "community"])
def test_families_and_communities_have_no_nik_and_do_not_die(kind: str) -> None:
    group = a_beneficiary(kind=kind)
    with pytest.raises(OnlyForPersons):
        group.claim_identity(on=DAY, identity=SECRET)
    with pytest.raises(OnlyForPersons):
        group.match_identity(on=DAY, how="surat_dukcapil")
    with pytest.raises(OnlyForPersons):
        group.die(on=DAY)
    with pytest.raises(OnlyForPersons):
        group.enter_institution(on=DAY, institution="Panti")
    with pytest.raises(OnlyForPersons):
        a_beneficiary(kind=kind, nik_stated=True)


def test_a_domicile_moves_and_the_village_follows() -> None:
    person = a_beneficiary()
    with pytest.raises(SameDomicile):
        person.move_domicile(on=LATER, village=VILLAGE)
    person.move_domicile(on=LATER, village=VILLAGE, address=SECRET)
    person.move_domicile(on=LATER, village=OTHER_VILLAGE, address=SECRET)
    assert person.village == OTHER_VILLAGE
    assert last(person).moved_from == VILLAGE
    person.move_domicile(on=LATER, village="75.71.01.1001", outside=True)
    assert last(person).outside


def test_who_moved_out_may_come_back() -> None:
    person = a_beneficiary()
    person.move_out(on=DAY, destination=SECRET)
    with pytest.raises(AlreadyMovedOut):
        person.move_out(on=LATER)
    person.move_domicile(on=LATER, village=VILLAGE)
    assert not person.moved_out


def test_a_person_is_in_one_family_at_a_time() -> None:
    person, family, other = a_beneficiary("b1"), a_beneficiary("f1", "family"), a_beneficiary("f2", "family")
    with pytest.raises(NotAFamily):
        person.join_family(on=DAY, family=a_beneficiary("b2"), relation="anak")
    with pytest.raises(UnknownCode):
        person.join_family(on=DAY, family=family, relation="tetangga")
    with pytest.raises(OnlyForPersons):
        family.join_family(on=DAY, family=other, relation="anak")
    person.join_family(on=DAY, family=family, relation="anak")
    for again in (family, other):
        with pytest.raises(AlreadyInFamily):
            person.join_family(on=LATER, family=again, relation="anak")
    with pytest.raises(NotInFamily):
        person.leave_family(on=LATER, family="f2")
    person.leave_family(on=LATER, family="f1")
    person.join_family(on=LATER, family=other, relation="istri")
    assert person.family == "f2"


def test_a_dead_person_refuses_new_types_and_needs() -> None:
    person = a_beneficiary()
    classify(person, "c1", "pengemis")
    person.die(on=DAY)
    for refused in (
        lambda: classify(person, "c2", "pemulung", on=LATER),
        lambda: need(person, on=LATER, spm_service="d", services=("L04",)),
        lambda: person.assess_neglect(on=LATER, neglected=True, how="wawancara"),
        lambda: person.enter_institution(on=LATER, institution="Panti"),
        lambda: person.move_domicile(on=LATER, village=OTHER_VILLAGE),
        lambda: person.move_out(on=LATER),
        lambda: person.join_family(on=LATER, family=a_beneficiary("f1", "family"), relation="anak"),
    ):
        with pytest.raises(HasDied):
            refused()
    with pytest.raises(DeathAlreadyRecorded):
        person.die(on=LATER)


def test_after_a_death_what_was_open_is_closed_and_late_entries_still_arrive() -> None:
    person = a_beneficiary()
    classify(person, "c1", "korban_bencana_alam")
    person.enter_institution(on=DAY, institution="RSUD")
    person.die(on=LATER)
    classify(person, "c2", "fakir_miskin", on=LATER)
    person.leave_institution(on=LATER)
    person.claim_identity(on=date(2026, 5, 1), identity=SECRET)
    person.end_ppks(on=date(2026, 5, 1), classification="c1", reason="meninggal")
    correct(person, events(person)[1], on=LATER, reason=SECRET, requested_by="supervisor", changes={"on": "2026-02-27"})
    assert list(person.open_types()) == ["c2"]


def test_a_retracted_death_is_as_if_it_had_not_happened() -> None:
    person = a_beneficiary()
    person.die(on=DAY)
    retract(person, events(person)[1], on=LATER, reason=SECRET, requested_by="supervisor")
    alive = replay(None, events(person))
    assert isinstance(alive, Beneficiary)
    classify(alive, "c1", "pengemis", on=LATER)
    assert alive.died_on is None


def test_every_event_of_a_beneficiary_has_a_topic_that_can_be_read_back() -> None:
    topics = {topic.partition(".")[2] for topic in EVENTS if topic.startswith("beneficiary.")}
    assert topics == {
        "registered",
        "identity_claimed",
        "identity_matched",
        "ppks_classified",
        "ppks_reclassified",
        "ppks_ended",
        "neglect_assessed",
        "institution_entered",
        "institution_left",
        "need_determined",
        "domicile_moved",
        "family_joined",
        "family_left",
        "died",
        "moved_out",
        "linked_as_duplicate",
        "link_reversed",
        "duplicate_acknowledged",
        "duplicate_released",
        "consent_given",
        "consent_withdrawn",
        "processing_restricted",
        "restriction_lifted",
        "hold_placed",
        "hold_lifted",
        "document_held",
        "document_released",
    }
    known = {topic for topic in EVENTS if topic.startswith("beneficiary.")}
    for topic in known:
        assert (EVENTS[topic].CONFLICTS or set()) <= known
