"""The repository keeps its own rules: what its files may name, how long they may be, and that its doors are described."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {".git", "var", "build", "dist", "vendor", "secrets", "node_modules", "__pycache__"}
ROOMS = ("domain", "projections", "service")
LONGEST_MODULE = 300
LONGEST_README = 150

# Written in pieces, so that this file passes its own test.
FORBIDDEN = [
    "pypi" + ".org",
    "python" + "hosted",
    "npm" + "js",
    "deb." + "debian",
    "docker" + ".io",
    "ghcr" + ".io",
    "un" + "pkg.com",
    "js" + "delivr",
    "cdn" + "js",
    "google" + "apis",
    "gstatic" + ".com",
    "/wo" + "rk/",
    "/tmp" + "/w/",
    "shared" + "/",
]


def files() -> list[Path]:
    """Every file of the repository that is ours: no environment, no cache, no data, nothing vendored."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        here = Path(folder)
        folders[:] = [
            name
            for name in folders
            if name not in NOT_OURS
            and not name.endswith((".egg-info", "_cache"))
            and name not in (".cache", ".hypothesis")
            and not (here / name / "pyvenv.cfg").exists()
        ]
        found += [here / name for name in names if not name.endswith((".pyc", ".db", ".png", ".woff2"))]
    return found


def text_of(path: Path) -> str:
    return path.read_text("utf-8", errors="replace")


def names_a_forbidden_place(text: str) -> list[str]:
    return [word for word in FORBIDDEN if word in text]


def test_no_file_names_a_package_host_a_content_network_or_a_place_on_one_machine() -> None:
    found = {
        str(path.relative_to(ROOT)): words for path in files() if (words := names_a_forbidden_place(text_of(path)))
    }
    assert found == {}


def test_the_search_for_forbidden_places_finds_one_that_is_there() -> None:
    assert names_a_forbidden_place("see https://pypi" + ".org/simple") == ["pypi" + ".org"]


def test_the_search_reads_the_files_that_matter() -> None:
    names = {str(path.relative_to(ROOT)) for path in files()}
    assert {"Makefile", ".ci/run", "Dockerfile", "requirements/run.lock", "domain/kps.py"} <= names
    assert not any(name.startswith(".git/") for name in names)


def test_no_module_is_longer_than_three_hundred_lines() -> None:
    modules = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    assert len(modules) > 10
    long = {
        str(path.relative_to(ROOT)): n for path in modules if (n := len(text_of(path).splitlines())) > LONGEST_MODULE
    }
    assert long == {}


@pytest.mark.parametrize("name", ["build", "run", "test", "lint", "audit", "postgres17", "peers"])
def test_a_lock_holds_exact_versions_with_hashes_and_nothing_else(name: str) -> None:
    lines = text_of(ROOT / "requirements" / f"{name}.lock").splitlines()
    pin = re.compile(r"[a-z0-9._-]+(\[[a-z0-9,._-]+\])?==[0-9][^ ]*( ; [^\\]+)? \\")
    hash_line = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [line for line in lines if not pin.fullmatch(line) and not hash_line.fullmatch(line)] == []
    assert sum("==" in line for line in lines) >= 1


def test_all_locks_agree_on_the_version_of_a_package() -> None:
    versions: dict[str, set[str]] = {}
    for lock in (ROOT / "requirements").glob("*.lock"):
        for package, version in re.findall(r"(?m)^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^ ]+)", text_of(lock)):
            versions.setdefault(package, set()).add(version)
    assert {package: found for package, found in versions.items() if len(found) > 1} == {}


def test_the_lock_of_node_holds_exact_versions_with_hashes_and_no_address() -> None:
    text = text_of(ROOT / "tests" / "bench" / "peers" / "package-lock.json")
    packages = {name: each for name, each in json.loads(text)["packages"].items() if name}
    assert len(packages) > 10
    assert [name for name, each in packages.items() if not each["integrity"].startswith("sha512-")] == []
    assert "://" not in text


def test_every_task_of_make_is_described_in_make_help() -> None:
    declared = re.search(r"(?m)^\.PHONY: (.+)$", text_of(ROOT / "Makefile"))
    assert declared
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    described = dict(re.findall(r"(?m)^  make (\S+) +(\S.*)$", said))
    assert set(described) == set(declared[1].split())


def test_continuous_integration_runs_what_make_check_runs() -> None:
    run = ROOT / ".ci" / "run"
    assert os.access(run, os.X_OK)
    assert re.search(r"(?m)^make (--keep-going )?check ", text_of(run))
    check = re.search(r"(?m)^check: (.+?) ##", text_of(ROOT / "Makefile"))
    assert check
    assert check[1].split()[-1] == "test"


def test_the_readme_stays_short() -> None:
    readme = ROOT / "README.md"
    assert readme.exists()
    assert len(text_of(readme).splitlines()) <= LONGEST_README


def test_the_licence_is_the_one_that_is_declared() -> None:
    assert 'license = "AGPL-3.0-or-later"' in text_of(ROOT / "pyproject.toml")
    assert text_of(ROOT / "LICENSE").split()[:5] == ["GNU", "AFFERO", "GENERAL", "PUBLIC", "LICENSE"]
