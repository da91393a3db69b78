"""Loading a body that is as it should be, without the ado that marshmallow makes for one that may not be.

Most bodies are right. For each field this asks the field's own validators, and where it is no plain text or number the
field's own reading, but keeps no account of errors. At the first doubt it gives up, and marshmallow loads from the start
and tells what is wrong. What it does load is what marshmallow would have.
"""

from collections.abc import Callable
from typing import Any

import marshmallow as ma

Loader = Callable[[Any], dict[str, Any]]
_Step = tuple[str, bool, Callable[[Any], Any], tuple[Callable[[Any], Any], ...]]
_ABSENT = object()


class Doubtful(Exception):
    """Only marshmallow can tell what this body comes to."""


def quick_loader(schema: ma.Schema) -> Loader | None:
    """A function that loads what ``schema`` would, or raises `Doubtful`; None for a schema that does more than its
    fields say. Field validators may raise ``ValidationError`` as well."""
    if schema._hooks and any(schema._hooks.values()):
        return None
    if schema.many or schema.partial is not None or schema.unknown != ma.RAISE or schema.dict_class is not dict:
        return None
    steps: list[_Step] = []
    for name, field in schema.load_fields.items():
        plain = field.load_default is ma.missing and field.data_key is None and field.attribute is None
        if not plain or field.pre_load or field.post_load or field.allow_none or "." in name:
            return None
        read = _reading(field)
        if read is None:
            return None
        steps.append((name, field.required, read, tuple(field.validators)))

    def load(data: Any) -> dict[str, Any]:
        if type(data) is not dict:
            raise Doubtful
        found: dict[str, Any] = {}
        for name, required, read, validators in steps:
            value = data.get(name, _ABSENT)
            if value is _ABSENT:
                if required:
                    raise Doubtful
                continue
            value = read(value)
            for validate in validators:
                validate(value)
            found[name] = value
        if len(found) != len(data):  # a field that the schema does not know
            raise Doubtful
        return found

    return load


def _exactly(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise Doubtful
        return value

    return read


def _reading(field: ma.fields.Field[Any]) -> Callable[[Any], Any] | None:
    kind = type(field)
    if kind is ma.fields.String:
        return _exactly(str)
    if kind is ma.fields.Integer and field.strict:  # type: ignore[attr-defined]  # it is one
        return _exactly(int)
    if kind is ma.fields.Nested:
        if field.many or field.unknown is not None:  # type: ignore[attr-defined]  # it is one
            return None
        return quick_loader(field.schema)  # type: ignore[attr-defined]  # it is one
    if kind is ma.fields.List:
        return _listed(field.inner)  # type: ignore[attr-defined]  # it is one

    def read(value: Any) -> Any:
        if value is None:
            raise Doubtful
        return field._deserialize(value, None, None)

    return read


def _listed(inner: ma.fields.Field[Any]) -> Callable[[Any], Any] | None:
    if inner.allow_none or inner.pre_load or inner.post_load:
        return None
    each, validators = _reading(inner), tuple(inner.validators)
    if each is None:
        return None

    def read(value: Any) -> Any:
        if type(value) is not list:
            raise Doubtful
        found = [each(one) for one in value]
        for one in found if validators else ():
            for validate in validators:
                validate(one)
        return found

    return read
