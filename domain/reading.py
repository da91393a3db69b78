"""Readings: who opened something sealed about people of a protected tier, one event for each request or export.

UU 27/2022 makes a record of processing a duty (art. 31) and a breach notice must say whose data was seen (art. 46). A
reading lies in the same log as what it is about, so that it is under the same proof.
"""

from datetime import date

from domain.aggregate import Aggregate, Event

FIRST_PROTECTED_TIER = 2


class Reading(Aggregate):
    """One reading; its stream has one event."""

    NOUN = "reading"

    class Made(Event):
        """``subjects`` are the people of a protected tier of whom something was opened, ``opened`` the ids of the parts
        and files of theirs. ``resource`` is the route or command by which, without what was asked of it. ``at`` is the
        log position that the answer is true at (0: now). ``everything`` says that all that was sealed up to ``at`` was
        handed out; then nothing is listed."""

        TOPIC = "reading.made"
        resource: str
        subjects: tuple[str, ...] = ()
        opened: tuple[str, ...] = ()
        at: int = 0
        everything: bool = False
        emergency: str | None = None  # the access that was used

    @classmethod
    def make(
        cls,
        id: str,
        *,
        on: date,
        resource: str,
        subjects: tuple[str, ...] = (),
        opened: tuple[str, ...] = (),
        at: int = 0,
        everything: bool = False,
        emergency: str | None = None,
    ) -> "Reading":
        """Write down a reading."""
        reading = cls.blank(id)
        reading.trigger(
            cls.Made,
            on=on,
            resource=resource,
            subjects=subjects,
            opened=opened,
            at=at,
            everything=everything,
            emergency=emergency,
        )
        return reading
