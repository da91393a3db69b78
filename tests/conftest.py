"""What every test can ask for: a fresh database, on SQLite and on a real PostgreSQL.

`database_url` runs a test twice, once on each engine. `postgres_url` gives a fresh PostgreSQL database only.
The server is started by the first test that needs it, shared by all test processes, and stopped by the process that
started the test run. WAHANA_TEST_POSTGRES_DSN (a superuser's URL) uses another server instead.
"""

from __future__ import annotations

import itertools
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import postgres

pytest_plugins = ["tests.trials.plugin", "tests.service.casebooks"]

MAJOR = os.environ.get("WAHANA_TEST_POSTGRES_MAJOR", "18")
OTHER_SERVER = os.environ.get("WAHANA_TEST_POSTGRES_DSN", "")

# A slow machine is no failure. What failed is printed in a form that can be tried again.
settings.register_profile("wahana", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("wahana")

_home = pytest.StashKey[Path]()
_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    # Tests see none of the settings of the person who runs them.
    for name in [name for name in os.environ if name.startswith("WAHANA_")]:
        if not name.startswith(("WAHANA_TEST_", "WAHANA_TRIALS")):
            del os.environ[name]
    given = getattr(config, "workerinput", {}).get("postgres_home")
    config.stash[_home] = Path(given) if given else postgres.make_home()


@pytest.fixture(autouse=True)
def as_fast_as_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that is called in this process must not slow down whatever is tested after it."""
    monkeypatch.setattr("projections.processes.let_others_go_first", lambda *_: None)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Called by pytest-xdist for each of its processes: all of them use the same server."""
    node.workerinput["postgres_home"] = str(node.config.stash[_home])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and _home in config.stash:
        postgres.Server(config.stash[_home]).stop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which databases the tests ran on, and which journeys were not run for want of a browser."""
    terminalreporter.write_line(f"databases: SQLite {sqlite3.sqlite_version}, {_name_of_postgres()}")
    left_out = [one.nodeid for one in terminalreporter.stats.get("skipped", []) if "Chromium" in str(one.longrepr)]
    if left_out:
        terminalreporter.write_line(f"not run, no Chromium here: {', '.join(left_out)}")


def _name_of_postgres() -> str:
    if OTHER_SERVER:
        return f"PostgreSQL {postgres.version(OTHER_SERVER)} (WAHANA_TEST_POSTGRES_DSN)"
    try:
        program = postgres.package_of(MAJOR) / "pginstall" / "bin" / "postgres"
    except postgres.PostgresMissing as missing:
        return str(missing)
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return f"PostgreSQL {said.split()[-1]}"


@pytest.fixture(scope="session")
def postgres_dsn(request: pytest.FixtureRequest) -> str:
    """The superuser's URL of the running server."""
    return OTHER_SERVER or postgres.start(request.config.stash[_home], MAJOR).dsn


@pytest.fixture
def postgres_url(postgres_dsn: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, dropped after the test."""
    name = f"wahana_test_{os.getpid()}_{next(_numbers)}"
    yield postgres.make_database(postgres_dsn, name)
    postgres.drop_database(postgres_dsn, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('tmp_path') / 'wahana.db'}"
    return str(request.getfixturevalue("postgres_url"))
