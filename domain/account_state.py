"""What an account remembers, and the refusals that several of its rules share.

How one signs in with an account, how that is set anew, and where its holder works without signal stand in modules of
their own (``account_means``, ``account_reset``, ``account_devices``); each is a base class of `domain.account.Account`.
"""

from datetime import date

import msgspec

from domain.aggregate import Aggregate
from domain.refusals import Refused


class AccountIsClosed(Refused):
    RULE = "account_is_closed"
    SENTENCE = "Akun ini sudah ditutup."


class Grant(msgspec.Struct, frozen=True):
    """One role held by an account: ``title`` is the post in words, ``areas`` are village or kecamatan codes (none: the
    whole kabupaten), ``valid_until`` is the last day (none: until revoked)."""

    id: str
    role: str
    title: str
    areas: tuple[str, ...]
    valid_from: date
    valid_until: date | None = None

    def covers(self, village: str | None) -> bool:
        """Whether a village lies in the areas. What lies in no village is covered by the whole kabupaten only."""
        return not self.areas or (village is not None and village.startswith(self.areas))


class Reset(msgspec.Struct, frozen=True):
    """A way of signing in that is to be set anew: ``means`` of `MEANS`, who asked and who approved (accounts), and the
    version of the last event about it."""

    means: str
    asker: str
    asked_on: date
    version: int
    approver: str = ""
    done: bool = False


class AccountState(Aggregate):
    """The empty state of an account and what may be asked of it."""

    def start(self) -> None:
        super().start()
        self.login = ""
        self.name = ""
        self.grants: dict[str, Grant] = {}
        self.revoked: dict[str, date] = {}  # the day from which a grant no longer holds
        self.closed_on: date | None = None
        self.tokens: dict[str, date] = {}  # tokens that were not revoked, and their last day
        self.second_factor = False
        self.linked: set[tuple[str, str]] = set()  # issuer and subject at an identity provider
        self.resets: dict[str, Reset] = {}

    @property
    def closed(self) -> bool:
        return self.closed_on is not None

    def _must_be_open(self) -> None:
        if self.closed_on is not None:
            raise AccountIsClosed
