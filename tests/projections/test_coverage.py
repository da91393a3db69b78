"""Coverage of villages in its four senses, over time and by papers."""

from datetime import date
from typing import Any

import pytest

from domain.correction import retract
from domain.indicator import WKSBM_COVERAGE_ID, Indicator
from domain.sealed import Sealed
from domain.villages import Village
from projections import coverage
from projections.store import Store
from projections.view import View
from tests.projections.villages import (
    ALL_REACHED,
    BULILA,
    DAY,
    END,
    KAYUBULAN,
    MONTHS,
    TODAY,
    Diary,
    formed,
    initiated,
    paper,
    ratified,
)


@pytest.fixture
def diary(store: Store) -> Diary:
    return Diary(store)


def figures(view: View, day: date = TODAY) -> dict[str, Any]:
    return dict(coverage.coverage(view, ALL_REACHED, ALL_REACHED, day, MONTHS))


def counts(view: View, day: date = TODAY) -> list[int]:
    whole = figures(view, day)["kabupaten"]
    return [whole[sense]["villages"] for sense in coverage.SENSES]


def test_villages_are_counted_and_not_bodies(diary: Diary) -> None:
    diary.write(initiated("w1"), formed("w2"), formed("w3"), initiated("w4", KAYUBULAN))
    assert counts(diary.now()) == [2, 1, 0, 0]
    assert figures(diary.now())["kabupaten"]["villages"] == 205


def test_an_sk_counts_while_it_is_in_force(diary: Diary) -> None:
    diary.write(ratified("w1"))
    view = diary.now()
    assert counts(view, DAY) == [1, 1, 1, 0]
    assert counts(view, END) == [1, 1, 1, 0]
    assert counts(view, date(2024, 8, 1)) == [1, 1, 0, 0]
    assert counts(view, date(2019, 7, 31)) == [0, 0, 0, 0]


def test_a_dissolved_body_counts_in_no_sense_from_that_day(diary: Diary) -> None:
    wksbm = ratified("w1")
    wksbm.dissolve(on=date(2022, 1, 1), reason="musyawarah", evidence=(paper("sk"),))
    diary.write(wksbm)
    assert counts(diary.now(), date(2021, 12, 31)) == [1, 1, 1, 0]
    assert counts(diary.now(), date(2022, 1, 1)) == [0, 0, 0, 0]


def test_a_body_found_dormant_is_not_active_until_it_wakes(diary: Diary) -> None:
    wksbm = formed("w1")
    wksbm.report_activity(on=date(2020, 1, 1), kind="rapat")
    wksbm.find_dormant(on=date(2020, 6, 1), signals=("ketua_kosong",))
    wksbm.report_activity(on=date(2020, 7, 1), kind="rapat")
    wksbm.reactivate(on=date(2020, 8, 1))
    diary.write(wksbm)
    active = {day: counts(diary.now(), day)[3] for day in (date(2020, 5, 31), date(2020, 6, 1), date(2020, 7, 2))}
    assert list(active.values()) == [1, 0, 0]
    assert counts(diary.now(), date(2020, 8, 1))[3] == 1


def test_what_no_paper_proves_is_counted_apart_until_the_paper_comes(diary: Diary) -> None:
    first, second = ratified("w1"), ratified("w2", KAYUBULAN, DAY, END, paper("sk"))
    before = diary.write(first, second)
    assert figures(diary.now(), DAY)["kabupaten"]["sah"] == {
        "villages": 2,
        "proven": 1,
        "unproven": 1,
        "permille": 10,
    }
    first.provide_evidence(on=TODAY, target=5, evidence=(paper("sk"),))
    diary.write(first)
    assert figures(diary.now(), DAY)["kabupaten"]["sah"]["proven"] == 2
    assert figures(diary.at(before), DAY)["kabupaten"]["sah"]["proven"] == 1


def test_papers_that_complete_each_other_prove_a_step(diary: Diary) -> None:
    wksbm = initiated("w1")
    wksbm.hold_deliberation(on=DAY, attendance=20)
    wksbm.provide_evidence(on=DAY, target=2, evidence=(paper("daftar_hadir"),))
    diary.write(wksbm)
    assert figures(diary.now())["kabupaten"]["dirintis"]["proven"] == 0
    wksbm.provide_evidence(on=DAY, target=2, evidence=(paper("berita_acara"),))
    diary.write(wksbm)
    assert figures(diary.now())["kabupaten"]["dirintis"]["proven"] == 1


def test_late_entries_change_the_past_day_and_not_what_was_known(diary: Diary) -> None:
    before = diary.write(initiated("w1"))
    diary.write(formed("w2", KAYUBULAN, date(2019, 12, 1)))
    assert counts(diary.at(before), date(2020, 1, 1)) == [1, 0, 0, 0]
    assert counts(diary.now(), date(2020, 1, 1)) == [2, 1, 0, 0]


def test_a_retracted_step_counts_as_not_having_happened(diary: Diary) -> None:
    wksbm = formed("w1")
    diary.write(wksbm)
    retract(wksbm, diary.ledger.events[-1], on=TODAY, reason=Sealed("p"), requested_by="supervisor")
    diary.write(wksbm)
    assert counts(diary.now()) == [1, 0, 0, 0]


def test_the_denominator_is_the_territory_of_the_day(diary: Diary) -> None:
    diary.write(initiated("w1"))
    parts = tuple(
        Village(code, name, "desa", "75.01.02", "Telaga", "", 0, 0)
        for code, name in (("75.01.02.2098", "Bulila Utara"), ("75.01.02.2099", "Bulila Selatan"))
    )
    diary.territory.split(
        on=TODAY, valid_from=date(2025, 1, 1), edition="E2", decree="Perda 1/2025", code=BULILA, villages=parts
    )
    diary.write(diary.territory)
    before, after = figures(diary.now(), date(2024, 12, 31)), figures(diary.now(), date(2025, 1, 1))
    assert (before["kabupaten"]["villages"], before["elsewhere"]) == (205, 0)
    assert (after["kabupaten"]["villages"], after["elsewhere"]) == (206, 1)
    assert after["kabupaten"]["dirintis"]["villages"] == 0
    assert (before["edition"], after["edition"]) == ("75.01/2025", "E2")


def test_the_series_agrees_with_each_day(diary: Diary) -> None:
    wksbm = ratified("w1", until=date(2020, 6, 30))
    wksbm.report_activity(on=date(2019, 9, 3), kind="rapat")
    diary.write(wksbm, initiated("w2", KAYUBULAN, date(2020, 2, 10)))
    view = diary.now()
    found = coverage.series(view, ALL_REACHED, ALL_REACHED, date(2019, 7, 1), date(2020, 12, 15), MONTHS)
    assert len(found["points"]) == 18
    assert found["points"][-1]["on"] == "2020-12-15"
    for point in found["points"]:
        assert [point[s]["villages"] for s in coverage.SENSES] == counts(view, date.fromisoformat(point["on"]))
    part = coverage.series(view, ALL_REACHED, ALL_REACHED, END, TODAY, MONTHS, "75.01.01")["points"][-1]
    assert (part["villages"], part["dirintis"]["villages"]) == (14, 1)


def test_kecamatan_add_up_to_the_kabupaten(diary: Diary) -> None:
    diary.write(ratified("w1"), initiated("w2", KAYUBULAN))
    found = figures(diary.now(), DAY)
    for sense in coverage.SENSES:
        assert sum(part[sense]["villages"] for part in found["kecamatan"]) == found["kabupaten"][sense]["villages"]


def test_the_baseline_of_2019_is_a_note_and_no_figure(diary: Diary) -> None:
    indicator = Indicator.define(
        WKSBM_COVERAGE_ID, on=DAY, name="Cakupan WKSBM", definition="Desa/kelurahan yang mempunyai WKSBM"
    )
    indicator.state_baseline(
        on=DAY,
        permille=250,
        month="2019-07",
        wording="sekitar 25 persen",
        reference="60DTK, 25 Juli 2019",
        approximate=True,
        definition_unknown=True,
    )
    diary.write(indicator)
    found = figures(diary.now(), date(2019, 7, 31))
    assert counts(diary.now(), date(2019, 7, 31)) == [0, 0, 0, 0]
    [note] = found["notes"]
    assert (note["permille"], note["approximate"], note["definition_unknown"]) == (250, True, True)


def test_months_are_counted_back_to_the_same_day_or_the_last() -> None:
    assert coverage.months_before(date(2024, 2, 29), 12) == date(2023, 2, 28)
    assert coverage.months_before(date(2024, 1, 31), 2) == date(2023, 11, 30)
    assert coverage.month_ends(date(2024, 1, 31), date(2024, 3, 31)) == [
        date(2024, 1, 31),
        date(2024, 2, 29),
        date(2024, 3, 31),
    ]
