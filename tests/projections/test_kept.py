"""What a position or a time means is looked up once, where that cannot change."""

from __future__ import annotations

from typing import Any

from projections import kept
from projections.kept import Kept, Moments


class Log:
    """A log of five entries that notes which moments it is asked about."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def moment(self, position: int) -> tuple[int, str]:
        self.asked.append(position)
        return position, f"2026-06-0{position}T08:00:00Z"

    def position_at(self, time: str) -> int:
        self.asked.append(time)
        return 4 if time < "2026-06-05" else 5


def test_a_moment_before_the_end_of_the_log_is_looked_up_once() -> None:
    log: Any = Log()
    moments = Moments(log)
    for _ in range(3):
        assert moments.of(3, 5) == (3, "2026-06-03T08:00:00Z")
        assert moments.of("2026-06-04T23:00:00Z", 5) == (4, "2026-06-04T23:00:00Z")
    assert log.asked == [3, "2026-06-04T23:00:00Z"]


def test_a_time_after_which_nothing_was_recorded_is_looked_up_again_as_more_may_come_before_it() -> None:
    log: Any = Log()
    moments = Moments(log)
    assert [moments.of("2026-06-07T00:00:00Z", 5) for _ in range(2)] == [(5, "2026-06-07T00:00:00Z")] * 2
    assert len(log.asked) == 2


def test_of_a_log_that_was_replaced_all_moments_are_looked_up_anew() -> None:
    log: Any = Log()
    moments = Moments(log)
    moments.of(3, 5)
    moments.forget()
    moments.of(3, 5)
    assert log.asked == [3, 3]
    for _ in range(2):
        moments.read_from({2})
        moments.of(3, 5)
    assert log.asked == [3, 3, 3], "views of another generation may be of another log"


def test_what_is_kept_begins_anew_when_it_is_full() -> None:
    answers = Kept[int, int]()
    for asked in range(kept.MOST + 1):
        answers[asked] = asked
    assert answers == {kept.MOST: kept.MOST}
