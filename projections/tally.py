"""Tallies of rows: what was folded and what stands in a table are compared by them before anybody reads the table.

A tally is a row count, the sums of ``since`` (and of ``until``), and for every column the sum of its numbers or of the
lengths of its texts. It tells lost, doubled, shortened and shifted rows; that every value is right is for
`projections.verify`. Tallies of disjoint rows add up.
"""

from collections.abc import Sequence
from datetime import date
from itertools import repeat
from typing import Any

from projections.projection import Projection
from projections.store import Session, Tables

Tally = list[int]

_LOW = (1 << 32) - 1  # so many bits of a number are added up: a sum of whole numbers could leave what SQLite can add


def of_rows(projection: Projection[Any], rows: Sequence[Sequence[Any]]) -> Tally:
    """The tally of rows as they are folded: the columns and ``since``, for past ones also ``until``."""
    if not rows:
        return []
    found, columns = [len(rows)], list(zip(*rows, strict=True))
    kinds = [column.kind for column in projection.columns]
    for kind, values in zip((*kinds, *repeat(int, len(columns) - len(kinds))), columns, strict=True):
        if kind is str:
            found.append(sum(map(len, filter(None, values))))
        elif kind is date:
            found.append(10 * (len(values) - values.count(None)))
        else:
            found.append(sum(map(_LOW.__and__, filter(None, values))))
    return found


def of_table(session: Session, tables: Tables, *, past: bool) -> Tally:
    """The tally of a whole table."""
    asked = [f'length("{one.name}")' if one.text else f'"{one.name}" & {_LOW}' for one in tables.projection.columns]
    asked += [f"{name} & {_LOW}" for name in ("since", *(["until"] if past else []))]
    sums = ", ".join(f"coalesce(sum({one}), 0)" for one in asked)
    if session.dialect.name == "postgresql":  # or it would take other processors from those who serve people
        session.run("SET LOCAL max_parallel_workers_per_gather = 0")
    found = session.run(f"SELECT count(*), {sums} FROM {tables.past if past else tables.current}")[0]
    return [int(number) for number in found] if found[0] else []


def added(tallies: Sequence[Tally]) -> Tally:
    """The tally of all of these rows together."""
    counted = [tally for tally in tallies if tally]
    return [sum(numbers) for numbers in zip(*counted, strict=True)]
