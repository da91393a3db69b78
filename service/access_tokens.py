"""Bearer tokens of programs: ``wahana_<id>_<secret>``, for some actions and some days, revocable at once."""

import hmac
import secrets
from collections.abc import Iterable

import msgspec

from domain.refusals import Refused
from service.access import ACTIONS
from service.log.database import Database, add_columns
from service.sessions import DAY, MINUTE, VERSION, Holder, end_of, hashed, head_of

LONGEST_DAYS = 366
READ, ALL = "read", "all"
#: What a token may be made for: single actions of the policy table, all that only read, or whatever its account may.
NAMES = (READ, ALL, *sorted(ACTIONS))

SCHEMA = """
CREATE TABLE IF NOT EXISTS access_tokens (
  id TEXT PRIMARY KEY, secret TEXT NOT NULL, account TEXT NOT NULL, label TEXT NOT NULL, created BIGINT NOT NULL,
  expires BIGINT NOT NULL, revoked BIGINT, last_used BIGINT);
CREATE INDEX IF NOT EXISTS access_tokens_of ON access_tokens (account);
"""
# Tokens from before they had them may do all that their account may, where one factor is enough.
_SINCE = {"actions": "TEXT NOT NULL DEFAULT 'all'", "factor": "TEXT NOT NULL DEFAULT ''"}


class TokenLifetime(Refused):
    RULE = "token_lifetime"
    SENTENCE = "Masa berlaku token antara 1 dan {longest} hari."


class NotAnAction(Refused):
    RULE = "not_an_action"
    SENTENCE = "Token harus menyebut tindakan yang boleh dilakukannya; “{action}” tidak dikenal."


class TokenRow(msgspec.Struct, frozen=True):
    """What may be shown of a token. Times are milliseconds since 1970; ``last_used`` is exact to a minute; ``actions``
    are of `NAMES`."""

    id: str
    account: str
    label: str
    created: int
    expires: int
    revoked: int | None
    last_used: int | None
    actions: tuple[str, ...]


def create_tables(database: Database) -> None:
    """Make the table, or what it lacks. Safe to run again."""
    database.script(SCHEMA)
    add_columns(database, "access_tokens", _SINCE)


def check(days: int, actions: Iterable[str]) -> None:
    """Raise `TokenLifetime` or `NotAnAction` for a token that there may not be."""
    if not 1 <= days <= LONGEST_DAYS:
        raise TokenLifetime(longest=LONGEST_DAYS)
    names = tuple(actions)
    for name in names or ("",):
        if name not in NAMES:
            raise NotAnAction(action=name[:40])


def meant(actions: Iterable[str]) -> frozenset[str] | None:
    """The actions of the policy table that a token's names stand for; None for all of them, also those to come."""
    names = set(actions)
    if ALL in names:
        return None
    reading = {action for action in ACTIONS if action.endswith(".read")} if READ in names else set()
    return frozenset(names & ACTIONS | reading)


class Tokens:
    """The tokens that there are. Their secrets are stored as hashes only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @staticmethod
    def draft() -> tuple[str, str]:
        """An id and a text for a token that is not yet good for anything."""
        token = secrets.token_hex(8)
        return token, f"wahana_{token}_{secrets.token_urlsafe(32)}"

    def keep(
        self, text: str, account: str, label: str, days: int, actions: tuple[str, ...], factor: str, now: int
    ) -> None:
        """Make a drafted token good for ``days``. ``factor`` is the second one with which its issuer had signed in."""
        _, token, secret = text.split("_", 2)
        self._database.rows(
            "INSERT INTO access_tokens (id, secret, account, label, created, expires, actions, factor) "
            "VALUES (:id, :secret, :account, :label, :now, :expires, :actions, :factor)",
            id=token,
            secret=hashed(secret),
            account=account,
            label=label,
            now=now,
            expires=now + days * DAY,
            actions=" ".join(actions),
            factor=factor,
        )

    def holder(self, text: str, now: int, folded: int | None = None) -> Holder | None:
        """Whose token it is and what it may do, if it still holds; with the end of the log unless ``folded`` is None."""
        name, _, rest = text.partition("_")
        token, _, secret = rest.partition("_")
        if name != "wahana" or not (token.isascii() and token.isalnum()):
            return None
        rows = self._database.quick(
            f"SELECT secret, account, {VERSION}, {end_of(folded)}, last_used, actions, factor FROM access_tokens "
            "WHERE id = :id AND revoked IS NULL AND expires > :now",
            id=token,
            now=now,
            folded=folded,
        )
        if not rows or not hmac.compare_digest(rows[0][0], hashed(secret)):
            return None
        _, account, version, position, leaf, quiet, last_used, actions, factor = rows[0]
        if last_used is None or now - last_used >= MINUTE:
            self._database.rows(
                "UPDATE access_tokens SET last_used = :minute WHERE id = :id", minute=now - now % MINUTE, id=token
            )
        head = head_of(position, leaf, folded, quiet)
        return Holder(account, version, factor, actions=meant(actions.split()), head=head)

    def revoke(self, token: str, now: int) -> str | None:
        """Make a token worthless from now on; whose it was, or None when there is none or it was revoked before."""
        rows = self._database.rows(
            "UPDATE access_tokens SET revoked = :now WHERE id = :id AND revoked IS NULL RETURNING account",
            now=now,
            id=token,
        )
        return str(rows[0][0]) if rows else None

    def revoke_all(self, account: str, now: int) -> None:
        """Make every token of an account worthless."""
        self._database.rows(
            "UPDATE access_tokens SET revoked = :now WHERE account = :account AND revoked IS NULL",
            now=now,
            account=account,
        )

    def of(self, account: str | None = None) -> list[TokenRow]:
        """The tokens of one account or of all, newest first."""
        where, values = ("WHERE account = :account", {"account": account}) if account else ("", {})
        rows = self._database.rows(
            "SELECT id, account, label, created, expires, revoked, last_used, actions FROM access_tokens "
            f"{where} ORDER BY created DESC, id",
            **values,
        )
        return [msgspec.structs.replace(TokenRow(*row), actions=tuple(row[-1].split())) for row in rows]
