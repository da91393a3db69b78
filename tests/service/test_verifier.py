"""tools/verify_casebook.py: an honest export passes, and what it cannot trust it does not open."""

from __future__ import annotations

import json
import os
import random
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.field_classes import reviewed
from service.log.notes import Checkpoint, Note, b64
from service.log.tree import EMPTY_ROOT
from tests.service.audited import (
    LOG,
    ORIGIN,
    POLICY,
    PROGRAM,
    STRANGER,
    WITNESSES,
    Audited,
    lived,
    size_of,
    verifier,
    without_keepers,
)
from tests.service.casebooks import Desk


@pytest.fixture
def here(desk: Desk, tmp_path: Path) -> Audited:
    return lived(desk, tmp_path, random.Random(7501), 24)


def run(here: Audited, *words: str, bundle: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The program as the auditor runs it, alone."""
    (here.folder / "policy").write_text(POLICY, "utf-8")
    asked = [str(bundle or here.export()), "--policy", str(here.folder / "policy"), *words]
    return subprocess.run([sys.executable, "-I", PROGRAM, *asked], capture_output=True, text=True, check=False)


def files(here: Audited, option: str, notes: list[str]) -> list[str]:
    words = []
    for number, note in enumerate(notes):
        path = here.folder / f"{option}-{number}"
        path.write_text(note, "utf-8")
        words += [f"--{option}", str(path)]
    return words


def test_an_honest_export_has_nothing_that_differs(here: Audited) -> None:
    words = [*files(here, "checkpoint", here.own), *files(here, "receipt", here.receipts)]
    found = run(here, *words)
    assert (found.returncode, found.stderr) == (0, "")
    assert "tidak ada yang berbeda" in found.stdout
    assert "belum ditandatangani" in found.stdout
    assert "berkas bukti (surat, foto): tidak ikut diekspor" in found.stdout
    told = json.loads(run(here, *words, "--json", "--sample", "5", "--seed", "undian").stdout)
    assert (told["differences"], told["events"], told["own"]) == ([], here.head(), size_of(here.own[0]))
    drawn = [one["position"] for one in told["sample"]]
    assert drawn == verifier.draws("undian", size_of(here.own[0]), 5)
    assert len(set(drawn)) == 5


def test_an_altered_receipt_is_a_difference_among_the_others(here: Audited) -> None:
    altered = here.receipts[0].replace("\n20", "\n21", 1)
    found = run(here, *files(here, "receipt", [altered, here.receipts[1]]), "--json")
    told = json.loads(found.stdout)
    assert (found.returncode, [one["kind"] for one in told["differences"]]) == (3, ["receipt"])
    assert "tanda tangan tidak sah" in told["differences"][0]["sentence"]
    assert told["events"] == here.head(), "the rest is checked"
    assert run(here, *files(here, "receipt", ["bukan nota"])).returncode == 1


def test_the_code_of_each_checkpoint_is_told_to_be_held_against_minutes(here: Audited) -> None:
    published = [Checkpoint.parse(Note.parse(one.note).text) for one in here.checkpoints.before(None, 100)]
    latest, _, witnessed = published
    told = run(here, "--codes").stdout
    for one in (latest, witnessed):  # what was sealed between them in one month is not exported
        assert f"\n  {one.size}  {b64(one.root)}\n" in told
    without_keepers(here.owner)
    here.owner.rows(f"UPDATE events SET text = replace(text, '75.01', '75.02') WHERE position = {witnessed.size + 1}")
    codes = json.loads(run(here, "--codes", "--json").stdout)["codes"]
    assert [(one["size"], one["code"], one["fits"]) for one in codes] == [
        (witnessed.size, b64(witnessed.root), True),
        (latest.size, b64(latest.root), False),
    ]
    assert f"{b64(latest.root)}  BERBEDA" in run(here, "--codes").stdout


@pytest.mark.parametrize("parts", ["sealed", "opened"])
def test_boxes_and_what_is_in_them_are_exported_when_asked(here: Audited, parts: str) -> None:
    path = here.export(parts)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    found = run(here, bundle=path)
    assert found.returncode == 0
    with zipfile.ZipFile(path) as bundle:
        assert ("opened.ndjson" in bundle.namelist()) == (parts == "opened")
        texts = bundle.read("opened.ndjson").decode() if parts == "opened" else ""
    assert ("Ibu Rahma 0812" in texts) == (parts == "opened")
    with zipfile.ZipFile(here.export()) as bundle:
        assert not {"boxes.ndjson", "opened.ndjson"} & set(bundle.namelist())


def test_an_export_that_is_interrupted_leaves_nothing(here: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    old = here.export().read_bytes()
    monkeypatch.setattr("service.log.bundle._checkpoints", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        here.export()
    assert (here.folder / "casebook.zip").read_bytes() == old
    assert not list(here.folder.glob(".casebook.zip*"))


def test_what_is_written_while_an_export_reads_is_not_in_it(here: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    from service.log import bundle

    honest, before = bundle._lines, here.head()

    def meanwhile(file: Any, name: str, values: Any) -> None:
        here.desk.casebook().record(*_another())
        honest(file, name, values)

    monkeypatch.setattr(bundle, "_lines", meanwhile)
    path = here.export()
    assert json.loads(zipfile.ZipFile(path).read("manifest.json"))["events"] == before < here.head()
    assert run(here, bundle=path).returncode == 0


def _another() -> tuple[Any, Any]:
    from service.log.ids import new_id
    from tests.service.casebooks import command, registration

    return command(), registration(new_id(), "Ibu Sri")


def copied(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The bundle again with other members; None leaves one out."""
    other = path.with_name("other.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
    return other


def added(path: Path, name: str, data: bytes) -> Path:
    other = copied(path, lambda _, data: data)
    with zipfile.ZipFile(other, "a", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(name, data)
    return other


HOSTILE: dict[str, Callable[[Path], Path]] = {
    "a member outside": lambda path: added(path, "../../etc/passwd", b"x"),
    "code": lambda path: added(path, "cryptography/__init__.py", b"raise SystemExit(0)"),
    "a bomb": lambda path: copied(path, lambda name, data: b"0" * 50_000_000 if name == "events.ndjson" else data),
    "a line without end": lambda path: copied(path, lambda name, data: data[:-1] if name == "events.ndjson" else data),
    "deep JSON": lambda path: copied(path, lambda name, data: b"[" * 200_000 if name == "manifest.json" else data),
    "a member missing": lambda path: copied(path, lambda name, data: None if name == "keys.ndjson" else data),
    "no columns": lambda path: copied(path, lambda name, data: b"" if name == "columns.ndjson" else data),
    "strange columns": lambda path: copied(path, lambda name, data: b"{}\n" if name == "columns.ndjson" else data),
    "strange checkpoints": lambda path: copied(
        path, lambda name, data: b"1\n" if name == "checkpoints.ndjson" else data
    ),
    "a large tile": lambda path: added(path, "tile/0/999", b"x" * 8193),
    "damaged bytes": lambda path: _damaged(path),
    "half a file": lambda path: _half(path),
}


def _half(path: Path) -> Path:
    other = path.with_name("other.zip")
    other.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return other


def _damaged(path: Path) -> Path:
    other = path.with_name("other.zip")
    data = bytearray(path.read_bytes())
    start = data.index(b"manifest.json") + len("manifest.json")
    data[start : start + 4] = b"\xff" * 4
    other.write_bytes(data)
    return other


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_bundle_is_refused_and_says_so(here: Audited, kind: str) -> None:
    found = run(here, bundle=HOSTILE[kind](here.export()))
    assert (found.returncode, found.stderr) == (1, "")
    assert "tidak dapat diperiksa" in found.stdout


def test_a_name_that_stands_twice_is_refused(here: Audited) -> None:
    path = here.export()
    with pytest.warns(UserWarning, match="Duplicate name"):
        other = added(path, "events.ndjson", b"{}\n")
    assert run(here, bundle=other).returncode == 1


def test_a_checkpoint_of_a_stranger_is_no_checkpoint(here: Audited) -> None:
    text = here.own[0].partition("\n\n")[0] + "\n"
    stranger, flipped = STRANGER.note(text), here.own[0].replace(text, text.replace(text[15], "!", 1))
    for note in (stranger, flipped, "", "x" * 2_000_000):
        found = run(here, *files(here, "checkpoint", [note]))
        assert found.returncode == 1
    with pytest.raises(ValueError, match="tidak sah"):
        verifier.open_note(
            here.own[0].replace("wahana/75.01\n", "wahana/75.01\n\n", 1), [verifier.read_key(str(LOG.key), 1)]
        )


def test_space_around_the_auditors_own_checkpoint_is_no_alteration(here: Audited) -> None:
    honest, (kept, *_) = here.export(), here.own
    for note in (kept.replace("\n", "\r\n"), f"{kept}\n", f"\n{kept}  \r\n"):
        (here.folder / "kept").write_bytes(note.encode())
        told = json.loads(run(here, "--json", "--checkpoint", str(here.folder / "kept"), bundle=honest).stdout)
        assert (told["exit"], told.get("own")) == (0, size_of(kept))
    altered = kept.replace("\n", "\r\n").replace(kept[:6], kept[:5] + "x", 1)
    assert run(here, *files(here, "checkpoint", [altered]), bundle=honest).returncode == 1


def test_a_witnessed_checkpoint_of_no_events_reaches_no_quorum(here: Audited) -> None:
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT).text
    row = {"size": 0, "sealed": "", "note": LOG.note(empty) + str(WITNESSES["bpk"].cosign(empty, 1_700_000_000))}

    def change(name: str, data: bytes) -> bytes:
        return json.dumps(row).encode() + b"\n" if name == "checkpoints.ndjson" else data

    told = json.loads(run(here, "--json", bundle=copied(here.export(), change)).stdout)
    assert (told["exit"], [one["kind"] for one in told["differences"]]) == (3, ["quorum"])


def test_the_quorum_is_asked_to_reach_a_position(here: Audited) -> None:
    honest = here.export()
    witnessed = json.loads(run(here, "--json", bundle=honest).stdout)["witnessed"]
    assert 0 < witnessed < here.head()
    assert run(here, "--witnessed-upto", str(witnessed), bundle=honest).returncode == 0
    found = run(here, "--witnessed-upto", str(witnessed + 5), bundle=honest)
    assert found.returncode == 3
    assert f"posisi {witnessed + 1}-{witnessed + 5}: disaksikan hanya sampai posisi {witnessed}" in found.stdout


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("quorum luar\n", ""),
        lambda text: text.replace("quorum luar", "quorum lain"),
        lambda text: text.replace("any inspektorat", "3 inspektorat"),
        lambda text: text.replace("any inspektorat bpk", "2 inspektorat inspektorat"),
        lambda text: text + text.splitlines()[0],
        lambda text: text + "allow all\n",
        lambda text: text.replace("log ", "log x"),
    ],
)
def test_a_policy_that_is_not_understood_is_refused(change: Callable[[str], str]) -> None:
    assert verifier.read_policy(POLICY).quorum == "luar"
    with pytest.raises(verifier.Unreadable):
        verifier.read_policy(change(POLICY))


def test_another_log_is_not_checked_by_this_policy(here: Audited) -> None:
    def other(name: str, data: bytes) -> bytes:
        return data.replace(b"wahana/75.01", b"wahana/71.01") if name == "manifest.json" else data

    assert run(here, bundle=copied(here.export(), other)).returncode == 1


EVIL = "\x1b[2J\u202e\ud800x\n"


def test_what_a_bundle_says_does_nothing_to_a_terminal(here: Audited) -> None:
    def evil(name: str, data: bytes) -> bytes:
        first, rest = data.split(b"\n", 1)
        if name == "columns.ndjson":
            row = json.loads(first)
            row[1] = EVIL
            first = json.dumps(row).encode()
        return b"not JSON\n" + rest if name == "events.ndjson" else first + b"\n" + rest if b"\n" in data else data

    path = copied(here.export(), lambda name, data: evil(name, data) if name.startswith(("events", "col")) else data)
    found = run(here, bundle=path)
    assert (found.returncode, found.stderr) == (3, "")
    assert "aliran ?[2J??x?" in found.stdout
    told = json.loads(run(here, "--json", bundle=path).stdout)
    assert EVIL in {one["stream"] for one in told["differences"]}


def test_gaps_of_a_bundle_are_bounded_in_all(here: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    def scattered(name: str, data: bytes) -> bytes:
        if name != "columns.ndjson":
            return data
        rows = [json.loads(line) for line in data.splitlines()]
        return b"".join(json.dumps([number * 90, *row[1:]]).encode() + b"\n" for number, row in enumerate(rows, 1))

    monkeypatch.setattr(verifier, "MOST_MISSING", 100)
    check = verifier.Check(verifier.Bundle(str(copied(here.export(), scattered))), verifier.read_policy(POLICY))
    check.run()
    assert here.head() < check.tree.size <= here.head() + 100
    assert check.code() == 3


def test_a_checkpoint_of_another_name_is_told_and_is_no_difference(here: Audited) -> None:
    text = here.own[0].partition("\n\n")[0].replace("wahana/75.01", "wahana/71.01") + "\n"
    row = {"size": size_of(here.own[0]), "sealed": "2026-01-01T00:00:00Z", "note": STRANGER.note(text)}
    other = json.dumps(row).encode() + b"\n"
    path = copied(here.export(), lambda name, data: other + data if name == "checkpoints.ndjson" else data)
    found = run(here, bundle=path)
    assert (found.returncode, found.stderr) == (0, "")
    assert "dari catatan lain, 'wahana/71.01'" in found.stdout


def test_the_account_of_a_command_is_that_of_its_events(here: Audited) -> None:
    def other(name: str, data: bytes) -> bytes:
        if name != "commands.ndjson":
            return data
        rows = [json.loads(line) for line in data.splitlines()]
        return b"".join(json.dumps([row[0], "somebody", *row[2:]]).encode() + b"\n" for row in rows)

    found = run(here, bundle=copied(here.export(), other))
    assert found.returncode == 3
    assert "akun berbeda dari akun perintahnya" in found.stdout


def test_a_line_feed_in_a_text_is_told(here: Audited) -> None:
    without_keepers(here.owner)
    [(text,)] = here.owner.rows("SELECT text FROM events WHERE position = 3")
    here.owner.rows("UPDATE events SET text = :text WHERE position = 3", text=text.replace('"', '"\n', 1))
    told = [(one.kind, one.first) for one in here.check().differences]
    assert {("text", 3), ("leaf", 3)} <= set(told)


def test_the_sample_is_drawn_from_the_auditors_own_checkpoint(here: Audited) -> None:
    words = ["--json", "--sample", "4", "--seed", "dadu", *files(here, "checkpoint", here.own[:1])]
    told = json.loads(run(here, *words).stdout)
    assert [one["position"] for one in told["sample"]] == verifier.draws("dadu", size_of(here.own[0]), 4)


def row_changed(data: bytes, place: int) -> bytes:
    """The first line of a member with another value at one place."""
    first, rest = data.split(b"\n", 1)
    row = json.loads(first)
    row[place] = row[place] + 1 if isinstance(row[place], int) else f"other {row[place]}"
    return json.dumps(row).encode() + b"\n" + rest


#: By member: the places that an event, or another member, is bound to. The others are the exporter's word.
BOUND = {"columns": range(8), "commands": (0, 1, 3, 4, 5), "parts": range(5), "keys": range(3)}


def test_whatever_the_events_are_bound_to_is_noticed_when_it_is_exchanged(here: Audited) -> None:
    honest = here.export()
    for name, place in [(f"{member}.ndjson", place) for member, places in BOUND.items() for place in places]:

        def other(member: str, data: bytes, name: str = name, place: int = place) -> bytes:
            return row_changed(data, place) if member == name else data

        assert here.check(bundle=copied(honest, other)).code() == 3, (name, place)


def test_what_nothing_is_bound_to_is_said_to_be_the_exporters_word(here: Audited) -> None:
    honest = here.export()
    with zipfile.ZipFile(honest) as bundle:
        subject = json.loads(bundle.read("parts.ndjson").split(b"\n")[0])[2].encode()

    exchanged: dict[str, Callable[[bytes], bytes]] = {
        "commands.ndjson": lambda data: row_changed(data, 2),
        "parts.ndjson": lambda data: data.replace(subject, b"somebody else"),
        "keys.ndjson": lambda data: data.replace(subject, b"somebody else"),
        "checkpoints.ndjson": lambda data: data.replace(b'"sealed":"2', b'"sealed":"1'),
        "manifest.json": lambda data: data.replace(b'"exported":"2', b'"exported":"1'),
        "code-systems.json": lambda data: data.replace(b"Kelompok", b"Orang"),
    }

    def other(name: str, data: bytes) -> bytes:
        changed = exchanged.get(name, lambda data: data)(data)
        assert (changed != data) == (name in exchanged), name
        return changed

    found = run(here, bundle=copied(honest, other))
    assert found.returncode == 0
    unchecked = found.stdout.partition("TIDAK DAPAT DIPERIKSA")[2]
    for name in exchanged:
        assert any(name in said and "hanya menurut pembuat ekspor" in said for said in unchecked.splitlines()), name


def test_every_version_of_a_list_that_an_event_names_is_in_the_bundle(here: Audited) -> None:
    def without(name: str, data: bytes) -> bytes:
        return (
            data.replace(b'"version":"ID-KPS-2019"', b'"version":"ID-KPS-2018"')
            if name == "code-systems.json"
            else data
        )

    found = run(here, bundle=copied(here.export(), without))
    assert found.returncode == 3
    assert "code-systems.json tidak memuat daftar ID-KPS-2019, yang disebut" in found.stdout
    for nothing in (b"{}", b"[]", b'{"lists":[1,{"versions":[2]}],"instruments":3}'):
        path = copied(here.export(), lambda name, data, it=nothing: it if name == "code-systems.json" else data)
        assert {one.kind for one in here.check(bundle=path).differences} == {"codes"}


@pytest.mark.parametrize(
    ("event", "named"),
    [
        ({"kinds": "ID-KPS-2019", "kind": "arisan"}, {("", "ID-KPS-2019")}),
        ({"grounds": ["nik"], "grounds_list": "ID-GANDA-2019", "reasons": {"part": "1"}}, {("", "ID-GANDA-2019")}),
        ({"instrument": "umum", "instrument_version": "2"}, {("umum", "2")}),
        ({"instrument": {"part": "1"}, "instrument_version": "2"}, set()),
        ({"changes": {"units": "ID-SATUAN-2019"}}, {("", "ID-SATUAN-2019")}),
    ],
)
def test_the_versions_that_an_event_names(event: dict[str, Any], named: set[tuple[str, str]]) -> None:
    assert set(verifier.versions_named(event)) == named


def test_the_members_that_name_lists_are_those_of_events() -> None:
    named = {row.field for row in reviewed() if row.type == "str"}
    assert named >= verifier.LISTED
