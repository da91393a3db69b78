"""How long the same help for one household is told of as given twice."""

from datetime import date

import pytest

from domain.case_codes import AIDS, SERVICES
from domain.double_aid import DAYS_OF, SAME, kind_of, last_day, latest
from domain.incident_codes import GOODS

GIVEN = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("kind", "last"),
    [
        ("sembako", date(2026, 4, 1)),
        ("paket_sembako", date(2026, 4, 1)),
        ("kursi_roda", date(2027, 3, 2)),
        ("L05", date(2027, 3, 2)),
        ("uang_tunai", date(2026, 5, 31)),
        ("L07", None),
    ],
)
def test_each_kind_has_its_period(kind: str, last: date | None) -> None:
    assert last_day(kind, GIVEN) == last


def test_what_two_lists_call_by_two_codes_is_one_kind() -> None:
    assert kind_of("paket_sembako") == kind_of("sembako")
    assert kind_of("L04") == kind_of("sandang")


def test_of_every_code_of_the_lists_it_is_decided() -> None:
    known = {code for listing in (AIDS, SERVICES, GOODS) for version in listing.versions for code in version.codes}
    assert {*DAYS_OF, *SAME} == known
    assert set(SAME.values()) <= set(DAYS_OF)
    assert not set(SAME) & set(DAYS_OF)
    assert latest(GIVEN) == max(filter(None, (last_day(kind, GIVEN) for kind in known)))


def test_the_end_of_the_calendar_is_no_error() -> None:
    assert last_day("kursi_roda", date(9999, 12, 30)) == date.max
