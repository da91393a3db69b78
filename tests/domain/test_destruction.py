"""Destruction is decided by three people and minuted, and never done under hold, inside the period, or twice."""

from __future__ import annotations

from datetime import date

import pytest

from domain.beneficiary_hold import HoldNeedsPaper, HoldTaken, NoSuchHold, UnderLegalHold
from domain.correction import DecisionStands, correct, retract
from domain.destruction import Destruction
from domain.destruction_state import (
    AlreadyCarriedOut,
    ApprovedBySameAlready,
    InsideRetention,
    MinutesNeeded,
    NobodyProposed,
    NotBegun,
    NotDestinedForDestruction,
    NotPending,
    ProposerCannotApprove,
    Removed,
    RetentionNotBegun,
    TwoApprovalsNeeded,
)
from domain.sealed import Sealed
from domain.subject import KeyDestroyed, SubjectDestroyed
from tests.domain.destructions import (
    DAY,
    FIRST,
    LETTER,
    LONG_AGO,
    PROPOSER,
    REASON,
    SECOND,
    approved,
    begin,
    due,
    person,
    proposed,
    ready,
    schedule,
)


def test_two_others_approve_then_minutes_then_the_keys_go() -> None:
    someone = person()
    made = ready(someone)
    someone.collect_events()
    begin(made, someone)
    (lost,) = someone.collect_events()
    assert isinstance(lost, KeyDestroyed)
    assert (len(lost.keys), lost.destruction) == (1, made.id)
    made.carry_out(on=DAY, removed=(Removed(someone.id, 1, 4, 9, 0),))
    assert [event.topic.partition(".")[2] for event in made.collect_events()] == [
        *("proposed", "approved", "approved", "minutes_recorded", "begun", "carried_out"),
    ]


def test_the_proposal_says_since_when_and_by_which_version_of_the_class() -> None:
    someone = person()
    event = proposed(someone).collect_events()[0]
    assert isinstance(event, Destruction.Proposed)
    assert (event.code, event.number, event.proposed_by) == ("463.1", 1, PROPOSER)
    assert [(one.id, one.began, one.ends) for one in event.subjects] == [(someone.id, LONG_AGO, date(2020, 1, 5))]


def test_who_proposed_does_not_approve_and_nobody_approves_twice() -> None:
    someone = person()
    made = proposed(someone)
    with pytest.raises(ProposerCannotApprove):
        made.approve(on=DAY, by=PROPOSER, people=[someone])
    made.approve(on=DAY, by=FIRST, people=[someone])
    with pytest.raises(ApprovedBySameAlready):
        made.approve(on=DAY, by=FIRST, people=[someone])
    with pytest.raises(TwoApprovalsNeeded):
        made.record_minutes(on=DAY, berita_acara="1", dated=DAY)
    with pytest.raises(TwoApprovalsNeeded):
        begin(made, someone)
    made.approve(on=DAY, by=SECOND, people=[someone])
    with pytest.raises(NotPending):
        made.approve(on=DAY, by="seorang lagi", people=[someone])


def test_nothing_begins_without_minutes() -> None:
    someone = person()
    made = approved(someone)
    with pytest.raises(MinutesNeeded):
        begin(made, someone)
    for number, dated in ((" ", DAY), ("1", date(2026, 1, 6))):
        with pytest.raises(MinutesNeeded):
            made.record_minutes(on=DAY, berita_acara=number, dated=dated)


def test_a_refusal_ends_it_until_it_has_begun() -> None:
    someone = person()
    made = ready(someone)
    with pytest.raises(ProposerCannotApprove):
        made.refuse(on=DAY, by=PROPOSER, reason=REASON)
    made.refuse(on=DAY, by=FIRST, reason=REASON)
    for attempt in (lambda: begin(made, someone), lambda: made.refuse(on=DAY, by=SECOND, reason=REASON)):
        with pytest.raises(NotPending):
            attempt()
    with pytest.raises(NotPending):
        made.record_minutes(on=DAY, berita_acara="1", dated=DAY)
    begun = ready(someone)
    begin(begun, someone)
    with pytest.raises(NotPending):
        begun.refuse(on=DAY, by=FIRST, reason=REASON)


def test_a_hold_refuses_the_proposal_the_approval_and_the_carrying_out() -> None:
    someone = person()
    waiting, made = proposed(someone), ready(someone)
    someone.place_hold(on=DAY, hold="h1", reason=REASON, evidence=LETTER)
    with pytest.raises(UnderLegalHold):
        proposed(someone)
    with pytest.raises(UnderLegalHold):
        waiting.approve(on=DAY, by=FIRST, people=[someone])
    with pytest.raises(UnderLegalHold):
        begin(made, someone)
    someone.place_hold(on=DAY, hold="h2", reason=REASON, evidence=LETTER)
    someone.lift_hold(on=DAY, hold="h1", reason=REASON, evidence=LETTER)
    with pytest.raises(UnderLegalHold):
        begin(made, someone)
    someone.lift_hold(on=DAY, hold="h2", reason=REASON, evidence=LETTER)
    begin(made, someone)


def test_a_hold_on_one_of_many_stops_the_whole_list() -> None:
    one, other = person(), person()
    made = ready(one, other)
    other.place_hold(on=DAY, hold="h1", reason=REASON, evidence=LETTER)
    with pytest.raises(UnderLegalHold):
        begin(made, one, other)
    assert not one.destroyed


def test_a_hold_needs_a_paper_to_be_placed_and_to_be_lifted_and_is_lifted_once() -> None:
    someone = person()
    with pytest.raises(HoldNeedsPaper):
        someone.place_hold(on=DAY, hold="h1", reason=REASON)
    someone.place_hold(on=DAY, hold="h1", reason=REASON, evidence=LETTER)
    with pytest.raises(HoldTaken):
        someone.place_hold(on=DAY, hold="h1", reason=REASON, evidence=LETTER)
    with pytest.raises(HoldNeedsPaper):
        someone.lift_hold(on=DAY, hold="h1", reason=REASON)
    with pytest.raises(NoSuchHold):
        someone.lift_hold(on=DAY, hold="h2", reason=REASON, evidence=LETTER)
    someone.lift_hold(on=DAY, hold="h1", reason=REASON, evidence=LETTER)
    with pytest.raises(NoSuchHold):
        someone.lift_hold(on=DAY, hold="h1", reason=REASON, evidence=LETTER)


def test_inside_the_period_nothing_is_destroyed_not_even_on_its_last_day() -> None:
    someone = person()
    for began in (date(2021, 1, 5), date(2025, 12, 31)):
        with pytest.raises(InsideRetention):
            due(someone, began=began)[0].due(schedule().covering("person", DAY), DAY)
    assert due(someone, began=date(2021, 1, 4))[0].due(schedule().covering("person", DAY), DAY).id == someone.id


def test_a_period_that_has_not_begun_or_a_case_since_the_approval_refuses() -> None:
    someone = person()
    made = ready(someone)
    with pytest.raises(RetentionNotBegun):
        begin(made, someone, candidates=due(someone, began=None))


@pytest.mark.parametrize("changed", [{"fate": "tinjau"}, {"fate": "permanen"}, {"kinds": ("family",)}])
def test_what_the_schedule_does_not_destine_for_destruction_is_kept(changed: dict[str, object]) -> None:
    someone = person()
    with pytest.raises(NotDestinedForDestruction):
        proposed(someone, retention=schedule(**changed))
    with pytest.raises(NotDestinedForDestruction):
        begin(ready(someone), someone, retention=schedule(**changed))


def test_a_longer_period_set_since_the_approval_counts() -> None:
    someone = person()
    with pytest.raises(InsideRetention):
        begin(ready(someone), someone, retention=schedule(years=20))


def test_a_list_names_everybody_once_and_people_of_one_kind() -> None:
    someone = person()
    with pytest.raises(NobodyProposed):
        proposed()
    with pytest.raises(NobodyProposed):
        proposed(someone, someone)
    with pytest.raises(NotDestinedForDestruction):
        proposed(someone, person("family"))


def test_nobody_is_destroyed_twice_and_nothing_is_recorded_about_her_afterwards() -> None:
    someone = person()
    made, again = ready(someone), ready(someone)
    begin(made, someone)
    with pytest.raises(SubjectDestroyed):
        begin(again, someone)
    with pytest.raises(SubjectDestroyed):
        proposed(someone)
    with pytest.raises(NotPending):
        begin(made, someone)
    for attempt in (
        lambda: someone.must_be_served(DAY),
        lambda: someone.die(on=DAY),
        lambda: someone.place_hold(on=DAY, hold="h1", reason=REASON, evidence=LETTER),
        lambda: someone.claim_identity(on=DAY, identity=Sealed("baru"), papers=()),
    ):
        with pytest.raises(SubjectDestroyed):
            attempt()
    with pytest.raises(NotBegun):
        approved(person()).carry_out(on=DAY, removed=())
    made.carry_out(on=DAY, removed=())
    with pytest.raises(AlreadyCarriedOut):
        made.carry_out(on=DAY, removed=())
    with pytest.raises(AlreadyCarriedOut):
        begin(made, someone)


def test_what_destruction_rests_on_is_neither_corrected_nor_withdrawn() -> None:
    someone = person()
    someone.place_hold(on=DAY, hold="h1", reason=REASON, evidence=LETTER)
    begin_events = someone.collect_events()
    held = begin_events[-1]
    with pytest.raises(DecisionStands):
        retract(someone, held, on=DAY, reason=REASON, requested_by="petugas")  # type: ignore[arg-type]  # our own event
    with pytest.raises(DecisionStands):
        correct(someone, held, on=DAY, reason=REASON, requested_by="petugas", changes={"hold": "h9"})  # type: ignore[arg-type]  # our own event
