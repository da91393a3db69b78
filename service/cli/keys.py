"""Custody of the subjects' keys: ``keys status``, ``rotate``, ``backup`` and ``backups``."""

import sys
from pathlib import Path

import click

from service.cli.output import as_json, opened, say, show
from service.destroying import KEY_TABLES
from service.log import key_backups
from service.log.compaction import compact
from service.log.keys import KeyUnreadable


@click.group()
def keys() -> None:
    """The keys of the people in the casebook, wrapped by the master key."""


@keys.command()
@as_json
def status(json_output: bool) -> None:
    """How many keys each master key wraps; exit code 3 when some are wrapped by another than WAHANA_MASTER_KEY.

    \b
    Example:
      wahana keys status
    """
    here = opened()
    masters, current = here.keys.masters(), here.keys.master_id
    others = {name: count for name, count in masters.items() if name != current}
    lines = [
        f"{name}  {count} keys{'' if name == current else '  not the master key in use'}"
        for name, count in masters.items()
    ]
    show({"current": current, "keys": masters}, lines or [f"{current}  0 keys"], json_output)
    if others:
        sys.exit(3)


@keys.command()
@as_json
def rotate(json_output: bool) -> None:
    """Wrap every key by a new master key. Events, parts and proofs stay as they are.

    Give the new key as WAHANA_MASTER_KEY and the one before as WAHANA_OLD_MASTER_KEY to every process and restart them:
    they accept both. Then run this; it may be interrupted and run again. At the end take the old key away.

    \b
    Example:
      wahana keys rotate
    """
    here = opened()
    count = 0
    try:
        while done := here.keys.rewrap():
            count += done
            say(f"wahana: {count} keys wrapped anew")
    except KeyUnreadable as error:
        raise click.ClickException(f"{error}; {count} keys were wrapped anew") from error
    compact(here.keys.database, KEY_TABLES)
    told = f"{count} keys wrapped anew; all are under master key {here.keys.master_id}"
    show({"rewrapped": count, "master": here.keys.master_id}, [told], json_output)


@keys.command()
@click.option(
    "--directory", type=click.Path(file_okay=False, path_type=Path), help="WAHANA_KEYS_BACKUP_DIR by default."
)
@as_json
def backup(directory: Path | None, json_output: bool) -> None:
    """Copy the key store into a file that expires after WAHANA_KEYS_BACKUP_DAYS. Back up the log first, the keys after.

    \b
    Example:
      wahana keys backup
    """
    here = opened()
    where = directory or Path(here.config.keys_backup_dir)
    made = key_backups.write(here.keys, where, now=here.now(), days=here.config.keys_backup_days)
    show({"path": str(made.path), "until": made.until}, [f"{made.path}, kept until {made.until}"], json_output)


@keys.command()
@click.option(
    "--directory", type=click.Path(file_okay=False, path_type=Path), help="WAHANA_KEYS_BACKUP_DIR by default."
)
@click.option("--expire", is_flag=True, help="Overwrite and remove those whose last day is over.")
@as_json
def backups(directory: Path | None, expire: bool, json_output: bool) -> None:
    """List the backups of the key store; exit code 3 when one is kept for longer than it may.

    \b
    Example:
      wahana keys backups --expire
    """
    here = opened()
    where = directory or Path(here.config.keys_backup_dir)
    gone = key_backups.expire(where, here.today()) if expire else []
    left = list(key_backups.kept(where))
    overdue = [one for one in left if one.until < here.today()]
    lines = [f"{one.path.name}  kept until {one.until}{'  OVERDUE' if one in overdue else ''}" for one in left]
    lines += [f"{one.path.name}  removed" for one in gone]
    told = [{"path": str(one.path), "until": one.until, "overdue": one in overdue} for one in left]
    show({"backups": told, "removed": [str(one.path) for one in gone]}, lines, json_output)
    if overdue:
        sys.exit(3)
