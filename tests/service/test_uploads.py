"""Files that come in pieces: with the rights and limits of those that come whole, over broken lines and other workers."""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from werkzeug.test import TestResponse

from domain.refusals import NotFound
from domain.subject import SubjectDestroyed
from service.app import build
from service.log.files import CHUNK, LARGEST, FileTooLarge
from service.log.ids import new_id
from service.log.uploads import Announced, WrongOffset
from service.office import Office
from service.pictures import bare
from tests.service.offices import VILLAGE, Asking, Clock, make_office, person
from tests.service.photographs import jpeg

Client = Callable[[str], Asking]
START = "/api/v1/files/uploads"
PIECE = "application/offset+octet-stream"


def asked(who: Asking, method: str, path: str, data: bytes = b"", **headers: Any) -> TestResponse:
    given = {"Authorization": f"Bearer {who.token}", "Tus-Resumable": "1.0.0"}
    given |= {name.replace("_", "-"): str(value) for name, value in headers.items()}
    return who.client.open(path, method=method, data=data, headers=given)


def metadata(name: str, media_type: str) -> str:
    pairs = {"filename": name, "filetype": media_type}
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


def begun(
    who: Asking,
    length: int,
    subject: str,
    media_type: str = "application/pdf",
    name: str = "SK Canary.pdf",
    **query: str,
) -> TestResponse:
    more = "".join(f"&{key}={value}" for key, value in query.items())
    told = {"Upload_Length": length, "Upload_Metadata": metadata(name, media_type)}
    return asked(who, "POST", f"{START}?subject={subject}{more}", **told)


def sent(who: Asking, place: str, offset: int, piece: bytes) -> TestResponse:
    return asked(who, "PATCH", place, piece, Content_Type=PIECE, Upload_Offset=offset)


def whole(who: Asking, content: bytes, subject: str, pieces: int = 3, **more: str) -> str:
    """The id of a file sent in pieces."""
    answer = begun(who, len(content), subject, **more)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    place, size = answer.headers["Location"], -(-len(content) // pieces)
    for at in range(0, len(content), size):
        told = sent(who, place, at, content[at : at + size])
        assert told.status_code == 204, told.get_data(as_text=True)
        assert told.headers["Upload-Offset"] == str(min(at + size, len(content)))
    return place.rpartition("/")[2]


def left(here: Office) -> tuple[int, int]:
    """How many uploads and pieces there are."""
    rows = here.database.rows("SELECT (SELECT count(*) FROM uploads), (SELECT count(*) FROM upload_pieces)")
    return int(rows[0][0]), int(rows[0][1])


def test_a_line_that_breaks_costs_only_the_piece_that_was_under_way(office: Office, client: Client) -> None:
    psm, content = client("psm"), os.urandom(3 * CHUNK + 11)
    started = begun(psm, len(content), person(office))
    place = started.headers["Location"]
    assert started.headers["Tus-Resumable"] == "1.0.0"
    assert started.headers["Upload-Expires"].endswith("GMT")
    assert sent(psm, place, 0, content[:CHUNK]).headers["Upload-Offset"] == str(CHUNK)
    lost = sent(psm, place, CHUNK, content[CHUNK : 2 * CHUNK])  # its answer never arrives
    assert lost.status_code == 204
    assert sent(psm, place, CHUNK, content[CHUNK : 2 * CHUNK]).get_json()["rule"] == "wrong_offset"
    for method in ("HEAD", "GET"):
        state = asked(psm, method, place)
        assert (state.status_code, state.headers["Upload-Length"]) == (200, str(len(content)))
        assert state.headers["Cache-Control"] == "no-store"
        assert state.get_data() == b""
    at = int(state.headers["Upload-Offset"])
    assert at == 2 * CHUNK
    assert sent(psm, place, at, content[at:]).headers["Upload-Offset"] == str(len(content))
    file = place.rpartition("/")[2]
    assert psm.get(f"/api/v1/files/{file}").get_data() == content
    assert left(office) == (0, 0)
    assert asked(psm, "HEAD", place).headers["Upload-Offset"] == str(len(content)), "whole, should the answer be lost"
    assert sent(psm, place, len(content), b"").status_code == 204


def test_a_request_cut_in_the_middle_leaves_what_had_come(office: Office, client: Client) -> None:
    psm, content = client("psm"), os.urandom(2 * CHUNK + 50)
    place = begun(psm, len(content), person(office)).headers["Location"]

    class Cut:
        """A connection that says it will send all of it, and breaks off."""

        def __init__(self) -> None:
            self.rest, self.at = content[: CHUNK + 9], 0

        def tell(self) -> int:
            return self.at

        def seek(self, to: int, whence: int = 0) -> int:
            self.at = len(content) if whence else to
            return self.at

        def read(self, size: int = -1) -> bytes:
            given, self.rest = self.rest[:size], self.rest[size:]
            return given

    answer = psm.client.open(
        place,
        method="PATCH",
        input_stream=Cut(),
        content_length=len(content),
        content_type=PIECE,
        headers={"Authorization": f"Bearer {psm.token}", "Tus-Resumable": "1.0.0", "Upload-Offset": "0"},
    )
    assert answer.status_code == 204
    at = int(asked(psm, "HEAD", place).headers["Upload-Offset"])
    assert CHUNK <= at <= CHUNK + 9
    sent(psm, place, at, content[at:])
    assert psm.get(f"/api/v1/files/{place.rpartition('/')[2]}").get_data() == content


def test_a_file_in_pieces_is_evidence_like_one_that_came_whole(office: Office, client: Client) -> None:
    supervisor, kps = client("supervisor"), new_id()
    file = whole(supervisor, jpeg(6), kps, media_type="image/jpeg", name="foto.jpg")
    body = {"id": kps, "village": VILLAGE, "kind": "arisan", "name": "Mawar"}
    supervisor.done("/api/v1/kps", {**body, "evidence": [{"kind": "sk", "file": file}]})
    (evidence,) = office.log.history(kps)[-1].evidence
    assert evidence.file == file
    assert evidence.sha256 == office.files.row(file).sha256
    head, kept = office.files.open(file)
    assert (head.name, head.media_type, kept) == ("foto.jpg", "image/jpeg", jpeg(6))
    assert client("kades").get(f"/api/v1/files/{file}").get_data() == bare(jpeg(6), "image/jpeg")
    other = whole(supervisor, jpeg(6), new_id(), media_type="image/jpeg")
    assert supervisor.post(f"/api/v1/kps/{kps}/end", {"evidence": [{"kind": "sk", "file": other}]}).status_code != 201


def test_of_somebody_strictly_restricted_it_goes_into_her_compartment_and_bare(office: Office, client: Client) -> None:
    child = person(office, tier=3)
    peksos = client("peksos")
    file = whole(peksos, jpeg(), child, media_type="image/jpeg", strict="true")
    at_once = peksos.client.post(
        f"/api/v1/files?subject={child}&strict=true",
        data=jpeg(),
        content_type="image/jpeg",
        headers={"Authorization": f"Bearer {peksos.token}"},
    ).get_json()["id"]
    assert office.files.row(file).key == office.files.row(at_once).key
    assert office.files.open(file)[1] == bare(jpeg(), "image/jpeg")


def test_whoever_does_not_know_how_strictly_somebody_is_restricted_uploads_into_the_same_compartment(
    office: Office, client: Client
) -> None:
    """A form about a person of whom its writer sees little says nothing of ``strict``; the office knows."""
    child, adult, psm = person(office, tier=3), person(office), client("psm")
    by_name, in_pieces = (
        whole(psm, jpeg(), child, media_type="image/jpeg", **said) for said in ({"strict": "true"}, {})
    )
    headers = {"Authorization": f"Bearer {psm.token}"}
    at_once, other = (
        psm.client.post(
            "/api/v1/files", query_string={"subject": one}, data=jpeg(), content_type="image/jpeg", headers=headers
        ).get_json()["id"]
        for one in (child, adult)
    )
    assert len({office.files.row(one).key for one in (by_name, in_pieces, at_once)}) == 1
    assert all(office.files.open(one)[1] == bare(jpeg(), "image/jpeg") for one in (in_pieces, at_once))
    assert office.files.open(other)[1] == jpeg()
    assert not any("ketat" in label for label, _ in office.keys.labelled([adult])[adult].values())


def test_no_answer_about_a_photograph_tells_how_strictly_somebody_is_restricted(office: Office, client: Client) -> None:
    """Of a strictly restricted person less of it is kept; her neighbour's volunteer is told what he sent."""
    for subject in (person(office, tier=3), person(office), new_id()):
        psm = client("psm")
        at_once = psm.client.post(
            f"/api/v1/files?subject={subject}",
            data=jpeg(),
            content_type="image/jpeg",
            headers={"Authorization": f"Bearer {psm.token}"},
        )
        assert at_once.get_json()["size"] == len(jpeg())
        place = f"{START}/{whole(psm, jpeg(), subject, media_type='image/jpeg')}"
        state = asked(psm, "HEAD", place).headers  # also whoever lost the last answer sees that nothing is missing
        assert state["Upload-Length"] == state["Upload-Offset"] == str(len(jpeg()))


def test_the_limits_are_those_of_a_file_that_comes_whole(office: Office, client: Client) -> None:
    psm, subject = client("psm"), person(office)
    assert begun(psm, LARGEST, subject).status_code == 201
    for answer, status, rule in (
        (begun(psm, LARGEST + 1, subject), 413, "file_too_large"),
        (begun(psm, 0, subject), 409, "file_empty"),
        (begun(psm, 5, subject, media_type="text/html"), 415, "media_type"),
        (begun(psm, 5, "siti"), 422, None),
        (asked(psm, "POST", f"{START}?subject={subject}", Upload_Metadata=metadata("a", "text/plain")), 422, None),
        (asked(psm, "POST", f"{START}?subject={subject}", Upload_Length="-3"), 422, None),
    ):
        assert (answer.status_code, answer.get_json().get("rule")) == (status, rule)
        assert answer.headers["Tus-Resumable"] == "1.0.0"
    place = begun(psm, 5, subject).headers["Location"]
    assert sent(psm, place, 0, b"123456").status_code == 413
    assert asked(psm, "PATCH", place, b"12345", Content_Type="text/plain", Upload_Offset=0).status_code == 415
    assert asked(psm, "PATCH", place, b"12345", Content_Type=PIECE).status_code == 409
    assert asked(psm, "HEAD", place).headers["Upload-Offset"] == "0"
    spoilt = begun(psm, 8, subject, media_type="image/png").headers["Location"]
    assert sent(psm, spoilt, 0, b"<script>").get_json()["rule"] == "picture_unreadable"


def test_it_speaks_tus_and_no_other_version(client: Client) -> None:
    psm = client("psm")
    for version in ("", "0.2.2", "2.0.0"):
        answer = asked(psm, "HEAD", f"{START}/{new_id()}", Tus_Resumable=version)
        assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")
    told = asked(psm, "OPTIONS", START)
    assert told.status_code == 200
    assert told.headers["Tus-Max-Size"] == str(LARGEST)
    assert set(told.headers["Tus-Extension"].split(",")) == {"creation", "expiration", "termination"}


def test_only_whoever_sends_it_knows_of_an_upload(office: Office, client: Client) -> None:
    psm, other = client("psm"), Asking(office, "psm")
    place = begun(psm, 100, person(office)).headers["Location"]
    assert sent(other, place, 0, b"x").status_code == 404
    assert asked(other, "HEAD", place).status_code == 404
    assert asked(other, "DELETE", place).status_code == 404
    assert begun(client("auditor"), 100, new_id()).status_code == 403
    done = whole(psm, b"%PDF", person(office))
    assert asked(other, "HEAD", f"{START}/{done}").status_code == 404
    assert asked(psm, "DELETE", place).status_code == 204
    assert asked(psm, "HEAD", place).status_code == 404


def test_nothing_of_it_lies_in_the_clear(office: Office, client: Client) -> None:
    content = b"Ibu Rahma Canary-99 " * 3000
    place = begun(client("psm"), len(content), person(office)).headers["Location"]
    sent(client("psm"), place, 0, content[:50_000])
    office.close()
    stored = b"".join(one.read_bytes() for one in Path(office.config.database_url[10:]).parent.glob("wahana*"))
    assert place.rpartition("/")[2].encode() in stored
    for secret in (b"Canary", b"Rahma", b"pdf", base64.b64encode(b"SK Canary.pdf")):
        assert secret not in stored


def test_another_worker_and_a_restart_go_on_where_it_stopped(office: Office, client: Client) -> None:
    psm, content = client("psm"), os.urandom(1000)
    place = begun(psm, len(content), person(office)).headers["Location"]
    sent(psm, place, 0, content[:400])
    office.close()
    again = Office(office.config)
    psm.client = build(again.config, again).test_client()
    assert asked(psm, "HEAD", place).headers["Upload-Offset"] == "400"
    assert sent(psm, place, 400, content[400:]).status_code == 204
    again.close()
    assert office.files.open(place.rpartition("/")[2])[1] == content


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Office, Clock]]:
    """An office on each engine, and its clock."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    clock = Clock()
    made = make_office(tmp_path, url, now=clock)
    yield made, clock
    made.close()


def announce(here: Office, length: int, media_type: str = "text/plain", subject: str = "s1") -> Any:
    said = Announced("a", media_type, False)
    under = here.keys.key_for(subject, "umum")
    return here.uploads.begin(said, length, under=under, subject=subject, account="a", now=here.milliseconds())


def test_several_who_send_the_same_file_at_once_make_one(either: tuple[Office, Clock]) -> None:
    here, _ = either
    content, broken = os.urandom(600), []
    upload, all_done = announce(here, len(content)), threading.Barrier(4)

    def send() -> None:
        try:
            while (now := here.uploads.state(upload.id, "a", here.milliseconds())).offset < len(content):
                with suppress(WrongOffset):
                    here.uploads.add(now, content[now.offset : now.offset + 1 + os.urandom(1)[0] % 30])
        except Exception as error:
            broken.append(error)
        finally:
            all_done.wait(60)  # a pool is closed for every thread of the process
            here.close()

    running = [threading.Thread(target=send) for _ in range(4)]
    for one in running:
        one.start()
    for one in running:
        one.join(60)
    assert broken == []
    assert here.files.open(upload.id)[1] == content
    assert left(here) == (0, 0)


def test_a_piece_goes_behind_the_last_one_or_nowhere(either: tuple[Office, Clock]) -> None:
    here, _ = either
    stale = announce(here, 10)
    assert here.uploads.add(stale, b"12345").offset == 5
    with pytest.raises(WrongOffset):
        here.uploads.add(stale, b"123")
    with pytest.raises(FileTooLarge):
        here.uploads.add(stale, b"12345678901")
    with pytest.raises(WrongOffset):
        here.uploads.add(msgspec.structs.replace(stale, offset=7), b"890")
    here.uploads.end(stale)
    with pytest.raises(WrongOffset):
        here.uploads.add(stale, b"1")
    assert left(here) == (0, 0)


def test_what_is_not_finished_within_a_day_is_gone_and_a_whole_one_stays_while_it_is_mentioned(
    either: tuple[Office, Clock],
) -> None:
    here, clock = either
    old = here.uploads.add(announce(here, 10), b"12345")
    clock.time += timedelta(hours=20)
    young = here.uploads.add(announce(here, 10), b"12345")
    clock.time += timedelta(hours=5)
    with pytest.raises(NotFound):
        here.uploads.state(old.id, "a", here.milliseconds())
    assert left(here) == (2, 2)
    announce(here, 10)
    assert left(here) == (2, 1), "whoever begins the next one tidies up"
    whole = here.uploads.add(young, b"67890")
    assert here.files.open(whole.id)[1] == b"1234567890"
    assert here.uploads.sweep(here.milliseconds()) == 0
    clock.time += timedelta(days=2)
    assert here.uploads.sweep(here.milliseconds()) == 1
    assert here.files.sweep(here.milliseconds()) == 1, "nobody mentioned it"
    assert left(here) == (0, 0)


def test_pieces_of_somebody_whose_data_was_destroyed_cannot_be_read_or_completed(either: tuple[Office, Clock]) -> None:
    here, _ = either
    upload = here.uploads.add(announce(here, 10, subject="s9"), b"12345")
    here.keys_database.rows("DELETE FROM subject_keys WHERE subject = 's9'")
    with pytest.raises(SubjectDestroyed):
        here.uploads.add(upload, b"67890")
