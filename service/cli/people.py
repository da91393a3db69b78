"""Accounts and tokens from the command line: ``user`` and ``token``."""

import secrets
import sys
from datetime import date

import click

from domain.account import Account
from service.casebook import Command, Decision
from service.cli.output import as_json, opened, say, show
from service.identity import LOGIN
from service.log.ids import new_id
from service.office import Office
from service.signin import check_strength

SYSTEM = "pengelola sistem"


def open_account(
    here: Office, login: str, name: str, role: str, post: str, areas: tuple[str, ...] = (), *, on: date
) -> str:
    """Open an account with one role from a day on, in one command; returns its id. Raises the domain's refusals."""
    account = new_id()

    def decide(decision: Decision) -> None:
        opened = decision.begin(Account.open(account, on=on, login=login, name=name))
        opened.grant_role(on=on, grant=new_id(), role=role, title=post, areas=areas, valid_from=on)
        decision.reserve(LOGIN, login, account)

    here.casebook.record(Command(id=new_id(), name="account.open", account="wahana user", post=SYSTEM), decide)
    return account


def _account(here: Office, login: str) -> str:
    account = here.identity.account_of(login)
    if account is None:
        raise click.BadParameter(f"nobody signs in as {login!r}", param_hint="LOGIN")
    return account


@click.group()
def user() -> None:
    """Accounts, their roles and passwords."""


@user.command("add")
@click.argument("login")
@click.option("--name", required=True, help="The person's name, as an official.")
@click.option("--role", required=True, help="Role code, such as peksos, supervisor, auditor, admin.")
@click.option("--post", required=True, help="The post held, in words.")
@click.option("--area", multiple=True, help="Kecamatan or village code; none means the whole kabupaten.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@as_json
def add(
    login: str, name: str, role: str, post: str, area: tuple[str, ...], password_stdin: bool, json_output: bool
) -> None:
    """Open an account with one role. Without --password-stdin a password is made and printed once.

    \b
    Example:
      wahana user add yusuf --name "Yusuf Pakaya" --role peksos --post "Pekerja Sosial" --area 75.01.02
    """
    here = opened()
    password = sys.stdin.readline().rstrip("\n") if password_stdin else secrets.token_urlsafe(12)
    check_strength(password, login)
    account = open_account(here, login, name, role, post, area, on=here.today())
    here.identity.set_password(account, password)
    shown = {"account": account, "login": login}
    if not password_stdin:
        shown["password"] = password
    show(shown, (f"{key}: {value}" for key, value in shown.items()), json_output)


@user.command("password")
@click.argument("login")
def set_password(login: str) -> None:
    """Set a new password, read from standard input.

    \b
    Example:
      printf 'a long new password\\n' | wahana user password yusuf
    """
    here = opened()
    here.identity.set_password(_account(here, login), sys.stdin.readline().rstrip("\n"))
    say("wahana: password set")


@click.group()
def token() -> None:
    """Bearer tokens for programs."""


@token.command("issue")
@click.argument("login")
@click.option("--label", required=True, help="What the token is for.")
@click.option("--days", default=90, show_default=True, help="How long it is good.")
def issue(login: str, label: str, days: int) -> None:
    """Print a new token; it is shown this once.

    \b
    Example:
      wahana token issue auditor --label "export of November" --days 7
    """
    here = opened()
    click.echo(here.identity.issue_token(_account(here, login), label, days))


@token.command("revoke")
@click.argument("token_id")
def revoke(token_id: str) -> None:
    """Revoke a token by its id, the part between the underscores.

    \b
    Example:
      wahana token revoke 01a20a4d
    """
    opened().identity.revoke_token(token_id)
    say("wahana: token revoked")
