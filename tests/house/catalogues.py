"""Brings the catalogues of the pages up to the words in the code. Run it with `make catalogues`, translate what it names,
run it again. Neither a catalogue nor its compiled form holds a date, so that the same words make the same files."""

import io
from collections.abc import Mapping
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tests.house import told
from tests.house.tables import ROOT

WEB = ROOT / "service" / "web"
#: The languages besides the Indonesian of the code.
LANGUAGES = ("en",)
KEPT = {"Project-Id-Version", "Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}


class Undated(Catalog):
    """A catalogue whose header says what is needed to read it, and neither when nor where it was made."""

    def _headers(self) -> list[tuple[str, str]]:
        return [header for header in self._get_mime_headers() if header[0] in KEPT]

    mime_headers = property(_headers, Catalog._set_mime_headers)


def path(language: str) -> Any:
    """Where the catalogue of a language lies; the compiled one beside it, as ``.mo``."""
    return WEB / "translations" / language / "LC_MESSAGES" / "messages.po"


def extracted() -> Catalog:
    """Every message in the code and in the templates of the pages, and every one that they show of lists and rules."""
    with (WEB / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    keywords: Mapping[str, Any] = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "_many": ((1, "c"), 2)}
    found = Catalog()
    for _, _, message, _, context in extract_from_dir(WEB, methods, options, keywords):
        found.add(message, context=context)
    for words in sorted(told.everything()):
        found.add(words)
    return found


def stored(language: str) -> Catalog:
    """The catalogue as it lies in the tree; an empty one for a new language."""
    try:
        with path(language).open("rb") as file:
            return read_po(file, locale=language)
    except FileNotFoundError:
        return Catalog(locale=language)


def updated(language: str) -> Catalog:
    """A catalogue of all messages of today, with the translations that are known; a new message has none yet."""
    known = stored(language)
    made = Undated(
        locale=language,
        project="Wahana",
        version="pages",
        fuzzy=False,
        header_comment="# The words of the pages. Kept by `make catalogues`.",
    )
    for message in extracted():
        if message.id:
            same = known.get(message.id, message.context)
            made.add(message.id, same.string if same else "", context=message.context)
    return made


def text(catalogue: Catalog) -> bytes:
    """A catalogue as it is stored."""
    out = io.BytesIO()
    write_po(out, catalogue, width=120, no_location=True, sort_output=True)
    return out.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """A catalogue as gettext reads it."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def untranslated(catalogue: Catalog) -> list[str]:
    """The messages without words in the other language."""
    return [str(one.id) for one in catalogue if one.id and (one.fuzzy or not all(_forms(one.string)))]


def _forms(string: Any) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string)


if __name__ == "__main__":
    for language in LANGUAGES:
        made = updated(language)
        path(language).parent.mkdir(parents=True, exist_ok=True)
        path(language).write_bytes(text(made))
        path(language).with_suffix(".mo").write_bytes(compiled(made))
        print(f"catalogues: {language}, {len(made)} messages")
        for words in untranslated(made):
            print(f"  not translated: {words}")
