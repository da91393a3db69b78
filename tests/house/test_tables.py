"""The generated tables are those of the code, and the field classes keep their promises."""

import pytest

import domain  # noqa: F401 - registers every event
from domain.aggregate import ENVELOPE, Event
from domain.field_classes import OPEN, derived, events, reviewed
from tests.house.tables import ROOT, TABLES

PERSONAL = (
    "name",
    "note",
    "narrative",
    "story",
    "address",
    "nik",
    "phone",
    "reason_text",
    "minutes",
    "contact",
    "title",
)
#: Open all the same: names of bodies, villages and officials in office, the name of a post, minutes as a number.
INSTITUTIONAL = {
    "account.opened.name",
    "account.role_granted.title",
    "case.visit_done.minutes",
    "indicator.defined.name",
    "wksbm.board_appointed.members[].name",
    "incident.declared.name",
    "kps.registered.name",
    "psks.registered.name",
    "territory.village_renamed.name",
    "wksbm.initiated.name",
}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_generated_table_is_that_of_the_code(name: str) -> None:
    written = (ROOT / name).read_text("utf-8")
    assert written == TABLES[name](), f"{name} is out of date: run make tables and review the difference"


def test_every_field_of_every_event_has_one_class() -> None:
    table = [(row.topic, row.field) for row in reviewed()]
    assert len(table) == len(set(table))
    assert reviewed() == derived()


def test_every_topic_is_a_noun_and_a_participle_and_fits_its_class() -> None:
    for topic, event in events().items():
        noun, _, participle = topic.partition(".")
        assert topic == event.TOPIC
        assert noun.isidentifier()
        assert participle.isidentifier()
        assert participle not in ("created", "updated", "changed", "deleted"), topic


def test_what_is_left_out_of_a_text_can_only_be_emptiness() -> None:
    for event in events().values():
        for default in event.__struct_defaults__:
            value = default.factory() if hasattr(default, "factory") else default
            assert not value or "NODEFAULT" in repr(value), (event, value)


def test_no_event_takes_a_name_of_the_envelope() -> None:
    for event in events().values():
        own = event.__struct_fields__[len(Event.__struct_fields__) :]
        assert not ENVELOPE & set(own), event


def test_what_sounds_personal_is_never_open() -> None:
    open_names = {
        f"{row.topic}.{row.field}"
        for row in reviewed()
        if row.field_class == OPEN and row.topic != "*" and row.field.rpartition(".")[2] in PERSONAL
    }
    assert (
        open_names
        - INSTITUTIONAL
        - {f"{topic}.villages[].name" for topic in events()}
        - {"territory.village_merged.into[].name"}
        == set()
    )
