"""What the office keeps in Indonesian and pages in another language say in their own: labels of lists, sentences of rules,
of fields and of errors, questions of instruments, and what figures count."""

import ast
from collections.abc import Iterator

from tests.house.tables import ROOT

#: Calls whose Indonesian words reach a page by way of an answer: the name of the call, and of the argument, else the first.
_SAYING = {"ValidationError": "", "BadBody": "", "_Unwanted": "", "problem": "detail", "Regexp": "error"}


def labels() -> set[str]:
    """The labels of every version of every list, what the lists are called, and what codes mean that no list has."""
    from projections.sentences.reading import OPENED
    from projections.sentences.wksbm import STEPS
    from service.api.codes import LISTS
    from service.matching import GROUNDS
    from service.web.forms import MEANINGS

    found = {label for history in LISTS.values() for version in history.versions for label in version.codes.values()}
    names = {version.name for history in LISTS.values() for version in history.versions}
    begun = {name[:1].upper() + name[1:] for name in names}
    opened, grounds = {label for _part, label in OPENED}, {label for _points, label in GROUNDS.values()}
    return found | begun | {*MEANINGS.values(), *STEPS.values()} | opened | grounds


def sentences() -> set[str]:
    """The sentence of every rule, fault of a field, error and finding, with ``{placeholders}``."""
    from domain import nik, ppks
    from domain.wksbm_legal import MISSING
    from service.api import (
        blueprints,  # noqa: F401 - a rule is known once its route is
        field_sentences,
        problems,
        rules,
    )

    of_rules = {rule.sentence for rule in rules.rules()}
    of_fields, missing = (
        field_sentences.sentences(),
        (*MISSING.values(), *nik.FINDINGS.values(), *ppks.FINDINGS.values()),
    )
    return of_rules | {*of_fields, *missing, *problems.SENTENCES.values(), *_written()}


def explained() -> set[str]:
    """The questions of the instruments, and the definitions of figures."""
    from domain.instruments import INSTRUMENTS
    from projections.figures import FIGURES

    forms = list(INSTRUMENTS.values())
    asked = {question.text for form in forms for question in form.questions} | {form.label for form in forms}
    return asked | {figure.definition for figure in FIGURES.values()}


def everything() -> set[str]:
    """All of them, once."""
    return {one for one in labels() | sentences() | explained() if one.strip()}


def _written() -> Iterator[str]:
    """The sentences that stand in the code of the API where they are said."""
    for path in sorted((ROOT / "service" / "api").glob("*.py")):
        if path.name == "health.py":  # it speaks to machines
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in _SAYING:
                    yield from _words(node, _SAYING[called])


def _words(call: ast.Call, argument: str) -> Iterator[str]:
    said = [one.value for one in call.keywords if one.arg in (argument, "errors")] if argument else call.args[:1]
    for value in said:
        inner = [value]
        while inner:
            one = inner.pop()
            if isinstance(one, ast.Dict):
                inner += one.values
            elif isinstance(one, ast.List | ast.Tuple):
                inner += one.elts
            elif isinstance(one, ast.Constant) and isinstance(one.value, str):
                yield one.value
