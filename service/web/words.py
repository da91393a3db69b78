"""How pages write codes, days, times and numbers: in the words of lists, the Indonesian way, on the office's clock."""

import functools
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from flask import g, request
from flask_babel import (
    Babel,
    Domain,
    force_locale,
    format_date,
    format_datetime,
    format_decimal,
    gettext,
    ngettext,
    pgettext,
)
from flask_babel import lazy_gettext as _

from projections.sentences.wksbm import STEPS
from projections.sentences.words import SEALED
from service.api.codes import LISTS
from service.api.current import notes, office
from service.api.taken import ever, is_free, lists_named
from service.web.remembered import FREE, OF_NAMES, VALUES, named
from service.web.spoken import said, sentence, whole, with_places

LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}
COOKIE = "wahana-bahasa"
NOTHING = "–"
#: What the tiers of protection are called.
TIERS = {
    1: _("1 – biasa"),
    2: _("2 – anak, kesehatan, atau keuangan"),
    3: _("3 – ketat, hanya yang berizin"),
}
#: What `title` makes of the states and stages that records go through and that stand in no list.
STATES = (
    *(_("Belum ada"), _("Dirintis"), _("Terbentuk"), _("Sah"), _("Dibubarkan")),
    *(_("Diterima"), _("Asesmen"), _("Rencana"), _("Layanan berjalan"), _("Pemantauan"), _("Berakhir")),
    *(_("Terbuka"), _("Selesai"), _("Dibatalkan"), _("Terlaksana"), _("Tidak terlaksana")),
    *(_("Diusulkan"), _("Disetujui"), _("Dikembalikan"), _("Diganti"), _("Ditolak")),
    *(_("Dibuka"), _("Dikabulkan"), _("Dipenuhi"), _("Ditutup"), _("Berita acara"), _("Dilaksanakan")),
    *(_("Diajukan"), _("Dijadwalkan"), _("Ditangani"), _("Dialihkan"), _("Tidak hadir"), _("Kedaluwarsa")),
    _("Persetujuan ditarik"),
)
#: Codes whose own word is not what the field says.
CALLED = {"intervensi": "Layanan berjalan", "monev": "Pemantauan", "terminasi": "Berakhir"}
_CODE = re.compile(r"[a-z][a-z_]{2,40}")


def called(row: Mapping[str, Any]) -> Any:
    """What somebody is called, as far as whoever looks may know it."""
    someone = row.get("person")
    if not isinstance(someone, Mapping):
        return someone or _("nama dilindungi")
    names = ("name", "head", "alias", "description")
    return next((someone[name] for name in names if someone.get(name)), _("tanpa nama"))


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Catalogues(Domain):  # type: ignore[misc]  # flask_babel has no types
    """The catalogues, looked up once for each page instead of for each text."""

    def get_translations(self) -> Any:
        """The catalogue of the language that the page is in."""
        if not g:
            return super().get_translations()
        if "translations" not in g:
            g.translations = super().get_translations()
        return g.translations


class _Babel(Babel):  # type: ignore[misc]  # see above
    domain_instance = Catalogues()


def locale() -> str:
    """The language of the pages: Indonesian unless whoever looks chose another."""
    here = notes()
    if "language" not in here:
        chosen = request.cookies.get(COOKIE, "")
        here.language = chosen if chosen in LANGUAGES else "id"
    return str(here.language)


@contextmanager
def kept() -> Iterator[None]:
    """Within it, words are Indonesian whatever the language of the page: for a letter."""
    here, before = notes(), locale()
    here.language = "id"
    here.pop("translations", None)
    try:
        with force_locale("id"):
            yield
    finally:
        here.language = before
        here.pop("translations", None)


def zone() -> str:
    """The time zone of the pages."""
    return str(office().config.timezone)


def install(app: Any) -> None:
    """Choose language and clock of each request."""
    app.jinja_env.filters.update(
        plainly=plainly, millis=millis, ending=ending, said=said, sentence=sentence, inside=inside
    )
    app.jinja_env.globals.update(whole_sentences=whole, sentences_with_places=with_places, zone=zone)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "web/translations"
    _Babel(app, default_locale="id", locale_selector=locale, timezone_selector=zone)
    app.jinja_env.install_gettext_callables(
        gettext=lambda text: _translated(text, locale()), ngettext=ngettext, pgettext=pgettext, newstyle=True
    )


# Of the same few hundred texts a page writes hundreds, and each would ask the request for its language once more.
@functools.lru_cache(maxsize=8192)
def _translated(text: str, _locale: str) -> str:
    return str(gettext(text))


@functools.cache
def _labels() -> dict[str, str]:
    found: dict[str, str] = {}
    for history in LISTS.values():
        for version in history.versions:
            found.update({code: label for code, label in version.codes.items() if code not in found})
    return found


def title(text: str) -> str:
    """A code as words: ``belum_ada`` is "Belum ada"."""
    plain = CALLED.get(text) or text.replace("_", " ").strip()
    return said(plain[:1].upper() + plain[1:])


def options(listing: str) -> list[tuple[str, str]]:
    """The codes of a list today, each with its label."""
    return [(code, said(label)) for code, label in LISTS[listing].on(office().today()).codes.items()]


def word(code: Any, listing: str = "") -> str:
    """What a code means in the words of its list; without a list, of the first that has it."""
    if code in (None, ""):
        return NOTHING
    text = str(code)
    if listing in LISTS:
        for version in reversed(LISTS[listing].versions):
            if text in version.codes:
                return said(version.codes[text])
    return said(_labels()[text]) if text in _labels() else title(text)


def inside(text: str) -> str:
    """A label inside a sentence: its first letter is small, but in names such as SLRT and WhatsApp."""
    first = text.partition(" ")[0]
    return text if any(one.isupper() for one in first[1:]) else text[:1].lower() + text[1:]


def plainly(value: Any, field: str = "") -> str:
    """A value of an event or a state, of the ``field`` where that is known: yes or no, a code in the words of its list, the
    name of a field where fields are named, a day, or as it stands."""
    text = str(value)
    told = _told(value, field)
    return told if told is not None else word(text) if _CODE.fullmatch(text) else text


def meant(text: str, field: str) -> str:
    """A text out of a field whose list is not certain: as `plainly`, a code only where all lists that it may be of have the
    same words for it, and as it stands otherwise."""
    lists = lists_named(field) or LISTS.keys()
    labels = {word(text, name) for name in lists if text in ever(name) and not is_free(field)}
    told = labels.pop() if len(labels) == 1 else None if labels else _told(text, field)
    return told if told is not None else text


def _told(value: Any, field: str) -> str | None:
    """A value in words, if it is no code of a list."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return str(_("ya") if value else _("tidak"))
    text = str(value)
    if text == SEALED:
        return f"[{_('tersegel')}]"
    if field in FREE or is_free(field):
        return text
    if field in OF_NAMES:
        return str(named(text))
    if text in VALUES:
        return str(VALUES[text])
    if text in STEPS:
        return said(STEPS[text])
    if _DAY.fullmatch(text):
        return day(text)
    return None


def day(value: date | str | None, form: str = "long") -> str:
    """A calendar day: "30 Juni 2026"."""
    return _day(str(value)[:10], form, locale()) if value else NOTHING


def time(value: str | None, form: str = "d MMM yyyy, HH.mm") -> str:
    """A time of the log on the office's clock."""
    return _time(value, form, locale(), zone()) if value else NOTHING


def millis(value: int | None) -> str:
    """A time given in milliseconds since 1970, on the office's clock."""
    return time(datetime.fromtimestamp(value / 1000, UTC).isoformat()) if value else NOTHING


def ending(id: str) -> str:
    """The end of a record's number, which tells it from others of its kind where no name may."""
    return f"…{id[-6:]}"


def number(value: Any) -> str:
    """A number, thousands apart; what is not told, as a dash."""
    return NOTHING if value is None else _number(value, locale())


# A list writes the same days and numbers over and over, and each costs more than a row of it: they are remembered.
@functools.lru_cache(maxsize=4096)
def _day(value: str, form: str, locale: str) -> str:
    return str(format_date(date.fromisoformat(value), form))


@functools.lru_cache(maxsize=4096)
def _time(value: str, form: str, _locale: str, _zone: str) -> str:
    return str(format_datetime(datetime.fromisoformat(value), form))


@functools.lru_cache(maxsize=4096)
def _number(value: Any, locale: str) -> str:
    return str(format_decimal(value))


def rupiah(value: int | None) -> str:
    """An amount of money in whole rupiah."""
    return NOTHING if value is None else f"Rp{format_decimal(value)}"
