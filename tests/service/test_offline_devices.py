"""Devices that keep an outbox: made ready and revoked by somebody, and worthless at once when they are lost."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from domain.beneficiary import Beneficiary
from service.log.ids import new_id
from service.office import Office
from tests.service.destroyed import decided, lived, make
from tests.service.destroyers import destroy
from tests.service.offices import Asking, Clock, application, make_office, record
from tests.service.test_api_cases import opening
from tests.service.test_outbox import Phone, handed_in, registering

Client = Callable[[str], Asking]


def test_a_lost_phone_is_worth_nothing_once_it_is_revoked(office: Office, client: Client) -> None:
    owner = client("psm")
    phone, lost = Phone(owner), Phone(owner)
    somebody = owner.done("/api/v1/beneficiaries", registering())["id"]
    waiting = lost.entry("case.open", opening(somebody))
    assert phone.owner.post(f"/api/v1/offline-devices/{lost.id}/secrets").get_json() == lost.secrets
    assert client("tksk").person().post(f"/api/v1/offline-devices/{lost.id}/secrets").status_code == 404
    at = f"/api/v1/accounts/{owner.account}/offline-devices"
    assert client("tksk").person().delete(f"{at}/{lost.id}").status_code == 403
    assert phone.owner.delete(f"{at}/{lost.id}").status_code == 204
    told = handed_in(office, waiting)
    assert (told[0]["status"], told[0]["rule"]) == (401, "device_revoked")
    assert phone.owner.post(f"/api/v1/offline-devices/{lost.id}/secrets").get_json()["rule"] == "device_revoked"
    stranger = application(office).test_client()
    for device, secret, standing in (
        (lost, lost.secrets["secret"], "revoked"),
        (phone, phone.secrets["secret"], "holds"),
        (phone, lost.secrets["secret"], "unknown"),
    ):
        told = stranger.post(f"/api/v1/offline-devices/{device.id}/standing", json={"secret": secret})
        assert told.get_json()["standing"] == standing
    assert handed_in(office, phone.entry("case.open", opening(somebody)))[0]["status"] == 201
    assert client("admin").delete(f"{at}/{phone.id}").status_code == 204
    assert client("admin").delete(f"{at}/{phone.id}").status_code == 404, "it was revoked before"
    assert {one["id"]: bool(one["revoked"]) for one in phone.owner.get(at).get_json()} == {
        phone.id: True,
        lost.id: True,
    }


def test_a_phone_that_holds_is_told_whom_it_must_forget(tmp_path: Path, database_url: str) -> None:
    here = make(tmp_path, database_url)
    one, two = lived(here, [1, 2])
    phone, lost = Phone(Asking(here, "psm")), Phone(Asking(here, "tksk"))

    def told(of: Phone, known: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
        asked = {"secret": of.secrets["secret"], **known}
        answer = application(here).test_client().post(f"/api/v1/offline-devices/{of.id}/standing", json=asked)
        assert [somebody for somebody in (one, two) if somebody in answer.text] == [], "a number is told to nobody"
        said = answer.get_json()
        return said["destroyed"], {"since": said["position"], "leaf": said["leaf"]}

    def meant(*people: str) -> list[str]:
        """What is said of people to the phone, which knows their numbers."""
        secret = phone.secrets["secret"]
        return sorted(b64encode(sha256((secret + somebody).encode()).digest()).decode() for somebody in people)

    none, first = told(phone, {})
    assert (none, first["since"]) == ([], here.reader.head()[0])
    destroy(here, decided(here, [one]))
    found, second = told(phone, first)
    assert found == meant(one)
    assert told(phone, second)[0] == []
    destroy(here, decided(here, [two]))
    assert told(phone, second)[0] == meant(two)
    assert told(phone, {})[0] == meant(one, two)
    put_back = {"since": second["since"], "leaf": first["leaf"]}
    for other in ({"since": 10**6, "leaf": second["leaf"]}, put_back, {"since": second["since"]}):
        assert told(phone, other)[0] == meant(one, two), "a log that was put back is told of from its beginning"
    assert lost.owner.delete(f"/api/v1/accounts/{lost.owner.account}/offline-devices/{lost.id}").status_code == 204
    assert told(lost, {}) == ([], {"since": 0, "leaf": ""}), "whoever found it is told of nobody"
    here.views.store.close()
    here.close()


def test_a_phone_of_an_account_that_was_closed_no_longer_holds(office: Office, client: Client) -> None:
    owner = client("psm")
    phone = Phone(owner)
    somebody = owner.done("/api/v1/beneficiaries", registering())["id"]
    stranger = application(office).test_client()

    def standing() -> str:
        told = stranger.post(f"/api/v1/offline-devices/{phone.id}/standing", json={"secret": phone.secrets["secret"]})
        return str(told.get_json()["standing"])

    assert standing() == "holds"
    client("admin").done(f"/api/v1/accounts/{owner.account}/closure", {})
    assert standing() == "unknown", "after some days without a good word it keeps nothing"
    assert handed_in(office, phone.entry("case.open", opening(somebody)))[0]["rule"] == "device_unknown"


def test_a_phone_is_told_whether_its_owner_is_signed_in_on_it(tmp_path: Path, database_url: str) -> None:
    """That alone prolongs what it may show; and to ask keeps no session awake."""
    clock = Clock()
    here = make_office(tmp_path, database_url, now=clock)
    phone, other = Phone(Asking(here, "psm")), Asking(here, "tksk").person()

    def told(cookie: str) -> Any:
        stranger = application(here).test_client()
        stranger.set_cookie("wahana-session", cookie)
        asked = {"secret": phone.secrets["secret"]}
        answer = stranger.post(f"/api/v1/offline-devices/{phone.id}/standing", json=asked).get_json()
        assert answer["standing"] == "holds"
        return answer["signed_in"]

    assert [told(cookie) for cookie in (phone.owner.token, other.token, "")] == [True, False, False]
    clock.wait(minutes=50)
    assert told(phone.owner.token) is True
    clock.wait(minutes=11)
    assert told(phone.owner.token) is False, "an hour without a request"
    again = phone.owner.person()
    assert told(again.token) is True
    here.identity.sign_out_everywhere(phone.owner.account)
    assert told(again.token) is False
    here.views.store.close()
    here.close()


def test_who_made_a_device_ready_and_who_revoked_it_stands_in_the_log(office: Office, client: Client) -> None:
    owner, admin = client("psm"), client("admin")
    phone, lost = Phone(owner), Phone(owner)
    at = f"/api/v1/accounts/{owner.account}/offline-devices"
    assert phone.owner.delete(f"{at}/{phone.id}").status_code == 204
    assert admin.delete(f"{at}/{lost.id}").status_code == 204
    events = office.log.history(owner.account)[-4:]
    assert [(one.topic, one.handset, one.by, getattr(one, "how", "")) for one in events] == [
        ("account.device_prepared", phone.id, owner.account, ""),
        ("account.device_prepared", lost.id, owner.account, ""),
        ("account.device_revoked", phone.id, owner.account, "own"),
        ("account.device_revoked", lost.id, admin.account, "operator"),
    ]
    text = "".join(text for (text,) in office.database.rows("SELECT text FROM events"))
    assert phone.secrets["secret"] not in text
    assert phone.secrets["storage"] not in text


def test_a_revocation_that_was_cut_short_is_finished_when_it_is_said_again(office: Office, client: Client) -> None:
    """The table comes first, so that it counts at once; without its event it is still told of when it is repeated."""
    phone = Phone(client("psm"))
    assert office.identity.means.offline.revoke(phone.owner.account, phone.id, 1)
    at = f"/api/v1/accounts/{phone.owner.account}/offline-devices/{phone.id}"
    assert phone.owner.delete(at).status_code == 204
    assert office.log.history(phone.owner.account)[-1].topic == "account.device_revoked"
    assert phone.owner.delete(at).status_code == 404


def test_only_a_revoked_device_is_told_to_forget(office: Office, client: Client) -> None:
    """After a backup older than the device, after three months, or while its account may do nothing, entries are kept."""
    owner = client("psm")
    phone = Phone(owner)
    entry = phone.entry("beneficiary.register", registering())
    means = office.identity.means
    later = means.milliseconds() + 91 * 86_400_000
    assert means.offline.standing(phone.id, phone.secrets["secret"], later) == "unknown"
    assert means.offline.holder(phone.id, phone.secrets["secret"], later) is None
    client("admin").done(f"/api/v1/accounts/{owner.account}/closure", {})
    assert handed_in(office, entry)[0]["rule"] == "device_unknown"
    client("admin").done(f"/api/v1/accounts/{owner.account}/reopening", {})
    office.database.rows("DELETE FROM offline_devices WHERE id = :id", id=phone.id)
    assert handed_in(office, entry)[0]["rule"] == "device_unknown"


def test_a_reset_password_ends_devices_and_a_reading_by_outbox_is_in_the_trail(office: Office, client: Client) -> None:
    owner = client("psm")
    phone = Phone(owner)
    twin = owner.done("/api/v1/beneficiaries", registering())["id"]
    protected = {"on": date(2026, 3, 2), "classification": new_id(), "type": "fakir_miskin", "tier": 2}
    record(office, lambda decision: decision.load(Beneficiary, twin).classify(**protected, assessor="penyiap"))
    office.views.catch_up(bounded=False)
    head = office.reader.head()[0]
    told = handed_in(office, phone.entry("beneficiary.register", registering()), cookie=phone.owner.token)
    assert twin in str(told[0]["errors"])
    read = office.database.rows("SELECT topic FROM events WHERE position > :head", head=head)
    assert [topic for (topic,) in read] == ["reading.made"]
    office.identity.means.offline.revoke_all(owner.account, 1)
    assert handed_in(office, phone.entry("beneficiary.register", registering()))[0]["rule"] == "device_revoked"
