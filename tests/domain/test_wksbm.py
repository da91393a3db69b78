"""The life of a WKSBM as the field tells it: its steps, its work and its end."""

import pytest

from domain.refusals import UnknownCode
from domain.sealed import Sealed
from domain.villages import NotAVillageCode
from domain.wksbm import Wksbm
from domain.wksbm_formation import AlreadyFormed, FormingNeedsDeliberation, NotFormedYet
from domain.wksbm_life import KpsAlreadyMember, KpsNotMember
from domain.wksbm_monitoring import AlreadyDormant, NotDormant
from domain.wksbm_state import NegativeCount, WksbmDissolved
from tests.domain.wksbm_beginnings import (
    DAY,
    DESA,
    KELURAHAN,
    MEMBERS,
    TERM_END,
    formed,
    initiated,
    last,
    paper,
    ratify,
    ready,
)


def test_a_village_may_have_several_each_with_its_own_part() -> None:
    first = Wksbm.initiate("w1", on=DAY, village=DESA, name="WKSBM Huyula", hamlet="Dusun I")
    second = Wksbm.initiate("w2", on=DAY, village=DESA, name="WKSBM Ambu", hamlet="Dusun II")
    assert (first.village, second.village) == (DESA, DESA)
    assert first.hamlet != second.hamlet


def test_a_wksbm_belongs_to_a_village_by_its_kemendagri_code() -> None:
    with pytest.raises(NotAVillageCode):
        Wksbm.initiate("w1", on=DAY, village="7502040001", name="WKSBM Huyula")


def test_the_stages_follow_what_happened() -> None:
    wksbm = initiated()
    assert wksbm.stage == "dirintis"
    wksbm.hold_deliberation(on=DAY, attendance=40)
    wksbm.form(on=DAY)
    assert wksbm.stage == "terbentuk"
    wksbm.appoint_board(on=DAY, members=MEMBERS, term_from=DAY, term_until=TERM_END)
    ratify(wksbm)
    assert wksbm.stage == "sah"
    wksbm.dissolve(on=TERM_END, reason="musyawarah", evidence=(paper("berita_acara"),))
    assert wksbm.stage == "dibubarkan"


def test_forming_needs_a_deliberation_with_attendance() -> None:
    wksbm = initiated()
    with pytest.raises(FormingNeedsDeliberation):
        wksbm.form(on=DAY)
    wksbm.hold_deliberation(on=DAY)
    with pytest.raises(FormingNeedsDeliberation) as refusal:
        wksbm.form(on=DAY)
    assert refusal.value.rule == "forming_needs_deliberation"
    wksbm.hold_deliberation(on=DAY, attendance=40)
    wksbm.form(on=DAY)
    with pytest.raises(AlreadyFormed):
        wksbm.form(on=DAY)


def test_an_attendance_of_nobody_is_refused() -> None:
    with pytest.raises(NegativeCount):
        initiated().hold_deliberation(on=DAY, attendance=0)


def test_the_minutes_of_a_deliberation_are_sealed() -> None:
    wksbm = initiated()
    wksbm.hold_deliberation(on=DAY, attendance=40, minutes=Sealed(part="notulen"))
    event = last(wksbm)
    assert isinstance(event, Wksbm.DeliberationHeld)
    assert event.minutes == Sealed(part="notulen")


def test_more_kps_cannot_be_named_than_were_found() -> None:
    wksbm = initiated()
    wksbm.identify_kps(on=DAY, found=12, kps=("k1", "k2"))
    with pytest.raises(NegativeCount):
        wksbm.identify_kps(on=DAY, found=1, kps=("k1", "k2"))


def test_one_meeting_for_many_is_told_by_its_session() -> None:
    first, second = initiated(), Wksbm.initiate("w2", on=DAY, village=KELURAHAN, name="WKSBM Limboto")
    for wksbm in (first, second):
        wksbm.hold_socialization(on=DAY, attendance=60, session="s1")
        wksbm.conduct_coaching(on=DAY, kind="pelatihan", participants=60, session="s1")
    sessions = [
        event.session
        for event in (*first.pending_events, *second.pending_events)
        if isinstance(event, Wksbm.SocializationHeld | Wksbm.CoachingConducted)
    ]
    assert sessions == ["s1"] * 4


def test_only_a_formed_one_is_registered_assessed_or_found_dormant() -> None:
    wksbm = initiated()
    with pytest.raises(NotFormedYet):
        wksbm.register_at_office(on=DAY)
    with pytest.raises(NotFormedYet):
        wksbm.assess(on=DAY, level="tumbuh")
    with pytest.raises(NotFormedYet):
        wksbm.find_dormant(on=DAY, signals=("tanpa_kegiatan",))
    wksbm = formed()
    wksbm.register_at_office(on=DAY, register_number="12/PSKS/2019", members=40)
    assert wksbm.registered


def test_a_kps_joins_once_and_leaves_once() -> None:
    wksbm = initiated()
    wksbm.join_kps(on=DAY, kps="k1")
    with pytest.raises(KpsAlreadyMember):
        wksbm.join_kps(on=DAY, kps="k1")
    wksbm.leave_kps(on=DAY, kps="k1")
    with pytest.raises(KpsNotMember):
        wksbm.leave_kps(on=DAY, kps="k1")
    wksbm.join_kps(on=DAY, kps="k1")
    assert wksbm.kps == {"k1"}


def test_money_is_counted_in_whole_rupiah_both_ways() -> None:
    wksbm = formed()
    wksbm.raise_funds(on=DAY, amount=800_000, origin="iuran")
    wksbm.raise_funds(on=DAY, amount=200_000, origin="donasi")
    wksbm.distribute_funds(on=DAY, amount=300_000, purpose="kedukaan", beneficiaries=2)
    assert (wksbm.funds_raised, wksbm.funds_distributed) == (1_000_000, 300_000)
    with pytest.raises(NegativeCount) as refusal:
        wksbm.raise_funds(on=DAY, amount=0, origin="iuran")
    assert refusal.value.values == {"field": "amount", "least": 1}
    with pytest.raises(UnknownCode):
        wksbm.distribute_funds(on=DAY, amount=1, purpose="pesta", beneficiaries=2)


def test_facilities_coaching_and_activities_name_their_lists() -> None:
    wksbm = formed()
    wksbm.provide_facility(on=DAY, kind="sekretariat", quantity=1, origin="dana_desa", value=25_000_000)
    wksbm.conduct_coaching(on=DAY, kind="pelatihan", organizer="Dinas Sosial", participants=12)
    wksbm.report_activity(on=DAY, kind="kerja_bakti", participants=30, beneficiaries=1, description=Sealed(part="x"))
    facility, coaching, activity = wksbm.pending_events[-3:]
    assert isinstance(facility, Wksbm.FacilityProvided)
    assert (facility.kinds, facility.origins) == ("GTLO-SARPRAS-2019", "GTLO-DANA-2019")
    assert isinstance(coaching, Wksbm.CoachingConducted)
    assert coaching.kinds == "GTLO-PEMBINAAN-2019"
    assert isinstance(activity, Wksbm.ActivityReported)
    assert (activity.kinds, activity.description) == ("GTLO-KEGIATAN-2019", Sealed(part="x"))


def test_an_assessment_keeps_the_scale_it_was_made_on() -> None:
    wksbm = formed()
    wksbm.assess(on=DAY, level="berkembang", score=64, evidence=(paper("instrumen_monev"),))
    event = last(wksbm)
    assert isinstance(event, Wksbm.Assessed)
    assert (event.level, event.scale, event.unproven) == ("berkembang", "GTLO-KLASIFIKASI-WKSBM-2019", False)
    with pytest.raises(UnknownCode):
        wksbm.assess(on=DAY, level="mandiri")


def test_dormancy_is_found_and_ended_by_decision_not_by_an_activity() -> None:
    wksbm = formed()
    with pytest.raises(NotDormant):
        wksbm.reactivate(on=DAY)
    wksbm.find_dormant(on=DAY, signals=("tanpa_kegiatan", "ketua_kosong"))
    with pytest.raises(AlreadyDormant):
        wksbm.find_dormant(on=DAY, signals=("tanpa_kegiatan",))
    wksbm.report_activity(on=DAY, kind="rapat")
    assert wksbm.dormant
    wksbm.reactivate(on=DAY)
    assert not wksbm.dormant
    with pytest.raises(UnknownCode):
        wksbm.find_dormant(on=DAY, signals=("firasat",))


def test_a_dissolved_one_refuses_every_further_step() -> None:
    wksbm = ready()
    wksbm.join_kps(on=DAY, kps="k1")
    wksbm.dissolve(on=DAY, reason="musyawarah", evidence=(paper("berita_acara"),))
    before = len(wksbm.pending_events)
    for act in (
        lambda: wksbm.hold_socialization(on=DAY),
        lambda: wksbm.identify_kps(on=DAY, found=1),
        lambda: wksbm.hold_deliberation(on=DAY, attendance=3),
        lambda: wksbm.form(on=DAY),
        lambda: wksbm.appoint_board(on=DAY, members=MEMBERS, term_from=DAY, term_until=TERM_END),
        lambda: wksbm.end_board_term(on=DAY),
        lambda: ratify(wksbm),
        lambda: wksbm.register_at_office(on=DAY),
        lambda: wksbm.join_kps(on=DAY, kps="k2"),
        lambda: wksbm.leave_kps(on=DAY, kps="k1"),
        lambda: wksbm.provide_facility(on=DAY, kind="modal", quantity=1, origin="apbd"),
        lambda: wksbm.conduct_coaching(on=DAY, kind="pembinaan"),
        lambda: wksbm.report_activity(on=DAY, kind="rapat"),
        lambda: wksbm.raise_funds(on=DAY, amount=1, origin="iuran"),
        lambda: wksbm.distribute_funds(on=DAY, amount=1, purpose="pangan", beneficiaries=1),
        lambda: wksbm.assess(on=DAY, level="maju"),
        lambda: wksbm.find_dormant(on=DAY, signals=()),
        lambda: wksbm.reactivate(on=DAY),
        lambda: wksbm.dissolve(on=DAY, reason="musyawarah", evidence=(paper("berita_acara"),)),
    ):
        with pytest.raises(WksbmDissolved):
            act()
    assert len(wksbm.pending_events) == before
