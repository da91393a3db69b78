"""What people do on the pages of an office in a day's work, by the words that stand on their screens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.journeys.browser import opened, served
from tests.journeys.calendar import Place
from tests.journeys.phones import sign_in
from tests.service.offices import Asking

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

FIELD = frozenset({"psm", "tksk", "kades", "pengurus_wksbm"})
PHONE, DESK = {"width": 360, "height": 800}, {"width": 1280, "height": 900}


def plain(text: str) -> str:
    """Text as it is read: whatever its line breaks and capitals."""
    return re.sub(r"\s+", " ", text).strip().lower()


class Seat:
    """A browser of its own on pages of the office; nothing is typed into its address but the first page of a way.
    ``seconds`` are those from asking for a page to having it whole, by path, the least of several visits."""

    def __init__(self, browser: Browser, address: str, size: Mapping[str, int]) -> None:
        self.address, self.width, self.seconds = address, size["width"], dict[str, float]()
        # Work without signal has journeys of its own; here every browser would fetch its files anew.
        self.context = browser.new_context(viewport=dict(size), service_workers="block")  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(30_000)

    def go(self, path: str, *status: int) -> Seat:
        """Go to a page, which must answer with one of these, and be no wider than the screen."""
        answer = self.page.goto(self.address + path)
        assert answer is not None
        took = self.page.evaluate(
            "(([one]) => one.responseEnd - one.requestStart)(performance.getEntriesByType('navigation'))"
        )
        self.seconds[path] = min(took / 1000, self.seconds.get(path, took / 1000))
        assert answer.status in (status or (200,)), (path, self.read())
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.width, (path, "wider than the screen")
        return self

    def told(self, path: str) -> str:
        """What the office answers this browser at an address, whatever its status, without showing it."""
        answer = self.context.request.get(self.address + path, headers={"Accept": "text/html"})
        assert answer.status in (200, 403, 404), (path, answer.status)
        assert answer.url == self.address + path, (path, answer.url)
        return answer.text()

    def read(self) -> str:
        """What can be read on the page now."""
        return plain(self.page.locator("main").inner_text())

    def reads(self, *words: str) -> Seat:
        shown = self.read()
        for one in words:
            assert plain(one) in shown, (one, shown)
        return self

    def lacks(self, *words: str) -> Seat:
        """What stands nowhere in the page, neither to be read nor folded away."""
        source = self.page.content().lower()
        for one in words:
            assert one.lower() not in source, (one, self.page.url)
        return self

    def part(self, heading: str) -> Locator:
        """The section, article or list entry with these words in its heading or in itself."""
        return self.page.locator("main section, main article, main li").filter(has_text=heading).last

    def follow(self, words: str, within: Locator | None = None) -> Seat:
        """Follow the first link with these words, unfolding what it is folded into."""
        exact = re.compile(rf"^\s*{re.escape(words)}\s*$")
        link = (within or self.page.locator("main")).locator("a").filter(has_text=exact).first
        assert link.count(), (words, self.read())
        if not link.is_visible():
            link.locator("xpath=ancestor::details[1]/summary").click()
        with self.page.expect_navigation():
            link.click()
        return self

    def download(self, words: str) -> bytes:
        """The file behind a link with these words."""
        with self.page.expect_download() as told:
            self.page.locator("main").get_by_role("link", name=words, exact=True).click()
        return Path(told.value.path()).read_bytes()

    def fill(self, fields: Mapping[str, Any], at: int = 0) -> Seat:
        """Fill in fields by their labels, unfolding what they are folded into; where a label stands several times, the one
        at this place."""
        for label, value in fields.items():
            field = (
                self.page.locator("main").get_by_label(re.compile(rf"^\s*{re.escape(label)}(\s+wajib)?\s*$")).nth(at)
            )
            assert field.count(), (label, self.read())
            if not field.is_visible():
                field.locator("xpath=ancestor::details[1]/summary").click()
            if field.get_attribute("type") == "checkbox":
                field.set_checked(bool(value))
            elif field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(label=value)
            else:
                field.fill(value)
        return self

    def paper(self, kind: str, number: str) -> Seat:
        """Say which letter the form rests on."""
        self.page.locator("main details.paper summary").first.click()
        return self.fill({"Jenis surat": kind, "Nomor surat": number})

    def attach(self, kind: str, scan: Path) -> Seat:
        """Put a scanned letter into the form."""
        self.page.locator("main details.paper summary").first.click()
        self.page.locator("main").get_by_label("Foto atau pindaian").first.set_input_files(scan)
        return self.fill({"Jenis surat": kind})

    def press(self, words: str) -> Seat:
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("button", name=words, exact=True).click()
        return self

    def record(self, action: str, fields: Mapping[str, Any], within: Locator | None = None) -> Seat:
        """Follow the link to a form, fill it in and save it; the page says that it was recorded."""
        return self.follow(action, within).fill(fields).saved()

    def refused(self, *words: str) -> Seat:
        """Save the form, which is refused as against a rule, in these words, and is still there."""
        with self.page.expect_response(lambda answer: answer.request.method == "POST") as told:
            self.press("Simpan")
        assert told.value.status == 409, self.read()
        return self.reads("Belum tercatat.", *words)

    def saved(self) -> Seat:
        self.press("Simpan")
        assert self.page.locator(".told").filter(has_text="Tercatat.").count(), self.read()
        return self

    def back_to(self, day: str) -> Seat:
        """Put the page back to a past day, by the control that stands on it."""
        self.page.get_by_label("Keadaan per", exact=True).fill(day)
        self.page.get_by_role("button", name="Lihat", exact=True).click()
        self.page.get_by_text("hanya untuk dibaca").wait_for()
        return self

    @property
    def here(self) -> str:
        """The path of the page, without its query."""
        return self.page.url.removeprefix(self.address).partition("?")[0]


class Desks:
    """The people of an office, each at a screen of her own: a phone in the field, a wide one at the office."""

    def __init__(self, place: Place, browser: Browser, address: str) -> None:
        self.place, self._browser, self._address = place, browser, address
        self._seats: dict[tuple[str, str], Seat] = {}
        self.all: list[Seat] = []

    def of(self, who: Asking) -> Seat:
        """The screen of somebody today, who signed in this morning with every factor that she must have."""
        key = who.account, self.place.calendar.today
        if key not in self._seats:
            self._seats[key] = self._opened(PHONE if who.role in FIELD else DESK)
            sign_in(self._seats[key].page, self._address, who)
        return self._seats[key]

    def again(self, who: Asking) -> Seat:
        """Her screen later in the day, when she had to sign in anew."""
        self._seats.pop((who.account, self.place.calendar.today), None)
        return self.of(who)

    def at(self, address: str) -> Desks:
        """The people's screens at another address, where nobody has signed in yet."""
        return Desks(self.place, self._browser, address)

    def stranger(self) -> Seat:
        """The phone of somebody without an account."""
        return self._opened(PHONE)

    def _opened(self, size: Mapping[str, int]) -> Seat:
        self.all.append(Seat(self._browser, self._address, size))
        return self.all[-1]


@contextmanager
def at_work(place: Place) -> Iterator[Desks]:
    """An office that is served to the browsers of its people."""
    with served(place.office) as address, opened() as browser:
        yield Desks(place, browser, address)
