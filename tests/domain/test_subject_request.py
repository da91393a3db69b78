"""What people ask of their data, and what the office may answer (UU 27/2022 art. 6 to 15)."""

from datetime import date
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from domain.refusals import MustBeSealed, Refused, UnknownCode
from domain.subject_request import SubjectRequest
from domain.subject_request_codes import EXCEPTED, GROUNDS, KINDS, REFUSALS, RIGHTS
from domain.subject_request_state import (
    ClockPaused,
    ClockRunning,
    DestructionNotNamed,
    GroundNotForThisRight,
    HeirOnlyAfterDeath,
    IdentityAlreadyConfirmed,
    IdentityNotConfirmed,
    NotHandedOver,
    NothingCorrected,
    RequestClosed,
    RequestDecided,
    RequestNotGranted,
    RequestUnanswered,
)
from tests.domain.beneficiary_beginnings import DAY, SECRET
from tests.domain.trials import DAYS, Life, RecordProperty, trial

FULFILLED: dict[str, dict[str, Any]] = {
    "access": {"sha256": "ab" * 32, "entries": 4},
    "portability": {"sha256": "ab" * 32, "entries": 4},
    "correction": {"corrections": 1},
    "restriction": {},
    "withdrawal": {},
    "erasure": {"destruction": "usul-1"},
}
ANSWERED_WITHOUT: dict[str, type[Refused]] = {
    "access": NotHandedOver,
    "portability": NotHandedOver,
    "correction": NothingCorrected,
    "erasure": DestructionNotNamed,
}
KIND_NAMES = sorted(KINDS.versions[-1].codes)
GROUND_NAMES = sorted(GROUNDS.versions[-1].codes)


def asked(kind: str = "access", **more: Any) -> SubjectRequest:
    details: dict[str, Any] = {"on": DAY, "subject": "b1", "tier": 1, "kind": kind}
    details |= {"asker": "yang_bersangkutan", "channel": "datang"}
    return SubjectRequest.open("q1", **{**details, **more})


def confirmed(kind: str = "access") -> SubjectRequest:
    request = asked(kind)
    request.confirm_identity(on=DAY, how="ktp")
    return request


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_a_request_goes_from_the_asking_to_the_answer(kind: str) -> None:
    request = confirmed(kind)
    request.grant(on=DAY)
    with pytest.raises(RequestUnanswered):
        request.close(on=DAY, outcome="selesai")
    if kind in ANSWERED_WITHOUT:
        with pytest.raises(ANSWERED_WITHOUT[kind]):
            request.fulfil(on=DAY)
    request.fulfil(on=DAY, **FULFILLED[kind])
    with pytest.raises(RequestNotGranted):
        request.fulfil(on=DAY, **FULFILLED[kind])
    request.close(on=DAY, outcome="selesai")
    assert request.state == "ditutup"
    with pytest.raises(RequestClosed):
        request.close(on=DAY, outcome="dicabut")


@pytest.mark.parametrize("kind", KIND_NAMES)
@pytest.mark.parametrize("ground", GROUND_NAMES)
def test_a_refusal_names_an_article_that_holds_for_this_right(kind: str, ground: str) -> None:
    request = confirmed(kind)
    known = REFUSALS[GROUNDS.versions[-1].version][ground]
    if kind in known.kinds:
        request.refuse(on=DAY, ground=ground, reason=SECRET)
        assert request.pending_events[-1].article == known.article  # type: ignore[attr-defined]  # a refusal
        request.close(on=DAY, outcome="ditolak")
    else:
        with pytest.raises(GroundNotForThisRight):
            request.refuse(on=DAY, ground=ground, reason=SECRET)


@pytest.mark.parametrize("kind", ["access", "correction"])
def test_article_15_never_takes_away_access_or_correction(kind: str) -> None:
    grounds = [code for code, one in REFUSALS[GROUNDS.versions[-1].version].items() if one.article.startswith("15 ")]
    assert len(grounds) == 4
    for ground in grounds:
        with pytest.raises(GroundNotForThisRight) as refusal:
            confirmed(kind).refuse(on=DAY, ground=ground, reason=SECRET)
        assert "tidak mengecualikan hak atas perbaikan (pasal 6) dan akses (pasal 7)" in refusal.value.sentence
    assert kind not in EXCEPTED


def test_the_law_gives_three_days_for_four_of_the_rights() -> None:
    rights = RIGHTS[KINDS.versions[-1].version]
    assert {kind for kind, right in rights.items() if right.hours == 72 and right.clock} == {
        "access",
        "correction",
        "restriction",
        "withdrawal",
    }
    assert {kind for kind, right in rights.items() if not right.clock} == {"erasure", "portability"}


def test_nothing_is_granted_before_it_is_known_who_asks() -> None:
    request = asked()
    with pytest.raises(IdentityNotConfirmed):
        request.grant(on=DAY)
    with pytest.raises(IdentityNotConfirmed):
        asked("erasure").refuse(on=DAY, ground="masa_retensi", reason=SECRET)
    request.refuse(on=DAY, ground="bukan_subjek", reason=SECRET)
    for late in (
        lambda: request.grant(on=DAY),
        lambda: request.confirm_identity(on=DAY, how="ktp"),
        lambda: request.pause(on=DAY, reason="bukti_identitas"),
    ):
        with pytest.raises(RequestDecided):
            late()
    with pytest.raises(IdentityAlreadyConfirmed):
        confirmed().confirm_identity(on=DAY, how="ktp")


def test_the_clock_stops_only_for_a_reason_and_runs_on() -> None:
    request = asked()
    with pytest.raises(UnknownCode):
        request.pause(on=DAY, reason="sibuk")
    with pytest.raises(ClockRunning):
        request.resume(on=DAY)
    request.pause(on=DAY, reason="bukti_identitas")
    with pytest.raises(ClockPaused):
        request.pause(on=DAY, reason="bukti_identitas")
    request.resume(on=DAY)
    assert not request.paused


def test_an_heir_asks_for_the_dead_and_nobody_else_does() -> None:
    assert asked(asker="ahli_waris", died=True).state == "dibuka"
    for wrong in (
        {"asker": "ahli_waris"},
        {"asker": "yang_bersangkutan", "died": True},
        {"asker": "wali", "died": True},
    ):
        with pytest.raises(HeirOnlyAfterDeath):
            asked(**wrong)


@pytest.mark.parametrize("field", ["kind", "asker", "channel"])
def test_a_request_is_told_in_codes_of_the_lists(field: str) -> None:
    with pytest.raises(UnknownCode):
        asked(**{field: "entah"})


def test_of_a_strict_subject_who_asks_is_sealed() -> None:
    with pytest.raises(MustBeSealed):
        asked(tier=3)
    assert asked(tier=3, asker=SECRET, open_asker="wali").strict


def test_a_request_may_be_taken_back_at_any_time_but_not_closed_unanswered() -> None:
    for outcome in ("selesai", "ditolak"):
        with pytest.raises(RequestUnanswered):
            asked().close(on=DAY, outcome=outcome)
    request = asked()
    request.close(on=DAY, outcome="dicabut")
    with pytest.raises(RequestClosed):
        request.confirm_identity(on=DAY, how="ktp")


def test_a_granted_request_to_correct_orders_corrections_of_that_record_alone() -> None:
    request = confirmed("correction")
    assert not request.orders_correction_of("b1")
    request.grant(on=DAY)
    assert request.orders_correction_of("b1")
    assert not request.orders_correction_of("b2")
    request.fulfil(on=DAY, corrections=1)
    assert not request.orders_correction_of("b1")


def test_an_erasure_is_fulfilled_through_the_destruction_it_led_to() -> None:
    request = confirmed("erasure")
    request.grant(on=DAY, destruction="usul-1")
    request.fulfil(on=DAY)
    assert request.destruction == "usul-1"


class RequestLife(Life):
    """A request to which everything is done at any time."""

    @initialize(kind=st.sampled_from(KIND_NAMES))
    def begin(self, kind: str) -> None:
        self.decide(lambda: asked(kind))

    @precondition(Life.has_begun)
    @rule(on=DAYS, step=st.sampled_from(["confirm_identity", "pause", "resume", "grant"]))
    def step(self, on: date, step: str) -> None:
        said = {"confirm_identity": {"how": "ktp"}, "pause": {"reason": "bukti_identitas"}}
        self.decide(lambda: getattr(self.aggregate, step)(on=on, **said.get(step, {})))

    @precondition(Life.has_begun)
    @rule(on=DAYS, ground=st.sampled_from(GROUND_NAMES))
    def refuse(self, on: date, ground: str) -> None:
        self.decide(lambda: self.aggregate.refuse(on=on, ground=ground, reason=SECRET))

    @precondition(Life.has_begun)
    @rule(on=DAYS, outcome=st.sampled_from(["selesai", "ditolak", "dicabut"]))
    def close(self, on: date, outcome: str) -> None:
        self.decide(lambda: self.aggregate.close(on=on, outcome=outcome))

    @precondition(Life.has_begun)
    @rule(on=DAYS)
    def fulfil(self, on: date) -> None:
        self.decide(lambda: self.aggregate.fulfil(on=on, **FULFILLED.get(self.aggregate.kind, {})))

    def was_allowed(self, event: Any, before: Any) -> None:
        if isinstance(event, SubjectRequest.Granted):
            assert before.confirmed
        if isinstance(event, SubjectRequest.RequestRefused):
            assert before.state == "dibuka"
            assert before.kind not in ("access", "correction") or not event.article.startswith("15")
        if isinstance(event, SubjectRequest.Fulfilled):
            assert before.state == "dikabulkan"

    @precondition(Life.has_begun)
    @invariant()
    def an_answered_request_has_no_clock(self) -> None:
        assert not (self.aggregate.paused and self.aggregate.state != "dibuka")


def test_no_sequence_of_steps_breaks_a_rule_of_requests(record_property: RecordProperty) -> None:
    trial(RequestLife, record_property)
