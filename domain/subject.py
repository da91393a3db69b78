"""What the log says of a person whose keys were lawfully destroyed: that it happened, and which keys they were.

The event stands in the person's own stream. Its topic and its member ``keys`` are fixed by the format of the log: a
verifier accepts a missing part only when such an event lists its key.
"""

from typing import Any

from domain.aggregate import Aggregate, Event, register
from domain.refusals import Refused


def subject_of(record: Aggregate) -> str:
    """Whose data a record holds, by whose key and in whose trail: the beneficiary it is about, else the record itself."""
    return str(getattr(record, "beneficiary", None) or getattr(record, "subject", None) or record.id)


class SubjectDestroyed(Refused):
    RULE = "subject_destroyed"
    SENTENCE = "Data warga ini sudah dimusnahkan menurut berita acara; tidak ada yang dapat dicatat lagi tentangnya."


class SubjectClosed(Refused):
    """Not yet destroyed, and perhaps not at all: whoever is told this tries again later."""

    RULE = "subject_closed"
    SENTENCE = "Data warga ini sedang dalam proses pemusnahan; belum ada yang dicatat. Coba lagi nanti."


@register
class KeyDestroyed(Event):
    """``keys`` are the ids of all keys of the person but those of documents under hold, whose keys follow in an event of
    their own; ``destruction`` is the decision that they were destroyed by."""

    TOPIC = "subject.key_destroyed"
    CONFLICTS = frozenset[str]()
    keys: tuple[str, ...]
    destruction: str = ""

    def apply(self, aggregate: Any) -> None:
        aggregate.destroyed = True
        aggregate.keys_lost = getattr(aggregate, "keys_lost", frozenset()) | set(self.keys)
