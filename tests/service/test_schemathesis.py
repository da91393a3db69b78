"""The API against its own description: whatever is sent, no 5xx and no answer that is not described.

Cases are made by schemathesis from /openapi.json, half of them to the letter and half of them against it, and sent by
somebody who holds every role. Ids in addresses are now and then those of records that are there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from domain.account import ROLES, Account
from service.api.documents import description
from service.log.ids import new_id
from service.office import Office
from tests.service.offices import BEGINNING, VILLAGE, Asking, person, record
from tests.service.test_api_cases import assessed, opened
from tests.service.test_api_referrals import sent
from tests.service.test_api_wksbm import formed
from tests.trials.plugin import Trial

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")  # the pieces of tus
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
Client = Callable[[str], Asking]


def somebody_of_every_role(office: Office) -> Asking:
    """One account that may do whatever any account may do."""
    who = Asking(office, "supervisor")

    def decide(decision: Any) -> None:
        account = decision.load(Account, who.account)
        for role in sorted(set(ROLES.versions[-1].codes) - {"supervisor"}):
            account.grant_role(
                on=BEGINNING, grant=new_id(), role=role, title=role, areas=(VILLAGE[:8],), valid_from=BEGINNING
            )

    record(office, decide)
    return who


def known_records(office: Office, client: Client) -> list[str]:
    """Ids of a person, a case with a plan's ground, a referral, a WKSBM, a KPS, an incident."""
    worker = client("tksk")
    case = assessed(office, worker)
    kps = client("supervisor").done("/api/v1/kps", {"village": VILLAGE, "kind": "arisan", "name": "Melati"})["id"]
    flood = {"kind": "banjir", "name": "Banjir Limboto", "struck_on": "2026-01-02", "villages": [VILLAGE]}
    incident = client("supervisor").done("/api/v1/incidents", flood)["id"]
    return [
        person(office),
        person(office, tier=3),
        case,
        opened(office, client("peksos"), tier=3),
        sent(worker, case),
        formed(client("supervisor")),
        str(kps),
        str(incident),
    ]


def operations(who: Asking) -> Iterator[Any]:
    schema = schemathesis.openapi.from_wsgi("/openapi.json", who.client.application)
    for found in schema.get_all_operations():
        yield found.ok()


def ask(operation: Any, who: Asking, known: list[str], examples: int, number: int, counts: Counter[str]) -> None:
    """Send cases of one operation and hold the answers against the description."""
    headers = {"Authorization": f"Bearer {who.token}"}
    either = st.sampled_from(MODES).flatmap(lambda mode: operation.as_strategy(generation_mode=mode))

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(case=either, choice=st.sampled_from([None, *known]))
    def cases(case: Any, choice: str | None) -> None:
        if choice is not None and case.path_parameters and "stream" in case.path_parameters:
            case.path_parameters["stream"] = choice
        answer = case.call(headers=headers)
        counts[f"{answer.status_code // 100}xx"] += 1
        case.validate_response(answer, checks=CHECKS, headers=headers)

    cases()


@pytest.mark.trial
def test_whatever_is_sent_no_5xx_and_no_answer_that_is_not_described(
    office: Office, client: Client, trial: Trial
) -> None:
    known = known_records(office, client)
    who = somebody_of_every_role(office)
    found = list(operations(who))
    examples = max(2, trial.size(300, 5_500) // len(found))
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for number, operation in enumerate(found):
        try:
            ask(operation, who, known, examples, trial.seed + number, counts)
        except Exception as error:
            found_wrong = "\n".join(str(one) for one in getattr(error, "exceptions", [error]))
            wrong.append(f"{operation.method.upper()} {operation.path}: {found_wrong}")
    trial.count(operations=len(found), cases=sum(counts.values()), **{f"answers_{k}": v for k, v in counts.items()})
    assert wrong == [], "\n\n".join(wrong)
    assert sum(counts.values()) >= trial.size(200, 5_000)
    assert counts["2xx"] > 0
    assert counts["4xx"] > 0


def test_the_description_is_openapi_3_1(office: Office, client: Client) -> None:
    document = description(client("tksk").client.application.extensions["openapi"])
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert client("tksk").get("/openapi.json").get_json() == document
