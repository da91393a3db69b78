"""The pages of accounts: those of the administrator, and one's own."""

import base64
import re
from collections.abc import Callable
from dataclasses import replace

from projections.source import Malformed
from projections.verified import keep
from projections.verify import verify
from service.office import Office
from tests.service.offices import PASSWORD, Asking
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
    assert code not in page(supervisor, at)
    body = {"login": worker.login, "code": code, "password": NEW}
    assert worker.client.post("/api/v1/sessions/password", json=body).status_code == 204


def test_sessions_of_a_lost_phone_are_ended_by_the_administrator(client: Client) -> None:
    admin, phone = client("admin"), client("tksk").person()
    assert opened(phone, "/akun").status_code == 200
    assert sent(admin, f"/pengelolaan/akun/{phone.account}/keluarkan").status_code == 303
    assert opened(phone, "/akun").status_code == 303, "to the door"


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
