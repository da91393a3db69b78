"""The page of rules: every rule that a problem document may name is on it, and is reached by the document's ``type``."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from service.api.rules import rules
from tests.service.offices import Asking

ROOT = Path(__file__).resolve().parents[2]


def test_every_rule_that_a_route_names_itself_is_listed() -> None:
    named = {
        name
        for path in [ROOT / "service" / "app.py", *(ROOT / "service" / "api").glob("*.py")]
        for name in re.findall(r"\b(?:rule(?:=|\": )|said\()\"(\w+)\"", path.read_text("utf-8"))
    }
    assert len(named) > 5
    assert named - {rule.name for rule in rules()} == set()


def test_the_type_of_a_problem_leads_to_its_rule(client: Callable[[str], Asking]) -> None:
    asking = client("tksk")
    refused = asking.client.get("/api/v1/cases").get_json()
    address, _, anchor = refused["type"].partition("#")
    page = asking.client.get(address)
    assert (page.status_code, page.mimetype) == (200, "text/html")
    text = page.get_data(as_text=True)
    assert f'<tr id="{anchor}"><td><code>not_signed_in</code></td><td>401</td>' in text
    assert "<script" not in text
    assert not re.search(r"<style|\sstyle=", text)
    anchors = re.findall(r'<tr id="([a-z_]+)">', text)
    assert anchors == sorted({rule.name for rule in rules()})
    assert {"account_is_closed", "stale_base", "probable_duplicates", "file_too_large", "weak_password"} <= set(anchors)


def test_a_problem_is_as_compact_as_an_answer(client: Callable[[str], Asking]) -> None:
    text = client("tksk").client.get("/api/v1/cases").get_data(as_text=True)
    assert text.startswith('{"type":"/docs/rules#not_signed_in","title":"Unauthorized","status":401,')
