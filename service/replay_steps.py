"""One step of a replay: an event as a plain sentence, what it changed, and the state of its stream after it."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Any

import msgspec

from domain.aggregate import AGGREGATES, ENVELOPE, Aggregate, Event
from domain.correction import Corrected, Retracted, replay
from domain.sealed import Sealed
from projections.sentences import tell
from service.log.reader import LogReader

SEALED = "[tersegel]"
KEPT = 500  # streams whose state is remembered while events of many are told
State = dict[str, Any]


class Step(msgspec.Struct, frozen=True):
    """One event of a replay: where it stands, a plain sentence, what it changed and the state of its stream after it."""

    position: int
    stream: str
    version: int
    topic: str
    on: str
    recorded: str
    by: str
    post: str
    sentence: str
    changed: dict[str, Any]
    state: dict[str, Any]


def plain(value: Any) -> Any:
    """A value of a state as JSON would hold it, sealed references hidden."""
    if isinstance(value, Sealed):
        return SEALED
    if isinstance(value, dict):
        return {str(plain(key)): plain(one) for key, one in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(one) for one in value), key=str)
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    return msgspec.to_builtins(value)


def state_of(aggregate: Aggregate) -> dict[str, Any]:
    """What an aggregate remembers, by name."""
    own = {name: value for name, value in vars(aggregate).items() if not name.startswith("_")}
    return {name: plain(value) for name, value in sorted(own.items())}


def own_fields(event: Event) -> dict[str, Any]:
    """An event's own fields as JSON values, references to parts included."""
    fields = msgspec.to_builtins(event)
    return {name: value for name, value in fields.items() if name not in ENVELOPE}


def step(event: Event, before: State, after: State) -> Step:
    """The step of an event between two states of its stream."""
    return Step(
        position=event.position,
        stream=event.stream,
        version=event.version,
        topic=event.topic,
        on=event.on.isoformat(),
        recorded=event.recorded,
        by=event.by,
        post=event.post,
        sentence=tell(event.topic, own_fields(event), None),
        changed={key: value for key, value in after.items() if before.get(key) != value},
        state=after,
    )


def state_after(events: Sequence[Event]) -> State:
    """The state of a stream after its first events, at least one."""
    aggregate = replay(None, events)
    assert aggregate is not None
    return state_of(aggregate)


class Teller:
    """Tells events of many streams one after another, in the order of the log.

    The state of the streams told last is remembered: an event costs its own reading and no more, unless its stream was
    not told for long, or it corrects an earlier one.
    """

    def __init__(self, reader: LogReader, whole: Mapping[str, Sequence[Event]] = MappingProxyType({})) -> None:
        """``whole``: streams that were read already, up to all that is told of them."""
        self._reader, self._whole = reader, whole
        self._known: OrderedDict[str, tuple[Aggregate, State]] = OrderedDict()

    def step(self, event: Event, shown: Callable[[Event, State], State] = lambda event, state: state) -> Step:
        """The step of an event; ``shown`` may leave something of a state out. Raises `projections.source.Unreadable`
        when an event of its stream was altered or is missing."""
        aggregate, before = self._known.pop(event.stream, (None, {}))
        if aggregate is None or aggregate.version != event.version - 1:
            aggregate, before = self._before(event)
        if isinstance(event, Corrected | Retracted):
            aggregate = replay(None, self._stream(event.stream, event.position))
            assert aggregate is not None
        else:
            aggregate.remember(event)
        after = state_of(aggregate)
        self._known[event.stream] = aggregate, after
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return step(event, shown(event, before), shown(event, after))

    def _before(self, event: Event) -> tuple[Aggregate, State]:
        if event.version == 1:
            aggregate: Aggregate | None = AGGREGATES[event.topic.partition(".")[0]].blank(event.stream)
        else:
            aggregate = replay(None, self._stream(event.stream, event.position - 1))
        assert aggregate is not None
        return aggregate, state_of(aggregate)

    def _stream(self, stream: str, upto: int) -> list[Event]:
        if stream not in self._whole:
            return self._reader.stream(stream, upto)
        return [event for event in self._whole[stream] if event.position <= upto]

    def know(self, whole: Mapping[str, Sequence[Event]]) -> None:
        """Look up streams in these from now on, before they are read."""
        self._whole = whole

    def steps(self, events: Sequence[Event]) -> Iterator[Step]:
        """The steps of events."""
        for event in events:
            yield self.step(event)
