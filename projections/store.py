"""Where views live: what the engine asks of a database, and the tables of a generation. Views live apart from the log
and can always be made again, so both engines run here with relaxed durability."""

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from projections.processes import Pace
from projections.projection import Projection
from projections.spans import CLASSES, keys_of, lately

FOREVER = 2**63 - 1
META = (
    "CREATE TABLE IF NOT EXISTS {generations} (projection {text} NOT NULL, generation {integer} NOT NULL,"
    " digest {text} NOT NULL, state {text} NOT NULL, position {integer} NOT NULL, leaf {text} NOT NULL,"
    " PRIMARY KEY (projection, generation))",
    "CREATE TABLE IF NOT EXISTS {set_aside} (projection {text} NOT NULL, generation {integer} NOT NULL,"
    " position {integer} NOT NULL, stream {text} NOT NULL, version {integer} NOT NULL, topic {text} NOT NULL,"
    " reason {text} NOT NULL, PRIMARY KEY (projection, generation, position))",
    "CREATE TABLE IF NOT EXISTS {verification} (at {text} NOT NULL, position {integer} NOT NULL, head {integer} NOT NULL,"
    " differences {integer} NOT NULL, digest {text} NOT NULL, differing {text} NOT NULL, set_aside {text} NOT NULL,"
    " stopped_before {integer})",
    # A rebuild under way: ranges of streams, each up to the stream ``last``, and what was written of those folded.
    "CREATE TABLE IF NOT EXISTS {chunks} (number {integer} NOT NULL, build {text} NOT NULL, last {text} NOT NULL,"
    " events {integer} NOT NULL, tally {text} NOT NULL, PRIMARY KEY (number))",
)


class Busy(Exception):
    """Another process or thread is folding."""


class RebuildRunning(Exception):
    """Another process is rebuilding views of the same store."""


class StoreUnavailable(Exception):
    """The database of the views cannot be reached or does not answer in time."""


class Dialect(NamedTuple):
    """How one engine says what the other says differently."""

    name: str
    mark: str  # a positional parameter
    text: str  # column types: text sorts by its bytes, integers have 64 bits
    integer: str
    clustered: str  # ends the table that is read by key
    prefix: str  # before every table's name
    keys: str  # compares the key with a list of keys, one parameter
    since_indexed: bool  # whether an index of current rows holds `since` too, and so need not look into the table


class Tables:
    """The current and the past table of one generation of a projection, and the SQL that the engine speaks to them.

    The current table has the row's columns and ``since``; the past table has closed versions, true from ``since`` up to
    but excluding ``until``. What was true at a position is found by an index of the row's columns, each of which ends
    with ``since`` and ``until``, or, for questions about all rows, by the class of how long a version was true: of each
    class only those can have been true that began at most so long before.
    """

    def __init__(self, projection: Projection[Any], generation: int, dialect: Dialect) -> None:
        name = f"{projection.name}_{generation}"
        columns = [f'"{column}"' for column in projection.names]
        listed, every = ", ".join(columns), range(len(columns))
        mark = dialect.mark
        self.projection, self.generation, self.dialect, self.name = projection, generation, dialect, name
        self.listed = listed
        types = {column.name: dialect.text if column.text else dialect.integer for column in projection.columns}
        self._types = {**types, "since": dialect.integer}
        self.current, self.past = f"{dialect.prefix}{name}", f"{dialect.prefix}{name}_past"
        marks = ", ".join(mark for _ in every)
        self.close = f"INSERT INTO {self.past} ({listed}, since, until) VALUES ({marks}, {mark}, {mark})"
        self.put = (
            f"INSERT INTO {self.current} ({listed}, since) VALUES ({marks}, {mark}) ON CONFLICT (key) DO UPDATE SET "
            + ", ".join(f"{column} = excluded.{column}" for column in (*columns[1:], "since"))
        )
        self.remove = f"DELETE FROM {self.current} WHERE key = {mark}"
        self.remove_past = f"DELETE FROM {self.past} WHERE key = {mark}"
        self.fetch = f"SELECT {listed}, since FROM {self.current} WHERE key {dialect.keys}"
        self.at = self.standing((*projection.names, "since"))

    def standing(self, names: Sequence[str], *, through_all: bool = False) -> str:
        """SQL of these columns of the rows that were true at ``:as_of_position``; ``through_all`` when the question
        goes through all of them, whatever index it could use."""
        if self.projection.once and self.projection.raw:  # no row ever changed
            return f"({self._lasting(names)})"
        if through_all or self.dialect.name == "sqlite":
            return f"({self._lasting(names)} UNION ALL {self._ended(names, through_all=through_all)})"
        # PostgreSQL reads both tables in the order of an index when the conditions stand outside.
        listed = _listed(names)
        both = (
            f"SELECT {listed}, {FOREVER} AS until FROM {self.current} UNION ALL SELECT {listed}, until FROM {self.past}"
        )
        return f"(SELECT {listed} FROM ({both}) AS known WHERE since <= :as_of_position AND until > :as_of_position)"

    def lasting(self, names: Sequence[str]) -> str:
        """SQL of these columns of the rows that were true at ``:as_of_position`` and still are."""
        return f"({self._lasting(names)})"

    def ended(self, names: Sequence[str], *, through_all: bool = False) -> str:
        """SQL of these columns of the rows that were true at ``:as_of_position`` and have changed or gone since."""
        return f"({self._ended(names, through_all=through_all)})"

    def _lasting(self, names: Sequence[str]) -> str:
        return f"SELECT {_listed(names)} FROM {self.current} WHERE since <= :as_of_position"

    def _ended(self, names: Sequence[str], *, through_all: bool) -> str:
        listed, (span, begun) = _listed(names), keys_of(self.dialect.name)
        ended = f"FROM {self.past} WHERE until > :as_of_position AND"
        if not through_all:
            return f"SELECT {listed} {ended} since <= :as_of_position"
        # No other index: it would be taken for the better one.
        if self.dialect.name == "sqlite":
            cast = (f'CAST("{name}" AS {self._types[name]}) AS "{name}"' for name in names)
            return f"SELECT {', '.join(cast)} {ended} {lately(span)}"
        each = f"{span} = class.span AND {begun} BETWEEN :as_of_position - class.length AND :as_of_position"
        return (
            f"SELECT {listed} FROM (VALUES {CLASSES}) AS class (span, length)"
            f" CROSS JOIN LATERAL (SELECT {listed} {ended} {each} OFFSET 0) AS ended"
        )

    def many_changed(self, few: int) -> str:
        """SQL that tells whether more than ``few`` of the rows that were true at ``:as_of_position`` changed since."""
        changed = f"SELECT 1 FROM {self.ended(['since'], through_all=True)} AS ended LIMIT {few + 1}"
        return f"SELECT COUNT(*) > {few} AS many FROM ({changed}) AS changed"

    def create(self, *, bulk: bool = False) -> list[str]:
        """SQL that makes both tables. For ``bulk`` loading the current one gets its primary key by `index`, unless it is
        clustered by it."""
        columns = [f'"{name}" {self._types[name]}' for name in self.projection.names]
        columns[0] += " NOT NULL"
        shape = f"{', '.join(columns)}, since {self.dialect.integer} NOT NULL"
        key = "" if bulk and not self.dialect.clustered else ", PRIMARY KEY (key)"
        return [
            f"CREATE TABLE {self.current} ({shape}{key}){self.dialect.clustered}",
            f"CREATE TABLE {self.past} ({shape}, until {self.dialect.integer} NOT NULL)",
        ]

    def index(self) -> list[str]:
        """SQL that makes the indexes that are missing: the declared ones on both tables, and the key and the classes of
        the past one."""
        sorted_by = ", ".join((*keys_of(self.dialect.name), "until"))
        sql = [
            f"CREATE INDEX IF NOT EXISTS {self.name}_past_key ON {self.past} (key, since, until)",
            f"CREATE INDEX IF NOT EXISTS {self.name}_past_span ON {self.past} ({sorted_by})",
        ]
        for number, index in enumerate(self.projection.indexes):
            columns = ", ".join(f'"{column}"' for column in index if column != "since")
            since = ", since" if self.dialect.since_indexed or "since" in index else ""
            sql.append(f"CREATE INDEX IF NOT EXISTS {self.name}_by{number} ON {self.current} ({columns}{since})")
            sql.append(
                f"CREATE INDEX IF NOT EXISTS {self.name}_past_by{number} ON {self.past} ({columns}, since, until)"
            )
        return sql

    def drop(self) -> list[str]:
        return dropped(self.projection.name, self.generation, self.dialect)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


class Session(Protocol):
    """One transaction."""

    dialect: Dialect

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement with positional parameters."""

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for every row, in bulk."""

    def ask(self, sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        """Run a query with ``:name`` parameters; a list or tuple stands for the list after ``IN``."""

    def fetch(self, tables: Tables, keys: Iterable[str]) -> list[tuple[Any, ...]]:
        """The current rows under ``keys``, as stored, each with its ``since``."""

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, few at a time."""

    def load(self, table: str, columns: str, rows: Sequence[Sequence[Any]], pace: Pace | None = None) -> None:
        """Add one or more rows to a table, as fast as they can be taken in, or as ``pace`` lets them where a server
        does it."""

    def together(self) -> AbstractContextManager[None]:
        """Statements inside whose results nobody reads may travel in one round trip."""


class Store(Protocol):
    """A database for views. Opens nothing before first use, nothing that a fork would share. Everything may raise
    `StoreUnavailable`."""

    dialect: Dialect

    def reading(self) -> AbstractContextManager[Session]:
        """A transaction that sees one state of all tables."""

    def writing(self, wait: float) -> AbstractContextManager[Session]:
        """The one transaction that may fold. Raises `Busy` when another one lasts longer than ``wait`` seconds."""

    def loading(self) -> AbstractContextManager[Session]:
        """A transaction that fills tables which nobody reads yet."""

    def index(self, tables: Tables) -> None:
        """Make the indexes of tables that were filled in bulk; those that stand already stay."""

    def alone(self) -> AbstractContextManager[None]:
        """Be the only one who rebuilds here. Raises `RebuildRunning`."""

    def spool(self) -> str:
        """The path before the suffix of side files."""

    def prepare(self) -> None:
        """Make the place for tables, if it is missing."""

    def close(self) -> None:
        """Close what this thread holds open; the next use opens it again."""


def open_store(url: str) -> Store:
    """The store for ``sqlite:///path`` (a file of its own, not the log's) or ``postgresql://...`` (schema
    `wahana_views`). Raises `ValueError` for another kind of URL and `ImportError` without the extra ``postgres``."""
    if url.startswith("sqlite:///"):
        from projections.sqlite import SqliteStore

        return SqliteStore(url.removeprefix("sqlite:///"))
    if url.startswith(("postgresql://", "postgres://")):
        from projections.postgres import PostgresStore

        return PostgresStore(url)
    raise ValueError("views live in sqlite:///... or postgresql://...")


@functools.lru_cache(maxsize=512)
def tables(projection: Projection[Any], generation: int, dialect: Dialect) -> Tables:
    return Tables(projection, generation, dialect)


def dropped(name: str, generation: int, dialect: Dialect) -> list[str]:
    """SQL that removes both tables of a generation, also of a projection that this code does not know."""
    table = f"{dialect.prefix}{name}_{generation}"
    return [f"DROP TABLE IF EXISTS {table}", f"DROP TABLE IF EXISTS {table}_past"]


def meta(session: Session) -> None:
    """Make the tables that tell which generations there are, what was set aside, what the last verifying found, and
    what a rebuild has done."""
    dialect = session.dialect
    names = {name: f"{dialect.prefix}{name}" for name in ("generations", "set_aside", "verification", "chunks")}
    for sql in META:
        session.run(sql.format(text=dialect.text, integer=dialect.integer, **names))


_TOKENS = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|::|:([A-Za-z_]\w*)|%")


def translate(sql: str, parameters: dict[str, Any], *, percent: bool) -> tuple[str, dict[str, Any]]:
    """SQL with ``:name`` as the driver wants it: lists spelt out, and ``%(name)s`` when ``percent``.

    An empty list becomes ``(NULL)``: right after ``IN``, not after ``NOT IN``.
    """
    lists = tuple((name, len(value)) for name, value in parameters.items() if isinstance(value, list | tuple))
    text = _translated(sql, lists, percent)
    if lists:
        parameters = dict(parameters)
        for name, _ in lists:
            parameters.update({f"{name}__{number}": item for number, item in enumerate(parameters.pop(name))})
    return text, parameters


@functools.lru_cache(maxsize=1024)
def _translated(sql: str, lists: tuple[tuple[str, int], ...], percent: bool) -> str:
    sizes = dict(lists)

    def one(name: str) -> str:
        return f"%({name})s" if percent else f":{name}"

    def swap(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return match[0].replace("%", "%%") if percent else match[0]
        if name in sizes:
            return f"({', '.join(one(f'{name}__{number}') for number in range(sizes[name])) or 'NULL'})"
        return one(name)

    return _TOKENS.sub(swap, sql)
