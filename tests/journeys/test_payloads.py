"""Whatever was typed anywhere is text on every page: nothing of it runs, loads, or leads out of the office."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from service.api.commands import COMMANDS
from service.web.ask import JSON
from tests.journeys.browser import in_a_browser, opened, served
from tests.journeys.payloads import PAYLOADS
from tests.journeys.sown import Sown, every_page, texts_of
from tests.journeys.test_screens import entered
from tests.service.offices import Asking

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: Before anything of a page runs: whatever runs afterwards, or is refused by the policy, is noted.
WATCH = """
window.fired = [];
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open']) window[name] = () => window.fired.push(name);
document.addEventListener('securitypolicyviolation', event =>
  window.fired.push(`policy: ${event.violatedDirective} ${event.blockedURI}`));
"""
#: What stands in a page that could run, load or lead elsewhere.
LOOK = """() => {
  const leads = ['href', 'src', 'action', 'formaction', 'poster', 'data', 'srcset', 'ping', 'cite', 'background'];
  const found = [];
  for (const one of document.querySelectorAll('*')) {
    if (['IFRAME', 'OBJECT', 'EMBED', 'BASE', 'STYLE', 'TEMPLATE', 'VIDEO', 'AUDIO', 'MARQUEE'].includes(one.tagName))
      found.push(one.tagName);
    if (one.tagName === 'SCRIPT' && !one.src) found.push('inline script');
    if (one.tagName === 'META' && one.httpEquiv) found.push('meta ' + one.httpEquiv);
    for (const {name, value} of one.attributes) {
      if (/^(on|hx-|data-hx-|style$|srcdoc$)/.test(name)) found.push(`${one.tagName} ${name}=${value}`);
      if (leads.includes(name.replace('xlink:', ''))) {
        const to = new URL(value, location.href);
        if (to.origin !== location.origin && !(one.tagName === 'IMG' && to.protocol === 'data:'))
          found.push(`${one.tagName} ${name}=${value}`);
      }
    }
  }
  return [found, window.fired, document.body.innerText.split('alert(1)').length - 1];
}"""
#: Of each command whose texts are not sown here, why: its papers and names are shown where those of the others are.
LIKE_OTHERS = (
    "evidence.number",
    "decree",
    "into.name",
    "into.kecamatan_name",
    "villages.name",
    "villages.kecamatan_name",
)


@pytest.fixture(scope="module")
def sown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sown]:
    patch = pytest.MonkeyPatch()
    made = Sown(tmp_path_factory.mktemp("sown"), PAYLOADS, patch)
    patch.undo()
    yield made
    made.office.close()


def test_there_are_three_hundred_payloads_and_they_stand_in_every_text_of_every_command(sown: Sown) -> None:
    assert len(PAYLOADS) >= 300
    wanted = {(command, name) for command in COMMANDS for name in texts_of(command)}
    missing = {one for one in wanted - set(sown.sown) if one[1] not in LIKE_OTHERS}
    assert missing == {("destruction.record_minutes", "berita_acara")}, "shown like the number of any paper"
    exported = Asking(sown.office, "auditor").get("/api/v1/events").get_data(as_text=True)
    assert exported.count("alert(1)") > 100, "in the open too"


@in_a_browser
def test_no_payload_runs_or_loads_or_leads_elsewhere_on_any_page(sown: Sown) -> None:
    addresses = [
        path
        for rule, paths in every_page(sown.office, sown.one).items()
        for path in paths
        if rule != "/catat/<command>" or path.startswith(("/catat/beneficiary.", "/catat/record.", "/catat/case.o"))
    ]
    secret = sown.one.person().token
    wrong: list[Any] = []
    shown: Counter[str] = Counter()
    with served(sown.office) as address, opened() as browser:
        context, page = entered(browser, address, secret, viewport={"width": 1280, "height": 900})
        context.add_init_script(WATCH)
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        page.on("dialog", lambda one: (wrong.append(("dialog", one.message)), one.dismiss()))
        page.on("console", lambda one: wrong.append(("console", one.text)) if "Policy" in one.text else None)
        page.on("pageerror", lambda error: wrong.append(("error", str(error))))
        for path in addresses:
            answer = page.goto(address + path, wait_until="load")
            assert answer is not None
            assert answer.status in (200, 404), (path, answer.status)
            page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
            found, fired, texts = page.evaluate(LOOK)
            # The letter names the address under which the office is reached from outside, for whoever types it in.
            # The shell and the outbox hold templates of their own, with empty forms and words.
            ours = ("TEMPLATE",) if path in ("/luring", "/kotak-keluar") else ()
            told = [one for one in (*found, *fired) if one not in ours]
            if path == "/pengelolaan/tampilan":  # it asks for itself again and again
                told = [one for one in told if not one.startswith("DIV hx-")]
            wrong += [(path, one) for one in told if not (path.endswith("/surat") and "/jawab/" in one)]
            shown[path] = texts
        context.close()
    assert wrong == []
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    assert sum(shown.values()) > 1000
    assert sum(count > 0 for count in shown.values()) > 25, "on how many pages something typed is shown"


@in_a_browser
def test_the_watch_sees_what_a_careless_page_would_do(sown: Sown) -> None:
    """Written into a page as HTML, hardly any of the payloads goes unnoticed: so the test above can fail."""
    from playwright.sync_api import Error

    def noticed(page: Page, text: str) -> bool:
        try:
            page.evaluate("text => { fired.length = 0; document.querySelector('main').innerHTML = text; }", text)
            found, fired, _ = page.evaluate(LOOK)
        except Error:  # it led away
            for _ in range(5):
                try:
                    page.goto(f"{address}/masuk")
                    break
                except Error:  # it is still on its way there
                    page.wait_for_timeout(300)
            return True
        return bool(found or fired)

    with served(sown.office) as address, opened() as browser:
        context = browser.new_context()
        context.add_init_script(WATCH)
        page = context.new_page()
        page.goto(f"{address}/masuk")
        markup = [one for one in PAYLOADS if one.startswith("<") and "=" in one]
        seen = [one for one in markup if noticed(page, one)]
        context.close()
    assert len(seen) > 0.9 * len(markup) > 150


class Addresses(HTMLParser):
    """Every address that a page's HTML holds."""

    LEADS = frozenset({"href", "src", "action", "formaction", "poster", "data", "srcset", "ping", "cite", "background"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [(tag, value or "") for name, value in attrs if name in self.LEADS]


def test_no_page_holds_an_address_outside_the_origin(sown: Sown) -> None:
    looked_at = 0
    for paths in every_page(sown.office, sown.one, each=3).values():
        for path in paths:
            headers = {"Authorization": f"Bearer {sown.one.token}", "Accept": "text/html"}
            answer = sown.one.client.get(path, headers=headers)
            if answer.status_code == 303:  # to a form of its own
                continue
            assert answer.mimetype != JSON, path
            parser = Addresses()
            parser.feed(answer.get_data(as_text=True))
            for tag, value in parser.found:
                parts = urlsplit(value)
                letter = path.endswith("/surat") and parts.path.startswith("/jawab/")  # printed in full, for paper
                inside = (parts.scheme, parts.netloc) == ("", "") and value.startswith(("/", "#"))
                assert inside or letter or (tag == "img" and parts.scheme == "data"), (path, tag, value)
                looked_at += 1
    assert looked_at > 5000
