"""The documents are true: links lead somewhere, commands and routes exist, and the tutorial works from end to end."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from domain.aggregate import EVENTS
from service import config
from service.api.documents import description
from service.app import build
from service.cli import main
from tests.house.test_repository import ROOT, files, text_of

DOCUMENTS = sorted(path for path in files() if path.suffix == ".md")
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
TUTORIAL = text_of(ROOT / "docs" / "tutorial.md")
# Not commands: words that go into a hash (see the log format).
SALTS = {"wahana master key id", "wahana key commitment"}
# Written by `make bench`; until it has run there is nothing to link to.
MEASURED = {"docs/performance.md"}


def code_of(text: str) -> str:
    """What a document shows as code: indented or fenced lines, and what stands between back ticks."""
    blocks = re.findall(r"(?ms)^```\w*\n(.*?)^```", text) + re.findall(r"(?m)^ {4,}(.+)$", text)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", text)])


def anchors(text: str) -> set[str]:
    titles = re.findall(r"(?m)^#+ +(.+)$", text)
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_to_a_file_and_a_title_that_are_there(name: str) -> None:
    wrong = []
    text = re.sub(r"(?ms)^```.*?^```", "", text_of(ROOT / name))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:|mailto:", target):
            continue
        path, _, anchor = target.partition("#")
        found = ((ROOT / name).parent / path).resolve() if path else ROOT / name
        if str(found.relative_to(ROOT)) in MEASURED:
            continue
        if not found.exists() or (anchor and anchor not in anchors(text_of(found))):
            wrong.append(target)
    assert wrong == []


def misnamed(line: str) -> str | None:
    """What is wrong with a command line that begins with `wahana`, if anything: a command or an option it has not."""
    words = line.split("#")[0].replace("…", "X").split()
    command: click.Command = main
    for word in words[1:]:
        if word in ("|", ">", "&&", ";", "|&"):
            break
        if word.startswith("-"):
            known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
            if word.partition("=")[0] not in known | {"--help", "-h"}:
                return f"{line!r}: {command.name} has no option {word}"
        elif isinstance(command, click.Group):
            found = command.commands.get(word.rstrip(",.:;)"))
            if found is None:
                return f"{line!r}: {command.name} has no command {word}"
            command = found
    return None


def command_lines(text: str) -> list[str]:
    """Every call of `wahana` that a document shows."""
    found = re.findall(r"(?m)(?:^|[`(] ?|\$ |&& |[A-Z_]+=\S+ |bin/|as_)(wahana [a-z-][^`\n]*)", code_of(text))
    return [line for line in found if line not in SALTS]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_and_option_that_is_named_exists(name: str) -> None:
    wrong = [problem for line in command_lines(text_of(ROOT / name)) if (problem := misnamed(line))]
    assert wrong == []


def test_a_command_that_is_not_there_would_be_noticed() -> None:
    assert misnamed("wahana project rebuild --json") is None
    assert misnamed("wahana project redo") is not None
    assert misnamed("wahana doctor --deep") is not None
    assert command_lines("    WAHANA_DEMO=1 wahana init && as_wahana doctor\n") == ["wahana init && as_wahana doctor"]


@pytest.fixture(scope="module")
def routes() -> set[str]:
    """Every path of the API, each parameter written as {}."""
    app = build(config.read({"WAHANA_DEMO": "1"}))
    paths = description(app.extensions["openapi"])["paths"]
    return {re.sub(r"\{[^}]*\}", "{}", path) for path in paths}


def path_of(written: str) -> str:
    """A path as a document writes it, as the description of the API would."""
    path = re.sub(r"[?#].*", "", written).rstrip(".,:;)\"'")
    return re.sub(r"\$\w+|\{\w*\}|<\w+>|\d{2}\.\d{2}\.[\d.]+|…", "{}", path)


@pytest.mark.parametrize("name", NAMES)
def test_every_route_that_is_named_is_served(name: str, routes: set[str]) -> None:
    wanted = {path_of(found) for found in re.findall(r"/api/v1/[^\s`\"']+", code_of(text_of(ROOT / name)))}

    def served(path: str) -> bool:
        pattern = re.compile(re.escape(path).replace(r"\{\}", "[^/]+"))
        return any(pattern.fullmatch(route.replace("{}", "x")) or route == path for route in routes) or any(
            re.fullmatch(re.escape(route).replace(r"\{\}", "[^/]+"), path) for route in routes
        )

    assert sorted(path for path in wanted if not served(path)) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_that_is_named_exists(name: str) -> None:
    known = {setting.variable for setting in config.SETTINGS} | {f"{one.variable}_FILE" for one in config.SETTINGS}
    known |= {"WAHANA_TRIALS_SEED", "WAHANA_TEST_POSTGRES_DSN"}
    assert set(re.findall(r"WAHANA_[A-Z_]+[A-Z]", text_of(ROOT / name))) - known == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_event_that_is_named_exists(name: str) -> None:
    nouns = {topic.partition(".")[0] for topic in EVENTS} - {"record"}
    named = re.findall(rf"`((?:{'|'.join(sorted(nouns))})\.[a-z_]+ed)`", text_of(ROOT / name))
    assert set(named) - set(EVENTS) == set()


def test_every_decision_is_listed_and_short() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = sorted(path.name for path in folder.glob("[0-9]*.md"))
    index = text_of(folder / "README.md")
    assert [name for name in pages if f"({name})" not in index] == []
    assert [name for name in pages if len(text_of(folder / name).splitlines()) > 40] == []
    assert [name[:4] for name in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]


def test_every_document_is_in_the_index() -> None:
    index = text_of(ROOT / "docs" / "README.md")
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in DOCUMENTS if path.is_relative_to(ROOT / "docs")}
    pages = {name for name in pages if not name.startswith("decisions/0") and name != "README.md"}
    assert {name for name in pages if f"({name})" not in index} == set()


class Served:
    """What `make run` serves, in a directory of its own, on a free port and with the small demonstration."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        (folder / "tools").mkdir()
        shutil.copy(ROOT / "tools" / "run.sh", folder / "tools")
        programs = folder / ".venv" / "bin"
        programs.mkdir(parents=True)
        code = "from service.cli import main; main(prog_name='wahana')"
        (programs / "wahana").write_text(
            f"#!/bin/sh\nexport PYTHONPATH={shlex.quote(str(ROOT))}\n"
            'if [ "$1" = demo ]; then set -- "$@" --small; fi\n'
            f'exec {shlex.quote(sys.executable)} -c "{code}" "$@"\n'
        )
        (programs / "wahana").chmod(0o755)
        self.process = subprocess.Popen(
            [folder / "tools" / "run.sh", ".venv/bin"],
            env={"PATH": os.environ["PATH"], "WAHANA_WORKERS": "1", "WAHANA_BIND": self.address},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"http://{self.address}/readyz", timeout=30).close()
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        raise AssertionError("the office does not serve")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    office = Served(tmp_path)
    try:
        office.wait()
        yield office
    finally:
        office.process.terminate()
        office.process.wait(30)


def blocks() -> list[tuple[str, list[str]]]:
    """The commands of the tutorial, each block with the words that the page promises to be in its output."""
    found: list[tuple[str, list[str]]] = []
    for kind, body in re.findall(r"(?ms)^```(sh|text)\n(.*?)^```", TUTORIAL):
        if kind == "sh":
            found.append((body, []))
        else:
            found[-1][1].extend(body.splitlines())
    return found


def test_the_tutorial_works_from_end_to_end(served: Served) -> None:
    steps = blocks()
    script = "set -eu -o pipefail\n"
    script += "\n".join(f"printf '\\n--- {number}\\n'\n{body}" for number, (body, _) in enumerate(steps))
    done = subprocess.run(
        ["bash", "-c", script.replace("127.0.0.1:8000", served.address)],
        cwd=served.folder,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    said = re.split(r"(?m)^--- \d+\n", done.stdout)[1:]
    assert len(said) == len(steps)
    missing: list[Any] = [
        (words, body, output[:2000])
        for (body, promised), output in zip(steps, said, strict=True)
        for words in promised
        if "".join(words.split()) not in "".join(output.split())
    ]
    assert missing == [], "\n\n".join(f"missing: {words}\n{body}\n{output}" for words, body, output in missing)
