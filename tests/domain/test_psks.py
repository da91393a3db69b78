"""The registers of KPS and PSKS: who helps, from when, until when, and with what."""

from datetime import date

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from domain.aggregate import Event
from domain.codes import CodeList
from domain.kps import Kps
from domain.psks import (
    CapacityNegative,
    NotAnArea,
    Psks,
    PsksHasEnded,
    PsksStillActive,
    ServiceNotOffered,
    WksbmHasItsOwnRecord,
)
from domain.psks_codes import KINDS, REASONS, SERVICES, unit_of
from domain.refusals import UnknownCode
from domain.sealed import Sealed
from domain.villages import NotAVillageCode
from tests.domain.trials import DAYS, Life, RecordProperty, trial

DAY = date(2025, 4, 14)
VILLAGE = "75.01.02.2011"


def tksk() -> Psks:
    return Psks.register("p1", on=DAY, kind="tksk", name="TKSK Telaga", area="75.01.02", active_from=date(2019, 1, 1))


def test_the_regulation_knows_twelve_kinds_each_with_its_unit() -> None:
    kinds = KINDS.on(DAY)
    assert len(kinds.codes) == 12
    units = {kind: unit_of(kinds.version, kind) for kind in kinds.codes}
    assert units["tksk"] == "person"
    assert units["keluarga_pioner"] == "family"
    assert units["lks"] == "institution"
    assert units["wksbm"] == "network"
    assert set(units.values()) == {"person", "family", "institution", "network"}


def test_a_tksk_is_registered_for_a_kecamatan_and_its_contact_is_sealed() -> None:
    psks = Psks.register("p1", on=DAY, kind="tksk", name="TKSK Telaga", area="75.01.02", contact=Sealed(part="x"))
    [event] = psks.collect_events()
    assert isinstance(event, Psks.Registered)
    assert (event.kinds, event.unit, event.area, event.village) == ("ID-PSKS-2012", "person", "75.01.02", None)
    assert event.contact == Sealed(part="x")
    assert psks.active


def test_a_karang_taruna_belongs_to_its_village() -> None:
    psks = Psks.register("p1", on=DAY, kind="karang_taruna", name="Karang Taruna Bulila", village=VILLAGE)
    assert psks.village == VILLAGE


def test_a_wksbm_is_not_registered_a_second_time_as_psks() -> None:
    with pytest.raises(WksbmHasItsOwnRecord):
        Psks.register("p1", on=DAY, kind="wksbm", name="WKSBM Huyula", village=VILLAGE)


def test_a_kind_outside_the_list_is_refused() -> None:
    with pytest.raises(UnknownCode) as refusal:
        Psks.register("p1", on=DAY, kind="relawan", name="Relawan")
    assert refusal.value.sentence == "Kode “relawan” tidak ada dalam daftar jenis PSKS."


def test_a_village_or_area_by_bps_number_is_refused() -> None:
    with pytest.raises(NotAVillageCode):
        Psks.register("p1", on=DAY, kind="psm", name="PSM", village="7502010001")
    with pytest.raises(NotAnArea):
        Psks.register("p1", on=DAY, kind="tksk", name="TKSK", area="7502010")


def test_one_who_has_ended_offers_nothing_and_may_resume() -> None:
    psks = tksk()
    psks.end(on=DAY, reason="masa_tugas_berakhir")
    with pytest.raises(PsksHasEnded):
        psks.end(on=DAY, reason="pindah")
    with pytest.raises(PsksHasEnded):
        psks.offer_service(on=DAY, service="pendampingan")
    psks.resume(on=DAY)
    with pytest.raises(PsksStillActive):
        psks.resume(on=DAY)
    psks.offer_service(on=DAY, service="pendampingan")


def test_an_end_names_a_reason_from_the_list() -> None:
    with pytest.raises(UnknownCode):
        tksk().end(on=DAY, reason="bosan")


def test_the_directory_tells_service_capacity_catchment_and_hours() -> None:
    psks = Psks.register("p1", on=DAY, kind="lks", name="LKSA Hulontalo", village=VILLAGE)
    psks.offer_service(
        on=DAY, service="pengasuhan", capacity=30, catchment=("75.01", VILLAGE), open_hours="Senin-Jumat 08.00-16.00"
    )
    event = psks.collect_events()[-1]
    assert isinstance(event, Psks.ServiceOffered)
    assert (event.capacity, event.catchment, event.open_hours) == (30, ("75.01", VILLAGE), "Senin-Jumat 08.00-16.00")
    assert psks.services == {"pengasuhan"}


def test_only_an_offered_service_can_be_withdrawn() -> None:
    psks = tksk()
    psks.offer_service(on=DAY, service="rujukan")
    psks.withdraw_service(on=DAY, service="rujukan")
    with pytest.raises(ServiceNotOffered):
        psks.withdraw_service(on=DAY, service="rujukan")


def test_a_capacity_is_not_negative_and_a_catchment_is_a_place() -> None:
    with pytest.raises(CapacityNegative):
        tksk().offer_service(on=DAY, service="rujukan", capacity=-1)
    with pytest.raises(NotAnArea):
        tksk().offer_service(on=DAY, service="rujukan", catchment=("Telaga",))


def codes(listing: CodeList) -> st.SearchStrategy[str]:
    return st.sampled_from([*listing.codes, "tidak_ada"])


class PsksLife(Life):
    """Its end and its return follow each other; a service is withdrawn only while it is offered."""

    @initialize(on=DAYS)
    def register(self, on: date) -> None:
        self.decide(lambda: Psks.register("p1", on=on, kind="psm", name="PSM", village=VILLAGE))

    @rule(on=DAYS, reason=codes(REASONS.on(DAY)))
    def end(self, on: date, reason: str) -> None:
        self.decide(lambda: self.aggregate.end(on=on, reason=reason))

    @rule(on=DAYS)
    def resume(self, on: date) -> None:
        self.decide(lambda: self.aggregate.resume(on=on))

    @rule(on=DAYS, service=codes(SERVICES.on(DAY)), capacity=st.none() | st.integers(-1, 9))
    def offer(self, on: date, service: str, capacity: int | None) -> None:
        self.decide(lambda: self.aggregate.offer_service(on=on, service=service, capacity=capacity))

    @rule(on=DAYS, service=st.sampled_from(["rujukan", "pendampingan"]))
    def offer_often(self, on: date, service: str) -> None:
        self.decide(lambda: self.aggregate.offer_service(on=on, service=service))

    @rule(on=DAYS, service=st.sampled_from(["rujukan", "pendampingan"]))
    def withdraw(self, on: date, service: str) -> None:
        self.decide(lambda: self.aggregate.withdraw_service(on=on, service=service))

    def was_allowed(self, event: Event, before: Psks | None) -> None:
        if before is None:
            assert isinstance(event, Psks.Registered)
        elif isinstance(event, Psks.Resumed):
            assert not before.active
        elif isinstance(event, Psks.Ended | Psks.ServiceOffered | Psks.ServiceWithdrawn):
            assert before.active
        if isinstance(event, Psks.ServiceWithdrawn):
            assert before is not None
            assert event.service in before.services

    @invariant()
    def it_is_active_unless_its_last_word_was_its_end(self) -> None:
        turns = [fact for fact in self.facts() if isinstance(fact, Psks.Registered | Psks.Ended | Psks.Resumed)]
        assert self.aggregate.active == (not isinstance(turns[-1], Psks.Ended))


class KpsLife(Life):
    """Its end and its return follow each other."""

    @initialize(on=DAYS)
    def register(self, on: date) -> None:
        self.decide(lambda: Kps.register("k1", on=on, village=VILLAGE, kind="arisan", name="Arisan Mawar"))

    @rule(on=DAYS)
    def end(self, on: date) -> None:
        self.decide(lambda: self.aggregate.end(on=on))

    @rule(on=DAYS)
    def resume(self, on: date) -> None:
        self.decide(lambda: self.aggregate.resume(on=on))

    def was_allowed(self, event: Event, before: Kps | None) -> None:
        if isinstance(event, Kps.Ended):
            assert before is not None
            assert before.active
        if isinstance(event, Kps.Resumed):
            assert before is not None
            assert not before.active

    @invariant()
    def it_is_active_unless_its_last_word_was_its_end(self) -> None:
        turns = [fact for fact in self.facts() if isinstance(fact, Kps.Registered | Kps.Ended | Kps.Resumed)]
        assert self.aggregate.active == (not isinstance(turns[-1], Kps.Ended))


@pytest.mark.trial
def test_no_sequence_of_decisions_breaks_the_life_of_a_psks(record_property: RecordProperty) -> None:
    trial(PsksLife, record_property)


@pytest.mark.trial
def test_no_sequence_of_decisions_breaks_the_life_of_a_kps(record_property: RecordProperty) -> None:
    trial(KpsLife, record_property)
