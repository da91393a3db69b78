"""Which database a URL names, and what the rest of the service may ask of it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol, Self
from urllib.parse import unquote, urlsplit

from service.log.sqlite_database import SqliteDatabase

#: Runs one query without parameters and gives its rows as they come.
Stream = Callable[[str], Iterator[tuple[Any, ...]]]


class Database(Protocol):
    """One database. Statements use ``:name`` parameters on both engines."""

    engine: str

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]: ...
    def quick(self, sql: str, **values: str | int | bytes | None) -> list[tuple[Any, ...]]: ...
    def among(self, name: str) -> str: ...
    def transaction(self) -> AbstractContextManager[Self]: ...
    def snapshot(self) -> AbstractContextManager[Stream]: ...
    def script(self, sql: str) -> None: ...
    def close(self) -> None: ...


class DriverMissing(Exception):
    """The URL names PostgreSQL and the extra that holds its driver is not installed."""


def sqlite_path(url: str) -> str:
    """The file of a URL such as ``sqlite:///var/wahana.db`` (relative) or ``sqlite:////srv/wahana.db`` (absolute)."""
    return unquote(urlsplit(url).path.removeprefix("/"))


def connect(url: str, *, owner: bool = False, destroyer: bool = False, size: int = 8) -> Database:
    """A database for ``sqlite:///…`` or ``postgresql://…``; nothing is opened yet.

    As ``owner`` it may make tables, as ``destroyer`` delete what is under a destroyed key; on PostgreSQL the role of the
    URL says so. Raises `DriverMissing` when the PostgreSQL driver is not installed and
    ``ValueError`` for another scheme.
    """
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        return SqliteDatabase(sqlite_path(url), owner=owner, destroyer=destroyer)
    if scheme in ("postgresql", "postgres"):
        try:
            from service.log.postgres_database import PostgresDatabase
        except ImportError as error:
            raise DriverMissing("PostgreSQL: pip install 'wahana[postgres]'") from error
        return PostgresDatabase(url, size=size)
    raise ValueError(f"not a database URL: {scheme}://…")


def add_columns(database: Database, table: str, columns: dict[str, str]) -> None:
    """Give a table the columns that it lacks, as the owner."""
    if database.engine == "sqlite":
        there = {row[0] for row in database.rows("SELECT name FROM pragma_table_info(:name)", name=table)}
        database.script(
            "".join(f"ALTER TABLE {table} ADD COLUMN {n} {t};" for n, t in columns.items() if n not in there)
        )
    else:
        database.script("".join(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {n} {t};" for n, t in columns.items()))
