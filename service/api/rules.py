"""Every rule that may refuse a request, as a page: problem documents name it in their ``type``."""

from html import escape
from typing import NamedTuple

import domain  # noqa: F401 - defines every refusal of the domain
from domain.refusals import Refused
from service import access_tokens, casebook, search, signin  # noqa: F401 - define theirs
from service.api.problems import RULES, refusal_status
from service.log import files  # noqa: F401 - defines its own

_ROOMS = ("domain", "service")
_PAGE = """<!doctype html>
<html lang="id">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>Aturan Wahana</title>
  <link rel="stylesheet" href="/static/vendor/pico.min.css">
  <link rel="stylesheet" href="/static/app.css">
</head>
<body>
<main class="container">
<h1>Aturan</h1>
<p>Setiap penolakan menyebut aturannya. <var>{{…}}</var> diganti dengan nilai dari permintaan.</p>
<table class="striped entries">
<thead><tr><th scope="col">Aturan</th><th scope="col">HTTP</th><th scope="col">Kalimat</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</main>
</body>
</html>
"""


class Rule(NamedTuple):
    """A rule's name, the HTTP status of its refusal, and its sentence with ``{placeholders}``."""

    name: str
    status: int
    sentence: str


def _kinds(kind: type[Refused]) -> list[type[Refused]]:
    return [kind, *(found for inner in kind.__subclasses__() for found in _kinds(inner))]


def rules() -> list[Rule]:
    """Every rule, by name. Raises ``ValueError`` when two refusals with different sentences share a name."""
    found = {name: Rule(name, *told) for name, told in RULES.items()}
    for kind in _kinds(Refused):
        room, _, inner = kind.__module__.partition(".")
        if room not in _ROOMS or inner.startswith("demo"):
            continue
        if kind.RULE in RULES:  # the routes that may meet it answer in their own words
            continue
        rule = Rule(kind.RULE, refusal_status(kind), kind.SENTENCE)
        if found.setdefault(rule.name, rule) != rule:
            raise ValueError(f"two rules are named {rule.name}")
    return [found[name] for name in sorted(found)]


def page() -> str:
    """The page: one row for each rule, its name an anchor."""
    rows = (
        f'<tr id="{escape(rule.name)}"><td><code>{escape(rule.name)}</code></td><td>{rule.status}</td>'
        f"<td>{escape(rule.sentence)}</td></tr>"
        for rule in rules()
    )
    return _PAGE.format(rows="\n".join(rows))
