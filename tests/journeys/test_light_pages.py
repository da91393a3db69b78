"""Every page weighs little on the line, whoever opens it: the first view with all that a browser loads for it, and later
ones with what it may not keep."""

from __future__ import annotations

import gzip
import re
from html import unescape
from pathlib import Path

import pytest

from tests.bench.pages import FIRST, LATER
from tests.journeys.sown import Sown, every_page
from tests.service.offices import VILLAGE, Asking

TEXTS = ["Ibu Rahma di Dusun Tiga", "Sering menangis sejak rumahnya runtuh."]
FIELD = ("tksk", "psm", "peksos", "pengurus_wksbm", "supervisor")


def test_every_page_weighs_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sown = Sown(tmp_path, TEXTS, monkeypatch, once=True)
    pages = every_page(sown.office, sown.one, each=1)
    pages["/jejak/<id>"].append(f"/jejak/{VILLAGE}")
    parts: dict[str, tuple[int, bool]] = {}
    above = {address: of for one in pages.values() for address in one if (of := _above(sown.one, address, parts))}
    for role in FIELD:
        for language in ("id", "en"):
            who = Asking(sown.office, role)
            for address in ("/luring", "/kotak-keluar"):
                if of := _above(who, address, parts, language):
                    above[f"{address} {role} {language}"] = of
    assert above == {}
    assert len(parts) > 10
    assert any(address.startswith("/luring/") for address in parts), "forms of a field role, loaded apart"


def _above(
    who: Asking, address: str, parts: dict[str, tuple[int, bool]], language: str = "id"
) -> tuple[int, int] | None:
    """What a page weighs at first and later, where that is too much. ``parts`` are those weighed before."""
    who.client.set_cookie("wahana-bahasa", language)
    headers = {"Authorization": f"Bearer {who.token}", "Accept": "text/html", "Accept-Encoding": "gzip"}
    page = who.client.get(address, headers=headers)
    assert page.status_code < 500, address
    if page.status_code != 200:
        return None
    html = gzip.decompress(page.data) if page.headers.get("Content-Encoding") == "gzip" else page.data
    text, first, later = html.decode(), len(page.data), len(page.data)
    loaded = re.findall(r'<(?:script|img)\b[^>]*?\bsrc="(/[^"]+)"', text)
    loaded += re.findall(r'<link\b[^>]*?rel="(?:stylesheet|icon)"[^>]*?href="(/[^"]+)"', text)
    for part in set(map(unescape, loaded)):
        if part not in parts:
            got = who.client.get(part, headers={**headers, "Accept": "*/*"})
            assert got.status_code == 200, part
            parts[part] = len(got.data), "immutable" in got.headers["Cache-Control"]
        weight, kept = parts[part]
        first, later = first + weight, later + (0 if kept else weight)
    return (first, later) if first > FIRST or later > LATER else None
