"""What is recorded on two streams is withdrawn on both or not at all."""

from collections.abc import Callable

from service.office import Office
from tests.service.offices import Asking
from tests.service.test_api_referrals import opened, sent

BODY = {"reason": "salah catat", "requested_by": "pencatat"}


def test_a_rejection_entered_in_error_is_withdrawn_and_the_case_knows_of_an_open_referral_again(
    office: Office, client: Callable[[str], Asking]
) -> None:
    worker, supervisor = client("peksos"), client("supervisor")
    case = opened(office, worker)
    referral = sent(worker, case)
    at = f"/api/v1/referrals/{referral}"
    ended = worker.done(f"{at}/rejection", {"channel": "telepon", "reason": "penuh"})
    assert worker.data(f"/api/v1/cases/{case}")["open_referrals"] == 0
    withdrawn = supervisor.done(f"/api/v1/streams/{referral}/retractions", {**BODY, "target": ended["version"]})
    assert [event["stream"] for event in withdrawn["events"]] == [referral, case]
    assert worker.data(at)["open"] is True
    assert worker.data(f"/api/v1/cases/{case}")["open_referrals"] == 1
    worker.done(f"{at}/completion", {"channel": "telepon", "outcome": "tertangani"})
    assert worker.data(f"/api/v1/cases/{case}")["open_referrals"] == 0


def test_half_of_a_pair_is_not_withdrawn_alone(office: Office, client: Callable[[str], Asking]) -> None:
    worker, supervisor = client("peksos"), client("supervisor")
    case = opened(office, worker)
    sent(worker, case)
    version = office.log.version(case)
    assert supervisor.refused(f"/api/v1/streams/{case}/retractions", {**BODY, "target": version}) == "half_of_a_pair"
