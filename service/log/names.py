"""Names as the register writes them and as a clerk types them: words, a key of how a word sounds, and search tokens.

One person is written "Abd. Rahman Moonti", "Abdul Rachman Monti" and "Hi. Abdurrahman Moonti, S.Pd". The rules follow
the Indonesian spelling reforms of 1947 (oe to u) and 1972 (dj to j, j to y, tj to c, nj to ny, sj to sy, ch to kh) and
the customs of Gorontalo. Tokens are plain text here and carry personal data: they are keyed before they are stored,
and nothing in this module may log.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from itertools import pairwise

_MOST_WORDS = 8
_PREFIX_LENGTHS = (3, 4, 6)  # not 5: every length costs a row per word, and a typed 5 is found by its first 4

_APOSTROPHES = re.compile("['’‘‛`´ʼʻʾʿˈ\"“”]")
_WORD = re.compile(r"[^\W_]+")
_DEGREE = re.compile(
    r"\b(?:[sm]\.\s?(?:pd|sos|si|kom|ag|ip|km|kep|hut|pt|tp|sn|hum|kes|psi|farm|keb|gz|ap|ak|sc|th|tr)"
    r"(?:\.\s?i)?|a\.\s?m\.?d(?:\.\s?(?:kep|keb))?|ph\.?d)\b\.?"
    r"|(?<=[,\s])[sm]\.\s?[ehtpmak]\.?(?=\s*(?:,|$))"
)
_TITLES = re.compile(
    "hi|hj|had?ji|ha[dj]{0,2}ah|drs|dra|drg?|ir|prof|ny|nyonya|nn|tn|sdri?|almh?|almarhum(ah)?|usta(d|z|dz)(ah)?|kh|k[iy]ai"
    "|bin|binti|bte?|spdi?|ssos|ssi|msi|mpd|skm|skom|sag|amd"
)
_LEADING_TITLES = re.compile("h|ti|te|ta|ka|pak|i?bu|bapak|bpk|tuan|nona|om|tante|mas|mbak|bang|kak|opa|oma")
_TRAILING_TITLES = re.compile("se|sh|st|sp|mm|mh")
_LONG_FORMS = (
    {"noer": "nur", "sy": "syarif", "ibr": "ibrahim", "ism": "ismail"}
    | dict.fromkeys(("moh", "muh", "mohd", "muhd", "mhd", "much", "moch", "mukh", "mokh"), "muhammad")
    | dict.fromkeys(("abd", "abdl", "abdu", "abdur", "abdus", "abdoel", "abdoer", "abdoes"), "abdul")
    | dict.fromkeys(("st", "sti", "sitti", "sitty", "sity"), "siti")
    | dict.fromkeys(("ach", "akh", "ahm"), "ahmad")
)
_MUHAMMAD = re.compile(r"m(?:u|o|oe)(?:h|ch|kh)am+[ae][dt]")
_AHMAD = re.compile(r"a(?:h|ch|kh)m+[ae][dt]")
_JOINED_ABDUL = re.compile(r"abd(?:u|oe)([lrsdtnz])([a-z]{3,})")

_RESPELLING = tuple(
    (re.compile(pattern), new)
    for pattern, new in (
        ("oe", "u"),
        ("dj", "j"),
        ("tj", "c"),
        ("sj|sy(?=[aeiou])|sh|ts", "s"),
        ("ch(?=[rl])", "k"),
        ("ch|kh", "h"),
        ("dz", "z"),
        ("([tdgb])h", r"\1"),
        ("(?<=[aeiou])dl(?=[aeiouy])", "d"),
        ("ph|[fv]", "p"),
        ("c?k|q|c(?=[^aeiouyhc])", "k"),
        ("x", "ks"),
        ("z", "s"),
        (r"(.)\1+", r"\1"),
        ("y(?![aeiou])", "i"),
        ("w(?![aeiou])", "u"),
        ("(?<=[^aeiou])[yj](?=[aeiou])", "i"),
        ("y", "j"),
        ("(?<=i)j(?=[aeiou])|(?<=u)w(?=[aeiou])|(?<=a)w(?=u)", ""),
        ("e", "i"),
        ("o", "u"),
        (r"(.)\1+", r"\1"),  # again: the rules above bring equal letters together
    )
)
_ONE_VOWEL = re.compile("(?:(?<=.)ai|(?<=h)ui)(?=[^aiu])")  # Husain, Husein, Husin; Khairul, Choirul
_LAST_LETTER = str.maketrans("dbg", "tpk")
# Two letters a clerk exchanges, but too far apart for one key: the query asks for both.
_EXCHANGED = (("z", "j"), ("j", "z"), ("ch", "c"), ("c", "ch"), ("kh", "k"), ("k", "kh"), ("c", "k"))


def name_words(text: str) -> tuple[str, ...]:
    """The words of a written name in lower case, without titles, degrees, marks; abbreviations written out.

    At most 8 words. A name made of nothing but titles keeps them. An initial stays a one-letter word, except a
    leading "M.", which is Muhammad.
    """
    plain = unicodedata.normalize("NFKC", _APOSTROPHES.sub("", text)).casefold()
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    words = _WORD.findall(_DEGREE.sub(" ", plain)) or _WORD.findall(plain)
    words = [word for word in words if not _TITLES.fullmatch(word)] or words
    while len(words) > 1 and _LEADING_TITLES.fullmatch(words[0]):
        del words[0]
    while len(words) > 1 and _TRAILING_TITLES.fullmatch(words[-1]):
        del words[-1]
    if len(words) > 1 and words[0] == "m":
        words[0] = "muhammad"
    return tuple(written_out for word in words[:_MOST_WORDS] for written_out in _written_out(word))


def _written_out(word: str) -> tuple[str, ...]:
    if _MUHAMMAD.fullmatch(word):
        return ("muhammad",)
    if _AHMAD.fullmatch(word):
        return ("ahmad",)
    joined = _JOINED_ABDUL.fullmatch(word)
    if joined and joined[2] not in {"lah", "loh"}:
        letter, rest = joined.groups()
        assimilated = letter != "l" or rest in {"atif", "atip"}
        return ("abdul", letter + rest if assimilated and not rest.startswith(letter) else rest)
    return (_LONG_FORMS.get(word, word),)


def _respelled(word: str) -> str:
    """The word in one spelling, so far as no rule needs its end: good for the beginning of a word still being typed."""
    for pattern, new in _RESPELLING:
        word = pattern.sub(new, word)
    return word


def sound(word: str) -> str:
    """How a normalised word sounds: "rachmawaty" and "rahmawati" give the same key, and so do "djafar" and "jafar"."""
    key = _ONE_VOWEL.sub("i", _respelled(word))
    key = key.removesuffix("h") if len(key) > 2 else key
    return key if len(key) < 3 or key.endswith("ng") else key[:-1] + key[-1].translate(_LAST_LETTER)


def skeleton(word: str) -> str:
    """The consonants of the sound, for slips of a vowel or an h; empty when fewer than three, which says too little."""
    key = sound(word)
    bones = re.sub("[aiuh]", "", key)
    return "" if len(bones) < 3 else ("a" if key[0] in "aiu" else "") + bones


def tokens_for_name(text: str) -> set[str]:
    """What one registered name is found by, five or six tokens a word: w: word, s: sound, k: consonants, p: beginnings.

    Short neighbours are also one sound ("Nur Hayati" is found by "Nurhayati").
    """
    words = [word for word in name_words(text) if len(word) > 1]
    tokens = {f"s:{sound(first + second)}" for first, second in pairwise(words) if len(first) < 5 or len(second) < 4}
    for word in words:
        tokens |= _whole_word_tokens(word)
        start = _respelled(word)
        tokens |= {f"p:{start[:length]}" for length in _PREFIX_LENGTHS if length < len(start)}
    return tokens


def tokens_for_query(text: str) -> list[set[str]]:
    """For each typed word the tokens any of which will do. Initials are not asked for; no word gives an empty list."""
    words = [word for word in name_words(text) if len(word) > 1]
    query = [_whole_word_tokens(word) for word in words]
    for word, alternatives in zip(words, query, strict=True):
        alternatives |= {f"s:{sound(word.replace(old, new))}" for old, new in _EXCHANGED if old in word}
        start = _respelled(word)
        fitting = [length for length in _PREFIX_LENGTHS if length <= len(start)]
        if fitting:
            alternatives.add(f"p:{start[: fitting[-1]]}")
    for place, (first, second) in enumerate(pairwise(words)):
        together = f"s:{sound(first + second)}"
        query[place].add(together)
        query[place + 1].add(together)
    return query


def words_needed(query: Sequence[Collection[str]]) -> int:
    """How many typed words must be present: all, but one may be missing when three or more were typed."""
    return len(query) - (len(query) >= 3)


def answers(query: Sequence[Collection[str]], tokens: Collection[str]) -> bool:
    """Does a person holding these tokens answer the query? An empty query is answered by nobody."""
    present = sum(any(token in tokens for token in alternatives) for alternatives in query)
    return bool(query) and present >= words_needed(query)


def nik_digits(text: str) -> str:
    """The digits of what was typed as a NIK, spaces, dots and hyphens left out; empty when anything else is in it."""
    digits = re.sub(r"[\s.\-]", "", text)
    return digits if digits.isascii() and digits.isdigit() else ""


def tokens_for_nik(nik: str) -> set[str]:
    """n: the 16 digits, t: the last six. A NIK of another length has no token."""
    digits = nik_digits(nik)
    return {f"n:{digits}", f"t:{digits[-6:]}"} if len(digits) == 16 else set()


def token_for_nik_query(text: str) -> str | None:
    """The token for a typed NIK (16 digits) or its end (6 digits); nothing for any other text."""
    digits = nik_digits(text)
    return {16: f"n:{digits}", 6: f"t:{digits}"}.get(len(digits))


def token_for_birth_year(year: int) -> str:
    """y: the year of birth, four digits."""
    return f"y:{year:04d}"


def token_for_village(code: str) -> str:
    """v: the Kemendagri code of the village."""
    return f"v:{code}"


def _whole_word_tokens(word: str) -> set[str]:
    bones = skeleton(word)
    return {f"w:{word}", f"s:{sound(word)}"} | ({f"k:{bones}"} if bones else set())
