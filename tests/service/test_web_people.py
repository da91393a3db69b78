"""The pages about people: what each role finds on them, the past, registering, families, and records that are alike."""

import re
from html import unescape

from service.log.ids import new_id
from service.office import Office
from tests.service.offices import VILLAGE, Asking
from tests.service.test_api_cases import opening
from tests.service.web_pages import NIK, PEOPLE, SITI, Client, landed, page, registered, sent, text


def test_the_list_names_people_in_full_or_by_initials(client: Client) -> None:
    person = registered(client("psm"))
    full = page(client("psm"), "/warga")
    assert "Siti Rachmawaty Djafar" in full
    assert "7 Mar 1960" in full
    assert f"/warga/{person}" in full
    masked = page(client("pengurus_wksbm"), "/warga")
    assert "S. R. D." in masked
    assert "1960" in masked
    assert "Siti" not in masked
    assert "7 Mar" not in masked


def test_the_list_goes_on_from_page_to_page_and_is_filtered(client: Client) -> None:
    psm = client("psm")
    for number in range(51):
        registered(
            psm, {"name": f"Warga {'ABCDEFGHIJ'[number // 10]}{'ABCDEFGHIJ'[number % 10]}"}, reason_to_go_on="lain"
        )
    registered(psm, {"head": "Keluarga Daud"}, kind="family", reason_to_go_on="lain")
    first = page(psm, "/warga")
    onward = first.split('href="/warga?lanjut=')[1].split('"')[0]
    second = page(psm, "/warga", lanjut=onward)
    assert first.count('<th scope="row"><a') == 50
    assert second.count('<th scope="row"><a') == 2
    families = page(psm, "/warga", satuan="family")
    assert "Keluarga Daud" in families
    assert "Warga AA" not in families


def test_a_filter_offers_the_villages_in_which_whoever_looks_finds_somebody(office: Office) -> None:
    def offered(who: Asking) -> list[set[str]]:
        choices = re.findall(r'<select name="(?:village|desa)">(.*?)</select>', page(who, "/warga"), re.DOTALL)
        return [set(re.findall(r'value="(75[^"]+)"', one)) for one in choices]

    kecamatan, every = VILLAGE[:8], set(office.casebook.territory().villages_on(office.today()))
    assert len(every) == 205
    assert offered(Asking(office, "kades", areas=(VILLAGE,))) == [{VILLAGE}] * 2
    assert offered(Asking(office, "tksk", areas=(kecamatan,))) == [{one for one in every if one[:8] == kecamatan}] * 2
    for role in ("supervisor", "dpo"):
        assert offered(Asking(office, role, areas=())) == [every] * 2
    # Her case may be of somebody who lives elsewhere, and a link leads there.
    far = next(one for one in sorted(every) if one[:8] != kecamatan)
    html = page(Asking(office, "tksk", areas=(kecamatan,)), "/warga", desa=far)
    assert html.count(f'<option value="{far}" selected>') == 1


def test_a_search_is_posted_and_keeps_what_was_typed(client: Client) -> None:
    registered(client("psm"))
    registered(client("psm"), {"name": "Rustam Niode"})
    found = text(sent(client("psm"), "/warga", {"name": "Sitti Rahmawati Jafar"}))
    assert "Siti Rachmawaty Djafar" in found
    assert "Rustam" not in found
    assert 'value="Sitti Rahmawati Jafar"' in found
    empty = text(sent(client("psm"), "/warga", {"birth_year": "1960"}), 422)
    assert "tahun lahir bersama desa" in empty
    assert 'value="1960"' in empty
    assert "Tidak ditemukan" in text(sent(client("psm"), "/warga", {"name": "Zulkarnain"}))


def test_whoever_was_searched_for_in_vain_is_not_typed_again(client: Client) -> None:
    """Posted from one form to the other: who is searched for stands in no address."""
    psm = client("psm")
    empty = sent(psm, "/warga", {"name": "Zulkarnain", "nik": "012345", "birth_year": "1960", "village": VILLAGE})
    html = empty.get_data(as_text=True)
    assert "Zulkarnain" not in "".join(re.findall(r'(?:href|action)="[^"]*"', html))
    posted = (
        r'<form class="actions" method="post" action="(/catat/beneficiary.register\?asal=[0-9a-f-]{36})">(.*?)</form>'
    )
    [(place, form)] = re.findall(posted, html, re.DOTALL)
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    begun = text(sent(psm, place, fields))
    assert f'action="{place}"' in begun, "a draft of its own, beside the one of another registration"
    assert "Yang dicari sudah disalin ke sini." in begun
    assert "data-typed" not in begun, "what is typed into it comes back after a reload"
    for name, value in (("identity.name", "Zulkarnain"), ("identity.birth_year", "1960"), ("identity.nik", "")):
        assert re.search(rf'name="{re.escape(name)}"[^>]* value="{value}"', begun), name
    assert re.search(r'<option value="person" selected', begun)
    assert "Tidak sah" not in begun
    assert not psm.data(PEOPLE), "shown, not recorded"
    assert "Daftarkan orang" in page(psm, "/warga")
    assert "beneficiary.register" not in text(
        sent(client("peksos"), f"/warga?untuk=ganda&dari={registered(psm)}", {"name": "Z"})
    )


def test_an_odd_number_is_said_at_once_to_whoever_typed_it(client: Client) -> None:
    psm = client("psm")
    typed = {"kind": "person", "village": VILLAGE, "channel": "relawan", "identity.name": "Ani", "identity.nik": "123"}
    typed["kunci"] = new_id()
    shown = landed(answer := sent(psm, "/catat/beneficiary.register", typed), psm)
    assert "Periksa nomornya: NIK bukan 16 angka." in shown
    place = answer.headers["Location"].partition("?")[0]
    assert "Periksa nomornya" not in page(psm, place, tercatat=new_id()), "not after every other command"


def test_who_reads_of_nobody_has_no_list(client: Client) -> None:
    assert "Bukan untuk peran Anda" in page(client("admin"), "/warga", 403)


def test_a_person_is_shown_with_all_that_is_known(client: Client) -> None:
    peksos = client("peksos")
    person = registered(peksos)
    peksos.done(f"{PEOPLE}/{person}/neglect-assessments", {"neglected": True, "how": "kunjungan_rumah"})
    kind = new_id()
    typing = {"type": "lanjut_usia_telantar", "classification": kind}
    peksos.done(f"{PEOPLE}/{person}/classifications", typing)
    need = {"classification": kind, "spm_service": "c", "services": ["L03"], "year": 2026}
    peksos.done(f"{PEOPLE}/{person}/needs", need)
    consent = new_id()
    agreed = {"how": "cap_jempol", "giver": "yang_bersangkutan", "purpose": "layanan", "consent": consent}
    peksos.done(f"{PEOPLE}/{person}/consents", agreed)
    case = {"beneficiary": person, "channel": "telepon", "urgency": "biasa"}
    peksos.done("/api/v1/cases", case)
    shown = page(peksos, f"/warga/{person}")
    for words in (NIK, "7 Maret 1960", "Perempuan", "Dusun Satu", "Lanjut usia telantar", "Permakanan", "2026:"):
        assert words in shown, words
    for words in ("Kasus sejak", "telantar,", "Pelayanan dan pendampingan", "Cap jempol", "Tarik persetujuan"):
        assert words in shown, words
    peksos.done(f"{PEOPLE}/{person}/consents/{consent}/withdrawal", {"how": "cap_jempol", "giver": "yang_bersangkutan"})
    shown = page(peksos, f"/warga/{person}")
    assert ">ditarik " in shown
    assert "/catat/beneficiary.withdraw_consent" not in shown
    masked = page(client("auditor"), f"/warga/{person}")
    assert "S. R. D." in masked
    assert NIK not in masked
    assert "Rachmawaty" not in masked
    assert "Dusun Satu" not in masked
    assert "/catat/" not in masked


def test_the_story_tells_when_it_happened_and_when_it_was_recorded(client: Client) -> None:
    psm = client("psm")
    person = registered(psm, on="2026-01-05")
    psm.done(f"{PEOPLE}/{person}/domicile-moves", {"village": VILLAGE, "hamlet": "Huyula", "on": "2026-02-01"})
    shown = page(psm, f"/warga/{person}")
    assert "5 Januari 2026" in shown
    assert "1 Februari 2026" in shown
    assert "Dicatat" in shown
    assert "oleh psm" in shown
    retracted = {"target": 2, "reason": "Salah orang", "requested_by": "petugas"}
    psm.done(f"/api/v1/streams/{person}/retractions", retracted)
    assert "<s>" in page(psm, f"/warga/{person}")


def test_the_past_shows_what_was_known_and_offers_no_action(client: Client) -> None:
    psm = client("psm")
    person = registered(psm)
    position = psm.get(f"{PEOPLE}/{person}").get_json()["position"]
    psm.done(f"{PEOPLE}/{person}/death", {})
    assert "Meninggal" in page(psm, f"/warga/{person}")
    then = page(psm, f"/warga/{person}", posisi=position)
    assert "Meninggal" not in then
    assert "/catat/" not in then
    assert f"/warga?posisi={position}" in then
    page(psm, f"/warga/{person}", 404, per="2020-01-01")


def test_a_family_is_shown_with_its_members(client: Client) -> None:
    psm = client("psm")
    person, family = registered(psm), registered(psm, {"head": "Ismail Djafar"}, kind="family")
    choosing = page(psm, "/warga", untuk="keluarga", dari=person, satuan="family")
    link = next(
        part.split('"')[0] for part in choosing.split('href="') if part.startswith("/catat/beneficiary.join_family")
    )
    assert f"stream={person}" in link
    assert f"family={family}" in link
    form = text(psm.client.get(link, headers={"Authorization": f"Bearer {psm.token}"}))
    assert f'<input type="hidden" name="family" value="{family}"' in form
    assert "<strong>Siti Rachmawaty Djafar</strong>" in form
    assert "Keluarga: <strong>Ismail Djafar</strong>" in form
    typed = {"kunci": new_id(), "family": family, "relation": "istri", "kembali": f"/warga/{person}"}
    landed_on = landed(sent(psm, link, typed), psm)
    assert "Ismail Djafar" in landed_on
    assert "Istri" in landed_on
    assert "Keluar dari keluarga" in landed_on
    assert "Siti Rachmawaty Djafar" in page(psm, f"/warga/{family}")


def test_whoever_is_not_on_the_list_to_choose_from_is_registered_and_goes_on_into_the_family(client: Client) -> None:
    psm = client("psm")
    family = registered(psm, {"head": "Ismail Djafar"}, kind="family")
    choosing = page(psm, "/warga", untuk="anggota", dari=family, satuan="person", desa=VILLAGE)
    (link,) = re.findall(r'href="(/catat/beneficiary.register[^"]*)"', choosing)
    assert "kind=person" in link
    typed = {"kunci": new_id(), "village": VILLAGE, "kind": "person", "channel": "relawan", "identity.name": "Nunu"}
    form = page(psm, unescape(link))
    typed["kembali"] = unescape(re.findall(r'name="kembali" value="([^"]*)"', form)[0])
    joining = sent(psm, "/catat/beneficiary.register", typed)
    assert "<strong>Nunu</strong>" in landed(joining, psm)
    person = re.findall(r"stream=([0-9a-f-]{36})", joining.location)[0]
    typed = {"kunci": new_id(), "family": family, "relation": "anak", "kembali": f"/warga/{family}"}
    assert "Nunu" in landed(sent(psm, f"/catat/beneficiary.join_family?stream={person}", typed), psm)
    # Whoever was searched for in vain is not typed again.
    searched = text(sent(psm, f"/warga?untuk=keluarga&dari={person}", {"name": "Keluarga Pakaya"}))
    begun = searched.partition('action="/catat/beneficiary.register')[2].partition("</form>")[0]
    assert 'name="kind" value="family"' in begun
    assert 'value="Keluarga Pakaya"' in begun
    assert "yang-baru" in begun
    assert "/catat/beneficiary.register" not in page(psm, "/warga", untuk="ganda", dari=person)


def test_registering_leads_to_the_person_and_shows_who_is_alike_first(client: Client) -> None:
    psm = client("psm")
    form = page(psm, "/catat/beneficiary.register", kind="person", village=VILLAGE)
    assert "reason_to_go_on" not in form
    assert f'<option value="{VILLAGE}" selected' in form
    typed = {"village": VILLAGE, "kind": "person", "channel": "relawan", "identity.name": SITI["name"]}
    typed |= {"identity.nik": NIK, "identity.birth_date": "1960-03-07"}
    first = landed(sent(psm, "/catat/beneficiary.register", {**typed, "kunci": new_id()}), psm)
    assert "<h1>Siti Rachmawaty Djafar</h1>" in first
    assert "Tercatat." in first
    again = {**typed, "kunci": new_id(), "identity.name": "Sitti Rahmawati Jafar", "identity.birth_date": "1961-03-07"}
    refused = text(sent(psm, "/catat/beneficiary.register", again), 409)
    assert "Yang Anda ketik" in refused
    assert refused.count('name="reason_to_go_on"') == 1
    assert (
        refused.index("Bandingkan dahulu") < refused.index('name="reason_to_go_on"') < refused.index('name="village"')
    )
    assert "Siti Rachmawaty Djafar</a>" in refused
    assert "7 Maret 1961" in refused
    assert "7 Maret 1960" in refused
    assert "NIK sama" in refused
    assert 'value="Sitti Rahmawati Jafar"' in refused
    assert refused.count(">sama</span>") == 1
    assert refused.count(">beda</span>") == 2
    landed(sent(psm, "/catat/beneficiary.register", {**again, "reason_to_go_on": "Saudara kembar"}), psm)


def test_a_year_of_birth_is_compared_with_the_year_of_a_full_date(client: Client) -> None:
    psm = client("psm")
    registered(psm)
    typed = {"village": VILLAGE, "kind": "person", "channel": "relawan", "identity.name": SITI["name"]}
    typed |= {"identity.nik": NIK, "kunci": new_id()}
    for year, mark in (("1960", "good"), ("1961", "warn")):
        refused = text(sent(psm, "/catat/beneficiary.register", {**typed, "identity.birth_year": year}), 409)
        shown = f'<th scope="row">Tahun lahir</th><td>{year}</td><td>1960 <span class="tag {mark}">'
        assert shown in refused
        assert '<th scope="row">Tanggal lahir</th><td>–</td><td>7 Maret 1960</td>' in refused


def test_alike_records_stand_side_by_side_and_are_linked_and_unlinked(client: Client) -> None:
    psm = client("psm")
    first = registered(psm)
    second = registered(psm, {**SITI, "birth_date": "1961-03-07"}, reason_to_go_on="belum jelas")
    beside = page(psm, f"/warga/{second}/mirip")
    assert "7 Maret 1960" in beside
    assert "7 Maret 1961" in beside
    assert ">beda<" in beside
    link = beside.split('href="/catat/beneficiary.link_as_duplicate')[1].split('"')[0]
    data = {"kunci": new_id(), "primary": first, "reason": "KTP sama", "kembali": f"/warga/{first}"}
    shown = landed(sent(psm, f"/catat/beneficiary.link_as_duplicate{link}", data), psm)
    assert "Orang yang sama juga tercatat di sini" in shown
    assert f"/warga/{second}" in shown
    assert "Catatan utamanya" in page(psm, f"/warga/{second}")
    undo = {"kunci": new_id(), "primary": first, "reason": "Ternyata kembar", "kembali": f"/warga/{first}"}
    shown = landed(sent(psm, f"/catat/beneficiary.reverse_link?stream={second}", undo), psm)
    assert "Tidak ada catatan lain yang ditautkan" in shown


def test_a_page_says_how_many_may_be_the_same_and_leads_to_them(client: Client) -> None:
    tksk = client("tksk")
    first = registered(tksk)
    case = tksk.done("/api/v1/cases", opening(first))["id"]
    assert "mungkin orang yang sama" not in page(tksk, f"/warga/{first}") + page(tksk, f"/kasus/{case}")
    other = {**SITI, "name": "Sitti Rahmawati Jafar", "nik": "7501994703600011"}
    second = registered(tksk, other, reason_to_go_on="belum jelas")
    for at in (f"/warga/{first}", f"/kasus/{case}"):
        said = page(tksk, at).split('<p class="told">1 catatan lain mungkin orang yang sama. ')[1]
        assert said.startswith(f'<a href="/warga/{first}/mirip">Bandingkan</a>')
    for _ in range(12):  # of other years: a search for the name alone has no place left
        registered(tksk, {"name": SITI["name"], "birth_year": 1988}, reason_to_go_on="nama umum")
    assert f"/warga/{second}" in page(tksk, f"/warga/{first}/mirip")
    assert tksk.data(f"/api/v1/people/{first}/alike")["count"] > 1
    assert client("admin").get(f"/api/v1/people/{first}/alike").status_code == 403


def test_asking_who_is_alike_is_a_reading_of_nobody_else(client: Client) -> None:
    peksos, dpo = client("peksos"), client("dpo")
    first = registered(peksos)
    second = registered(peksos, {**SITI, "nik": "7501994703600011"}, reason_to_go_on="belum jelas")
    for one in (first, second):
        disabled = {"type": "penyandang_disabilitas", "subtypes": ["fisik"]}
        peksos.done(f"{PEOPLE}/{one}/classifications", disabled)

    def read(person: str) -> int:
        return [one["by"] for one in dpo.data(f"{PEOPLE}/{person}/readings")].count(peksos.account)

    hers, others = read(first), read(second)
    assert alike(peksos, first) == 1
    assert (read(first), read(second)) == (hers + 1, others)
    assert "1 catatan lain mungkin orang yang sama" in page(peksos, f"/warga/{first}")
    assert read(second) == others
    page(peksos, f"/warga/{first}/mirip")
    assert read(second) == others + 1, "there she is opened"


def test_nobody_is_counted_who_is_not_to_be_known(office: Office, client: Client) -> None:
    peksos, wide, here = client("peksos"), client("supervisor"), Asking(office, "tksk", (VILLAGE[:8],))
    first = registered(here)
    twin = registered(peksos, {**SITI, "nik": "7501994703600011"}, reason_to_go_on="x", village="75.01.03.2004")
    assert (alike(wide, first), alike(here, first)) == (1, 0), "of another kecamatan"
    near = registered(peksos, {**SITI, "nik": "7501994703600022"}, reason_to_go_on="x")
    assert (alike(wide, first), alike(here, first)) == (2, 1)
    client("dpo").done(f"{PEOPLE}/{near}/processing-restriction", {"ground": "permintaan", "reason": "Sengketa"})
    assert (alike(wide, first), alike(here, first)) == (1, 0), "restricted"
    before = office.reader.head()[0]
    peksos.done(f"{PEOPLE}/{twin}/classifications", {"type": "korban_perdagangan_orang"})
    assert alike(wide, first) == alike(wide, first, as_of=before) == 0, "a number would hint at her"
    assert alike(peksos, twin) is alike(peksos, twin, as_of=before) is None
    assert "mungkin orang yang sama" not in page(peksos, f"/warga/{twin}")


def alike(asking: Asking, person: str, **query: int) -> int | None:
    count: int | None = asking.data(f"/api/v1/people/{person}/alike", **query)["count"]
    return count


def test_of_a_new_record_it_is_said_that_there_is_no_work_yet(office: Office) -> None:
    """By what its page tells whoever looks in any case: whether something is left out of the history."""
    volunteer, worker = Asking(office, "psm"), Asking(office, "peksos")
    person = registered(volunteer)
    assert "Belum ada kasus atau rujukan." in page(volunteer, f"/warga/{person}")
    case = worker.done("/api/v1/cases", {"beneficiary": person, "channel": "kunjungan", "urgency": "segera"})["id"]
    Asking(office, "supervisor").done(f"/api/v1/cases/{case}/assignment", {"worker": worker.account})
    shown = page(volunteer, f"/warga/{person}")
    assert "catatan lain di luar wewenang Anda." in shown
    assert "Tidak ada kasus atau rujukan yang boleh Anda lihat." in shown
    assert "Belum ada kasus" not in shown
