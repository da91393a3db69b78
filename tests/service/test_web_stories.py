"""What was recorded reads as a story: people and officers by name, never by the number of a record."""

import re
from collections.abc import Callable

from service.office import Office
from service.web.around import ID
from tests.service.offices import VILLAGE, Asking
from tests.service.test_api_cases import DAY, opening
from tests.service.test_api_referrals import sent
from tests.service.web_office import page, told
from tests.service.web_pages import PEOPLE, registered

Client = Callable[[str], Asking]


def stories(who: Asking, path: str) -> str:
    """What stands in the stories of a page, as it is read."""
    found = re.findall(r'<ol class="(?:story|rail)">(.*?)</ol>', page(who, path), re.DOTALL)
    assert found, "a story"
    return told(" ".join(found))


def test_a_family_and_each_record_of_a_double_one_is_called_by_name(client: Client) -> None:
    psm = client("psm")
    family = registered(psm, {"head": "Ismail Djafar"}, kind="family")
    wife, twin = registered(psm), registered(psm, {"name": "Hasna Lamusu"})
    joining = {"family": family, "relation": "istri"}
    psm.done(f"{PEOPLE}/{wife}/family-memberships", joining)
    assert "Siti Rachmawaty Djafar: Masuk keluarga Ismail Djafar sebagai istri." in stories(psm, f"/warga/{family}")
    psm.done(f"{PEOPLE}/{twin}/duplicate-links", {"primary": wife, "grounds": ["nama_mirip"], "reason": "KTP sama"})
    for record in (family, wife, twin):
        assert not ID.search(stories(psm, f"/warga/{record}"))
    assert "ganda dari catatan Siti Rachmawaty Djafar" in stories(psm, f"/warga/{twin}")


def test_a_case_says_to_whom_it_was_given(office: Office, client: Client) -> None:
    mine, other = client("peksos"), Asking(office, "tksk", (VILLAGE,))
    case = mine.done("/api/v1/cases", opening(registered(mine)))["id"]
    mine.done(f"/api/v1/cases/{case}/assignment", {"worker": mine.account, "on": DAY})
    request = {"worker": other.account, "reason": "Pindah tugas", "on": DAY}
    mine.done(f"/api/v1/cases/{case}/transfer-request", request)
    said = stories(mine, f"/kasus/{case}")
    assert "Kasus ditugaskan kepada peksos." in said
    assert "Pengalihan kasus kepada tksk diminta" in said


def test_the_way_of_a_referral_says_who_took_each_step(office: Office, client: Client) -> None:
    worker, volunteer = client("peksos"), client("psm")
    case = worker.done("/api/v1/cases", opening(registered(worker)))["id"]
    worker.done(f"/api/v1/cases/{case}/assignment", {"worker": worker.account, "on": DAY})
    referral = sent(worker, case)
    for who in (client("kades"), volunteer, client("supervisor")):
        assert "etugas lain" not in stories(who, f"/rujukan/{referral}")
