"""Assessment instruments: versioned questionnaires whose score, and the risk it means, anyone can compute again.

``score`` is a pure function of the instrument's version and the answers, so an assessment of last year gives the same
figures today. A published version never changes; the office publishes a new one with the day from which it holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain.instrument_forms import FORMS
from domain.refusals import Refused, UnknownCode


class AnswerMissing(Refused):
    RULE = "answer_missing"
    SENTENCE = "Pertanyaan “{question}” belum dijawab."


class AnswerNotOffered(Refused):
    RULE = "answer_not_offered"
    SENTENCE = "Jawaban untuk “{question}” harus salah satu nilai yang tersedia pada instrumen."


@dataclass(frozen=True)
class Question:
    """One question. An answer is a whole number from 0 (no concern) to ``most``; ``weight`` multiplies it."""

    code: str
    text: str
    weight: int
    most: int = 4


@dataclass(frozen=True)
class Band:
    """From ``least`` points (0 to 100) on, the risk is ``risk`` and the next review is due in ``review_days``."""

    least: int
    risk: str
    review_days: int


@dataclass(frozen=True)
class Instrument:
    """One version of one questionnaire; ``version`` counts from "1" and by itself tells nothing of its subject."""

    code: str
    version: str
    label: str
    valid_from: date
    source: str
    questions: tuple[Question, ...]
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class Outcome:
    """What an assessment comes to: points from 0 to 100, the risk level, and days to the next review."""

    instrument: str
    version: str
    score: int
    risk: str
    review_days: int


INSTRUMENTS: Mapping[tuple[str, str], Instrument] = {
    (code, version): Instrument(
        code=code,
        version=version,
        label=label,
        valid_from=valid_from,
        source=source,
        questions=tuple(Question(*question) for question in questions),
        bands=tuple(sorted((Band(*band) for band in bands), key=lambda band: band.least)),
    )
    for code, version, label, valid_from, source, questions, bands in FORMS
}


def instrument(code: str, version: str) -> Instrument:
    """That version of that instrument. Raises `UnknownCode` when there is none."""
    found = INSTRUMENTS.get((code, version))
    if found is None:
        raise UnknownCode(code=f"{code} {version}", listing="instrumen asesmen")
    return found


def in_force(code: str, day: date) -> Instrument:
    """The version of an instrument in force on ``day``; before its first version, the first. Raises `UnknownCode`."""
    versions = sorted((form for form in INSTRUMENTS.values() if form.code == code), key=lambda form: form.valid_from)
    if not versions:
        raise UnknownCode(code=code, listing="instrumen asesmen")
    return [versions[0], *(form for form in versions if form.valid_from <= day)][-1]


def score(form: Instrument, answers: Mapping[str, int]) -> Outcome:
    """Score the answers, a number for each question code.

    The score is the weighted sum as hundredths of the most there can be, rounded half up. Raises `AnswerMissing`, or
    `AnswerNotOffered` for a number out of range or a question the instrument does not ask.
    """
    asked = {question.code for question in form.questions}
    for code in answers:
        if code not in asked:
            raise AnswerNotOffered(question=code)
    points = 0
    for question in form.questions:
        if question.code not in answers:
            raise AnswerMissing(question=question.text)
        if not 0 <= answers[question.code] <= question.most:
            raise AnswerNotOffered(question=question.text)
        points += question.weight * answers[question.code]
    most = sum(question.weight * question.most for question in form.questions)
    hundredths = (200 * points + most) // (2 * most)
    band = [band for band in form.bands if band.least <= hundredths][-1]
    return Outcome(form.code, form.version, hundredths, band.risk, band.review_days)
