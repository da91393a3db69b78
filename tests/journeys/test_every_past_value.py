"""The date control on every page against the API's answers as of then. Pages are taken from the routes, what they ask from
themselves: whatever a page shows of an answer today, it shows of the answer of the past, and nothing of what came later."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from babel.dates import format_date

from service.web import ask
from tests.journeys.test_every_past_page import PAST_DAY, Aged, aging, dated, page
from tests.service.test_as_of import EXCEPTIONS
from tests.service.web_office import told

#: What a page asks of today whatever its date, and why.
OF_TODAY = {("/laporan", "/api/v1/figures"): "what figures are called, and which there are"}
#: Pages that show no text of an answer, and what they show.
WITHOUT = {
    "/": "numbers alone, which are compared as figures",
    "/jejak/sampel": "a form, and closed cases by their numbers",
}
#: What an answer says of the question.
ECHOED = ("/api/v1/territory", "on")
END = f"{PAST_DAY}T15:59:59.999999Z"
CODE = re.compile(r"[a-z]+(_[a-z]+)*")
ISO = re.compile(r"\d{4}-\d\d-\d\d(T.*)?")
#: Of a long board so many numbers: they are written by one macro.
FIGURES = 40

Place = tuple[str, ...]


class Asked:
    """What a page shows, and what the API answered while it was made: values by their place, and the addresses."""

    def __init__(self, aged: Aged, path: str, **moment: Any) -> None:
        self.answers: dict[Place, set[str]] = defaultdict(set)
        self.addresses: list[tuple[str, str]] = []
        urls, before = aged.one.client.application.url_map.bind(""), ask._answer_of

        def heard(method: str, address: str, *rest: Any, **more: Any) -> Any:
            answer = before(method, address, *rest, **more)
            if method == "GET" and address.startswith("/api/v1/"):
                rule = str(urls.match(address.partition("?")[0], return_rule=True)[0])
                self.addresses.append((rule, address))
                if answer.mimetype == ask.JSON:
                    body = json.loads(answer.get_data())
                    for place, value in leaves(body.get("data") if isinstance(body, dict) else body, (rule,)):
                        self.answers[place].add(value)
            return answer

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ask, "_answer_of", heard)
            html = page(aged, path, **moment)
        self.html = html[html.index("<main") : html.index("</main>")]
        self.source, self.text = unescape(self.html), told(unescape(self.html))

    def shows(self, value: str) -> bool:
        return any(one in self.text for one in written(value))

    @property
    def values(self) -> set[str]:
        return set().union(*self.answers.values())


def leaves(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Every text of an answer that is no code, with its place in it."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from leaves(one, (*place, name))
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one, place)
    elif isinstance(value, str) and len(value) > 3 and not CODE.fullmatch(value):
        yield place, value


def written(value: str) -> list[str]:
    """How a page may write a text: a day in words."""
    if not ISO.fullmatch(value):
        return [value]
    day = date.fromisoformat(value[:10])
    return [value, *(format_date(day, form, locale="id") for form in ("d MMMM yyyy", "d MMM yyyy"))]


@pytest.fixture(scope="module")
def aged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aged]:
    with aging(Aged, tmp_path_factory.mktemp("aged")) as made:
        yield made


def test_every_page_shows_of_the_answers_of_then_what_it_shows_of_those_of_today(aged: Aged) -> None:
    wrong, compared, later = [], defaultdict(int), defaultdict(int)
    for rule, path in dated(aged).items():
        now = Asked(aged, path)
        shown = {place for place, values in now.answers.items() if place != ECHOED and all(map(now.shows, values))}
        for moment in ({"posisi": aged.then}, {"per": PAST_DAY}):
            then = Asked(aged, path, **moment)
            wrong += [(rule, "of today", address) for one, address in then.addresses if undated(rule, one, address)]
            for place in shown:
                wrong += [(rule, *place, "lacks", one) for one in then.answers[place] if not then.shows(one)]
                compared[rule] += len(then.answers[place])
            came = {one for one in now.values - then.values if one in now.source and not ISO.fullmatch(one)}
            wrong += [(rule, "knows", one) for one in came if one in then.source]
            later[rule] += len(came)
    assert wrong == []
    assert {rule for rule in dated(aged) if not compared[rule]} == set(WITHOUT)
    assert sum(compared.values()) > 1500
    assert sum(later.values()) > 80
    assert sum(count > 0 for count in later.values()) >= 15, "on how many pages something came later"


def undated(rule: str, of: str, address: str) -> bool:
    """Whether a page put back to a past moment asked a read that knows the past about today."""
    return "as_of=" not in address and of not in EXCEPTIONS and (rule, of) not in OF_TODAY


def test_every_number_of_a_past_page_is_the_api_s_figure_of_then(aged: Aged) -> None:
    compared, shares = defaultdict(int), defaultdict(int)
    differing = 0
    for rule, path in dated(aged).items():
        for moment, as_of in (({"posisi": aged.then}, str(aged.then)), ({"per": PAST_DAY}, END)):
            links = re.findall(r'<a class="why" href="(/mengapa/[^"]+)">([^<]+)</a>', Asked(aged, path, **moment).html)
            for href, number in links[:FIGURES]:
                way = urlsplit(unescape(href))
                query = {name: one for name, (one,) in parse_qs(way.query).items() if name not in ("per", "posisi")}
                at = way.path.replace("/mengapa/", "/api/v1/figures/")
                then, now = aged.one.data(at, **query, as_of=as_of), aged.one.data(at, **query)
                if number.endswith("%"):
                    assert Decimal(number[:-1].replace(",", ".")) * 10 == then["permille"], (rule, href, number, then)
                    shares[rule] += then["permille"] != now["permille"]
                    continue
                assert re.sub(r"\D", "", number) == str(then["count"]), (rule, href, number, then["count"])
                compared[rule] += 1
                differing += then["count"] != now["count"]
    assert compared["/"]
    assert len(compared) >= 8
    assert sum(compared.values()) > 150
    assert differing > 20
    assert shares["/"] >= 2, "shares that were others then"
