"""Setting a means of signing in anew for somebody who lost it: one asks, another approves, and nobody for herself.

Whoever can set another's password can act as her. So it takes two who answer for it, neither of whom is the holder, and
she is told when she next signs in.
"""

from datetime import date, timedelta
from typing import Any

import msgspec

from domain.account_means import MEANS, NoSecondFactor, Signing
from domain.account_state import Reset
from domain.aggregate import Event
from domain.refusals import Refused

ASKED_FOR = timedelta(days=7)  # how long somebody may still approve what was asked for


class ResetForOneself(Refused):
    RULE = "reset_for_oneself"
    SENTENCE = "Penyetelan ulang akun sendiri harus diminta dan disetujui oleh dua orang lain."


class ResetNeedsAnother(Refused):
    RULE = "reset_needs_another"
    SENTENCE = "Yang meminta penyetelan ulang tidak dapat menyetujuinya sendiri."


class ResetNotOpen(Refused):
    RULE = "reset_not_open"
    SENTENCE = "Permintaan penyetelan ulang ini tidak ada, sudah diputuskan, atau lewat dari 7 hari."


class ResetTaken(Refused):
    RULE = "reset_taken"
    SENTENCE = "Nomor penyetelan ulang ini sudah dipakai pada akun ini."


class NotAMeans(Refused):
    RULE = "not_a_means"
    SENTENCE = "Yang dapat disetel ulang hanya kata sandi atau faktor kedua."


class Resetting(Signing):
    """The part of an account that says who set its means of signing in anew."""

    class ResetAsked(Event):
        """Somebody asked that the holder's password or second factor be set anew."""

        TOPIC = "account.reset_asked"
        CONFLICTS = frozenset()
        WITNESSED = True
        reset: str
        means: str  # password, second_factor
        asker: str  # account

        def apply(self, account: Any) -> None:
            account.resets[self.reset] = Reset(self.means, self.asker, self.on, self.version)

    class ResetApproved(Event):
        """Another one agreed; a code that works once was handed out for the holder."""

        TOPIC = "account.reset_approved"
        CONFLICTS = frozenset()
        WITNESSED = True
        reset: str
        approver: str  # account

        def apply(self, account: Any) -> None:
            found = account.resets.get(self.reset)
            if found is not None:
                account.resets[self.reset] = msgspec.structs.replace(
                    found, approver=self.approver, version=self.version
                )

    class ResetDeclined(Event):
        """It shall not be done: said by somebody who could have approved it, by the asker, or by the holder."""

        TOPIC = "account.reset_declined"
        CONFLICTS = frozenset()
        WITNESSED = True
        reset: str

        def apply(self, account: Any) -> None:
            found = account.resets.get(self.reset)
            if found is not None:
                account.resets[self.reset] = msgspec.structs.replace(found, done=True, version=self.version)

    def ask_reset(self, *, on: date, reset: str, means: str, by: str) -> None:
        """Ask that a means of signing in be set anew. Raises `AccountIsClosed`, `NotAMeans`, `ResetTaken`,
        `ResetForOneself`, or `NoSecondFactor` when there is none to take away."""
        self._must_be_open()
        if means not in MEANS:
            raise NotAMeans
        if reset in self.resets:
            raise ResetTaken
        if by == self.id:
            raise ResetForOneself
        if means == "second_factor" and not self.second_factor:
            raise NoSecondFactor
        self.trigger(self.ResetAsked, on=on, reset=reset, means=means, asker=by)

    def approve_reset(self, *, on: date, reset: str, by: str) -> None:
        """Agree to what another one asked for. Raises `AccountIsClosed`, `ResetNotOpen`, `ResetForOneself`,
        `ResetNeedsAnother`."""
        self._must_be_open()
        found = self.resets.get(reset)
        if found is None or found.approver or found.done or on > found.asked_on + ASKED_FOR:
            raise ResetNotOpen
        if by == self.id:
            raise ResetForOneself
        if by == found.asker:
            raise ResetNeedsAnother
        self.trigger(self.ResetApproved, on=on, reset=reset, approver=by)

    def decline_reset(self, *, on: date, reset: str) -> None:
        """End a reset that was asked for or approved and not yet used. Raises `ResetNotOpen`."""
        found = self.resets.get(reset)
        if found is None or found.done:
            raise ResetNotOpen
        self.trigger(self.ResetDeclined, on=on, reset=reset)
