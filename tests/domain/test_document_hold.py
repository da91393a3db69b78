"""A legal hold of one document: it stays when everything else of a person is destroyed, and goes when it is lifted."""

import pytest

from domain.beneficiary import Beneficiary
from domain.beneficiary_hold import HoldNeedsPaper, HoldTaken, NoSuchHold
from domain.correction import DecisionStands, retract
from domain.sealed import Evidence
from domain.subject import KeyDestroyed, SubjectDestroyed
from tests.domain.destructions import DAY, LETTER, REASON, begin, person, ready

COPY = Evidence("salinan_ditahan", file="h1", key="k-tahan", commitment="c", sha256="s")


def held(someone: Beneficiary, hold: str = "h1", kept: Evidence = COPY) -> None:
    someone.hold_document(on=DAY, hold=hold, document="f1", kept=kept, reason=REASON, evidence=LETTER)


def release(someone: Beneficiary, hold: str = "h1") -> None:
    someone.release_document(on=DAY, hold=hold, reason=REASON, evidence=LETTER)


def lost(someone: Beneficiary) -> list[tuple[str, ...]]:
    return [event.keys for event in someone.pending_events if isinstance(event, KeyDestroyed)]


def test_a_held_document_stops_no_destruction_and_keeps_its_own_key() -> None:
    someone = person()
    held(someone)
    begin(ready(someone), someone, keys={someone.id: ("k-umum", "k-tahan", "k-ketat")})
    assert lost(someone) == [("k-umum", "k-ketat")]
    assert someone.destroyed
    assert someone.held_keys() == {"k-tahan"}
    assert someone.released_keys() == ()


def test_it_goes_once_its_hold_is_lifted_which_is_recorded_of_somebody_destroyed_too() -> None:
    someone = person()
    held(someone)
    begin(ready(someone), someone, keys={someone.id: ("k-umum", "k-tahan")})
    release(someone)
    assert someone.released_keys() == ("k-tahan",)
    someone.lose_keys(on=DAY, keys=someone.released_keys(), destruction="d1")
    assert lost(someone) == [("k-umum",), ("k-tahan",)]
    assert someone.released_keys() == ()
    with pytest.raises(SubjectDestroyed):
        someone.lose_keys(on=DAY, keys=("k-umum", "k-tahan"), destruction="d1")


def test_what_was_released_before_goes_with_everything_else() -> None:
    someone = person()
    held(someone)
    release(someone)
    assert someone.released_keys() == (), "nothing of her was destroyed"
    begin(ready(someone), someone, keys={someone.id: ("k-umum", "k-tahan")})
    assert lost(someone) == [("k-umum", "k-tahan")]


def test_a_hold_of_a_document_needs_a_paper_and_a_name_of_its_own_and_is_lifted_once() -> None:
    someone = person()
    with pytest.raises(HoldNeedsPaper):
        someone.hold_document(on=DAY, hold="h1", document="f1", kept=COPY, reason=REASON)
    held(someone)
    with pytest.raises(HoldTaken):
        held(someone)
    someone.place_hold(on=DAY, hold="h2", reason=REASON, evidence=LETTER)
    with pytest.raises(HoldTaken):
        held(someone, "h2")
    with pytest.raises(HoldTaken):
        someone.place_hold(on=DAY, hold="h1", reason=REASON, evidence=LETTER)
    with pytest.raises(HoldNeedsPaper):
        someone.release_document(on=DAY, hold="h1", reason=REASON)
    with pytest.raises(NoSuchHold):
        release(someone, "h2")
    release(someone)
    with pytest.raises(NoSuchHold):
        release(someone)


def test_nothing_is_held_of_somebody_who_is_destroyed_and_no_hold_is_withdrawn_as_a_mistake() -> None:
    someone = person()
    held(someone)
    event = someone.pending_events[-1]
    with pytest.raises(DecisionStands):
        retract(someone, event, on=DAY, reason=REASON, requested_by="petugas")  # type: ignore[arg-type]  # our own event
    begin(ready(someone), someone)
    with pytest.raises(SubjectDestroyed):
        held(someone, "h3")


def test_a_hold_that_was_lifted_by_mistake_is_placed_again_for_its_own_document_until_the_key_is_lost() -> None:
    someone = person()
    held(someone)
    begin(ready(someone), someone, keys={someone.id: ("k-umum", "k-tahan")})
    release(someone)
    with pytest.raises(HoldTaken):
        someone.hold_document(on=DAY, hold="h1", document="f2", kept=COPY, reason=REASON, evidence=LETTER)
    held(someone)
    assert someone.held_keys() == {"k-tahan"}
    release(someone)
    someone.lose_keys(on=DAY, keys=someone.released_keys(), destruction="d1")
    with pytest.raises(SubjectDestroyed):
        held(someone)
