"""What a setting of each kind may hold, a function each that says what is wrong with a text; and what has to fit."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from service.log.database import sqlite_path
from service.log.notes import is_name
from service.log.policy import BadPolicy, Policy

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
MOST = 9999  # what dates, processes and threads can be counted with
_BOUND = re.compile(r"unix:.+|fd://\d+|(?:\[[0-9a-fA-F:.]+\]|[^:\s]*)(?::(\d{1,5}))?")


def _number(text: str) -> str:
    if not text.isdecimal():
        return "not a whole number"
    return "" if len(text) < 10 and int(text) <= MOST else f"at most {MOST}"


def _count(text: str) -> str:
    return _number(text) or ("" if int(text) else "at least 1")


def _database(text: str) -> str:
    if text.startswith(("postgresql://", "postgres://")):
        return ""
    if not text.startswith("sqlite:///") or not Path(sqlite_path(text)).name:
        return "sqlite:///… with the path of a file, or postgresql://…"
    with suppress(OSError):
        if Path(sqlite_path(text)).is_dir():
            return f"{sqlite_path(text)} is a directory, not a file"
    return ""


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        return "no time zone of that name; one is Asia/Makassar"
    return ""


def _bind(text: str) -> str:
    for one in text.split(","):
        found = _BOUND.fullmatch(one)
        if not one or not found or int(found[1] or 0) > 65535:
            return "an address and a port, such as 127.0.0.1:8000"
    return ""


def _address(text: str) -> str:
    with suppress(ValueError):
        parts = urlsplit(text)
        _ = parts.port  # raises where it is no number
        if parts.scheme in ("http", "https") and parts.hostname and not re.search(r"\s", text):
            return ""
    return "an address that begins with https:// or http://"


def _policy(text: str) -> str:
    try:
        Policy.load(Path(text))
    except BadPolicy as error:
        return str(error)
    return ""


KINDS: dict[str, Callable[[str], str]] = {
    "number": _number,
    "count": _count,
    "database": _database,
    "zone": _zone,
    "bind": _bind,
    "address": _address,
    "policy": _policy,
    "level": lambda text: "" if text in LEVELS else f"one of {', '.join(LEVELS)}",
    "name": lambda text: "" if is_name(text) else "a name without spaces and plus signs",
    "flag": lambda text: "" if text in ("0", "1") else "0 or 1",
}


def another_log(policy: str, origin: str) -> list[str]:
    """What is wrong when the policy is that of a log of another name; nothing when it cannot be read, which is told."""
    with suppress(BadPolicy):
        name = Policy.load(Path(policy)).log.newest.name if policy else origin
        if origin and name != origin:
            return [f"WAHANA_POLICY: its log is {name}, and WAHANA_LOG_ORIGIN says {origin}"]
    return []


def provider(values: Mapping[str, Any]) -> list[str]:
    """What is missing for signing in at an identity provider, where one is named."""
    if not values["oidc_issuer"]:
        return []
    found = [
        f"WAHANA_{name.upper()}: missing; the identity provider hands it out"
        for name in ("oidc_client_id", "oidc_client_secret")
        if not values[name]
    ]
    if not values["oidc_issuer"].startswith(("https://", "http://127.0.0.1", "http://localhost")):
        found.append("WAHANA_OIDC_ISSUER: an address that begins with https://")
    if find_spec("authlib") is None:
        found.append("WAHANA_OIDC_ISSUER: pip install 'wahana[oidc]'")
    return found
