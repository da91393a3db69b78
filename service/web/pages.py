"""Every page of the blueprint: not listed means not served."""

from flask import Flask
from flask_babel import get_locale

from service.web import case_forms, cases, frame, home, letters, record, referrals, sign_in, titles, villages, words

__all__ = ["case_forms", "cases", "home", "install", "letters", "record", "referrals", "villages"]


def install(app: Flask) -> None:
    """Serve all of them."""
    words.install(app)
    app.register_blueprint(sign_in.blueprint)
    app.jinja_env.globals.update(
        menu=home.menu, language=lambda: str(get_locale()), may_record=record.may_record, command_name=titles.of
    )
    frame.install(app)
