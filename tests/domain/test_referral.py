"""The life of a referral, from the letter to the word that came back."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from domain.correction import replay, retract
from domain.destinations import DESTINATIONS, KIND_RULES, rules_of
from domain.referral import AssessmentNeeded, BasisTooWeak, ConsentNeeded, LetterNeeded, Referral
from domain.referral_steps import (
    ENDS,
    STEPS,
    FeedbackNotPossible,
    ForwardedToItself,
    ReferralHasEnded,
    ReferralStepOutOfTurn,
    ReplyBeforeSubmission,
    ReplyTimeNotOver,
    Step,
)
from domain.refusals import MustBeSealed, Refused, UnknownCode
from domain.sealed import Sealed

DAY = date(2026, 3, 2)
SECRET = Sealed(part="0190")


def submitted(**more: Any) -> Referral:
    details: dict[str, Any] = {
        "on": DAY,
        "village": "75.01.01.1001",
        "case": "case-1",
        "beneficiary": "ben-1",
        "tier": 1,
        "destination_kind": "rumah_sakit",
        "destination": "RSUD Dr. M.M. Dunda",
        "need": "rawat_inap",
    }
    return Referral.submit("ref-1", **{**details, **more})


def strict(**more: Any) -> Referral:
    sealed: dict[str, Any] = {"tier": 3, "destination_kind": SECRET, "destination": SECRET, "need": SECRET}
    sealed |= {"basis": SECRET, "open_basis": "kewajiban_hukum"}
    return submitted(**{**sealed, "open_destination_kind": "kepolisian", **more})


def tell(step: Callable[..., None], **more: Any) -> None:
    step(on=DAY, channel="telepon", **more)


ENDINGS: dict[str, Callable[[Referral], None]] = {
    "ditolak": lambda referral: tell(referral.reject, reason="penuh"),
    "selesai": lambda referral: tell(referral.complete, outcome="tertangani"),
    "dialihkan": lambda referral: tell(referral.forward, next_referral="ref-2"),
    "dibatalkan": lambda referral: tell(referral.withdraw, reason=SECRET),
    "tidak_hadir": lambda referral: tell(referral.note_absence),
    "kedaluwarsa": lambda referral: referral.expire(on=DAY + timedelta(days=60)),
}
STEPPING: dict[str, Callable[[Referral], None]] = {
    **ENDINGS,
    "diterima": lambda referral: tell(referral.accept),
    "dikembalikan": lambda referral: tell(referral.return_incomplete, reason="berkas_kurang"),
    "diajukan": lambda referral: tell(referral.resubmit, reply_by=DAY),
    "dijadwalkan": lambda referral: tell(referral.schedule, planned_for=DAY),
    "ditangani": lambda referral: tell(referral.handle),
}


def test_a_referral_goes_from_submission_to_feedback() -> None:
    referral = submitted()
    states = [referral.state]
    for state in ("diterima", "dijadwalkan", "ditangani", "selesai"):
        STEPPING[state](referral)
        states.append(referral.state)
    assert states == ["diajukan", "diterima", "dijadwalkan", "ditangani", "selesai"]
    assert (referral.settled, referral.loop_closed) == (True, False)
    tell(referral.receive_feedback, feedback=SECRET)
    assert referral.loop_closed


def test_feedback_before_completion_does_not_close_the_loop() -> None:
    referral = submitted()
    tell(referral.receive_feedback, feedback=SECRET)
    ENDINGS["selesai"](referral)
    assert (referral.feedback_heard, referral.loop_closed) == (True, False)
    tell(referral.receive_feedback, feedback=SECRET)
    assert referral.loop_closed


def test_without_a_date_in_the_letter_the_reply_time_of_the_destination_counts() -> None:
    assert submitted().reply_by == DAY + timedelta(days=3)
    assert submitted(reply_by=DAY).reply_by == DAY
    with pytest.raises(ReplyBeforeSubmission):
        submitted(reply_by=DAY - timedelta(days=1))


def test_how_a_referral_was_sent_comes_from_the_list_of_channels() -> None:
    sent: Any = submitted(channel="whatsapp").pending_events[0]
    assert sent.channel == "whatsapp"
    with pytest.raises(UnknownCode):
        submitted(channel="merpati")


@pytest.mark.parametrize("end", sorted(ENDS))
@pytest.mark.parametrize("step", sorted(STEPPING))
def test_a_referral_ends_once(end: str, step: str) -> None:
    referral = submitted()
    ENDINGS[end](referral)
    assert referral.state == end
    assert referral.settled
    with pytest.raises(ReferralHasEnded):
        STEPPING[step](referral)
    assert referral.state == end


@pytest.mark.parametrize("end", sorted(ENDS - {"selesai"}))
def test_feedback_is_not_taken_after_an_end_without_handling(end: str) -> None:
    referral = submitted()
    ENDINGS[end](referral)
    with pytest.raises(FeedbackNotPossible):
        tell(referral.receive_feedback, feedback=SECRET)


def test_a_destination_that_tells_only_the_end_is_recorded_as_it_told() -> None:
    referral = submitted()
    tell(referral.complete, outcome="kembali_ke_keluarga")
    assert [type(event) for event in referral.pending_events] == [Referral.Submitted, Referral.Completed]


def test_a_returned_referral_waits_for_its_repair() -> None:
    referral = submitted()
    tell(referral.return_incomplete, reason="berkas_kurang", missing=("laporan_sosial",))
    for step in ("diterima", "dijadwalkan", "ditangani", "selesai", "ditolak", "tidak_hadir", "dikembalikan"):
        with pytest.raises(ReferralStepOutOfTurn):
            STEPPING[step](referral)
    with pytest.raises(ReplyBeforeSubmission):
        tell(referral.resubmit, reply_by=DAY - timedelta(days=1))
    due = DAY + timedelta(days=9)
    tell(referral.resubmit, reply_by=due, documents=("laporan_sosial",))
    assert (referral.state, referral.reply_by) == ("diajukan", due)


def test_steps_do_not_go_back() -> None:
    referral = submitted()
    STEPPING["ditangani"](referral)
    for step in ("diterima", "dijadwalkan", "ditangani", "diajukan", "kedaluwarsa"):
        with pytest.raises(ReferralStepOutOfTurn):
            STEPPING[step](referral)


def test_a_day_can_be_moved() -> None:
    referral = submitted()
    STEPPING["dijadwalkan"](referral)
    later = DAY + timedelta(days=5)
    tell(referral.schedule, planned_for=later)
    assert referral.planned_for == later


def test_a_referral_expires_only_after_its_last_day_and_only_unanswered() -> None:
    referral = submitted()
    with pytest.raises(ReplyTimeNotOver):
        referral.expire(on=DAY + timedelta(days=3))
    referral.expire(on=DAY + timedelta(days=4))
    assert referral.state == "kedaluwarsa"
    answered = submitted()
    STEPPING["diterima"](answered)
    with pytest.raises(ReferralStepOutOfTurn):
        answered.expire(on=DAY + timedelta(days=60))


def test_a_forwarded_referral_names_the_one_that_carries_on() -> None:
    referral = submitted()
    with pytest.raises(ForwardedToItself):
        tell(referral.forward, next_referral=referral.id)
    tell(referral.forward, next_referral="ref-2")
    assert referral.next_referral == "ref-2"
    assert submitted(forwarded_from="ref-0").pending_events[0].forwarded_from == "ref-0"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("step", "wrong"),
    [
        ("reject", {"reason": "malas"}),
        ("return_incomplete", {"reason": "malas"}),
        ("return_incomplete", {"reason": "berkas_kurang", "missing": ("ijazah",)}),
        ("complete", {"outcome": "entah"}),
        ("accept", {"channel": "merpati"}),
    ],
)
def test_reasons_outcomes_and_channels_come_from_the_lists(step: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(UnknownCode):
        getattr(submitted(), step)(**{"on": DAY, "channel": "surat", **wrong})


def test_a_rejection_and_a_return_must_name_a_reason() -> None:
    for step in (submitted().reject, submitted().return_incomplete):
        with pytest.raises(TypeError):
            tell(step)


@pytest.mark.parametrize(
    ("field", "value"), [("destination_kind", "toko"), ("need", "liburan"), ("documents", ("ijazah",))]
)
def test_a_referral_is_submitted_with_codes_of_the_lists(field: str, value: Any) -> None:
    with pytest.raises(UnknownCode):
        submitted(**{field: value})


def test_a_provincial_home_needs_an_assessment_and_a_letter() -> None:
    home = {"destination_kind": "panti_provinsi", "destination": "Griya Lansia Jannati", "need": "pengasuhan_panti"}
    with pytest.raises(AssessmentNeeded):
        submitted(**home, letter_number="460/12/Dinsos")
    with pytest.raises(LetterNeeded):
        submitted(**home, assessed=True)
    assert submitted(**home, assessed=True, letter_number="460/12/Dinsos").is_open


def test_a_strict_subject_is_referred_only_with_consent_or_on_another_ground_of_the_law() -> None:
    with pytest.raises(ConsentNeeded) as refusal:
        strict(basis=None)
    assert refusal.value.rule == "consent_needed"
    with pytest.raises(ConsentNeeded):  # an id alone is no consent
        strict(basis=None, consent="s1")
    assert strict().is_open
    assert submitted(tier=2).is_open


def test_without_consent_a_health_service_is_only_for_what_is_vital() -> None:
    with pytest.raises(BasisTooWeak):
        strict(open_destination_kind="rumah_sakit")
    assert strict(open_destination_kind="rumah_sakit", open_basis="kepentingan_vital").is_open
    with pytest.raises(UnknownCode):
        strict(open_basis="karena_perlu")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("destination_kind", "kepolisian"),
        ("destination", "Polres Gorontalo"),
        ("destination_id", "psks-1"),
        ("need", "perlindungan_hukum"),
        ("basis", "kewajiban_hukum"),
    ],
)
def test_a_strict_referral_seals_where_it_goes_and_what_for(field: str, value: str) -> None:
    with pytest.raises(MustBeSealed):
        strict(**{field: value})


def test_the_kind_behind_a_sealed_destination_decides_and_is_not_stored() -> None:
    with pytest.raises(UnknownCode):
        strict(open_destination_kind=None)
    with pytest.raises(AssessmentNeeded):
        strict(open_destination_kind="panti_provinsi")
    [event] = strict(open_destination_kind="bapas").pending_events
    assert "bapas" not in repr(event)
    assert event.reply_by == DAY + timedelta(days=14)  # type: ignore[attr-defined]


def test_every_destination_kind_says_what_it_asks_for() -> None:
    for version in DESTINATIONS.versions:
        assert set(KIND_RULES[version.version]) == set(version.codes)
        for code in version.codes:
            assert rules_of(version.version, code).reply_days > 0


def test_every_step_goes_stale_by_any_other() -> None:
    steps = {value for base in Referral.__mro__ for value in vars(base).values() if isinstance(value, type)}
    found = {step.TOPIC for step in steps if issubclass(step, Step)}
    assert found == STEPS
    assert not Referral.FeedbackReceived.CONFLICTS
    assert Referral.FeedbackReceived.CONFLICTS is not None


def test_a_retracted_rejection_opens_the_referral_again() -> None:
    referral = submitted()
    STEPPING["diterima"](referral)
    ENDINGS["ditolak"](referral)
    retract(referral, referral.pending_events[-1], on=DAY, reason=SECRET, requested_by="mitra")  # type: ignore[arg-type]
    again = replay(None, referral.pending_events)  # type: ignore[arg-type]
    assert isinstance(again, Referral)
    assert again.state == "diterima"
    ENDINGS["selesai"](again)


def test_every_refusal_names_its_rule_and_says_it_in_one_sentence() -> None:
    import domain.referral
    import domain.referral_steps

    modules = (domain.referral, domain.referral_steps)
    for refusal in (value for module in modules for value in vars(module).values() if isinstance(value, type)):
        if issubclass(refusal, Refused) and refusal is not Refused:
            assert refusal.RULE not in ("", Refused.RULE)
            assert refusal.SENTENCE.endswith(".")
