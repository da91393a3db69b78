"""Forms made from the schemas of commands: each field once, with its list, what was typed and what was wrong with it."""

import functools
import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import marshmallow as ma
import msgspec
from flask import current_app
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict

from domain.ppks import SUBTYPES
from service.api.current import office
from service.api.fields import LINE
from service.api.taken import list_of, listing
from service.web import labels, territory, words
from service.web.spoken import language, said, sentence

BLANK_ROWS = 2
MOST_ROWS = 40
FEW = 20  # options that need no groups
#: Fields with hundreds of codes, of which several are chosen in one box.
LONG = frozenset({"villages", "codes", "areas", "catchment"})
#: What codes mean that stand in no list.
MEANINGS = {
    "L": "Laki-laki",
    "P": "Perempuan",
    "person": "Orang",
    "family": "Keluarga",
    "community": "Komunitas",
    "password": "Kata sandi",
    "second_factor": "Faktor kedua",
    "desa": "Desa",
    "kelurahan": "Kelurahan",
    **SUBTYPES,
}


class Field(msgspec.Struct):
    """One field of a form. ``kind`` is text, long, day, whole, flag, choice, many, lines, group or rows, and ``sent`` the
    kind of what is sent of it; ``inner`` are the fields of a group, or of each of its rows. A ``number`` is that of a
    record, which nobody types; a ``hint`` says what to write; ``of`` are the kinds of those whom it is asked of; the rows
    beyond the ``unfolded`` ones are empty."""

    name: str
    label: Any
    kind: str
    value: Any = ""
    required: bool = False
    options: Sequence[tuple[str, ...]] = ()
    errors: list[str] = []
    inner: list[list["Field"]] = []
    group: str = ""
    sent: str = "text"
    number: bool = False
    hint: str = ""
    rows: int = 2
    of: str = ""
    keyboard: str = ""
    unfolded: int = BLANK_ROWS

    @property
    def element(self) -> str:
        """Its id in the page."""
        return "f-" + self.name.replace(".", "-")


def fields_of(
    command: str,
    schema: ma.Schema,
    given: Mapping[str, Any],
    errors: Mapping[str, Any] | None = None,
    *,
    prefix: str = "",
    only: Iterable[str] = (),
    without: Iterable[str] = (),
) -> list[Field]:
    """The fields of a schema with the values ``given`` and the API's ``errors``, by the schema's own names."""
    wanted, left_out = tuple(only), {*labels.UNSHOWN, *without}
    found = []
    for name, field in schema.fields.items():
        if name in left_out or (wanted and name not in wanted) or field.dump_only:
            continue
        told = (errors or {}).get(name)
        one = field_of(command, f"{prefix}{name}", name, field, given.get(name), told)
        one.hint = _said(labels.HINTS, command, one.name, name)
        found.append(one)
    order = {name: place for place, name in enumerate(wanted)}

    def place(one: Field) -> tuple[int, int, bool]:
        # The day is mostly today: after what must be filled in, before what may be.
        need = 0 if one.required else 1 if one.name == "on" else 2
        return order.get(one.name.rpartition(".")[2], 0), need, one.kind in ("group", "rows")

    return sorted(found, key=place)


def field_of(command: str, name: str, short: str, field: ma.fields.Field[Any], value: Any, errors: Any) -> Field:
    """One field of a schema, called ``name`` in the form and ``short`` in the schema."""
    kind = _kind(field)
    made = Field(name, label_of(command, name, short), kind, required=field.required, sent=kind)
    inner = field.inner if isinstance(field, ma.fields.List) else field
    made.rows = 5 if short in labels.STORIES else 2
    made.keyboard = labels.KEYBOARDS.get(short.rpartition(".")[2], "")
    made.number = inner.metadata.get("format") == "uuid"
    if isinstance(inner, ma.fields.Nested):
        many = isinstance(field, ma.fields.List)
        told = errors if isinstance(errors, dict) else {}
        if many:
            rows = list(value or [])
            held = [at for at, row in enumerate(rows, 1) if row or str(at - 1) in told]
            blank = labels.BLANKS.get(f"{command}.{short}", BLANK_ROWS)
            made.unfolded = max([blank, *held])
            rows += [{}] * (1 if rows else blank)
            made.inner = [
                fields_of(command, inner.schema, row, told.get(str(at)), prefix=f"{name}.{at}.")
                for at, row in enumerate(rows[:MOST_ROWS])
            ]
            for row in made.inner:  # a row that is left empty is not sent
                for one in row:
                    one.required = False
        else:
            made.inner = [fields_of(command, inner.schema, value or {}, told, prefix=f"{name}.")]
            if short == "identity":
                for one in made.inner[0]:
                    one.of = labels.OF.get(one.name.rpartition(".")[2], "")
        whole = [one for one in told.values() if isinstance(one, dict)] if many else [told]
        errors = errors if isinstance(errors, list) else [one.get("_schema") for one in whole]
    else:
        made.options = options_of(command, name, short, inner)
        if made.options and made.kind in ("text", "lines", "whole") and short != "kecamatan":  # or a new one
            made.kind = "many" if made.kind == "lines" and short not in LONG else "choice"
        made.value = value if value is not None else ([] if made.kind == "many" else "")
        if name == "village" and made.required and not made.value and len(made.options) == 1:
            made.value = made.options[0][0]
    made.errors = sentences(errors)
    return made


def written(one: Field) -> Markup:
    """A field as HTML. A blank one is the same for everybody and is written once; what somebody typed is kept nowhere."""
    return _blank(language(), msgspec.json.encode(one, enc_hook=str)) if _is_blank(one) else _html(one)


def _is_blank(one: Field) -> bool:
    typed = one.errors or (one.value and one.kind != "pick")  # a pick holds the name of a list
    return not typed and all(_is_blank(each) for row in one.inner for each in row)


@functools.lru_cache(maxsize=1024)
def _blank(_language: str, field: bytes) -> Markup:
    return _html(msgspec.json.decode(field, type=Field))


def _html(one: Field) -> Markup:
    parts: Any = current_app.jinja_env.get_template("fields.html").module
    return Markup(parts.field(one))  # noqa: S704 # nosec B704 - written by a template, which escapes every value


def written_options(listed: Iterable[tuple[Any, ...]], chosen: Any) -> Markup:
    """The options of a choice as HTML. There may be hundreds, so no template writes them one by one; many that have groups
    are listed by them."""
    written = _options(tuple(tuple(map(str, one)) for one in listed))
    for value in filter(None, map(str, chosen if isinstance(chosen, list) else [chosen])):
        marked = f'value="{escape(value)}"'
        written = written.replace(f"<option {marked}>", f"<option {marked} selected>", 1)
    return Markup(written)  # noqa: S704 # nosec B704 - every value in it is escaped


@functools.lru_cache(maxsize=256)
def _options(listed: tuple[tuple[str, ...], ...]) -> str:
    grouped = itertools.groupby(listed, key=lambda one: one[2] if len(one) > 2 and len(listed) > FEW else "")
    return "".join(
        f'<optgroup label="{escape(group)}">{options}</optgroup>' if group else options
        for group, options in ((group, "".join(map(_option, some))) for group, some in grouped)
    )


def _option(one: tuple[str, ...]) -> str:
    return f'<option value="{escape(one[0])}">{escape(one[1])}</option>'


def label_of(command: str, name: str, short: str) -> str:
    """What a field is called: in this command, of this noun, inside this field, or everywhere."""
    return _said(labels.LABELS, command, name, short) or words.title(short)


def _said(table: Mapping[str, Any], command: str, name: str, short: str) -> str:
    within = ".".join([part for part in name.split(".") if not part.isdecimal()][-2:])
    return _spoken(language(), table is labels.HINTS, command, within, short)


@functools.lru_cache(maxsize=4096)
def _spoken(_language: str, hint: bool, command: str, within: str, short: str) -> str:
    table = labels.HINTS if hint else labels.LABELS
    keys = (f"{command}.{within}", f"{command}.{short}", f"{command.partition('.')[0]}.{short}", within, short)
    for key in keys:
        if key in table:
            return str(table[key])
    return ""


@functools.lru_cache(maxsize=2048)
def _kind(field: ma.fields.Field[Any]) -> str:
    if isinstance(field, ma.fields.List):
        return "rows" if isinstance(field.inner, ma.fields.Nested) else "lines"
    if isinstance(field, ma.fields.Nested):
        return "group"
    if isinstance(field, ma.fields.Date):
        return "day"
    if isinstance(field, ma.fields.Integer):
        return "whole"
    if isinstance(field, ma.fields.Boolean):
        return "flag"
    rules = field.validate if isinstance(field.validate, list | tuple) else [field.validate]
    lengths = (rule.max or 0 for rule in rules if isinstance(rule, ma.validate.Length))
    return "long" if max(lengths, default=0) > LINE else "text"


def options_of(command: str, name: str, short: str, field: ma.fields.Field[Any]) -> Sequence[tuple[str, ...]]:
    """The codes that a field takes today, each with its meaning. Not to be changed: they are kept."""
    if (listed := territory.offered(command, name)) is not None:
        return listed
    return _listed(language(), office().today(), command, short, field)


@functools.lru_cache(maxsize=2048)
def _listed(
    _language: str, _today: date, command: str, name: str, field: ma.fields.Field[Any]
) -> list[tuple[str, str]]:
    if name == "tier":
        return [(str(tier), words.TIERS[tier]) for tier in words.TIERS]
    if of_field := listing(command, name):
        return words.options(of_field)
    rule = field.validate
    if not isinstance(rule, ma.validate.OneOf):
        return []
    codes = frozenset(str(code) for code in rule.choices)
    if listed := list_of(codes):
        return words.options(listed)
    return [(code, said(MEANINGS[code]) if code in MEANINGS else words.word(code)) for code in sorted(codes)]


def sentences(errors: Any) -> list[str]:
    """What the API's ``errors`` say, in the language of the page."""
    if isinstance(errors, dict):
        errors = list(errors.values())
    if isinstance(errors, list | tuple):
        return [told for one in errors for told in sentences(one)]
    return [sentence(errors)] if errors else []


def sendable(body: dict[str, Any]) -> dict[str, Any]:
    """The body as it is sent: the kind of a paper is typed as words and kept as a code."""
    papers = [
        {**one, "kind": "_".join(one["kind"].lower().split())} if "kind" in one else one
        for one in body.get("evidence", ())
    ]
    return {**body, "evidence": papers} if papers else body


def body_of(schema: ma.Schema, form: MultiDict[str, str], prefix: str = "") -> dict[str, Any]:
    """What was typed, as the body of a command: what was left empty is left out."""
    found: dict[str, Any] = {}
    for name, field in schema.fields.items():
        if field.dump_only or name in labels.UNSHOWN:
            continue
        value = value_of(field, form, f"{prefix}{name}")
        if value not in (None, "", [], {}):
            found[name] = value
        elif isinstance(field, ma.fields.Boolean) and field.required:
            found[name] = False
    return found


def value_of(field: ma.fields.Field[Any], form: MultiDict[str, str], name: str) -> Any:
    """What was typed into the field that a form calls ``name``; nothing that counts when it was left empty."""
    kind = _kind(field)
    if kind == "rows":
        assert isinstance(field, ma.fields.List)
        rows = [body_of(field.inner.schema, form, f"{name}.{at}.") for at in range(MOST_ROWS)]  # type: ignore[attr-defined]
        return [row for row in rows if any(value is not False for value in row.values())]
    if kind == "group":
        return body_of(field.schema, form, f"{name}.")  # type: ignore[attr-defined]
    if kind == "flag":
        return True if form.get(name) else None
    if kind == "lines":
        return [line.strip() for value in form.getlist(name) for line in value.splitlines() if line.strip()]
    text = (form.get(name) or "").strip()
    if kind == "whole":
        digits = text.replace(".", "").replace(" ", "")
        return int(digits) if digits.isdecimal() and len(digits) < 16 else text
    return text.replace("\r\n", "\n")
