"""Every page of the blueprint: not listed means not served."""

from flask import Flask
from flask_babel import get_locale

from service.web import (
    administration,
    explorer,
    frame,
    home,
    own_account,
    periods,
    places,
    protection,
    record,
    remembered,
    sampling,
    sign_in,
    supervision,
    titles,
    trends,
    villages,
    words,
)

__all__ = [
    "administration",
    "explorer",
    "home",
    "install",
    "own_account",
    "periods",
    "protection",
    "record",
    "sampling",
    "supervision",
    "trends",
    "villages",
]


def install(app: Flask) -> None:
    """Serve all of them."""
    words.install(app)
    app.register_blueprint(sign_in.blueprint)
    app.jinja_env.globals.update(
        menu=home.menu,
        may_record=record.may_record,
        command_title=titles.of,
        page_of=places.page_of,
        language=lambda: str(get_locale()),
    )
    app.jinja_env.filters["fieldname"] = remembered.named
    frame.install(app)
