"""The event log from the command line: ``events tail`` and ``export``."""

import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

import click

from projections.consent_lists import restricted
from projections.store import FOREVER
from service.cli.output import opened, say
from service.cli.people import SYSTEM
from service.log.bundle import PARTS, Bundle
from service.log.keys import KeyUnreadable
from service.log.vault import PartDamaged
from service.log.whole import can_be_unnamed, whole
from service.office import Office


@click.group()
def events() -> None:
    """The event log, as the canonical texts that are stored."""


@events.command()
@click.option(
    "--after",
    default=-1,
    type=click.IntRange(-1, FOREVER),
    help="Begin after this position; by default with the last ten events.",
)
@click.option("--follow", is_flag=True, help="Go on until interrupted.")
def tail(after: int, follow: bool) -> None:
    """Print the last events, one canonical text a line.

    \b
    Example:
      wahana events tail --follow
    """
    here = opened()
    position = max(0, here.reader.head()[0] - 10) if after < 0 else after
    while True:
        rows = here.log.stored(position, 1000)
        for row in rows:
            click.echo(row.text)
            position = row.position
        if not rows:
            if not follow:
                return
            time.sleep(0.5)


@events.command()
@click.option(
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    default="-",
    help="A file; standard output by default.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["bundle", "ndjson"]),
    help="By default a bundle when the file is called .zip, else NDJSON.",
)
@click.option(
    "--parts",
    type=click.Choice(PARTS),
    default="none",
    show_default=True,
    help="Personal parts in the bundle: none, encrypted, or opened as well.",
)
@click.option("--for", "whom", default="", help="For whom the bundle is; with personal parts it must be said.")
@click.option(
    "--keep-days",
    default=30,
    type=click.IntRange(1, 3650),
    show_default=True,
    help="With personal parts: days until it is to be deleted.",
)
@click.option("--after", default=0, type=click.IntRange(0, FOREVER), help="NDJSON: begin after this position.")
def export(output: Path, form: str | None, parts: str, whom: str, keep_days: int, after: int) -> None:
    """Write the log as one file that can be checked without Wahana, or its canonical texts, one a line.

    \b
    Example:
      wahana events export --output casebook.zip
      wahana events export --output casebook.ndjson
      wahana events export --output casebook.zip --parts opened --for "Inspektorat" --keep-days 14
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was begun is put away, as after any other failure
    here = opened()
    if (form or ("bundle" if output.suffix == ".zip" else "ndjson")) == "ndjson":
        if parts != "none":
            raise click.UsageError("--parts is for a bundle")
        _texts(here, output, after)
        return
    if str(output) == "-" or after:
        raise click.UsageError("a bundle holds the whole log and needs --output FILE")
    if parts != "none" and not whom.strip():
        raise click.UsageError("a bundle with personal parts needs --for: for whom it is")
    if parts == "opened":
        _unseen(output)
        say(
            "wahana: this file will hold what people told the office in confidence, readable; keep it as you keep the keys"
        )
    from service.api.codes import code_systems

    given, closed = _given(here, parts, whom, keep_days), list[str]()
    if parts == "opened":
        here.views.catch_up(bounded=False)  # who is restricted by now
        with here.views.at() as view:
            closed = restricted(view)
        # no entry, no reading
        here.trail.everything(account="wahana events export", post=SYSTEM, resource="wahana events export")
    origin, keys = here.config.log_origin, here.log_keys()
    bundle = Bundle(
        here.database,
        here.keys,
        here.vault,
        origin=origin,
        codes=code_systems(),
        log_keys=keys,
        witnesses=here.witness_keys(),
    )
    try:
        count = bundle.write(output, now=here.now(), parts=parts, closed=closed, given=given)
    except (OSError, KeyUnreadable, PartDamaged) as error:
        raise click.ClickException(str(error)) from error
    say(f"wahana: {count} events, parts: {parts}")
    if closed:
        say(f"wahana: of {len(closed)} people nothing was opened: their processing is restricted")


def _unseen(output: Path) -> None:
    """Refuse a directory in which everybody could see, and a crash would leave, what is not finished."""
    try:
        unseen = can_be_unnamed(output.parent)
    except OSError as error:
        raise click.ClickException(str(error)) from error
    if not unseen:
        raise click.ClickException(
            f"Di {output.parent} berkas yang belum selesai akan tetap terlihat bila penulisannya terputus, dan isinya"
            " terbuka. Tulis dulu ke folder di cakram server ini, lalu salin berkas yang sudah jadi."
        )


def _given(here: Office, parts: str, whom: str, days: int) -> dict[str, str]:
    """What the manifest says of who was given the bundle, and of the day by which one with personal parts is deleted."""
    given = {"for": whom.strip()} if whom.strip() else {}
    if parts != "none":
        given["delete_by"] = (here.today() + timedelta(days=days)).isoformat()
    return given


def _texts(here: Office, output: Path, after: int) -> None:
    position, count = after, 0
    stream = str(output) == "-" or (output.exists() and not output.is_file())
    try:
        with click.open_file(str(output), "wb") if stream else whole(output) as file:
            while rows := here.log.stored(position, 2000):
                file.writelines(f"{row.text}\n".encode() for row in rows)
                position, count = rows[-1].position, count + len(rows)
    except OSError as error:
        raise click.ClickException(str(error)) from error
    say(f"wahana: {count} events up to position {position}")
