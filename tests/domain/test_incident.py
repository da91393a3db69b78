"""Disasters: declared, victims recorded in lists, relief delivered, figures reconciled, late papers accepted."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from domain import spm
from domain.aggregate import Event
from domain.correction import replay, retract
from domain.incident import DisasterIncident
from domain.incident_codes import OUTCOMES, RELIEF
from domain.incident_facts import (
    BeforeTheDisaster,
    IncidentAlreadyClosed,
    IncidentHasNoPlace,
    IncidentIsClosed,
    NoLongerAVictim,
    NothingToReconcile,
    NumberTooSmall,
    OutsideTheIncident,
    RecipientsUnclear,
    Victim,
    VictimAlreadyRecorded,
    VictimAlreadyVerified,
    VictimNotRecorded,
    VillageAlreadyHit,
)
from domain.refusals import Refused, UnknownCode
from domain.sealed import Evidence, Sealed
from domain.villages import NotAVillageCode
from tests.domain.trials import DAYS, Life, RecordProperty, stored, trial

STRUCK = date(2024, 6, 20)
DAY = STRUCK + timedelta(days=2)
LATER = DAY + timedelta(days=30)
TILOTE, BULILA, ELSEWHERE = "75.01.02.2001", "75.01.02.2002", "75.01.04.2003"


def flood(**fields: Any) -> DisasterIncident:
    details: dict[str, Any] = {"kind": "banjir", "name": "Banjir Tilango Juni 2024", "villages": (TILOTE, BULILA)}
    return DisasterIncident.declare("i1", on=DAY, struck_on=STRUCK, **{**details, **fields})


def victim(name: str, **fields: Any) -> Victim:
    return Victim(**{"victim": name, "village": TILOTE, "conditions": ("mengungsi",), "household": 4, **fields})


def with_victims(*names: str) -> DisasterIncident:
    incident = flood()
    incident.record_victims(on=DAY, victims=tuple(victim(name) for name in names))
    return incident


def relief(incident: DisasterIncident, **fields: Any) -> None:
    details: dict[str, Any] = {"kind": "E1", "goods": "paket_sembako", "quantity": 2, "unit": "paket"}
    incident.deliver_relief(**{"on": DAY, **details, **fields})


def written(incident: DisasterIncident) -> list[Event]:
    return [stored(event, number) for number, event in enumerate(incident.collect_events(), 1)]  # type: ignore[arg-type]


def test_a_disaster_is_declared_with_its_kind_villages_and_decision() -> None:
    incident = flood(evidence=(Evidence("sk", "300/12/2024", "2024-06-22"),), note=Sealed(part="x"))
    [event] = incident.collect_events()
    assert isinstance(event, DisasterIncident.Declared)
    assert (event.kinds, event.village, event.villages) == ("ID-BENCANA-2007", None, (TILOTE, BULILA))
    assert event.evidence[0].number == "300/12/2024"


def test_a_disaster_of_one_village_belongs_to_that_village() -> None:
    assert flood(villages=(TILOTE, TILOTE)).village == TILOTE


def test_a_disaster_hits_named_villages_or_the_kabupaten() -> None:
    with pytest.raises(IncidentHasNoPlace):
        flood(villages=())
    assert flood(villages=(), kabupaten_scale=True).kabupaten_scale
    with pytest.raises(NotAVillageCode):
        flood(villages=("7502010001",))


def test_a_kind_of_disaster_outside_the_list_is_refused() -> None:
    with pytest.raises(UnknownCode):
        flood(kind="hujan")


def test_nothing_is_recorded_before_the_day_of_the_disaster() -> None:
    with pytest.raises(BeforeTheDisaster):
        flood().record_victims(on=STRUCK - timedelta(days=1), victims=(victim("b1"),))
    with pytest.raises(BeforeTheDisaster):
        DisasterIncident.declare("i1", on=DAY, struck_on=LATER, kind="banjir", name="Banjir", villages=(TILOTE,))


def test_a_list_of_victims_is_recorded_at_once_one_event_each_mostly_without_nik() -> None:
    incident = flood()
    incident.collect_events()
    incident.record_victims(on=DAY, victims=tuple(victim(f"b{number}") for number in range(300)))
    events = incident.collect_events()
    assert len(events) == 300
    assert all(isinstance(event, DisasterIncident.VictimRecorded) and not event.nik_known for event in events)
    assert incident.people == 1200


def test_a_victim_counts_where_she_was_hit() -> None:
    incident = flood()
    incident.record_victims(on=DAY, victims=(victim("b1", village=BULILA),))
    event = incident.collect_events()[-1]
    assert isinstance(event, DisasterIncident.VictimRecorded)
    assert event.village == BULILA


def test_the_same_victim_is_not_recorded_twice() -> None:
    with pytest.raises(VictimAlreadyRecorded):
        with_victims("b1").record_victims(on=DAY, victims=(victim("b1"),))


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        (victim("b1"), VictimAlreadyRecorded),
        (victim("b2", village=ELSEWHERE), OutsideTheIncident),
        (victim("b2", village="Tilote"), NotAVillageCode),
        (victim("b2", household=0), NumberTooSmall),
        (victim("b2", conditions=("senang",)), UnknownCode),
    ],
)
def test_a_list_with_one_wrong_line_records_nobody(wrong: Victim, refusal: type[Refused]) -> None:
    incident = flood()
    incident.collect_events()
    with pytest.raises(refusal):
        incident.record_victims(on=DAY, victims=(victim("b1"), wrong))
    assert not incident.pending_events
    assert incident.victims == {}


def test_villages_that_were_hit_too_are_added_later() -> None:
    incident = flood()
    incident.extend(on=DAY, villages=(TILOTE, ELSEWHERE))
    incident.record_victims(on=DAY, victims=(victim("b1", village=ELSEWHERE),))
    assert incident.people == 4
    with pytest.raises(VillageAlreadyHit):
        incident.extend(on=DAY, villages=(TILOTE,))


def test_a_disaster_of_the_kabupaten_has_victims_in_any_village() -> None:
    incident = flood(villages=(), kabupaten_scale=True)
    incident.record_victims(on=DAY, victims=(victim("b1", village=ELSEWHERE),))
    with pytest.raises(NotAVillageCode):
        incident.record_victims(on=DAY, victims=(victim("b2", village="Telaga"),))


def test_the_kinds_of_relief_are_those_of_the_spm_list() -> None:
    assert RELIEF.on(DAY).codes == {code: spm.ITEMS.on(DAY).codes[code] for code in ("E1", "E2", "E3", "E4", "E5")}


def test_relief_goes_to_recorded_victims_with_its_value() -> None:
    incident = with_victims("b1", "b2")
    relief(incident, recipients=("b1", "b2", "b1"), value_rupiah=450_000, village=TILOTE)
    event = incident.collect_events()[-1]
    assert isinstance(event, DisasterIncident.ReliefDelivered)
    assert (event.recipients, event.count, event.value_rupiah, event.village) == (("b1", "b2"), None, 450_000, TILOTE)
    assert incident.helped == {"b1", "b2"}


def test_relief_of_the_first_hours_is_counted_without_names() -> None:
    incident = flood()
    relief(incident, count=250, goods="makanan_siap_saji", unit="bungkus", quantity=250)
    assert incident.helped == set()


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({}, RecipientsUnclear),
        ({"recipients": ("b1",), "count": 3}, RecipientsUnclear),
        ({"recipients": ("b9",)}, VictimNotRecorded),
        ({"recipients": ("b1",), "kind": "L03"}, UnknownCode),
        ({"recipients": ("b1",), "goods": "emas"}, UnknownCode),
        ({"recipients": ("b1",), "unit": "karung"}, UnknownCode),
        ({"recipients": ("b1",), "quantity": 0}, NumberTooSmall),
        ({"recipients": ("b1",), "value_rupiah": -1}, NumberTooSmall),
        ({"count": 0}, NumberTooSmall),
    ],
)
def test_relief_that_cannot_be_true_is_refused(fields: dict[str, Any], refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        relief(with_victims("b1"), **fields)


def test_a_victim_is_verified_once_unless_she_was_not_found() -> None:
    incident = with_victims("b1")
    incident.verify_victim(on=DAY, victim="b1", outcome="tidak_ditemukan")
    incident.verify_victim(on=LATER, victim="b1", outcome="benar")
    with pytest.raises(VictimAlreadyVerified):
        incident.verify_victim(on=LATER, victim="b1", outcome="ganda")
    with pytest.raises(VictimNotRecorded):
        incident.verify_victim(on=LATER, victim="b2", outcome="benar")


def test_who_turns_out_to_be_no_victim_no_longer_counts_and_receives_nothing_more() -> None:
    incident = with_victims("b1", "b2")
    incident.verify_victim(on=LATER, victim="b1", outcome="bukan_korban")
    assert incident.people == 4
    with pytest.raises(NoLongerAVictim):
        relief(incident, on=LATER, recipients=("b1",))
    relief(incident, on=DAY, recipients=("b1",))  # handed out before, entered late


def test_reported_figures_are_reconciled_and_never_overwritten() -> None:
    incident = with_victims("b1")
    incident.report_figure(on=DAY, figure="jiwa_terdampak", number=500, reporter="BPBD")
    incident.report_figure(on=DAY, figure="jiwa_terdampak", number=420, reporter="Pemerintah desa", village=TILOTE)
    incident.reconcile_figure(on=LATER, figure="jiwa_terdampak", number=430)
    event = incident.collect_events()[-1]
    assert isinstance(event, DisasterIncident.FigureReconciled)
    assert (event.number, event.reported, event.listed) == (430, 420, 4)
    assert [number for _, number in incident.reported.values()] == [500, 420]
    with pytest.raises(NothingToReconcile):
        incident.reconcile_figure(on=LATER, figure="meninggal", number=0)
    with pytest.raises(NumberTooSmall):
        incident.report_figure(on=DAY, figure="hilang", number=-1, reporter="BPBD")


def test_a_closed_disaster_takes_late_papers_of_its_days_and_nothing_newer() -> None:
    incident = with_victims("b1")
    incident.close(on=LATER)
    after = LATER + timedelta(days=1)
    with pytest.raises(IncidentIsClosed):
        incident.record_victims(on=after, victims=(victim("b2"),))
    with pytest.raises(IncidentIsClosed):
        relief(incident, on=after, count=3)
    with pytest.raises(IncidentAlreadyClosed):
        incident.close(on=LATER)
    incident.record_victims(on=DAY, victims=(victim("b3"),))
    incident.verify_victim(on=after, victim="b1", outcome="benar")
    assert incident.people == 8


def test_a_victim_entered_in_error_is_withdrawn_and_may_be_entered_again() -> None:
    incident = with_victims("b1")
    relief(incident, recipients=("b1",))
    incident.verify_victim(on=DAY, victim="b1", outcome="benar")
    events = written(incident)
    retract(incident, events[1], on=LATER, reason=Sealed(part="x"), requested_by="supervisor")
    again = replay(None, events + written(incident))
    assert isinstance(again, DisasterIncident)
    assert again.people == 0
    again.record_victims(on=LATER, victims=(victim("b1"),))


VICTIMS = st.sampled_from(["b1", "b2", "b3", "b4"])
VILLAGES = st.sampled_from([TILOTE, BULILA, ELSEWHERE, "Tilote"])


class IncidentLife(Life):
    """Random lives of one disaster."""

    @initialize(on=DAYS, struck=DAYS, wide=st.booleans())
    def a_disaster_is_declared(self, on: date, struck: date, wide: bool) -> None:
        self.decide(
            lambda: DisasterIncident.declare(
                "i1",
                on=max(on, struck),
                struck_on=struck,
                kind="banjir",
                name="Banjir",
                kabupaten_scale=wide,
                villages=() if wide else (TILOTE,),
            )
        )

    @precondition(Life.has_begun)
    @rule(on=DAYS, villages=st.lists(VILLAGES, max_size=2))
    def more_villages_are_hit(self, on: date, villages: list[str]) -> None:
        self.decide(lambda: self.aggregate.extend(on=on, villages=tuple(villages)))

    @precondition(Life.has_begun)
    @rule(on=DAYS, names=st.lists(VICTIMS, min_size=1, max_size=3), village=VILLAGES, household=st.integers(0, 5))
    def victims_are_recorded(self, on: date, names: list[str], village: str, household: int) -> None:
        victims = tuple(victim(name, village=village, household=household) for name in names)
        self.decide(lambda: self.aggregate.record_victims(on=on, victims=victims))

    @precondition(Life.has_begun)
    @rule(on=DAYS, name=VICTIMS, outcome=st.sampled_from([*OUTCOMES.versions[0].codes, "entah"]))
    def a_victim_is_verified(self, on: date, name: str, outcome: str) -> None:
        self.decide(lambda: self.aggregate.verify_victim(on=on, victim=name, outcome=outcome))

    @precondition(Life.has_begun)
    @rule(
        on=DAYS,
        names=st.lists(VICTIMS, max_size=3),
        count=st.none() | st.integers(0, 9),
        quantity=st.integers(0, 3),
    )
    def relief_is_delivered(self, on: date, names: list[str], count: int | None, quantity: int) -> None:
        self.decide(lambda: relief(self.aggregate, on=on, recipients=tuple(names), count=count, quantity=quantity))

    @precondition(Life.has_begun)
    @rule(on=DAYS, number=st.integers(-1, 9), final=st.booleans())
    def a_figure_is_told(self, on: date, number: int, final: bool) -> None:
        if final:
            self.decide(lambda: self.aggregate.reconcile_figure(on=on, figure="luka", number=number))
        else:
            self.decide(lambda: self.aggregate.report_figure(on=on, figure="luka", number=number, reporter="BPBD"))

    @precondition(Life.has_begun)
    @rule(on=DAYS)
    def it_is_closed(self, on: date) -> None:
        self.decide(lambda: self.aggregate.close(on=on))

    def was_allowed(self, event: Event, before: Any) -> None:
        if before is None:
            return
        if isinstance(event, DisasterIncident.VictimRecorded):
            assert event.victim not in before.victims
            assert before.closed_on is None or event.on <= before.closed_on
        if isinstance(event, DisasterIncident.ReliefDelivered):
            assert set(event.recipients) <= set(before.victims)
            assert bool(event.recipients) != (event.count is not None)
        if isinstance(event, DisasterIncident.FigureReconciled):
            assert event.reported in [number for _, number in before.reported.values()]

    @precondition(Life.has_begun)
    @invariant()
    def every_report_still_stands(self) -> None:
        told = [event.number for event in self.facts() if isinstance(event, DisasterIncident.FigureReported)]
        assert [number for _, number in self.aggregate.reported.values()] == told

    @precondition(Life.has_begun)
    @invariant()
    def a_victim_counts_once(self) -> None:
        recorded = {event.victim for event in self.facts() if isinstance(event, DisasterIncident.VictimRecorded)}
        assert set(self.aggregate.victims) == recorded


@pytest.mark.trial
def test_random_lives_of_a_disaster(record_property: RecordProperty) -> None:
    trial(IncidentLife, record_property)
