"""Every page of the blueprint: not listed means not served."""

from flask import Flask
from flask_babel import get_locale

from projections.sentences.reading import opened
from service.web import (
    administration,
    around,
    bodies,
    case_forms,
    case_summary,
    cases,
    corrections,
    explorer,
    faults,
    forms,
    frame,
    help,
    home,
    incidents,
    kinds,
    letters,
    offline,
    own_account,
    people,
    periods,
    person,
    places,
    protection,
    public,
    record,
    referrals,
    sampling,
    sign_in,
    supervision,
    territory,
    trends,
    victims,
    village_papers,
    villages,
    why,
    words,
)

__all__ = [
    "administration",
    "bodies",
    "case_forms",
    "case_summary",
    "cases",
    "corrections",
    "explorer",
    "help",
    "home",
    "incidents",
    "install",
    "kinds",
    "letters",
    "offline",
    "own_account",
    "people",
    "periods",
    "person",
    "protection",
    "public",
    "record",
    "referrals",
    "sampling",
    "supervision",
    "trends",
    "victims",
    "village_papers",
    "villages",
    "why",
]


def install(app: Flask) -> None:
    """Serve all of them."""
    words.install(app)
    app.register_blueprint(sign_in.blueprint)
    app.jinja_env.globals.update(
        menu=home.menu,
        language=lambda: str(get_locale()),
        may_record=record.may_record,
        able_of=record.able_of,
        command_title=record.command_title,
        form_link=record.form_link,
        called=words.called,
        opened=opened,
        tiers=words.TIERS,
        page_of=places.page_of,
        mends=corrections.mends,
        options_of=forms.written_options,
        written=forms.written,
        faults=faults.faults,
        why_of=why.why_of,
    )
    app.jinja_env.filters.update(
        in_names=around.in_names,
        fields_named=around.fields_named,
        in_full=around.facts,
        village=territory.name,
        place=territory.place,
    )
    frame.install(app)
