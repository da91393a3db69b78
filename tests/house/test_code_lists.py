"""An event stores a code and the id of the version it was taken from: together they must mean one thing."""

import importlib
import pkgutil
from collections import defaultdict

import domain
from domain.codes import CodeHistory, CodeList


def every_version() -> list[CodeList]:
    found: dict[int, CodeHistory] = {}
    for module in pkgutil.iter_modules(domain.__path__, "domain."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, CodeHistory):
                found[id(value)] = value
    assert len(found) > 40
    return [version for history in found.values() for version in history.versions]


def test_a_version_id_names_one_regulation_or_decision() -> None:
    sources = defaultdict(set)
    for version in every_version():
        sources[version.version].add((version.source, version.valid_from))
    assert {version: found for version, found in sources.items() if len(found) > 1} == {}


def test_no_version_id_is_used_by_two_lists() -> None:
    """Save lists of one regulation: there each code has one meaning, in whichever list it stands."""
    labels, names = defaultdict(set), defaultdict(set)
    for version in every_version():
        names[version.version, version.source].add(version.name)
        for code, label in version.codes.items():
            labels[version.version, code].add(label)
    assert {meant: found for meant, found in labels.items() if len(found) > 1} == {}
    assert {
        version: found
        for (version, source), found in names.items()
        if len(found) > 1 and source.startswith("Daftar setempat")
    } == {}
