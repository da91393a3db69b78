"""One office: its databases, log, vault, views and accounts, put together from the settings. No web framework in here."""

import time
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import domain  # noqa: F401 - registers every event, so that stored topics can be read
from domain.refusals import NotFound
from projections import ALL
from projections.engine import Views
from projections.sqlite import SqliteStore
from projections.store import Store
from service import identity, outlines
from service.casebook import Casebook
from service.config import BadConfiguration, Config
from service.envelopes import OutboxKey
from service.log import checkpoints as proof_store
from service.log import files as file_store
from service.log import uploads as upload_store
from service.log.checkpoints import Checkpoints, Standing, standing
from service.log.database import Database, connect, sqlite_path
from service.log.eventlog import EventLog
from service.log.files import Files
from service.log.keys import KeyStore
from service.log.notes import VerifierKey
from service.log.policy import LogKeys, Policy
from service.log.reader import LogReader
from service.log.shred_list import ShredList
from service.log.tokens import TokenKey
from service.log.vault import Vault
from service.means import day_in
from service.receipts import Receipts
from service.trail import Trail

NAMED_SECONDS = 60.0  # for which the log's key is believed, which is named once
FOLD_EVERY = 256  # events of one process between two catch-ups that nobody's reading asked for


def utc_now() -> str:
    """The machine's clock as RFC 3339 UTC text with six digits."""
    second, fraction = divmod(time.time_ns() // 1000, 1_000_000)
    return f"{_second(second)}.{fraction:06d}Z"


@lru_cache(maxsize=8)  # read several times a request
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).replace(tzinfo=None).isoformat()


class Office:
    """Everything a process needs. Nothing is opened until it is used, so an office may be made before a fork.

    ``now`` is the log's clock; only the demonstration replaces it.
    """

    def __init__(self, config: Config, *, now: Callable[[], str] = utc_now) -> None:
        self.config = config
        self.now = now
        self.zone = ZoneInfo(config.timezone)
        self.database = connect(config.database_url, size=config.threads)
        self.keys_database = connect(config.keys_url, owner=True, size=config.threads)
        old = [config.old_master_key] if config.old_master_key else []
        self.keys = KeyStore(self.keys_database, config.master_key, old, self._destroyed)
        self.shred_list = Path(config.shred_list)
        self.vault = Vault(self.database, self.keys)
        self.files = Files(self.database, self.keys, self.milliseconds)
        self.uploads = upload_store.Uploads(self.database, self.keys, self.files)
        self.tokens = TokenKey(config.token_key)
        self.outbox_key = OutboxKey(config.secret_key)
        self.receipts = Receipts(config.log_origin, config.receipt_key)
        self.checkpoints = Checkpoints(self.database, self.log_keys, self.witness_keys)
        self._named: tuple[VerifierKey | None, float] = None, 0.0  # the log's key, and when it was asked for
        self.policy = Policy.load(Path(config.policy)) if config.policy else None
        self.log = EventLog(self.database)
        self.reader = LogReader(self.database)
        self.views = Views(_view_store(config), ALL, self.reader, now)
        self._unfolded = 0
        self.casebook = Casebook(self.log, self.vault, self.files, self.tokens, now, self._catch_up)
        self.trail = Trail(self.log, self.views, now, self.today, self._catch_up)
        self.identity = identity.Identity(
            self.database, self.casebook, self.keys, now, key=config.secret_key, timezone=config.timezone
        )

    def log_keys(self) -> LogKeys | None:
        """Whose signatures count on checkpoints: by the policy, else the key that the sealer named; None before it did."""
        if self.policy is not None:
            return self.policy.log
        named, since = self._named
        if named is None or time.monotonic() - since > NAMED_SECONDS:
            named, since = self.checkpoints.named_key(), time.monotonic()
            self._named = named, since
        return LogKeys((named,)) if named else None

    def witness_keys(self) -> Collection[VerifierKey]:
        """The witnesses whom the policy names."""
        return self.policy.witnesses.values() if self.policy else ()

    def _catch_up(self, recorded: int) -> None:
        """Called after each recorded command with the number of its events. Folding has a price for each time besides
        that for each event, so a process folds every `FOLD_EVERY` events, unless others are just folding or a rebuild is
        writing; whoever reads folds what is new before she is answered. It folds twice what it recorded at most: views
        that lie behind come nearer, and no command waits for all that they lack."""
        self._unfolded += recorded
        if self._unfolded >= FOLD_EVERY:
            limit, self._unfolded = 2 * self._unfolded, 0
            self.views.catch_up(limit, wait=0, behind=True)

    def _destroyed(self, subject: str) -> bool:
        """Whether somebody was destroyed: the log says so, or, when an older one was put back, the shred list."""
        told = self.database.rows(
            "SELECT 1 FROM events WHERE stream = :subject AND topic = 'subject.key_destroyed' LIMIT 1", subject=subject
        )
        return bool(told) or any(entry.subject == subject for entry in ShredList(self.shred_list).read())

    def milliseconds(self) -> int:
        """The office's clock in milliseconds since 1970, as ids begin with."""
        return int(datetime.fromisoformat(self.now()).timestamp() * 1000)

    def today(self) -> date:
        """The calendar day in the office's time zone."""
        return day_in(self.zone, self.now()[:16])

    def initialise(self) -> None:
        """Make every table that is missing, as the owner. Safe to run again."""
        for url in (self.config.database_url, self.config.keys_url):
            if url.startswith("sqlite:"):
                Path(sqlite_path(url)).parent.mkdir(parents=True, exist_ok=True)
        owner = connect(self.config.owner_url, owner=True, size=1)
        create(owner, self.keys)
        if self.config.owner_url != self.config.database_url and owner.engine != "sqlite":
            _let_work(owner, self.config)
        owner.close()
        self.views.prepare()

    def published(self) -> bool:
        """Whether the territory has been published."""
        with suppress(NotFound):
            self.casebook.territory()
            return True
        return False

    def standing(self) -> Standing:
        """How far the log is sealed."""
        return standing(self.database, self.checkpoints, self.now())

    def close(self) -> None:
        """Close the connections of this thread or process."""
        self.database.close()
        self.keys_database.close()
        self.views.store.close()


def _view_store(config: Config) -> Store:
    url = config.views_url or config.database_url
    if url.startswith("sqlite:"):
        path = Path(sqlite_path(url))
        return SqliteStore(path if config.views_url else path.with_name(f"{path.stem}-views.db"))
    from projections.postgres import PostgresStore

    return PostgresStore(url, size=config.threads + 1)  # a page holds one while a part of it may ask with another


def _let_work(owner: Database, settings: Config) -> None:
    """Give the application's role what it needs and no more: to add to the log, and to change the state beside it; and
    those of destruction and of the sealer what they need, where there are such. Where a sealer has a role of its own no
    other writes proofs, also when this is run again without its URL; with the application's URL as the sealer's that role
    seals again. Raises `BadConfiguration` for a sealer that is the owner."""
    from service.log.postgres_database import role_of
    from service.log.postgres_grants import grant, grant_destroyer, grant_sealer, sealers, take_back

    role, given = role_of(settings.database_url), role_of(settings.sealer_url) if settings.sealer_url else ""
    if given and given == role_of(settings.owner_url):
        raise BadConfiguration(["WAHANA_SEALER_URL: the owner's role; make one for the sealer"])
    before = sealers(owner, role)  # type: ignore[arg-type]  # connect() returns the engine's own class
    apart = proof_store.SEALED if (given != role if given else before) else ()
    added = (*file_store.APPEND_ONLY, *identity.APPEND_ONLY, *proof_store.APPEND_ONLY)
    grant(
        owner,  # type: ignore[arg-type]  # see above
        role,
        append_only=[table for table in added if table not in apart],
        state=(*file_store.STATE, *upload_store.STATE, *identity.STATE, *outlines.STATE),
        read_only=apart,
    )
    for old in before if given else ():
        take_back(owner, old, proof_store.SEALED)  # type: ignore[arg-type]  # see above
    if given and given != role:
        grant_sealer(owner, given, proof_store.SEALED)  # type: ignore[arg-type]  # see above
    if settings.destroyer_url:
        grant_destroyer(owner, role_of(settings.destroyer_url))  # type: ignore[arg-type]  # see above


def create(owner: Database, keys: KeyStore) -> None:
    """Make the log's tables, those beside it, and the key store's."""
    if owner.engine == "sqlite":
        from service.log.sqlite import create_log as create_sqlite_log

        create_sqlite_log(owner)  # type: ignore[arg-type]  # connect() returns the engine's own class
    else:
        from service.log.postgres_tables import create_log as create_postgres_log

        create_postgres_log(owner)  # type: ignore[arg-type]  # connect() returns the engine's own class
    files = file_store.Files(owner, keys)
    files.create()
    upload_store.Uploads(owner, keys, files).create()
    proof_store.create(owner)
    identity.create(owner)
    outlines.create_tables(owner)
    keys.create()
