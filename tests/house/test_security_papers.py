"""The papers about security cite what is there: every test and every file that they name as evidence exists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.house.test_repository import ROOT, text_of

FOLDER = ROOT / "docs" / "security"
PAPERS = sorted(path.name for path in FOLDER.glob("*.md"))
ANSWERS = {"yes", "partly", "no", "n/a"}
#: How many requirements of levels 1 and 2 ASVS 5.0.0 has, by chapter.
CHAPTERS = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13}
CHAPTERS |= {16: 16, 17: 7}
_FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)+|\w+\.(?:md|toml|yaml|txt|py|csv)|Dockerfile|Makefile")
_ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.M)


def files_of_tests() -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        found.setdefault(path.name, []).append(path)
    return found


def missing(text: str) -> list[str]:
    """The tests and files that a text names in back ticks and that are not there. A test is named by its file's name."""
    known, wrong = files_of_tests(), []
    for cited in re.findall(r"`([^`\n]+)`", text):
        if found := re.fullmatch(r"(test_\w+\.py)(?:::(test_\w+))?", cited):
            files = known.get(found[1], [])
            if len(files) != 1 or (found[2] and not re.search(rf"(?m)^def {found[2]}\(", text_of(files[0]))):
                wrong.append(cited)
        elif _FILE.fullmatch(cited) and not (ROOT / cited).exists():
            wrong.append(cited)
    return wrong


def test_there_are_three_papers() -> None:
    assert PAPERS == ["asvs.md", "dpia.md", "threat-model.md"]


@pytest.mark.parametrize("name", PAPERS)
def test_every_test_and_file_that_is_cited_is_there(name: str) -> None:
    text = text_of(FOLDER / name)
    assert missing(text) == []
    assert len(re.findall(r"`[^`\n]*(?:/|\.py)[^`\n]*`", text)) > 10


def test_a_test_or_a_file_that_is_not_there_would_be_noticed() -> None:
    here = "`test_tables.py::test_every_field_of_every_event_has_one_class` `domain/case.py` `Dockerfile` `x = 1`"
    assert missing(here) == []
    gone = "`test_tables.py::test_nothing` `test_nowhere.py` `domain/nothing.py` `nothing.md`"
    assert missing(gone) == ["test_tables.py::test_nothing", "test_nowhere.py", "domain/nothing.py", "nothing.md"]


def test_every_requirement_is_answered_once_with_evidence_or_an_honest_no() -> None:
    text = text_of(FOLDER / "asvs.md")
    rows = _ROW.findall(text)
    assert len(rows) == sum(line.startswith("| ") and line[2].isdigit() for line in text.splitlines())
    numbers = [tuple(map(int, row[0].split("."))) for row in rows]
    assert numbers == sorted(set(numbers))
    assert Counter(chapter for chapter, _, _ in numbers) == CHAPTERS
    assert Counter(row[1] for row in rows) == {"1": 70, "2": 183}
    assert {row[3].strip() for row in rows} <= ANSWERS
    without = [row[0] for row in rows if row[3].strip() in ("yes", "partly") and "`" not in row[4]]
    assert without == [], "a yes without evidence"
    assert [row[0] for row in rows if len(row[4].strip()) < 4] == []


def test_the_head_counts_the_answers() -> None:
    text = text_of(FOLDER / "asvs.md")
    counted = Counter(row[3].strip() for row in _ROW.findall(text))
    told = dict(re.findall(r"(?m)^\| \**(yes|partly|no|n/a)\** \| (\d+) \|", text))
    assert {answer: int(number) for answer, number in told.items()} == counted
