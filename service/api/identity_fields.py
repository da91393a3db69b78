"""The identity of a person, family or community as it is sent and sealed: one object, one encrypted part."""

from datetime import date
from typing import Any

import marshmallow as ma

from domain.nik import FEMALE, MALE, read_kk, read_nik
from domain.ppks import age_on
from service.api import fields
from service.api.field_sentences import SOMEBODY


class IdentitySchema(fields.Schema):
    """Everything is optional but something must be said: many come without a NIK, some without a name.

    A NIK is text and is kept as it was written: what is wrong with it is noted as findings, never refused.
    """

    name = fields.text()
    alias = fields.text()
    nik = fields.text(40)
    kk = fields.text(40)
    sex = fields.code((MALE, FEMALE))
    birth_date = fields.day()
    birth_year = fields.whole(1880, 2200)
    birth_place = fields.text()
    mother = fields.text()
    father = fields.text()
    head = fields.text(metadata={"description": "The head of a family, or who speaks for a community"})
    phone = fields.text(40)
    address = fields.text(500)
    description = fields.text(2000, metadata={"description": "What an unknown person is recognised by"})

    @ma.validates_schema
    def says_something(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ma.ValidationError(SOMEBODY)
        born, year = data.get("birth_date"), data.get("birth_year")
        if born and year and born.year != year:
            raise ma.ValidationError({"birth_year": ["Berbeda dari tanggal lahir."]})


def identity(**options: Any) -> Any:
    """The sealed field that holds an identity."""
    options = {"error_messages": {"required": SOMEBODY}, **options}  # a form leaves out what was left empty
    return fields.sealed(ma.fields.Nested(IdentitySchema, **options))


def checked(value: Any, today: date) -> dict[str, Any]:
    """An identity that came outside its own routes, as JSON values. Raises ``ValidationError``."""
    if not isinstance(value, dict):
        raise ma.ValidationError({"identity": ["Bukan keterangan identitas."]})
    try:
        _must_be_born(IdentitySchema().load(value), today)
    except ma.ValidationError as error:
        raise ma.ValidationError({"identity": error.messages}) from None
    return value


def _must_be_born(identity: dict[str, Any], today: date) -> None:
    born, year = identity.get("birth_date"), identity.get("birth_year")
    if born and born > today:
        raise ma.ValidationError({"birth_date": ["Tanggal lahir tidak boleh sesudah hari ini."]})
    if year and year > today.year:
        raise ma.ValidationError({"birth_year": ["Tahun lahir tidak boleh sesudah tahun ini."]})


def must_be_born(identity: dict[str, Any], today: date) -> None:
    """Refuse a birth after ``today``, which is a slip in any form. Raises ``ValidationError``."""
    try:
        _must_be_born(identity, today)
    except ma.ValidationError as refusal:
        raise ma.ValidationError({"identity": refusal.messages}) from None


def nik_findings(identity: dict[str, Any], today: date) -> tuple[str, ...]:
    """What is odd about the NIK and the KK number, as codes of `domain.nik.FINDINGS`."""
    found: list[str] = []
    if identity.get("nik"):
        reading = read_nik(identity["nik"], today=today, birth_date=identity.get("birth_date"), sex=identity.get("sex"))
        found += reading.findings
    if identity.get("kk"):
        found += read_kk(identity["kk"], today=today)
    return tuple(found)


def age_and_sex(identity: dict[str, Any], day: date) -> tuple[int | None, str | None]:
    """The completed years on a day and the sex of an opened identity; the NIK's word only where nothing was stated.

    With the year of birth alone the age is what it is at the end of that year.
    """

    born = date.fromisoformat(identity["birth_date"]) if identity.get("birth_date") else None
    sex = identity.get("sex")
    if (born is None or sex is None) and identity.get("nik"):
        reading = read_nik(identity["nik"], today=day)
        sex = sex or reading.sex
        if born is None and not identity.get("birth_year"):
            born = reading.birth_date
    if born is not None:
        return age_on(born, day), sex
    year = identity.get("birth_year")
    return (day.year - year if isinstance(year, int) else None), sex
