"""What a NIK says, and what it cannot say."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.nik import FEMALE, FINDINGS, MALE, is_synthetic, read_kk, read_nik, synthetic_nik

TODAY = date(2026, 11, 24)
BORN = st.dates(min_value=date(1926, 11, 25), max_value=TODAY)


@given(born=BORN, sex=st.sampled_from([MALE, FEMALE]), serial=st.integers(1, 9999))
def test_the_birth_date_and_sex_in_a_nik_are_read_back(born: date, sex: str, serial: int) -> None:
    reading = read_nik(synthetic_nik(born, sex, serial), today=TODAY, birth_date=born, sex=sex)
    assert (reading.findings, reading.birth_date, reading.sex) == ((), born, sex)


def test_a_womans_day_of_birth_stands_forty_higher() -> None:
    reading = read_nik("7501024408870001", today=TODAY)
    assert (reading.birth_date, reading.sex) == (date(1987, 8, 4), FEMALE)


def test_a_two_digit_year_means_the_latest_possible_century() -> None:
    assert read_nik("7501020408100001", today=TODAY).birth_date == date(2010, 8, 4)
    assert read_nik("7501020408400001", today=TODAY).birth_date == date(1940, 8, 4)
    assert read_nik("7501022411260001", today=TODAY).birth_date == TODAY
    assert read_nik("7501022511260001", today=TODAY).birth_date == date(1926, 11, 25)


def test_somebody_over_a_hundred_years_old_is_not_called_a_liar() -> None:
    reading = read_nik("7501020408200001", today=TODAY, birth_date=date(1920, 8, 4))
    assert reading.findings == ()


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("", ("not_16_digits",)),
        ("750102040887000", ("not_16_digits",)),
        ("75010204088700011", ("not_16_digits",)),
        ("٧501020408870001", ("not_16_digits",)),
        ("7.50102E+15", ("spreadsheet_number",)),
        ("7501020408870001.0", ("spreadsheet_number",)),
        ("7501020008870001", ("bad_birth_date",)),
        ("7501023208870001", ("bad_birth_date",)),
        ("7501027208870001", ("bad_birth_date",)),
        ("7501020413870001", ("bad_birth_date",)),
        ("7501023002870001", ("bad_birth_date",)),
        ("7501020408870000", ("serial_zero",)),
        ("7501023208870000", ("bad_birth_date", "serial_zero")),
        ("7501 0204 0887 0001", ()),
        ("75.01.02.040887-0001", ()),
    ],
)
def test_a_malformed_nik_is_a_warning_with_a_name(text: str, findings: tuple[str, ...]) -> None:
    assert read_nik(text, today=TODAY).findings == findings
    assert set(findings) <= set(FINDINGS)


def test_the_leap_day_of_2000_exists_and_that_of_1999_does_not() -> None:
    assert read_nik("7501022902000001", today=TODAY).birth_date == date(2000, 2, 29)
    assert read_nik("7501022902990001", today=TODAY).findings == ("bad_birth_date",)


def test_a_nik_that_disagrees_with_what_was_stated_is_only_a_warning() -> None:
    reading = read_nik("7501020408870001", today=TODAY, birth_date=date(1987, 8, 5), sex=FEMALE)
    assert reading.findings == ("birth_date_differs", "sex_differs")
    assert reading.birth_date == date(1987, 8, 4)


@pytest.mark.parametrize("place", ["750106", "750115", "317301", "999999", "000000"])
def test_the_place_of_first_registration_is_never_judged(place: str) -> None:
    assert read_nik(place + "0408870001", today=TODAY).findings == ()


def test_a_kk_number_knows_no_forty_and_no_birth_date() -> None:
    assert read_kk("7501021203150004", today=TODAY) == ()
    assert read_kk("7501025203150004", today=TODAY) == ("kk_bad_recording_date",)
    assert read_kk("7501021203150000", today=TODAY) == ("kk_serial_zero",)
    assert read_kk("75010212031500", today=TODAY) == ("kk_not_16_digits",)


def test_invented_people_have_numbers_that_nobody_can_have() -> None:
    assert is_synthetic(synthetic_nik(date(1990, 1, 2), MALE, 7))
    assert synthetic_nik(date(1990, 1, 2), MALE, 7) == "7501990201900007"
    assert not is_synthetic("7501020408870001")


@given(st.text(max_size=40))
def test_reading_never_refuses_whatever_is_typed(text: str) -> None:
    assert set(read_nik(text, today=TODAY).findings) <= set(FINDINGS)
    assert set(read_kk(text, today=TODAY)) <= set(FINDINGS)
