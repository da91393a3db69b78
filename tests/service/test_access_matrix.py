"""Every role meets every route about somebody in every situation: nothing leaks by status, body, size, header, history,
as-of, figure or search. The cells come from the route table; each test says how many it tried."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from projections.figures import FIGURES
from service.api.commands import COMMANDS
from service.api.rights import ROUTES, may_enter
from service.log.ids import new_id
from tests.service.offices import VILLAGE
from tests.service.situations import FAR, NOUNS, Situations, Target, body_of, filled, level
from tests.trials.plugin import Trial

_NOISE = re.compile(r"urn:uuid:[0-9a-f-]{36}")
_PAGES = {"warga": "beneficiaries", "kasus": "cases", "rujukan": "referrals"}
#: What tells of the types themselves and of nobody.
OF_TYPES = ("/codes", "instruments", "/jenis-ppks", "/pengelolaan/daftar")
#: Who reads the log itself, where the ids of every record stand.
READS_THE_LOG = ("auditor", "admin", "dpo", "supervisor", "uncleared")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Situations]:
    made = Situations(tmp_path_factory.mktemp("situations"))
    yield made
    made.office.close()


def said(answer: TestResponse, id: str = "?") -> tuple[int, str, list[tuple[str, str]]]:
    """Everything an answer says, apart from the number of the request and the ``id`` that was asked about."""
    headers = sorted((name, value) for name, value in answer.headers if name != "X-Request-ID")
    return answer.status_code, _NOISE.sub("", answer.get_data(as_text=True)).replace(id, "?"), headers


def leaks(text: str, actor: str, targets: list[Target]) -> list[str]:
    """The words in a text that are of somebody whom the actor does not see in full, in whatever case."""
    lowered = text.lower()
    return [
        word
        for target in targets
        if "full" not in {level(actor, noun, target) for noun in NOUNS[:3]}
        for word in target.words
        if word in lowered
    ]


def ids_of_the_hidden(text: str, actor: str, targets: list[Target]) -> list[str]:
    """The ids in a text of those who do not exist for the actor in any way."""
    if actor in READS_THE_LOG:
        return []
    return [
        id
        for target in (targets[1:] if actor == "mitra" else targets)  # the first one's referral is sent to the partner
        if {level(actor, noun, target) for noun in NOUNS} == {"absent"}
        for id in target.ids.values()
        if id in text
    ]


def about(rule: str) -> str | None:
    """The noun whose id stands first in a rule; ``streams`` may be any of three."""
    found = re.match(r"/(?:api/v1/)?(\w+)/<", rule)
    return _PAGES.get(found[1], found[1]) if found else None


def reading_one(here: Situations) -> int:
    """Every route about one record, asked about somebody in every situation; gives how many cells."""
    rules = [row.split(" ")[1] for row in ROUTES if row.startswith("GET ")]
    # Who read about somebody is told to those who keep watch, whoever it is about: a right of its own.
    routes = [rule for rule in rules if about(rule) in NOUNS and not rule.endswith(("/readings", "/dibaca"))]
    assert len(routes) >= 5
    cells, past = 0, here.office.reader.head()[0]
    for actor, asking in here.actors.items():
        for rule in routes:
            noun = about(rule) or ""
            page = not rule.startswith("/api/")
            when = {"posisi" if page else "as_of": str(past)}
            variants: tuple[dict[str, str], ...] = ({}, when) if noun != "files" else ({},)
            for query in variants:
                nobody = new_id()
                nothing = said(asking.get(filled(rule, nobody), **query), nobody)
                assert nothing[0] in (403, 404)
                for target in here.targets:
                    told = said(asking.get(filled(rule, target.ids[noun]), **query), target.ids[noun])
                    cells += 1
                    where = (actor, rule, target.kind, target.village, query)
                    assert leaks(told[1], actor, here.targets) == [], where
                    assert ids_of_the_hidden(told[1], actor, here.targets) == [], where
                    if level(actor, noun, target) == "absent":
                        assert told == nothing, where
                    elif page:  # a letter, a form: not everybody's who sees the record
                        assert told[0] in (200, 303, 403, 404), where
                    else:
                        assert told[0] == 200, where
    return cells


@pytest.mark.trial
def test_a_record_out_of_reach_is_answered_like_one_that_does_not_exist(here: Situations, trial: Trial) -> None:
    cells = reading_one(here)
    trial.count(cells=cells)
    assert cells > 2000


def test_whoever_may_see_somebody_in_full_does(here: Situations) -> None:
    """The words are there to be found: otherwise finding none would say nothing."""
    seen = 0
    for actor, asking in here.actors.items():
        for target in here.targets:
            if level(actor, "beneficiaries", target) == "full":
                assert (
                    target.words[0] in asking.get(f"/api/v1/beneficiaries/{target.ids['beneficiaries']}").text.lower()
                )
                seen += 1
            if level(actor, "cases", target) == "full":
                assert target.words[3] in asking.get(f"/api/v1/cases/{target.ids['cases']}").text
            if level(actor, "files", target) == "full":
                assert asking.get(f"/api/v1/files/{target.ids['files']}").text == target.words[-1]
            if level(actor, "beneficiaries", target) == "masked":
                person = asking.data(f"/api/v1/beneficiaries/{target.ids['beneficiaries']}")["person"]
                assert person == {"name": "Z. X.", "sex": person["sex"], "birth_year": person["birth_year"]}
    assert seen >= 20


def commanding(here: Situations) -> int:
    """Every command with a body that it accepts, sent alone and in a batch; nothing is recorded."""
    commands = [
        (rule, command)
        for command in COMMANDS.values()
        for rule in [_rule_of(here, command.name)]
        if about(rule) in (*NOUNS, "streams")
    ]
    assert len(commands) > 50
    cells, head = 0, here.office.reader.head()[0]
    for actor, asking in here.actors.items():
        for rule, command in commands:
            body = body_of(command.schema)
            path = filled(rule, "STREAM")
            nothing = said(asking.post(path.replace("STREAM", new_id()), body))
            assert nothing[0] in (403, 404, 422), (actor, rule, nothing)
            # Everybody may turn to the data protection officer: what she answers for, she records about anybody.
            if actor == "dpo" and {"beneficiary.restrict", "consent.record", "hold.record"} & set(command.actions):
                continue
            for target in here.targets:
                noun = about(rule) or ""
                for one in (noun,) if noun != "streams" else NOUNS[:3]:
                    rank = level(actor, one, target)
                    if rank not in ("absent", "bare") or (rank == "bare" and target.tier < 3):
                        continue
                    told = said(asking.post(path.replace("STREAM", target.ids[one]), body))
                    cells += 1
                    where = (actor, rule, target.kind, target.village)
                    assert leaks(told[1], actor, here.targets) == [], where
                    if rank == "absent":
                        assert told == nothing, where
                    else:
                        assert told[0] in (403, 404, 409, 422), where
    assert here.office.reader.head()[0] == head, "nothing was recorded"
    return cells


@pytest.mark.trial
def test_a_command_about_a_record_out_of_reach_is_answered_like_one_about_nothing(
    here: Situations, trial: Trial
) -> None:
    cells = commanding(here)
    trial.count(cells=cells)
    assert cells > 3000


def _rule_of(here: Situations, command: str) -> str:
    rules = next(iter(here.actors.values())).client.application.url_map.iter_rules()
    wanted = command.replace(".", "_")
    return next(str(rule) for rule in rules if rule.endpoint.rpartition(".")[2] == wanted)


@pytest.mark.trial
def test_a_batch_answers_as_its_commands_do(here: Situations, trial: Trial) -> None:
    cells = 0
    for actor, asking in here.actors.items():
        for name, noun, body in (
            ("beneficiary.die", "beneficiaries", {}),
            ("case.plan_visit", "cases", {"visit": new_id(), "planned_for": "2030-01-01"}),
            ("referral.accept", "referrals", {"channel": "telepon"}),
        ):
            absent = [target for target in here.targets if level(actor, noun, target) == "absent"]
            streams = [new_id(), *(target.ids[noun] for target in absent)]
            items = [{"key": new_id(), "command": name, "url": {"stream": id}, "body": body} for id in streams]
            results = asking.post("/api/v1/batch", {"items": items}).get_json()["results"]
            told = [{name: value for name, value in one.items() if name != "key"} for one in results]
            assert all(one == told[0] for one in told), (actor, name)
            cells += len(absent)
    trial.count(cells=cells)


def test_a_case_is_opened_for_nobody_out_of_reach(here: Situations) -> None:
    for actor, asking in here.actors.items():
        body = {"channel": "surat", "urgency": "biasa"}
        nothing = said(asking.post("/api/v1/cases", {**body, "beneficiary": new_id()}))
        for target in here.targets:
            if level(actor, "beneficiaries", target) == "absent" and not (
                actor == "peksos" and target.village == VILLAGE
            ):
                told = said(asking.post("/api/v1/cases", {**body, "beneficiary": target.ids["beneficiaries"]}))
                assert told == nothing, (actor, target.kind, target.village)


@pytest.mark.trial
def test_an_id_in_use_is_refused_in_the_same_words_whatever_it_is_of(here: Situations, trial: Trial) -> None:
    """Whoever makes the id of a new record learns that it is taken, and nothing of what took it: the same bytes for what
    she sees, for what is hidden from her, and for a record of another kind."""
    elder, head = here.targets[0].ids["beneficiaries"], here.office.reader.head()[0]
    someone = {"village": VILLAGE, "kind": "person", "channel": "desa", "identity": {"name": "Warga Baru"}}
    body = {"village": VILLAGE, "kind": "arisan", "name": "Arisan"}
    handed = {"village": VILLAGE, "identity": {"name": "Warga Baru"}, "urgency": "biasa", "story": "x"}
    cells = 0
    for actor, path, name, sent in (
        *((actor, "beneficiaries", "id", someone) for actor in ("psm", "psm elsewhere", "peksos")),
        *(("psm", "reports", name, {**handed, "type": "gelandangan"}) for name in ("id", "case")),
        ("worker", "cases", "id", {"beneficiary": elder, "channel": "surat", "urgency": "biasa"}),
        ("supervisor", "kps", "id", body),
    ):
        answers = set()
        sent = {**sent, "village": "75.01.01.1001"} if actor == "psm elsewhere" else sent
        for target in here.targets:
            for noun in NOUNS[:3]:
                answer = here.actors[actor].post(f"/api/v1/{path}", {**sent, name: target.ids[noun]})
                answers.add(str(said(answer, target.ids[noun])))
                cells += 1
                assert (answer.status_code, answer.get_json()["rule"]) == (409, "id_in_use"), (actor, path, answer.text)
        assert len(answers) == 1, (actor, path)
    assert here.office.reader.head()[0] == head, "nothing was recorded"
    trial.count(cells=cells)


def _asked(here: Situations) -> list[tuple[str, dict[str, str]]]:
    """Every list, board, figure and feed of the route table, with the filters that might tell."""
    head = str(here.office.reader.head()[0])
    paths: list[tuple[str, dict[str, str]]] = []
    for row in ROUTES:
        method, rule = row.split(" ")
        if method != "GET" or "<stream>" in rule or "receipt" in rule or about(rule) == "files":
            continue
        for village in (VILLAGE, FAR) if "<code>" in rule else ("",):
            path = rule.replace("<code>", village)
            if "<figure>" in path:
                paths += [
                    (path.replace("<figure>", one.name), {"village": VILLAGE} if "village" in one.takes else {})
                    for one in FIGURES.values()
                    if not one.needs and not path.endswith("/events")
                ]
            elif "<" not in path:
                more = {"begin": "2020-01-01", "end": "2030-12-31"} if path.endswith("periods") else {}
                paths.append((path, more))
    for target in here.targets:
        for name, query in (
            ("beneficiaries", {"tier": str(target.tier)}),
            ("beneficiaries", {"village": target.village}),
            ("cases", {"beneficiary": target.ids["beneficiaries"]}),
            ("cases", {"village": target.village}),
            ("referrals", {"case": target.ids["cases"]}),
            ("referrals", {"village": target.village, "destination_kind": "puskesmas"}),
            ("caseload", {"worker": here.actors["worker"].account}),
            ("figures/board.open_cases", {"village": target.village}),
            ("figures/board.people.tier_3", {"village": target.village}),
        ):
            paths.append((f"/api/v1/{name}", query))
    paths += [("/api/v1/beneficiaries", {"type": type}) for type in ("orang_dengan_hiv", "anak_korban_kekerasan")]
    past = [(path, {**query, "as_of": head}) for path, query in paths if "events" not in path and "codes" not in path]
    return paths + past


def listing(here: Situations) -> tuple[int, int]:
    """Every list, board, figure and feed; gives how many cells, and how many were answered with something."""
    cells = answered = 0
    for actor, asking in here.actors.items():
        for path, query in _asked(here):
            answer = asking.get(path, **query)
            text = answer.get_data(as_text=True)
            cells += 1
            answered += answer.status_code == 200
            assert answer.status_code in (200, 403, 404, 422), (actor, path, query)
            assert leaks(text, actor, here.targets) == [], (actor, path, query)
            asked_for = set(query.values())
            told = [id for id in ids_of_the_hidden(text, actor, here.targets) if id not in asked_for]
            assert told == [], (actor, path, query)
            for type in ("orang_dengan_hiv", "korban_kekerasan"):
                if actor not in ("supervisor", "worker") and not any(one in path for one in OF_TYPES):
                    assert type not in re.sub(r"<option [^>]*>", "", text), (actor, path, query)  # what a form offers
    return cells, answered


@pytest.mark.trial
def test_no_list_count_figure_or_feed_tells_of_somebody_out_of_sight(here: Situations, trial: Trial) -> None:
    cells, answered = listing(here)
    trial.count(cells=cells, answered_with_something=answered)
    assert cells > 2000
    assert answered > 800


def searching(here: Situations) -> int:
    """Everybody searched for by name, number and year; gives how many cells."""
    cells, head = 0, str(here.office.reader.head()[0])
    for actor, asking in here.actors.items():
        for target in here.targets:
            for asked in (
                {"name": f"{target.words[0]} Xylo"},
                {"nik": target.words[1]},
                {"nik": target.words[1][-6:]},
                {"birth_year": 2014 if target.kind == "child" else 1990, "village": target.village},
            ):
                for when in ({}, {"as_of": head}):
                    answer = asking.post("/api/v1/people/search", {**asked, **when})
                    cells += 1
                    assert leaks(answer.text, actor, here.targets) == [], (actor, asked)
                    rank = level(actor, "beneficiaries", target)
                    if rank in ("absent", "bare") and answer.status_code == 200:
                        assert target.ids["beneficiaries"] not in answer.text, (actor, asked)
    return cells


@pytest.mark.trial
def test_no_search_finds_somebody_out_of_sight(here: Situations, trial: Trial) -> None:
    cells = searching(here)
    trial.count(cells=cells)
    assert cells > 800


def entering(here: Situations) -> int:
    """Status and body of a refusal are the same whatever is asked for, and it comes before the body is looked at."""
    cells = 0
    rules = next(iter(here.actors.values())).client.application.url_map
    for actor, asking in here.actors.items():
        who = here.office.identity.bearer(asking.token)
        assert who is not None
        for row in ROUTES:
            method, rule = row.split(" ")
            if may_enter(who, method, rule):
                continue
            texts = set()
            for target in [None, *here.targets[:4]]:
                for body in ({}, {"entah": 1}):
                    path = filled(rule, target.ids["cases"] if target else new_id())
                    answer = asking.client.open(
                        path, method=method, json=body, headers={"Authorization": f"Bearer {asking.token}"}
                    )
                    assert answer.status_code == 403, (actor, row)
                    texts.add(str(said(answer)))
                    cells += 1
            assert len(texts) == 1, (actor, row)
    assert len(list(rules.iter_rules())) > len(ROUTES)
    return cells


@pytest.mark.trial
def test_nobody_enters_a_route_without_any_of_its_actions(here: Situations, trial: Trial) -> None:
    cells = entering(here)
    trial.count(cells=cells)
    assert cells > 5000


def test_a_partner_reads_and_answers_what_is_addressed_to_it_and_nothing_else(here: Situations) -> None:
    partner = here.actors["mitra"]
    assert [row["id"] for row in partner.data("/api/v1/referrals")] == [here.addressed]
    told = partner.data(f"/api/v1/referrals/{here.addressed}")
    assert (told["person"], told["sight"], told["destination"]) == (None, "none", "Puskesmas Limboto")
    assert leaks(str(told), "mitra", here.targets) == []
    assert partner.post(f"/api/v1/referrals/{here.addressed}/withdrawal", {"channel": "telepon"}).status_code == 403
    before = here.office.reader.head()[0]
    for target in here.targets:
        path = f"/api/v1/referrals/{target.ids['referrals']}/acceptance"
        nothing = partner.post(path.replace(target.ids["referrals"], new_id()), {"channel": "telepon"})
        assert said(partner.post(path, {"channel": "telepon"})) == said(nothing)
    assert here.office.reader.head()[0] == before


def test_a_sample_holds_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    there = Situations(tmp_path, postgres_url)
    test_whoever_may_see_somebody_in_full_does(there)
    assert searching(there) > 800
    test_a_case_is_opened_for_nobody_out_of_reach(there)
    there.office.close()
