"""What a phone keeps and gives up as its own clock goes on, and when its owner revokes it from another screen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.office import Office
from tests.journeys.browser import BadLine, in_a_browser, opened, served
from tests.journeys.phones import prepared, record, settled, sign_in, states
from tests.journeys.test_offline import FAMILY, cut_off, keeps
from tests.service.offices import VILLAGE, Asking

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = in_a_browser
LOCKED = "Isinya terkunci."


def registered(page: Page, name: str, **more: str) -> None:
    person = {"kind": "person", "village": VILLAGE, "identity.name": name, **more}
    record(page, "Daftarkan warga", person)


def test_an_outbox_outlives_a_day_and_is_locked_after_three_and_what_was_sent_goes_after_seven(
    office: Office, tmp_path: Path
) -> None:
    """By the phone's clock. The office's stands still meanwhile, as that of a phone may that was set wrong."""
    owner, begun = Asking(office, "psm"), datetime.now(UTC)
    with cut_off(office, tmp_path, owner) as (page, address, line):
        page.clock.install(time=begun)

        def wait(**amount: float) -> None:
            page.clock.fast_forward(int(timedelta(**amount).total_seconds() * 1000))

        page.goto(f"{address}/luring")
        registered(page, FAMILY[0], on=f"{begun:%Y-%m-%d}")
        page.goto(f"{address}/kotak-keluar")
        wait(hours=23)
        registered_at = page.locator("#kotak small").inner_text()
        wait(hours=2)  # a full day, with all that goes on by itself in it
        page.goto(f"{address}/kotak-keluar")
        assert states(page) == ["waiting"]
        assert page.get_by_text(FAMILY[0]).count(), "her own words, still open"
        assert page.locator("#kotak small").inner_text() == registered_at
        page.goto(f"{address}/luring")
        page.get_by_text("Data diambil:").wait_for()
        wait(hours=46)  # an hour less than three days
        page.goto(f"{address}/kotak-keluar")
        page.get_by_text(FAMILY[0]).wait_for()
        wait(hours=2)
        page.goto(f"{address}/kotak-keluar")
        page.get_by_text(LOCKED).wait_for()
        assert states(page) == ["waiting"]
        assert not page.get_by_text(FAMILY[0]).count()
        assert page.evaluate("async () => (await Wahana.names('kept')).length") == 0
        line.away = False  # what waits is sent all the same, by nobody in particular
        assert settled(page, 1) == ["sent"]
        (row,) = owner.data("/api/v1/beneficiaries")
        assert row["person"]["name"] == FAMILY[0]
        wait(days=3)
        sign_in(page, address, owner)
        page.goto(f"{address}/luring")
        page.get_by_role("button", name="Ambil data terbaru").click()
        page.get_by_text("Data diambil:").wait_for()
        registered(page, FAMILY[1], on=f"{begun:%Y-%m-%d}")
        page.goto(f"{address}/kotak-keluar")
        assert settled(page, 2) == ["sent", "sent"], "of six days ago: still there, with its receipt"
        wait(days=2)
        page.goto(f"{address}/luring")
        page.get_by_text("Data diambil:").wait_for()
        line.away = True  # or else the service worker sends it, which has the clock of this machine
        registered(page, FAMILY[2], on=f"{begun:%Y-%m-%d}")
        line.away = False
        page.goto(f"{address}/kotak-keluar")
        assert settled(page, 2) == ["sent", "sent"], "of eight days ago: gone, and nothing else"
        assert [one["person"]["name"] for one in owner.data("/api/v1/beneficiaries")].count(FAMILY[0]) == 1


def test_a_lost_phone_is_revoked_by_a_button_on_its_owner_s_page(office: Office) -> None:
    owner = Asking(office, "psm")
    lines: list[BadLine] = []

    def bad(application: Any) -> BadLine:
        lines.append(BadLine(application, "/api/v1/outbox", {}))
        return lines[0]

    with served(office, bad) as address, opened() as browser:
        phone, desk = (browser.new_context().new_page() for _ in range(2))
        for page in (phone, desk):
            sign_in(page, address, owner)
        prepared(phone, address)
        lines[0].away = True
        registered(phone, FAMILY[0])
        keeps(phone, 4)
        phone.wait_for_timeout(1000)  # until the service worker has tried, too
        phone.goto("about:blank")
        lines[0].away = False
        desk.goto(f"{address}/akun")
        (device,) = office.identity.means.offline.of(owner.account)
        row = desk.locator("tr").filter(has_text=device.label)
        row.get_by_role("button", name="Cabut").click()
        desk.get_by_text("Sudah dilakukan.").wait_for()
        assert "dicabut" in desk.locator("tr").filter(has_text=device.label).inner_text()
        phone.goto(f"{address}/luring")
        phone.get_by_text("Perangkat ini telah dicabut").wait_for()
        keeps(phone, 0)
        assert not owner.data("/api/v1/beneficiaries")
        # And by an administrator, for whoever has nothing left to sign in with.
        phone.get_by_role("button", name="Siapkan perangkat ini").click()
        phone.get_by_text("Data diambil:").wait_for()
        # What was said of the device before comes late: it is not about this one.
        phone.evaluate("([account, device]) => Wahana.forget(account, device)", [owner.account, device.id])
        assert phone.evaluate("async () => Boolean(await Wahana.current())")
        phone.goto("about:blank")
        admin = browser.new_context().new_page()
        sign_in(admin, address, Asking(office, "admin"))
        admin.goto(f"{address}/pengelolaan/akun/{owner.account}")
        admin.get_by_role("button", name=f"Cabut {device.label}").click()
        admin.locator("tr").filter(has_text="dicabut").nth(1).wait_for()
        phone.goto(f"{address}/luring")
        phone.get_by_text("Perangkat ini telah dicabut").wait_for()
        keeps(phone, 0)


def test_a_lost_phone_whose_session_alone_was_ended_shows_nothing_after_three_days(office: Office) -> None:
    """It hears of the office all the while; only where its owner is signed in does that prolong what it shows."""
    owner = Asking(office, "psm")
    with served(office) as address, opened() as browser:
        page = browser.new_context().new_page()
        sign_in(page, address, owner)
        prepared(page, address)
        page.clock.install(time=datetime.now(UTC))

        def heard_after(**amount: float) -> bool:
            """Whether it shows what was taken along, once it has asked the office."""
            page.clock.fast_forward(int(timedelta(**amount).total_seconds() * 1000))
            with page.expect_response("**/standing"):
                page.goto(f"{address}/kotak-keluar")
            page.wait_for_load_state("networkidle")
            return bool(page.evaluate("async () => (await Wahana.current()) && (await Wahana.names('kept')).length"))

        assert all(heard_after(days=2) for _ in range(3)), "six days, signed in"
        office.identity.sign_out_everywhere(owner.account)
        assert heard_after(days=2)
        page.clock.fast_forward(int(timedelta(hours=25).total_seconds() * 1000))
        page.goto(f"{address}/kotak-keluar")
        keeps(page, 1)  # that there is a device: it may still send
        page.goto(f"{address}/luring")
        assert not page.get_by_text("Data diambil:").count()


def test_a_page_that_is_left_while_it_forgets_leaves_nothing_behind(office: Office) -> None:
    """When the device is revoked, and after three days: the next page begins anew what that one had begun."""
    owner = Asking(office, "psm")
    stopped = "() => { caches.delete = () => new Promise(() => {}); %s; }"
    with served(office) as address, opened() as browser:
        page = browser.new_context().new_page()
        sign_in(page, address, owner)
        prepared(page, address)
        keeps(page, 3)
        (device,) = office.identity.means.offline.of(owner.account)
        assert office.identity.means.offline.revoke(owner.account, device.id, office.identity.means.milliseconds())
        page.evaluate(stopped % f"Wahana.forget('{owner.account}', '{device.id}')")
        page.wait_for_timeout(500)
        page.goto("about:blank")
        page.goto(f"{address}/luring")
        page.get_by_text("Perangkat ini telah dicabut").wait_for()
        keeps(page, 0)
        page.get_by_role("button", name="Siapkan perangkat ini").click()
        page.get_by_text("Data diambil:").wait_for()
        keeps(page, 3)
        office.identity.sign_out_everywhere(owner.account)
        page.clock.install(time=datetime.now(UTC) + timedelta(days=4))
        page.evaluate(stopped % "Wahana.current()")
        page.clock.run_for(500)
        page.goto(f"{address}/kotak-keluar")
        keeps(page, 1)  # that there is a device: it may still send


def test_a_phone_that_is_left_while_its_owner_signs_out_shows_nothing_any_more(office: Office, tmp_path: Path) -> None:
    """Also where the disk is so slow that the page is gone before its shell is."""
    owner = Asking(office, "psm")
    with cut_off(office, tmp_path, owner) as (page, address, line):
        line.away = False
        page.goto(f"{address}/luring")
        page.get_by_text("Data diambil:").wait_for()
        page.evaluate("() => { caches.delete = () => new Promise(() => {}); }")
        line.away = True
        page.evaluate("() => { HTMLFormElement.prototype.submit = () => {}; }")  # the battery is pulled out
        page.get_by_role("button", name="Keluar").last.click()
        page.wait_for_timeout(500)
        page.goto("about:blank")
        page.goto(f"{address}/luring")
        page.get_by_role("heading", name="Kotak keluar").wait_for()
        assert not page.get_by_text("Data diambil:").count()
        keeps(page, 1)  # that there is a device: it may still send


#: The office is asked for the key of the device, and its answer comes when ``self.late`` is called.
ASKED = """() => new Promise((done) => {
  const [asked, held] = [self.fetch, new Promise((go) => { self.late = go; })];
  self.fetch = async (...given) => {
    const answer = await asked(...given);
    if (!`${given[0]}`.endsWith('/secrets')) return answer;
    done();
    await held;
    return answer;
  };
  self.answered = Wahana.resume();
})"""


def test_what_the_office_says_after_she_signed_out_gives_no_key_back(office: Office) -> None:
    """Whether she signed out on the page that asked or on another one."""
    owner = Asking(office, "psm")
    with served(office) as address, opened() as browser:
        page = browser.new_context().new_page()
        sign_in(page, address, owner)
        prepared(page, address)
        page.goto(f"{address}/akun")
        other = page.context.new_page()
        other.goto(f"{address}/akun")
        for closing in (page, other):
            page.evaluate(ASKED)
            closing.evaluate("() => Wahana.close()")
            assert page.evaluate("async () => { self.late(); return self.answered; }") == "closed"
            keeps(page, 1)
            assert page.evaluate("() => Wahana.resume()") == "ready", "asked anew, and still signed in"
            page.reload()
            keeps(page, 2)


def test_a_key_that_was_given_meanwhile_is_not_taken_away_with_the_old_one(office: Office) -> None:
    owner = Asking(office, "psm")
    with served(office) as address, opened() as browser:
        page = browser.new_context().new_page()
        sign_in(page, address, owner)
        prepared(page, address)
        page.goto(f"{address}/akun")
        page.evaluate("async () => Wahana.close((await Wahana.current()).seen - 1)")
        keeps(page, 3)
