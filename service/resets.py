"""One-time codes by which somebody sets a password or an authenticator anew after two others agreed, and who was told."""

from service.log.database import Database
from service.second_factor import Codes, one_time_code
from service.sessions import HOUR

CODE_HOLDS = 24 * HOUR

SCHEMA = """
CREATE TABLE IF NOT EXISTS reset_codes (
  reset TEXT PRIMARY KEY, account TEXT NOT NULL, means TEXT NOT NULL, code TEXT NOT NULL, expires BIGINT NOT NULL,
  used BIGINT);
CREATE INDEX IF NOT EXISTS reset_codes_of ON reset_codes (account);
CREATE TABLE IF NOT EXISTS resets_told (account TEXT PRIMARY KEY, version BIGINT NOT NULL);
"""


def create_tables(database: Database) -> None:
    """Make the tables. Safe to run again."""
    database.script(SCHEMA)


class ResetCodes:
    """The codes that were handed out, as keyed hashes. Times are milliseconds since 1970."""

    def __init__(self, database: Database, codes: Codes) -> None:
        self._database = database
        self._codes = codes

    def issue(self, reset: str, account: str, means: str, now: int) -> tuple[str, int]:
        """A code for an approved reset, to be shown once, and when it expires. Codes before it for the same means end."""
        code = one_time_code(16)
        with self._database.transaction():
            self._database.rows(
                "UPDATE reset_codes SET used = :now WHERE account = :account AND means = :means AND used IS NULL",
                account=account,
                means=means,
                now=now,
            )
            self._database.rows(
                "INSERT INTO reset_codes VALUES (:reset, :account, :means, :code, :expires, NULL)",
                reset=reset,
                account=account,
                means=means,
                code=self._codes.hashed(account, code),
                expires=now + CODE_HOLDS,
            )
        return code, now + CODE_HOLDS

    def use(self, account: str, means: str, code: str, now: int) -> str | None:
        """The reset that a code is of, once; None when it is of none, expired or was used before."""
        rows = self._database.rows(
            "UPDATE reset_codes SET used = :now WHERE account = :account AND means = :means AND code = :code "
            "AND used IS NULL AND expires > :now RETURNING reset",
            account=account,
            means=means,
            code=self._codes.hashed(account, code),
            now=now,
        )
        return str(rows[0][0]) if rows else None

    def end(self, reset: str, now: int) -> None:
        """Make the code of a reset worthless."""
        self._database.rows(
            "UPDATE reset_codes SET used = :now WHERE reset = :reset AND used IS NULL", reset=reset, now=now
        )

    def told(self, account: str) -> int:
        """The version of the account up to which its holder was told of resets."""
        rows = self._database.rows("SELECT version FROM resets_told WHERE account = :account", account=account)
        return int(rows[0][0]) if rows else 0

    def tell(self, account: str, version: int) -> None:
        """Remember that she was told up to that version."""
        self._database.rows(
            "INSERT INTO resets_told VALUES (:account, :version) "
            "ON CONFLICT (account) DO UPDATE SET version = excluded.version",
            account=account,
            version=version,
        )
