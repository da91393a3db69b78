"""What was recorded side by side on a case, folded in every order in which it may arrive."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.aggregate import Event
from domain.case import Case
from domain.case_assessment import NoTwoAnswers, RiskUnchanged
from domain.case_state import NoSelfApproval
from domain.case_visits import TaskNotOpen
from domain.correction import replay, retract
from domain.seen import Seen
from tests.domain.cases import DAY, GRAVE, LIGHT, SECRET, assess, events, opened

LEVELS = ("rendah", "sedang", "tinggi", "darurat")
ANSWERS = st.tuples(st.sampled_from([*LEVELS, "grave", "light", "change", "done", "drop"]), st.integers(0, 5))
DEVICES = st.lists(
    st.tuples(st.sampled_from(["rahma", "yusuf"]), st.integers(3, 7), st.lists(ANSWERS, min_size=1, max_size=2)),
    min_size=2,
    max_size=3,
)
START = st.lists(st.tuples(st.sampled_from(["rahma", "yusuf", "ibu"]), st.integers(2, 6), ANSWERS), max_size=4)


def begun() -> Case:
    case = opened()
    case.give_task(on=DAY, task="t", title=SECRET, owner="yusuf", due=DAY)
    assess(case, LIGHT)
    return case


def again(case: Case) -> Case:
    """The case as its stored events tell it."""
    found = replay(None, events(case))
    assert isinstance(found, Case)
    return found


def say(case: Case, seen: Seen, what: str, days: int) -> None:
    on = DAY + timedelta(days=days)
    if what in LEVELS:
        case.change_risk(on=on, risk=what, reason=SECRET, seen=seen)
    elif what in ("grave", "light"):
        assess(case, GRAVE if what == "grave" else LIGHT, on=on, seen=seen)
    elif what == "change":
        case.change_task(on=on, task="t", due=on, seen=seen)
    elif what == "done":
        case.finish_task(on=on, task="t", seen=seen)
    else:
        case.drop_task(on=on, task="t", reason=SECRET, seen=seen)


def orders(lengths: list[int]) -> Iterator[list[int]]:
    if not any(lengths):
        yield []
    for device, left in enumerate(lengths):
        if left:
            rest = [count - (place == device) for place, count in enumerate(lengths)]
            yield from ([device, *order] for order in orders(rest))


def told(case: Case) -> tuple[Any, ...]:
    return (
        (case.risk, case.review_days, case.reviewed_on, case.next_review, case.stage),
        sorted((one.risk, one.review_days, one.by) for one in case.answers),
        (case.open_tasks, case.settled_tasks),
    )


@settings(max_examples=150, deadline=None)
@given(before=START, devices=DEVICES)
def test_in_every_order_of_arrival_the_case_is_the_same(
    before: list[tuple[str, int, tuple[str, int]]],
    devices: list[tuple[str, int, list[tuple[str, int]]]],
) -> None:
    # The devices' own entries end a task once.
    work = [
        [one for at, one in enumerate(said) if one[0] not in ("done", "drop", "change") or at == 0]
        for *_, said in devices
    ]
    ends, found = set(), []
    for order in orders([len(entries) for entries in work]):
        case = begun()
        for by, base, (what, days) in before:
            if what not in ("done", "drop", "change"):
                say(case, Seen(by, f"first-{by}", min(base, case.version)), what, days)
        top, at = case.version, [0] * len(devices)
        for device in order:
            by, base, _ = devices[device]
            say(case, Seen(by, f"hp-{device}", min(base, top)), *work[device][at[device]])
            at[device] += 1
        assert told(again(case)) == told(case)
        ends.add(str(told(case)))
        found.append(order)
    assert len(ends) == 1, (before, devices, ends)


def two_answers() -> Case:
    """A grave answer from the field beside a light one from the desk."""
    case = begun()
    base = case.version
    case.change_risk(on=DAY, risk="sedang", reason=SECRET, seen=Seen("desk"))
    case.change_risk(on=DAY, risk="darurat", reason=SECRET, seen=Seen("rahma", "hp-1", base))
    return case


def test_the_gravest_of_two_answers_counts_until_they_are_settled() -> None:
    case = two_answers()
    assert (case.disputed, case.risk, case.review_days) == (True, "darurat", 3)
    with pytest.raises(NoSelfApproval):
        case.settle_risk(on=DAY, by="rahma", risk="sedang", reason=SECRET)
    case.settle_risk(on=DAY, by="supervisor", risk="sedang", reason=SECRET)
    assert (case.disputed, case.risk, case.review_days) == (False, "sedang", 30)
    with pytest.raises(NoTwoAnswers):
        case.settle_risk(on=DAY, by="supervisor", risk="sedang", reason=SECRET)


def test_an_own_answer_said_again_online_is_refused_and_another_joins() -> None:
    case = two_answers()
    with pytest.raises(RiskUnchanged):
        case.change_risk(on=DAY, risk="sedang", reason=SECRET, seen=Seen("desk"))
    case.change_risk(on=DAY, risk="sedang", reason=SECRET, seen=Seen("ibu"))
    assert [one.risk for one in case.answers] == ["sedang", "darurat", "sedang"]


@pytest.mark.parametrize(("gone", "left"), [(4, ["darurat"]), (5, ["sedang"]), (3, ["sedang", "darurat"])])
def test_a_retracted_answer_leaves_what_whoever_answered_had_not_seen(gone: int, left: list[str]) -> None:
    """Without the desk's answer, the one that it had replaced does not come back: the field had seen that one too."""
    case = two_answers()
    target: Event = events(case)[gone - 1]
    retract(case, target, on=DAY, reason=SECRET, requested_by="pencatat")
    assert [one.risk for one in again(case).answers] == left


def test_a_task_ended_by_two_is_ended_once_and_only_by_whoever_did_not_know() -> None:
    case = begun()
    base = case.version
    case.finish_task(on=DAY, task="t", seen=Seen("yusuf"))
    case.drop_task(on=DAY, task="t", reason=SECRET, seen=Seen("rahma", "hp-1", base))
    assert (case.open_tasks, case.settled_tasks) == ({}, {"t": "selesai"})
    for seen in (Seen("rahma"), Seen("rahma", "hp-1", base), Seen("ibu", "hp-2", case.version)):
        with pytest.raises(TaskNotOpen):
            case.finish_task(on=DAY, task="t", seen=seen)
