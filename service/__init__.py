"""The running service: event log, sign-in, API, pages and command line."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from service.config import Config


def create_app(config: "Config | None" = None) -> "Flask":
    """The web application for these settings, by default those of the environment.

    Imported late, so that operators' commands do not load the web framework. Raises `service.config.BadConfiguration`.
    """
    from service.app import build
    from service.config import read

    return build(config or read())
