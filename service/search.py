"""Finding people: typed words and numbers become keyed tokens, tokens become parts, and parts the people who held them.

Only a capped number of candidates is opened, and only to rank them; what the asker may see of them is decided at the
edge (`service.api.people_shown`). Nothing in here may log what was searched for.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from datetime import date
from typing import Any

from domain.refusals import Refused
from projections import people_lists
from projections.view import View
from service.log import names
from service.log.database import Database
from service.matching import Identity, Probable, name_likeness, probable_duplicates
from service.office import Office

MOST_PARTS = 1000
MOST_OPENED = 200
MOST_DUPLICATES = 60
MOST_IN_VILLAGE = 5000

Words = Sequence[set[str]]
Person = dict[str, Any]


class ProbableDuplicates(Refused):
    """Records that may be the same person: shown once, and passed by with a reason."""

    RULE = "probable_duplicates"
    SENTENCE = (
        "Ada catatan yang mungkin orang yang sama; periksa dahulu, lalu tulis alasan untuk tetap mendaftarkan"
        " (isian reason_to_go_on)."
    )

    def __init__(self, found: list[dict[str, Any]]) -> None:
        super().__init__()
        self.particulars = {"duplicates": found}


def _text(identity: Mapping[str, Any], name: str) -> str:
    value = identity.get(name)
    return value if isinstance(value, str) else ""


def _born(identity: Mapping[str, Any]) -> tuple[date | None, int | None]:
    """The birth date and year of an opened identity, either of which may be unknown."""
    value = identity.get("birth_date")
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            value = None
    if isinstance(value, date):
        return value, value.year
    year = identity.get("birth_year")
    return None, year if isinstance(year, int) else None


def token_texts(identity: Mapping[str, Any], village: str | None) -> set[str]:
    """What an identity is found by: its names, NIK, year of birth, and the village it was recorded in."""
    found = names.tokens_for_name(_text(identity, "name")) | names.tokens_for_name(_text(identity, "alias"))
    found |= names.tokens_for_nik(_text(identity, "nik"))
    year = _born(identity)[1]
    if year:
        found.add(names.token_for_birth_year(year))
    if village:
        found.add(names.token_for_village(village))
    return found


def comparable(identity: Mapping[str, Any], village: str | None) -> Identity:
    """An opened identity as `service.matching` compares it."""
    born, year = _born(identity)
    return Identity(
        name=_text(identity, "name") or _text(identity, "alias") or None,
        nik=_text(identity, "nik") or None,
        sex=_text(identity, "sex") or None,
        birth_date=born,
        birth_year=year,
        village=village,
        mother=_text(identity, "mother") or None,
        phone=_text(identity, "phone") or None,
    )


def parts_answering(
    here: Office,
    required: Words,
    needed: int,
    preferred: set[str],
    limit: int,
    among: list[str] | None = None,
    enough: Set[str] = frozenset(),
) -> list[str]:
    """The parts that hold a token of at least ``needed`` of the ``required`` sets, the likeliest first.

    ``preferred`` tokens only move a part forward; any that is ``enough`` finds it alone. ``among`` limits the answer to
    some parts.
    """
    asked: list[tuple[int, str]] = [(word, text) for word, texts in enumerate(required) for text in sorted(texts)]
    asked += [(-1, text) for text in sorted(preferred)] + [(-2, text) for text in sorted(enough)]
    if not (required or enough) or needed < 1:
        return []
    values: dict[str, Any] = {f"t{number}": here.tokens.digest(text) for number, (_, text) in enumerate(asked)}
    listed = ", ".join(f"({word}, {_bytes(here.database, number)})" for number, (word, _) in enumerate(asked))
    inside = ""
    if among is not None:
        inside, values["parts"] = f"WHERE t.part {here.database.among('parts')}", among
    rows = here.database.rows(
        f"WITH asked (word, token) AS (VALUES {listed}) "
        f"SELECT t.part FROM asked a JOIN tokens t ON t.token = a.token {inside} GROUP BY t.part "
        f"HAVING COUNT(DISTINCT CASE WHEN a.word >= 0 THEN a.word END) >= {needed:d} OR MIN(a.word) = -2 "
        "ORDER BY MAX(CASE WHEN a.word < 0 THEN 1 ELSE 0 END) DESC, COUNT(*) DESC, t.part DESC LIMIT :most",
        most=limit,
        **values,
    )
    return [str(row[0]) for row in rows]


def _bytes(database: Database, number: int) -> str:
    return f":t{number}" if database.engine == "sqlite" else f"CAST(:t{number} AS bytea)"


def _opened(here: Office, people: Sequence[Person]) -> dict[str, dict[str, Any]]:
    """The identities of people by their id; the destroyed ones are left out."""
    parts = here.vault.open(person["identity"] for person in people if person["identity"])
    return {
        person["key"]: parts[person["identity"]].get("identity") or {}
        for person in people
        if person["identity"] in parts
    }


def _in_order(people: list[Person], parts: list[str]) -> list[Person]:
    place = {part: number for number, part in enumerate(parts)}
    return sorted(people, key=lambda person: place[person["identity"]])


def find(
    here: Office,
    view: View,
    me: str,
    asked: Mapping[str, Any],
    within: Callable[[list[Person]], list[Person]] = lambda people: people,
) -> list[Person]:
    """The people who answer what was asked, the likeliest first, as rows of `projections.people` with their ``worker``.

    ``asked`` may hold ``name``, ``nik`` (16 digits, or the last six), ``village`` (or the beginning of its code) and
    ``birth_year`` (two years to either side count). Nothing is found without a name, a NIK or a year in a village.
    ``within`` keeps those whom the asker may see: the others are not opened and take nobody's place.
    """
    name, village = _text(asked, "name"), _text(asked, "village")
    required: list[set[str]] = []
    nik_token = names.token_for_nik_query(_text(asked, "nik"))
    if asked.get("nik") and nik_token is None:
        return []
    query = names.tokens_for_query(name)
    if name and not query:
        return []
    needed = names.words_needed(query)
    required += query
    year = asked.get("birth_year")
    years = {names.token_for_birth_year(one) for one in range(year - 2, year + 3)} if year else set()
    among = None
    if nik_token:
        required, needed = [{nik_token}], 1
    elif not query:
        if not (years and village):
            return []
        required, needed, among = [years], 1, people_lists.in_village(view, village, MOST_IN_VILLAGE)
    preferred = years | ({names.token_for_village(village)} if village else set())
    parts = parts_answering(here, required, needed, preferred, MOST_PARTS, among)
    people = [
        person
        for person in _in_order(within(people_lists.holding(view, me, parts)), parts)
        if not village or (person["village"] or "").startswith(village)
    ][:MOST_OPENED]
    opened = _opened(here, people)
    found = [
        (likeness, person)
        for person in people
        if person["key"] in opened and (likeness := _likeness(opened[person["key"]], query, name, year)) is not None
    ]
    return [person for _, person in sorted(found, key=lambda pair: (-pair[0], pair[1]["key"]))]


def _likeness(identity: Mapping[str, Any], query: Words, name: str, year: int | None) -> int | None:
    """How well an opened identity answers, or ``None`` when a year or name asked for contradicts it."""
    born = _born(identity)[1]
    if year and (born is None or abs(born - year) > 2):
        return None
    likeness = 10 - 3 * abs(born - year) if year and born else 0
    if not query:
        return likeness
    best = max(name_likeness(name, _text(identity, one)) for one in ("name", "alias"))
    return likeness + best


def duplicates(
    here: Office, view: View, me: str, identity: Mapping[str, Any], village: str | None, kind: str, leave_out: str = ""
) -> list[tuple[Probable, Person]]:
    """The registered records of a kind that may be this one, the most probable first, each with its row.

    Records already linked to another one count through that one.
    """
    mine = comparable(identity, village)
    parts: dict[str, None] = {}
    digits = names.nik_digits(mine.get("nik") or "")
    if len(digits) == 16:
        tokens = [{f"n:{digits}"}]
        parts |= dict.fromkeys(parts_answering(here, tokens, 1, set(), MOST_DUPLICATES))
    year = _born(identity)[1]
    preferred = {names.token_for_birth_year(year)} if year else set()
    if village:
        preferred.add(names.token_for_village(village))
    for written in (_text(identity, "name"), _text(identity, "alias")):
        query = names.tokens_for_query(written)
        parts |= dict.fromkeys(parts_answering(here, query, names.words_needed(query), preferred, MOST_DUPLICATES))
    people = {
        person["key"]: person
        for person in people_lists.holding(view, me, list(parts))
        if person["kind"] == kind and person["key"] != leave_out
    }
    opened = _opened(here, list(people.values()))
    others = {id: comparable(opened[id], people[id]["village"]) for id in opened}
    return [(probable, people[probable.id]) for probable in probable_duplicates(mine, others)]


def alike(
    here: Office,
    view: View,
    me: str,
    person: Person,
    identity: Mapping[str, Any],
    within: Callable[[list[Person]], list[Person]],
) -> list[Person]:
    """The other registered records that may be this one, as far as search tokens tell: nobody's identity is opened for it,
    so that looking at one person is a reading of one person.

    They bear its NIK; or every word of its name, in whatever spelling, with its year of birth or its village as the
    village they were recorded in. Those that are linked to it already, or to the same one, are left out. ``within`` keeps
    those whom the asker may see.
    """
    words = [
        {text for text in texts if not text.startswith("p:")}
        for texts in names.tokens_for_query(_text(identity, "name") or _text(identity, "alias"))
    ]
    year = _born(identity)[1]
    known = {names.token_for_birth_year(year)} if year else set()
    known |= {names.token_for_village(person["village"])} if person["village"] else set()
    digits = names.nik_digits(_text(identity, "nik"))
    same = {f"n:{digits}"} if len(digits) == 16 else set()
    required = [*words, known] if words and known else []
    parts = parts_answering(here, required, max(len(required), 1), set(), MOST_PARTS, enough=same)
    main = person["linked_to"] or person["key"]
    others = [
        one
        for one in people_lists.holding(view, me, parts)
        if one["kind"] == person["kind"] and one["key"] not in (main, person["key"]) and one["linked_to"] != main
    ]
    return within(others)
