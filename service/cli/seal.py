"""Signing what the log holds: ``seal``."""

import json
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import click
import msgspec

from service.cli.output import as_json, say
from service.config import BadConfiguration, Config
from service.log.checkpoints import Checkpoints
from service.log.database import Database, connect, sqlite_path
from service.log.entries import LogUnavailable
from service.log.kept import Kept
from service.log.notes import Signer
from service.log.policy import LogKeys, Policy
from service.log.reconciliation import Reconciled, reconcile
from service.log.sealer import Sealer, SealRefused
from service.office import utc_now

POLL_SECONDS = 2.0
RECONCILE_SECONDS = 3600.0
RETRY_SECONDS = 5.0  # while the database is away
NOT_ALLOWED = "42501"  # what PostgreSQL says to a role without the right


@dataclass
class Bench:
    """What the command works with: the sealer, its directory and the log."""

    database: Database
    kept: Kept
    sealer: Sealer
    keys: LogKeys
    checked: int = 0  # up to which size this process saw that the log's keys signed every checkpoint
    counted: int = 0  # and how many those were

    def reconciled(self) -> Reconciled:
        """Hash everything again. Raises `SealRefused` when the sealer may not go on."""
        began, last, published = time.monotonic(), self.sealer.last(), Checkpoints(self.database)
        # A signature takes as long as the hashes of fifty events, and in years there are hundreds of thousands. Where a row
        # was added among those that were checked, all are checked again.
        if published.count(self.checked) != self.counted:
            self.checked = 0
        counted = published.count(last.size if last else 0)
        found = reconcile(self.database, last, self.keys, checked=self.checked)
        if not found.strange:
            self.checked, self.counted = found.sealed, counted
        told = msgspec.structs.asdict(found) | {"seconds": round(time.monotonic() - began, 1)}
        say(f"wahana: reconciled: {json.dumps(told)}")
        for strange in found.strange:  # no reason to stop: only the owner of the database can take such a row away
            say(f"wahana: WARNING: {strange}: somebody wrote it into the database")
        return found


def _bench(config: Config) -> Bench:
    database = connect(config.sealer_url or config.database_url, size=2)
    kept, signer = Kept(Path(config.sealer_dir)), Signer(config.log_origin, config.sealer_key)
    keys = Policy.load(Path(config.policy)).log if config.policy else None
    if keys and keys.newest != signer.key:
        raise BadConfiguration(["WAHANA_SEALER_KEY: not the last log key of the file in WAHANA_POLICY"])
    return Bench(database, kept, Sealer(database, kept, signer, utc_now, keys), keys or LogKeys((signer.key,)))


def _beside_database(config: Config) -> bool:
    if not config.database_url.startswith("sqlite"):
        return False
    return Path(sqlite_path(config.database_url)).resolve().parent == Path(config.sealer_dir).resolve()


@click.command()
@click.option("--follow", is_flag=True, help="Go on until interrupted; reconcile at the start and every hour.")
@click.option("--reconcile", "only_reconcile", is_flag=True, help="Hash every text again and compare; sign nothing.")
@click.option("--show-key", is_flag=True, help="Print the verifier key of the log and end.")
@click.option("--take-up", is_flag=True, help="Once, for an empty WAHANA_SEALER_DIR: go on from what is published.")
@as_json
def seal(follow: bool, only_reconcile: bool, show_key: bool, take_up: bool, json_output: bool) -> None:
    """Sign a checkpoint of the log: how many events it has, and the root of the tree over them.

    Needs WAHANA_SEALER_KEY and, of the other secrets, none; works as the role of WAHANA_SEALER_URL. Signs nothing and ends
    with exit code 3 when the log is shorter than its last checkpoint or differs below it, or when WAHANA_SEALER_DIR holds
    no checkpoint and this key has published one (not mounted? --take-up when it is lost for ever); 75 when another sealer
    works in WAHANA_SEALER_DIR.
    A new key goes on where the file in WAHANA_POLICY ends the one before it.

    \b
    Example:
      wahana seal --follow
    """
    from service.config import read

    if take_up and (follow or only_reconcile or show_key):
        raise click.UsageError("--take-up is given alone")
    config = read(secrets=("WAHANA_SEALER_KEY",))
    if show_key:
        click.echo(str(Signer(config.log_origin, config.sealer_key).key))
        return
    bench = _bench(config)
    if _beside_database(config):
        say("wahana: WARNING: WAHANA_SEALER_DIR is the database's own directory: who puts both back is not noticed")
    try:
        with bench.kept.alone():
            if follow:
                _follow(bench)
            elif only_reconcile:
                _tell(bench.reconciled(), json_output)
            else:
                sealed = bench.sealer.seal(take_up=take_up)
                size = sealed.size if sealed else 0
                click.echo(json.dumps({"size": size}) if json_output else f"sealed up to position {size}")
    except Exception as error:
        if getattr(error, "sqlstate", "") != NOT_ALLOWED:
            raise
        raise SealRefused(
            f"{error}; the role of WAHANA_SEALER_URL writes the proofs, once `wahana init` had it"
        ) from error
    finally:
        bench.database.close()


def _tell(found: Reconciled, json_output: bool) -> None:
    if json_output:
        click.echo(json.dumps(msgspec.structs.asdict(found)))
    else:
        click.echo(f"{found.events} events = {found.sealed} sealed + {found.unsealed} unsealed")
        for difference in (*found.differences, *found.strange):
            click.echo(f"DIFFERS  {difference}")
    if found.differences or found.strange:
        sys.exit(3)


def _follow(bench: Bench) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    due, waiting = 0.0, False
    while not stop.is_set():
        try:
            if time.monotonic() >= due:
                differences = bench.reconciled().differences
                if differences:
                    raise SealRefused("; ".join(differences))
                due = time.monotonic() + RECONCILE_SECONDS
            bench.sealer.seal()
            waiting = False
            stop.wait(POLL_SECONDS)
        except LogUnavailable as error:
            if not waiting:
                say(f"wahana: {error}; waiting")
            waiting = True
            stop.wait(RETRY_SECONDS)
