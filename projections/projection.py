"""A projection: one table whose rows know how to take in events. One definition, four uses: catch up, rebuild, as of,
verify."""

import functools
import hashlib
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from enum import Enum
from operator import attrgetter
from typing import Any, Final, Generic, NamedTuple, TypeVar, get_args, get_type_hints

from domain.aggregate import Event
from domain.correction import Corrected, Retracted

FORMAT = 4  # of the stored rows; raised when the engine itself would fold or store the same history differently
CORRECTIONS: Final = (Corrected, Retracted)
ENGINE_COLUMNS: Final = frozenset({"since", "until"})

R = TypeVar("R")
Keys = Callable[[Any], Iterable[str]]


class Drop(Enum):
    """What a handler returns to take its row out of the table."""

    DROP = "drop"


DROP: Final = Drop.DROP


class Column(NamedTuple):
    """One field of a row: ``kind`` is ``str``, ``int``, ``bool`` (stored 0 or 1) or ``date`` (stored as ISO text)."""

    name: str
    kind: type

    @property
    def text(self) -> bool:
        return self.kind in (str, date)


def _own_stream(event: Event) -> tuple[str]:
    return (event.stream,)


def _columns(row: type) -> tuple[Column, ...]:
    if not is_dataclass(row) or "__slots__" not in vars(row):
        raise TypeError(f"{row} must be a dataclass with slots")
    hints, columns = get_type_hints(row), []
    for number, field in enumerate(fields(row)):
        kinds = [kind for kind in get_args(hints[field.name]) or (hints[field.name],) if kind is not type(None)]
        if len(kinds) != 1 or kinds[0] not in (str, int, bool, date) or field.name in ENGINE_COLUMNS:
            raise TypeError(f"{row}: column {field.name} must be str, int, bool or date, and not since or until")
        if (number == 0) != (field.name == "key") or (number > 0 and field.default is MISSING):
            raise TypeError(f"{row}: the first field is key, every other one has a default")
        columns.append(Column(field.name, kinds[0]))
    if len(columns) < 2 or columns[0].kind is not str:
        raise TypeError(f"{row} needs a text key and at least one other column")
    return tuple(columns)


class Projection(Generic[R]):
    """A table of rows, each folded from the events of ONE stream; a stream may have many rows.

    ``row``: a ``@dataclass(slots=True)`` whose first field is ``key: str`` and whose other fields are columns of type
    str, int, bool or date (or None), each with a default. ``Row(key)`` is made on first touch; a touch that changes
    nothing leaves no version.
    ``keys``: names the rows an event touches, from the event alone; left out, the row of the event's stream.
    ``indexes``: tuples of column names. One that ends with ``since`` counts also as of a past moment without a look into
    the table; on PostgreSQL every change of a row is then one of the index too, so it belongs where an index changes
    anyway.
    ``raw``: corrections arrive as events like others. Otherwise they are never seen: rows of a corrected stream are
    folded anew from what stands.
    ``once``: every key is touched by one event only, so that no earlier row need be looked for.
    """

    def __init__(
        self,
        name: str,
        *,
        row: type[R],
        keys: Keys | None = None,
        indexes: Sequence[Sequence[str]] = (),
        raw: bool = False,
        once: bool = False,
    ) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) or re.search(r"_(past|\d+)$", name):
            raise TypeError(f"{name!r} is no name for a table")
        self.name, self.row, self.raw, self.once = name, row, raw, once
        self.keys: Keys = keys or _own_stream
        self.per_stream = keys is None  # the key is the event's stream
        self.columns = _columns(row)
        self.indexes = tuple(tuple(index) for index in indexes)
        names = tuple(column.name for column in self.columns)
        if unknown := {column for index in self.indexes for column in index} - {*names, "since"}:
            raise TypeError(f"{name}: indexes name unknown columns {sorted(unknown)}")
        self.names = names
        self.values: Callable[[R], tuple[Any, ...]] = attrgetter(*names)
        self.defaults: tuple[Any, ...] = tuple(field.default for field in fields(row)[1:])  # type: ignore[arg-type]  # checked above
        self._dates = [number for number, column in enumerate(self.columns) if column.kind is date]
        self._bools = [number for number, column in enumerate(self.columns) if column.kind is bool]
        self._handlers: dict[type[Event], Callable[[R, Any], Drop | None]] = {}
        self._found: dict[type, Callable[[R, Any], Drop | None] | None] = {}

    def on(self, *events: type[Event]) -> Callable[[Callable[[R, Any], Drop | None]], Callable[[R, Any], Drop | None]]:
        """Register a pure handler of (row, event) for event classes, or for a base class of several (`Event`: all).

        The handler changes the row, or returns `DROP` to remove it. It reads nothing else: no clock, no I/O, no row of
        another key. The handler of the nearest class wins.
        """
        if not self.raw and any(event in CORRECTIONS for event in events):
            raise TypeError(f"{self.name}: only a raw projection sees corrections")

        def register(handler: Callable[[R, Any], Drop | None]) -> Callable[[R, Any], Drop | None]:
            for event in events:
                if event in self._handlers:
                    raise TypeError(f"{self.name} has two handlers for {event}")
                self._handlers[event] = handler
            self._found.clear()
            return handler

        return register

    def handler(self, event: type) -> Callable[[R, Any], Drop | None] | None:
        """The handler for an event class, or ``None``."""
        try:
            return self._found[event]
        except KeyError:
            seen = self.raw or event not in CORRECTIONS
            found = next((self._handlers[base] for base in event.__mro__ if base in self._handlers), None)
            self._found[event] = found if seen else None
            return self._found[event]

    def read(self, stored: Sequence[Any]) -> tuple[Any, ...]:
        """The values of a row as its fields hold them, from the columns as stored."""
        if not self._dates and not self._bools:
            return tuple(stored)
        values = list(stored)
        for number in self._dates:
            if values[number] is not None:
                values[number] = date.fromisoformat(values[number])
        for number in self._bools:
            if values[number] is not None:
                values[number] = bool(values[number])
        return tuple(values)

    def stored(self, rows: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
        """Rows as tables hold them, but for days, whose JSON is that of their ISO text: yes and no as 1 and 0."""
        if not self._bools:
            return rows
        found = []
        for row in rows:
            values = list(row)
            for number in self._bools:
                if values[number] is not None:
                    values[number] = int(values[number])
            found.append(tuple(values))
        return found

    def misfit(self, values: Sequence[Any]) -> str | None:
        """The first column whose value is not of its type, for saying what cannot be stored."""
        for column, value in zip(self.columns, values, strict=False):
            fits = value is None or type(value) is column.kind or (column.kind is int and type(value) is bool)
            if not fits or (type(value) is int and not -(2**63) <= value < 2**63):
                return f"{self.name}.{column.name}: {type(value).__name__}"
            if type(value) is str and ("\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value)):
                return f"{self.name}.{column.name}: unstorable text"
        return None

    @functools.cached_property
    def digest(self) -> str:
        """Names the definition: two processes with the same digest fold the same rows from the same events."""
        shape = [(column.name, column.kind.__name__) for column in self.columns]
        parts = (FORMAT, self.name, shape, self.defaults, self.indexes, self.raw, self.once)
        source = inspect.getsource(sys.modules[self.row.__module__])
        return hashlib.sha256(f"{parts!r}\n{source}".encode()).hexdigest()

    def __repr__(self) -> str:
        return f"<Projection {self.name}>"
