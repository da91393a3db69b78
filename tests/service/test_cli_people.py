"""What the operator does at the machine about how people sign in. Each of it is in the log as hers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.office import Office
from tests.service.offices import PASSWORD, Asking, settings_of

Client = Callable[[str], Asking]
Run = Callable[..., Result]


@pytest.fixture
def run(office: Office, tmp_path: Path) -> Run:
    """``run("user", "sessions", …)``: the command, on the office of this test."""

    def command(*words: str, sent: str = "") -> Result:
        return CliRunner().invoke(main, words, env=settings_of(tmp_path), input=sent)

    return command


def last(office: Office, who: Asking) -> tuple[str, str, str]:
    event = office.log.history(who.account)[-1]
    return event.topic, event.how, event.by  # type: ignore[attr-defined]


def test_the_operator_sees_who_is_signed_in_and_ends_it(client: Client, run: Run) -> None:
    psm = client("psm").person()
    [device] = json.loads(run("user", "sessions", psm.login, "--json").stdout)
    assert (device["address"], device["factor"]) == ("127.0.0.0/24", "")
    assert "127.0.0.0/24" in run("user", "sessions", psm.login, "--end").stdout
    assert run("user", "sessions", psm.login).stdout == ""
    assert psm.get("/api/v1/sessions/current").status_code == 401
    assert run("user", "sessions", "tak.ada").exit_code == 2


def test_the_operator_sets_a_password_and_takes_a_second_factor_away(client: Client, run: Run, office: Office) -> None:
    admin = client("admin").person()
    assert run("user", "password", admin.login, sent="jagung-binthe-biluhuta-4\n").exit_code == 0
    assert last(office, admin) == ("account.password_set", "operator", "wahana user")
    assert admin.get("/api/v1/sessions/current").status_code == 401
    assert run("user", "drop-factor", admin.login).exit_code == 0
    assert last(office, admin) == ("account.second_factor_removed", "operator", "wahana user")
    again = run("user", "drop-factor", admin.login)
    assert (again.exit_code, "no_second_factor" in again.stderr) == (1, True)
    secret = office.identity.sign_in(admin.login, "jagung-binthe-biluhuta-4", "127.0.0.1")
    asked = office.identity.asked(secret)
    assert asked is not None
    assert asked.enrolling


def test_a_token_from_the_command_line_reads_unless_more_is_named(client: Client, run: Run, office: Office) -> None:
    psm = client("psm")
    text = run("token", "issue", psm.login, "--label", "laporan", "--days", "7").stdout.strip()
    assert last(office, psm) == ("account.token_issued", "operator", "wahana user")
    who = office.identity.bearer(text)
    assert who is not None
    assert who.actions is not None
    assert {action for action in who.actions if not action.endswith(".read")} == set()
    [row, _] = json.loads(run("token", "list", psm.login, "--json").stdout)
    assert (row["label"], row["actions"], row["revoked"]) == ("laporan", ["read"], None)
    assert run("token", "issue", psm.login, "--label", "x", "--action", "kasus.hapus").exit_code == 1
    assert run("token", "revoke", row["id"]).exit_code == 0
    assert "revoked" in run("token", "list", psm.login).stdout
    assert office.identity.bearer(text) is None
    assert text not in run("token", "list", psm.login).stdout


def test_the_operator_links_an_account_with_an_identity_provider(client: Client, run: Run, office: Office) -> None:
    psm, words = client("psm"), ("--issuer", "https://sso.example.go.id", "--subject", "5f2c9a")
    assert run("user", "link", psm.login, *words).exit_code == 0
    assert office.identity.means.linked("https://sso.example.go.id", "5f2c9a") == psm.account
    assert "identity_already_linked" in run("user", "link", psm.login, *words).stderr
    assert "already_reserved" in run("user", "link", client("tksk").login, *words).stderr
    assert run("user", "link", psm.login, *words, "--remove").exit_code == 0
    assert not office.identity.means.vouched(psm.account, "https://sso.example.go.id", "5f2c9a")
    assert run("user", "link", psm.login, *words).exit_code == 0, "and back again"


def test_the_operator_clears_an_account_for_compartments_and_takes_one_away(
    client: Client, run: Run, office: Office
) -> None:
    peksos = Asking(office, "peksos", clearances=())

    def cleared() -> frozenset[str]:
        who = office.identity.bearer(peksos.token)
        assert who is not None
        return who.clearances

    given = ("user", "clear", peksos.login, "anak", "kekerasan", "--letter", "463/12/ST/2026")
    assert run(*given).exit_code == 0
    assert cleared() == {"anak", "kekerasan"}
    event = office.log.history(peksos.account)[-1]
    assert (event.topic, event.by) == ("account.clearance_granted", "wahana user")
    assert [(paper.kind, paper.number) for paper in event.evidence] == [("surat_tugas", "463/12/ST/2026")]
    assert run("user", "clear", peksos.login, "anak", "--letter", "463/40/ST/2026", "--remove").exit_code == 0
    assert cleared() == {"kekerasan"}
    told = json.loads(run("user", "clearances", peksos.login, "--json").stdout)
    assert [(row["compartment"], row["revoked_on"]) for row in told] == [
        ("anak", office.today().isoformat()),
        ("kekerasan", None),
    ]
    lines = run("user", "clearances", peksos.login).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["anak", "kekerasan"]
    for words, rule in (
        (("anak", "--letter", "1", "--remove"), "no_such_clearance"),
        (("rahasia", "--letter", "1"), "unknown_code"),
        (("hiv", "--letter", "1", "--until", "2019-01-01"), "clearance_ends_before_it_begins"),
    ):
        refused = run("user", "clear", peksos.login, *words)
        assert (refused.exit_code, rule in refused.stderr) == (1, True), words
    assert run("user", "clear", peksos.login, "hiv").exit_code == 2, "never without a letter"
    assert cleared() == {"kekerasan"}


def test_a_password_that_is_weak_is_refused_here_too(client: Client, run: Run) -> None:
    refused = run("user", "password", client("psm").login, sent="pendek\n")
    assert (refused.exit_code, "weak_password" in refused.stderr) == (1, True)
    assert PASSWORD not in refused.output
