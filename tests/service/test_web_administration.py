"""The pages of accounts: those of the administrator, and one's own."""

import base64
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from projections import ALL
from projections.source import Malformed
from projections.verified import keep
from projections.verify import verify
from service.office import Office
from service.web import titles
from tests.service.offices import PASSWORD, Asking
from tests.service.test_outbox import Phone
from tests.service.web_office import filled, opened, page, sent, told

Client = Callable[[str], Asking]
NEW = "jagung-binthe-biluhuta-4"


def test_an_administrator_sees_accounts_with_their_roles_and_whether_all_is_well(client: Client) -> None:
    admin, worker = client("admin"), client("tksk")
    html = page(admin, "/pengelolaan")
    assert worker.login in html
    assert "Baik" in told(html)
    html = page(admin, "/pengelolaan", cari=worker.login)
    assert admin.login not in html
    assert f"/pengelolaan/akun/{worker.account}" in html
    assert opened(client("supervisor"), "/pengelolaan").status_code == 403
    html = page(admin, "/pengelolaan/tampilan")
    assert "dipakai" in html
    assert "cases" in html
    assert "ID-SALURAN-2019" in page(admin, "/pengelolaan/daftar")
    assert "205 desa" in told(page(admin, "/pengelolaan/wilayah"))
    assert "Daftar wilayah diterbitkan" in told(page(admin, "/pengelolaan/wilayah"))


def test_a_view_that_follows_a_little_later_is_not_late_on_any_page(
    office: Office, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = client("admin")
    behind = [replace(one, lag=38) for one in office.views.status()]
    monkeypatch.setattr(type(office.views), "status", lambda _views: behind)
    assert "semua tampilan mengikuti catatan" in told(page(admin, "/pengelolaan"))
    assert "Tampilan tertinggal 0" in told(page(admin, "/pengelolaan"))
    assert '<span class="tag bad">' not in page(admin, "/pengelolaan/tampilan")
    monkeypatch.setattr("service.api.health.LATE", 37)
    late = len(ALL)
    assert "ada tampilan yang tertinggal" in told(page(admin, "/pengelolaan"))
    assert f"Tampilan tertinggal {late}" in told(page(admin, "/pengelolaan"))
    assert page(admin, "/pengelolaan/tampilan").count('<span class="tag bad">tertinggal</span>') == late


def test_the_health_beside_the_accounts_of_a_past_day_says_that_it_is_of_now(client: Client) -> None:
    admin = client("admin")
    assert "Kesehatan kini Kesehatan layanan selalu yang kini." in told(page(admin, "/pengelolaan", per="2022-01-01"))
    assert "selalu yang kini" not in page(admin, "/pengelolaan")


def test_every_view_has_a_name_that_is_read(client: Client) -> None:
    assert {one.name for one in ALL} == set(titles.VIEWS)
    html = page(client("admin"), "/pengelolaan/tampilan")
    assert '<th scope="row">Bahan angka cakupan<br><code>coverage_facts</code></th>' in html


def test_an_administrator_finds_the_code_of_a_village_and_is_led_to_no_rows_she_may_not_see(client: Client) -> None:
    html = page(client("admin"), "/pengelolaan/wilayah")
    assert "<dt>Bulila</dt><dd>75.01.02.2011</dd>" in html
    assert '<th scope="row">Telaga</th><td>75.01.02</td><td class="n">9</td>' in html
    assert "/mengapa/" not in html
    assert page(client("supervisor"), "/pengelolaan/wilayah").count('href="/mengapa/board.villages') == 19


def test_the_page_of_ones_own_account_offers_nothing_that_another_one_must_do(client: Client) -> None:
    admin, worker = client("admin"), client("psm")
    for name in ("grant_role", "grant_clearance", "ask_reset"):
        assert f"/catat/account.{name}?" in page(admin, f"/pengelolaan/akun/{worker.account}")
        assert f"/catat/account.{name}?" not in page(admin, f"/pengelolaan/akun/{admin.account}")


def test_a_role_is_given_for_places_chosen_by_name(client: Client) -> None:
    admin, worker = client("admin"), client("psm")
    form = page(admin, f"/catat/account.grant_role?stream={worker.account}")
    [box] = re.findall(r'<select id="f-areas"[^>]* multiple.*?</select>', form, re.DOTALL)
    assert '<optgroup label="Telaga"><option value="75.01.02">Telaga, seluruh kecamatan</option>' in box
    assert '<option value="75.01.02.2011">Bulila, Telaga</option>' in box
    areas = ["75.01.01", "75.01.02.2011"]
    link = f"/catat/account.grant_role?stream={worker.account}"
    assert filled(admin, link, role="psm", title="PSM", areas=areas).status_code == 303
    assert "Limboto, Bulila" in told(page(admin, f"/pengelolaan/akun/{worker.account}"))


def test_a_village_that_changes_is_chosen_by_name_too(client: Client) -> None:
    admin = client("admin")
    decree = {"edition": "75.01/2027", "decree": "Perda 1/2027", "valid_from": "2026-01-01"}
    for command, name in (("rename", "code"), ("split", "code"), ("merge", "codes")):
        form = page(admin, f"/catat/territory.{command}")
        [box] = re.findall(rf'<select id="f-{name}".*?</select>', form, re.DOTALL)
        assert '<option value="75.01.02.2011">Bulila, Telaga</option>' in box
        assert ("multiple" in box) == (command == "merge")
        offers = re.findall(r'<input id="([^"]*kecamatan)"[^>]* list="([^"]+)"', form)
        assert bool(offers) == (command != "rename")
        assert all(f'<datalist id="{of}"><option value="75.01.01">Limboto</option>' in form for _, of in offers)
    changed = filled(admin, "/catat/territory.rename", code="75.01.02.2011", name="Bulila Raya", **decree)
    assert changed.status_code == 303, changed.get_data(as_text=True)
    assert "<dt>Bulila Raya</dt><dd>75.01.02.2011</dd>" in page(admin, "/pengelolaan/wilayah")


def test_an_administrator_sees_what_verifying_the_views_left_out(office: Office, client: Client) -> None:
    admin, views = client("admin"), office.views
    found = verify(views, processes=1)
    keep(views, found)
    assert "0 perbedaan" in told(page(admin, "/pengelolaan/tampilan"))
    assert "Tidak semua dibandingkan" not in told(page(admin, "/pengelolaan/tampilan"))
    aside = (Malformed(2, "s", 1, "case.opened", "altered"),)
    keep(views, replace(found, head=found.position + 3, set_aside=aside))
    html = told(page(admin, "/pengelolaan/tampilan"))
    assert f"Tidak semua dibandingkan: sampai posisi {found.position} dari {found.position + 3}, 1 peristiwa" in html


def test_a_role_is_given_and_taken_through_the_page_of_an_account(client: Client) -> None:
    admin, worker = client("admin"), client("psm")
    at = f"/pengelolaan/akun/{worker.account}"
    html = page(admin, at)
    assert "<td>Telaga</td>" in html, "the area by its name"
    [link] = re.findall(r'href="(/catat/account.revoke_role[^"]*)"', html)
    answer = filled(admin, link)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    html = page(admin, at)
    assert "dicabut" in told(html)
    assert "/catat/account.revoke_role" not in html
    seen = page(client("auditor"), at)
    assert "dicabut" in told(seen)
    assert "/catat/" not in seen
    assert opened(worker, at).status_code == 403


def test_a_form_about_an_account_says_whose_it_is(client: Client) -> None:
    admin, worker = client("admin"), client("psm")
    for command in ("close", "grant_role", "grant_clearance", "ask_reset"):
        form = told(page(admin, f"/catat/account.{command}?stream={worker.account}"))
        assert f"Akun: psm ({worker.login})" in form, command


def test_a_reset_is_asked_by_one_and_its_code_shown_once_to_another(client: Client) -> None:
    admin, supervisor, worker = client("admin"), client("supervisor"), client("tksk")
    at = f"/pengelolaan/akun/{worker.account}"
    [link] = re.findall(r'href="(/catat/account.ask_reset[^"]*)"', page(admin, at))
    assert filled(admin, link, means="password").status_code == 303
    assert "Setujui dan buat kode" not in page(admin, at), "who asked does not approve"
    html = page(supervisor, "/pengawasan")
    assert "Setujui dan buat kode" in html
    [action] = re.findall(r'action="(/pengelolaan/akun/[^"]+/pemulihan/[^"]+)"', html)
    answer = sent(supervisor, action, apa="setujui")
    [code] = re.findall(r'class="code"><strong>([^<]+)<', answer.get_data(as_text=True))
    assert "/masuk/kode" in answer.get_data(as_text=True), "she is told what to do with it"
    assert code not in page(supervisor, at)
    assert by_code(client, worker.login, code, NEW).status_code == 303


def by_code(client: Client, login: str, code: str, password: str, again: str = "") -> TestResponse:
    """The answer to somebody who is not signed in and writes a code on the page for it."""
    form = {"login": login, "code": code, "password": password, "again": again or password}
    return client("psm").client.post("/masuk/kode", data=form)


def agreed_code(client: Client, account: str, means: str) -> str:
    """The code of a reset that the administrator asked for and a supervisor agreed to, as the page shows it."""
    admin, supervisor = client("admin"), client("supervisor")
    assert filled(admin, f"/catat/account.ask_reset?stream={account}", means=means).status_code == 303
    [action] = re.findall(rf'action="(/pengelolaan/akun/{account}/pemulihan/[^"]+)"', page(supervisor, "/pengawasan"))
    shown = sent(supervisor, action, apa="setujui").get_data(as_text=True)
    assert ("/masuk/kode" in shown) == (means == "password")
    assert ("sebagai kode autentikator" in shown) == (means == "second_factor")
    [code] = re.findall(r'class="code"><strong>([^<]+)<', shown)
    return code


def test_a_new_colleague_goes_from_the_code_to_her_first_page_without_leaving_the_screen(client: Client) -> None:
    admin, stranger = client("admin"), client("psm").client
    opened_at = filled(admin, "/catat/account.open", login="yusuf", name="Yusuf Pakaya").location
    [account] = re.findall(r"/pengelolaan/akun/([0-9a-f-]+)", opened_at)
    code = agreed_code(client, account, "password")
    assert '<a href="/masuk/kode">' in stranger.get("/masuk").get_data(as_text=True)
    assert "Kode dari kantor" in told(stranger.get("/masuk/kode").get_data(as_text=True))

    slip = by_code(client, "yusuf", code, NEW, "jagung-binthe-biluhuta-5")
    assert (slip.status_code, "tidak sama" in told(slip.get_data(as_text=True))) == (422, True)
    weak = by_code(client, "yusuf", code, "yusuf")
    assert (weak.status_code, "paling sedikit 12 huruf" in told(weak.get_data(as_text=True))) == (422, True)
    wrong = by_code(client, "yusuf", "AAAA-AAAA-AAAA-AAAA", NEW)
    html = wrong.get_data(as_text=True)
    assert (wrong.status_code, "sudah dipakai, atau kedaluwarsa" in told(html)) == (401, True)
    assert 'value="yusuf"' in html, "the name stays"
    assert NEW not in html

    done = by_code(client, "Yusuf", code.lower().replace("-", " "), NEW)
    assert done.status_code == 303
    assert "Kata sandi baru sudah berlaku" in told(stranger.get(done.location).get_data(as_text=True))
    assert by_code(client, "yusuf", code, NEW).status_code == 401, "once"
    entered = stranger.post("/masuk", data={"login": "yusuf", "password": NEW})
    assert entered.status_code == 200, "she is told first that her account was reset"
    assert "Akun Anda dipulihkan" in told(entered.get_data(as_text=True))


def test_who_guesses_codes_on_the_page_has_to_wait(client: Client) -> None:
    login, tries = client("tksk").login, (by_code(client, client("tksk").login, "AAAA-AAAA", NEW) for _ in range(20))
    waits = next(answer for answer in tries if answer.status_code == 429)
    assert int(waits.headers["Retry-After"]) > 0
    assert "Terlalu banyak percobaan" in told(waits.get_data(as_text=True))
    assert f'value="{login}"' in waits.get_data(as_text=True)


def test_a_lost_authenticator_is_replaced_by_the_code_on_the_page_of_signing_in(client: Client) -> None:
    someone = client("peksos").person()
    someone.enrol()
    code = agreed_code(client, someone.account, "second_factor")
    form = {"login": someone.login, "password": PASSWORD}
    assert by_code(client, someone.login, code, NEW).status_code == 401, "it sets no password"
    assert someone.client.post("/masuk", data=form).status_code == 401
    assert someone.client.post("/masuk", data={**form, "code": code.lower()}).status_code == 200
    assert "Belum terpasang" in told(someone.client.get("/akun").get_data(as_text=True))


def test_sessions_of_a_lost_phone_are_ended_by_the_administrator(client: Client) -> None:
    admin, phone = client("admin"), client("tksk").person()
    assert opened(phone, "/akun").status_code == 200
    assert sent(admin, f"/pengelolaan/akun/{phone.account}/keluarkan").status_code == 303
    assert opened(phone, "/akun").status_code == 303, "to the door"


def test_a_phone_prepared_for_work_without_signal_is_revoked_where_sessions_are_ended(client: Client) -> None:
    admin, owner = client("admin"), client("psm")
    lost, kept = Phone(owner), Phone(owner)
    html = page(admin, f"/pengelolaan/akun/{owner.account}")
    assert "Telepon hilang?" in html
    assert re.findall(r'name="cabut" value="([^"]+)"', html) == [kept.id, lost.id]
    link = '<a href="#perangkat">Cabut juga perangkatnya</a>'
    assert link in page(kept.owner, "/akun")
    done = sent(admin, f"/pengelolaan/akun/{owner.account}/keluarkan", cabut=lost.id)
    assert "Semua sesi akun ini sudah diakhiri." in page(admin, done.location)
    assert opened(lost.owner, "/akun").status_code == 303, "to the door"
    assert re.findall(r'name="cabut" value="([^"]+)"', page(admin, f"/pengelolaan/akun/{owner.account}")) == [kept.id]
    # The one is revoked by now, and the page was opened before.
    again = sent(admin, f"/pengelolaan/akun/{owner.account}/keluarkan", cabut=[lost.id, kept.id])
    assert again.status_code == 303
    assert sent(admin, f"/pengelolaan/akun/{owner.account}/keluarkan", perangkat=kept.id).status_code == 404
    assert "Telepon hilang?" not in page(admin, f"/pengelolaan/akun/{owner.account}")
    assert link not in page(owner.person(), "/akun")


def test_one_sees_ones_devices_and_ends_another(client: Client) -> None:
    phone, tablet = client("tksk").person(), client("tksk").person()
    html = page(phone, "/akun")
    [device] = re.findall(r'name="sesi" value="([^"]+)"', html)
    assert "alat ini" in html
    assert sent(phone, "/akun/keluarkan", sesi=device).status_code == 303
    assert opened(tablet, "/akun").status_code == 303, "to the door"
    assert 'name="sesi"' not in page(phone, "/akun")


def test_a_password_is_changed_with_the_old_one(office: Office, client: Client) -> None:
    phone = client("tksk").person()
    wrong = sent(phone, "/akun/kata-sandi", kata_sandi="salah", baru=NEW)
    assert wrong.status_code == 403
    assert "Belum berhasil" in wrong.get_data(as_text=True)
    assert sent(phone, "/akun/kata-sandi", kata_sandi=PASSWORD, baru=NEW).location == "/masuk"
    assert office.identity.sign_in(phone.login, NEW, "127.0.0.1")


def test_who_must_have_a_second_factor_is_led_to_it_and_enrols_without_leaving_the_page(
    office: Office, client: Client
) -> None:
    someone = client("supervisor")
    office.identity.set_password(someone.account, PASSWORD)
    someone.token = someone.sign_in().get_json()["token"]
    assert opened(someone, "/pengawasan").location == "/akun"
    html = page(someone, "/akun")
    assert "/akun/pasang" in html
    assert "/akun/kata-sandi" not in html
    assert "/pengawasan" not in html, "no menu yet"
    assert sent(someone, "/akun/token", sebutan="x", hari="9").status_code == 404
    assert sent(someone, "/akun/pasang", kata_sandi="salah").status_code == 403
    html = sent(someone, "/akun/pasang", kata_sandi=PASSWORD).get_data(as_text=True)
    assert 'src="data:image/svg+xml' in html
    [uri] = re.findall(r'name="uri" value="([^"]+)"', html)
    someone.secret = _secret(re.findall(r'<code class="hash">([A-Z2-7]+)<', html)[0])
    wrong = sent(someone, "/akun/kode", kode="000000", uri=uri.replace("&amp;", "&"))
    assert wrong.status_code == 401
    assert 'src="data:image/svg+xml' in wrong.get_data(as_text=True), "the picture stays"
    done = sent(someone, "/akun/kode", kode=someone.code(), uri=uri)
    codes = re.findall(r"<li><code>([^<]+)</code>", done.get_data(as_text=True))
    assert len(set(codes)) == 10
    someone.token = someone.sign_in().get_json()["token"]
    assert opened(someone, "/pengawasan").status_code == 200
    assert codes[0] not in page(someone, "/akun")


def _secret(text: str) -> bytes:
    return base64.b32decode(text + "=" * (-len(text) % 8))


def test_a_token_is_shown_once_and_revoked(client: Client) -> None:
    phone = client("tksk").person()
    html = sent(phone, "/akun/token", sebutan="lembar kerja", hari="30").get_data(as_text=True)
    [token] = re.findall(r'class="hash">(wahana_[^<]+)<', html)
    html = page(phone, "/akun")
    assert "lembar kerja" in html
    assert token not in html
    refused = sent(phone, "/akun/token", sebutan="lagi", hari="900")
    assert refused.status_code == 422
    assert 'value="lagi"' in refused.get_data(as_text=True), "what was typed stays"
    name = token.split("_")[1]
    assert sent(phone, "/akun/cabut", token=name).status_code == 303
    answer = phone.client.get("/api/v1/cases", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
