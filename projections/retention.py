"""The office's archive schedule: every version of every class. Who is due is asked in `projections.retention_lists`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.retention import Retention
from projections.projection import Projection


@dataclass(slots=True)
class RetentionClassRow:
    """One version of one class; ``kinds`` are separated by commas, ``number`` counts the versions of a code."""

    key: str
    code: str = ""
    number: int = 0
    label: str = ""
    kinds: str = ""
    trigger_code: str = ""
    triggers: str = ""
    years: int = 0
    fate: str = ""
    fates: str = ""
    basis: str = ""
    valid_from: date | None = None


def _class_keys(event: Any) -> Iterable[str]:
    return (f"{event.code}:{event.number}",) if isinstance(event, Retention.ClassSet) else ()


retention_classes = Projection("retention_classes", row=RetentionClassRow, keys=_class_keys, indexes=[("code",)])


@retention_classes.on(Retention.ClassSet)
def class_set(row: RetentionClassRow, event: Retention.ClassSet) -> None:
    row.code, row.number, row.label, row.kinds = event.code, event.number, event.label, ",".join(event.kinds)
    row.trigger_code, row.triggers, row.years = event.trigger, event.triggers, event.years
    row.fate, row.fates, row.basis, row.valid_from = event.fate, event.fates, event.basis, event.on
