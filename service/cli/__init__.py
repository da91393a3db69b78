"""The command ``wahana``. Data go to standard output, progress and words to standard error.

Exit codes: 0 ok, 1 failed, 2 usage, 3 a check found differences, 4 a log gave no proof, 69 database unavailable,
75 try again later, 78 configuration.
"""

import logging
import sqlite3
import sys
from typing import Any

import click

from service.cli import (
    check,
    demonstration,
    destroy,
    events,
    files,
    keys,
    move,
    office,
    outbox,
    outlines,
    people,
    readings,
    replay,
    retention,
    seal,
    server,
    set_aside,
    subject,
    views,
    witness,
)
from service.cli.output import missing

VERSION = "0.1.0"


class Wahana(click.Group):
    """Turns the failures that an operator can do something about into a sentence and an exit code."""

    def main(self, *args: Any, **options: Any) -> Any:
        from domain.refusals import Refused
        from projections.engine import LogReplaced, ViewsNotReady
        from projections.processes import ProcessLost
        from projections.rebuild import Damaged, RebuildRefused, RebuildRunning
        from projections.store import Busy, StoreUnavailable
        from service.casebook import TooBusy
        from service.config import BadConfiguration
        from service.destroying import NoRightToDestroy
        from service.log.compaction import NotCompacted
        from service.log.database import DriverMissing
        from service.log.entries import LogUnavailable
        from service.log.kept import InUse
        from service.log.keys import KeyUnreadable
        from service.log.move_source import MoveDiffers, MoveRefused
        from service.log.sealer import SealRefused
        from service.log.shred_list import ShredListDamaged
        from service.restored import DestroyedCameBack

        # Its warnings repeat, ten a second, what the sentence below says once.
        logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
        try:
            return super().main(*args, **options)
        except BadConfiguration as error:
            for line in error.problems:
                click.echo(f"wahana: {line}", err=True)
            sys.exit(78)
        except KeyUnreadable as error:
            click.echo(f"wahana: {error}; look at WAHANA_MASTER_KEY, and at: wahana keys status", err=True)
            sys.exit(78)
        except (NoRightToDestroy, DestroyedCameBack) as error:
            click.echo(f"wahana: {error}", err=True)
            sys.exit(78)
        except ShredListDamaged as error:
            click.echo(f"wahana: {error}; put back a copy of it: without it nothing may be answered", err=True)
            sys.exit(3)
        except NotCompacted as error:
            click.echo(f"wahana: what was deleted may still lie in the files: {error}; run it again", err=True)
            sys.exit(75)
        except DriverMissing as error:
            click.echo(f"wahana: {error}", err=True)
            sys.exit(78)
        except (LogUnavailable, StoreUnavailable) as error:
            click.echo(f"wahana: {missing(error) or f'the database does not answer: {error}'}", err=True)
            sys.exit(69)
        except sqlite3.OperationalError as error:
            click.echo(f"wahana: the database: {error}", err=True)
            sys.exit(69)
        except OSError as error:
            click.echo(f"wahana: {error}", err=True)
            sys.exit(1)
        except TooBusy:
            click.echo("wahana: others kept writing; try again", err=True)
            sys.exit(75)
        except SealRefused as error:
            click.echo(f"wahana: nothing was signed: {error}", err=True)
            sys.exit(3)
        except MoveRefused as error:
            click.echo(f"wahana: nothing was moved: {error}", err=True)
            sys.exit(3 if isinstance(error, MoveDiffers) else 1)
        except InUse as error:
            click.echo(f"wahana: {error}", err=True)
            sys.exit(75)
        except (Busy, RebuildRunning) as error:
            click.echo(f"wahana: {str(error) or 'others are folding the views'}; try again", err=True)
            sys.exit(75)
        except RebuildRefused as error:
            click.echo(f"wahana: {error}", err=True)
            sys.exit(3)
        except Damaged as error:
            click.echo(f"wahana: {error}; the views in use stay as they are: check the disk, then try again", err=True)
            sys.exit(3)
        except ProcessLost as error:
            click.echo(f"wahana: {error}; try again: it goes on where it was", err=True)
            sys.exit(75)
        except ViewsNotReady as error:
            click.echo(f"wahana: {error}; run: wahana project rebuild", err=True)
            sys.exit(75)
        except LogReplaced as error:
            click.echo(f"wahana: {error}; run: wahana project rebuild", err=True)
            sys.exit(3)
        except Refused as error:
            click.echo(f"wahana: {error.rule}: {error.sentence}", err=True)
            sys.exit(1)
        except Exception as error:  # of any driver, which may not be installed; what is not told here goes on up
            if (told := missing(error)) is None:
                raise
            click.echo(f"wahana: {told}", err=True)
            sys.exit(69)
        except KeyboardInterrupt:
            click.echo("wahana: interrupted; what was recorded stands", err=True)
            sys.exit(130)


@click.group(cls=Wahana, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="wahana")
def main() -> None:
    """The casebook of a district social affairs office.

    \b
    First steps:
      wahana init          make the databases and publish the list of villages
      wahana demo          fill them with an invented office and its history
      wahana serve         serve on http://127.0.0.1:8000

    Settings come from the environment: see `wahana config show`.
    """


for command in (set_aside.retry, set_aside.release):
    views.project.add_command(command)
office.territory.add_command(outlines.import_boundaries)
for command in (
    office.init,
    demonstration.demo,
    server.serve,
    outbox.import_outbox,
    people.user,
    people.token,
    office.territory,
    views.project,
    events.events,
    files.files,
    retention.retention,
    destroy.destroy,
    keys.keys,
    move.move,
    replay.replay,
    readings.readings,
    subject.subject,
    seal.seal,
    witness.witness,
    check.doctor,
    office.config,
    server.openapi,
):
    main.add_command(command)
