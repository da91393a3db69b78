"""Serving: ``serve`` and ``openapi``."""

import json
import os
import sys
from contextlib import suppress

import click

from projections.store import StoreUnavailable
from service.cli.output import opened, say
from service.log.entries import LogUnavailable
from service.office import Office


@click.command()
@click.option("--bind", help="Address and port; WAHANA_BIND by default.")
def serve(bind: str | None) -> None:
    """Serve with gunicorn until interrupted. Says so when the log is not the one the views were made from; does not begin
    when the master key opens none of the keys there are (78).

    \b
    Example:
      wahana serve --bind 127.0.0.1:8080
    """
    from service.config import read

    settings = read()
    address = bind or settings.bind
    _notice(opened(restored=False))  # each worker applies the shred list before it answers
    say(f"wahana: serving on http://{address}")
    os.environ["WAHANA_BIND"] = address
    os.execv(  # noqa: S606 - replaces this process, so that signals reach gunicorn
        sys.executable, [sys.executable, "-m", "gunicorn", "-c", "python:service.gunicorn_conf"]
    )


def _notice(here: Office) -> None:
    """Say which views were folded from another log than the one that is there: most often a backup was put back."""
    with suppress(LogUnavailable):
        here.keys.must_open()
    with suppress(LogUnavailable, StoreUnavailable):  # the service waits for its databases, and /readyz tells
        replaced = [one for one in here.views.status() if one.serving and one.replaced]
        if replaced:
            names = ", ".join(one.projection for one in replaced)
            say(
                f"wahana: the log differs from the one the views were folded from, up to position"
                f" {min(one.position for one in replaced)}: {names}; run: wahana project rebuild"
            )
    here.close()


@click.command()
def openapi() -> None:
    """Print the OpenAPI 3.1 description of the API.

    \b
    Example:
      wahana openapi > openapi.json
    """
    from service import create_app
    from service.api.documents import description
    from service.config import read

    app = create_app(read({"WAHANA_DEMO": "1"}))
    click.echo(json.dumps(description(app.extensions["openapi"]), indent=2, ensure_ascii=False))
