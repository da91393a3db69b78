"""Every event is told in a sentence of its own, whatever of it may be seen."""

from datetime import date
from typing import Any, get_args, get_origin

import msgspec
import pytest

import domain  # noqa: F401 - registers every event
from domain.aggregate import ENVELOPE, EVENTS
from domain.sealed import Sealed
from projections.sentences import SENTENCES, tell
from projections.sentences.words import Told, day, joined, rupiah, written

OWN = sorted(topic for topic, event in EVENTS.items() if event.__module__.startswith("domain."))


def value_for(kind: Any, name: str) -> Any:
    """A value that fits a field, from its type."""
    words = str(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind is not Sealed:
        return {field.name: value_for(field.type, field.name) for field in msgspec.structs.fields(kind)}
    rows = [one for one in get_args(kind) if isinstance(one, type) and issubclass(one, msgspec.Struct)]
    if rows and get_origin(kind) is tuple:
        return [value_for(rows[0], name)]
    if "Sealed" in words:
        return {"part": "p1"}
    if "tuple" in words:
        return ["a", "b"]
    if "dict" in words:
        return {"on": "2026-01-05"}
    if "bool" in words:
        return True
    if "int" in words:
        return 3
    return "2019-07" if name == "month" else "2026-01-05" if "date" in words else f"<{name}>"


def full(topic: str, *, optional: bool = True) -> dict[str, Any]:
    """An event's own fields, all of them or only those it must have."""
    return {
        field.name: value_for(field.type, field.name)
        for field in msgspec.structs.fields(EVENTS[topic])
        if field.name not in ENVELOPE and (optional or field.required)
    }


@pytest.mark.parametrize("topic", OWN)
def test_every_event_has_a_sentence_of_its_own(topic: str) -> None:
    assert topic in SENTENCES
    fallback = tell(f"{topic.partition('.')[0]}.tidak_dikenal", {})
    for data in (full(topic, optional=False), full(topic)):
        told = tell(topic, data)
        assert told.endswith("."), told
        assert not any(slip in told for slip in ("dicatat (", "None", "{", "  ", " .")), told
        assert told != fallback


@pytest.mark.parametrize("topic", OWN)
def test_a_sentence_shows_sealed_words_only_to_who_may_see_them(topic: str) -> None:
    data = full(topic)
    sealed = [name for name, value in data.items() if isinstance(value, dict) and set(value) == {"part"}]
    secret = {"p1": dict.fromkeys(sealed, "RAHASIA")}
    assert "RAHASIA" not in tell(topic, data)
    if "RAHASIA" in tell(topic, data, secret):
        assert "[tersegel]" in tell(topic, data)
        assert "[dimusnahkan]" in tell(topic, data, {})


def test_an_unknown_topic_is_told_by_its_noun() -> None:
    assert tell("case.dreamt_of", {}) == "Peristiwa pada kasus dicatat (dreamt of)."
    assert tell("case", {}) == "Peristiwa pada kasus dicatat."


def test_a_field_of_another_shape_never_stops_the_telling() -> None:
    assert tell("record.corrected", {"changes": 7, "reason": "x"}).startswith("Peristiwa pada catatan")


def test_days_numbers_and_money_read_as_in_a_letter() -> None:
    assert day("2026-11-03") == day(date(2026, 11, 3)) == "3 November 2026"
    assert rupiah(1_250_000) == "Rp1.250.000"
    assert joined(["a"]) == "a"
    assert joined(["a", "b"]) == "a dan b"
    assert joined(["a", "b", "c"]) == "a, b, dan c"
    assert [written(value) for value in (None, True, 1200, "2026-01-02")] == ["", "ya", "1.200", "2 Januari 2026"]


def test_what_is_sealed_in_the_rows_of_a_list_is_opened_row_by_row() -> None:
    part = msgspec.to_builtins(Sealed("p1"))
    data = {"goals": [{"id": "g1", "title": part}, {"id": "g2", "title": part}]}
    opened = {"p1": {"goals": [{"title": "Makan"}, {"title": "Sekolah"}]}}
    assert [row["title"] for row in Told(data, opened).rows("goals")] == ["Makan", "Sekolah"]
    assert [row["title"] for row in Told(data).rows("goals")] == ["[tersegel]"] * 2
    assert [row["title"] for row in Told(data, {}).rows("goals")] == ["[dimusnahkan]"] * 2


def test_a_person_is_named_only_in_the_sentence_of_who_may_know() -> None:
    data = {"kind": "person", "channel": "desa", "channels": "ID-SALURAN-PENDAFTARAN-2019", "identity": {"part": "p1"}}
    opened = {"p1": {"identity": {"name": "Siti Rahma", "nik": "7501990000000001"}}}
    told = tell("beneficiary.registered", data, opened)
    assert told == "Siti Rahma didaftarkan sebagai PPKS (perorangan) lewat: Pemerintah desa/kelurahan."
    assert tell("beneficiary.registered", data).startswith("[tersegel] didaftarkan")
