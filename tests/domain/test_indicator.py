"""Indicators: a stated baseline is a note, a target has a year, and neither invents an event of the field."""

from datetime import date

import pytest

from domain.indicator import WKSBM_COVERAGE_ID, Indicator, NotAMonth, NotAShare, NotAYear

DAY = date(2019, 7, 31)


def coverage() -> Indicator:
    return Indicator.define(
        WKSBM_COVERAGE_ID, on=DAY, name="Cakupan WKSBM", definition="Desa/kelurahan dengan WKSBM yang terbentuk"
    )


def state_july_2019(indicator: Indicator, *, permille: int = 250, month: str = "2019-07") -> None:
    indicator.state_baseline(
        on=DAY,
        permille=permille,
        month=month,
        wording="sekitar 25 persen",
        reference="Rancangan proyek perubahan 2019",
        approximate=True,
        definition_unknown=True,
    )


def test_about_a_quarter_in_july_2019_is_a_note_with_its_doubts() -> None:
    indicator = coverage()
    state_july_2019(indicator)
    event = indicator.collect_events()[-1]
    assert isinstance(event, Indicator.BaselineStated)
    assert (event.permille, event.month, event.wording) == (250, "2019-07", "sekitar 25 persen")
    assert event.approximate
    assert event.definition_unknown
    assert indicator.baselines == {"2019-07": 250}


def test_a_later_target_for_the_same_year_replaces_the_earlier() -> None:
    indicator = coverage()
    indicator.set_target(on=DAY, year=2020, permille=400, reference="Renja 2020")
    indicator.set_target(on=DAY, year=2021, permille=600, reference="Renja 2021")
    indicator.set_target(on=DAY, year=2020, permille=350, reference="Renja Perubahan 2020")
    assert indicator.targets == {2020: 350, 2021: 600}
    assert len(indicator.collect_events()) == 4


@pytest.mark.parametrize("permille", [-1, 1001])
def test_a_share_lies_between_nothing_and_the_whole(permille: int) -> None:
    with pytest.raises(NotAShare):
        state_july_2019(coverage(), permille=permille)
    with pytest.raises(NotAShare):
        coverage().set_target(on=DAY, year=2020, permille=permille, reference="Renja")


@pytest.mark.parametrize("month", ["2019", "2019-13", "Juli 2019", "2019-07-01", "2019-7"])
def test_a_baseline_names_its_month(month: str) -> None:
    with pytest.raises(NotAMonth):
        state_july_2019(coverage(), month=month)


@pytest.mark.parametrize("year", [1999, 2101])
def test_a_target_belongs_to_a_sensible_year(year: int) -> None:
    with pytest.raises(NotAYear):
        coverage().set_target(on=DAY, year=year, permille=500, reference="Renja")
