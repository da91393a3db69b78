"""How commands say things: JSON or lines on standard output, words on standard error."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import click

from service.office import Office


def opened(*, restored: bool = True) -> Office:
    """The office of these settings; what a restored backup brought back is destroyed first, unless ``restored`` is false.

    Raises `service.config.BadConfiguration`, and as `service.restored.shred_what_came_back`.
    """
    from service.config import read
    from service.restored import Again, shred_what_came_back

    here = Office(read())
    if restored and (again := shred_what_came_back(here)) != Again():
        say(f"wahana: the shred list was applied: {again.keys} keys and {again.people} people destroyed again")
    return here


def missing(error: Exception) -> str | None:
    """A line that says what to do where the database lacks tables or the role lacks rights; None for other errors."""
    first = (str(error).splitlines() or [""])[0]
    kind = type(error).__name__  # the driver of PostgreSQL is an extra, and its errors have names
    if "no such table" in first or kind in ("UndefinedTable", "UndefinedFunction", "InvalidSchemaName"):
        # Not `wahana init` alone: over a key store that was lost it would make an empty one.
        return (
            f"tables are missing: {first}; of a new casebook or a new version run: wahana init; else the database"
            " is another one, or lost and to be put back"
        )
    if kind == "InsufficientPrivilege":
        return (
            f"{first}; `wahana init` works as the owner and gives the others their rights: set WAHANA_OWNER_URL for it"
        )
    return None


def as_json(function: Callable[..., Any]) -> Callable[..., Any]:
    """The option ``--json``."""
    return click.option("--json", "json_output", is_flag=True, help="Print JSON.")(function)


def show(data: Any, lines: Iterable[str], json_output: bool) -> None:
    """Print ``data`` as JSON, or ``lines`` for people."""
    if json_output:
        click.echo(json.dumps(data, ensure_ascii=False, default=str))
    else:
        for line in lines:
            click.echo(line)


def say(text: str) -> None:
    """A word about progress, on standard error."""
    click.echo(text, err=True)
