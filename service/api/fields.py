"""The fields of request bodies, and how each class of field (open, sealed, open unless strict) is marked.

``sealed`` values go into the vault whoever is concerned; ``strict`` ones only for a person of the strictly restricted tier,
for whom a destination, a service or a reason would give the type away.
"""

import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from domain.villages import NotAVillageCode, village_code
from service.api import field_sentences
from service.api.loading import Doubtful, Loader, quick_loader
from service.log.ids import is_id

field_sentences.install()
SHORT = 200
LINE = 500  # the most that is written in one line, such as who somebody is or what is to be done
LONG = 8000
#: What shows nothing: spaces, signs that only tell how others are set, and marks that stand on no letter...
_UNSEEN = frozenset({"Cc", "Cf", "Me", "Mn", "Zl", "Zp", "Zs"})
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # ... and what Unicode counts among letters and symbols


class Schema(ma.Schema):
    """Unknown fields are refused everywhere."""

    _quick: Loader | bool | None = False  # not made yet

    class Meta:
        unknown = ma.RAISE

    def load(self, data: Any, **options: Any) -> Any:
        """What a body says. Raises ``ValidationError``."""
        if not options:
            quick = self._quick = quick_loader(self) if self._quick is False else self._quick
            with suppress(Doubtful, ma.ValidationError):
                if callable(quick):
                    return quick(data)
        return super().load(data, **options)


def _check_id(value: str) -> None:
    if not is_id(value):
        raise ma.ValidationError("Bukan nomor catatan.")


def _check_village(value: str) -> None:
    try:
        village_code(value)
    except NotAVillageCode as error:
        raise ma.ValidationError(error.sentence) from None


def _is_seen(sign: str) -> bool:
    return unicodedata.category(sign) not in _UNSEEN and sign not in _BLANK_LETTERS


def _check_recorded_text(value: str) -> None:
    if not any(map(_is_seen, value)):
        raise ma.ValidationError("Tidak boleh kosong.")


def _check_no_personal_number(value: str) -> None:
    # A NIK and a KK number have 16 digits; what stands in the open may be any number but these.
    if re.search(r"\d{16}", re.sub(r"[\s.-]", "", value)):
        raise ma.ValidationError("Nomor KTP atau KK tidak ditulis di sini, tetapi pada identitas warga.")


def identifier(**options: Any) -> fields.String:
    """A UUID in lower-case text; ids may be made by the client."""
    options.setdefault("metadata", {})["format"] = "uuid"
    return fields.String(validate=_check_id, **options)


def village(**options: Any) -> fields.String:
    """A Kemendagri village code."""
    options.setdefault("metadata", {})["pattern"] = r"^\d{2}\.\d{2}\.\d{2}\.[12]\d{3}$"
    return fields.String(validate=_check_village, **options)


def day(**options: Any) -> fields.Date:
    """A calendar date, ISO 8601."""
    return fields.Date(**options)


def text(longest: int = SHORT, **options: Any) -> fields.String:
    """Open text: institutional names and numbers only, never anything about a person in need."""
    return fields.String(validate=[validate.Length(min=1, max=longest), _check_recorded_text], **options)


def is_text(field: fields.Field[Any]) -> bool:
    """Whether a field is a `text`: whatever words it likes."""
    return isinstance(field.validate, list) and _check_recorded_text in field.validate


def code(choices: Iterable[str] | None = None, **options: Any) -> fields.String:
    """A code of a list. Lists that change by regulation are checked by the domain on the day in question."""
    pattern = validate.Regexp(r"\A[A-Za-z0-9_./-]{1,60}\Z", error="Tulis tanpa spasi: huruf, angka, dan garis bawah.")
    rule = validate.OneOf(sorted(choices)) if choices is not None else pattern
    return fields.String(validate=rule, **options)


def whole(least: int = 0, most: int = 10**12, **options: Any) -> fields.Integer:
    """A whole number: a count, rupiah, minutes."""
    return fields.Integer(strict=True, validate=validate.Range(least, most), **options)


def sealed(field: fields.Field[Any] | None = None, **options: Any) -> fields.Field[Any]:
    """Mark a field as personal; without one, a free text."""
    field = field or text(LONG, **options)
    field.metadata = {**field.metadata, "sealed": True}
    return field


def strict(field: fields.Field[Any]) -> fields.Field[Any]:
    """Mark a field as giving the type away: sealed when the subject is of the strict tier."""
    field.metadata = {**field.metadata, "strict": True}
    return field


class EvidenceSchema(Schema):
    """A paper behind a fact: its kind, and a number and date, an uploaded file, or both."""

    kind = code(required=True)
    number = fields.String(
        validate=[validate.Length(min=1, max=SHORT), _check_recorded_text, _check_no_personal_number]
    )
    dated = day()
    file = identifier()


class CommandSchema(Schema):
    """What every command may say about itself besides its own fields."""

    on = day(metadata={"description": "The day it happened in the field; today when left out"})
    performed_by = identifier(metadata={"description": "Account of the person who did it, when a clerk records it"})
    source = code(("form", "offline", "import", "api"))
    device = text(80)
    device_time = fields.AwareDateTime()


class EvidencedSchema(CommandSchema):
    """A command about something that a paper can prove."""

    evidence = fields.List(fields.Nested(EvidenceSchema), validate=validate.Length(max=20))


ENVELOPE_FIELDS = frozenset(EvidencedSchema().fields)
