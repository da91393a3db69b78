"""Assessment instruments: the same answers give the same score, in every later year."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.case_codes import REVIEW_DAYS, RISKS
from domain.instruments import (
    INSTRUMENTS,
    AnswerMissing,
    AnswerNotOffered,
    Band,
    Instrument,
    Question,
    in_force,
    instrument,
    score,
)
from domain.refusals import UnknownCode


def worst(form: Instrument) -> dict[str, int]:
    return {question.code: question.most for question in form.questions}


def none(form: Instrument) -> dict[str, int]:
    return dict.fromkeys(worst(form), 0)


@pytest.mark.parametrize("form", INSTRUMENTS.values(), ids=lambda form: f"{form.code}-{form.version}")
def test_every_instrument_reaches_from_zero_to_one_hundred(form: Instrument) -> None:
    assert score(form, none(form)).score == 0
    assert score(form, worst(form)).score == 100
    assert score(form, none(form)).risk == "rendah"
    assert score(form, worst(form)).risk == "darurat"


@pytest.mark.parametrize("form", INSTRUMENTS.values(), ids=lambda form: f"{form.code}-{form.version}")
def test_every_instrument_has_sound_bands_and_questions(form: Instrument) -> None:
    risks = RISKS.on(form.valid_from)
    assert form.bands[0].least == 0
    assert len({band.least for band in form.bands}) == len(form.bands)
    assert len(worst(form)) == len(form.questions)
    assert all(question.weight > 0 for question in form.questions)
    assert all(risks.check(band.risk) and band.review_days > 0 for band in form.bands)
    days = [band.review_days for band in form.bands]
    assert days == sorted(days, reverse=True)


def test_every_risk_level_has_a_review_interval() -> None:
    for version in RISKS.versions:
        assert set(REVIEW_DAYS[version.version]) == set(version.codes)


def test_a_score_of_72_means_high_risk_and_a_review_every_14_days() -> None:
    form = in_force("umum", date(2026, 1, 5))
    # 3*4 + 3*3 + 2*2 + 2*4 + 2*2 + 4*3 + 1*0 = 49 of 68
    answers = {
        "pangan": 4,
        "tempat_tinggal": 3,
        "kesehatan": 2,
        "pendapatan": 4,
        "dukungan": 2,
        "keamanan": 3,
        "dokumen": 0,
    }
    outcome = score(form, answers)
    assert (outcome.score, outcome.risk, outcome.review_days) == (72, "tinggi", 14)


def test_an_assessment_uses_the_version_in_force_on_its_day() -> None:
    assert in_force("umum", date(2022, 12, 31)).version == "1"
    assert in_force("umum", date(2023, 1, 1)).version == "2"
    assert in_force("umum", date(2001, 1, 1)).version == "1"


def test_an_old_version_scores_as_it_did() -> None:
    old = instrument("umum", "1")
    answers = {"pangan": 4, "tempat_tinggal": 4, "kesehatan": 0, "pendapatan": 0, "dukungan": 0, "dokumen": 0}
    assert score(old, answers).score == 46  # 24 of 52
    with pytest.raises(AnswerMissing):
        score(instrument("umum", "2"), answers)


def test_an_unknown_instrument_or_version_is_refused() -> None:
    with pytest.raises(UnknownCode):
        instrument("umum", "99")
    with pytest.raises(UnknownCode):
        in_force("tidak_ada", date(2026, 1, 1))


def test_a_question_that_is_not_asked_or_a_number_out_of_range_is_refused() -> None:
    form = instrument("anak", "1")
    with pytest.raises(AnswerNotOffered):
        score(form, {**none(form), "lain": 1})
    for number in (-1, 5):
        with pytest.raises(AnswerNotOffered) as refusal:
            score(form, {**none(form), "sekolah": number})
        assert refusal.value.rule == "answer_not_offered"


def test_half_a_point_is_rounded_up() -> None:
    form = Instrument(
        code="uji",
        version="1",
        label="Uji",
        valid_from=date(2019, 1, 1),
        source="uji",
        questions=(Question("a", "a", 1), Question("b", "b", 49)),
        bands=(Band(0, "rendah", 90),),
    )
    assert score(form, {"a": 1, "b": 0}).score == 1  # 1 of 200


@given(data=st.data())
def test_a_graver_answer_never_lowers_the_score(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(list(INSTRUMENTS.values())))
    answers = {question.code: data.draw(st.integers(0, question.most - 1)) for question in form.questions}
    question = data.draw(st.sampled_from(form.questions)).code
    before, after = score(form, answers), score(form, {**answers, question: answers[question] + 1})
    assert before.score <= after.score
    assert before == score(form, dict(reversed(answers.items())))
    assert before.review_days >= after.review_days
