"""All payloads in every text of every page and of a device without signal, in a real Chromium: none runs, none loads, none
leads elsewhere, and the policy has nothing to refuse."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.journeys.browser import BadLine, in_a_browser, opened, served
from tests.journeys.marked import ALL, Marked, telling
from tests.journeys.payloads import PAYLOADS
from tests.journeys.phones import prepared
from tests.journeys.sown import FULLEST, every_page
from tests.journeys.test_screens import entered
from tests.service.offices import VILLAGE

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = in_a_browser
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
#: The shell and the outbox hold templates of their own, with empty forms and words.
SHELLS = ("/luring", "/kotak-keluar")


@pytest.fixture(scope="module")
def sown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marked]:
    with pytest.MonkeyPatch.context() as patch:
        made = Marked(tmp_path_factory.mktemp("sown"), patch)
    yield made
    made.office.close()


class Watch:
    """Looks at what a page holds, and keeps what is wrong and how many payloads were shown where."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address, self.wrong, self.shown = page, address, list[Any](), Counter[str]()
        page.context.add_init_script(WATCH)
        page.on("dialog", lambda one: (self.wrong.append(("dialog", one.message)), one.dismiss()))
        page.on("console", lambda one: self.wrong.append(("console", one.text)) if "Policy" in one.text else None)
        page.on("pageerror", lambda error: self.wrong.append(("error", str(error))))
        page.context.on("request", self._asked)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.wrong.append(("asked", request.url))

    def look(self, what: str) -> None:
        self.page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        found, fired, texts = self.page.evaluate(LOOK)
        ours = ("TEMPLATE",) if self.page.url.startswith(tuple(self.address + one for one in SHELLS)) else ()
        told = [one for one in (*found, *fired) if one not in ours]
        if what == "/pengelolaan/tampilan":  # it asks for itself again and again
            told = [one for one in told if not one.startswith("DIV hx-")]
        # The letter names the address under which the office is reached from outside, for whoever types it in.
        self.wrong += [(what, one) for one in told if not (what.endswith("/surat") and "/jawab/" in one)]
        self.shown[what] = texts


def test_no_payload_runs_or_loads_or_leads_elsewhere_on_any_page(sown: Marked) -> None:
    """And each page is asked for with some of the payloads in its address."""
    pages = every_page(sown.office, sown.one)
    fullest = every_page(sown.office, sown.one, order=FULLEST)
    pages |= {rule: paths for rule, paths in fullest.items() if rule.endswith("/<id>")}
    addresses = [
        path
        for rule, paths in pages.items()
        for path in paths
        if rule != "/catat/<command>" or path.startswith(("/catat/beneficiary.", "/catat/record.", "/catat/case.o"))
    ]
    secret = sown.signed_in.token
    share = -(-len(PAYLOADS) // len(addresses)) + 3
    with served(sown.office, lambda app: telling(app, sown)) as address, opened() as browser, sown.told():
        context, page = entered(browser, address, secret, viewport={"width": 1280, "height": 900})
        watch = Watch(page, address)
        for at, path in enumerate(addresses):
            asked = quote(" ".join(PAYLOADS[at * (share - 3) :][:share]))
            joined = f"{address}{path}{'&' if '?' in path else '?'}benih={asked}&cari={asked}&{asked}={asked}"
            answer = page.goto(joined, wait_until="load")
            assert answer is not None
            assert answer.status in (200, 404, 422), (path, answer.status)
            watch.look(path)
        page.goto(f"{address}/warga")
        page.fill('main [name="name"]', ALL)
        page.locator('main form[method="post"] button').first.click()
        page.wait_for_load_state()
        watch.look("search")
        context.close()
    assert watch.wrong == []
    assert sum(watch.shown.values()) > 100_000
    assert sum(count > 300 for count in watch.shown.values()) > 15, "on how many pages a text was shown as a whole"


FILL = """text => {
  const form = document.querySelector('#luring form');
  for (const field of form.elements) {
    if (field.tagName === 'SELECT') field.selectedIndex = field.options.length - 1;
    else if (['text', 'search', 'textarea'].includes(field.type)) field.value = text;
  }
  form.requestSubmit();
}"""


def test_no_payload_runs_or_loads_or_leads_elsewhere_on_a_device(sown: Marked) -> None:
    """What was taken along, its forms with what is chosen from, and an outbox into which everything was typed."""
    lines: list[BadLine] = []

    def bad(app: Any) -> BadLine:
        lines.append(BadLine(telling(app, sown), "/api/v1/outbox", {}))
        return lines[0]

    secret = sown.signed_in.token
    with served(sown.office, bad) as address, opened() as browser, sown.told():
        context, page = entered(browser, address, secret, viewport={"width": 360, "height": 800})
        watch = Watch(page, address)

        def gone_to(place: str) -> None:
            page.evaluate("place => { location.hash = place }", place)
            page.wait_for_function("() => document.querySelector('#luring a[href=\"#\"]')")
            watch.look(re.sub(r"[?/].*", "", place) if place.startswith("catat") else place)

        prepared(page, address)
        watch.look("home")
        places = page.locator("#luring section a[href^='#']").evaluate_all(
            "all => all.map(one => one.getAttribute('href'))"
        )
        kept = [place[1:] for place in places if not place.startswith("#desa/")] + [f"desa/{VILLAGE}"]
        assert {place.partition("/")[0] for place in kept} == {"warga", "kasus", "bencana", "desa"}
        forms: dict[str, str] = {}
        for place in kept:
            gone_to(place)
            for link in page.locator("#luring a[href^='#catat/']").evaluate_all(
                "all => all.map(one => one.getAttribute('href'))"
            ):
                forms.setdefault(link.partition("?")[0], link[1:])
        for place in forms.values():
            gone_to(place)
        for command in ("beneficiary.register", "report.submit"):
            gone_to(f"catat/{command}?")
            page.evaluate(FILL, ALL)
            page.get_by_text("Tersimpan di kotak keluar.").wait_for()
            watch.look("kept")
        page.goto(f"{address}/kotak-keluar")
        page.locator("#kotak li[data-state=refused], #kotak li[data-state=sent]").nth(1).wait_for()
        watch.look("outbox")
        for key in page.evaluate("async () => (await Wahana.entries()).map(one => one.key)"):
            for place in ("entri", "lain"):
                page.goto(f"{address}/luring#{place}/{key}")
                page.locator("#luring a[href='#']").wait_for()
                watch.look(place)
        context.close()
    assert watch.wrong == []
    assert len(forms) > 40
    assert sum(count > 300 for count in watch.shown.values()) > 12, "on how many screens a text was shown as a whole"


def test_the_watch_sees_what_a_careless_page_would_do(sown: Marked) -> None:
    """Written into a page as HTML, hardly any of the payloads goes unnoticed: so the tests above can fail."""
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
