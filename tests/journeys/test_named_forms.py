"""Every form that records something of one record says which one it is, by its name: of all the records there are."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.journeys.sown import Sown, every_page

ABOUT = re.compile(r"<p>(?:[^<]*: )?<strong>([^<]+)</strong>")
SINGLE = "…"  # begins the end of a number, told where no name may be


def test_every_form_names_the_record_that_it_is_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        sown = Sown(tmp_path, ["Ibu Rahma di Dusun Tiga"], patch, once=True)
        registered = sown.office.database.rows("SELECT stream FROM events WHERE topic = 'beneficiary.registered'")
        sown.do("emergency.open", {"beneficiary": str(registered[0][0])})
    headers = {"Authorization": f"Bearer {sown.one.token}", "Accept": "text/html"}
    seen, unnamed = set(), {}
    for address in every_page(sown.office, sown.one)["/catat/<command>"]:
        if "stream" not in parse_qs(urlsplit(address).query) or "case.change_task" in address:  # needs a task
            continue
        answer = sown.one.client.get(address, headers=headers, follow_redirects=True)
        assert answer.status_code == 200, address
        form = answer.get_data(as_text=True).partition("<main")[2].partition("<form")[0]
        names = [unescape(one) for one in ABOUT.findall(form)]
        seen.add(urlsplit(address).path.rpartition("/")[2])
        if not names or not names[0].strip("–") or names[0].startswith(SINGLE):
            unnamed[address] = names
    assert unnamed == {}
    assert {"account.close", "subject_request.confirm_identity", "emergency.review", "record.retract"} < seen
    assert len(seen) > 100
