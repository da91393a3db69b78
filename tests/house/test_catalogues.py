"""Whoever chooses another language reads all of every page in it."""

import re
from typing import Any

import pytest
from babel.messages.mofile import read_mo

from tests.house import catalogues

PLACEHOLDER = re.compile(r"%\(\w+\)s")


def keys(catalogue: Any) -> set[Any]:
    return {(one.id, one.context) for one in catalogue if one.id}


def forms(words: Any) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


def test_the_words_of_the_pages_are_found() -> None:
    found = {one.id for one in catalogues.extracted()}
    assert len(found) > 1000
    assert {"Beranda", "Jadwalkan rujukan", "%(n)s catatan"} <= found, (
        "of templates, lazy ones, ones with a placeholder"
    )


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
class TestCatalogue:
    def test_has_every_message_and_none_that_is_gone(self, language: str) -> None:
        stored, wanted = catalogues.stored(language), catalogues.extracted()
        assert keys(stored) == keys(wanted), "run `make catalogues` and translate what it names"
        assert not stored.obsolete

    def test_has_words_for_each_message(self, language: str) -> None:
        assert catalogues.untranslated(catalogues.stored(language)) == []

    def test_fills_the_same_places(self, language: str) -> None:
        for one in catalogues.stored(language):
            if one.id:
                places = sorted(PLACEHOLDER.findall(forms(one.id)[0]))
                for form in forms(one.string):
                    assert sorted(PLACEHOLDER.findall(form)) == places, one.id
                    assert "%" not in PLACEHOLDER.sub("", form), one.id

    def test_is_stored_as_it_is_made(self, language: str) -> None:
        path, made = catalogues.path(language), catalogues.updated(language)
        assert path.read_bytes() == catalogues.text(made)
        assert path.with_suffix(".mo").read_bytes() == catalogues.compiled(made)

    def test_compiled_says_the_same_and_no_date(self, language: str) -> None:
        path = catalogues.path(language)
        with path.with_suffix(".mo").open("rb") as file:
            said = {forms(one.id): forms(one.string) for one in read_mo(file) if one.id}
        assert said == {forms(one.id): forms(one.string) for one in catalogues.stored(language) if one.id}
        assert b"-Date:" not in path.read_bytes() + path.with_suffix(".mo").read_bytes()
