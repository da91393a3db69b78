"""Probable duplicates: a warning with grounds, never by name alone. All people here are invented."""

from datetime import date

import pytest

from domain.beneficiary_duplicate import GROUNDS as LINK_GROUNDS
from service.matching import GROUNDS, THRESHOLD, Identity, name_likeness, probable_duplicates, score

RAHMAN = Identity(name="Abd. Rahman Moonti", birth_year=1961)


def points(one: Identity, other: Identity) -> int:
    return score(one, other)[0]


def test_the_same_nik_is_certain_whatever_the_name() -> None:
    one = Identity(name="Fatma Biya", nik="7501014101900001")
    assert score(one, Identity(name="Rosna Tome", nik="7501 0141 0190 0001")) == (100, ("nik_sama",))


def test_another_spelling_with_the_same_birth_year_is_probable() -> None:
    assert score(RAHMAN, Identity(name="Abdul Rachman Monti", birth_year=1961)) == (
        73,
        ("nama_sama", "tahun_lahir_sama"),
    )


def test_the_same_name_alone_is_not_probable() -> None:
    assert points(Identity(name="Sri Wahyuni"), Identity(name="Sri Wahyuni")) < THRESHOLD


def test_wahyuni_and_wahyuningsih_need_another_ground() -> None:
    one, other = Identity(name="Sri Wahyuni"), Identity(name="Sri Wahyuningsih")
    assert points(one, other) < THRESHOLD
    assert points({**one, "birth_year": 1990}, {**other, "birth_year": 1990}) < THRESHOLD
    more = Identity(birth_date=date(1990, 5, 17), village="75.01.01.2001", mother="Asna Tome")
    assert points({**one, **more}, {**other, **more}) >= THRESHOLD


def test_a_real_birth_date_weighs_more_than_the_first_of_january() -> None:
    def both(day: date) -> tuple[int, tuple[str, ...]]:
        return score(Identity(name="Risna Nento", birth_date=day), Identity(name="Rosna Nento", birth_date=day))

    assert "tanggal_lahir_sama" in both(date(1980, 3, 9))[1]
    assert both(date(1980, 3, 9))[0] >= THRESHOLD
    for day_unknown in (date(1980, 1, 1), date(1980, 12, 31)):
        assert both(day_unknown)[1] == ("nama_mirip", "tahun_lahir_sama")
        assert both(day_unknown)[0] < THRESHOLD


def test_a_birth_date_answers_a_birth_year() -> None:
    assert "tahun_lahir_sama" in score(RAHMAN, Identity(name="Rahman Moonti", birth_date=date(1961, 8, 2)))[1]


def test_a_generation_between_them_speaks_against() -> None:
    found, grounds = score(RAHMAN, Identity(name="Abd. Rahman Moonti", birth_year=1994))
    assert "tahun_lahir_beda" in grounds
    assert found < 58


def test_another_sex_and_another_mother_speak_against() -> None:
    one = Identity(name="Nur Ain Tome", birth_year=1990, sex="P", mother="Salma Daud")
    same = Identity(name="Nurain Tome", birth_year=1990)
    assert points(one, same) >= THRESHOLD
    assert "jenis_kelamin_beda" in score(one, {**same, "sex": "L"})[1]
    assert points(one, {**same, "sex": "L"}) < THRESHOLD
    assert points(one, {**same, "mother": "Hapsa Kaluku"}) < THRESHOLD


def test_village_phone_and_mother_add_up_and_are_named() -> None:
    one = Identity(name="Misna Laiya", village="75.01.01.2001", phone="0812-0000-1111", mother="Siti Hawa")
    other = Identity(name="Misna Laija", village="75.01.01.2001", phone="+62 812 0000 1111", mother="St. Hawa")
    assert score(one, other) == (99, ("nama_sama", "desa_sama", "orang_tua_sama", "telepon_sama"))


def test_a_slip_in_the_birth_part_of_a_nik_is_close_but_another_serial_number_is_another_person() -> None:
    one = Identity(nik="7501014101900001")
    assert score(one, Identity(nik="7501014101800001"))[1] == ("nik_mirip",)
    assert score(one, Identity(nik="7501014101900002"))[1] == ("nik_beda",)


@pytest.mark.parametrize("nik", ["0000000000000000", "9999999999999999", "12345", "-", ""])
def test_a_nik_typed_to_get_past_a_form_says_nothing(nik: str) -> None:
    assert score(Identity(nik=nik), Identity(nik=nik)) == (0, ())


def test_nothing_known_is_no_ground() -> None:
    nothing = Identity(name=None, nik=None, birth_date=None, birth_year=None, village=None, mother=None, phone=None)
    assert score(Identity(), Identity()) == score(nothing, nothing) == (0, ())


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("Djafar Umar", "Jafar Oemar", 100, 100),
        ("Rahman Moonti", "Moonti, Rahman", 100, 100),
        ("Hj. Nur Hayati Biya", "Nurhayati Biya", 100, 100),
        ("A. Rahman Moonti", "Abdul Rahman Moonti", 85, 99),
        ("Moh. Iwan Biya", "Iwan Biya", 85, 95),
        ("Sri Wahyuni", "Sri Wahyuningsih", 50, 84),
        ("Rahman Katili", "Yusuf Pakaya", 0, 40),
        ("", "Yusuf Pakaya", 0, 0),
    ],
)
def test_likeness_of_names(one: str, other: str, least: int, most: int) -> None:
    assert least <= name_likeness(one, other) <= most
    assert name_likeness(one, other) == name_likeness(other, one)


def test_the_score_is_the_same_from_both_sides() -> None:
    other = Identity(name="Abdul Rachman", birth_date=date(1962, 2, 3), nik="7501014101900001")
    assert score(RAHMAN, other) == score(other, RAHMAN)


def test_the_most_probable_comes_first_and_the_improbable_stays_away() -> None:
    others = {
        "improbable": Identity(name="Rusdin Katili", birth_year=1961),
        "spelling": Identity(name="Abdul Rachman Monti", birth_year=1961),
        "nik": Identity(name="A. Moonti", nik="7501014101610001"),
    }
    found = probable_duplicates({**RAHMAN, "nik": "7501014101610001"}, others)
    assert [probable.id for probable in found] == ["nik", "spelling"]
    assert [probable.id for probable in probable_duplicates(RAHMAN, others, at_most=1)] == ["spelling"]


def test_every_ground_has_points_and_a_sentence_for_the_clerk() -> None:
    assert all(weight and sentence for weight, sentence in GROUNDS.values())
    assert GROUNDS["nama_sama"][0] < THRESHOLD


def test_every_ground_that_is_shown_can_be_given_when_two_are_linked() -> None:
    assert set(GROUNDS) <= set(LINK_GROUNDS.versions[-1].codes)
