"""Watching a log from outside the office: ``witness``. Works without any setting of Wahana."""

import sys
import time
from pathlib import Path

import click

from service.cli.output import say
from service.log.kept import Kept
from service.log.notes import BadNote
from service.log.policy import LogKeys
from service.witness import (
    LogContradicts,
    LogOverHttp,
    NotAccepted,
    NothingKept,
    NotReached,
    ProofWithheld,
    Witness,
    make_key,
    read_key,
)


@click.command()
@click.argument("url", required=False)
@click.option("--state", type=click.Path(file_okay=False, path_type=Path), help="Where checkpoints are kept for ever.")
@click.option("--key", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The private key's file.")
@click.option(
    "--log-key",
    "log_keys",
    multiple=True,
    help="The log's verifier key, from the office in writing; an earlier one before it, as 'KEY upto SIZE'.",
)
@click.option(
    "--make-key", "name", metavar="NAME", help="Make a private key of that name in --key, print its verifier key."
)
@click.option("--begin", is_flag=True, help="Once, while nothing is kept in --state: take what is shown as it is.")
def witness(
    url: str | None, state: Path | None, key: Path, log_keys: tuple[str, ...], name: str | None, begin: bool
) -> None:
    """Fetch the latest checkpoint of the log at URL, check that it continues the one kept, keep it and cosign it.

    Run it every hour, on a machine outside the office. Exit code 3 says that the log contradicts what was kept: it was
    put back, rewritten or is shown differently to different people, or shows a line under this witness's name that is
    not hers. Nothing is signed then, and what was shown is kept in --state. 4: a checkpoint was shown and no proof that
    it continues the one kept; it is kept, nothing is signed, and what is shown next has to continue it too. 2: --state
    holds nothing to compare with, and --begin was not given. 75: the log did not answer, nothing is known. 1: the office
    did not take the cosignature, or a file could not be written.

    \b
    Examples:
      wahana witness --make-key inspektorat --key inspektorat.key
      wahana witness https://wahana.example --state saksi --key inspektorat.key --log-key wahana/75.01+… --begin
      wahana witness https://wahana.example --state saksi --key inspektorat.key --log-key wahana/75.01+…
    """
    try:
        if name is not None:
            click.echo(str(make_key(key, name)))
            return
        if not url or state is None or not log_keys:
            raise click.UsageError("URL, --state and --log-key are needed")
        signer, verifier, log = read_key(key), LogKeys.parse(log_keys), LogOverHttp(url)
    except FileExistsError:
        raise click.UsageError(f"{key} is there already") from None
    except (BadNote, OSError, ValueError) as error:
        raise click.UsageError(str(error)) from None
    kept = Kept(state)
    try:
        with kept.alone():
            seen = Witness(log, kept, signer, verifier, time.time).watch(begin=begin)
    except LogContradicts as error:
        say(f"wahana: WARNING: {error}")
        say(f"wahana: nothing was signed; keep {state} as it is, it holds the evidence, and tell your superior")
        sys.exit(3)
    except (BadNote, NothingKept) as error:
        raise click.UsageError(str(error)) from None
    except ProofWithheld as error:
        say(f"wahana: WARNING: {error}")
        say(f"wahana: nothing was signed; what was shown is kept in {state}; if it happens again, tell your superior")
        sys.exit(4)
    except NotReached as error:
        say(f"wahana: the log did not answer: {error}")
        sys.exit(75)
    except NotAccepted as error:
        say(f"wahana: the checkpoint is kept; the office did not take the cosignature: {error}")
        sys.exit(1)
    first = "; this is the first checkpoint kept: it was compared with nothing" if begin else ""
    click.echo(f"{seen.origin}: {seen.size} events, cosigned by {signer.key.name}{first}")
