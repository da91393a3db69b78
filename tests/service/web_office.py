"""Pages asked for as a browser does."""

import re
from html import unescape
from typing import Any

from werkzeug.test import TestResponse

from tests.service.offices import Asking


def opened(who: Asking, path: str, **query: Any) -> TestResponse:
    """The page at an address."""
    headers = {"Authorization": f"Bearer {who.token}", "Accept": "text/html"}
    return who.client.get(path, query_string=query or None, headers=headers)


def page(who: Asking, path: str, **query: Any) -> str:
    """The text of a page with its tags; fails the test when it is refused."""
    answer = opened(who, path, **query)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def sent(who: Asking, path: str, **form: Any) -> TestResponse:
    """The answer to a form."""
    return who.client.post(path, data=form, headers={"Authorization": f"Bearer {who.token}", "Accept": "text/html"})


def filled(who: Asking, link: str, **more: Any) -> TestResponse:
    """The answer to the form behind a link, sent as it was shown and with what more was typed."""
    address = unescape(link)
    shown = page(who, address)
    inputs = re.findall(r'<input (?:type="hidden" |id="[^"]*" )name="([^"]+)"[^>]*? value="([^"]*)"', shown)
    return sent(who, address, **{**{name: unescape(value) for name, value in inputs if value}, **more})


def told(html: str) -> str:
    """What stands on a page, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))
