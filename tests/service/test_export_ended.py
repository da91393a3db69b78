"""An export that is ended leaves nothing that can be read, and nothing under the name that was asked for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.office import Office
from tests.service.offices import make_office, person, settings_of

# Says when the members that hold personal parts are written, and waits to be ended.
WAITING = """
import time
from service.log import bundle
lines = bundle._lines
def slow(archive, name, values):
    lines(archive, name, values)
    if name == "{member}":
        print("written", flush=True)
        time.sleep(60)
bundle._lines = slow
from service.cli import main
main()
"""
WITHOUT = """
import os
real = os.open
def refusing(path, flags, *more, **options):
    if flags & os.O_TMPFILE == os.O_TMPFILE:
        raise OSError(95, "not here")
    return real(path, flags, *more, **options)
os.open = refusing
"""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    office = make_office(tmp_path)
    person(office)
    yield office
    office.close()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return lambda *words: CliRunner().invoke(main, words, env=settings_of(tmp_path))


Run = Callable[..., Result]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize(("parts", "before"), [("opened", ""), ("sealed", ""), ("sealed", WITHOUT)])
def test_an_export_with_personal_parts_that_is_ended_leaves_nothing(
    here: Office, run: Run, tmp_path: Path, number: signal.Signals, parts: str, before: str
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    words = ["events", "export", "--output", str(folder / "casebook.zip"), "--parts", parts, "--for", "Inspektorat"]
    with subprocess.Popen(
        [sys.executable, "-c", before + WAITING.format(member={"sealed": "boxes"}.get(parts, parts)), *words],
        env={**os.environ, **settings_of(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as export:
        assert export.stdout is not None
        assert export.stdout.readline() == "written\n"
        export.send_signal(number)
        export.wait(30)
    left = [path.name for path in folder.iterdir()]
    if number == signal.SIGKILL and before:
        assert left == [f".casebook.zip.unfinished-{export.pid}"], "the next export puts it away"
    else:
        assert left == []
    assert run(*words).exit_code == 0
    assert [path.name for path in folder.iterdir()] == ["casebook.zip"]
    assert (folder / "casebook.zip").stat().st_mode & 0o777 == 0o600


def test_opened_parts_are_not_written_where_an_unfinished_file_could_be_seen(
    here: Office, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, folder = os.open, tmp_path / "stick"
    folder.mkdir()

    def as_on_a_stick(path: str, flags: int, *more: int, **options: int) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(95, "not here")
        return real(path, flags, *more, **options)

    monkeypatch.setattr(os, "open", as_on_a_stick)
    head = here.reader.head()[0]
    words = ["events", "export", "--output", str(folder / "casebook.zip"), "--for", "Inspektorat", "--parts"]
    refused = run(*words, "opened")
    assert (refused.exit_code, list(folder.iterdir()), here.reader.head()[0]) == (1, [], head)
    assert "Tulis dulu ke folder di cakram server ini, lalu salin" in refused.stderr
    assert run(*words, "sealed").exit_code == 0
    assert [path.name for path in folder.iterdir()] == ["casebook.zip"]


def test_texts_have_the_name_of_the_file_only_when_all_are_there(
    here: Office, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "casebook.ndjson"
    assert run("events", "export", "--output", str(path)).exit_code == 0
    before = path.read_text("utf-8")
    assert len(before.splitlines()) == here.reader.head()[0]

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    failed = run("events", "export", "--output", str(path))
    assert (failed.exit_code, "No space left" in failed.stderr) == (1, True)
    assert path.read_text("utf-8") == before
    assert run("events", "export", "--output", "-").stdout == before


def test_positions_that_no_log_can_reach_are_a_matter_of_usage(here: Office, run: Run) -> None:
    for words in (("tail",), ("export",)):
        assert run("events", *words, "--after", "99999999999999999999").exit_code == 2
    assert run("project", "rebuild", "cases", "cases").exit_code == 0
