"""Canaries: words that occur nowhere else, put into every personal field, and the scan that looks for them in bytes."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import marshmallow as ma

from service.api.commands import COMMANDS

WORD = "Zqxkanarizqx"  # every canary text holds it, whatever stands around it
NUMBER = "7501994207"  # every canary NIK, KK number and phone begins with it: a kecamatan that does not exist
_numbers = itertools.count(1)


def text() -> str:
    """A text with a canary in it, with letters that JSON may escape."""
    return f"Ibu {WORD} Ké{next(_numbers)}"


def number() -> str:
    return f"{NUMBER}{next(_numbers):06d}"


def identity(schema: ma.Schema) -> dict[str, Any]:
    """Everything that can be said about who somebody is, each with a canary."""
    said: dict[str, Any] = {}
    for name, field in schema.fields.items():
        if name in ("nik", "kk", "phone"):
            said[name] = number()
        elif isinstance(field, ma.fields.String) and name != "sex":
            said[name] = text()
    return {**said, "birth_year": 1950 + next(_numbers) % 60, "sex": "P"}


Planted = set[tuple[str, str]]


def plant(command: str, body: dict[str, Any], planted: Planted, *, strict: bool) -> dict[str, Any]:
    """The body with a canary in every sealed field of the command, and in the free texts that are sealed for the
    strictly restricted when ``strict``. Notes in ``planted`` what was filled."""
    return _filled(COMMANDS[command].schema, body, command, "", planted, strict)


def _filled(
    schema: ma.Schema, body: dict[str, Any], command: str, path: str, planted: Planted, strict: bool
) -> dict[str, Any]:
    filled = dict(body)
    for name, field in schema.fields.items():
        if field.metadata.get("sealed") and name not in body:
            filled[name] = _canary(field)
            planted.add((command, path + name))
        elif strict and field.metadata.get("strict") and isinstance(body.get(name), str) and WORD in body[name]:
            planted.add((command, path + name))
        elif isinstance(field, ma.fields.List) and isinstance(field.inner, ma.fields.Nested) and name in body:
            inner = field.inner.schema
            filled[name] = [_filled(inner, one, command, f"{path}{name}.", planted, strict) for one in body[name]]
    return filled


def _canary(field: ma.fields.Field[Any]) -> Any:
    return identity(field.schema) if isinstance(field, ma.fields.Nested) else text()


def sealed_fields() -> Planted:
    """Every sealed field of every command that can hold a text."""

    def walk(schema: ma.Schema, command: str, path: str) -> Iterator[tuple[str, str]]:
        for name, field in schema.fields.items():
            if field.metadata.get("sealed"):
                if not isinstance(field, ma.fields.Dict):
                    yield command, path + name
            elif isinstance(field, ma.fields.List) and isinstance(field.inner, ma.fields.Nested):
                yield from walk(field.inner.schema, command, f"{path}{name}.")

    return {found for name, route in COMMANDS.items() for found in walk(route.schema, name, "")}


def forms(word: str) -> dict[str, bytes]:
    """A word as it may stand in bytes: plain, escaped, in hexadecimal, and in base64 at each of its three alignments."""
    plain = word.encode()
    found = {
        "UTF-8": plain,
        "UTF-16": word.encode("utf-16-le"),
        "JSON": json.dumps(word)[1:-1].encode(),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
    }
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + plain)
        first, last = -(-shift * 4 // 3), (shift + len(plain)) // 3 * 4
        found[f"base64 at {shift}"] = whole[first:last]
    return found


def hits(data: bytes, words: tuple[str, ...] = (WORD, NUMBER)) -> list[str]:
    """How the words occur in the data: form and surroundings. Words are looked for in lower case too."""
    found = []
    for word in words:
        for name, form in forms(word).items():
            at = data.find(form)
            if at >= 0:
                found.append(f"{name}: {data[max(0, at - 60) : at + 60]!r}")
        for lower in {word.lower(), word.upper()}:
            if lower != word and lower.encode() in data:
                found.append(f"{lower}: in another case")
    return found


def bytes_of(folder: Path, url: str) -> dict[str, bytes]:
    """Every file of an office, and every row of every table of its PostgreSQL database, by name."""
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    if url.startswith("postgresql"):
        import psycopg

        with psycopg.connect(url) as connection:
            tables = connection.execute(
                "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            ).fetchall()
            for schema, table in tables:
                with connection.cursor().copy(f'COPY "{schema}"."{table}" TO STDOUT') as copy:  # type: ignore[arg-type]
                    found[f"{schema}.{table}"] = b"".join(bytes(block) for block in copy)
    return found
