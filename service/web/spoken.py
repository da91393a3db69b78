"""What the office keeps in Indonesian, said in the language of the page: labels of lists, and sentences of the API.

Lists, rules and answers are Indonesian, and stay so in events, exports and letters. A page in another language finds their
words in its catalogue when it shows them; an Indonesian page looks nothing up.
"""

import functools
import re
from string import Formatter

from flask import has_app_context
from flask_babel import get_locale, gettext

from service.api import field_sentences, rules
from service.api.current import notes

KEPT = "id"
#: The places of sentences that rules fill with labels; the others hold what somebody typed, which stays as it is.
LABELS = frozenset(
    (
        *("choices", "figure", "item", "kind", "kinds", "listing", "missing"),
        *("question", "role", "service", "state", "vacant", "wanted"),
    )
)


def language() -> str:
    """The language that is spoken now; Indonesian outside a page."""
    if not has_app_context():
        return KEPT
    chosen = notes().get("language")  # noted with the first words of a page
    if chosen is None:
        locale = get_locale()
        chosen = KEPT if locale is None else locale.language
    return str(chosen)


def indonesian() -> bool:
    """Whether the words are shown as they are kept."""
    return language() == KEPT


def said(words: object) -> str:
    """A label in the language of the page; as it is kept where the catalogue has no other words."""
    text = str(words)
    return text if indonesian() or not text else str(gettext(text))


def sentence(words: object) -> str:
    """A sentence of the API in the language of the page. What a rule has put into its sentence is put into the other one;
    labels among it are said, names and numbers stay."""
    text = str(words)
    if indonesian() or not text:
        return text
    if (whole := str(gettext(text))) != text:
        return whole
    for pattern, kept in _patterns():
        if found := pattern.fullmatch(text):
            values = {name: _value(value) if name in LABELS else value for name, value in found.groupdict().items()}
            return str(gettext(kept)).format(**values)
    return text


def whole() -> list[tuple[str, str]]:
    """The sentences that need no values, each with its words in the language of the page: for a device, which keeps the
    answers of the API. None on an Indonesian page."""
    return [] if indonesian() else [(kept, str(gettext(kept))) for kept in _kept() if "{" not in kept]


def with_places() -> list[tuple[str, str]]:
    """The sentences with places for values, in the order in which they are tried, each with its words in the language of
    the page: for a device, as `whole`."""
    return [] if indonesian() else [(kept, str(gettext(kept))) for _, kept in _patterns()]


def _value(value: str) -> str:
    """A value inside a sentence: one label, or several as the rule has joined them."""
    joined = gettext("dan")
    parts = re.split(r"(, | dan )", value)
    return "".join(f" {joined} " if part == " dan " else _part(part) for part in parts)


def _part(kept: str) -> str:
    if (found := said(kept)) != kept or not kept:
        return found
    begun = kept[:1].upper() + kept[1:]  # the name of a list, as a page begins a line with it
    return kept if (found := said(begun)) == begun else found[:1].lower() + found[1:]


@functools.cache
def _kept() -> list[str]:
    return list(dict.fromkeys([rule.sentence for rule in rules.rules()] + field_sentences.sentences()))


@functools.cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Every sentence with places for values, the most particular first, and how it is recognised when they are filled."""
    open_ones = sorted((one for one in _kept() if "{" in one), key=len, reverse=True)
    return [(re.compile(_pattern(one), re.DOTALL), one) for one in open_ones]


def _pattern(kept: str) -> str:
    found = ""
    named: set[str] = set()
    for literal, name, _form, _conversion in Formatter().parse(kept):
        found += re.escape(literal)
        if name:
            found += f"(?P={name})" if name in named else f"(?P<{name}>.+?)"
            named.add(name)
    return found
