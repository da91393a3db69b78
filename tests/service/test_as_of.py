"""Every read can be put back: it answers as it did when the position was the head of the log."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from projections import view
from service.office import Office
from tests.service.offices import VILLAGE, Asking, make_office

#: Reads without ``as_of``, and why.
EXCEPTIONS = {
    "/api/v1/events": "the log itself, read from a position on",
    "/api/v1/events/<int:position>": "the log itself: a stored event never changes",
    "/api/v1/streams/<stream>/replay": "replays the log, `until` a time, day or position",
    "/api/v1/villages/<code>/replay": "replays the log, `until` a time, day or position",
    "/api/v1/commands/<command>/receipt": "what a command recorded never changes",
    "/api/v1/commands/<command>/receipt.svg": "what a command recorded never changes",
    **dict.fromkeys(
        (
            "/api/v1/log/checkpoint",
            "/api/v1/log/checkpoints",
            "/api/v1/log/checkpoints/<int:size>",
            "/api/v1/log/tile/<int:level>/<path:number>",
            "/api/v1/log/inclusion",
            "/api/v1/log/consistency",
            "/api/v1/log/keys",
        ),
        "the log's own tree, of any size that was signed",
    ),
    "/api/v1/streams/<stream>/events/<int:version>": "what is corrected is what stands today",
    "/api/v1/codes": "lists that come with the program, each version with its first day",
    "/api/v1/codes/<listing>": "lists that come with the program, each version with its first day",
    "/api/v1/instruments": "lists that come with the program, each version with its first day",
    "/api/v1/files/<file_id>": "a stored paper never changes",
    "/api/v1/files/uploads/<upload_id>": "how much of a file is here, while it is being sent",
    "/api/v1/accounts/<stream>/offline-devices": "devices are state beside the log, of which only today is known",
    "/api/v1/accounts/<stream>/tokens": "tokens are state beside the log, of which only today is known",
    **dict.fromkeys(
        ("/api/v1/sessions/current", "/api/v1/accounts/<stream>/sessions", "/api/v1/accounts/<stream>/second-factor"),
        "how one is signed in now",
    ),
    **dict.fromkeys(
        ("/api/v1/sessions/provider", "/api/v1/sessions/provider/callback"),
        "steps of signing in",
    ),
}
CORRECTED = {"reason": "salah ketik", "requested_by": "supervisor"}


class Clock:
    """The office's clock, moved on by the test."""

    def __init__(self) -> None:
        self.time = datetime(2026, 6, 1, 1, tzinfo=UTC)

    def __call__(self) -> str:
        return self.time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(tmp_path: Path, database_url: str, clock: Clock) -> Iterator[Office]:
    """An office on both engines whose clock the test moves."""
    made = make_office(tmp_path, database_url, now=clock)
    yield made
    made.views.store.close()
    made.close()


def test_every_read_takes_as_of_or_is_a_named_exception(client: Callable[[str], Asking]) -> None:
    who = client("supervisor")
    told = who.client.get("/openapi.json").get_json()["paths"]
    without = set()
    for rule in who.client.application.url_map.iter_rules():
        path = str(rule)
        if path.startswith("/api/v1/") and "GET" in (rule.methods or ()):
            described = told[re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)]["get"]
            if "as_of" not in {parameter["name"] for parameter in described.get("parameters", [])}:
                without.add(path)
    assert without == EXCEPTIONS.keys()


def lived(office: Office, clock: Clock) -> Iterator[None]:
    """Some weeks of an office, a command a day."""
    psm, tksk, supervisor = (Asking(office, role) for role in ("psm", "tksk", "supervisor"))

    def done(who: Asking, path: str, **body: Any) -> str:
        clock.time += timedelta(days=1)
        return str(who.done(f"/api/v1{path}", body)["id"])

    def person(name: str, nik: str) -> str:
        identity = {"name": name, "nik": nik, "birth_year": 1980}
        return done(psm, "/beneficiaries", village=VILLAGE, kind="person", channel="desa", identity=identity)

    first = person("Ratna Gobel", "7501024101800001")
    yield
    second = person("Karim Lihawa", "7501020101800002")
    yield
    done(psm, f"/beneficiaries/{first}/classifications", type="fakir_miskin", tier=1)
    yield
    case = done(tksk, "/cases", beneficiary=first, channel="datang_langsung", urgency="biasa", story="Atap rubuh")
    yield
    done(tksk, f"/cases/{case}/assignment", worker=tksk.account)
    yield
    sending = {"destination_kind": "puskesmas", "destination": "Puskesmas Limboto", "need": "pemeriksaan"}
    referral = done(tksk, f"/cases/{case}/referrals", **sending)
    yield
    heard = {"channel": "telepon", "informant": "Ibu Hadija"}
    done(tksk, f"/referrals/{referral}/acceptance", **heard)
    yield
    done(tksk, f"/referrals/{referral}/completion", **heard, outcome="tertangani")
    yield
    done(supervisor, f"/cases/{case}/transfer", worker=psm.account)
    yield
    kps = done(supervisor, "/kps", village=VILLAGE, kind="arisan", name="Mawar")
    wksbm = done(supervisor, "/wksbm", village=VILLAGE, name="WKSBM Huyula")
    yield
    done(supervisor, f"/wksbm/{wksbm}/deliberations", attendance=40, minutes="Warga sepakat")
    done(supervisor, f"/wksbm/{wksbm}/formation")
    yield
    done(supervisor, f"/wksbm/{wksbm}/members", kps=kps)
    yield
    done(supervisor, f"/streams/{kps}/corrections", **CORRECTED, target=1, values={"name": "Arisan Mawar"})
    yield
    done(supervisor, f"/streams/{wksbm}/retractions", **CORRECTED, target=2)
    yield
    flood = {"kind": "banjir", "name": "Banjir", "struck_on": "2026-06-01", "villages": [VILLAGE]}
    incident = done(tksk, "/incidents", **flood)
    done(
        tksk,
        f"/incidents/{incident}/victims",
        victims=[{"victim": second, "village": VILLAGE, "conditions": ["mengungsi"]}],
    )
    yield
    done(psm, f"/beneficiaries/{second}/death")
    yield


PATHS = (
    *(
        "/villages",
        "/kecamatan",
        "/coverage",
        "/coverage/series",
        "/territory",
        "/wksbm",
        "/kps",
        "/psks",
        "/incidents",
    ),
    *("/indicators", "/cases", "/caseload", "/referrals", "/referrals/summary", "/beneficiaries", "/decisions"),
    f"/villages/{VILLAGE}",
    f"/beneficiaries?village={VILLAGE[:8]}&state=active&type=fakir_miskin",
    "/cases?open=true&overdue=false",
    "/referrals?open=true",
    "/referrals?state=selesai&stuck=0",
    "/periods?begin=2026-01-01&end=2026-12-31",
    "/figures/board.people.tier_1",
    f"/figures/board.open_cases?village={VILLAGE}",
    "/figures/caseload.open_referrals",
    "/figures/referrals.awaiting_feedback",
    "/figures/period.cases_opened?begin=2026-01-01&end=2026-12-31",
)
SEARCHES: tuple[dict[str, Any], ...] = (
    {"name": "Ratna Gobel"},
    {"nik": "7501020101800002"},
    {"birth_year": 1980, "village": VILLAGE},
)
DEEPER = {
    "/cases": ("",),
    "/referrals": ("",),
    "/beneficiaries": ("", "/history"),
    "/wksbm": ("", "/history"),
    "/kps": ("",),
    "/incidents": ("", "/victims"),
}


def answers(who: Asking, as_of: int | str | None) -> dict[str, Any]:
    """What every read answers, the pages of all that the lists name too."""
    at = {} if as_of is None else {"as_of": as_of}
    found: dict[str, Any] = {}
    for path in PATHS:
        bare, _, query = path.partition("?")
        found[path] = who.data(f"/api/v1{bare}", **at, **dict(parse_qsl(query)))
    for path, pages in DEEPER.items():
        for row in found[path]:
            for page in pages:
                deeper = f"{path}/{row['id']}{page}"
                found[deeper] = who.data(f"/api/v1{deeper}", **at)
    for search in SEARCHES:
        answer = who.post("/api/v1/people/search", search | {name: str(value) for name, value in at.items()})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found[str(search)] = answer.get_json()["data"]
    return found


def unplaced(answer: Any) -> str:
    """An answer without the positions in its links: what the trail adds in between changes no other view."""
    return re.sub(r"as_of=\d+", "as_of=", json.dumps(answer, sort_keys=True))


@pytest.mark.parametrize("few", [view.FEW, -1])
def test_a_read_answers_as_it_did_when_the_position_was_the_head(
    kept: Office, clock: Clock, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = Asking(kept, "supervisor")
    then = []
    for _ in lived(kept, clock):
        then.append((kept.reader.head()[0], clock(), answers(who, None)))
    monkeypatch.setattr(view, "FEW", few)
    clock.time += timedelta(days=200)
    for position, time, before in then:
        for as_of in (position, time):
            now = answers(who, as_of)
            assert now.keys() == before.keys()
            for path, answer in now.items():
                assert unplaced(answer) == unplaced(before[path]), (path, as_of)
    assert len({str(before) for *_, before in then}) == len(then)


def test_a_search_refuses_a_moment_that_stands_where_it_is_not_read(client: Callable[[str], Asking]) -> None:
    refused = client("tksk").post("/api/v1/people/search?as_of=1", {"name": "Siti"})
    assert (refused.status_code, list(refused.get_json()["errors"]["query"])) == (422, ["as_of"])


def test_a_position_is_judged_against_the_time_that_is_asked_with_it(kept: Office, clock: Clock) -> None:
    for _ in lived(kept, clock):
        pass
    then = kept.reader.head()[0]
    clock.time += timedelta(days=900)
    who, coverage = Asking(kept, "supervisor"), "/api/v1/coverage"
    told = who.get(coverage).get_json()
    assert told["data"]
    at, when = told["position"], told["clock"]
    clock.time += timedelta(days=40)
    again = who.get(coverage, as_of=f"{at}@{when}").get_json()
    assert {**again, "position": at} == told
    alone = who.get(coverage, as_of=then).get_json()
    assert alone["data"] != told["data"], "judged on the day of its last event"
    assert who.get(coverage, as_of=f"{then}@{when}").get_json()["data"] == told["data"]
    assert who.get(coverage, as_of=f"{then}@2001-01-01T00:00:00Z").get_json() == alone
    for wrong in (
        f"{at}@",
        f"@{when}",
        f"{at}@{at}",
        f"{when}@{at}",
        f"{at}@{at}@{when}",
        f"{at + 999}@{when}",
        "@" * 3000,
    ):
        assert who.get(coverage, as_of=wrong).status_code == 422, wrong


def test_a_position_amid_a_command_is_moved_to_its_end(kept: Office, clock: Clock) -> None:
    who = Asking(kept, "supervisor")
    for _ in lived(kept, clock):
        pass
    sent = [row for row in kept.log.stored(0, 1000) if row.topic == "referral.submitted"]
    [submitted] = [row.position for row in sent]
    assert kept.reader.moment(submitted)[0] == submitted + 1
    answer = who.get("/api/v1/referrals", as_of=submitted).get_json()
    assert answer["position"] == submitted + 1
    [case] = who.data("/api/v1/cases", as_of=submitted)
    assert case["open_referrals"] == 1
    [worker] = who.data("/api/v1/caseload", as_of=submitted)["workers"]
    assert (worker["open"], worker["open_referrals"]) == (1, 1)


@pytest.mark.parametrize("few", [view.FEW, -1])
def test_a_worker_finds_of_a_past_moment_what_she_may_see_today(
    kept: Office, clock: Clock, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "FEW", few)
    supervisor, peksos = Asking(kept, "supervisor"), Asking(kept, "peksos", ("75.01.03",))
    case = person = ""
    for _ in lived(kept, clock):
        if supervisor.data("/api/v1/cases"):
            [found] = supervisor.data("/api/v1/cases")
            case, person = found["id"], found["beneficiary"]
    position = kept.reader.head()[0]
    for as_of in (None, position):
        assert not peksos.data("/api/v1/cases", **({} if as_of is None else {"as_of": as_of}))
    supervisor.done(f"/api/v1/cases/{case}/transfer", {"worker": peksos.account})
    before = supervisor.data("/api/v1/cases", as_of=position)
    assert before[0]["worker"] != peksos.account
    assert [row["id"] for row in peksos.data("/api/v1/cases", as_of=position)] == [case]
    assert [row["id"] for row in peksos.data("/api/v1/beneficiaries", as_of=position)] == [person]
    following = supervisor.data("/api/v1/caseload", worker=before[0]["worker"], as_of=position)["next"]
    assert [(row["id"], row["worker"]) for row in following] == [(case, before[0]["worker"])]
    assert not supervisor.data("/api/v1/caseload", worker=before[0]["worker"])["next"]
