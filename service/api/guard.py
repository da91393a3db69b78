"""One guard in front of every schema: what no field of ours could mean is turned away before it is looked at.

Framework defaults let through JSON nested a thousand deep, lone surrogates, NUL, integers of thousands of digits and
duplicate keys; each of them has broken a database or a reader somewhere.
"""

import json
import re
import unicodedata
from contextlib import suppress
from typing import Any, NoReturn

import marshmallow as ma
from flask import Flask, Request, abort
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest

from service.api.current import this_request

LARGEST_JSON = 1024 * 1024
LARGEST_UPLOAD = 21 * 1024 * 1024
DEEPEST = 20
_LARGEST_INTEGER = 2**53 - 1  # the log's canonical text holds whole numbers that every JSON reader keeps exact
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
#: Signs that turn around the order in which what follows is read: "exe.gpj" would be shown for what is "jpg.exe".
TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"')


class BadBody(ValueError):
    """The body is not JSON that could be meant for us; the message says why, without repeating a value. ``path`` leads
    to the field, as far as it could be told."""

    def __init__(self, sentence: str, *path: str | int) -> None:
        super().__init__(sentence)
        self.path = path

    def errors(self, where: str) -> dict[str, Any]:
        """The field and the sentence, as schemas tell theirs."""
        found: Any = [str(self)]
        for step in reversed(self.path):
            found = {str(step): found}
        return {where: found}


class _Unwanted:
    """Stands for a number that is refused once the field that holds it is known."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence


_TOO_LARGE = _Unwanted("Angka ini terlalu besar.")
_FRACTION = _Unwanted("Tulis bilangan bulat.")


def _whole(text: str) -> Any:
    return _TOO_LARGE if len(text) > 17 or abs(int(text)) > _LARGEST_INTEGER else int(text)


def _fraction(text: str) -> Any:
    return _FRACTION


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _short(text: str) -> int:
    return int(text if len(text) < 16 else "too long")


_PLAIN = json.JSONDecoder(object_pairs_hook=_once, parse_int=_short, parse_float=int, parse_constant=int)


def _plain(text: str) -> Any:
    """The value of a body in which nothing can be unclean. Raises ``ValueError`` for others, and for what is no JSON."""
    if not text.isascii() or "\\" in text or "\x7f" in text or text.count("[") + text.count("{") > DEEPEST:
        raise ValueError("to be gone through")
    return _PLAIN.decode(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for written, value in pairs:
        key = clean(written)  # first: two spellings of one letter are one name
        if key in found:
            raise BadBody("Isian ini tertulis dua kali.", key)
        found[key] = value
    return found


def clean(text: str, *path: str | int) -> str:
    """Text in Unicode normal form C, without signs that turn its direction. Raises `BadBody` for control characters and
    lone surrogates."""
    if _CONTROL.search(text):
        raise BadBody("Ada huruf yang tidak dapat dipakai.", *path)
    return text if text.isascii() else unicodedata.normalize("NFC", TURNING.sub("", text))


def _cleaned(value: Any, *path: str | int) -> Any:
    if isinstance(value, str):
        return clean(value, *path)
    if isinstance(value, list):
        return [_cleaned(one, *path, place) for place, one in enumerate(value)]
    if isinstance(value, dict):
        return {key: _cleaned(one, *path, key) for key, one in value.items()}
    if isinstance(value, _Unwanted):
        raise BadBody(value.sentence, *path)
    return value


def _depth(body: bytes) -> int:
    deepest = depth = 0
    for character in _STRINGS.sub(b"", body):
        if character in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in b"]}":
            depth -= 1
    return deepest


def parse(body: bytes) -> Any:
    """Parse a JSON body. Raises `BadBody`.

    Most bodies are plain and need not be gone through letter by letter; the others tell where they are wrong.
    """
    with suppress(ValueError):
        return _plain(body.decode())
    if _depth(body) > DEEPEST:
        raise BadBody(f"Susunannya lebih dalam dari {DEEPEST} tingkat.")
    try:
        value = json.loads(
            body.decode("utf-8"),  # bytes alone would be read as UTF-16 or UTF-32 too (RFC 8259, 8.1)
            object_pairs_hook=_object,
            parse_int=_whole,
            parse_float=_fraction,
            parse_constant=_fraction,
        )
    except BadBody:
        raise
    except (ValueError, RecursionError) as error:
        raise BadBody("Bukan JSON dalam UTF-8.") from error
    return _cleaned(value)


def _refuse(error: BadBody, where: str) -> NoReturn:
    problem = BadRequest()
    problem.data = {"errors": error.errors(where)}  # type: ignore[attr-defined]  # where webargs keeps them too
    raise problem from error


class GuardedRequest(Request):
    """A request whose JSON has passed the guard."""

    max_form_memory_size = LARGEST_JSON

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        if not hasattr(self, "_guarded"):
            try:
                self._guarded = parse(self.get_data(cache=True))
            except BadBody as error:
                _refuse(error, "json")
        return self._guarded


class GuardedParser(FlaskParser):
    """Loads what schemas are given. A body has passed the guard; a name in a query that no schema knows is refused: an
    ``as_of`` misspelt would be answered as today."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": ma.RAISE}

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """The guarded body; nothing at all where nothing was sent."""
        return req.get_json() if req.get_data(cache=True) else ma.missing


def install(app: Flask) -> None:
    """Put the guard in front of every route of ``app``."""
    app.request_class = GuardedRequest
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_UPLOAD

    @app.before_request
    def _guard() -> None:
        asked = this_request()
        path, length = asked.path, asked.content_length
        pieces = path.startswith("/api/v1/files/uploads")
        forms = path.startswith(("/catat/", "/kotak-keluar/")) or "/isi/" in path
        papers = pieces or forms or path.endswith(("/files", "/outbox"))
        limit = LARGEST_UPLOAD if papers else LARGEST_JSON
        asked.max_content_length = limit  # a body sent in chunks does not say how long it is
        if length is not None and length > limit:
            abort(413)
        try:
            clean(path)
            for name, values in asked.args.lists() if asked.query_string else ():
                for value in values:
                    clean(value, clean(name))
                if len(values) > 1 and path.startswith("/api/"):  # one of them would be answered, and nobody told which
                    raise BadBody("Isian ini tertulis dua kali.", name)
        except BadBody as error:
            _refuse(error, "query")
        raw = pieces or path.endswith(("/files", "/outbox", "/cosignature"))
        if asked.method in ("POST", "PUT", "PATCH") and not raw:
            has_body = bool(length) or asked.headers.get("Transfer-Encoding")
            if has_body and path.startswith("/api/") and not asked.is_json:
                abort(415, description="send application/json")
