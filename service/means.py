"""How a means of signing in changes: the event that says so, and the hash, secret or session that becomes different.

The log and the tables beside it have no common transaction for this. Whatever gives somebody more is recorded first and
done then; whatever takes from somebody is done first. A process that dies between leaves an event about something that
never worked, or takes away what nobody knows of yet: both are seen, and done again.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from domain.account import Account, AccountIsClosed
from domain.account_means import BY_HOLDER, BY_OPERATOR, BY_RESET, PASSWORD, SECOND_FACTOR
from domain.refusals import NotFound
from service import access_tokens, second_factor
from service.access_tokens import ALL, Tokens
from service.casebook import Casebook, Command, Decision
from service.log.database import Database
from service.log.ids import new_id
from service.log.keys import KeyStore
from service.offline_devices import OfflineDevices
from service.reach import Principal
from service.resets import ResetCodes
from service.second_factor import Codes, Factors
from service.sessions import Sessions
from service.signin import Brake, Passwords, check_strength

#: The kinds of the reservations that tie a login, and a name at an identity provider, to one account.
LOGIN, IDENTITY = "login", "identity"
OPERATOR, OPERATOR_POST = "wahana user", "pengelola sistem"
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00Z")


class ResetNotice(msgspec.Struct, frozen=True):
    """What somebody is told of a reset of her account: which means, who asked, who approved (accounts), and whether it
    was carried out or declined."""

    reset: str
    means: str
    asked_on: date
    asker: str
    approver: str
    done: bool


@lru_cache(maxsize=64)
def day_in(zone: ZoneInfo, minute: str) -> date:
    """The calendar day in a time zone at a minute of UTC, such as 2026-03-01T15:59: days begin with a minute."""
    return datetime.fromisoformat(f"{minute}Z").astimezone(zone).date()


class Means:
    """Changes passwords, tokens, second factors and links, for whoever asks: ``by`` her, or the operator without it.

    ``now`` gives RFC 3339 UTC text; ``key`` (any secret of the service) keys the hashes of codes.
    """

    def __init__(
        self, database: Database, casebook: Casebook, keys: KeyStore, now: Callable[[], str], key: bytes, zone: ZoneInfo
    ) -> None:
        codes = Codes(key)
        self.passwords = Passwords(database)
        self.sessions = Sessions(database)
        self.tokens = Tokens(database)
        self.offline = OfflineDevices(database, key)
        self.factors = Factors(database, keys, codes)
        self.codes = ResetCodes(database, codes)
        self._brake = Brake(database, key)
        self._database = database
        self._casebook = casebook
        self._now = now
        self._zone = zone

    def milliseconds(self) -> int:
        """Now, since 1970."""
        return (datetime.fromisoformat(self._now()) - EPOCH) // timedelta(milliseconds=1)

    def today(self) -> date:
        """The calendar day in the office's time zone."""
        return day_in(self._zone, self._now()[:16])

    def set_password(self, account: str, password: str, *, by: Principal | None = None) -> None:
        """Give an account a password, and end its sessions. Raises `NotFound`, `AccountIsClosed` or `WeakPassword`."""
        check_strength(password, self._load(account).login)
        with self.passwords.turn():
            hash = self.passwords.hashed(password)
        self._keep_password(account, hash, BY_HOLDER if by else BY_OPERATOR, None, by)

    def reset_password(self, account: str | None, code: str, password: str) -> bool:
        """Set a password with the code of an approved reset; end the account's sessions and revoke its tokens.

        False when the code is of no such reset, after as long for an account nobody has. Raises `AccountIsClosed`, or
        `NoSuchReset` when the reset was declined meanwhile.
        """
        with self.passwords.turn():
            hash = self.passwords.hashed(password)
        reset = self.codes.use(account or "", PASSWORD, code, self.milliseconds())
        if account is None or reset is None:
            return False
        self._keep_password(account, hash, BY_RESET, reset, Principal(account, "", "", (), self.today()))
        return True

    def _keep_password(self, account: str, hash: str, how: str, reset: str | None, by: Principal | None) -> None:
        day = self.today()
        self._record(account, "account.set_password", by, lambda a: a.set_password(on=day, how=how, reset=reset))
        now = self.milliseconds()
        with self._database.transaction():
            self.passwords.set(account, hash, now)
            self.sessions.end_all(account, now)
            if how == BY_RESET:
                self.tokens.revoke_all(account, now)
                self.offline.revoke_all(account, now)

    def issue_token(
        self,
        account: str,
        label: str,
        days: int,
        actions: Iterable[str] = (ALL,),
        *,
        factor: str = "operator",
        by: Principal | None = None,
    ) -> str:
        """A new bearer token's text, to be shown once. ``factor`` is the second one that its issuer had shown.

        Raises `NotFound`, `AccountIsClosed`, `TokenLifetime` or `NotAnAction`.
        """
        names = tuple(dict.fromkeys(actions))
        access_tokens.check(days, names)
        token, text = self.tokens.draft()
        day, how = self.today(), BY_HOLDER if by else BY_OPERATOR
        until = day + timedelta(days=days)

        def decide(found: Account) -> None:
            found.issue_token(on=day, token=token, label=label, actions=names, how=how, until=until)

        self._record(account, "account.issue_token", by, decide)
        self.tokens.keep(text, account, label, days, names, factor, self.milliseconds())
        return text

    def revoke_token(self, token: str, *, by: Principal | None = None) -> None:
        """Make the token with that id worthless. Raises `NotFound`."""
        account = self.tokens.revoke(token, self.milliseconds())
        if account is None:
            raise NotFound
        day, how = self.today(), BY_HOLDER if by and by.account == account else BY_OPERATOR
        self._record(account, "account.revoke_token", by, lambda a: a.revoke_token(on=day, token=token, how=how))

    def prepare_device(self, label: str, factor: str, *, by: Principal) -> str:
        """Let a device keep an outbox for ``by``, who had signed in with that second factor; returns its id.

        Raises `NotFound` or `AccountIsClosed`.
        """
        device, day = new_id(), self.today()
        self._record(
            by.account, "account.prepare_device", by, lambda a: a.prepare_device(on=day, device=device, label=label)
        )
        self.offline.keep(device, by.account, label, factor, self.milliseconds())
        return device

    def revoke_device(self, account: str, device: str, *, by: Principal) -> None:
        """Make a device of an account worthless, at once. Raises `NotFound`, or `NoSuchDevice` when it was before."""
        if not self.offline.revoke(account, device, self.milliseconds()):
            raise NotFound
        day, how = self.today(), BY_HOLDER if by.account == account else BY_OPERATOR
        self._record(account, "account.revoke_device", by, lambda a: a.revoke_device(on=day, device=device, how=how))

    def begin_factor(self, account: str, secret: bytes | None = None) -> tuple[str, str]:
        """A new authenticator's secret and its ``otpauth`` address, to be shown once; `enrol` makes it count.

        Raises `NotFound` or `AccountIsClosed`.
        """
        login = self._load(account).login
        made = self.factors.begin(account, secret)
        return second_factor.in_letters(made), second_factor.uri_of(made, login)

    def enrol(self, account: str, code: str, *, by: Principal | None = None, device: str = "-") -> list[str] | None:
        """Let the authenticator that was begun count, as it shows this code; returns the recovery codes, to be shown once.

        The session with id ``device`` counts as opened with it, every other one ends. None when the code is not its.
        Raises `LockedOut`: a session that was left open is no place to guess, either.
        """
        now, subject = self.milliseconds(), self._brake.subject(f"enrolling of {account}", "")
        self._brake.count(subject, now)
        step = self.factors.begun(account, code, now)
        if step is None:
            return None
        self._brake.release(subject)
        day, how = self.today(), BY_HOLDER if by else BY_OPERATOR
        self._record(account, "account.enrol", by, lambda a: a.enrol_second_factor(on=day, kind="totp", how=how))
        codes = self.factors.count(account, step)
        self.sessions.strengthen(device, "totp")
        self.sessions.end_all(account, self.milliseconds(), but=device)
        return codes

    def remove_factor(self, account: str, *, by: Principal | None = None, reset: str | None = None) -> None:
        """Take an account's second factor away. Raises `NoSecondFactor`, `SecondFactorIsMandatory`, `NoSuchReset`."""
        day = self.today()
        how = BY_RESET if reset else BY_HOLDER if by else BY_OPERATOR
        name = "account.remove_second_factor"
        self._record(account, name, by, lambda a: a.remove_second_factor(on=day, how=how, reset=reset))
        self.factors.remove(account)
        self.sessions.end_all(account, self.milliseconds())

    def renew_codes(self, account: str, *, by: Principal) -> list[str]:
        """New recovery codes, to be shown once. Raises `NoSecondFactor`."""
        day, number = self.today(), second_factor.RECOVERY_CODES
        self._record(account, "account.renew_codes", by, lambda a: a.renew_recovery_codes(on=day, number=number))
        return self.factors.renew(account)

    def approve_reset(self, account: str, reset: str, *, by: Principal) -> tuple[str, int]:
        """Agree to a reset; returns the code for the holder, to be shown once, and when it expires (milliseconds).

        Raises the refusals of `Account.approve_reset`.
        """
        day = self.today()
        decided = self._record(
            account, "account.approve_reset", by, lambda a: a.approve_reset(on=day, reset=reset, by=by.account)
        )
        return self.codes.issue(reset, account, decided.resets[reset].means, self.milliseconds())

    def decline_reset(self, account: str, reset: str, *, by: Principal) -> None:
        """End a reset that was not used yet. Raises `ResetNotOpen`."""
        day = self.today()
        self._record(account, "account.decline_reset", by, lambda a: a.decline_reset(on=day, reset=reset))
        self.codes.end(reset, self.milliseconds())

    def take_factor_reset(self, account: str, code: str) -> bool:
        """Use the code of an approved reset of the second factor: from then on the account has none."""
        reset = self.codes.use(account, SECOND_FACTOR, code, self.milliseconds())
        if reset is None:
            return False
        self.remove_factor(account, by=Principal(account, "", "", (), self.today()), reset=reset)
        return True

    def link(self, account: str, issuer: str, subject: str, *, by: Principal | None = None) -> None:
        """Let an identity provider's word count for an account. Raises `AlreadyLinked`, or `TakenByAnother`."""
        day = self.today()

        def decide(decision: Decision) -> None:
            decision.load(Account, account).link_identity(on=day, issuer=issuer, subject=subject)
            if self.linked(issuer, subject) != account:
                decision.reserve(IDENTITY, f"{issuer} {subject}", account)

        self._run("account.link_identity", by, decide)

    def unlink(self, account: str, issuer: str, subject: str, *, by: Principal | None = None) -> None:
        """Take that back. Raises `NotLinked`."""
        day = self.today()
        self._record(account, "account.unlink", by, lambda a: a.unlink_identity(on=day, issuer=issuer, subject=subject))

    def linked(self, issuer: str, subject: str) -> str | None:
        """The account that was ever linked with a name at an identity provider."""
        rows = self._database.rows(
            "SELECT stream FROM reservations WHERE kind = :kind AND value = :value",
            kind=IDENTITY,
            value=f"{issuer} {subject}",
        )
        return str(rows[0][0]) if rows else None

    def vouched(self, account: str, issuer: str, subject: str) -> bool:
        """Whether that name at an identity provider counts for the account now."""
        return (issuer, subject) in self._casebook.log.load(Account, account).linked

    def notices(self, account: str) -> list[ResetNotice]:
        """The resets that happened to an account since its holder was last told; she counts as told by this."""
        found = self._load(account)
        told = self.codes.told(account)
        news = [
            ResetNotice(reset, one.means, one.asked_on, one.asker, one.approver, one.done)
            for reset, one in found.resets.items()
            if one.version > told
        ]
        if news:
            self.codes.tell(account, int(found.version))
        return news

    def _load(self, account: str) -> Account:
        found = self._casebook.log.load(Account, account)
        if found.closed:
            raise AccountIsClosed
        return found

    def _record(self, account: str, name: str, by: Principal | None, decide: Callable[[Account], object]) -> Account:
        decided: list[Account] = []

        def once(decision: Decision) -> None:
            found = decision.load(Account, account)
            decide(found)
            decided[:] = [found]

        self._run(name, by, once)
        return decided[0]

    def _run(self, name: str, by: Principal | None, decide: Callable[[Decision], object]) -> None:
        account, post = (by.account, by.post) if by else (OPERATOR, OPERATOR_POST)
        self._casebook.record(Command(id=new_id(), name=name, account=account, post=post, fresh=True), decide)
