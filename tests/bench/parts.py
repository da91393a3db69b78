"""What an event of a rebuild costs, taken apart, ours and the loop's, in a process of its own; prints seconds an event.

python -m tests.bench.parts engine|loop LOG VIEWS
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from projections import build, chunk, tally
from projections.rebuild import rebuild
from service.log import reader as log_reader
from service.log.database import connect
from service.log.reader import LogReader
from tests.bench import loop
from tests.bench.measure import Line, alone, microseconds
from tests.bench.rebuild import emptied, views_over

PARTS = ("reading", "decoding", "folding", "writing", "indexes", "comparing", "all else")
READ, DECODE, FOLD, WRITE, INDEX, COMPARE, REST = PARTS


class Clock:
    """Adds up seconds by the name of a part, each second to one part: while a part is within another, the outer one stands
    still. Threads may take turns, as those of a rebuild do, of which one always waits for the other."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._within, self._since = [REST], time.perf_counter()

    def begin(self, part: str) -> None:
        """What follows is ``part``, until its `end`."""
        self._turn()
        self._within.append(part)

    def end(self) -> None:
        """What follows is the part before, or all else."""
        self._turn()
        if len(self._within) > 1:
            self._within.pop()

    def _turn(self) -> None:
        now = time.perf_counter()
        self.spent[self._within[-1]] += now - self._since
        self._since = now

    def around(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its time counted for ``part``."""

        def clocked(*arguments: Any, **named: Any) -> Any:
            self.begin(part)
            try:
                return function(*arguments, **named)
            finally:
                self.end()

        return clocked

    def each(self, part: str, values: Iterable[Any]) -> Iterator[Any]:
        """The values, the time to get each counted for ``part``."""
        return iter(self.around(part, partial(next, iter(values), None)), None)


def _engine(clock: Clock, log: str, to: str) -> int:
    reader: Any = LogReader(connect(log))
    views = views_over(reader, to)
    folded = build.folded

    def clocked(*arguments: Any) -> Any:
        *of, take = arguments
        return folded(*of, clock.around(WRITE, take))

    build.folded = clocked  # in a process of its own
    for where, name, part in (
        (reader, "streams", READ),
        (log_reader, "decode", DECODE),
        (chunk, "_fold", FOLD),
        (tally, "of_rows", COMPARE),
        (tally, "of_table", COMPARE),
        (views.store, "index", INDEX),
    ):
        setattr(where, name, clock.around(part, getattr(where, name)))
    return rebuild(views).events


def _loop(clock: Clock, log: str, to: str) -> int:
    out = loop.tables_at(to)
    loop.decode = clock.around(DECODE, loop.decode)
    out.add, out.commit = clock.around(WRITE, out.add), clock.around(WRITE, out.commit)
    out.run = clock.around(INDEX, out.run)
    return int(clock.around(FOLD, loop.loop)(clock.each(READ, loop.events(log)), out))


def main(way: str, log: str, to: str) -> dict[str, float]:
    emptied(to)
    clock = Clock()
    events = {"engine": _engine, "loop": _loop}[way](clock, log, to)
    clock.end()
    return {part: clock.spent[part] / events for part in PARTS}


def lines(log: str, to: str, engine: str) -> list[Line]:
    """One line for each part: ours in one process beside the loop's."""
    ours, theirs = (alone("parts", way, log, to) for way in ("engine", "loop"))
    return [
        Line(
            f"(c) for orientation: of an event, {part}, 1 process, {engine}",
            microseconds(ours[part]),
            microseconds(theirs[part]) if part not in (COMPARE, REST) else "none",
            ours[part] / theirs[part] if part not in (COMPARE, REST) else None,
        )
        for part in PARTS
    ]


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
