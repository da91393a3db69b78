"""The audit of dependencies: it never passes by having audited nothing. pip-audit is stood in for by a program that answers
as the real one was seen to, with and without its service."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.house.test_repository import ROOT, text_of

STAND_IN = """
import json, re, sys
from pathlib import Path
mode = sys.argv[1]
lock = next(word.partition("=")[2] for word in sys.argv if word.startswith("--requirement="))
assert {"--strict", "--disable-pip", "--require-hashes"} <= set(sys.argv)
pins = re.findall(r"(?m)^([a-z.-]+)==([^ ]+)", open(lock).read())
known = [{"name": n, "version": v, "vulns": []} for n, v in pins]
if mode == "away":  # without the service: a traceback, or this with --strict; nothing on standard output
    sys.exit(f"ERROR: {pins[0][0]}: Dependency not found and could not be audited")
if mode == "failing" and len(pins) > 1:  # of one package it knows nothing
    sys.exit("ServiceError")
if mode.startswith("lost"):  # it goes away amid the audit, for good
    if Path(mode.partition(":")[2]).exists():
        sys.exit("ConnectionError")
    Path(mode.partition(":")[2]).touch()
if mode == "silent":  # says that nothing is known, having looked at nothing
    known = []
if mode == "skipping":
    known = [{"name": n, "skip_reason": "could not be audited"} for n, v in pins]
if mode == "forgetful" and len(pins) > 1:
    known = known[1:]
if mode == "weak" and len(pins) > 1:
    known[0]["vulns"] = [{"id": "CVE-1", "fix_versions": ["2.0"], "aliases": [], "description": ""}]
print(json.dumps({"dependencies": known, "fixes": []}))
sys.exit(any(one.get("vulns") for one in known))
"""
LOCK = """alpha==1.0 \\
    --hash=sha256:{0} \\
    --hash=sha256:{0}
beta==2.0 ; sys_platform == 'elsewhere' \\
    --hash=sha256:{0}
gamma==3.0 ; python_full_version >= '3.11' \\
    --hash=sha256:{0}
""".format("0" * 64)


@pytest.fixture
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / "tools" / "audit.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("mode", "code", "said"),
    [
        ("fine", 0, "2 packages audited, 0 with a known weakness"),
        ("weak", 1, "alpha 1.0: CVE-1, mended in 2.0"),
        ("away", 69, "nothing was audited"),
        ("silent", 69, "nothing was audited"),
        ("skipping", 69, "nothing was audited"),
        ("failing", 1, "not everything was audited"),
        ("lost", 69, "went away amid the audit"),
        ("forgetful", 1, "not everything was audited"),
    ],
)
def test_an_audit_passes_only_when_every_package_was_looked_at(
    audit: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], mode: str, code: int, said: str
) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text(LOCK)
    given = f"lost:{tmp_path / 'asked-once'}" if mode == "lost" else mode
    assert audit.weaknesses([lock], tmp_path, [sys.executable, "-c", STAND_IN, given]) == code
    assert said in capsys.readouterr().err
    assert (tmp_path / "weaknesses.json").exists() == (mode in ("fine", "weak"))


def test_locks_without_a_package_are_no_audit(audit: ModuleType, tmp_path: Path) -> None:
    empty = tmp_path / "empty.lock"
    empty.write_text("")
    assert audit.weaknesses([empty], tmp_path, [sys.executable, "-c", STAND_IN, "fine"]) == 1


def test_every_package_of_our_locks_is_asked_about(audit: ModuleType) -> None:
    locks = sorted((ROOT / "requirements").glob("*.lock"))
    lines = [line for lock in locks for line in text_of(lock).splitlines() if "==" in line and " ; " not in line]
    names = {line.partition("==")[0].partition("[")[0].replace("_", "-").replace(".", "-").lower() for line in lines}
    pins = audit.pinned(locks)
    assert names <= set(pins)
    assert all(pin.count("--hash=sha256:") >= 1 for pin in pins.values())
    assert len(pins) > 80


def test_a_part_without_a_licence_is_told(audit: ModuleType) -> None:
    parts = [
        {"name": "a", "version": "1", "licenses": [{"license": {"id": "MIT"}}]},
        {"name": "b", "version": "2", "licenses": [{"expression": "MIT OR Apache-2.0"}]},
        {"name": "c", "version": "3", "licenses": [{"license": {"name": "License :: OSI Approved :: BSD License"}}]},
        {"name": "d", "version": "4"},
        {"name": "pip", "version": "5"},
    ]
    told = audit.licences(json.loads(json.dumps({"components": parts})))
    assert told == {"a 1": "MIT", "b 2": "MIT OR Apache-2.0", "c 3": "BSD License", "d 4": ""}


def test_what_is_audited_is_not_committed_and_not_part_of_ci() -> None:
    assert "build/" in text_of(ROOT / ".gitignore").splitlines()
    assert "audit" not in text_of(ROOT / ".ci" / "run")
    check = next(line for line in text_of(ROOT / "Makefile").splitlines() if line.startswith("check:"))
    assert "security" in check.split()
    assert "audit" not in check.split()
