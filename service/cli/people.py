"""Accounts and tokens from the command line: ``user`` and ``token``. Whoever works here has the keys of the machine."""

import secrets
import sys
from datetime import UTC, date, datetime

import click
import msgspec

from domain.account import Account
from domain.account_clearance import NoSuchClearance
from domain.sealed import Evidence
from service.access_tokens import READ
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

    here.casebook.record(_command("account.open"), decide)
    return account


def _command(name: str) -> Command:
    return Command(id=new_id(), name=name, account="wahana user", post=SYSTEM)


def _account(here: Office, login: str) -> str:
    account = here.identity.account_of(login)
    if account is None:
        raise click.BadParameter(f"nobody signs in as {login!r}", param_hint="LOGIN")
    return account


@click.group()
def user() -> None:
    """Accounts, their roles, passwords and sessions."""


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


@user.command("sessions")
@click.argument("login")
@click.option("--end", is_flag=True, help="End them all.")
@as_json
def sessions(login: str, end: bool, json_output: bool) -> None:
    """List the sessions that are open: since when, last seen, from which network, with what, second factor.

    \b
    Example:
      wahana user sessions yusuf --end
    """
    here = opened()
    account = _account(here, login)
    found = [msgspec.structs.asdict(one) for one in here.identity.devices(account)]
    told = (
        f"{_moment(one['created'])}  {_moment(one['last_seen'])}  {one['address']}  {one['agent'] or '-'}"
        f"  {one['factor'] or '-'}"
        for one in found
    )
    show(found, told, json_output)
    if end:
        here.identity.sign_out_everywhere(account)
        say(f"wahana: {len(found)} sessions ended")


@user.command("drop-factor")
@click.argument("login")
def drop_factor(login: str) -> None:
    """Take away the second factor of somebody who lost it, where nobody is left to approve a reset.

    \b
    Example:
      wahana user drop-factor admin
    """
    here = opened()
    here.identity.means.remove_factor(_account(here, login))
    say("wahana: second factor taken away; the next session can only enrol a new one")


@user.command("code")
@click.argument("login")
def code(login: str) -> None:
    """Print what the authenticator of a demonstration account shows now. Only where WAHANA_DEMO is 1.

    \b
    Example:
      wahana user code supervisor
    """
    from service.config import BadConfiguration
    from service.demo.office import current_code

    here = opened()
    if not here.config.demo:
        raise BadConfiguration(["WAHANA_DEMO: codes are printed only in the demonstration, where it is 1"])
    _account(here, login)
    click.echo(current_code(here, login))


@user.command("link")
@click.argument("login")
@click.option("--issuer", required=True, help="The identity provider, as its tokens name it.")
@click.option("--subject", required=True, help="What it calls this person: the claim `sub`.")
@click.option("--remove", is_flag=True, help="Take the link away.")
def link(login: str, issuer: str, subject: str, remove: bool) -> None:
    """Let an identity provider's word count for an account.

    \b
    Example:
      wahana user link yusuf --issuer https://sso.example.go.id --subject 5f2c9a
    """
    here = opened()
    change = here.identity.means.unlink if remove else here.identity.means.link
    change(_account(here, login), issuer, subject)
    say("wahana: no longer linked" if remove else "wahana: linked")


@user.command("clear")
@click.argument("login")
@click.argument("compartment", nargs=-1, required=True)
@click.option("--letter", required=True, help="Number of the letter by which the office decided it.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day; until it is taken away by default.")
@click.option("--remove", is_flag=True, help="Take it away, from today on.")
def clear(login: str, compartment: tuple[str, ...], letter: str, until: datetime | None, remove: bool) -> None:
    """Clear an account for compartments of the strictly restricted tier, from today on: hiv, gangguan_jiwa, anak,
    kekerasan, napza, warga_binaan, lainnya. Who is in several is opened by those cleared for all of them.

    \b
    Example:
      wahana user clear yusuf anak kekerasan --letter 463/12/ST/2026 --until 2026-12-31
      wahana user clear yusuf anak --letter 463/40/ST/2026 --remove
    """
    here = opened()
    account, day, papers = _account(here, login), here.today(), (Evidence("surat_tugas", letter),)

    def decide(decision: Decision) -> None:
        found = decision.load(Account, account)
        for one in compartment if not remove else ():
            last = until.date() if until else None
            found.grant_clearance(
                on=day, clearance=new_id(), compartment=one, valid_from=day, valid_until=last, evidence=papers
            )
        for one in compartment if remove else ():
            held = [id for id, row in found.cleared.items() if row.compartment == one and id not in found.uncleared]
            if not held:
                raise NoSuchClearance
            for id in held:
                found.revoke_clearance(on=day, clearance=id, evidence=papers)

    here.casebook.record(_command("account.revoke_clearance" if remove else "account.grant_clearance"), decide)
    say("wahana: no longer cleared" if remove else "wahana: cleared")


@user.command("clearances")
@click.argument("login")
@as_json
def clearances(login: str, json_output: bool) -> None:
    """List what an account was ever cleared for: compartment, first day, last day, and since when no longer.

    \b
    Example:
      wahana user clearances yusuf
    """
    here = opened()
    found = here.log.load(Account, _account(here, login))
    rows = [
        {"clearance": id, **msgspec.structs.asdict(one), "revoked_on": found.uncleared.get(id)}
        for id, one in found.cleared.items()
    ]
    told = (
        f"{row['compartment']}  {row['valid_from']}  {row['valid_until'] or '-'}  {row['revoked_on'] or '-'}"
        for row in rows
    )
    show(rows, told, json_output)


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@click.group()
def token() -> None:
    """Bearer tokens for programs."""


@token.command("issue")
@click.argument("login")
@click.option("--label", required=True, help="What the token is for.")
@click.option("--days", default=90, show_default=True, help="How long it is good.")
@click.option(
    "--action",
    multiple=True,
    default=(READ,),
    show_default=True,
    help="What it may do: an action of the policy table, `read` for all that only read, `all`.",
)
def issue(login: str, label: str, days: int, action: tuple[str, ...]) -> None:
    """Print a new token; it is shown this once.

    \b
    Example:
      wahana token issue auditor --label "export of November" --days 7 --action events.read
    """
    here = opened()
    click.echo(here.identity.issue_token(_account(here, login), label, days, action))


@token.command("list")
@click.argument("login")
@as_json
def listing(login: str, json_output: bool) -> None:
    """List the tokens of an account: id, last day, what they may do, label.

    \b
    Example:
      wahana token list auditor
    """
    here = opened()
    found = [msgspec.structs.asdict(row) for row in here.identity.tokens(_account(here, login))]
    told = (
        f"{row['id']}  {_moment(row['revoked'] or row['expires'])}  {'revoked' if row['revoked'] else 'good'}  "
        f"{' '.join(row['actions'])}  {row['label']}"
        for row in found
    )
    show(found, told, json_output)


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
