"""What comes from elsewhere is byte for byte what it was, and asks no other host for anything."""

import hashlib
import json

from tests.house.tables import ROOT

STATIC = ROOT / "service" / "web" / "static"


def test_vendored_files_have_the_hashes_of_their_manifest() -> None:
    manifest = json.loads((STATIC / "vendor" / "manifest.json").read_text("utf-8"))
    named = {name: digest for package in manifest.values() for name, digest in package["files"].items()}
    for name, digest in named.items():
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == digest, name
    code = {path.name for path in (STATIC / "vendor").iterdir() if path.suffix in (".js", ".css")}
    assert code == set(named)


def test_our_own_pages_load_nothing_from_another_host() -> None:
    for path in STATIC.glob("*.*"):
        text = path.read_text("utf-8")
        assert "//" not in text.replace("<!--", "").replace("http://www.w3.org/2000/svg", ""), (
            path
        )  # a name, not a place
