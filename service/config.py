"""Every setting: its environment variable, its default, and what it means. There is no configuration file.

A variable that holds a secret may be given as ``<NAME>_FILE``, the path of a file with the value. All errors are reported
at once.
"""

import base64
import binascii
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec

from service.log.database import sqlite_path
from service.settings_kinds import KINDS, another_log, provider

DEMO_SECRET = "demonstration-only"  # noqa: S105 - named so that nobody takes it for one


class BadConfiguration(Exception):
    """Settings that cannot be served with; ``problems`` has one line each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


class Setting(msgspec.Struct, frozen=True):
    """One setting: environment variable, default as text (None: must be given), meaning, and whether it is secret."""

    variable: str
    default: str | None
    meaning: str
    secret: bool = False
    kind: str = "text"  # text, key, or what `service.settings_kinds.KINDS` knows


SETTINGS = (
    Setting(
        "WAHANA_DATABASE_URL",
        "sqlite:///var/wahana.db",
        "The event log: sqlite:///… or postgresql://…",
        kind="database",
    ),
    Setting(
        "WAHANA_OWNER_URL",
        "",
        "The same database as its owner, for `wahana init`; empty: WAHANA_DATABASE_URL",
        kind="database",
    ),
    Setting(
        "WAHANA_VIEWS_URL", "", "The views; empty: a file beside the log, or the schema wahana_views", kind="database"
    ),
    Setting(
        "WAHANA_KEYS_URL",
        "sqlite:///var/keys.db",
        "The key store; back it up apart from the log and briefly",
        kind="database",
    ),
    Setting(
        "WAHANA_DESTROYER_URL",
        "",
        "PostgreSQL: the log as the role that may destroy, for `wahana destroy` and after a restore; SQLite needs none",
        kind="database",
    ),
    Setting(
        "WAHANA_SEALER_URL",
        "",
        "PostgreSQL: the log as the role that seals; empty: WAHANA_DATABASE_URL",
        kind="database",
    ),
    Setting("WAHANA_SHRED_LIST", "", "What was destroyed, kept apart from backups; empty: a file beside the keys"),
    Setting("WAHANA_KEYS_BACKUP_DIR", "var/keys-backups", "Where `wahana keys backup` writes"),
    Setting("WAHANA_KEYS_BACKUP_DAYS", "30", "Days after which a backup of the keys expires", kind="number"),
    Setting("WAHANA_MASTER_KEY", None, "Wraps the subjects' keys: 32 bytes in base64", secret=True, kind="key"),
    Setting(
        "WAHANA_OLD_MASTER_KEY",
        "",
        "The master key before this one, while `wahana keys rotate` has not ended: 32 bytes in base64",
        secret=True,
        kind="key",
    ),
    Setting(
        "WAHANA_TOKEN_KEY",
        None,
        "Keys the search tokens: 32 bytes in base64; changing it empties search",
        secret=True,
        kind="key",
    ),
    Setting("WAHANA_SECRET_KEY", None, "Signs cursors and forms: 32 bytes in base64", secret=True, kind="key"),
    Setting("WAHANA_RECEIPT_KEY", None, "Signs receipts, an Ed25519 seed: 32 bytes in base64", secret=True, kind="key"),
    Setting(
        "WAHANA_SEALER_KEY",
        "",
        "Signs checkpoints, an Ed25519 seed: 32 bytes in base64; for `wahana seal` and no other process",
        secret=True,
        kind="key",
    ),
    Setting("WAHANA_SEALER_DIR", "var/sealer", "Where the sealer keeps its last checkpoint; not beside the database"),
    Setting(
        "WAHANA_LOG_ORIGIN", "wahana/75.01", "The log's name for its whole life, and the name of its key", kind="name"
    ),
    Setting(
        "WAHANA_POLICY",
        "",
        "Policy file: the log's keys, and the witnesses whose cosignatures are accepted",
        kind="policy",
    ),
    Setting(
        "WAHANA_BASE_URL",
        "http://127.0.0.1:8000",
        "The address people use; https switches secure cookies on",
        kind="address",
    ),
    Setting("WAHANA_BIND", "127.0.0.1:8000", "Where gunicorn listens", kind="bind"),
    Setting("WAHANA_WORKERS", "2", "gunicorn worker processes", kind="count"),
    Setting("WAHANA_THREADS", "8", "Threads of each worker, and the size of each of its database pools", kind="count"),
    Setting("WAHANA_TRUSTED_PROXIES", "0", "How many proxies in front may set X-Forwarded-*", kind="number"),
    Setting("WAHANA_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR", kind="level"),
    Setting("WAHANA_METRICS_TOKEN", "", "Bearer token for /metrics; empty: only from this machine", secret=True),
    Setting(
        "WAHANA_DORMANT_MONTHS",
        "12",
        "Months without activity after which a WKSBM no longer counts as active",
        kind="number",
    ),
    Setting("WAHANA_CASELOAD_MOST", "0", "Running cases that one worker is given; 0: no limit", kind="number"),
    Setting("WAHANA_TIMEZONE", "Asia/Makassar", "The office's time zone", kind="zone"),
    Setting("WAHANA_OIDC_ISSUER", "", "The identity provider people may sign in at; empty: none. Needs wahana[oidc]"),
    Setting("WAHANA_OIDC_CLIENT_ID", "", "What the identity provider calls this service"),
    Setting("WAHANA_OIDC_CLIENT_SECRET", "", "With what this service signs in there", secret=True),
    Setting(
        "WAHANA_OIDC_SECOND_FACTOR",
        "",
        "Values of its claims amr and acr that stand for a second factor, separated by blanks; empty: none does",
    ),
    Setting("WAHANA_DEMO", "0", "1: demonstration office; default secrets are accepted", kind="flag"),
)

#: What every process needs but the sealer, which has a key of its own instead.
SECRETS = frozenset(one.variable for one in SETTINGS if one.default is None)


class Config(msgspec.Struct, frozen=True):
    """The settings of one process, read and checked."""

    database_url: str
    owner_url: str
    views_url: str
    keys_url: str
    destroyer_url: str
    sealer_url: str
    shred_list: str
    keys_backup_dir: str
    keys_backup_days: int
    master_key: bytes
    old_master_key: bytes
    token_key: bytes
    secret_key: bytes
    receipt_key: bytes
    sealer_key: bytes
    sealer_dir: str
    log_origin: str
    policy: str
    base_url: str
    bind: str
    workers: int
    threads: int
    trusted_proxies: int
    log_level: str
    metrics_token: str
    dormant_months: int
    caseload_most: int
    timezone: str
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: str
    oidc_second_factor: str
    demo: bool

    @property
    def secure(self) -> bool:
        """Whether people reach the service over TLS."""
        return self.base_url.startswith("https://")


def demo_key(name: str) -> bytes:
    """The well-known key of the demonstration: worth nothing, and refused outside it."""
    return f"{DEMO_SECRET}:{name}".encode().ljust(32, b".")[:32]


def _value(
    setting: Setting, environment: Mapping[str, str], demo: bool, problems: list[str], secrets: Collection[str]
) -> Any:
    text = environment.get(setting.variable)
    path = environment.get(f"{setting.variable}_FILE")
    if text is None and path:
        try:
            text = Path(path).read_text("utf-8").strip()
        except OSError as error:
            problems.append(f"{setting.variable}_FILE: {error.strerror}")
            return None
        except UnicodeDecodeError:
            problems.append(f"{setting.variable}_FILE: not text in UTF-8; a key is written in base64")
            return None
    if text is None or text == "":
        text = setting.default
    if setting.kind == "key":
        name = setting.variable.removeprefix("WAHANA_").lower()
        if not text and demo:
            return demo_key(name)
        if not text and setting.variable not in secrets:
            return b""
        return _key(setting, text, demo, problems, demo_key(name))
    if text and setting.kind in KINDS and (wrong := KINDS[setting.kind](text)):
        problems.append(f"{setting.variable}: {wrong}")
        return None
    if setting.kind in ("number", "count"):
        return int(text or 0)
    return text == "1" if setting.kind == "flag" else text


def _key(setting: Setting, text: str | None, demo: bool, problems: list[str], well_known: bytes) -> bytes | None:
    if not text:
        problems.append(f"{setting.variable}: missing; make one with: head -c 32 /dev/urandom | base64")
        return None
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        problems.append(f"{setting.variable}: not 32 bytes in base64")
        return None
    if key == well_known and not demo:
        problems.append(f"{setting.variable}: the demonstration's key is refused outside the demonstration")
    return key


def read(environment: Mapping[str, str] | None = None, *, secrets: Collection[str] = SECRETS) -> Config:
    """The settings of this process, which cannot do without ``secrets``; another key that is not given is empty.

    Raises `BadConfiguration` with every problem found.
    """
    environment = os.environ if environment is None else environment
    problems: list[str] = []
    known = {setting.variable for setting in SETTINGS} | {"WAHANA_TRIALS", "WAHANA_CHROMIUM"}
    problems += [
        f"{variable}: no such setting"
        for variable in environment
        if variable.startswith("WAHANA_")
        and variable.removesuffix("_FILE") not in known
        and not variable.startswith("WAHANA_TEST_")
    ]
    demo = environment.get("WAHANA_DEMO", "0") == "1"
    values = {
        setting.variable.removeprefix("WAHANA_").lower(): _value(setting, environment, demo, problems, secrets)
        for setting in SETTINGS
    }
    if values["sealer_key"] and "WAHANA_SEALER_KEY" not in secrets and not demo:
        problems.append(
            "WAHANA_SEALER_KEY: for `wahana seal` alone; take it and WAHANA_SEALER_KEY_FILE away from this process"
        )
    problems += [*another_log(values["policy"], values["log_origin"]), *provider(values)]
    if problems:
        raise BadConfiguration(problems)
    values["owner_url"] = values["owner_url"] or values["database_url"]
    if values["database_url"].startswith("sqlite:"):
        values["destroyer_url"] = values["destroyer_url"] or values["database_url"]
    keys = values["keys_url"]
    beside = f"{sqlite_path(keys)}-shredded" if keys.startswith("sqlite:") else "var/shredded"
    values["shred_list"] = values["shred_list"] or beside
    return Config(**values)


def shown(config: Config) -> dict[str, Any]:
    """The settings by variable, secrets masked and passwords in URLs hidden."""
    visible: dict[str, Any] = {}
    for setting in SETTINGS:
        value = getattr(config, setting.variable.removeprefix("WAHANA_").lower())
        if setting.secret:
            value = "********" if value else ""
        elif isinstance(value, str) and "@" in value:
            scheme, _, rest = value.partition("://")
            value = f"{scheme}://********@{rest.rpartition('@')[2]}"
        visible[setting.variable] = value
    return visible
