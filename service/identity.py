"""Who is asking: from a password, a session's secret or a token to an account with the grants it holds today.

Every request asks for the version of the account's stream, so that a revoked role or a closed account counts at once; the
account is read again only when it has changed.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.account import Account, AccountIsClosed
from domain.refusals import NotFound
from service import sessions, signin
from service.log.database import Database
from service.log.eventlog import EventLog
from service.reach import Principal
from service.sessions import Sessions, TokenLifetime, TokenRow, Tokens
from service.signin import Brake, Journal, LockedOut, Passwords, SignIn, SignInRefused, WeakPassword

__all__ = [
    "LOGIN",
    "Identity",
    "LockedOut",
    "Principal",
    "SignIn",
    "SignInRefused",
    "TokenLifetime",
    "TokenRow",
    "WeakPassword",
    "create",
]

#: The kind of the reservation that ties a login to its account: ``decision.reserve(LOGIN, login, account)``.
LOGIN = "login"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
MOST_KNOWN = 1000  # accounts a process keeps as last read


APPEND_ONLY = ("sign_ins",)
STATE = ("credentials", "sign_in_failures", "sessions", "access_tokens")


def create(database: Database) -> None:
    """Make the tables of credentials, sessions, tokens and sign-ins, as the owner. Safe to run again."""
    signin.create_tables(database)
    sessions.create_tables(database)


class Identity:
    """Signs people in and recognises them.

    ``now`` gives RFC 3339 UTC text; ``key`` (any secret of the service) keys the hashes of logins that nobody has;
    ``timezone`` decides which calendar day it is for grants.
    """

    def __init__(
        self,
        database: Database,
        log: EventLog,
        now: Callable[[], str],
        *,
        key: bytes,
        timezone: str = "Asia/Makassar",
    ) -> None:
        self._database = database
        self._log = log
        self._now = now
        self._zone = ZoneInfo(timezone)
        self._passwords = Passwords(database)
        self._brake = Brake(database, key)
        self._journal = Journal(database)
        self._sessions = Sessions(database)
        self._tokens = Tokens(database)
        self._known: dict[str, Account] = {}  # as last read; never changed, and used only at the version it has

    def account_of(self, login: str) -> str | None:
        """The account that holds a login, however it is capitalised."""
        name = login.strip().lower()
        if not (name.isascii() and name.isprintable()):
            return None
        rows = self._database.rows(
            "SELECT stream FROM reservations WHERE kind = :kind AND value = :value", kind=LOGIN, value=name
        )
        return str(rows[0][0]) if rows else None

    def set_password(self, account: str, password: str) -> None:
        """Give an account a password and close its sessions. Raises `NotFound`, `AccountIsClosed` or `WeakPassword`."""
        login = self._open(account).login
        signin.check_strength(password, login)
        now = self._milliseconds()
        with self._passwords.turn():
            self._passwords.set(account, password, now)
        self._sessions.end_all(account, now)

    def sign_in(self, login: str, password: str, address: str) -> str:
        """Check a password and open a session; returns its secret. ``address`` is the client's IP address.

        Raises `SignInRefused`, with the same words whatever was wrong, or `LockedOut`.
        """
        now, prefix = self._milliseconds(), signin.address_prefix(address)
        name = login.strip().lower()
        account = self.account_of(name)
        subject = self._brake.subject(name, prefix)
        with self._passwords.turn():
            self._brake.count(subject, now)
            good = self._passwords.check(account, password, now)
        outcome = self._outcome(account, good)
        shown = name if account else self._brake.digest(name)
        with self._database.transaction():
            self._journal.note(SignIn(now, shown, account, outcome, "password", prefix))
            if outcome == "ok" and account:
                self._brake.release(subject)
                return self._sessions.begin(account, now)
        raise SignInRefused

    def session(self, secret: str) -> Principal | None:
        """Whoever holds this session's secret."""
        holder = self._sessions.holder(secret, self._milliseconds())
        return self._principal(holder.account, holder.version) if holder else None

    def sign_out(self, secret: str) -> None:
        """Close a session, for every worker. Harmless for a secret that opens none."""
        self._sessions.end(secret, self._milliseconds())

    def sign_out_everywhere(self, account: str) -> None:
        """Close every session of an account."""
        self._sessions.end_all(account, self._milliseconds())

    def issue_token(self, account: str, label: str, days: int) -> str:
        """A new bearer token, to be shown once. Raises `NotFound`, `AccountIsClosed` or `TokenLifetime`."""
        self._open(account)
        return self._tokens.issue(account, label, days, self._milliseconds())

    def revoke_token(self, token: str) -> None:
        """Make the token with that id worthless. Raises `NotFound`."""
        if not self._tokens.revoke(token, self._milliseconds()):
            raise NotFound

    def tokens(self, account: str | None = None) -> list[TokenRow]:
        """The tokens of one account or of all, newest first."""
        return self._tokens.of(account)

    def bearer(self, text: str) -> Principal | None:
        """Whoever holds this token."""
        holder = self._tokens.holder(text, self._milliseconds())
        return self._principal(holder.account, holder.version) if holder else None

    def sign_ins(self, limit: int = 100, account: str | None = None) -> list[SignIn]:
        """The latest attempts to sign in, newest first."""
        return self._journal.latest(limit, account)

    def today(self) -> date:
        """The calendar day in the office's time zone."""
        return datetime.fromisoformat(self._now()).astimezone(self._zone).date()

    def _milliseconds(self) -> int:
        return (datetime.fromisoformat(self._now()) - _EPOCH) // _MILLISECOND

    def _open(self, account: str) -> Account:
        found = self._log.load(Account, account)
        if found.closed:
            raise AccountIsClosed
        return found

    def _outcome(self, account: str | None, good: bool | None) -> str:
        if account is None:
            return "unknown_login"
        if good is None:
            return "no_password"
        if not good:
            return "wrong_password"
        return "ok" if self._principal(account) else "closed"

    def _principal(self, account: str, version: int | None = None) -> Principal | None:
        known = self._known.get(account)
        if known is None or known.version != version:
            try:
                known = self._open(account)
            except (NotFound, AccountIsClosed):
                return None
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[account] = known
        day = self.today()
        return Principal(account, known.login, known.name, known.grants_on(day), day)
