"""What pages write in place of codes and ids: names of villages and of officers, and links to pages that are served."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app
from flask_babel import gettext
from markupsafe import Markup, escape

from service.api.current import principal
from service.web import accounts, ask, moment, territory, words
from service.web.frame import address, may
from service.web.places import PAGES
from service.web.remembered import named

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VILLAGE = re.compile(r"\b\d\d\.\d\d\.\d\d\.[12]\d{3}\b")
#: A field in the sentence of a correction, with what it held and holds, or that it is sealed.
FIELD = re.compile(
    r"(?:(?<=: )|(?<=, )|(?<= dan ))([a-z][a-z0-9_.]*)(?: dari “([^”]*)” menjadi “([^”]*)”|(?= dari “| \(disegel\)))"
)
#: What stands alone in a value, or among others as sentences list them.
ONE_OF_MANY = re.compile(r"(?:^|(?<=, )|(?<= dan )).+?(?=$|, | dan )")
#: What a sentence says of an officer whom only her number names.
UNNAMED = {
    "case.assigned": "seorang petugas",
    "case.transferred": "petugas lain",
    "case.transfer_requested": "petugas lain",
}


def villages() -> dict[str, str]:
    """The names of the villages by code, as they were called at the moment of the page."""
    told = ask.maybe("/territory")
    return {one["code"]: one["name"] for one in told.data["villages"]} if told.fine else {}


def _workers() -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    cursor: str | None = "" if may("case.read") else None
    while cursor is not None:
        told = ask.get("/officers", limit=500, cursor=cursor)
        found, cursor = found + told.data, told.body.get("next_cursor")
    return found


def workers() -> dict[str, str]:
    """The officers who may be given a case, by account, for whoever may read cases; else none."""
    return {one["account"]: f"{one['name']}, {one['post']}" for one in _workers()}


def officers(entries: list[dict[str, Any]] | None = None) -> dict[str, str]:
    """What officers are called, by account: by their names for whoever may read accounts, or cases, who knows those that
    work on them; else by the posts that ``entries`` of a history tell; and whoever looks by her own name."""
    found = {one["by"]: one["post"] for one in entries or () if one["post"]}
    if may("account.read"):
        found |= accounts.names(accounts.known(roles=False))
    else:
        found |= {one["account"]: one["name"] for one in _workers()}
    return found | {principal().account: principal().name}


def fields_named(sentence: str, place: Callable[[str], str] = territory.name) -> str:
    """The sentence of a correction with its fields as the forms call them, and codes in words; every other as it is.
    ``place`` names a village by its code."""

    def plain(text: str, field: str) -> str:
        return place(text) if VILLAGE.fullmatch(text) else words.meant(text, field)

    def mended(found: re.Match[str]) -> str:
        field = found[1].rpartition(".")[2]
        label = words.inside(str(named(field)))
        if found[2] is None:
            return label
        was, now = (ONE_OF_MANY.sub(lambda one: plain(one[0], field), text) for text in found.groups()[1:])
        return f"{label} dari “{was}” menjadi “{now}”"

    return FIELD.sub(mended, sentence)


def in_names(entry: dict[str, Any], sentence: str, names: dict[str, Any], officers: dict[str, str]) -> str:
    """The sentence of an entry with names in place of an unnamed officer, of the numbers of records and of the codes of
    villages, which say little to anybody; and first, of whom it is, when another record than that of the page tells it."""
    if (unnamed := UNNAMED.get(entry["topic"])) and (officer := officers.get(entry["officer"] or "")):
        sentence = sentence.replace(unnamed, officer, 1)
    said = ID.sub(lambda found: str(names.get(found[0]) or "lain"), fields_named(sentence))
    said = VILLAGE.sub(lambda found: territory.name(found[0]), said)
    whose = names.get(entry["stream"]) if entry.get("place") else None
    return f"{whose}: {said}" if whose else said


def remembered(value: Any, field: str) -> str:
    """A value that a record remembers of a field, in words; a village by its name, beside the code that the log holds."""
    text = str(value)
    if VILLAGE.fullmatch(text) and (name := territory.name(text)) != text:
        return f"{name} ({text})"
    return words.plainly(value, field)


def facts(values: Mapping[str, Any]) -> Markup:
    """What a record remembers, whatever its shape, as HTML: lists of names and values, codes in the words of their lists.
    No template writes it: the list of villages has two thousand values, which would take it 20 ms."""
    return Markup(_facts(values, {}))  # noqa: S704 # nosec B704 - every name and value in it is escaped


def _facts(values: Mapping[str, Any], known: dict[Any, str]) -> str:
    for name in values:
        if name not in known:
            known[name] = escape(named(name))
    rows = "".join(f"<dt>{known[name]}</dt><dd>{_value(one, name, known)}</dd>" for name, one in values.items())
    return f"<dl>{rows}</dl>"


def _value(value: Any, field: str, known: dict[Any, str]) -> str:
    if isinstance(value, Mapping):
        if len(value) == 1 and value.get("part"):
            sealed = gettext("tersegel")
            return escape(f"[{sealed}]")
        return _facts(value, known) if value else words.NOTHING
    if isinstance(value, list | tuple):
        rows = "".join(f"<li>{_value(one, field, known)}</li>" for one in value)
        return f"<ul>{rows}</ul>" if rows else words.NOTHING
    told = field, type(value), value  # True is 1 otherwise
    if told not in known:
        known[told] = escape(remembered(value, field))
    return known[told]


def link(noun: str, id: str | None) -> str | None:
    """The page of a record at the moment of this page; ``None`` when none shows it."""
    endpoint = PAGES.get(noun, "")
    return address(endpoint, id=id) if id and f"pages.{endpoint}" in current_app.view_functions else None


def alike(shown: dict[str, Any], beneficiary: str) -> int:
    """How many other records may be the same person today, for whoever may search for them and sees her in full."""
    asked = shown["sight"] == "full" and shown["tier"] in (1, 2) and may("search.people")
    if not asked or moment.past() or moment.emergency():
        return 0
    told = ask.maybe(f"/people/{beneficiary}/alike")
    return (told.data["count"] or 0) if told.fine else 0
