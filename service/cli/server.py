"""Serving: ``serve`` and ``openapi``."""

import json
import os
import sys

import click

from service.cli.output import say


@click.command()
@click.option("--bind", help="Address and port; WAHANA_BIND by default.")
def serve(bind: str | None) -> None:
    """Serve with gunicorn until interrupted.

    \b
    Example:
      wahana serve --bind 127.0.0.1:8080
    """
    from service.config import read

    settings = read()
    address = bind or settings.bind
    say(f"wahana: serving on http://{address}")
    os.environ["WAHANA_BIND"] = address
    os.execv(  # noqa: S606 - replaces this process, so that signals reach gunicorn
        sys.executable, [sys.executable, "-m", "gunicorn", "-c", "python:service.gunicorn_conf"]
    )


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
