"""What the code imports is declared, and what is declared is used."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("domain", "projections", "service")

# Parts of a framework that is declared: flask stands on the first three, flask-smorest on the others.
COME_WITH_ANOTHER = {"werkzeug", "jinja2", "markupsafe", "webargs", "apispec"}


def imported() -> dict[str, set[str]]:
    """Each distribution that the three rooms import, with the files that do."""
    found: dict[str, set[str]] = {}
    distributions = packages_distributions()
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module]
            for top in {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) - set(ROOMS):
                for distribution in distributions.get(top, [top]):
                    found.setdefault(normal(distribution), set()).add(str(path.relative_to(ROOT)))
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    ranges = project["dependencies"] + [line for extra in project["optional-dependencies"].values() for line in extra]
    names = {normal(re.split(r"[\[<>=!~ ;]", line)[0]) for line in ranges}
    # The brackets of psycopg[binary,pool] declare distributions of their own.
    return names | {
        f"psycopg-{extra}" for line in ranges if line.startswith("psycopg[") for extra in ("binary", "pool")
    }


def test_everything_that_is_imported_is_declared() -> None:
    unknown = {name: files for name, files in imported().items() if name not in declared() | COME_WITH_ANOTHER}
    assert unknown == {}


def test_everything_that_is_declared_is_used() -> None:
    # gunicorn is started as a program; psycopg loads its binary part by itself; zoneinfo reads tzdata where the
    # operating system has no time zones.
    assert declared() - set(imported()) - {"gunicorn", "psycopg-binary", "tzdata"} == set()
