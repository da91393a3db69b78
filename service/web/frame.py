"""One frame around every page: who looks, at which moment, in which words; and errors that are pages too."""

import functools
import hashlib
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import marshmallow as ma
import msgspec
from flask import Blueprint, Flask, Response, current_app, render_template, request, url_for
from flask_babel import lazy_gettext as _

from service.api import guard, rights
from service.api.current import notes, office, principal
from service.api.problems import problem
from service.api.snapshot import one_snapshot
from service.reach import Scope, scope
from service.web import drafts, moment, words
from service.web.ask import Told, ToldOtherwise

SIGN_IN = "sign_in_page.sign_in"
blueprint = Blueprint("pages", __name__, template_folder="templates")
STATIC = Path(__file__).parent / "static"
_PAGES = ("pages", "sign_in_page")
#: What an error says in its headers: by which other methods, and when to try again.
SAID_TOO = frozenset({"Allow", "Retry-After"})


def page(
    rule: str, template: str, *actions: str, methods: tuple[str, ...] = ("GET",)
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register ``function(**url) -> values of the template | (values, status) | response`` as a page. ``actions`` are
    those of the policy table of which whoever looks must have one; what the page shows of it, the API decides."""
    for method in methods:
        rights.declare(method, blueprint, rule, *actions)

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def shown(**url: Any) -> Any:
            with one_snapshot() if request.method == "GET" else nullcontext():  # what is recorded is shown afterwards
                found = function(**url)
                values, status = found if isinstance(found, tuple) else (found, 200)
                notes().again = status == 200 and drafts.again()
                return (render_template(template, **values), status) if isinstance(values, Mapping) else found

        blueprint.add_url_rule(rule, endpoint=function.__name__, view_func=shown, methods=methods)
        return function

    return register


def install(app: Flask) -> None:
    """Serve the pages, and turn what refuses them into pages."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(
        address=address,
        asset=asset,
        fixed=fixed,
        draft_again=lambda: notes().get("again", ""),
        draft_mark=drafts.mark,
        draft_secret=drafts.secret,
        may=may,
        same=same,
        past=moment.past,
        moment_day=moment.day,
        moment_ahead=moment.ahead,
        moment_position=moment.position,
    )
    app.jinja_env.filters.update(
        word=words.word, day=words.day, time=words.time, number=words.number, rupiah=words.rupiah, title=words.title
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_values)
    app.register_error_handler(ToldOtherwise, lambda error: _told_otherwise(error.told))
    app.register_error_handler(guard.BadBody, lambda error: problem(422, detail=str(error)))
    app.register_error_handler(
        ma.ValidationError, lambda error: problem(422, detail="Isian tidak sah.", errors=error.messages)
    )


def _told_otherwise(told: Told) -> Response:
    return Response(msgspec.json.encode(told.body), told.status, content_type="application/problem+json")


def is_page() -> bool:
    """Whether a browser asks, for a page or for an address that a person typed and that is nowhere."""
    if not request.accept_mimetypes.accept_html:
        return False
    return request.blueprint in _PAGES or (request.endpoint is None and not request.path.startswith("/api/"))


def as_page(response: Response) -> Response:
    """A problem document turned into a page, when a page was asked for; whoever is not signed in is sent to do so."""
    if response.mimetype != "application/problem+json" or not is_page():
        return response
    told = Told(response.status_code, msgspec.json.decode(response.get_data()))
    if told.status == 401 and request.method == "GET":
        return _onward(url_for(SIGN_IN, lanjut=request.full_path.rstrip("?")))
    if told.status == 401 and request.blueprint == "pages":
        return _sign_in()
    if told.body.get("rule") == "second_factor_missing" and request.method == "GET":
        return _onward(url_for("pages.own_account"))
    failed = _failed(told)
    for name in SAID_TOO & set(response.headers.keys()):
        failed.headers[name] = response.headers[name]
    return failed


def _sign_in() -> Response:
    """The door in the place of what a form would have shown, with what was typed behind it."""
    kept = drafts.sealed()
    ended = "" if kept else _("Sesi Anda sudah berakhir, dan yang terakhir belum tercatat. Masuk lagi, lalu ulangi.")
    page = render_template("sign_in.html", told=ended, wants_code=False, onward=_page_of_form(), carried=kept)
    return Response(page, 401, content_type="text/html; charset=utf-8")


def _page_of_form() -> str:
    """The address of the page that a form was on: the one it was sent to, or the nearest above that can be opened."""
    known, path = current_app.create_url_adapter(request), request.path
    if known is None or known.test(path, "GET"):
        return request.full_path.rstrip("?")
    while path and not known.test(path, "GET"):
        path = path.rpartition("/")[0]
    return path or url_for("pages.home")


def _onward(address: str) -> Response:
    return Response(status=303, headers={"Location": address})


def _failed(told: Told) -> Response:
    beyond = _no_such_moment(told)
    if beyond:
        moment.forget()
    put_back = told.status == 404 and _put_back()
    page = render_template("problem.html", told=told, put_back=put_back, beyond=beyond)
    return Response(page, told.status, content_type="text/html; charset=utf-8")


def _no_such_moment(told: Told) -> bool:
    """Whether a page was asked for at a moment that cannot be: a day or a position that there is not."""
    errors = told.body.get("errors") or {}
    wrong = {*errors, *(errors.get("query") or {})} & {moment.DAY, moment.POSITION, "as_of"}
    return bool(wrong) and request.method == "GET" and request.blueprint == "pages"


def _put_back() -> bool:
    """Whether a page was asked for at a past moment, at which there may be nothing yet."""
    try:
        return request.method == "GET" and request.blueprint == "pages" and moment.past()
    except ma.ValidationError:
        return False


def _values() -> dict[str, Any]:
    who = notes().get("principal")
    return {"who": who, "today": office().today()}


def address(endpoint: str, **values: Any) -> str:
    """The address of a page at the moment that this page is put back to. Each is made once for a page."""
    known: dict[Any, str] = notes().setdefault("addresses", {})
    wanted = (endpoint, moment.emergency(), *sorted(values.items()))
    if wanted not in known:
        known[wanted] = url_for(endpoint if "." in endpoint else f"pages.{endpoint}", **{**moment.kept(), **values})
    return known[wanted]


def same(**changes: Any) -> str:
    """The address of this page with other values in its query; ``None`` leaves one out. What was said once, that something
    was recorded, is not said again."""
    values = {**request.args.to_dict(), "tercatat": None, "nomor": None, **changes}
    asked = urlencode({name: value for name, value in values.items() if value not in (None, "")})
    return f"{request.path}?{asked}" if asked else request.path


@functools.lru_cache(maxsize=64)
def _asset(name: str, root: str) -> str:
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return url_for("static", filename=name, v=digest)


def asset(name: str) -> str:
    """The address of a file of ours, which changes with its content so that browsers may keep it for ever. A process
    serves the files it began with."""
    return _asset(name, request.script_root)


def fixed(endpoint: str) -> str:
    """The address of a page that is the same at every moment and for whoever looks, such as that of one's own account."""
    return _fixed(endpoint, request.script_root)


@functools.lru_cache(maxsize=64)
def _fixed(endpoint: str, root: str) -> str:
    return url_for(endpoint)


def may(*actions: str) -> bool:
    """Whether whoever looks may do any of these actions to anything."""
    return any(not reach_of(action).empty for action in actions)


def reach_of(action: str) -> Scope:
    """What an action reaches for whoever looks, worked out once for each page."""
    known: dict[str, Scope] = notes().setdefault("scopes", {})
    if action not in known:
        known[action] = scope(principal(), action)
    return known[action]
