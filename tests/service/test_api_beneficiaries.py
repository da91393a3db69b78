"""People in need over HTTP: who may register, type, link and see them, and what is told of them."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.beneficiary import Beneficiary
from service.command import Answer, Command
from service.log.ids import new_id
from service.office import Office
from tests.service.offices import VILLAGE, Asking

PEOPLE = "/api/v1/beneficiaries"
SEARCH = "/api/v1/people/search"
NIK = "7501994703600003"
Client = Callable[[str], Asking]
SITI = {"name": "Siti Rachmawaty Djafar", "nik": NIK, "birth_date": "1960-03-07", "sex": "P", "address": "Dusun Satu"}


def body(**more: Any) -> dict[str, Any]:
    return {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": SITI, **more}


def registered(asking: Asking, **more: Any) -> str:
    return str(asking.done(PEOPLE, body(**more))["id"])


def sentences(asking: Asking, id: str, **query: Any) -> list[str]:
    return [entry["sentence"] for entry in asking.data(f"{PEOPLE}/{id}/history", **query)["entries"]]


def restricted(office: Office, client: Client) -> str:
    """A strictly restricted person whom a social worker registered."""
    peksos = client("peksos")
    person = registered(peksos, identity={"name": "Anak Satu", "birth_date": "2014-02-03", "sex": "P"})
    peksos.done(f"{PEOPLE}/{person}/classifications", {"type": "anak_korban_kekerasan"})
    return person


def test_a_command_that_another_request_just_recorded_is_answered_with_what_that_one_made(
    office: Office, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second had looked before the first was recorded, and made a record of its own that came to nothing."""
    tksk, key = client("tksk"), new_id()
    body = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": {"description": "Kakek di pasar"}}
    first = tksk.done("/api/v1/beneficiaries", body, **{"Idempotency-Key": key})
    answered, looked = office.casebook.answered, list[str]()

    def later(command: Command) -> Answer | None:
        looked.append(command.id)
        return answered(command) if len(looked) > 1 else None

    monkeypatch.setattr(office.casebook, "answered", later)
    again = tksk.done("/api/v1/beneficiaries", body, **{"Idempotency-Key": key})
    assert looked == [key, key]
    assert again == first


def test_a_registered_person_is_shown_with_all_that_was_sealed(client: Client) -> None:
    psm = client("psm")
    person = registered(psm, hamlet="Huyula")
    shown = psm.data(f"{PEOPLE}/{person}")
    assert shown["person"] == SITI
    assert [shown[name] for name in ("sight", "identity_state", "hamlet", "state")] == [
        "full",
        "claimed",
        "Huyula",
        "active",
    ]
    assert "worker" not in shown


def test_a_brief_answer_tells_who_it_is_and_what_version_one_has_seen_and_no_more(client: Client) -> None:
    psm = client("psm")
    person = registered(psm)
    psm.done(f"{PEOPLE}/{person}/classifications", {"type": "lanjut_usia_telantar"})
    brief, shown = psm.data(f"{PEOPLE}/{person}", brief="true"), psm.data(f"{PEOPLE}/{person}")
    assert brief["version"] == shown["version"] == 2
    assert {**brief, **{name: shown[name] for name in ("classifications", "needs", "consents", "emergencies")}} == shown
    assert "classifications" not in brief


@pytest.mark.parametrize(("role", "sight"), [("kades", "full"), ("pengurus_wksbm", "masked"), ("auditor", "masked")])
def test_roles_see_a_person_in_full_or_masked(client: Client, role: str, sight: str) -> None:
    person = registered(client("psm"))
    shown = client(role).data(f"{PEOPLE}/{person}")
    assert shown["sight"] == sight
    if sight == "masked":
        assert shown["person"] == {"name": "S. R. D.", "sex": "P", "birth_year": 1960}
        assert NIK not in str(client(role).data(PEOPLE))
        assert "Siti" not in str(client(role).data(f"{PEOPLE}/{person}/history"))


def test_whoever_works_elsewhere_neither_sees_nor_records(office: Office, client: Client) -> None:
    person = registered(client("psm"))
    stranger = Asking(office, "psm", ("75.01.03",))
    assert stranger.get(f"{PEOPLE}/{person}").status_code == 404
    assert stranger.data(PEOPLE) == []
    assert stranger.refused(f"{PEOPLE}/{person}/death") == "not_found"


def test_a_village_that_one_does_not_serve_is_refused_by_its_field_and_with_what_to_do(
    office: Office, client: Client
) -> None:
    stranger = Asking(office, "psm", ("75.01.03",))
    told = stranger.post(PEOPLE, body())
    assert (told.status_code, told.get_json()["rule"]) == (403, "village_outside_area")
    assert "Pilih desa/kelurahan di wilayah Anda" in told.get_json()["detail"]
    assert told.get_json()["errors"] == {"json": {"village": ["Pilih desa/kelurahan di wilayah tugas Anda."]}}
    registered(client("psm"))
    assert stranger.post(PEOPLE, body()).get_json()["detail"] == told.get_json()["detail"], "nothing of who is there"
    # Whoever registers nobody anywhere is not sent to another village.
    assert Asking(office, "kades").refused(PEOPLE, body()) == "not_allowed"


def test_a_probable_duplicate_is_shown_and_passed_by_with_a_reason(client: Client) -> None:
    psm = client("psm")
    first = registered(psm)
    again = body(identity={"name": "Sitti Rahmawati Jafar", "birth_date": "1960-03-07"})
    answer = psm.post(PEOPLE, again)
    assert (answer.status_code, answer.get_json()["rule"]) == (409, "probable_duplicates")
    (doubt,) = answer.get_json()["errors"]["duplicates"]
    assert (doubt["id"], doubt["person"]["name"]) == (first, SITI["name"])
    assert {ground["code"] for ground in doubt["grounds"]} >= {"tanggal_lahir_sama", "desa_sama"}
    second = psm.done(PEOPLE, {**again, "reason_to_go_on": "Saudara kembar"})["id"]
    assert "Ada 1 catatan yang mungkin sama" in sentences(psm, second)[0]


def test_a_warning_shows_no_name_to_who_may_not_see_it(office: Office, client: Client) -> None:
    restricted(office, client)
    again = body(identity={"name": "Anak Satu", "birth_date": "2014-02-03"})
    (doubt,) = Asking(office, "peksos", clearances=()).post(PEOPLE, again).get_json()["errors"]["duplicates"]
    assert (doubt["person"], doubt["village"]) == (None, None)
    assert client("psm").post(PEOPLE, again).status_code == 201, "whoever does not exist for her is no doubt either"


def test_the_same_command_again_meets_no_duplicate_of_itself(client: Client) -> None:
    psm, key = client("psm"), new_id()
    first = psm.done(PEOPLE, body(), **{"Idempotency-Key": key})
    again = psm.done(PEOPLE, body(), **{"Idempotency-Key": key})
    assert again["events"] == first["events"]


def test_a_batch_is_warned_too(client: Client) -> None:
    items = [{"key": new_id(), "command": "beneficiary.register", "body": body()} for _ in range(2)]
    results = client("psm").post("/api/v1/batch", {"items": items}).get_json()["results"]
    assert [(result["status"], result.get("rule")) for result in results] == [(201, None), (409, "probable_duplicates")]
    assert results[1]["errors"]["duplicates"][0]["score"] == 100


def test_an_odd_nik_is_noted_and_refuses_nothing(client: Client) -> None:
    person = registered(client("psm"), identity={"name": "Yusuf", "nik": "7.50199E+15"})
    assert client("psm").data(f"{PEOPLE}/{person}")["nik_findings"] == "spreadsheet_number"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"identity": {}}, "identity"),
        ({"identity": {"name": "A", "shoe": "42"}}, "identity"),
        ({"kind": "robot"}, "kind"),
        ({"village": "75.01.02.2999"}, "village"),
    ],
)
def test_bad_input_names_the_field(client: Client, wrong: dict[str, Any], field: str) -> None:
    answer = client("psm").post(PEOPLE, body(**wrong))
    assert answer.status_code == 422
    assert field in answer.get_json()["errors"]["json"]


def test_a_type_outside_its_age_asks_for_a_reason(client: Client) -> None:
    psm = client("psm")
    person = registered(psm, identity={"name": "Ani", "birth_date": "1990-05-05", "sex": "P"})
    path = f"{PEOPLE}/{person}/classifications"
    assert psm.refused(path, {"type": "lanjut_usia_telantar"}) == "override_reason_needed"
    psm.done(path, {"type": "lanjut_usia_telantar", "override_reason": "Dokumen keliru"})
    (shown,) = psm.data(f"{PEOPLE}/{person}")["classifications"]
    assert (shown["label"], shown["findings"], shown["active"]) == ("Lanjut usia telantar", ["age_below"], True)
    assert psm.refused(path, {"type": "lanjut_usia_telantar", "override_reason": "Lagi"}) == "same_type_still_open"


def test_a_type_is_replaced_and_ended(client: Client) -> None:
    psm = client("psm")
    person = registered(psm)
    first, second = new_id(), new_id()
    psm.done(f"{PEOPLE}/{person}/classifications", {"type": "pemulung", "classification": first})
    replaced = {"type": "pengemis", "classification": second, "reason": "Pekerjaan berubah"}
    psm.done(f"{PEOPLE}/{person}/classifications/{first}/replacement", replaced)
    psm.done(f"{PEOPLE}/{person}/classifications/{second}/ending", {"reason": "mampu"})
    shown = {row["classification"]: row for row in psm.data(f"{PEOPLE}/{person}")["classifications"]}
    assert (shown[first]["replaced_by"], shown[second]["ended_for"], shown[second]["active"]) == (
        second,
        "mampu",
        False,
    )


def test_a_strict_type_is_known_to_the_worker_and_to_nobody_around(office: Office, client: Client) -> None:
    person = restricted(office, client)
    (own,) = client("peksos").data(f"{PEOPLE}/{person}")["classifications"]
    assert (own["type"], own["label"]) == ("anak_korban_kekerasan", "Anak korban tindak kekerasan atau perlakuan salah")
    for role in ("psm", "kades", "auditor"):
        assert client(role).get(f"{PEOPLE}/{person}").status_code == 404
        assert client(role).get(f"{PEOPLE}/{person}/history").status_code == 404
        assert client(role).data(PEOPLE, type="anak_korban_kekerasan") == []
        assert client(role).post(SEARCH, {"name": "Anak Satu"}).get_json()["data"] == []
    seen = Asking(office, "supervisor", clearances=["hiv", "anak"]).data(f"{PEOPLE}/{person}")
    assert (seen["person"], seen["tier"], seen["sight"]) == (None, "ketat", "none")
    assert seen["classifications"][0]["type"] == "ketat"
    said = office.database.rows("SELECT text FROM events WHERE text NOT LIKE '%account.clearance_granted%'")
    assert "kekerasan" not in "".join(text for (text,) in said)


def test_the_rules_hold_for_a_sealed_type_too(office: Office, client: Client) -> None:
    peksos, person = client("peksos"), restricted(office, client)
    path = f"{PEOPLE}/{person}/classifications"
    assert peksos.refused(path, {"type": "anak_korban_kekerasan"}) == "same_type_still_open"
    assert peksos.refused(path, {"type": "orang_dengan_hiv"}) == "override_reason_needed"
    assert peksos.refused(path, {"type": "komunitas_adat_terpencil"}) == "ppks_unit_not_allowed"
    child = new_id()
    peksos.done(path, {"type": "anak_telantar", "classification": child})
    need = {"classification": child, "spm_service": "c", "services": ["L03"], "year": office.today().year}
    assert peksos.refused(f"{PEOPLE}/{person}/needs", need) == "spm_service_not_for_type"
    peksos.done(f"{PEOPLE}/{person}/needs", {**need, "spm_service": "b"})
    (shown,) = peksos.data(f"{PEOPLE}/{person}")["needs"]
    assert (shown["service"], shown["services"]) == ("b", ["L03"])


def test_a_strict_type_restricts_the_cases_that_run(office: Office, client: Client) -> None:
    peksos = client("peksos")
    person = registered(peksos, identity={"name": "Anak Dua", "birth_date": "2014-02-03", "sex": "P"})
    opening = {"beneficiary": person, "channel": "datang_langsung", "urgency": "biasa"}
    case = peksos.done("/api/v1/cases", opening)["id"]
    done = peksos.done(f"{PEOPLE}/{person}/classifications", {"type": "anak_korban_kekerasan"})
    assert [event["topic"] for event in done["events"]] == ["beneficiary.ppks_classified", "case.tier_raised"]
    assert done["events"][1]["stream"] == case


def test_the_number_of_a_classification_belongs_to_one_person(client: Client) -> None:
    psm, number = client("psm"), new_id()
    one, other = registered(psm), registered(psm, identity={"name": "Rauf Tahir"})
    psm.done(f"{PEOPLE}/{one}/classifications", {"type": "pemulung", "classification": number})
    answer = psm.refused(f"{PEOPLE}/{other}/classifications", {"type": "pemulung", "classification": number})
    assert answer == "already_reserved"


def test_a_life_is_told_in_sentences_in_order(client: Client) -> None:
    psm = client("psm")
    person, family = registered(psm), registered(psm, kind="family", identity={"name": "Keluarga Djafar"})
    for path, sent in (
        ("identity-claims", {"identity": {**SITI, "name": "Siti Rahmawati Djafar"}, "papers": ["ktp"]}),
        ("identity-matches", {"how": "layanan_data"}),
        ("neglect-assessments", {"neglected": True, "how": "kunjungan_rumah", "note": "Rumah kosong"}),
        ("institution-entries", {"institution": "Panti Ilomata"}),
        ("institution-departures", {}),
        ("family-memberships", {"family": family, "relation": "orang_tua"}),
        ("family-departures", {"family": family}),
        ("domicile-moves", {"village": VILLAGE, "address": "Jalan Baru 3"}),
        ("departure", {"destination": "Manado"}),
        ("death", {}),
    ):
        psm.done(f"{PEOPLE}/{person}/{path}", sent)
    told = sentences(psm, person)
    assert told[1].startswith("Identitas dicatat sebagai Siti Rahmawati Djafar dengan KTP-el")
    assert told[3] == "Dinilai telantar, berdasarkan kunjungan rumah. Catatan: Rumah kosong."
    assert told[9] == "Pindah keluar dari kabupaten ke Manado."
    assert told[10] == "Meninggal dunia."
    assert "[tersegel]" in sentences(client("auditor"), person)[1]
    assert psm.data(f"{PEOPLE}/{person}")["address"] == "Jalan Baru 3"


def test_linked_records_share_one_history_until_the_link_is_reversed(client: Client) -> None:
    psm = client("psm")
    one, other = registered(psm), registered(psm, identity={"name": "Ratna Gobel"})
    link = {"primary": one, "reason": "Diakui keluarganya", "score": 80, "grounds": ["pengakuan"]}
    done = psm.done(f"{PEOPLE}/{other}/duplicate-links", link)
    assert [event["stream"] for event in done["events"]] == [other, one]
    assert psm.data(f"{PEOPLE}/{one}")["duplicates"] == [other]
    assert len(sentences(psm, one)) == 4
    psm.done(f"{PEOPLE}/{other}/link-reversals", {"primary": one, "reason": "Ternyata orang lain"})
    assert len(sentences(psm, one)) == 3
    assert len(sentences(psm, one, as_of=done["position"])) == 4


def test_a_corrected_identity_is_found_by_its_right_name(client: Client) -> None:
    psm = client("psm")
    person = registered(psm)
    correction = {
        "target": 1,
        "values": {"identity": {**SITI, "name": "Zubaida Djafar"}},
        "reason": "Salah tulis",
        "requested_by": "yang_bersangkutan",
    }
    psm.done(f"/api/v1/streams/{person}/corrections", correction)
    assert psm.data(f"{PEOPLE}/{person}")["person"]["name"] == "Zubaida Djafar"
    found = psm.post(SEARCH, {"name": "Jubaida"}).get_json()["data"]
    assert [row["id"] for row in found] == [person]
    entry = psm.data(f"{PEOPLE}/{person}/history")["entries"][0]
    assert entry["sentence"].startswith("Zubaida")
    assert entry["originally"].startswith("Siti Rachmawaty")
    wrong = {**correction, "values": {"identity": "Zubaida"}}
    assert psm.post(f"/api/v1/streams/{person}/corrections", wrong).status_code == 422


def test_search_keeps_to_the_area_and_to_what_was_known(client: Client, office: Office) -> None:
    psm = client("psm")
    before = office.reader.head()[0]
    person = registered(psm)
    stranger = Asking(office, "psm", ("75.01.03",))
    assert [row["id"] for row in psm.post(SEARCH, {"nik": NIK}).get_json()["data"]] == [person]
    assert psm.post(SEARCH, {"nik": NIK, "as_of": str(before)}).get_json()["data"] == []
    assert stranger.post(SEARCH, {"nik": NIK}).get_json()["data"] == []
    assert psm.post(SEARCH, {"birth_year": 1960}).status_code == 422
    assert client("admin").post(SEARCH, {"nik": NIK}).status_code == 403


def test_lists_come_in_pages_and_back_from_the_past(client: Client, office: Office) -> None:
    psm = client("psm")
    ids = [registered(psm, identity={"name": f"Orang {name}"}) for name in ("Satu", "Dua", "Tiga")]
    first = psm.get(PEOPLE, limit=2).get_json()
    rest = psm.get(PEOPLE, limit=2, cursor=first["next_cursor"]).get_json()
    assert [row["id"] for row in first["data"] + rest["data"]] == sorted(ids)
    position = office.reader.head()[0]
    psm.done(f"{PEOPLE}/{ids[0]}/death")
    assert [row["id"] for row in psm.data(PEOPLE, state="died")] == [ids[0]]
    assert psm.data(PEOPLE, state="died", as_of=position) == []


def test_what_was_destroyed_reads_so(client: Client, office: Office) -> None:
    psm = client("psm")
    person = registered(psm)
    part = office.log.load(Beneficiary, person).identity
    assert part is not None
    key = next(row[0] for row in office.database.rows("SELECT key FROM parts WHERE id = :part", part=part.part))
    office.keys_database.rows("DELETE FROM subject_keys WHERE id = :key", key=key)
    assert psm.data(f"{PEOPLE}/{person}")["person"] == "[dimusnahkan]"
    assert sentences(psm, person)[0].startswith("[dimusnahkan] didaftarkan")


def test_a_kk_number_may_be_odd_beside_a_good_nik(client: Client) -> None:
    psm = client("psm")
    identity = {"name": "Ani", "birth_date": "1987-08-04", "sex": "L", "nik": "7501020408870001", "kk": "75010"}
    person = psm.done(PEOPLE, {"village": VILLAGE, "kind": "person", "channel": "relawan", "identity": identity})["id"]
    assert psm.data(f"{PEOPLE}/{person}")["nik_findings"] == "kk_not_16_digits"
    assert "Catatan atas nomornya: Nomor KK bukan 16 angka." in sentences(psm, person)[0]


def test_nobody_is_born_after_today(client: Client) -> None:
    psm = client("psm")
    person = registered(psm)
    late = (("birth_date", "2999-01-01"), ("birth_year", 2199))
    for field, value in late:
        for path, more in (
            (PEOPLE, {"village": VILLAGE, "kind": "person", "channel": "relawan"}),
            (f"{PEOPLE}/{person}/identity-claims", {}),
        ):
            answer = psm.post(path, {**more, "identity": {"name": "Ani", field: value}})
            assert answer.status_code == 422
            assert list(answer.get_json()["errors"]["json"]["identity"]) == [field]
        corrected = {"target": 1, "values": {"identity": {"name": "Ani", field: value}}}
        answer = psm.post(
            f"/api/v1/streams/{person}/corrections", {**corrected, "reason": "x", "requested_by": "petugas"}
        )
        assert answer.status_code == 422
        assert field in answer.get_data(as_text=True)
