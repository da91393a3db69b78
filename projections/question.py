"""How a question names its tables: ``{cases}`` stands for the rows of a projection at the moment that is asked about."""

import functools
import re
from collections.abc import Iterable
from enum import Enum
from typing import Any

from projections.store import Tables


class Part(Enum):
    """A part of the rows that were true at a past position."""

    LASTING = "lasting"  # as they still are
    ENDED = "ended"  # changed or gone since


_NAMED = re.compile(r"\{(\w+)(?::(all|listed|part|today))?\}")


@functools.lru_cache(maxsize=2048)
def tables_in(sql: str) -> tuple[str, ...]:
    """The projections that a question names."""
    return tuple(dict.fromkeys(match[1] for match in _NAMED.finditer(sql)))


@functools.lru_cache(maxsize=2048)
def listed_in(sql: str) -> tuple[str, ...]:
    """Those that it names as ``{...:listed}``."""
    return tuple(match[1] for match in _NAMED.finditer(sql) if match[2] == "listed")


@functools.lru_cache(maxsize=2048)
def named(sql: str, layout: tuple[tuple[Tables, bool], ...], few: bool, part: Part | None) -> str:
    """The question as SQL over the tables of ``layout``, each with whether a past moment is asked of it; ``few``: few rows
    have changed since. Raises ``KeyError`` for a name that no projection has."""
    found = {tables.projection.name: (tables, past) for tables, past in layout}
    said = _NAMED.sub("", sql)
    words = None if re.search(r"(?<!\()\*", said) else set(re.findall(r"\w+", said))

    def swap(match: re.Match[str]) -> str:
        if match[1] not in found:
            raise KeyError(f"no projection is named {match[1]}")
        tables, past = found[match[1]]
        apart = part if match[2] in ("all", "listed", "part") else None
        if match[2] == "today" or not (past or apart is Part.ENDED):
            return tables.current
        # Columns that nobody asks for are left out: an index may hold all the others.
        names = [name for name in tables.projection.names if words is None or name in words] + ["since"]
        through_all = match[2] == "all" or (few and match[2] == "listed")
        if apart is None:
            return tables.standing(names, through_all=through_all)
        return tables.lasting(names) if apart is Part.LASTING else tables.ended(names, through_all=through_all)

    return _NAMED.sub(swap, sql)


def added_up(rows: Iterable[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    """The rows of several parts put together, as `projections.view.View.grouped` gives them."""
    found: dict[Any, dict[str, Any]] = {}
    for row in rows:
        group = found.setdefault(row[by], {})
        for name, value in row.items():
            group[name] = value if name == by or group.get(name) is None else _together(group[name], value)
    return [found[value] for value in sorted(found, key=lambda value: (value is not None, value or ""))]


def _together(one: Any, other: Any) -> Any:
    return one if other is None else min(one, other) if isinstance(one, str) else one + other
