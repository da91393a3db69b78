"""What the open part of every event tells of a person: the table in the threat model, from the events and the reasons."""

import csv
from pathlib import Path

import domain  # noqa: F401 - registers every event
from domain.field_classes import OPEN, SEALED, derived, events

ROOT = Path(__file__).resolve().parents[2]
REASONS = ROOT / "docs" / "security" / "open-fields.csv"
MODEL = ROOT / "docs" / "security" / "threat-model.md"
BEGIN, END = "<!-- made by make tables -->\n", "<!-- end of what make tables made -->\n"


def open_fields() -> dict[str, list[str]]:
    """The fields of each event besides the envelope that may stand in the open; ``*`` marks those that are sealed for a
    person of the strictly restricted tier."""
    found: dict[str, list[str]] = {topic: [] for topic in events()}
    for row in derived():
        if row.topic in found and row.field_class != SEALED:
            found[row.topic].append(row.field + ("" if row.field_class == OPEN else "*"))
    return found


def reasons() -> list[dict[str, str]]:
    """The reviewed reasons: topic, the open fields they were given for, what these tell of a person, and why they must."""
    return list(csv.DictReader(REASONS.read_text("utf-8").splitlines()))


def table() -> list[str]:
    """A row for each event, those of one noun together that tell the same for the same reason."""
    given = {row["topic"]: row for row in reasons()}
    rows: dict[tuple[str, ...], list[str]] = {}
    for topic, fields in open_fields().items():
        row = given.get(topic, {"tells": "**not judged yet**", "why": "**not judged yet**"})
        shown = ", ".join(f"`{field}`" for field in fields)
        key = topic.partition(".")[0], row["tells"], row["why"]
        rows.setdefault(key, []).append(f"`{topic}`" + (f": {shown}" if shown else ""))
    return [f"| {'<br>'.join(told)} | {tells} | {why} |" for (_, tells, why), told in rows.items()]


def model() -> str:
    """The threat model with its table made anew."""
    before, _, rest = MODEL.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    head = ["| event, and its open fields | what they tell of a person | why they must |", "|---|---|---|"]
    return before + BEGIN + "\n" + "\n".join([*head, *table()]) + "\n\n" + END + after
