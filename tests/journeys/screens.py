"""Takes pictures of the main pages of the demonstration office, on a phone and on a desk, into ``docs/screens``.

Run it through ``make screens``. The office is made anew each time, from the seed of the demonstration.
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner

from service import config
from service.cli import main as wahana
from service.office import Office
from service.second_factor import code_at, step_of
from tests.journeys.browser import opened, served

if TYPE_CHECKING:
    from playwright.sync_api import Page

TARGET = Path(__file__).parent.parent.parent / "docs" / "screens"
WIDTHS = {"phone": (360, 800), "desk": (1280, 900)}
#: Name of the picture, who looks, and the page, which may name the first link of another page that begins so.
PICTURES = (
    ("beranda", "tksk1", "/"),
    ("desa", "kepala", "/desa"),
    ("desa-satu", "tksk1", "/desa > /desa/"),
    ("wksbm", "kepala", "/desa?tahap=sah > /desa/ > /wksbm/"),
    ("warga", "tksk1", "/warga"),
    ("kasus", "peksos1", "/kasus > /kasus/"),
    ("rujukan", "peksos1", "/rujukan"),
    ("pengawasan", "supervisor", "/pengawasan"),
    ("cakupan", "kepala", "/cakupan"),
    ("jejak", "auditor", "/jejak"),
    ("pelindungan", "dpo", "/pelindungan"),
)


def settings_of_demonstration(folder: Path) -> dict[str, str]:
    """The settings of the demonstration office in a folder; its keys are the well-known ones."""
    return {
        "WAHANA_DEMO": "1",
        "WAHANA_DATABASE_URL": f"sqlite:///{folder / 'wahana.db'}",
        "WAHANA_KEYS_URL": f"sqlite:///{folder / 'keys.db'}",
        "WAHANA_SEALER_DIR": str(folder / "sealer"),
    }


def demonstration(folder: Path, *more: str) -> tuple[Office, dict[str, dict[str, str]]]:
    """A demonstration office whose log is sealed and whose views are verified, and its accounts by what they sign in as.
    ``more`` are options of `wahana demo`."""
    settings = settings_of_demonstration(folder)

    def run(*words: str) -> str:
        done = CliRunner().invoke(wahana, words, env={**os.environ, **settings}, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return str(done.stdout)

    run("init")
    made = run("demo", "--json", *more)
    run("seal")
    run("project", "verify", "--scheduled")
    accounts = json.loads(made[made.index("[") :])
    return Office(config.read(settings)), {account["login"]: account for account in accounts}


def signed_in(here: Office, account: dict[str, str]) -> str:
    """The secret of a session of an account."""
    factor = account.get("secret") or account.get("second_factor") or ""
    code = (
        code_at(base64.b32decode(factor), step_of(here.identity.means.milliseconds()))
        if factor not in ("", "-")
        else ""
    )
    return here.identity.sign_in(account["login"], account["password"], "127.0.0.1", code=code, agent="screens")


def reached(page: Page, at: str, way: str) -> None:
    """Go to a page: the first address of the way, then the first link on each page that begins as the next one says."""
    first, *steps = way.split(" > ")
    page.goto(at + first)
    for step in steps:
        link = page.locator(f'main a[href^="{step}"]').first.get_attribute("href")
        page.goto(f"{at}{link}")


def main() -> None:
    """Take every picture."""
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        here, accounts = demonstration(Path(folder))
        sessions = {login: signed_in(here, accounts[login]) for login in {who for _, who, _ in PICTURES}}
        with served(here) as at, opened(LANGUAGE="id") as browser:
            for size, (width, height) in WIDTHS.items():
                for name, who, way in PICTURES:
                    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="light")
                    context.add_cookies(
                        [{"name": "wahana-session", "value": sessions[who], "url": at, "httpOnly": True}]
                    )
                    page = context.new_page()
                    reached(page, at, way)
                    page.screenshot(path=TARGET / f"{name}-{size}.png")
                    context.close()
        here.close()


if __name__ == "__main__":
    main()
