#!/usr/bin/env python3
"""What Wahana is shipped with: a list of parts (CycloneDX), their licences, and known weaknesses of all that is locked.

    tools/audit.py SHIPPED_PYTHON FOLDER LOCK... [-- more arguments for pip-audit]

Runs in the environment of requirements/audit.lock. SHIPPED_PYTHON is the interpreter of an environment that holds what is
shipped and nothing else. Writes sbom.cdx.json, licences.md and weaknesses.json into FOLDER. Exit codes: 0 nothing known;
1 a known weakness, a part without a licence, or a package that could not be audited; 2 usage; 69 the service that knows
weaknesses cannot be reached.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.utils import canonicalize_name

BESIDE = Path(sys.executable).parent
PIP_AUDIT = [str(BESIDE / "pip-audit")]
CYCLONEDX = [str(BESIDE / "cyclonedx-py")]
#: In the environment because of how it is made, and not shipped.
TOOLS = {"pip", "setuptools", "wheel"}
UNAVAILABLE = 69
_PIN = re.compile(r"(?m)^([\w.-]+)(?:\[[^\]]*\])?==(\S+)(?: ; (.+?))? \\\n((?:    --hash=\S+(?: \\\n|\n|$))+)")


def say(text: str) -> None:
    print(f"audit: {text}", file=sys.stderr)


def pinned(locks: list[Path]) -> dict[str, str]:
    """The packages of the locks that this platform installs, each once: name to its lines in a lock."""
    found = {}
    for lock in locks:
        for pin in _PIN.finditer(lock.read_text("utf-8") + "\n"):
            if pin[3] is None or Marker(pin[3]).evaluate():
                found[canonicalize_name(pin[1])] = f"{pin[1]}=={pin[2]} \\\n{pin[4].rstrip()}\n"
    return found


def asked(pins: dict[str, str], command: list[str]) -> list[dict[str, Any]] | None:
    """What pip-audit says of each package; None when it says nothing that can be read.

    Without its service it says either nothing, or that it skipped what is certainly there; with ``--strict`` a skipped
    package ends it. An answer about fewer packages than were asked about is none.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".lock", encoding="utf-8") as lock:
        lock.write("".join(pins.values()))
        lock.flush()
        options = ["--strict", "--disable-pip", "--require-hashes", "--progress-spinner=off", "--format=json"]
        done = subprocess.run(  # noqa: S603 - a program of this environment
            [*command, *options, f"--requirement={lock.name}"], stdout=subprocess.PIPE, text=True, check=False
        )
    try:
        told = [one for one in json.loads(done.stdout)["dependencies"] if "skip_reason" not in one]
    except (ValueError, KeyError):
        return None
    return told if {canonicalize_name(one["name"]) for one in told} == set(pins) else None


def weaknesses(locks: list[Path], folder: Path, command: list[str]) -> int:
    """Ask about every locked package; the exit code."""
    pins = pinned(locks)
    if not pins:
        say("nothing was audited: no package stands in the locks")
        return 1
    probe = dict(list(pins.items())[:1])
    if asked(probe, command) is None:  # so that a service that is away is not asked a hundred times
        say("nothing was audited: the service that knows weaknesses cannot be reached")
        return UNAVAILABLE
    told = asked(pins, command)
    if told is None:
        if asked(probe, command) is None:
            say("the service that knows weaknesses went away amid the audit")
            return UNAVAILABLE
        say("not everything was audited")
        return 1
    (folder / "weaknesses.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    bad = [one for one in told if one["vulns"]]
    for one in bad:
        for weakness in one["vulns"]:
            mended = ", ".join(weakness["fix_versions"]) or "no version yet"
            say(f"{one['name']} {one['version']}: {weakness['id']}, mended in {mended}")
    say(f"{len(told)} packages audited, {len(bad)} with a known weakness")
    return 1 if bad else 0


def licences(sbom: dict[str, Any]) -> dict[str, str]:
    """Name and version of each part, and the licence that it declares; empty when it declares none."""
    found = {}
    for part in sbom["components"]:
        if part["name"] in TOOLS:
            continue
        stated = [one.get("license", {"id": one.get("expression")}) for one in part.get("licenses", ())]
        named = {(one.get("id") or one.get("name") or "").removeprefix("License :: OSI Approved :: ") for one in stated}
        found[f"{part['name']} {part['version']}"] = ", ".join(sorted(filter(None, named)))
    return dict(sorted(found.items()))


def parts(shipped: str, folder: Path) -> int:
    """Write the list of parts and that of licences; the exit code."""
    target = folder / "sbom.cdx.json"
    options = ["--output-reproducible", "--pyproject=pyproject.toml", f"--output-file={target}"]
    subprocess.run([*CYCLONEDX, "environment", *options, shipped], check=True)  # noqa: S603 - the same
    found = licences(json.loads(target.read_text("utf-8")))
    lines = ["# Licences of what is shipped", "", "| part | licence |", "|---|---|"]
    lines += [f"| {name} | {licence or '**none declared**'} |" for name, licence in found.items()]
    (folder / "licences.md").write_text("\n".join(lines) + "\n", "utf-8")
    without = [name for name, licence in found.items() if not licence]
    say(f"{len(found)} parts in {target} and {folder / 'licences.md'}")
    if without or not found:
        say(f"no licence is declared by {', '.join(without) or 'anything: no part was found'}")
        return 1
    return 0


def main(arguments: list[str]) -> int:
    given, _, more = " ".join(arguments).partition(" -- ")
    if len(given.split()) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    shipped, folder, *locks = given.split()
    Path(folder).mkdir(parents=True, exist_ok=True)
    listed = parts(shipped, Path(folder))
    return weaknesses([Path(one) for one in locks], Path(folder), PIP_AUDIT + more.split()) or listed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
