"""What stands in the open is judged: for every event, what its open fields tell of a person, and why they must."""

from domain.field_classes import events
from tests.house.revealed import MODEL, open_fields, reasons, table


def test_every_event_and_no_other_has_a_reason() -> None:
    topics = [row["topic"] for row in reasons()]
    assert topics == sorted(set(topics))
    assert set(events()) - set(topics) == set(), (
        "say in docs/security/open-fields.csv what these tell, and why they must"
    )
    assert set(topics) - set(events()) == set()
    assert all(row["tells"].strip() and row["why"].strip() for row in reasons())


def test_a_reason_was_given_for_the_open_fields_that_there_are() -> None:
    given = {row["topic"]: row["fields"].split() for row in reasons()}
    wrong = {topic: fields for topic, fields in open_fields().items() if topic in given and given[topic] != fields}
    assert wrong == {}, (
        "a field was opened, closed or renamed: judge it, then write it down in docs/security/open-fields.csv"
    )


def test_the_table_names_every_event_with_its_open_fields() -> None:
    rows = table()
    assert all(row.count("|") == 4 for row in rows)
    text = "\n".join(rows)
    assert [topic for topic in events() if f"`{topic}`" not in text] == []
    assert "`spm_service*`" in text, "what is sealed for a strictly restricted person is marked"
    assert "\n".join(rows) in MODEL.read_text("utf-8")
