"""The pages of supervision: what is late and what waits, and handing cases over."""

import gzip
import re
from collections.abc import Callable

import msgspec

from service.office import Office
from tests.service.offices import VILLAGE, Asking, person
from tests.service.test_api_cases import DAY, assessed, goal, opened, opening
from tests.service.test_api_wksbm import MEMBERS, SK, formed
from tests.service.web_office import filled, page, sent, told
from tests.service.web_office import opened as asked_for

Client = Callable[[str], Asking]


def test_a_supervisor_sees_who_carries_how_much_and_what_is_late(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    case = opened(office, worker)
    html = page(supervisor, "/pengawasan")
    assert re.search(r'tag bad"><a class="why" [^>]+>1</a>', html), "one is late"
    assert "Warga Uji" in html
    assert f"/pengawasan/alih?dari={worker.account}" in html
    html = page(supervisor, "/pengawasan", pekerja=client("psm").account)
    assert "Warga Uji" not in html
    worker.done(f"/api/v1/cases/{case}/closure", {"reason": "tujuan_tercapai", "outcome": "tercapai", "on": DAY})
    assert "Warga Uji" not in page(supervisor, "/pengawasan")


def test_the_first_page_says_what_waits_in_counts_that_open_nobodys_record(office: Office, client: Client) -> None:
    worker, supervisor, auditor = client("tksk"), client("supervisor"), client("auditor")
    opened(office, worker, tier=2)
    opened(office, worker)
    before = supervisor.get("/api/v1/caseload").get_json()["position"]
    hers, all_of_them = told(page(worker, "/")), told(page(supervisor, "/"))
    assert "Kasus Anda terlambat 2" in hers
    assert "Kasus Anda berjalan 2" in hers
    assert "Kasus terlambat 2" in all_of_them
    assert "Rencana menunggu persetujuan 0" in all_of_them
    assert "Kasus Anda berjalan" not in told(page(auditor, "/"))
    assert supervisor.get("/api/v1/caseload").get_json()["position"] == before, "no reading was entered"


def test_those_that_are_late_longest_stand_first(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    urgent, usual = opened(office, worker, urgency="darurat"), opened(office, worker, urgency="biasa")
    late = supervisor.data("/api/v1/cases/waiting")["late"]
    assert [one["id"] for one in late] == [urgent, usual]
    html = page(supervisor, "/pengawasan")
    assert html.index(urgent) < html.index(usual)


def test_a_plan_that_waits_is_approved_from_the_page(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    case = assessed(office, worker)
    assert "/catat/case.approve_plan" not in page(supervisor, "/pengawasan")
    worker.done(f"/api/v1/cases/{case}/plans", {"goals": [goal(worker.account)], "on": DAY})
    assert "/catat/case.approve_plan" not in page(supervisor, "/pengawasan"), "its assessment waits"
    supervisor.done(f"/api/v1/cases/{case}/assessment-approval")
    html = page(supervisor, "/pengawasan")
    [link] = re.findall(r'href="(/catat/case.approve_plan[^"]*)"', html)
    answer = filled(supervisor, link)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert supervisor.data(f"/api/v1/cases/{case}")["plan_in_force"] == 1
    assert "/catat/case.approve_plan" not in page(supervisor, "/pengawasan")


def test_the_head_of_office_sees_no_case_and_the_past_has_no_links_to_record(office: Office, client: Client) -> None:
    worker, head = client("tksk"), client("kepala_dinas")
    case = assessed(office, worker)
    worker.done(f"/api/v1/cases/{case}/plans", {"goals": [goal(worker.account)], "on": DAY})
    html = page(head, "/pengawasan")
    assert "Warga Uji" not in html
    assert "case.approve_plan" not in html
    assert asked_for(worker, "/pengawasan").status_code == 403
    supervisor = client("supervisor")
    position = supervisor.get("/api/v1/caseload").get_json()["position"]
    html = page(supervisor, "/pengawasan", posisi=position)
    assert "Warga Uji" in html
    assert "/catat/" not in html
    assert "/pengawasan/alih" not in html


def test_an_emergency_is_reviewed_by_somebody_else_than_its_holder(office: Office, client: Client) -> None:
    supervisor, head = client("supervisor"), client("kepala_dinas")
    someone = person(office)
    access = supervisor.done("/api/v1/emergencies", {"beneficiary": someone, "reason": "Demam tinggi"})["id"]
    own = page(supervisor, "/pengawasan")
    assert "ditinjau oleh orang lain" in own
    assert "/catat/emergency.review" not in own
    html = page(head, "/pengawasan")
    assert "Demam tinggi" in html
    assert f"/catat/emergency.review?kembali=/pengawasan&amp;stream={access}" in html
    head.done(f"/api/v1/emergencies/{access}/review", {"justified": True})
    assert "Demam tinggi" not in page(head, "/pengawasan")


def test_bodies_whose_decree_has_run_out_stand_on_the_page(client: Client) -> None:
    supervisor = client("supervisor")
    wksbm = formed(supervisor)
    assert "WKSBM Huyula" not in page(supervisor, "/pengawasan")
    supervisor.done(f"/api/v1/wksbm/{wksbm}/board", {"members": MEMBERS, "term_from": SK["on"], "on": SK["on"]})
    supervisor.done(f"/api/v1/wksbm/{wksbm}/ratification", SK)
    html = page(supervisor, "/pengawasan")
    assert "WKSBM Huyula" in html
    assert "31 Jul 2024" in html
    assert f"/desa/{VILLAGE}" in html


def handed(html: str) -> list[str]:
    """The cases that the form offers."""
    return re.findall(r'type="checkbox" name="kasus" value="([^"]+)"', html)


def seen_in(html: str) -> dict[str, str]:
    """What the form says of itself: the seed of its keys, and up to where the log was read."""
    return dict(re.findall(r'name="(benih|tampak)" value="([^"]+)"', html))


def test_chosen_cases_change_hands_and_a_refused_one_says_why(office: Office, client: Client) -> None:
    worker, other, supervisor = client("tksk"), client("psm"), client("supervisor")
    first, second, third = (opened(office, worker) for _ in range(3))
    html = page(supervisor, "/pengawasan/alih", dari=worker.account)
    tickets = {ticket.split()[0]: ticket for ticket in handed(html)}
    assert set(tickets) == {first, second, third}
    ending = {"reason": "tujuan_tercapai", "outcome": "tercapai", "on": DAY}
    worker.done(f"/api/v1/cases/{second}/closure", ending)  # while the form was open
    form = {
        "dari": worker.account,
        "ke": other.account,
        "kasus": [tickets[first], tickets[second]],
        "apa": "pilihan",
        **seen_in(html),
    }
    answer = sent(supervisor, "/pengawasan/alih", **form)
    said = told(answer.get_data(as_text=True))
    assert "1 dari 2 kasus dialihkan kepada psm" in said
    assert supervisor.refused(f"/api/v1/cases/{second}/transfer", {"worker": other.account}) == "case_is_terminated"
    assert "Ditolak Kasus ini sudah" in said
    holders = [supervisor.data(f"/api/v1/cases/{case}")["worker"] for case in (first, second, third)]
    assert holders == [other.account, worker.account, worker.account]
    again = told(sent(supervisor, "/pengawasan/alih", **form).get_data(as_text=True))
    assert "1 dari 2 kasus dialihkan" in again, "sent twice, recorded once"


def test_all_cases_change_hands_at_once(office: Office, client: Client) -> None:
    worker, other, supervisor = client("tksk"), client("psm"), client("supervisor")
    cases = [opened(office, worker) for _ in range(2)]
    html = page(supervisor, "/pengawasan/alih", dari=worker.account)
    sent(supervisor, "/pengawasan/alih", dari=worker.account, ke=other.account, **seen_in(html), apa="semua")
    assert {supervisor.data(f"/api/v1/cases/{case}")["worker"] for case in cases} == {other.account}
    assert "tidak memegang kasus" in page(supervisor, "/pengawasan/alih", dari=worker.account)


def test_cases_that_nobody_works_on_are_assigned_at_once(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    cases = [worker.done("/api/v1/cases", opening(person(office)))["id"] for _ in range(2)]
    board = page(supervisor, "/pengawasan")
    assert re.search(r'href="/pengawasan/alih\?dari=-">Tugaskan<', board)
    html = page(supervisor, "/pengawasan/alih", dari="-")
    assert {ticket.split()[0] for ticket in handed(html)} == set(cases)
    answer = sent(supervisor, "/pengawasan/alih", dari="-", ke=worker.account, **seen_in(html), apa="semua")
    assert "2 dari 2 kasus ditugaskan kepada tksk" in told(answer.get_data(as_text=True))
    assert {supervisor.data(f"/api/v1/cases/{case}")["worker"] for case in cases} == {worker.account}
    topics = {event.topic for case in cases for event in office.log.history(case)}
    assert topics == {"case.opened", "case.assigned"}
    assert "sudah ada petugasnya" in page(supervisor, "/pengawasan/alih", dari="-")


def test_many_cases_are_shown_in_parts_and_change_hands_together(office: Office, client: Client) -> None:
    worker, other, supervisor = client("tksk"), client("psm"), client("supervisor")
    cases = {opened(office, worker) for _ in range(103)}
    parts = [page(supervisor, "/pengawasan/alih", dari=worker.account, hal=n) for n in ("1", "2")]
    shown = [{ticket.split()[0] for ticket in handed(html)} for html in parts]
    assert [len(part) for part in shown] == [100, 3]
    assert all(len(gzip.compress(html.encode(), 5)) < 10_000 for html in parts)
    assert shown[0] | shown[1] == cases
    late = opened(office, worker)
    form = {"dari": worker.account, "ke": other.account, "apa": "semua", **seen_in(parts[1])}
    said = told(sent(supervisor, "/pengawasan/alih", **form).get_data(as_text=True))
    assert "103 dari 103 kasus dialihkan kepada psm" in said
    assert said.count("Dialihkan") == 103, "a result for each"
    assert supervisor.data(f"/api/v1/cases/{late}")["worker"] == worker.account, "nobody saw that one"
    again = told(sent(supervisor, "/pengawasan/alih", **form).get_data(as_text=True))
    assert "103 dari 103" in again, "sent twice, recorded once"


def test_nobody_is_given_more_cases_than_the_office_lets_one_carry(office: Office, client: Client) -> None:
    worker, other, supervisor = client("tksk"), client("psm"), client("supervisor")
    cases = [opened(office, worker) for _ in range(3)]
    office.config = msgspec.structs.replace(office.config, caseload_most=2)
    html = page(supervisor, "/pengawasan/alih", dari=worker.account)
    said = told(
        sent(
            supervisor, "/pengawasan/alih", dari=worker.account, ke=other.account, **seen_in(html), apa="semua"
        ).get_data(as_text=True)
    )
    assert "2 dari 3 kasus dialihkan kepada psm" in said
    assert "sebanyak batas yang ditetapkan dinas" in said
    assert "2 / 2 penuh" in told(page(supervisor, "/pengawasan"))
    [kept] = [case for case in cases if supervisor.data(f"/api/v1/cases/{case}")["worker"] == worker.account]
    assert supervisor.refused(f"/api/v1/cases/{kept}/transfer", {"worker": other.account}) == "caseload_full"
    opened(office, other)  # nobody who helps is held back by a number
    assert supervisor.data("/api/v1/caseload")["most"] == 2


def test_without_a_receiver_nothing_is_recorded_and_what_was_ticked_stays(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    case = opened(office, worker)
    [ticket] = handed(page(supervisor, "/pengawasan/alih", dari=worker.account))
    answer = sent(supervisor, "/pengawasan/alih", dari=worker.account, ke="", kasus=ticket, apa="pilihan")
    assert answer.status_code == 422
    html = answer.get_data(as_text=True)
    assert "Pilih petugas yang menerima." in html
    assert re.search(rf'value="{case} [^"]*" checked', html)
    answer = sent(supervisor, "/pengawasan/alih", dari=worker.account, ke=client("psm").account, apa="pilihan")
    assert "Pilih paling sedikit satu kasus." in answer.get_data(as_text=True)
    assert supervisor.data(f"/api/v1/cases/{case}")["worker"] == worker.account
    assert asked_for(client("kepala_dinas"), "/pengawasan/alih").status_code == 403


def test_two_answers_about_a_risk_wait_on_the_page(office: Office, client: Client) -> None:
    worker, desk, supervisor = client("psm"), client("peksos"), client("supervisor")
    case = assessed(office, worker)
    at = f"/api/v1/cases/{case}"
    assert "Tidak ada jawaban yang berbeda." in told(page(supervisor, "/pengawasan"))
    seen = {"If-Match": worker.get(at).headers["ETag"]}
    desk.done(f"{at}/risk", {"risk": "rendah", "reason": "Membaik", "on": DAY})
    worker.done(f"{at}/risk", {"risk": "darurat", "reason": "Sendirian", "on": DAY, "source": "offline"}, **seen)
    html = page(supervisor, "/pengawasan")
    assert "Rendah / Darurat" in told(html)
    assert "Tidak ada jawaban yang berbeda." not in told(html)
    assert f"/kasus/{case}" in html


def test_a_day_for_many_is_recorded_from_where_many_are_listed(client: Client) -> None:
    for role, path in (("supervisor", "/pengawasan"), ("supervisor", "/desa"), ("tksk", "/desa")):
        html = page(client(role), path)
        assert "/catat/wksbm.conduct_coaching_day" in html, path
        assert "/catat/wksbm.hold_socialization_day" in html, path
    assert "_day" not in page(client("psm"), "/desa")
    asked = page(client("tksk"), "/catat/wksbm.hold_socialization_day")
    assert "Sedikitnya satu WKSBM: yang sudah ada, atau yang dimulai hari itu." in asked


def test_an_assessment_and_an_end_that_wait_are_decided_from_the_page(office: Office, client: Client) -> None:
    worker, supervisor = client("tksk"), client("supervisor")
    case = assessed(office, worker)
    ending = {"reason": "menolak", "outcome": "sebagian", "on": DAY}
    worker.done(f"/api/v1/cases/{case}/closure", ending)
    first = told(page(supervisor, "/"))
    assert "Asesmen menunggu persetujuan 1" in first
    assert "Pengakhiran menunggu persetujuan 1" in first
    html = page(supervisor, "/pengawasan")
    for place in ("asesmen", "pengakhiran"):
        assert f'<a href="#{place}">' in html
        assert f'<section id="{place}">' in html
    for form in ("case.approve_assessment", "case.approve_closure"):
        [link] = re.findall(rf'href="(/catat/{form}[^"]*)"', page(supervisor, "/pengawasan"))
        assert filled(supervisor, link).status_code == 303
        assert f"/catat/{form}" not in page(supervisor, "/pengawasan")
    assert supervisor.data(f"/api/v1/cases/{case}")["open"] is False
