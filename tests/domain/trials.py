"""Random lives: any sequence of decisions, corrections and retractions leaves a history that reads the same for ever.

WAHANA_TRIALS=full runs many more; WAHANA_TRIALS_SEED repeats a run. Each run prints its size and seed.
"""

import copy
import os
import secrets
from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from domain.aggregate import ENVELOPE, EVENTS, Aggregate, Event
from domain.correction import Corrected, Retracted, correct, effective, replay, retract
from domain.refusals import Refused
from domain.sealed import Sealed

RecordProperty = Callable[[str, object], None]
FULL = os.environ.get("WAHANA_TRIALS") == "full"
REASON = Sealed(part="alasan")
DAYS = st.dates(date(2015, 1, 1), date(2027, 12, 31))
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 40),
    st.text(max_size=5),
    DAYS.map(str),
    st.lists(st.text(max_size=3), max_size=2),
)


def like(value: object) -> st.SearchStrategy[Any]:
    """Values of the kind of a present one."""
    if isinstance(value, bool):
        return st.booleans()
    if isinstance(value, int):
        return st.integers(-3, 40)
    if isinstance(value, str):
        return DAYS.map(str) if value[:2] in ("19", "20") else st.text(max_size=5)
    return st.just(value)


def trial(machine: type[RuleBasedStateMachine], record_property: RecordProperty) -> None:
    """Run a state machine at the size asked for and say which seed it ran with."""
    examples, steps = (500, 50) if FULL else (30, 25)
    number = int(os.environ.get("WAHANA_TRIALS_SEED") or secrets.randbelow(2**32))
    line = f"{machine.__name__}: {examples} lives of up to {steps} steps, WAHANA_TRIALS_SEED={number}"
    print(line)
    record_property("trial", line)
    size = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(number)(machine), settings=size)


def stored(event: Event, number: int) -> Event:
    """The event as it comes back from the log: written as JSON, read by its topic."""
    text = msgspec.json.encode(msgspec.structs.replace(event, id=f"event-{number}"))
    return msgspec.json.decode(text, type=EVENTS[event.topic])


def state(aggregate: Aggregate) -> dict[str, Any]:
    """All that an aggregate remembers."""
    return {name: value for name, value in vars(aggregate).items() if name != "_pending_events"}


class Life(RuleBasedStateMachine):
    """One stream and the aggregate that decides it; subclasses add the decisions, and what must hold."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []
        self.aggregate: Any = None

    def decide(self, decision: Callable[[], Aggregate | None]) -> None:
        """Take a decision; a refusal must leave no trace, and an event must be one that was allowed."""
        before = copy.deepcopy(state(self.aggregate)) if self.aggregate else None
        refusal = None
        try:
            self.aggregate = decision() or self.aggregate
        except Refused as refused:
            refusal = refused
        if refusal is not None:
            assert refusal.rule != Refused.RULE
            assert refusal.sentence
            assert not self.aggregate.pending_events
            assert state(self.aggregate) == before
            return
        earlier = self.standing()
        for event in self.aggregate.collect_events():
            self.events.append(stored(event, len(self.events) + 1))
            self.was_allowed(self.events[-1], earlier)

    def standing(self) -> Any:
        """The aggregate as the stored events tell it."""
        return replay(None, self.events)

    def was_allowed(self, event: Event, before: Any) -> None:
        """Check an event against the state it was decided on."""

    def has_begun(self) -> bool:
        return self.aggregate is not None

    @precondition(has_begun)
    @rule(data=st.data(), on=DAYS, fitting=st.integers(0, 3))
    def a_record_is_corrected(self, data: st.DataObject, on: date, fitting: int) -> None:
        target = data.draw(st.sampled_from(self.facts() if fitting else effective(self.events)))
        own = sorted(set(type(target).__struct_fields__) - ENVELOPE | {"on"})
        field = data.draw(st.sampled_from(own))
        value = data.draw(like(msgspec.to_builtins(target).get(field)) if fitting else ANYTHING)
        self.decide(
            lambda: correct(
                self.aggregate, target, on=on, reason=REASON, requested_by="supervisor", changes={field: value}
            )
        )
        self.aggregate = self.standing()

    @precondition(has_begun)
    @rule(data=st.data(), on=DAYS)
    def a_record_is_retracted(self, data: st.DataObject, on: date) -> None:
        target = data.draw(st.sampled_from(effective(self.events)))
        self.decide(lambda: retract(self.aggregate, target, on=on, reason=REASON, requested_by="supervisor"))
        self.aggregate = self.standing()

    @precondition(has_begun)
    @invariant()
    def the_history_reads_the_same_again(self) -> None:
        assert state(self.standing()) == state(self.aggregate)
        assert [event.version for event in self.events] == list(range(1, len(self.events) + 1))

    def facts(self) -> list[Event]:
        """What counts as having happened, as it reads today."""
        return [event for event in effective(self.events) if not isinstance(event, Corrected | Retracted)]
