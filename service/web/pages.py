"""Every page of the blueprint: not listed means not served."""

from flask import Flask
from flask_babel import get_locale

from service.web import (
    bodies,
    case_forms,
    cases,
    frame,
    home,
    kinds,
    letters,
    people,
    person,
    record,
    referrals,
    sign_in,
    territory,
    titles,
    villages,
    words,
)

__all__ = [
    "bodies",
    "case_forms",
    "cases",
    "home",
    "install",
    "kinds",
    "letters",
    "people",
    "person",
    "record",
    "referrals",
    "villages",
]


def install(app: Flask) -> None:
    """Serve all of them."""
    words.install(app)
    app.register_blueprint(sign_in.blueprint)
    app.jinja_env.globals.update(
        menu=home.menu,
        language=lambda: str(get_locale()),
        may_record=record.may_record,
        command_title=titles.of,
        tiers=words.TIERS,
    )
    app.jinja_env.filters["village"] = territory.name
    frame.install(app)
