"""A receipt alone: from the picture of its QR code to what the verifier says of it, without the office and its log."""

from __future__ import annotations

import ast
import codecs
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.office import Office
from tests.service.audited import LOG, PROGRAM, STRANGER
from tests.service.offices import VILLAGE, Asking, make_office
from tests.service.qr_reader import read

BODY = {"village": VILLAGE, "kind": "arisan", "name": "Melati", "contact": "Ibu Rahma 0812"}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    office = make_office(tmp_path)
    key = office.receipts.key
    (tmp_path / "policy").write_text(f"log {LOG.key}\nreceipts {key}\nquorum none\n", "utf-8")
    yield office
    office.close()


def modules(svg: str) -> list[list[int]]:
    """The black and white of an SVG that draws rows of strokes, without the quiet zone."""
    [pixels], [path] = re.findall(r'width="(\d+)"', svg), re.findall(r' d="([^"]+)"', svg)
    width = int(pixels) // 4
    rows = [[0] * width for _ in range(width)]
    x = y = 0.0
    for kind, one, other in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", path):
        if kind == "M":
            x, y = float(one), float(other)
        elif kind == "m":
            x, y = x + float(one), y + float(other)
        else:
            for place in range(int(x), int(x + float(one))):
                rows[int(y)][place] = 1
            x += float(one)
    return [row[4:-4] for row in rows[4:-4]]


def scanned(here: Office) -> bytes:
    """What the QR code of a new receipt says."""
    worker = Asking(here, "supervisor")
    told = worker.done("/api/v1/kps", BODY)
    found = read(modules(worker.get(f"/api/v1/commands/{told['command']}/receipt.svg").get_data(as_text=True)))
    assert found == told["receipt"].encode(), "byte for byte"
    return found


def run(folder: Path, *receipts: bytes, words: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """The program as somebody runs it who was given receipts and a policy, and has nothing else."""
    asked = ["--policy", str(folder / "policy"), *words]
    for number, note in enumerate(receipts):
        (folder / f"receipt-{number}").write_bytes(note)
        asked += ["--receipt", str(folder / f"receipt-{number}")]
    return subprocess.run([sys.executable, "-I", PROGRAM, *asked], capture_output=True, text=True, check=False)


def test_the_picture_of_a_receipt_is_read_and_holds_without_a_log(here: Office, tmp_path: Path) -> None:
    note = scanned(here)
    _, _, command, recorded, event, *_ = note.decode().splitlines()
    position, stored, leaf = event.split()
    found = run(tmp_path, note)
    assert (found.returncode, found.stderr) == (0, "")
    assert "tanda tangan sah" in found.stdout
    assert f"perintah {command}, dicatat {recorded}, 1 peristiwa" in found.stdout
    assert f"posisi {position}: peristiwa {stored}, daun {leaf}" in found.stdout
    assert f"Kunci tanda terima menurut kebijakan: {here.receipts.key}" in found.stdout
    assert "tidak dicocokkan dengan ekspor" in found.stdout
    assert "belum dicocokkan dengan catatan" in found.stdout
    told = json.loads(run(tmp_path, note, words=("--json",)).stdout)
    assert (told["exit"], told["key"], len(told["unchecked"])) == (0, str(here.receipts.key), 2)
    assert [one["valid"] for one in told["receipts"]] == [True]
    assert told["receipts"][0]["events"] == [{"position": int(position), "id": stored, "leaf": leaf}]


def test_what_a_telephone_does_to_the_ends_of_lines_is_no_alteration(here: Office, tmp_path: Path) -> None:
    note = scanned(here)
    assert run(tmp_path, note.rstrip(), note.replace(b"\n", b"\r\n"), b"\n" + note + b"\n").returncode == 0


def test_the_mark_that_some_editors_save_before_a_text_is_no_alteration(here: Office, tmp_path: Path) -> None:
    note, policy = scanned(here), tmp_path / "policy"
    policy.write_bytes(codecs.BOM_UTF8 + policy.read_bytes())
    assert run(tmp_path, codecs.BOM_UTF8 + note).returncode == 0
    assert run(tmp_path, codecs.BOM_UTF8 * 2 + note).returncode == 3, "one of them"


def test_an_altered_receipt_is_told_from_one_that_cannot_be_checked(here: Office, tmp_path: Path) -> None:
    note = scanned(here)
    text, _, _ = note.decode().rpartition("\n\n")
    altered = note.replace(b"\n20", b"\n21", 1)
    stranger = STRANGER.note(f"{text}\n").encode()
    for receipts, code, said in (
        ((altered,), 3, "TANDA TANGAN TIDAK SAH"),
        ((note, altered, stranger), 3, "TANDA TANGAN TIDAK SAH"),
        ((stranger,), 1, "bukan tanda terima catatan ini yang bertanda tangan"),
        ((note, b"bukan nota"), 1, "bukan nota bertanda tangan"),
    ):
        found = run(tmp_path, *receipts)
        assert (found.returncode, found.stderr) == (code, "")
        assert said in found.stdout
    told = json.loads(run(tmp_path, note, altered, stranger, words=("--json",)).stdout)
    assert [one["valid"] for one in told["receipts"]] == [True, False, None]


def test_what_needs_a_log_is_refused_without_one(here: Office, tmp_path: Path) -> None:
    note = scanned(here)
    assert run(tmp_path).returncode == 1
    found = run(tmp_path, note, words=("--sample", "3", "--seed", "dadu"))
    assert (found.returncode, found.stderr) == (1, "")
    assert "hanya --receipt yang dapat diperiksa" in found.stdout
    assert run(tmp_path, note, words=("",)).returncode == 1, "an empty name of a bundle, of a forgotten variable"
    (tmp_path / "policy").write_text(f"log {LOG.key}\nquorum none\n", "utf-8")
    found = run(tmp_path, note)
    assert found.returncode == 1
    assert "kebijakan tidak menyebut kunci tanda terima" in found.stdout


def test_the_verifier_imports_the_standard_library_and_cryptography_alone() -> None:
    tree = ast.parse(PROGRAM.read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names}
    names |= {"." * node.level + (node.module or "") for node in imports if isinstance(node, ast.ImportFrom)}
    assert "json" in names
    others = {name.split(".")[0] for name in names} - sys.stdlib_module_names
    assert others == {"cryptography"}
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"__import__", "exec", "eval"}
    assert not {"importlib", "runpy"} & names, "nor by another way"
