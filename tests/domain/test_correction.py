"""Corrections and retractions change how a history is read, and leave every stored event as it was."""

from datetime import date
from typing import Any

import msgspec
import pytest

from domain.aggregate import EVENTS, Event
from domain.correction import (
    BeginningStands,
    Corrected,
    FieldNotCorrectable,
    NothingToCorrect,
    Retracted,
    correct,
    effective,
    replay,
    retract,
)
from domain.kps import Kps
from domain.sealed import Evidence, PartRef, Sealed
from domain.wksbm import Wksbm
from tests.domain.wksbm_beginnings import formed, paper

DAY = date(2020, 1, 6)
REASON = Sealed(part="alasan")


class History:
    """A stream as it is stored, and the aggregate loaded from it before each decision."""

    def __init__(self, begun: Any) -> None:
        self.events: list[Event] = []
        self.keep(begun)

    def keep(self, aggregate: Any) -> None:
        for event in aggregate.collect_events():
            named = msgspec.structs.replace(event, id=f"event-{event.version}")
            self.events.append(msgspec.json.decode(msgspec.json.encode(named), type=EVENTS[event.topic]))

    def read(self) -> Any:
        return replay(None, self.events)

    def as_read(self, version: int) -> Event:
        """An event of this history with its corrections."""
        return next(event for event in effective(self.events) if event.version == version)

    def correct(self, version: int, /, **changes: object) -> None:
        aggregate = self.read()
        correct(aggregate, self.as_read(version), on=DAY, reason=REASON, requested_by="supervisor", changes=changes)
        self.keep(aggregate)

    def retract(self, version: int) -> None:
        aggregate = self.read()
        retract(aggregate, self.events[version - 1], on=DAY, reason=REASON, requested_by="yang_bersangkutan")
        self.keep(aggregate)


def arisan() -> History:
    kps = Kps.register("k1", on=DAY, village="75.01.02.2011", kind="arisan", name="Arisan Mawr", members=20)
    kps.end(on=DAY)
    return History(kps)


def test_a_corrected_name_reads_right_and_the_old_one_stays_stored() -> None:
    history = arisan()
    before = list(history.events)
    history.correct(1, name="Arisan Mawar")
    assert history.read().name == "Arisan Mawar"
    assert history.events[:2] == before
    correction = history.events[-1]
    assert isinstance(correction, Corrected)
    assert (correction.target, correction.corrects) == (1, "event-1")
    assert (correction.was, correction.changes) == ({"name": "Arisan Mawr"}, {"name": "Arisan Mawar"})
    assert (correction.reason, correction.requested_by) == (REASON, "supervisor")


def test_a_second_correction_starts_from_the_first() -> None:
    history = arisan()
    history.correct(1, name="Arisan Mawar", members=21)
    history.correct(1, name="Arisan Mawar Putih")
    assert history.read().name == "Arisan Mawar Putih"
    first = history.as_read(1)
    assert isinstance(first, Kps.Registered)
    assert first.members == 21
    last = history.events[-1]
    assert isinstance(last, Corrected)
    assert last.was == {"name": "Arisan Mawar"}


def test_a_retracted_correction_gives_back_what_was_corrected() -> None:
    history = arisan()
    history.correct(1, name="Arisan Melati")
    history.retract(3)
    assert history.read().name == "Arisan Mawr"


def test_the_day_it_happened_can_be_corrected() -> None:
    history = arisan()
    history.correct(2, on="2020-01-02")
    assert history.as_read(2).on == date(2020, 1, 2)
    assert history.events[1].on == DAY


def test_a_retracted_end_counts_as_not_having_happened() -> None:
    history = arisan()
    assert not history.read().active
    history.retract(2)
    kps = history.read()
    assert kps.active
    assert (kps.version, len(history.events)) == (3, 3)
    withdrawal = history.events[-1]
    assert isinstance(withdrawal, Retracted)
    assert (withdrawal.target, withdrawal.corrects, withdrawal.requested_by) == (2, "event-2", "yang_bersangkutan")


def test_a_retracted_retraction_brings_the_event_back() -> None:
    history = arisan()
    history.retract(2)
    history.retract(3)
    assert not history.read().active
    history.retract(4)
    assert history.read().active


def test_what_is_retracted_cannot_be_retracted_or_corrected_again() -> None:
    history = arisan()
    history.retract(2)
    ended = history.events[1]
    with pytest.raises(NothingToCorrect):
        history.retract(2)
    with pytest.raises(NothingToCorrect):
        correct(history.read(), ended, on=DAY, reason=REASON, requested_by="supervisor", changes={"on": "2020-01-02"})


def test_an_event_of_another_stream_is_not_corrected_here() -> None:
    other = Kps.register("k2", on=DAY, village="75.01.02.2011", kind="arisan", name="Lain").collect_events()[0]
    with pytest.raises(NothingToCorrect):
        retract(arisan().read(), other, on=DAY, reason=REASON, requested_by="supervisor")


def test_the_beginning_of_a_record_is_corrected_not_retracted() -> None:
    history = arisan()
    with pytest.raises(BeginningStands):
        history.retract(1)
    history.correct(1, kind="dasawisma")
    assert history.read().kind == "dasawisma"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": 7},
        {"members": "dua puluh"},
        {"members": 20.5},
        {"active_from": "kemarin"},
        {"on": "2020-13-01"},
        {"name": None},
        {"contact": "0812"},
        {"colour": "merah"},
        {"by": "orang lain"},
        {"recorded": "2020-01-01T00:00:00Z"},
        {"village": "75.01.02.2014"},
        {"position": 1},
        {"stream": "k2"},
        {"version": 9},
    ],
)
def test_a_value_that_does_not_fit_or_is_not_the_events_own_is_refused(changes: dict[str, object]) -> None:
    history = arisan()
    with pytest.raises(FieldNotCorrectable):
        history.correct(1, **changes)
    assert len(history.events) == 2


def test_a_correction_is_not_corrected_but_retracted() -> None:
    history = arisan()
    history.correct(1, name="Arisan Melati")
    with pytest.raises(FieldNotCorrectable):
        history.correct(3, requested_by="lain")


def test_a_sealed_field_is_corrected_by_another_part() -> None:
    kps = Kps.register("k1", on=DAY, village="75.01.02.2011", kind="arisan", name="Arisan", contact=Sealed(part="lama"))
    history = History(kps)
    correct(
        kps,
        history.events[0],
        on=DAY,
        reason=REASON,
        requested_by="yang_bersangkutan",
        fields=("contact",),
        value=Sealed(part="baru"),
    )
    history.keep(kps)
    first = history.as_read(1)
    assert isinstance(first, Kps.Registered)
    assert first.contact == Sealed(part="baru")
    assert "lama" in msgspec.json.encode(history.events[0]).decode()


def test_a_correction_leaves_papers_parts_and_envelope_alone() -> None:
    evidence = Evidence(kind="foto", number="1", file="f1")
    kps = Kps.register("k1", on=DAY, village="75.01.02.2011", kind="arisan", name="Mawr", evidence=(evidence,))
    history = History(kps)
    part = PartRef(id="p", key="k", commitment="00", sha256="00")
    history.events[0] = msgspec.structs.replace(history.events[0], by="akun-1", position=12, parts=(part,))
    history.correct(1, name="Mawar")
    first = history.as_read(1)
    assert (first.evidence, first.parts, first.by, first.position) == ((evidence,), (part,), "akun-1", 12)


def test_a_wrong_sum_corrected_changes_the_total() -> None:
    wksbm = formed()
    wksbm.raise_funds(on=DAY, amount=1_000_000, origin="iuran")
    wksbm.raise_funds(on=DAY, amount=50_000, origin="donasi")
    history = History(wksbm)
    history.correct(4, amount=100_000)
    assert history.read().funds_raised == 150_000
    history.retract(5)
    assert history.read().funds_raised == 100_000


def test_a_retracted_paper_leaves_the_step_unproven_again() -> None:
    wksbm = formed()
    history = History(wksbm)
    for kind in ("daftar_hadir", "berita_acara"):
        wksbm = history.read()
        wksbm.provide_evidence(on=DAY, target=2, evidence=(paper(kind),))
        history.keep(wksbm)
    assert 2 not in history.read().unproven
    history.retract(4)
    assert 2 in history.read().unproven
    wksbm = history.read()
    wksbm.provide_evidence(on=DAY, target=2, evidence=(paper("daftar_hadir"),))
    history.keep(wksbm)
    assert 2 not in history.read().unproven


def test_a_retracted_dissolution_lets_the_life_go_on() -> None:
    wksbm = formed()
    wksbm.dissolve(on=DAY, reason="musyawarah", evidence=(paper("berita_acara"),))
    history = History(wksbm)
    history.retract(4)
    wksbm = history.read()
    assert wksbm.stage == "terbentuk"
    wksbm.report_activity(on=DAY, kind="rapat")
    assert isinstance(wksbm.pending_events[-1], Wksbm.ActivityReported)


def test_a_retracted_forming_takes_the_standing_of_the_sk_with_it() -> None:
    wksbm = formed()
    history = History(wksbm)
    history.retract(3)
    wksbm = history.read()
    assert wksbm.stage == "dirintis"
    assert wksbm.missing_for_ratification() == ("forming", "board")
    wksbm.form(on=DAY)
    assert wksbm.stage == "terbentuk"


def test_nothing_stored_is_nothing_read() -> None:
    assert replay(None, []) is None
