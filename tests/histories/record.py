"""Records a history for a release: every topic, once with every field filled and once with only what must be there.

    python -m tests.histories.record 0.1.0

Run it once, when a version is released, and never again for that version: the file is replayed for ever.
"""

import hashlib
import sys
import types
import typing
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

import domain  # noqa: F401 - registers every event
from domain.aggregate import ENVELOPE, Event
from domain.field_classes import events as defined
from domain.sealed import Evidence, PartRef
from service.log.codec import canonical

HERE = Path(__file__).parent
DAY = date(2026, 11, 23)
SHAPED = {"month": "2019-07", "code": "75.01.02.2011", "moved_from": "75.01.02.2011"}  # texts of a form of their own
_UNIONS = (types.UnionType, typing.Union)


def _id(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012d}"


def sample(hint: Any) -> Any:
    """A value of a type, the same every time."""
    origin = get_origin(hint)
    if origin in _UNIONS:
        return sample(next(one for one in get_args(hint) if one is not type(None)))
    if origin is tuple:
        return (sample(get_args(hint)[0]),)
    if origin is dict:
        return {"on": "2026-11-22"}
    if hint is Any:
        return "x"
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        hints = get_type_hints(hint)
        return hint(**{name: sample(hints[name]) for name in hint.__struct_fields__})
    return {str: "kode", int: 1, bool: True, date: DAY}[hint]


def _event(event_class: type[Event], stream: str, version: int, position: int, filled: bool) -> Event:
    hints = get_type_hints(event_class)
    required = set(event_class.__struct_fields__) - {
        name
        for name, default in zip(
            reversed(event_class.__struct_fields__), reversed(event_class.__struct_defaults__), strict=False
        )
        if default is not msgspec.NODEFAULT
    }
    own = {
        name: SHAPED.get(name) or sample(hints[name])
        for name in event_class.__struct_fields__
        if name not in ENVELOPE and (filled or name in required)
    }
    envelope: dict[str, Any] = {}
    if filled:
        envelope = {
            "performed_by": _id(7), "village": "75.01.02.2011", "territory": "75.01/2025", "base": 1, "device": "hp-1",
            "device_time": "2026-11-23T01:02:03Z", "evidence": (sample(Evidence),), "parts": (sample(PartRef),),
            "corrects": _id(8),
        }  # fmt: skip
    return event_class(
        stream=stream, version=version, topic=event_class.TOPIC, schema=event_class.SCHEMA, on=DAY, id=_id(position),
        position=position, recorded="2026-11-23T04:05:06.000007Z", by=_id(9), post="Pekerja Sosial", command=_id(position),
        source="api", **envelope, **own,
    )  # fmt: skip


def events() -> Iterator[Event]:
    """A stream for each noun with all its topics, filled and bare; corrections and retractions end the first."""
    nouns: dict[str, list[type[Event]]] = {}
    for topic, event_class in defined().items():
        nouns.setdefault(topic.partition(".")[0], []).append(event_class)
    general = nouns.pop("record")
    nouns["beneficiary"] += nouns.pop("subject")  # stands in the stream of the person
    position = 0
    for number, (noun, classes) in enumerate(sorted(nouns.items()), 100):
        version = 0
        for filled in (True, False):
            for event_class in [*classes, *(general if noun == "kps" else [])]:
                version, position = version + 1, position + 1
                yield _event(event_class, _id(number), version, position, filled)


if __name__ == "__main__":
    path = HERE / f"{sys.argv[1]}.ndjson"
    if path.exists():
        sys.exit(f"{path.name} is recorded already and stays as it is")
    path.write_text("".join(canonical(event) + "\n" for event in events()), "utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with (HERE / "digests.txt").open("a") as digests:
        digests.write(f"{digest}  {path.name}\n")
    print(digest, path.name)
