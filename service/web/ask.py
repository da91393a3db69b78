"""Pages ask the API of the same process: the same routes, rights, masks and refusals, without a network between.

A page therefore shows nothing that the API would not tell whoever looks at it, of today and of any past moment.
"""

from io import BytesIO
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlencode

import msgspec
from flask import Response, current_app, request
from werkzeug.datastructures import FileStorage

from service.api import emergencies, log_proofs, rights
from service.api.current import notes, office, this_request
from service.api.sign_in import said
from service.reach import Principal
from service.web import moment

API, JSON = "/api/v1", "application/json"
_OPEN = log_proofs.OPEN | {"health.ready"}
_SERVER = frozenset({"SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "REMOTE_ADDR"})
_HANDED_ON = ("principal", "asked", "request_id", "began", "emergency", "snapshot")


class Told(msgspec.Struct, frozen=True):
    """What the API answered: its status and its JSON body, that of an error being an RFC 9457 problem."""

    status: int
    body: dict[str, Any]

    @property
    def fine(self) -> bool:
        return self.status < 400

    @property
    def data(self) -> Any:
        """The data of a read."""
        return self.body["data"]


class ToldOtherwise(Exception):
    """The API answered with an error, which the page shows in its place."""

    def __init__(self, told: Told) -> None:
        super().__init__(told.status)
        self.told = told


def get(path: str, **query: Any) -> Told:
    """The answer of a read at the moment the page is put back to. Raises `ToldOtherwise`."""
    told = maybe(path, **query)
    if not told.fine:
        raise ToldOtherwise(told)
    return told


def maybe(path: str, **query: Any) -> Told:
    """The answer of a read at the moment the page is put back to, an error too."""
    wanted = {name: value for name, value in {**moment.query(), **query}.items() if value not in (None, "")}
    return _told(f"{API}{quote(path)}?{urlencode(wanted, doseq=True)}")


def now(path: str, **query: Any) -> Told:
    """The answer of a route that knows no past. Raises `ToldOtherwise`."""
    told = _told(f"{API}{quote(path)}?{urlencode(query, doseq=True)}")
    if not told.fine:
        raise ToldOtherwise(told)
    return told


def _told(address: str) -> Told:
    """The answer of a read, asked once for each page: what two of its parts want to know is told to both."""
    known: dict[str, Told] = notes().setdefault("told_before", {}) if request.method == "GET" else {}
    if address not in known:
        known[address] = _ask("GET", address)
    return known[address]


def answer_at(address: str) -> Told:
    """The JSON answer at an address of the whole service, such as ``/readyz``; an error too."""
    return _ask("GET", address)


def post(path: str, body: Any, *, key: str = "", version: str = "") -> Told:
    """The answer of a command, or of a search; an error too. ``key`` is the command's id, ``version`` what was seen."""
    headers = {"Idempotency-Key": key, "If-Match": f'"{version}"' if version else ""}
    return _ask(
        "POST",
        f"{API}{quote(path)}",
        msgspec.json.encode(body),
        {name: value for name, value in headers.items() if value},
    )


def delete(path: str) -> Told:
    """The answer to ending something, such as a session; an error too."""
    return _ask("DELETE", f"{API}{quote(path)}")


def lines(path: str, **query: Any) -> list[dict[str, Any]]:
    """The answer of a route that tells one JSON value a line. Raises `ToldOtherwise`."""
    response = _answer_of("GET", f"{API}{quote(path)}?{urlencode(query)}")
    if response.status_code >= 400:
        raise ToldOtherwise(Told(response.status_code, msgspec.json.decode(response.get_data())))
    found: list[dict[str, Any]] = msgspec.json.Decoder().decode_lines(response.get_data())
    return found


def upload(sent: FileStorage, *, subject: str, strict: bool) -> Told:
    """The answer to a paper put into the vault; an error too."""
    query = urlencode({"subject": subject, "strict": "true" if strict else "false"})
    headers = {"File-Name": "".join(one if one.isprintable() and one.isascii() else "_" for one in sent.filename or "")}
    return _ask("POST", f"{API}/files?{query}", sent.read(), headers, sent.mimetype)


def _ask(
    method: str, address: str, body: bytes | None = None, headers: dict[str, str] | None = None, kind: str = JSON
) -> Told:
    response = _answer_of(method, address, body, headers, kind)
    return Told(response.status_code, _body(response))


def _answer_of(
    method: str, address: str, body: bytes | None = None, headers: dict[str, str] | None = None, kind: str = JSON
) -> Response:
    path, _, query = address.partition("?")
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # Flask's type hides the proxy
    outer = notes()
    urgent = _in_emergency(outer) if method == "GET" else None  # as over HTTP: it shows; it lets nobody record
    given = {name: getattr(outer, name) for name in _HANDED_ON if name in outer}
    if urgent is not None:
        given["principal"] = urgent
    environ = _environ(method, path, query, body, headers or {}, kind)
    with app.app_context(), app.request_context(environ) as context:
        inner = notes()
        for name, value in given.items():
            setattr(inner, name, value)
        response = _answered(app, context)
        position = inner.get("position")
    if position is not None:
        outer.position = position
    return response


def _environ(
    method: str, path: str, query: str, body: bytes | None, headers: dict[str, str], kind: str
) -> dict[str, Any]:
    """What a server would hand over for this question (PEP 3333), with what it handed over for the page."""
    given = {name: value for name, value in request.environ.items() if name in _SERVER or name.startswith("wsgi.")}
    asked = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body or b"")),
        "wsgi.input": BytesIO(body or b""),
        "HTTP_HOST": request.host,
        "HTTP_USER_AGENT": request.environ.get("HTTP_USER_AGENT", ""),
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    }
    return {**given, **asked, **({"CONTENT_TYPE": kind} if body is not None else {})}


def _body(response: Response) -> dict[str, Any]:
    """What was answered; of a plain text, such as a receipt, under ``text``."""
    if (response.mimetype or "").startswith("text/"):
        return {"text": response.get_data(as_text=True)}
    found: dict[str, Any] = msgspec.json.decode(response.get_data()) if response.get_data() else {}
    return found


def _in_emergency(outer: Any) -> Principal | None:
    """Whoever looks, with the emergency access that the page's address names. Raises as the API would."""
    access = request.args.get(moment.EMERGENCY)
    if not access or request.method != "GET" or outer.get("principal") is None:
        return None
    if "urgent" not in outer:
        outer.urgent = emergencies.taken_up(outer.principal, access, office().now())
        outer.emergency = access
    found: Principal = outer.urgent
    return found


def _answered(app: Any, context: Any) -> Response:
    try:
        context.match_request()
        asked = this_request()
        if asked.routing_exception is not None:
            raise asked.routing_exception
        who = notes().get("principal")
        if asked.endpoint not in _OPEN and (
            who is None or not rights.may_enter(who, asked.method, str(asked.url_rule))
        ):
            return said("not_allowed" if who else "not_signed_in")
        found = app.view_functions[asked.endpoint](**(asked.view_args or {}))
    except Exception as error:  # answered as Flask answers what a route raises
        found = app.handle_user_exception(error)
    made: Response = app.make_response(found)
    return made
