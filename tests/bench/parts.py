"""What an event of a rebuild costs, taken apart, ours and the loop's, in a process of its own; prints seconds an event.

python -m tests.bench.parts engine|loop LOG VIEWS
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from projections.rebuild import rebuild
from service.log import reader as log_reader
from service.log.database import connect
from service.log.reader import LogReader
from tests.bench import loop
from tests.bench.measure import Line, alone, microseconds
from tests.bench.rebuild import emptied, views_over

PARTS = ("reading", "decoding", "folding", "writing", "indexes")
READ, DECODE, FOLD, WRITE, INDEX = PARTS


class Clock:
    """Adds up the seconds spent in some functions, by the name of a part."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)

    @contextmanager
    def running(self, part: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.spent[part] += time.perf_counter() - began

    def around(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its time counted for ``part``."""

        def clocked(*arguments: Any) -> Any:
            with self.running(part):
                return function(*arguments)

        return clocked

    def within(self, part: str, context: Callable[..., Any]) -> Callable[..., Any]:
        """The context manager, the time inside it counted for ``part``."""

        @contextmanager
        def clocked(*arguments: Any) -> Iterator[Any]:
            with self.running(part), context(*arguments) as value:
                yield value

        return clocked

    def each(self, part: str, values: Iterable[Any]) -> Iterator[Any]:
        """The values, the time to get each counted for ``part``."""
        waiting = iter(values)
        while True:
            began = time.perf_counter()
            value = next(waiting, None)
            self.spent[part] += time.perf_counter() - began
            if value is None:
                return
            yield value


def _engine(clock: Clock, log: str, to: str) -> int:
    reader: Any = LogReader(connect(log))
    views = views_over(reader, to)
    store: Any = views.store
    reader.streams = clock.around(READ, reader.streams)
    log_reader.decode = clock.around(DECODE, log_reader.decode)  # in a process of its own
    store.loading, store.index = clock.within(WRITE, store.loading), clock.around(INDEX, store.index)
    return rebuild(views).events


def _loop(clock: Clock, log: str, to: str) -> int:
    out = loop.tables_at(to)
    loop.decode = clock.around(DECODE, loop.decode)
    out.add, out.run = clock.around(WRITE, out.add), clock.around(INDEX, out.run)
    return loop.loop(clock.each(READ, loop.events(log)), out)


def main(way: str, log: str, to: str) -> dict[str, float]:
    emptied(to)
    clock = Clock()
    began = time.perf_counter()
    events = {"engine": _engine, "loop": _loop}[way](clock, log, to)
    clock.spent[READ] -= clock.spent[DECODE]
    clock.spent[FOLD] = time.perf_counter() - began - sum(clock.spent.values())
    return {part: clock.spent[part] / events for part in PARTS}


def lines(log: str, to: str, engine: str) -> list[Line]:
    """One line for each part: ours in one process beside the loop's."""
    ours, theirs = (alone("parts", way, log, to) for way in ("engine", "loop"))
    return [
        Line(
            f"(c) for orientation: of an event, {part}, {engine}",
            microseconds(ours[part]),
            microseconds(theirs[part]),
            ours[part] / theirs[part],
        )
        for part in PARTS
    ]


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
