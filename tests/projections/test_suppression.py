"""Small cells and what stands beside them: whatever is told gives no small count away."""

from itertools import product
from random import Random

import pytest

from projections.suppression import LEAST, hidden, suppress
from tests.trials.plugin import Trial


def test_a_small_cell_goes_with_the_smallest_larger_one() -> None:
    assert hidden({"a": 3, "b": 9, "c": 6, "d": 0}) == ({"a", "c"}, False)
    assert hidden({"a": 7, "b": 9}) == (frozenset(), False)
    assert hidden({"a": 3, "b": 0}) == ({"a"}, True)
    assert hidden({"a": 4, "b": 4}) == ({"a", "b"}, True), "a sum of 8 would tell that both are 4"


def test_what_is_not_told_of_a_kecamatan_is_not_told_by_the_others() -> None:
    villages = {"a1": 2, "a2": 0, "b1": 6, "b2": 7, "c1": 9, "c2": 8}
    found = suppress(villages, {code: code[0] for code in villages})
    assert found.villages == {"a1": None, "a2": 0, "b1": None, "b2": 7, "c1": 9, "c2": 8}
    assert found.kecamatan == {"a": None, "b": None, "c": 17}
    assert found.whole == 32


def possible(told: dict[str, int | None], sums: dict[str, int | None], whole: int | None, most: int) -> list[set[int]]:
    """Of each village that is not told, which counts could stand behind what is told."""
    unknown = [name for name, count in told.items() if count is None]
    seen: list[set[int]] = [set() for _ in unknown]
    for guess in product(range(1, most + 1), repeat=len(unknown)):
        cells = {**told, **dict(zip(unknown, guess, strict=True))}
        made = {name: sum(n or 0 for code, n in cells.items() if code[0] == name) for name in sums}
        if any(sums[name] not in (None, n) for name, n in made.items()) or whole not in (None, sum(made.values())):
            continue
        for place, count in enumerate(guess):
            seen[place].add(count)
    return seen


@pytest.mark.trial
def test_no_small_count_can_be_worked_out_from_what_is_told(trial: Trial) -> None:
    chance, rounds, guarded = Random(trial.seed), trial.size(60, 600), 0
    for _ in range(rounds):
        villages = {f"{name}{n}": chance.choice((0, 0, 1, 2, 3, 4, 5, 6, 7)) for name in "ab" for n in range(3)}
        found = suppress(villages, {code: code[0] for code in villages})
        if sum(count is None for count in found.villages.values()) > 5:
            continue
        for counts in possible(found.villages, found.kecamatan, found.whole, 8):
            assert len(counts) > 1, (villages, found)
            guarded += 1
        told = [count for count in found.villages.values() if count]
        assert all(count >= LEAST for count in told)
    trial.count(rounds=rounds, guarded=guarded)
    assert guarded > rounds
