"""Who is asking: from a password and a code, a session's secret or a token to an account with the grants it holds today.

Every request asks for the version of the account's stream, so that a revoked role or a closed account counts at once; the
account is read again only when it has changed.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from domain.account import Account, AccountIsClosed
from domain.account_means import NoSuchReset, needs_two_factors
from domain.refusals import NotFound
from projections.source import Head
from service import access_tokens, offline_devices, oidc_states, resets, second_factor, sessions, signin
from service.access_tokens import ALL, TokenLifetime, TokenRow
from service.casebook import Casebook
from service.log.database import Database
from service.log.keys import KeyStore
from service.means import LOGIN, Means
from service.reach import Principal
from service.sessions import Device, Holder
from service.signin import (
    Brake,
    Journal,
    LockedOut,
    SecondFactorNeeded,
    SecondFactorRefused,
    SignIn,
    SignInRefused,
    WeakPassword,
    address_prefix,
)

__all__ = [
    "LOGIN",
    "Asked",
    "Device",
    "Identity",
    "LockedOut",
    "Principal",
    "SecondFactorNeeded",
    "SecondFactorRefused",
    "SignIn",
    "SignInRefused",
    "TokenLifetime",
    "TokenRow",
    "WeakPassword",
    "create",
]

MOST_KNOWN = 1000  # accounts a process keeps as last read
APPEND_ONLY = ("sign_ins",)
STATE = (
    *("credentials", "sign_in_failures", "sessions", "access_tokens"),
    *("second_factors", "recovery_codes", "reset_codes", "resets_told", "oidc_states", "offline_devices"),
)
_NOTHING: frozenset[str] = frozenset()


class Asked(msgspec.Struct, frozen=True):
    """Who asks and by what right: ``device`` is the session's id in its owner's list, empty for a token; ``factor`` the
    second factor behind it. Whoever is still ``enrolling`` may do nothing but enrol one. ``head`` is then the log's end."""

    principal: Principal
    device: str
    factor: str
    enrolling: bool = False
    head: Head = Head()


def create(database: Database) -> None:
    """Make the tables of credentials, sessions, tokens and sign-ins, as the owner. Safe to run again."""
    for module in (signin, sessions, access_tokens, second_factor, resets, oidc_states, offline_devices):
        module.create_tables(database)


class Identity:
    """Signs people in and recognises them. `means` changes by what means they do.

    ``now`` gives RFC 3339 UTC text; ``key`` (any secret of the service) keys the hashes of logins that nobody has and of
    codes; ``timezone`` decides which calendar day it is for grants.
    """

    def __init__(
        self,
        database: Database,
        casebook: Casebook,
        keys: KeyStore,
        now: Callable[[], str],
        *,
        key: bytes,
        timezone: str = "Asia/Makassar",
    ) -> None:
        self._database = database
        self._log = casebook.log
        self.means = Means(database, casebook, keys, now, key, ZoneInfo(timezone))
        self._brake = Brake(database, key)
        self._journal = Journal(database)
        self._known: dict[str, tuple[int, Principal]] = {}  # as last read, used only at that version and on that day

    def account_of(self, login: str) -> str | None:
        """The account that holds a login, however it is capitalised."""
        name = login.strip().lower()
        if not (name.isascii() and name.isprintable()):
            return None
        rows = self._database.rows(
            "SELECT stream FROM reservations WHERE kind = :kind AND value = :value", kind=LOGIN, value=name
        )
        return str(rows[0][0]) if rows else None

    def sign_in(self, login: str, password: str, address: str, *, code: str = "", agent: str = "") -> str:
        """Check a password, and the second factor's code where there is one, and open a session; returns its secret.

        ``address`` is the client's IP address. Raises `SignInRefused`, with the same words whatever was wrong,
        `LockedOut`, and for who knows the password `SecondFactorNeeded` or `SecondFactorRefused`.
        """
        now, prefix, name = self.means.milliseconds(), address_prefix(address), login.strip().lower()
        account = self.account_of(name)
        subject = self._brake.subject(name, prefix)
        with self.means.passwords.turn():
            self._brake.count(subject, now)
            set_at = self.means.passwords.set_at(account)
            good = self.means.passwords.check(account, password)
        outcome, method, factor = self._outcome(account, good), "password", ""
        if outcome == "ok" and account and self.means.factors.enrolled(account):
            outcome, factor = self._second(account, code, now)
            method = f"password+{factor or 'reset'}" if outcome == "ok" else method
        with self._database.transaction():
            if outcome == "ok" and account and not self.means.passwords.unchanged(account, set_at):
                outcome = "wrong_password"  # it was set anew while this one was being checked
            self._note(name, account, outcome, method, prefix, now)
            if outcome == "ok" and account:
                self._brake.release(subject)
                self._brake.release(self._brake.factor(account))
                return self.means.sessions.begin(account, now, address=prefix, agent=agent, factor=factor)
        if outcome == "no_code":
            raise SecondFactorNeeded
        raise SecondFactorRefused if outcome == "wrong_code" else SignInRefused

    def _second(self, account: str, code: str, now: int) -> tuple[str, str]:
        if not code:
            return "no_code", ""
        self._brake.count(self._brake.factor(account), now)  # by account: see `Brake`
        factor = self.means.factors.check(account, code, now)
        if factor is None and not self.means.take_factor_reset(account, code):
            return "wrong_code", ""
        return "ok", factor or ""

    def confirm(self, who: Principal, password: str, address: str) -> None:
        """Check the password of somebody who is signed in, before what only she herself may do.

        Raises `SignInRefused` or `LockedOut`: guesses count as those at the door do.
        """
        now, prefix = self.means.milliseconds(), address_prefix(address)
        subject = self._brake.subject(who.login, prefix)
        with self.means.passwords.turn():
            self._brake.count(subject, now)
            good = self.means.passwords.check(who.account, password)
        if not good:
            self._note(who.login, who.account, self._outcome(who.account, good), "confirmation", prefix, now)
            raise SignInRefused
        self._brake.release(subject)

    def reset_password(self, login: str, code: str, password: str, address: str) -> None:
        """Set a password with the one-time code of an approved reset. Raises `LockedOut`, `WeakPassword`, and
        `SignInRefused` for a code or a login that is not, or no longer."""
        now, prefix, name = self.means.milliseconds(), address_prefix(address), login.strip().lower()
        account = self.account_of(name)
        signin.check_strength(password, name)
        subject = self._brake.subject(name, prefix)
        self._brake.count(subject, now)
        try:
            good = self.means.reset_password(account, code, password)
        except (AccountIsClosed, NoSuchReset):
            good = False
        outcome = "ok" if good else "wrong_code" if account else "unknown_login"
        self._note(name, account, outcome, "reset", prefix, now)
        if not good:
            raise SignInRefused
        self._brake.release(subject)
        if account:
            self._brake.release(self._brake.factor(account))

    def admit(self, account: str, address: str, *, agent: str = "", factor: str = "", method: str) -> str:
        """Open a session for an account that an identity provider vouched for; returns its secret. Raises
        `SignInRefused` for a closed account."""
        now, prefix = self.means.milliseconds(), address_prefix(address)
        who = self._principal(account)
        with self._database.transaction():
            self._note(who.login if who else account, account, "ok" if who else "closed", method, prefix, now)
            if who:
                return self.means.sessions.begin(account, now, address=prefix, agent=agent, factor=factor)
        raise SignInRefused

    def asked(self, text: str, folded: int | None = None) -> Asked | None:
        """Whoever holds this session's secret or this token, and by what right. ``folded`` as in `Head`, or nothing."""
        holders = self.means.tokens if text.startswith("wahana_") else self.means.sessions
        return self._asked(holders.holder(text, self.means.milliseconds(), folded))

    def session(self, secret: str) -> Principal | None:
        """Whoever holds this session's secret."""
        found = self._asked(self.means.sessions.holder(secret, self.means.milliseconds()))
        return found.principal if found else None

    def bearer(self, text: str) -> Principal | None:
        """Whoever holds this token."""
        found = self._asked(self.means.tokens.holder(text, self.means.milliseconds()))
        return found.principal if found else None

    def device(self, device: str, secret: str) -> Asked | None:
        """Whoever recorded on this device, if it was not revoked and the secret is its own."""
        return self._asked(self.means.offline.holder(device, secret, self.means.milliseconds()))

    def sign_out(self, secret: str) -> None:
        """Close a session, for every worker. Harmless for a secret that opens none."""
        self.means.sessions.end(secret, self.means.milliseconds())

    def sign_out_everywhere(self, account: str, *, but: str = "-") -> None:
        """Close every session of an account, or all ``but`` one."""
        self.means.sessions.end_all(account, self.means.milliseconds(), but=but)

    def sign_out_device(self, account: str, device: str) -> None:
        """Close one session of an account by its id in the list. Raises `NotFound`."""
        if not self.means.sessions.end_device(account, device, self.means.milliseconds()):
            raise NotFound

    def devices(self, account: str) -> list[Device]:
        """The sessions of an account that still hold."""
        return self.means.sessions.of(account, self.means.milliseconds())

    def set_password(self, account: str, password: str) -> None:
        """Give an account a password, as the operator. See `Means.set_password`."""
        self.means.set_password(account, password)

    def issue_token(self, account: str, label: str, days: int, actions: Iterable[str] = (ALL,)) -> str:
        """A new bearer token, as the operator. See `Means.issue_token`."""
        return self.means.issue_token(account, label, days, actions)

    def revoke_token(self, token: str) -> None:
        """Make a token worthless, as the operator. Raises `NotFound`."""
        self.means.revoke_token(token)

    def tokens(self, account: str | None = None) -> list[TokenRow]:
        """The tokens of one account or of all, newest first."""
        return self.means.tokens.of(account)

    def sign_ins(self, limit: int = 100, account: str | None = None) -> list[SignIn]:
        """The latest attempts to sign in, newest first."""
        return self._journal.latest(limit, account)

    def today(self) -> date:
        """The calendar day in the office's time zone."""
        return self.means.today()

    def _note(self, login: str, account: str | None, outcome: str, method: str, prefix: str, now: int) -> None:
        shown = login if account else self._brake.digest(login)
        self._journal.note(SignIn(now, shown, account, outcome, method, prefix))

    def _outcome(self, account: str | None, good: bool | None) -> str:
        if account is None:
            return "unknown_login"
        if good is None:
            return "no_password"
        if not good:
            return "wrong_password"
        return "ok" if self._principal(account) else "closed"

    def _asked(self, holder: Holder | None) -> Asked | None:
        who = self._principal(holder.account, holder.version) if holder else None
        if holder is None or who is None:
            return None
        enrolling = not holder.factor and needs_two_factors(who.grants)
        if enrolling and not holder.device:
            return None  # a token from before its account got such a role: its issuer had shown no second factor
        actions = _NOTHING if enrolling else holder.actions
        if actions is not None:
            who = msgspec.structs.replace(who, actions=actions)
        return Asked(who, holder.device, holder.factor, enrolling, holder.head)

    def _principal(self, account: str, version: int | None = None) -> Principal | None:
        day, (at, known) = self.today(), self._known.get(account, (None, None))
        if known is not None and (at, known.day) == (version, day):
            return known
        read = None
        with suppress(NotFound):
            read = self._log.load(Account, account)
        if read is None or read.closed:
            return None
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        found = Principal(account, read.login, read.name, read.grants_on(day), day, read.clearances_on(day))
        self._known[account] = read.version, found
        return found
