"""The help of each role: there for everybody who signs in, in both languages, with buttons that the role really has, and
two pages of paper."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from domain.account import ROLES
from service.access import POLICY
from service.api.commands import COMMANDS
from service.office import Office
from service.web import titles, words
from service.web.help import WRITTEN
from tests.journeys import browser
from tests.service.offices import Asking
from tests.service.web_pages import page, text

Client = Callable[[str], Asking]
TEXTS = Path(titles.__file__).parent / "templates" / "help"


def named(language: str, role: str) -> list[str]:
    """The words of pages that a role's help names."""
    return re.findall(r"\{\{ _\('([^']+)'\) \}\}", (TEXTS / language / f"{role}.html").read_text(encoding="utf-8"))


def in_english(who: Asking, path: str) -> TestResponse:
    who.client.set_cookie(words.COOKIE, "en")
    answer = who.client.get(path, headers={"Authorization": f"Bearer {who.token}", "Accept": "text/html"})
    who.client.delete_cookie(words.COOKIE)
    return answer


def test_every_role_has_its_help_and_finds_it_first(client: Client) -> None:
    assert set(WRITTEN) == set(ROLES.versions[-1].codes)
    for role in ("kades", "dpo", "mitra"):
        who = client(role)
        index = page(who, "/bantuan")
        assert re.findall(r'href="/bantuan/([a-z_]+)"', index)[0] == role
        assert index.count("peran Anda") == 1
        assert '<a href="/bantuan">Bantuan</a>' in page(who, "/")
    assert client("kades").get("/bantuan/raja").status_code == 404


@pytest.mark.parametrize("role", WRITTEN)
def test_the_help_says_what_one_does_not_see_and_what_to_do_when_refused(client: Client, role: str) -> None:
    shown = page(client("psm"), f"/bantuan/{role}")
    for wanted in ("Pekerjaan sehari", "dan mengapa</h2>", "Kalau ditolak", "Masuk dan keluar"):
        assert wanted in shown, wanted
    english = text(in_english(client("psm"), f"/bantuan/{role}"))
    for wanted in ("A day's work", "and why</h2>", "When you are refused"):
        assert wanted in english, wanted
    assert "Pekerjaan sehari" not in english
    assert "<h2>Kalau" not in english
    assert len(named("id", role)) == len(named("en", role)), "the same buttons in both languages"


@pytest.mark.parametrize("role", WRITTEN)
def test_what_the_help_tells_a_role_to_press_that_role_may_press(role: str) -> None:
    commands: dict[str, list[str]] = {}
    for command in COMMANDS:
        commands.setdefault(str(titles.of(command)), []).append(command)
    pressed = [one for one in named("id", role) if one in commands]
    for title in pressed:
        actions = {action for command in commands[title] for action in COMMANDS[command].actions}
        assert any(role in POLICY[action] for action in actions if action in POLICY), (role, title)
    assert len(pressed) >= (0 if role == "auditor" else 3), role


@browser.in_a_browser
def test_each_help_is_two_pages_of_paper(office: Office, client: Client) -> None:
    who = client("psm").person()
    with browser.served(office) as at, browser.opened() as chromium:
        for language in ("id", "en"):
            context = chromium.new_context(viewport={"width": 360, "height": 800})
            context.add_cookies(
                [
                    {"name": "wahana-session", "value": who.token, "url": at},
                    {"name": words.COOKIE, "value": language, "url": at},
                ]
            )
            tab = context.new_page()
            for role in WRITTEN:
                tab.goto(f"{at}/bantuan/{role}")
                pages = len(re.findall(rb"/Type\s*/Page[^s]", tab.pdf(prefer_css_page_size=True)))
                assert pages == 2, (language, role, pages)
                assert tab.evaluate("document.documentElement.scrollWidth") == 360, role
            context.close()
