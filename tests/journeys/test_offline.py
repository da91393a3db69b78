"""A phone without signal: revoked it forgets, what is refused is mended, and its forms are those of the office."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from werkzeug.datastructures import MultiDict

from service.api import field_sentences, rules
from service.api.commands import COMMANDS
from service.office import Office
from service.web import forms, spoken, words
from tests.journeys.browser import BadLine, in_a_browser, installed, served
from tests.journeys.browser import opened as browser_opened
from tests.journeys.calendar import registration
from tests.journeys.phones import draft_kept, fill, form_of, prepared, record, settled, sign_in, states
from tests.service.offices import VILLAGE, Asking, application

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = in_a_browser
FAMILY = ("Rahmatia Hunawa", "Yusuf Hunawa", "Karim Hunawa", "Fatmah Hunawa", "Salma Hunawa")


def left_behind(folder: Path, *words: str) -> list[str]:
    """Which of these words stand in any file of the phone."""
    whole = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    spelt = {word: {word, quote(word), quote_plus(word)} for word in words}
    return [
        word
        for word, ways in spelt.items()
        if any(way.encode(code) in bytes for bytes in whole for way in ways for code in ("utf-8", "utf-16-le"))
    ]


@contextmanager
def cut_off(office: Office, folder: Path, owner: Asking) -> Iterator[tuple[Page, str, BadLine]]:
    """A page on a phone that was made ready and has lost its line: the page, the office's address, the line."""
    lines: list[BadLine] = []

    def bad(application: Any) -> BadLine:
        lines.append(BadLine(application, "/api/v1/outbox", {}))
        return lines[0]

    with served(office, bad) as address, installed(folder / "phone") as phone:
        page = phone.new_page()
        sign_in(page, address, owner)
        prepared(page, address)
        lines[0].away = True
        yield page, address, lines[0]


KEPT = """async () => (await Wahana.entries()).length + ((await Wahana.current()) ? 1 : 0)
  + ((await Wahana.used()) ? 1 : 0) + ((await caches.match('/luring')) ? 1 : 0)"""


def keeps(page: Page, things: int) -> None:
    """Wait until so many things lie in the stores of the device: what a page does at its beginning takes a moment."""
    found = -1
    for _ in range(150):
        if (found := page.evaluate(KEPT)) == things:
            return
        page.wait_for_timeout(200)
    assert found == things


def test_a_revoked_phone_forgets_everything(office: Office, tmp_path: Path) -> None:
    from playwright.sync_api import Error

    owner = Asking(office, "psm")
    with cut_off(office, tmp_path, owner) as (page, address, line):
        record(page, "Daftarkan warga", {"kind": "person", "village": VILLAGE, "identity.name": FAMILY[0]})
        keeps(page, 4)
        (device,) = office.identity.means.offline.of(owner.account)
        assert office.identity.means.offline.revoke(owner.account, device.id, office.identity.means.milliseconds())
        line.away = False
        with suppress(Error):  # the phone may hear of it by itself just now, and open its page anew
            page.goto(f"{address}/luring")
        page.get_by_text("Perangkat ini telah dicabut").wait_for()
        keeps(page, 0)
        assert not owner.data("/api/v1/beneficiaries")
        # Lost with an empty outbox and an ended session it learns of it all the same.
        page.get_by_role("button", name="Siapkan perangkat ini").click()
        page.get_by_text("Data diambil:").wait_for()
        keeps(page, 3)
        office.identity.sign_out_everywhere(owner.account)
        office.identity.means.offline.revoke_all(owner.account, office.identity.means.milliseconds())
        page.goto(f"{address}/kotak-keluar")
        keeps(page, 0)


def test_what_the_office_refuses_is_mended_and_sent_again(office: Office, tmp_path: Path) -> None:
    """The duplicate that only the office knows of is told to the one who wrote, with its reason, and to nobody else."""
    owner = Asking(office, "psm")
    typed = {"kind": "person", "village": VILLAGE, "identity.name": FAMILY[0], "identity.birth_date": "1951-02-03"}
    with cut_off(office, tmp_path, owner) as (page, address, line):
        form_of(page, "Daftarkan warga")
        page.fill('#luring [name="identity.name"]', "Belum sel")
        draft_kept(page, "Belum sel")
        page.reload()
        page.locator("#luring form").wait_for()
        page.wait_for_function("document.querySelector('#luring [name=\"identity.name\"]').value === 'Belum sel'")
        fill(page, typed, [])
        owner.done("/api/v1/beneficiaries", registration(name=FAMILY[0], birth_date="1951-02-03"))
        line.away = False
        page.goto(f"{address}/kotak-keluar")
        assert settled(page, 1) == ["refused"]
        assert FAMILY[0] in page.locator("#kotak ul ul").inner_text()
        page.get_by_role("button", name="Perbaiki").click()
        page.locator("#luring form").wait_for()
        assert page.input_value('#luring [name="identity.name"]') == FAMILY[0]
        fill(page, {"reason_to_go_on": "Sepupu dengan nama sama"}, [])
        page.goto(f"{address}/kotak-keluar")
        assert settled(page, 1) == ["sent"]
        assert len(owner.data("/api/v1/beneficiaries")) == 2
        # Somebody else who signs in on this phone reads none of it.
        page.goto(address)
        page.locator(".me summary").click()
        page.get_by_role("button", name="Keluar").click()
        page.wait_for_url(f"{address}/masuk")
        sign_in(page, address, Asking(office, "kades"))
        page.goto(f"{address}/kotak-keluar")
        assert states(page) == ["sent"]
        assert "Hunawa" not in page.inner_text("body")
        page.goto(f"{address}/luring")
        page.get_by_role("button", name="Siapkan perangkat ini").wait_for()


def test_the_device_makes_of_a_form_what_the_office_would(office: Office) -> None:
    """Every form of the shell, filled in in every field: the body made on the device is the one that the office makes of
    the same form when it is sent as a page."""
    compared = 0
    for role in ("psm", "peksos", "kades"):
        owner = Asking(office, role)
        with served(office) as address, browser_opened() as browser:
            page = browser.new_page()
            sign_in(page, address, owner)
            page.goto(f"{address}/luring")
            for command, pairs, body in page.evaluate(FILLED):
                made = forms.sendable(forms.body_of(COMMANDS[command].schema, MultiDict(pairs)))
                if command == "case.assess":
                    made["details"] = {name[8:]: int(value) for name, value in pairs if name.startswith("details.")}
                body.pop("on", None)
                made.pop("on", None)
                for made_here in (body, *(row for value in body.values() if isinstance(value, list) for row in value)):
                    for number in ("task", "visit", "consent", "classification", "victim", "id"):
                        if isinstance(made_here, dict) and number not in dict(pairs):
                            made_here.pop(number, None)
                assert body == made, command
                compared += 1
    assert compared > 60


FILLED = """async () => {
  const found = [];
  for (const blank of document.querySelectorAll('template.blank')) {
    const form = blank.content.cloneNode(true).querySelector('form');
    document.body.append(form);
    let at = 0;
    for (const field of form.elements) {
      at += 1;
      if (!field.name || field.type === 'file' || field.name === 'on') continue;
      if (field.type === 'checkbox') field.checked = at % 2 === 0;
      else if (field.tagName === 'SELECT') field.selectedIndex = Math.min(1 + at % 3, field.options.length - 1);
      else if (field.type === 'date') field.value = '2026-01-0' + (1 + at % 9);
      else if (field.dataset.kind === 'whole') field.value = at % 2 ? '1.250' : '7';
      else if (field.type === 'hidden') continue;
      else if (field.dataset.kind === 'lines') field.value = 'satu\\n  dua \\n\\n';
      else field.value = at % 5 ? ` Kata ${at} ` : '';
    }
    const { body } = await Wahana.filled(form, { whose: 'x', stream: '', fresh: blank.dataset.new });
    const pairs = Array.from(new FormData(form)).filter(([, value]) => typeof value === 'string');
    form.remove();
    found.push([blank.dataset.command, pairs, body]);
  }
  return found;
}"""


def test_a_device_says_the_office_s_sentences_in_the_language_of_its_pages(office: Office) -> None:
    kept = [*(rule.sentence for rule in rules.rules()), *field_sentences.sentences()]
    told = []
    for one in kept:
        names = dict.fromkeys(name for _, name, _, _ in Formatter().parse(one) if name)
        told.append(one.format(**{name: f"Nilai {place}" for place, name in enumerate(names)}))
    with application(office).test_request_context(headers={"Cookie": f"{words.COOKIE}=en"}):
        said = [spoken.sentence(one) for one in told]
    owner = Asking(office, "psm")
    with served(office) as address, browser_opened() as browser:
        page = browser.new_page()
        sign_in(page, address, owner)
        page.context.add_cookies([{"name": words.COOKIE, "value": "en", "url": address}])
        page.goto(f"{address}/kotak-keluar")
        assert page.evaluate("all => all.map(Wahana.sentence)", told) == said
    assert all(one != other for one, other in zip(told, said, strict=True))
