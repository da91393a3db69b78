"""The side of a peer: a process of its own that does what the bench asks, one line for each task and each answer.

It runs where only the peer is installed, so nothing but the standard library is imported here.
"""

import json
import sys
import time
from collections.abc import Callable


def timed(function: Callable[[], object], count: int) -> float:
    """Seconds for one of ``count`` calls."""
    began = time.perf_counter()
    for _ in range(count):
        function()
    return (time.perf_counter() - began) / count


def serve(tasks: dict[str, Callable[[int], float]]) -> None:
    """Answer lines such as ``append 200`` until there are no more: the seconds that one of so many took, as JSON."""
    for line in sys.stdin:
        name, count = line.split()
        print(json.dumps({"seconds": tasks[name](int(count))}), flush=True)
