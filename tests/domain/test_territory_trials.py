"""Random lives of the list of villages and of an indicator."""

from datetime import date

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from domain.aggregate import Event
from domain.correction import effective
from domain.indicator import Indicator
from domain.territory import TERRITORY_ID, Redrawn, Territory, kecamatan_of
from domain.villages import Village, kind_of
from tests.domain.trials import DAYS, Life, RecordProperty, trial

CODES = [f"75.01.99.{serial}" for serial in (1001, 2001, 2002, 2003, 2004, 2005)]
EDITIONS = st.sampled_from([f"edisi-{number}" for number in range(12)])


def village(code: str, name: str = "Desa") -> Village:
    return Village(code, name, kind_of(code), kecamatan_of(code), "Uji", "96200", 600_000, 123_000_000)


class TerritoryLife(Life):
    """The list of villages: published, renamed, split, merged, in any order of entry."""

    aggregate: Territory

    @initialize(on=DAYS, valid_from=DAYS, count=st.integers(0, 6))
    def a_list_is_published(self, on: date, valid_from: date, count: int) -> None:
        listed = tuple(village(code) for code in CODES[:count]) or (village(CODES[0]),)
        self.decide(
            lambda: Territory.publish(
                TERRITORY_ID, on=on, valid_from=valid_from, edition="edisi-0", decree="SK 1", villages=listed
            )
        )

    @rule(on=DAYS, valid_from=DAYS, edition=EDITIONS, count=st.integers(0, 6))
    def another_list_is_published(self, on: date, valid_from: date, edition: str, count: int) -> None:
        listed = tuple(village(code) for code in CODES[:count])
        self.decide(
            lambda: self.aggregate.republish(
                on=on, valid_from=valid_from, edition=edition, decree="SK 2", villages=listed
            )
        )

    @rule(on=DAYS, valid_from=DAYS, edition=EDITIONS, code=st.sampled_from(CODES), name=st.text(max_size=5))
    def a_village_is_renamed(self, on: date, valid_from: date, edition: str, code: str, name: str) -> None:
        self.decide(
            lambda: self.aggregate.rename(
                on=on, valid_from=valid_from, edition=edition, decree="SK 3", code=code, name=name
            )
        )

    @rule(on=DAYS, valid_from=DAYS, edition=EDITIONS, code=st.sampled_from(CODES), into=st.sets(st.sampled_from(CODES)))
    def a_village_is_split(self, on: date, valid_from: date, edition: str, code: str, into: set[str]) -> None:
        parts = tuple(village(one) for one in sorted(into))
        self.decide(
            lambda: self.aggregate.split(
                on=on, valid_from=valid_from, edition=edition, decree="SK 4", code=code, villages=parts
            )
        )

    @rule(
        on=DAYS, valid_from=DAYS, edition=EDITIONS, codes=st.sets(st.sampled_from(CODES)), into=st.sampled_from(CODES)
    )
    def villages_are_merged(self, on: date, valid_from: date, edition: str, codes: set[str], into: str) -> None:
        gone = tuple(sorted(codes))
        self.decide(
            lambda: self.aggregate.merge(
                on=on, valid_from=valid_from, edition=edition, decree="SK 5", codes=gone, into=village(into)
            )
        )

    def was_allowed(self, event: Event, before: Territory | None) -> None:
        if isinstance(event, Redrawn) and before is not None:
            assert event.edition not in {change.edition for change in before.changes}

    @precondition(Life.has_begun)
    @invariant()
    def the_history_reads_the_same_again(self) -> None:
        """The list remembers its events themselves, which get their ids only when they are stored."""

        def told(territory: Territory) -> list[Redrawn]:
            return [msgspec.structs.replace(change, id="") for change in territory.changes]

        again = self.standing()
        assert told(again) == told(self.aggregate)
        assert (again.version, again.retracted) == (self.aggregate.version, self.aggregate.retracted)

    @precondition(Life.has_begun)
    @invariant()
    def every_day_has_a_list_of_villages_in_order(self) -> None:
        for day in (date.min, date(2020, 1, 1), date.max):
            villages = self.aggregate.villages_on(day)
            assert list(villages) == sorted(villages)
            assert all(code == one.code for code, one in villages.items())
            assert not set(self.aggregate.successors_on(day)) & set(villages)
            assert set(self.aggregate.successors_on(day).values()) <= set(villages)


class IndicatorLife(Life):
    """A measure with its baselines and targets."""

    aggregate: Indicator

    @initialize(on=DAYS)
    def it_is_defined(self, on: date) -> None:
        self.decide(lambda: Indicator.define("i-1", on=on, name="Cakupan", definition="Desa yang memiliki WKSBM"))

    @rule(on=DAYS, permille=st.integers(-5, 1100), month=st.sampled_from(["2019-07", "2020-01", "2020-13", "Juli"]))
    def a_baseline_is_stated(self, on: date, permille: int, month: str) -> None:
        self.decide(
            lambda: self.aggregate.state_baseline(
                on=on, permille=permille, month=month, wording="sekitar", reference="berita"
            )
        )

    @rule(on=DAYS, year=st.integers(1990, 2110), permille=st.integers(-5, 1100))
    def a_target_is_set(self, on: date, year: int, permille: int) -> None:
        self.decide(lambda: self.aggregate.set_target(on=on, year=year, permille=permille, reference="Renstra"))

    @precondition(Life.has_begun)
    @invariant()
    def nothing_but_what_stands_is_remembered(self) -> None:
        standing = effective(self.events)
        months = {event.month for event in standing if isinstance(event, Indicator.BaselineStated)}
        years = {event.year for event in standing if isinstance(event, Indicator.TargetSet)}
        assert set(self.aggregate.baselines) == months
        assert set(self.aggregate.targets) == years


@pytest.mark.trial
def test_no_sequence_of_decrees_breaks_the_list_of_villages(record_property: RecordProperty) -> None:
    trial(TerritoryLife, record_property)


@pytest.mark.trial
def test_no_sequence_of_figures_breaks_an_indicator(record_property: RecordProperty) -> None:
    trial(IndicatorLife, record_property)
