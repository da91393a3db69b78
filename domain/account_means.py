"""The means of signing in to an account: its password, its tokens, its second factor, its link to an identity provider.

No event holds a secret, nor anything a secret could be guessed from. The service does what an event says at the same
moment, so none of them is ever corrected or retracted. Who may still sign in is not read from here but from the tables
that hold the hashes; the events say what became of them, and by whom.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec

from domain.account_devices import Carrying
from domain.account_state import Grant
from domain.aggregate import Event
from domain.refusals import Refused

#: By whom a means was changed: the holder, a reset that two others decided, or the operator at the machine.
BY_HOLDER, BY_RESET, BY_OPERATOR = "own", "reset", "operator"
PASSWORD, SECOND_FACTOR = "password", "second_factor"
MEANS = (PASSWORD, SECOND_FACTOR)

#: Who sees beyond a case, decides for others, or holds the keys of the house signs in with two factors.
TWO_FACTORS = frozenset({"supervisor", "kepala_dinas", "auditor", "admin", "dpo"})


class SecondFactorIsMandatory(Refused):
    RULE = "second_factor_is_mandatory"
    SENTENCE = "Peran akun ini mewajibkan faktor kedua; pasang yang baru sebagai penggantinya."


class NoSecondFactor(Refused):
    RULE = "no_second_factor"
    SENTENCE = "Akun ini belum memasang faktor kedua."


class NoSuchReset(Refused):
    RULE = "no_such_reset"
    SENTENCE = "Penyetelan ulang ini tidak ada, belum disetujui, atau sudah selesai."


class AlreadyLinked(Refused):
    RULE = "identity_already_linked"
    SENTENCE = "Akun ini sudah tertaut dengan identitas itu."


class NotLinked(Refused):
    RULE = "identity_not_linked"
    SENTENCE = "Akun ini tidak tertaut dengan identitas itu."


def needs_two_factors(grants: Iterable[Grant]) -> bool:
    """Whether a role among the grants may be used only after signing in with two factors."""
    return any(grant.role in TWO_FACTORS for grant in grants)


class Signing(Carrying):
    """The part of an account that says by what means its holder signs in."""

    class PasswordSet(Event):
        """A password was set; every session of the account was ended."""

        TOPIC = "account.password_set"
        CONFLICTS = frozenset()
        WITNESSED = True
        how: str  # own, reset, operator
        reset: str | None = None

        def apply(self, account: Any) -> None:
            _done(account, self)

    class TokenIssued(Event):
        """A bearer token was issued for some actions, ``read`` and ``all`` standing for groups of them."""

        TOPIC = "account.token_issued"
        CONFLICTS = frozenset()
        WITNESSED = True
        token: str
        label: str
        actions: tuple[str, ...]
        how: str  # own, operator
        until: date

        def apply(self, account: Any) -> None:
            account.tokens[self.token] = self.until

    class TokenRevoked(Event):
        """A token was made worthless before its time."""

        TOPIC = "account.token_revoked"
        CONFLICTS = frozenset()
        WITNESSED = True
        token: str
        how: str  # own, reset, operator

        def apply(self, account: Any) -> None:
            account.tokens.pop(self.token, None)

    class SecondFactorEnrolled(Event):
        """An authenticator was enrolled, in place of one before it; recovery codes were made."""

        TOPIC = "account.second_factor_enrolled"
        CONFLICTS = frozenset()
        WITNESSED = True
        kind: str  # totp
        how: str  # own, operator

        def apply(self, account: Any) -> None:
            account.second_factor = True

    class SecondFactorRemoved(Event):
        """The authenticator and the recovery codes count no longer."""

        TOPIC = "account.second_factor_removed"
        CONFLICTS = frozenset()
        WITNESSED = True
        how: str  # own, reset, operator
        reset: str | None = None

        def apply(self, account: Any) -> None:
            account.second_factor = False
            _done(account, self)

    class RecoveryCodesRenewed(Event):
        """New recovery codes were made; those before count no longer."""

        TOPIC = "account.recovery_codes_renewed"
        CONFLICTS = frozenset()
        WITNESSED = True
        number: int

    class IdentityLinked(Event):
        """The account may be signed in to as ``subject`` of the identity provider ``issuer``."""

        TOPIC = "account.identity_linked"
        CONFLICTS = frozenset()
        WITNESSED = True
        issuer: str
        subject: str

        def apply(self, account: Any) -> None:
            account.linked.add((self.issuer, self.subject))

    class IdentityUnlinked(Event):
        """The identity provider's word counts no longer for this account."""

        TOPIC = "account.identity_unlinked"
        CONFLICTS = frozenset()
        WITNESSED = True
        issuer: str
        subject: str

        def apply(self, account: Any) -> None:
            account.linked.discard((self.issuer, self.subject))

    def set_password(self, *, on: date, how: str, reset: str | None = None) -> None:
        """Record that a password was set: by the holder, by an approved reset, or by the operator.

        A reset takes every token and every device with it: whoever had the account may have made them. A holder who
        changes the password keeps both, they are listed. Raises `AccountIsClosed`, `NoSuchReset`.
        """
        self._must_be_open()
        self._approved(how, reset, PASSWORD)
        self.trigger(self.PasswordSet, on=on, how=how, reset=reset)
        if how == BY_RESET:
            for token in list(self.tokens):
                self.trigger(self.TokenRevoked, on=on, token=token, how=how)
            self.revoke_devices(on=on, how=how)

    def issue_token(self, *, on: date, token: str, label: str, actions: tuple[str, ...], how: str, until: date) -> None:
        """Record that a token was issued, good until a last day. Raises `AccountIsClosed`."""
        self._must_be_open()
        self.trigger(self.TokenIssued, on=on, token=token, label=label, actions=actions, how=how, until=until)

    def revoke_token(self, *, on: date, token: str, how: str) -> None:
        """Record that a token was made worthless, also on a closed account."""
        self.trigger(self.TokenRevoked, on=on, token=token, how=how)

    def enrol_second_factor(self, *, on: date, kind: str, how: str) -> None:
        """Record that an authenticator was enrolled. Raises `AccountIsClosed`."""
        self._must_be_open()
        self.trigger(self.SecondFactorEnrolled, on=on, kind=kind, how=how)

    def remove_second_factor(self, *, on: date, how: str, reset: str | None = None) -> None:
        """Record that the account has no second factor any more.

        Raises `AccountIsClosed`, `NoSecondFactor`, `NoSuchReset`, or `SecondFactorIsMandatory` for a holder whose role
        demands one.
        """
        self._must_be_open()
        if not self.second_factor:
            raise NoSecondFactor
        if how == BY_HOLDER and needs_two_factors(self.grants_on(on)):
            raise SecondFactorIsMandatory
        self._approved(how, reset, SECOND_FACTOR)
        self.trigger(self.SecondFactorRemoved, on=on, how=how, reset=reset)

    def renew_recovery_codes(self, *, on: date, number: int) -> None:
        """Record that there are ``number`` new recovery codes. Raises `AccountIsClosed`, `NoSecondFactor`."""
        self._must_be_open()
        if not self.second_factor:
            raise NoSecondFactor
        self.trigger(self.RecoveryCodesRenewed, on=on, number=number)

    def link_identity(self, *, on: date, issuer: str, subject: str) -> None:
        """Let an identity provider's word count for this account. The caller reserves issuer and subject for it.

        Raises `AccountIsClosed`, `AlreadyLinked`.
        """
        self._must_be_open()
        if (issuer, subject) in self.linked:
            raise AlreadyLinked
        self.trigger(self.IdentityLinked, on=on, issuer=issuer, subject=subject)

    def unlink_identity(self, *, on: date, issuer: str, subject: str) -> None:
        """Take that back. Raises `NotLinked`."""
        if (issuer, subject) not in self.linked:
            raise NotLinked
        self.trigger(self.IdentityUnlinked, on=on, issuer=issuer, subject=subject)

    def grants_on(self, day: date) -> tuple[Grant, ...]:
        """The grants in force on a day, in the order they were given."""
        if self.closed_on is not None and day >= self.closed_on:
            return ()
        return tuple(
            grant
            for grant in self.grants.values()
            if day >= grant.valid_from
            and (grant.valid_until is None or day <= grant.valid_until)
            and (grant.id not in self.revoked or day < self.revoked[grant.id])
        )

    def _approved(self, how: str, reset: str | None, means: str) -> None:
        if how != BY_RESET:
            return
        found = self.resets.get(reset or "")
        if found is None or found.means != means or not found.approver or found.done:
            raise NoSuchReset


def _done(account: Any, event: Any) -> None:
    found = account.resets.get(event.reset)
    if found is not None:
        account.resets[event.reset] = msgspec.structs.replace(found, done=True, version=event.version)
