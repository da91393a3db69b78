"""What a request works with: the office it belongs to and whoever asks."""

from typing import Any

from flask import Request, current_app, g, request

from projections.source import Head
from service.identity import Asked
from service.office import Office
from service.reach import Principal


def office() -> Office:
    """The office of the running application."""
    here: Office = current_app.extensions["office"]
    return here


def principal() -> Principal:
    """Whoever is signed in to this request."""
    who: Principal = g.principal
    return who


def asked() -> Asked:
    """Whoever is signed in to this request, and by what right."""
    found: Asked = g.asked
    return found


def log_head() -> Head:
    """The end of the log when whoever asks was recognised; position 0 where nobody had to be."""
    found: Asked | None = g.get("asked")
    return found.head if found is not None else Head()


def this_request() -> Request:
    """The request itself: each look at Flask's proxy costs as much as what is asked of it."""
    asked: Request = request._get_current_object()  # type: ignore[attr-defined]  # Flask's type hides the proxy
    return asked


def notes() -> Any:
    """What is noted of this request (Flask's ``g``), itself."""
    return g._get_current_object()
