"""The archive schedule: its classes have versions, and what no class covers is kept and reviewed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.refusals import UnknownCode
from domain.retention import (
    RETENTION_ID,
    CoveredByAnother,
    CoversNothing,
    NotARetentionCode,
    PeriodOutOfBounds,
    Retention,
    VersionsInOrder,
)

DAY = date(2026, 1, 5)


def set_class(schedule: Retention, **more: Any) -> None:
    given: dict[str, Any] = {
        "on": DAY,
        "code": "463.1",
        "label": "Berkas perorangan PPKS",
        "kinds": ("person",),
        "trigger": "kasus_terakhir_ditutup",
        "years": 5,
        "fate": "musnah",
        "basis": "JRA Kabupaten Gorontalo 2025",
    }
    schedule.set_class(**{**given, **more})


def schedule(**more: Any) -> Retention:
    made = Retention.blank(RETENTION_ID)
    set_class(made, **more)
    return made


def test_what_no_class_covers_is_kept_and_reviewed() -> None:
    made = schedule()
    assert made.covering("family", DAY) is None
    assert Retention.blank(RETENTION_ID).covering("person", DAY) is None
    found = made.covering("person", DAY)
    assert found is not None
    assert (found.code, found.number, found.fate) == ("463.1", 1, "musnah")


def test_a_changed_class_is_a_new_version_and_the_old_one_holds_for_the_days_before() -> None:
    made = schedule()
    set_class(made, on=date(2026, 6, 1), years=10)
    before, after = made.covering("person", date(2026, 5, 31)), made.covering("person", date(2026, 6, 1))
    assert before is not None
    assert after is not None
    assert (before.years, before.number, after.years, after.number) == (5, 1, 10, 2)
    assert [one.years for one in made.in_force(date(2026, 7, 1))] == [10]
    with pytest.raises(VersionsInOrder):
        set_class(made, on=date(2026, 5, 1))


def test_before_its_first_day_a_class_covers_nothing() -> None:
    assert schedule().covering("person", date(2026, 1, 4)) is None


def test_a_period_ends_on_the_same_day_years_later() -> None:
    found = schedule().covering("person", DAY)
    assert found is not None
    assert found.ends(date(2020, 3, 1)) == date(2025, 3, 1)
    assert found.ends(date(2020, 2, 29)) == date(2025, 2, 28)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"code": "kode kelas"}, NotARetentionCode),
        ({"kinds": ()}, CoversNothing),
        ({"kinds": ("wksbm",)}, CoversNothing),
        ({"years": 0}, PeriodOutOfBounds),
        ({"years": 101}, PeriodOutOfBounds),
        ({"trigger": "kapan_saja"}, UnknownCode),
        ({"fate": "dibuang"}, UnknownCode),
    ],
)
def test_a_class_that_says_nothing_usable_is_refused(given: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        schedule(**given)


def test_a_kind_is_covered_by_one_class_only() -> None:
    made = schedule()
    with pytest.raises(CoveredByAnother):
        set_class(made, code="463.2", kinds=("family", "person"))
    set_class(made, code="463.2", kinds=("family",))
    assert len(made.in_force(DAY)) == 2
