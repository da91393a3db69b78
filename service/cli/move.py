"""Moving an office from SQLite to PostgreSQL: ``move``."""

import base64
import time
from pathlib import Path

import click
import msgspec

from service.cli.output import as_json, opened, say, show
from service.cli.progress import Progress
from service.config import BadConfiguration
from service.destroying import KEY_TABLES
from service.log.database import connect, sqlite_path
from service.log.move_source import alone


class _Pace:
    """Tells how fast it goes beside how far it is."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._step, self._since = progress, "", 0.0

    def __call__(self, done: int, of: int, step: str) -> None:
        if step != self._step:
            self._step, self._since = step, time.monotonic()
        rate = done / max(time.monotonic() - self._since, 0.001)
        self._progress(done, of, rate, (of - done) / rate, step)


@click.command()
@click.option("--from", "old", required=True, help="The SQLite file that is left: sqlite:///…")
@as_json
def move(old: str, json_output: bool) -> None:
    """Move the log from its SQLite file into the new, empty PostgreSQL database of WAHANA_DATABASE_URL.

    Makes the tables as the owner (WAHANA_OWNER_URL), copies all of them in one transaction, and compares every row before
    it commits: interrupted, it leaves nothing, and is run again. The file is not changed. Stop whatever works with it
    first: exit code 75 while somebody has it open, 1 when the database is not empty, 3 when the log in the file is damaged.
    Keys stay where WAHANA_KEYS_URL says; views are made again.

    \b
    Example:
      wahana move --from sqlite:////var/lib/wahana/wahana.db
    """
    here = opened(restored=False)
    if not old.startswith("sqlite:///"):
        raise click.UsageError("--from names a file: sqlite:///… (relative) or sqlite:////… (absolute)")
    if here.database.engine == "sqlite":
        raise BadConfiguration(["WAHANA_DATABASE_URL: names SQLite; set the PostgreSQL database to move to"])
    if here.config.owner_url.startswith("sqlite:"):
        raise BadConfiguration(["WAHANA_OWNER_URL: names SQLite; set the owner of the PostgreSQL database"])
    path, keys = sqlite_path(old), here.config.keys_url
    if keys.startswith("sqlite:") and Path(sqlite_path(keys)).resolve() == Path(path).resolve():
        raise BadConfiguration(
            ["WAHANA_KEYS_URL: the same file; give the keys one of their own first (a backup of them)"]
        )
    if keys.startswith("sqlite:") and not Path(sqlite_path(keys)).is_file():
        raise BadConfiguration(["WAHANA_KEYS_URL: there is no such file; the keys stay where they were"])
    from service.log.move import move as moved_into
    from service.log.postgres_database import PostgresDatabase

    with alone(path) as source:
        source.tables(KEY_TABLES)
        here.initialise()
        owner = connect(here.config.owner_url, owner=True, size=1)
        assert isinstance(owner, PostgresDatabase)
        try:
            with Progress() as progress:
                moved = moved_into(source, owner, _Pace(progress), without=KEY_TABLES)
        finally:
            owner.close()
    root, rows = base64.b64encode(moved.root).decode(), sum(moved.rows.values())
    show(
        {**msgspec.structs.asdict(moved), "root": root},
        [
            f"moved and compared: {moved.position} events up to position {moved.position}, {rows} rows in"
            f" {len(moved.rows)} tables",
            f"root {root}",
        ],
        json_output,
    )
    say(f"wahana: put {path} aside now: what anybody records there from here on is lost")
    say("wahana: then run: wahana project rebuild, and: wahana doctor; the sealer goes on from its own directory")
