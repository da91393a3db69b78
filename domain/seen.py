"""What whoever decides had seen of a record. Online it is all of it; offline it is what she had taken along, and what she
recorded herself on that device since. Two entries of which neither had seen the other were made side by side."""

from typing import Self

import msgspec

from domain.aggregate import Event


class Mark(msgspec.Struct, frozen=True):
    """One entry of a record: its version there, and on whose account and device it was made."""

    version: int
    by: str
    device: str | None

    @classmethod
    def of(cls, event: Event) -> Self:
        return cls(event.version, event.by, event.device)


class Seen(msgspec.Struct, frozen=True):
    """The eyes of whoever decides. ``base`` is the version of the record that was taken along; ``None`` is online."""

    by: str = ""
    device: str | None = None
    base: int | None = None

    @property
    def offline(self) -> bool:
        return self.base is not None

    def knew(self, mark: Mark | Event) -> bool:
        """Whether an entry was known to her, or is her own from the same device."""
        return self.base is None or mark.version <= self.base or (mark.by, mark.device) == (self.by, self.device)


ALL = Seen()
