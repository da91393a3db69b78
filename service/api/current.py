"""What a request works with: the office it belongs to and whoever asks."""

from flask import current_app, g

from service.access import Principal
from service.office import Office


def office() -> Office:
    """The office of the running application."""
    here: Office = current_app.extensions["office"]
    return here


def principal() -> Principal:
    """Whoever is signed in to this request."""
    who: Principal = g.principal
    return who
