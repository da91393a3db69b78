"""Processing restricted (UU 27/2022 art. 11): nothing of the person reaches anybody but the data protection officer, by
any read there is, of today or of any past moment; and nothing more is done."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from service.app import OPEN
from service.cli import main
from service.log.ids import new_id
from tests.service.offices import VILLAGE, Asking, make_office, person, settings_of
from tests.service.test_api_cases import GRAVE
from tests.service.test_api_consents import agreed
from tests.service.test_api_referrals import HEARD, sending, sent

NAME, NIK, DAY = "Zubaidah Wartabone", "7501024101800001", {"on": "2026-03-02"}
ROLES = ("pengurus_wksbm", "kades", "psm", "tksk", "peksos", "supervisor", "kepala_dinas", "mitra", "auditor", "admin")


class Frozen:
    """An office with one person in everything that can be read: family, duplicate, case, referral, disaster, paper."""

    def __init__(self, folder: Path, url: str) -> None:
        self.office = here = make_office(folder, url)
        self.who = {role: Asking(here, role) for role in (*ROLES, "dpo")}
        self.worker, self.dpo = self.who["tksk"], self.who["dpo"]
        do = self.worker.done
        people = "/api/v1/beneficiaries"
        identity = {"name": NAME, "nik": NIK, "birth_date": "1980-01-01"}
        self.body = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": identity, **DAY}
        self.person = do(people, self.body)["id"]
        self.twin, self.other = person(here), person(here)
        self.family = do(people, {**self.body, "kind": "family", "identity": {"head": "Kepala Uji"}})["id"]
        do(f"{people}/{self.person}/family-memberships", {"family": self.family, "relation": "istri", **DAY})
        do(f"{people}/{self.twin}/duplicate-links", {"primary": self.person, "reason": "Orang yang sama", **DAY})
        do(f"{people}/{self.person}/classifications", {"type": "fakir_miskin", **DAY})
        self.case = do("/api/v1/cases", {"beneficiary": self.person, "channel": "surat", "urgency": "segera", **DAY})[
            "id"
        ]
        do(f"/api/v1/cases/{self.case}/assignment", {"worker": self.worker.account, **DAY})
        do(f"/api/v1/cases/{self.case}/assessments", {"instrument": "umum", "details": GRAVE, **DAY})
        self.consent = agreed(self.worker, self.person)
        partner = self.who["mitra"].account
        self.referral = sent(self.worker, self.case, consent=self.consent, destination_id=partner)
        flood = {"kind": "banjir", "name": "Banjir Limboto", "struck_on": "2026-03-01", "villages": [VILLAGE], **DAY}
        self.incident = self.who["supervisor"].done("/api/v1/incidents", flood)["id"]
        victim = {"victim": self.person, "village": VILLAGE, "conditions": ["mengungsi"]}
        do(f"/api/v1/incidents/{self.incident}/victims", {"victims": [victim], **DAY})
        relief = {"kind": "E1", "goods": "beras", "quantity": 1, "unit": "kg", "recipients": [self.person], **DAY}
        do(f"/api/v1/incidents/{self.incident}/relief", relief)
        self.file = self.worker.client.post(
            f"/api/v1/files?subject={self.person}",
            data=NAME.encode() * 9,
            content_type="text/plain",
            headers={"Authorization": f"Bearer {self.worker.token}"},
        ).get_json()["id"]
        paper = {"kind": "surat_desa", "file": self.file}
        do(
            f"{people}/{self.person}/domicile-moves",
            {"village": VILLAGE, "address": "Jl. Uji", "evidence": [paper], **DAY},
        )
        self.before = here.reader.head()[0]

    def freeze(self) -> str:
        at = "/api/v1/subject-requests"
        body = {"subject": self.person, "kind": "restriction", "asker": "yang_bersangkutan", "channel": "datang"}
        request = self.dpo.done(at, body)["id"]
        self.dpo.done(f"{at}/{request}/identity-confirmation", {"how": "ktp"})
        self.dpo.done(f"{at}/{request}/grant", {})
        return str(request)

    @property
    def secrets(self) -> tuple[str, ...]:
        return (NAME, NIK, self.person, self.twin, self.case, self.referral)

    def addresses(self) -> list[str]:
        """Every GET route with every id of this office in its places, and lists also as rows behind figures."""
        ids = (self.person, self.twin, self.family, self.case, self.referral, self.incident, self.file, VILLAGE)
        found: list[str] = []
        for rule in self.worker.client.application.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint in OPEN or rule.endpoint.startswith("documents"):
                continue
            path = re.sub(r"<int:\w+>", "{number}", str(rule))
            if "{number}" in path:
                found += [path.replace("{number}", str(number)) for number in self.positions()]
            elif "<figure>" in path:
                found += self.figures(path)
            elif "<" in path:
                found += [re.sub(r"<[^>]+>", id, path) for id in ids]
            else:
                found.append(path)
        return sorted(found)

    def positions(self) -> list[int]:
        """The first event of each record about her, and the last of all."""
        streams = (self.person, self.twin, self.case, self.referral)
        firsts = [self.office.log.history(stream)[0].position for stream in streams]
        return [*firsts, self.office.reader.head()[0]]

    def figures(self, path: str) -> list[str]:
        about = {
            "village": VILLAGE,
            "incident": self.incident,
            "worker": self.worker.account,
            "begin": "2026-01-01",
            "end": "2026-12-31",
            "kecamatan": VILLAGE[:8],
            "wksbm": new_id(),
        }
        found = []
        for one in self.who["supervisor"].data("/api/v1/figures"):
            query = "&".join(f"{name}={about[name]}" for name in one["needs"] if name in about)
            rows = (self.person, self.case, self.referral, f"{self.incident}:{self.person}")
            more = [f"&row={row}" for row in rows] if path.endswith("/events") else [""]
            found += [f"{path.replace('<figure>', one['figure'])}?{query}{last}" for last in more]
        return found


@pytest.fixture
def frozen(tmp_path: Path, database_url: str) -> Iterator[Frozen]:
    made = Frozen(tmp_path, database_url)
    yield made
    made.office.close()


def seen(frozen: Frozen, who: Asking, address: str, secrets: tuple[str, ...]) -> list[str]:
    """Which of the secrets an answer holds; an id that stands in the address itself is no news."""
    text = who.client.get(address, headers={"Authorization": f"Bearer {who.token}"}).get_data(as_text=True)
    return [secret for secret in secrets if secret in text and secret not in address]


def test_no_read_of_today_or_of_the_past_tells_anybody_else_of_a_restricted_person(frozen: Frozen) -> None:
    open_before = {
        role: {address for address in frozen.addresses() if seen(frozen, frozen.who[role], address, frozen.secrets)}
        for role in ("supervisor", "tksk", "auditor")
    }
    assert all(len(found) > 8 for found in open_before.values()), "before, she is read in many places"
    frozen.freeze()
    asked = 0
    # What a role may is the same on either engine: on the slower one those are asked who see most.
    roles = ROLES if frozen.office.database.engine == "sqlite" else ("supervisor", "tksk", "auditor", "mitra")
    for address in frozen.addresses():
        past = f"{address}{'&' if '?' in address else '?'}as_of={frozen.before}"
        for role in roles:
            for one in (address, past) if not address.startswith("/api/v1/events") else (address,):
                assert seen(frozen, frozen.who[role], one, frozen.secrets) == [], (role, one)
                asked += 1
    assert asked > 1000


def test_what_is_about_her_is_as_if_it_were_not_there(frozen: Frozen) -> None:
    frozen.freeze()
    moments: tuple[dict[str, Any], ...] = ({}, {"as_of": frozen.before})
    for role in ROLES:
        who = frozen.who[role]
        for path in (
            f"/api/v1/beneficiaries/{frozen.person}",
            f"/api/v1/beneficiaries/{frozen.person}/history",
            f"/api/v1/cases/{frozen.case}",
            f"/api/v1/referrals/{frozen.referral}",
            f"/api/v1/files/{frozen.file}",
        ):
            for moment in moments if "files" not in path else ({},):
                answer = who.get(path, **moment)
                absent = who.get(re.sub(r"[0-9a-f-]{36}", new_id(), path), **moment)
                assert answer.status_code == absent.status_code in (403, 404), (role, path)
                told, other = answer.get_json(), absent.get_json()
                assert {**told, "instance": ""} == {**other, "instance": ""}
        for name in ({"name": NAME}, {"nik": NIK}, {"name": NAME, "as_of": frozen.before}):
            answer = who.post("/api/v1/people/search", name)
            assert answer.status_code == 403 or answer.get_json()["data"] == []


def test_no_emergency_opens_a_restricted_record(frozen: Frozen) -> None:
    """An access opened before the restriction shows nothing more after it, and none can be opened."""
    who = frozen.who["supervisor"]
    body = {"beneficiary": frozen.person, "reason": "Dicari keluarganya"}
    access = who.done("/api/v1/emergencies", body)["id"]
    headers = {"Authorization": f"Bearer {who.token}", "Wahana-Emergency": access}
    pages = [
        f"/api/v1/beneficiaries/{frozen.person}",
        f"/api/v1/beneficiaries/{frozen.person}/history",
        f"/api/v1/cases/{frozen.case}",
        f"/api/v1/referrals/{frozen.referral}",
    ]
    assert [who.client.get(page, headers=headers).status_code for page in pages] == [200] * 4
    frozen.freeze()
    assert [who.client.get(page, headers=headers).status_code for page in pages] == [404] * 4
    assert who.data("/api/v1/emergencies") == []
    assert who.refused("/api/v1/emergencies", body) == "processing_restricted"
    assert [row["id"] for row in frozen.dpo.data("/api/v1/emergencies")] == [access]
    readings = who.data("/api/v1/readings", account=who.account)
    assert frozen.person not in str(readings)
    assert who.get(f"/api/v1/beneficiaries/{frozen.person}/readings").status_code == 404


def test_an_export_with_opened_parts_opens_nothing_of_hers(tmp_path: Path) -> None:
    frozen, path = Frozen(tmp_path, ""), tmp_path / "casebook.zip"

    def opened() -> str:
        words = ["events", "export", "--parts", "opened", "--output", str(path), "--for", "Inspektorat"]
        done = CliRunner().invoke(main, words, env=settings_of(tmp_path))
        assert done.exit_code == 0, done.output
        with zipfile.ZipFile(path) as bundle:
            manifest = json.loads(bundle.read("manifest.json"))
            assert manifest["for"] == "Inspektorat"
            lists = json.loads(bundle.read("code-systems.json"))["lists"]
            held = {version["version"] for one in lists for version in one["versions"]}
            texts = bundle.read("events.ndjson").decode()
            named = set(re.findall(r'"(ID-[A-Z0-9-]+)"', texts))
            assert named, "events name the versions of their lists"
            assert named <= held
            assert manifest["delete_by"] == (frozen.office.today() + timedelta(days=30)).isoformat()
            return bundle.read("opened.ndjson").decode()

    assert (NAME in opened(), "Kepala Uji" in opened()) == (True, True)
    unnamed = ["events", "export", "--parts", "opened", "--output", str(path)]
    assert CliRunner().invoke(main, unnamed, env=settings_of(tmp_path)).exit_code == 2, "for whom?"
    frozen.freeze()
    assert (NAME in opened(), "Kepala Uji" in opened()) == (False, True)
    frozen.office.close()


def test_counts_stay_whole(frozen: Frozen) -> None:
    supervisor = frozen.who["supervisor"]
    figures = frozen.figures("/api/v1/figures/<figure>")

    def counted() -> list[Any]:
        return [supervisor.get(address).get_json().get("data", {}).get("count") for address in figures]

    before, board = counted(), supervisor.data("/api/v1/villages")
    assert sum(1 for count in before if count) > 5
    frozen.freeze()
    assert counted() == before
    assert supervisor.data("/api/v1/villages") == board
    assert supervisor.data("/api/v1/caseload")["workers"][0]["open"] == 1


def test_the_officer_sees_all_of_it_and_nobody_else_who_is_not_restricted(frozen: Frozen) -> None:
    dpo = frozen.dpo
    assert dpo.data("/api/v1/beneficiaries") == []
    assert dpo.get(f"/api/v1/beneficiaries/{frozen.person}").status_code == 404
    assert dpo.post("/api/v1/people/search", {"name": NAME}).get_json()["data"] == []
    frozen.freeze()
    for moment in ({}, {"as_of": frozen.before}):
        assert {row["id"] for row in dpo.data("/api/v1/beneficiaries", **moment)} == {frozen.person, frozen.twin}
        page = dpo.data(f"/api/v1/beneficiaries/{frozen.person}", **moment)
        assert (page["person"]["name"], page["restricted"], page["sight"]) == (NAME, True, "full")
        assert dpo.data(f"/api/v1/beneficiaries/{frozen.person}/history", **moment)["left_out"] == 0
        assert [row["id"] for row in dpo.data("/api/v1/cases", **moment)] == [frozen.case]
        assert dpo.data(f"/api/v1/cases/{frozen.case}", **moment)["texts_shown"]
        assert [row["id"] for row in dpo.data("/api/v1/referrals", **moment)] == [frozen.referral]
        assert dpo.data(f"/api/v1/referrals/{frozen.referral}", **moment)["destination"] == "Puskesmas Limboto"
        found = (
            dpo.data(f"/api/v1/incidents/{frozen.incident}/victims", **moment) if dpo_may_read_incidents(dpo) else []
        )
        assert all(row["victim"] == frozen.person for row in found)
    assert [row["id"] for row in dpo.post("/api/v1/people/search", {"name": NAME}).get_json()["data"]] == [
        frozen.person
    ]
    assert NAME in dpo.get(f"/api/v1/files/{frozen.file}").get_data(as_text=True)
    assert dpo.get(f"/api/v1/beneficiaries/{frozen.other}").status_code == 404


def dpo_may_read_incidents(dpo: Asking) -> bool:
    return dpo.get("/api/v1/incidents").status_code == 200


def test_nothing_more_is_done_but_by_the_officer_until_the_restriction_is_lifted(frozen: Frozen) -> None:
    frozen.freeze()
    worker, supervisor, dpo = frozen.worker, frozen.who["supervisor"], frozen.dpo
    people, case = f"/api/v1/beneficiaries/{frozen.person}", f"/api/v1/cases/{frozen.case}"
    commands: list[tuple[str, dict[str, Any]]] = [
        (f"{people}/neglect-assessments", {"neglected": True, "how": "wawancara"}),
        (f"{people}/consents", {"purpose": "layanan", "giver": "yang_bersangkutan", "how": "tanda_tangan"}),
        (f"{people}/consents/{frozen.consent}/withdrawal", {"giver": "yang_bersangkutan", "how": "tanda_tangan"}),
        ("/api/v1/cases", {"beneficiary": frozen.person, "channel": "surat", "urgency": "segera"}),
        (f"{case}/reviews", {"progress": "membaik"}),
        (f"{case}/referrals", sending()),
        (f"/api/v1/referrals/{frozen.referral}/acceptance", HEARD),
        (f"/api/v1/beneficiaries/{frozen.other}/duplicate-links", {"primary": frozen.person, "reason": "Sama"}),
        (f"/api/v1/streams/{frozen.person}/retractions", {"target": 2, "reason": "Salah", "requested_by": "pencatat"}),
    ]
    for path, body in commands:
        assert worker.refused(path, body) == "processing_restricted", path
    victim = {"victim": frozen.person, "village": VILLAGE, "conditions": ["mengungsi"]}
    assert (
        worker.refused(f"/api/v1/incidents/{frozen.incident}/victims", {"victims": [victim]}) == "processing_restricted"
    )
    assert supervisor.refused(f"{case}/assignment", {"worker": supervisor.account}) == "processing_restricted"
    for role in ROLES:
        lifted = frozen.who[role].refused(f"{people}/restriction-lifting", {"reason": "Sudah selesai"})
        assert lifted in ("processing_restricted", "not_allowed")
    dpo.done(f"/api/v1/referrals/{frozen.referral}/withdrawal", {**HEARD, "reason": "Pemrosesan dibatasi"})
    dpo.done(f"{people}/consents/{frozen.consent}/withdrawal", {"giver": "yang_bersangkutan", "how": "tanda_tangan"})
    for id in (frozen.person, frozen.twin):
        dpo.done(f"/api/v1/beneficiaries/{id}/restriction-lifting", {"reason": "Atas permintaan"})
    worker.done(*commands[0])
    assert worker.data(people)["person"]["name"] == NAME


def test_a_correction_is_made_on_a_restricted_record_only_when_the_officer_ordered_it(frozen: Frozen) -> None:
    worker, dpo, at = frozen.worker, frozen.dpo, "/api/v1/subject-requests"
    body = {"subject": frozen.person, "kind": "correction", "asker": "yang_bersangkutan", "channel": "surat"}
    order = dpo.done(at, body)["id"]
    dpo.done(f"{at}/{order}/identity-confirmation", {"how": "ktp"})
    frozen.freeze()
    said = {"target": 1, "values": {"channel": "keluarga"}, "reason": "Keliru", "requested_by": "yang_bersangkutan"}
    path = f"/api/v1/streams/{frozen.person}/corrections"
    assert worker.refused(path, said) == "processing_restricted"
    assert worker.refused(path, {**said, "ordered_by": order}) == "processing_restricted", "not granted yet"
    dpo.done(f"{at}/{order}/grant", {})
    assert worker.refused(path, {**said, "ordered_by": new_id()}) == "not_found"
    other = f"/api/v1/streams/{frozen.twin}/corrections"
    assert worker.refused(other, {**said, "ordered_by": order}) == "processing_restricted", "ordered of another record"
    worker.done(path, {**said, "ordered_by": order})
    dpo.done(path, {**said, "values": {"channel": "desa"}})
    dpo.done(f"{at}/{order}/fulfilment", {"corrections": 2})
    assert worker.refused(path, {**said, "ordered_by": order}) == "processing_restricted", "carried out"


def test_registering_her_again_does_not_tell_that_she_is_known(frozen: Frozen) -> None:
    assert frozen.worker.refused("/api/v1/beneficiaries", frozen.body) == "probable_duplicates"
    frozen.freeze()
    answer = frozen.worker.post("/api/v1/beneficiaries", frozen.body)
    assert not any(
        secret in answer.get_data(as_text=True) for secret in frozen.secrets if secret not in str(frozen.body)
    )


def test_the_feed_keeps_the_place_and_the_leaf_of_what_it_does_not_tell(frozen: Frozen) -> None:
    admin = frozen.who["admin"]

    def lines() -> list[str]:
        return admin.get("/api/v1/events").get_data(as_text=True).splitlines()

    before = lines()
    assert any(frozen.person in line for line in before)
    frozen.freeze()
    after = lines()
    assert len(after) == frozen.office.reader.head()[0]
    for position, (then, now) in enumerate(zip(before, after, strict=False), 1):
        if then != now:
            leaf = frozen.office.log.stored(position - 1, 1)[0].leaf.hex()
            assert now == f'{{"position":{position},"leaf":"{leaf}","restricted":true}}'
    hidden = next(number for number, line in enumerate(after, 1) if '"restricted":true' in line)
    found = admin.get("/api/v1/events", before=hidden + 1, limit=1).get_data(as_text=True)
    assert found == f"{after[hidden - 1]}\n", "where nothing is asked of it"
    nouns = [one.topic.partition(".")[0] for one in frozen.office.log.stored(0, len(after))]
    kept = ['"restricted":true' in line for line in after]
    last = max(
        at for at, noun in enumerate(nouns) if kept[at] and (noun, False) in zip(nouns[:at], kept[:at], strict=True)
    )
    like = nouns[last]
    found = admin.get("/api/v1/events", before=last + 2, limit=1, noun=like).get_data(as_text=True)
    assert json.loads(found)["topic"].startswith(f"{like}."), "nor is its place empty"
    for asked in ({"noun": like}, {"without": "reading"}):
        found = admin.get("/api/v1/events", before=hidden + 1, **asked).get_data(as_text=True)
        assert '"restricted"' not in found, asked
    one = admin.get(f"/api/v1/events/{hidden}").get_json()
    assert (one["text"], len(one["leaf"])) == (None, 64)
