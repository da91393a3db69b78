"""Names as a clerk types them find the person as the register writes her. All names here are invented combinations."""

import csv
import random
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

from service.log.names import (
    answers,
    name_words,
    skeleton,
    sound,
    token_for_birth_year,
    token_for_nik_query,
    token_for_village,
    tokens_for_name,
    tokens_for_nik,
    tokens_for_query,
    words_needed,
)

HERE = Path(__file__).parent
with (HERE / "name_variants.csv").open(encoding="utf-8", newline="") as variants_file:
    VARIANTS = list(csv.DictReader(variants_file))
with (HERE / "distinct_names.csv").open(encoding="utf-8", newline="") as distinct_file:
    DISTINCT = list(csv.DictReader(distinct_file))
GIVEN = [row["word"] for row in DISTINCT if row["kind"] == "given"]
CLANS = [row["word"] for row in DISTINCT if row["kind"] == "clan"]


class Register:
    """An inverted index in memory, asked as the log's token table is."""

    def __init__(self, names: set[str]) -> None:
        self.tokens = {name: tokens_for_name(name) for name in names}
        self.holders: defaultdict[str, set[str]] = defaultdict(set)
        for name, tokens in self.tokens.items():
            for token in tokens:
                self.holders[token].add(name)

    def find(self, typed: str) -> set[str]:
        query = tokens_for_query(typed)
        present: Counter[str] = Counter()
        for alternatives in query:
            present.update(set[str]().union(*(self.holders.get(token, set()) for token in alternatives)))
        return {name for name, words in present.items() if words >= words_needed(query)}


@pytest.fixture(scope="module")
def register() -> Register:
    """Everyone in the variants, and 2,000 others with names made of the same given names and clans."""
    chance = random.Random(7501)
    others: set[str] = set()
    while len(others) < 2000:
        others.add(" ".join([*chance.sample(GIVEN, chance.choice((1, 2))), chance.choice(CLANS)]))
    return Register({row["registered"] for row in VARIANTS} | others)


def test_five_hundred_variants_of_ten_kinds_and_more_are_listed_once_each() -> None:
    assert len(VARIANTS) == 500
    assert len({(row["registered"], row["typed"]) for row in VARIANTS}) == 500
    assert all(row["registered"] != row["typed"] for row in VARIANTS)
    assert len({row["kind"] for row in VARIANTS}) >= 10


def test_ninety_five_of_a_hundred_variants_find_the_person(register: Register) -> None:
    missed = [row for row in VARIANTS if row["registered"] not in register.find(row["typed"])]
    assert len(missed) <= 25, missed


@pytest.mark.parametrize("kind", sorted({row["kind"] for row in VARIANTS} - {"salah_ketik"}))
def test_no_kind_of_variant_is_left_behind(register: Register, kind: str) -> None:
    rows = [row for row in VARIANTS if row["kind"] == kind]
    found = sum(row["registered"] in register.find(row["typed"]) for row in rows)
    assert found >= 0.85 * len(rows)


def test_a_query_brings_few_candidates(register: Register) -> None:
    sizes = sorted(len(register.find(row["typed"])) for row in VARIANTS)
    assert statistics.median(sizes) <= 3
    assert sizes[int(0.95 * len(sizes))] <= 10
    assert sizes[-1] <= 100


def alike(keys: Iterable[str]) -> int:
    """How many pairs share a key."""
    return sum(times * (times - 1) // 2 for times in Counter(keys).values())


def test_different_names_rarely_sound_the_same() -> None:
    words = [name_words(word)[0] for word in (*GIVEN, *CLANS)]
    assert len(words) >= 400
    same_sound = alike(sound(word) for word in words)
    same_bones = alike(filter(None, map(skeleton, words)))
    pairs = len(words) * (len(words) - 1) / 2
    assert same_sound / pairs < 0.0001
    assert same_bones / pairs < 0.001


def test_a_name_costs_about_a_dozen_token_rows(register: Register) -> None:
    sizes = [len(tokens) for tokens in register.tokens.values()]
    assert statistics.mean(sizes) <= 14
    assert max(sizes) <= 24


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Abd. Rahman Moonti", ("abdul", "rahman", "moonti")),
        ("Abdurrahman Moonti", ("abdul", "rahman", "moonti")),
        ("Hi. Moh. Yusuf, S.Pd., M.Si", ("muhammad", "yusuf")),
        ("M. Yusuf", ("muhammad", "yusuf")),
        ("Yusuf M. Nento", ("yusuf", "m", "nento")),
        ("Hj. St. Hawa binti Kasim", ("siti", "hawa", "kasim")),
        ("ABDULLAH", ("abdullah",)),
        ("Abdulatif", ("abdul", "latif")),
        ("Abdus Syukur", ("abdul", "syukur")),
        ("Ma’ruf  Nur-Aín", ("maruf", "nur", "ain")),
        ("Rina Biya SE", ("rina", "biya")),
        ("Ti", ("ti",)),
        ("Ibu Hj.", ("ibu",)),
        ("", ()),
        ("-.,", ()),
    ],
)
def test_titles_go_and_abbreviations_are_written_out(written: str, words: tuple[str, ...]) -> None:
    assert name_words(written) == words


@pytest.mark.parametrize(
    "spellings",
    [
        ("djafar", "jafar", "djaffar"),
        ("oemar", "umar"),
        ("joesoef", "yusuf", "jusup"),
        ("tjahjani", "cahyani"),
        ("sjamsoeddin", "syamsudin", "samsudin"),
        ("rachmawaty", "rahmawati"),
        ("chadidjah", "hadija", "khadijah"),
        ("wahjuni", "wahyuni"),
        ("hardjo", "harjo", "haryo"),
        ("moonti", "monti", "munti"),
        ("husain", "husein", "hoesin"),
        ("puluhulawa", "poeloehoelawa"),
    ],
)
def test_spellings_of_one_name_sound_the_same(spellings: tuple[str, ...]) -> None:
    assert len({sound(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("wahyuni", "wahyuningsih"),
        ("moonti", "monoarfa"),
        ("abdul", "abdullah"),
        ("katili", "kaluku"),
        ("rina", "rita"),
    ],
)
def test_other_names_keep_another_sound(one: str, other: str) -> None:
    assert sound(one) != sound(other)


def test_of_two_typed_words_both_must_be_present() -> None:
    tokens = tokens_for_name("Rahman Katili")
    assert answers(tokens_for_query("rahman katili"), tokens)
    assert not answers(tokens_for_query("rahman pakaya"), tokens)


def test_of_three_typed_words_one_may_be_missing_but_not_two() -> None:
    tokens = tokens_for_name("Rahman Katili")
    assert answers(tokens_for_query("rahman yusuf katili"), tokens)
    assert not answers(tokens_for_query("rahman yusuf pakaya"), tokens)


def test_an_empty_query_finds_nobody_and_initials_are_not_asked_for() -> None:
    tokens = tokens_for_name("Rahman Katili")
    assert tokens_for_query("  ") == []
    assert not answers(tokens_for_query("  "), tokens)
    assert answers(tokens_for_query("Rahman K. Katili"), tokens)


def test_a_nik_is_found_whole_or_by_its_last_six_digits() -> None:
    tokens = tokens_for_nik("7501 0141 0190 0001")
    assert tokens == {"n:7501014101900001", "t:900001"}
    assert token_for_nik_query("7501.0141.0190.0001") in tokens
    assert token_for_nik_query("900001") in tokens


@pytest.mark.parametrize("typed", ["", "75010141", "750101410190000X", "Rahman", "７５０１０１４１０１９００００１"])
def test_what_is_not_a_nik_has_no_token(typed: str) -> None:
    assert tokens_for_nik(typed) == set()
    assert token_for_nik_query(typed) is None


def test_birth_year_and_village_have_a_token_each() -> None:
    assert token_for_birth_year(1987) == "y:1987"
    assert token_for_village("75.01.01.2001") == "v:75.01.01.2001"
