"""Proof over HTTP, as a stranger sees it; receipts, as the one who sent the command sees them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from domain.kps import Kps
from service import config
from service.api.codes import code_systems
from service.app import build
from service.cli.check import _checkpoints
from service.command import Command
from service.log import checkpoints, reconciliation
from service.log.bundle import Bundle
from service.log.checkpoints import Checkpoints, Published, StoredHashes
from service.log.codec import leaf_hash
from service.log.database import connect
from service.log.ids import new_id
from service.log.kept import Kept
from service.log.notes import COSIGNATURE, Checkpoint, Note, Signer, VerifierKey, b64
from service.log.policy import LogKeys, Policy
from service.log.reconciliation import reconcile
from service.log.sealer import Sealer, SealRefused
from service.log.tree import Tree, consistent, included
from service.office import Office, utc_now
from tests.house.tables import ROOT
from tests.service.audited import verifier
from tests.service.offices import BEGINNING, VILLAGE, Asking, make_office, record, settings_of
from tests.service.test_log_safety import without_keepers

LOG = Signer("wahana/75.01", b"l" * 32)
NEWER = Signer("wahana/75.01", b"n" * 32)
WITNESS = Signer("inspektorat", b"w" * 32, COSIGNATURE)
NOBODY = Signer("inspektorat", b"n" * 32, COSIGNATURE)
BODY = {"village": VILLAGE, "kind": "arisan", "name": "Melati", "contact": "Ibu Rahma 0812"}


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Office]:
    """A sealed office of 600 events, whose policy names a witness."""
    make_office(tmp_path, database_url).close()
    (tmp_path / "policy").write_text(f"log {LOG.key}\nwitness inspektorat {WITNESS.key}\nquorum inspektorat\n")
    made = Office(config.read({**settings_of(tmp_path, database_url), "WAHANA_POLICY": str(tmp_path / "policy")}))
    grow(made, 300 - made.reader.head()[0])
    seal(made, tmp_path)
    grow(made, 300)
    seal(made, tmp_path)
    yield made
    made.close()


def seal(here: Office, folder: Path) -> Checkpoint:
    kept = Kept(folder / "sealer")
    with kept.alone():
        found = Sealer(here.database, kept, LOG, utc_now).seal()
    assert found is not None
    return found


def grow(here: Office, count: int) -> None:
    def decide(decision: Any) -> None:
        for number in range(count):
            decision.begin(Kps.register(new_id(), on=BEGINNING, village=VILLAGE, kind="arisan", name=f"A {number}"))

    record(here, decide)


@pytest.fixture
def stranger(here: Office) -> FlaskClient:
    return build(here.config, here).test_client()


def shown(stranger: FlaskClient, path: str) -> Checkpoint:
    answer = stranger.get(f"/api/v1/log/{path}")
    assert answer.status_code == 200
    note = Note.parse(answer.get_data(as_text=True))
    assert note.signed(LOG.key)
    return Checkpoint.parse(note.text)


def test_a_stranger_can_prove_every_kind_of_thing_about_the_log(here: Office, stranger: FlaskClient) -> None:
    latest, first = shown(stranger, "checkpoint"), shown(stranger, "checkpoints/300")
    assert (latest.size, first.size) == (600, 300)
    for position in (1, 255, 256, 257, 300, 513, 600):
        answer = stranger.get(f"/api/v1/log/inclusion?position={position}&size=600")
        assert "immutable" in answer.headers["Cache-Control"]
        told = answer.get_json()
        proof = [base64.b64decode(step) for step in told["proof"]]
        leaf = leaf_hash(here.log.stored(position - 1, 1)[0].text)
        assert (told["position"], told["size"], told["leaf"]) == (position, 600, b64(leaf))
        assert included(leaf, position - 1, 600, proof, latest.root)
    told = stranger.get("/api/v1/log/consistency?first=300&second=600").get_json()
    proof = [base64.b64decode(step) for step in told["proof"]]
    assert consistent(300, first.root, 600, latest.root, proof)
    listed = stranger.get("/api/v1/log/checkpoints").get_json()["checkpoints"]
    assert [(one["size"], one["root"], one["witnesses"]) for one in listed] == [
        (600, b64(latest.root), []),
        (300, b64(first.root), []),
    ]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", one["sealed"]) for one in listed)
    [alone] = stranger.get("/api/v1/log/checkpoints?limit=1&witnesses=false").get_json()["checkpoints"]
    assert alone == {name: value for name, value in listed[0].items() if name != "witnesses"}
    earlier = stranger.get("/api/v1/log/checkpoints?before=600&limit=1").get_json()["checkpoints"]
    assert [one["size"] for one in earlier] == [300]


def test_missing_hashes_of_the_tree_are_not_found(here: Office, stranger: FlaskClient) -> None:
    owner = connect(here.config.database_url, owner=True, size=1)
    without_keepers(owner)
    if owner.engine != "sqlite":
        owner.script("ALTER TABLE tree_hashes DISABLE TRIGGER ALL")
    owner.rows("DELETE FROM tree_hashes WHERE number = 0")
    owner.close()
    for path in ("tile/1/000.p/2", "inclusion?position=590&size=600", "consistency?first=550&second=600"):
        assert stranger.get(f"/api/v1/log/{path}").status_code == 404, path


def test_tiles_hold_the_hashes_of_the_tree(here: Office, stranger: FlaskClient) -> None:
    leaves = b"".join(row.leaf for row in here.log.stored(0, 600))
    for path, start, count in (("0/000", 0, 256), ("0/001", 256, 256), ("0/002.p/88", 512, 88), ("0/002.p/1", 512, 1)):
        answer = stranger.get(f"/api/v1/log/tile/{path}")
        assert answer.data == leaves[start * 32 : (start + count) * 32]
        assert answer.content_type == "application/octet-stream"
        assert "immutable" in answer.headers["Cache-Control"]
    rows = here.database.rows("SELECT hash FROM tree_hashes ORDER BY number")
    assert stranger.get("/api/v1/log/tile/1/000.p/2").data == b"".join(bytes(row[0]) for row in rows)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *((f"tile/{name}", 404) for name in ("0/002", "0/002.p/89", "0/000.p/256", "0/000.p/0", "0/000.p/01", "1/000")),
        *((f"tile/{name}", 404) for name in ("0/0", "0/x000/000", "0/1000", "0/000.p", "0/entah", "9/000", "-1/000")),
        (f"tile/0/{'x999/' * 9}999", 404),
        ("checkpoints/299", 404),
        ("checkpoints/0", 404),
        (f"checkpoints/{'9' * 40}", 404),
        ("inclusion?position=1&size=601", 404),
        ("inclusion?position=301&size=300", 422),
        ("inclusion?position=0&size=300", 422),
        ("inclusion?size=300", 422),
        ("consistency?first=300&second=601", 404),
        ("consistency?first=301&second=300", 422),
        ("consistency?first=0&second=300", 422),
        ("checkpoints?limit=101", 422),
        ("checkpoints?before=-1", 422),
    ],
)
def test_what_was_not_sealed_or_makes_no_sense_is_refused(stranger: FlaskClient, path: str, status: int) -> None:
    answer = stranger.get(f"/api/v1/log/{path}")
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_what_is_not_sealed_yet_is_not_shown(here: Office, stranger: FlaskClient) -> None:
    grow(here, 5)
    assert stranger.get("/api/v1/log/tile/0/002.p/89").status_code == 404
    assert stranger.get("/api/v1/log/inclusion?position=601&size=601").status_code == 404
    standing = stranger.get("/readyz").get_json()["sealed"]
    assert (standing["size"], standing["unsealed"]) == (600, 5)
    assert 0 <= standing["unsealed_seconds"] <= standing["age_seconds"] < 60
    text = stranger.get("/metrics").get_data(as_text=True)
    assert "wahana_unsealed_events 5.0" in text
    assert "wahana_checkpoint_age_seconds" in text


def cosign(stranger: FlaskClient, size: int, body: str | bytes) -> tuple[int, str]:
    answer = stranger.post(f"/api/v1/log/checkpoints/{size}/cosignature", data=body, content_type="text/plain")
    return answer.status_code, (answer.get_json() or {}).get("rule", "") if answer.is_json else ""


def test_a_witness_of_the_policy_is_heard_and_nobody_else(here: Office, stranger: FlaskClient) -> None:
    text = Note.parse(stranger.get("/api/v1/log/checkpoint").get_data(as_text=True)).text
    line, refused = WITNESS.cosign(text, 1_790_000_000), (409, "cosignature_refused")
    for wrong in (
        str(NOBODY.cosign(text, 1)),
        str(WITNESS.cosign(text.replace("600", "601"), 1)),
        str(LOG.sign(text)),
        str(line).replace("A", "B"),
        str(line) * 2,
        "— inspektorat\n",
        b"\xff\xfe",
        "",
    ):
        assert cosign(stranger, 600, wrong) == refused
    assert cosign(stranger, 300, str(line)) == refused
    assert cosign(stranger, 601, str(line)) == (404, "not_found")
    assert cosign(stranger, 600, "x" * 1001)[0] == 413
    assert here.database.rows("SELECT count(*) FROM cosignatures")[0][0] == 0
    assert cosign(stranger, 600, str(line)) == (201, "")
    assert cosign(stranger, 600, str(WITNESS.cosign(text, 1_790_000_001))) == (201, "")
    note = stranger.get("/api/v1/log/checkpoint").get_data(as_text=True)
    assert note == str(Note(text, (LOG.sign(text), line)))
    assert Note.parse(note).signed(WITNESS.key)
    [latest, _] = stranger.get("/api/v1/log/checkpoints").get_json()["checkpoints"]
    assert latest["witnesses"] == ["inspektorat"]


def test_a_witness_with_a_new_key_is_heard_beside_her_old_one(here: Office, stranger: FlaskClient) -> None:
    text = Note.parse(stranger.get("/api/v1/log/checkpoint").get_data(as_text=True)).text
    lines = [signer.cosign(text, time) for signer in (NOBODY, WITNESS) for time in (1, 2)]
    for line in lines:
        here.checkpoints.cosign(600, line, utc_now())
    note = Note.parse(stranger.get("/api/v1/log/checkpoint").get_data(as_text=True))
    assert sorted(map(str, note.lines[1:])) == sorted((str(lines[0]), str(lines[2])))


def test_a_checkpoint_of_more_events_than_there_are_is_not_served_and_told(here: Office, stranger: FlaskClient) -> None:
    text = Checkpoint("wahana/75.01", 9999, b"r" * 32).text
    insert = "INSERT INTO checkpoints VALUES (9999, :note, :now)"
    here.database.rows(insert, note=LOG.note(text), now=utc_now())
    assert shown(stranger, "checkpoint").size == 600
    assert stranger.get("/api/v1/log/checkpoints/9999").status_code == 404
    listed = stranger.get("/api/v1/log/checkpoints").get_json()["checkpoints"]
    assert [one["size"] for one in listed] == [600, 300]
    assert stranger.get("/readyz").get_json()["sealed"]["size"] == 600
    assert stranger.get("/api/v1/log/inclusion?position=1&size=9999").status_code == 404
    found = reconcile(here.database, None).differences
    assert "checkpoints of sizes 9999: the log has only 600 events" in found


def test_keys_are_shown_as_lines_of_a_policy(here: Office, stranger: FlaskClient) -> None:
    lines = stranger.get("/api/v1/log/keys").get_data(as_text=True).splitlines()
    assert lines == [f"log {LOG.key}", f"receipts {here.receipts.key}"]
    rotated = f"log {NEWER.key} upto 600\nlog {LOG.key}\n"
    here.policy = Policy.parse(f"{rotated}quorum none\n")
    assert stranger.get("/api/v1/log/keys").get_data(as_text=True) == f"{rotated}receipts {here.receipts.key}\n"


def test_before_anything_is_sealed_there_is_nothing_to_show(office: Office, client: Callable[[str], Asking]) -> None:
    anybody = client("tksk").client
    assert anybody.get("/api/v1/log/checkpoint").status_code == 404
    assert anybody.get("/api/v1/log/checkpoints").get_json() == {"checkpoints": []}
    assert anybody.get("/api/v1/log/keys").get_data(as_text=True) == f"receipts {office.receipts.key}\n"
    standing = anybody.get("/readyz").get_json()["sealed"]
    assert (standing["size"], standing["age_seconds"]) == (0, None)
    assert standing["unsealed"] == office.reader.head()[0]
    text = str(LOG.sign("x"))
    assert cosign(anybody, 1, text)[0] == 404


def test_a_receipt_says_what_was_stored_and_is_the_same_however_often_the_command_is_sent(here: Office) -> None:
    worker, key = Asking(here, "supervisor"), new_id()
    first = worker.done("/api/v1/kps", BODY, **{"Idempotency-Key": key})
    again = worker.done("/api/v1/kps", BODY, **{"Idempotency-Key": key})
    assert first == again
    batch = worker.post("/api/v1/batch", {"items": [{"key": key, "command": "kps.register", "body": BODY}]}).get_json()
    assert batch["results"][0]["answer"]["receipt"] == first["receipt"]
    fetched = worker.get(f"/api/v1/commands/{key}/receipt")
    assert fetched.content_type == "text/plain; charset=utf-8"
    assert fetched.get_data(as_text=True) == first["receipt"]
    note = Note.parse(first["receipt"])
    assert note.signed(here.receipts.key)
    assert here.receipts.key.name == "wahana/75.01/receipts"
    [event] = first["events"]
    leaf = b64(leaf_hash(here.log.stored(event["position"] - 1, 1)[0].text))
    assert event["leaf"] == leaf
    stored = f"{event['position']} {event['id']} {leaf}\n"
    assert note.text == f"wahana-receipt/v1\nwahana/75.01\n{key}\n{first['recorded']}\n{stored}"
    assert "Rahma" not in first["receipt"]
    assert VerifierKey.parse(str(here.receipts.key)) == here.receipts.key


def test_a_receipt_of_many_events_has_a_line_for_each_and_may_be_too_long_for_a_code(here: Office) -> None:
    worker, keys = Asking(here, "supervisor"), (new_id(), new_id())
    for key, count in zip(keys, (20, 40), strict=True):

        def decide(decision: Any, count: int = count) -> None:
            for number in range(count):
                decision.begin(Kps.register(new_id(), on=BEGINNING, village=VILLAGE, kind="arisan", name=f"B {number}"))

        here.casebook.record(Command(id=key, name="test", account=worker.account, post=""), decide)
    short, long = (Note.parse(worker.get(f"/api/v1/commands/{key}/receipt").get_data(as_text=True)) for key in keys)
    assert [note.text.count("\n") - 4 for note in (short, long)] == [20, 40]
    assert long.signed(here.receipts.key)
    picture = worker.get(f"/api/v1/commands/{keys[0]}/receipt.svg")
    assert picture.content_type.startswith("image/svg+xml")
    assert b"style" not in picture.data
    refused = worker.get(f"/api/v1/commands/{keys[1]}/receipt.svg")
    assert (refused.status_code, refused.get_json()["rule"]) == (409, "receipt_too_large")


def test_a_receipt_is_for_the_account_that_sent_the_command(here: Office) -> None:
    worker, other = Asking(here, "supervisor"), Asking(here, "supervisor")
    command = worker.done("/api/v1/kps", BODY)["command"]
    for path in (f"/api/v1/commands/{command}/receipt", f"/api/v1/commands/{command}/receipt.svg"):
        assert worker.get(path).status_code == 200
        assert other.get(path).status_code == 404
    assert worker.get(f"/api/v1/commands/{new_id()}/receipt").status_code == 404


FORGED = Signer("wahana/75.01", b"x" * 32)


@pytest.fixture(params=["policy", "the key that the sealer named"])
def forged(request: pytest.FixtureRequest, here: Office, tmp_path: Path, database_url: str) -> Iterator[Office]:
    """The office after somebody who may record added rows of a stranger's key: a right root at the head, the same above the
    log's end, a note under another size than its own, and garbage."""
    grow(here, 50)
    size = here.reader.head()[0]
    right = Checkpoint("wahana/75.01", size, Tree(StoredHashes(here.database), size).root()).text
    latest = here.checkpoints.latest()
    assert latest
    for at, note in ((size, FORGED.note(right)), (size + 5, FORGED.note(right)), (610, latest.note), (620, "no note")):
        row = {"size": at, "note": note, "at": utc_now()}
        here.database.rows("INSERT INTO checkpoints VALUES (:size, :note, :at)", **row)
    if request.param == "policy":
        yield here
        return
    made = Office(config.read(settings_of(tmp_path, database_url)))
    yield made
    made.close()


STRANGE = (610, 620, 650, 655)


def test_a_row_that_the_logs_key_did_not_sign_is_not_served_and_takes_nothing_down(forged: Office) -> None:
    client = build(forged.config, forged).test_client()
    assert client.get("/readyz").get_json()["sealed"]["size"] == 600
    assert client.get("/api/v1/log/checkpoint").get_data(as_text=True).split("\n")[1] == "600"
    listed = client.get("/api/v1/log/checkpoints").get_json()["checkpoints"]
    assert [one["size"] for one in listed] == [600, 300]
    assert [one["size"] for one in client.get("/api/v1/log/checkpoints?limit=1").get_json()["checkpoints"]] == [600]
    assert {client.get(f"/api/v1/log/checkpoints/{size}").status_code for size in STRANGE} == {404}
    assert client.get("/api/v1/log/consistency?first=300&second=650").status_code == 404


def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the rows whose signature is checked from here on, as they are."""
    seen: list[int] = []

    def noted(row: Published, keys: LogKeys | None) -> bool:
        seen.append(row.size)
        return honest(row, keys)

    honest = checkpoints.signed
    for module in (checkpoints, reconciliation):
        monkeypatch.setattr(module, "signed", noted)
    return seen


def test_the_latest_checkpoint_costs_one_signature_however_many_there_are(
    here: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = looked_at(monkeypatch)
    latest = here.checkpoints.latest()
    assert latest
    assert seen == [latest.size] == [600]


def test_who_reconciles_again_checks_only_signatures_that_are_new_or_of_a_wrong_root(
    here: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealer = Sealer(here.database, Kept(tmp_path / "sealer"), LOG, utc_now)
    keys, wrong = LogKeys((LOG.key,)), Checkpoint("wahana/75.01", 500, b"x" * 32).text
    here.database.rows("INSERT INTO checkpoints VALUES (500, :note, '')", note=FORGED.note(wrong))
    seen = looked_at(monkeypatch)
    for checked, sizes in ((0, [300, 500, 600]), (300, [500, 600]), (600, [500])):
        seen.clear()
        found = reconcile(here.database, sealer.last(), keys, checked=checked)
        assert found.differences == ()
        assert found.strange == ("the checkpoint of size 500 is not signed by the log's key for that size",)
        assert seen == [600, *sizes], "the latest, which tells how far the tree goes, and those"


def test_a_hash_that_somebody_wrote_ahead_of_the_tree_is_named_before_the_sealer_meets_it(
    here: Office, tmp_path: Path
) -> None:
    sealer = Sealer(here.database, Kept(tmp_path / "sealer"), LOG, utc_now)
    assert reconcile(here.database, sealer.last()).strange == ()
    for level, number in ((1, 1), (1, 2), (2, 0), (9, 0)):
        here.database.rows(
            "INSERT INTO tree_hashes VALUES (:level, :number, :hash) ON CONFLICT DO NOTHING",
            level=level,
            number=number,
            hash=b"x" * 32,
        )
    assert reconcile(here.database, sealer.last()).strange == tuple(
        f"tree_hashes, level {level}, number {number}: the tree has no such hash yet"
        for level, number in ((1, 2), (2, 0), (9, 0))
    )
    name, well, told = _checkpoints(here)
    assert (name, well) == ("checkpoints", False)
    assert "3 hashes in tree_hashes that the tree does not have yet" in told


def test_the_owner_takes_such_rows_away_as_operations_says_and_the_log_stands_again(
    here: Office, tmp_path: Path, database_url: str
) -> None:
    here.database.rows("INSERT INTO checkpoints VALUES (3, 'no note', '')")
    here.database.rows("INSERT INTO tree_hashes VALUES (1, 2, :hash)", hash=b"x" * 32)
    page = (ROOT / "docs" / "operations.md").read_text()
    _, sqlite, postgres = page.partition("### Rows that somebody wrote")[2].split("```sql\n")[:3]
    owner = connect(database_url, owner=True, size=1)
    owner.script((sqlite if owner.engine == "sqlite" else postgres).partition("```")[0])
    here.initialise()
    grow(here, 200)
    assert seal(here, tmp_path).size == 800
    found = reconcile(owner, Sealer(owner, Kept(tmp_path / "sealer"), LOG, utc_now).last(), LogKeys((LOG.key,)))
    assert (found.differences, found.strange) == ((), ())
    for table in ("checkpoints", "tree_hashes"):
        with pytest.raises(Exception, match="append-only"):
            owner.rows(f"DELETE FROM {table}")
    owner.close()


def test_rows_that_the_logs_key_did_not_sign_are_named_and_do_not_stop_the_sealer(
    forged: Office, tmp_path: Path
) -> None:
    kept = Kept(tmp_path / "sealer")
    sealer = Sealer(forged.database, kept, LOG, utc_now)
    found = reconcile(forged.database, sealer.last(), LogKeys((LOG.key,)))
    assert found.differences == ()
    assert sorted(found.strange) == [
        f"the checkpoint of size {size} is not signed by the log's key for that size" for size in STRANGE
    ]
    assert forged.checkpoints.strange(10) == list(STRANGE)
    grow(forged, 2)
    assert seal(forged, tmp_path).size == 652
    latest = forged.checkpoints.latest()
    assert latest
    assert latest.size == 652


def test_a_row_at_the_head_that_the_logs_key_did_not_sign_hinders_only_that_size(
    forged: Office, tmp_path: Path
) -> None:
    grow(forged, 3)
    rows = {size: Checkpoint("wahana/75.01", size, b"x" * 32).text for size in (652, 653)}
    for size, text in rows.items():
        forged.database.rows("INSERT INTO checkpoints VALUES (:size, :note, '')", size=size, note=FORGED.note(text))
    assert seal(forged, tmp_path).size == 651
    assert seal(forged, tmp_path).size == 651, "there is nothing between it and the head"
    grow(forged, 1)
    assert seal(forged, tmp_path).size == 654
    assert forged.checkpoints.strange(10)[-3:] == [652, 653, 655]


def test_a_seal_that_rows_written_ahead_hinder_for_long_is_refused(
    here: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.log.sealer.MOST_CLAIMED", 5)
    for size in range(601, 700):
        here.database.rows("INSERT INTO checkpoints VALUES (:size, 'x', '')", size=size)
    grow(here, 5)
    assert seal(here, tmp_path).size == 600, "a few events wait for the next that is free"
    grow(here, 1)
    with pytest.raises(SealRefused, match="another checkpoint"):
        seal(here, tmp_path)
    grow(here, 94)
    assert seal(here, tmp_path).size == 700


@pytest.mark.parametrize("key", [str(FORGED.key), "not a key"])
def test_whoever_names_another_key_first_is_found_out_before_anything_is_sealed(
    tmp_path: Path, database_url: str, key: str
) -> None:
    made = make_office(tmp_path, database_url)
    grow(made, 3)
    made.database.rows("INSERT INTO log_keys VALUES (1, :key)", key=key)
    with pytest.raises(SealRefused, match="key"):
        seal(made, tmp_path)
    assert made.checkpoints.before(None, 10) == []
    made.close()


def test_a_row_of_a_stranger_does_not_stop_a_log_from_being_sealed_for_the_first_time(
    tmp_path: Path, database_url: str
) -> None:
    made = make_office(tmp_path, database_url)
    grow(made, 3)
    made.database.rows("INSERT INTO checkpoints VALUES (99999, :note, '')", note="wahana/75.01\nx")
    assert seal(made, tmp_path).size == made.reader.head()[0]
    made.close()


def test_a_line_that_somebody_else_wrote_for_a_witness_is_neither_served_nor_exported(
    here: Office, tmp_path: Path
) -> None:
    latest = here.checkpoints.latest()
    assert latest
    junk = str(WITNESS.cosign("wahana/75.01\n1\nAAAA\n", 1)).rstrip("\n")
    name = f"inspektorat+{WITNESS.key.hash.hex()}"
    here.database.rows("INSERT INTO cosignatures VALUES (600, :name, :junk, '')", name=name, junk=junk)
    assert here.checkpoints.note(latest) == latest.note
    bundle = tmp_path / "casebook.zip"
    Bundle(
        here.database,
        here.keys,
        here.vault,
        origin="wahana/75.01",
        codes=code_systems(),
        log_keys=here.log_keys(),
        witnesses=here.witness_keys(),
    ).write(bundle, now=utc_now())
    check = verifier.Check(verifier.Bundle(str(bundle)), verifier.read_policy(f"log {LOG.key}\nquorum none\n"))
    check.run()
    assert check.code() == 0, [one.sentence() for one in check.differences]
    client = build(here.config, here).test_client()
    text = Note.parse(latest.note).text
    answer = client.post("/api/v1/log/checkpoints/600/cosignature", data=str(WITNESS.cosign(text, 1_790_000_000)))
    assert (answer.status_code, answer.get_json()["rule"]) == (409, "cosignature_refused")


def test_a_row_that_was_first_at_a_size_already_signed_does_not_stop_the_sealer(
    here: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = Checkpoints.publish

    def outrun(self: Checkpoints, hashes: Any, one: Published) -> None:
        text = Checkpoint("wahana/75.01", one.size, b"x" * 32).text
        self._database.rows("INSERT INTO checkpoints VALUES (:size, :note, '')", size=one.size, note=FORGED.note(text))
        publish(self, hashes, one)

    grow(here, 4)
    monkeypatch.setattr(Checkpoints, "publish", outrun)
    assert seal(here, tmp_path).size == 604
    monkeypatch.undo()
    assert seal(here, tmp_path).size == 604
    grow(here, 300)
    assert seal(here, tmp_path).size == 904
    latest = here.checkpoints.latest()
    assert latest
    assert latest.size == 904


def test_an_export_holds_what_the_logs_keys_signed_and_names_the_other_sizes(forged: Office, tmp_path: Path) -> None:
    bundle = tmp_path / "casebook.zip"
    Bundle(
        forged.database,
        forged.keys,
        forged.vault,
        origin="wahana/75.01",
        codes=code_systems(),
        log_keys=forged.log_keys(),
    ).write(bundle, now=utc_now())
    check = verifier.Check(verifier.Bundle(str(bundle)), verifier.read_policy(f"log {LOG.key}\nquorum none\n"))
    check.run()
    assert check.code() == 0, [one.sentence() for one in check.differences]
    assert any("meninggalkan 4 titik periksa" in one and "610, 620, 650, 655" in one for one in check.notices)


def test_doctor_names_the_rows_that_the_logs_key_did_not_sign(here: Office) -> None:
    assert _checkpoints(here) == ("checkpoints", True, "0 not signed by the log's key")
    here.database.rows("INSERT INTO checkpoints VALUES (620, 'no note', '')")
    assert _checkpoints(here) == ("checkpoints", False, "1 not signed by the log's key: sizes 620")
