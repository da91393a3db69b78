"""One command being decided over HTTP: what was sent, who sent it, and what of it goes into the vault."""

import functools
import inspect
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar, get_type_hints

import marshmallow as ma
import msgspec

from domain.aggregate import Aggregate
from domain.beneficiary import Beneficiary
from domain.refusals import NotFound
from domain.sealed import Sealed
from domain.seen import Seen
from service.api.field_sentences import OUTSIDE
from service.api.fields import ENVELOPE_FIELDS
from service.api.problems import RULES
from service.api.restricted import beneficiary_of
from service.casebook import Decision
from service.command import OFFLINE
from service.log.ids import new_id
from service.office import Office
from service.reach import Principal, scope

A = TypeVar("A", bound=Aggregate)


class Denied(Exception):
    """The policy table does not allow this to whoever asks. ``rule`` names what she is told, ``errors`` the fields that she
    may put right."""

    rule = "not_allowed"
    errors: dict[str, Any] | None = None

    @property
    def told(self) -> dict[str, Any]:
        """What she is told, with its status."""
        status, sentence = RULES[self.rule]
        told = {"status": status, "rule": self.rule, "detail": sentence}
        return {**told, "errors": self.errors} if self.errors else told


class OutsideArea(Denied):
    """What is to be recorded would belong to a village that whoever asks does not serve. It speaks of the village alone,
    which everybody knows of, and never of a record."""

    rule = "village_outside_area"

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.errors = {field: [OUTSIDE]}


class Form:
    """One command being decided: what was sent, who sent it, and the decision it feeds."""

    def __init__(
        self,
        schema: ma.Schema,
        data: dict[str, Any],
        principal: Principal,
        here: Office,
        decision: Decision,
        base: int | None = None,
    ) -> None:
        self.schema = schema
        self.data = data
        self.principal = principal
        self.office = here
        self.decision = decision
        self.today = here.today()
        offline = data.get("source") == OFFLINE
        self.seen = Seen(principal.account, data.get("device"), base if offline else None)
        self.holders: dict[str, tuple[str | None, str | None]] = {}  # of beneficiaries: who works with them, who began
        self.restricted = False  # it is about somebody whose processing is restricted
        self.ordered = False  # by the data protection officer: then others carry it out

    @property
    def on(self) -> date:
        """The day it happened: as sent, else today in the office's time zone."""
        day: date = self.data.get("on") or self.today
        return day

    @property
    def account(self) -> str:
        return self.principal.account

    def new_id(self) -> str:
        """The id for the record that is begun: the client's own, else a new one, the same in every attempt."""
        return str(self.data.setdefault("id", new_id()))

    def load(self, aggregate_class: type[A], stream: str, *also: str) -> A:
        """The aggregate with that id. Raises `NotFound`, also of one that does not exist for whoever asks, and
        `ProcessingRestricted` when it is about somebody whose processing is restricted and whoever asks does not reach
        such records. ``also`` are actions that make somebody in need known to her as well."""
        from service.api.known import is_known  # it needs this class

        found = self.decision.load(aggregate_class, stream)
        person = self._person(found)
        restricted = person is not None and person.restricted
        entitled = restricted and scope(self.principal, "beneficiary.record").restricted
        if not entitled and not is_known(self, found, *also):
            raise NotFound
        if person is not None and restricted:
            person.must_be_workable(entitled=entitled or self.ordered)
            self.restricted = entitled
        return found

    def _person(self, found: Aggregate) -> Beneficiary | None:
        subject = beneficiary_of(found)
        try:
            return self.decision.load(Beneficiary, subject) if subject else None
        except NotFound:
            return None

    def require(
        self,
        action: str,
        *,
        village: str | None = None,
        worker: str | None = None,
        by: str | None = None,
        to: str | None = None,
    ) -> None:
        """Raise `Denied` unless the policy table allows the action to whoever asks."""
        if not scope(self.principal, action).includes(village, worker, by, to, restricted=self.restricted):
            raise Denied

    def village(self, code: str) -> str:
        """A village of the list in force on the day; raises ``ValidationError`` naming the field for any other."""
        casebook = self.office.casebook
        if not (casebook.territory().has(code, self.on) or casebook.territory(fresh=True).has(code, self.on)):
            raise ma.ValidationError(
                {"village": ["Desa/kelurahan ini tidak ada dalam daftar wilayah pada tanggal itu."]}
            )
        return code

    def served(self, action: str, code: str, *, field: str = "village", by: str | None = None) -> str:
        """A village of the list in force on the day, in which whoever asks may do the action to what is not recorded yet.
        Raises ``ValidationError``, `OutsideArea` naming the ``field``, or `Denied` of whoever serves no village."""
        village, reach = self.village(code), scope(self.principal, action)
        if not reach.includes(village, by=by, restricted=self.restricted):
            raise OutsideArea(field) if reach.areas or reach.own or reach.unassigned else Denied
        return village

    def evidence(self, stream: str) -> tuple[Any, ...]:
        """The papers sent along, as the event stores them."""
        return tuple(
            self.decision.paper(
                paper["kind"],
                file=paper.get("file"),
                number=paper.get("number"),
                dated=paper["dated"].isoformat() if paper.get("dated") else None,
                stream=stream,
            )
            for paper in self.data.get("evidence", ())
        )

    def fill(
        self,
        subject: str,
        *,
        strict: bool = False,
        only: set[str] | None = None,
        compartments: frozenset[str] = frozenset(),
        label: str = "",
    ) -> dict[str, Any]:
        """The sent fields as keyword arguments: personal ones as one `Sealed` reference, the others as they are.

        ``subject`` is whose key seals; ``strict`` says that the subject is of the strictly restricted tier, and that these
        ``compartments`` are hers from now on; ``label`` is that of the key, when it is none of these.
        """
        hidden: dict[str, Any] = {}
        mark = Sealed(new_id())
        arguments = {
            name: value
            for name, value in self._sealed(self.schema, self.data, strict, hidden, mark).items()
            if name not in ENVELOPE_FIELDS and name != "id" and (only is None or name in only)
        }
        if hidden:
            sealed = self.decision.seal(
                subject, hidden, strict=strict, part=mark.part, compartments=compartments, label=label
            )
            assert sealed == mark
        return arguments

    def _sealed(
        self, schema: ma.Schema, data: dict[str, Any], strict: bool, hidden: dict[str, Any], mark: Sealed
    ) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for name, value in data.items():
            field = schema.fields[name]
            if field.metadata.get("sealed") or (strict and field.metadata.get("strict")):
                if value is not None:
                    hidden[name] = plain(value)
                    shown[name] = mark
            elif isinstance(field, ma.fields.List) and isinstance(field.inner, ma.fields.Nested):
                inner: list[dict[str, Any]] = []
                rows = []
                for one in value or ():
                    kept: dict[str, Any] = {}
                    rows.append(self._sealed(field.inner.schema, one, strict, kept, mark))
                    inner.append(kept)
                if any(inner):
                    hidden[name] = inner
                shown[name] = rows
            else:
                shown[name] = value
        return shown


def plain(value: Any) -> Any:
    """A value as JSON would hold it: dates as text."""
    return msgspec.to_builtins(value)


@functools.cache
def _hints(method: Callable[..., Any]) -> dict[str, Any]:
    return get_type_hints(method)


@functools.cache
def parameters_of(method: Callable[..., Any]) -> frozenset[str]:
    """The names of a method's arguments."""
    return frozenset(inspect.signature(method).parameters)


def fit(method: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """Turn lists of objects into the tuples of structures that ``method`` is annotated with."""
    hints = _hints(method)
    fitted = {}
    for name, value in arguments.items():
        if isinstance(value, list) and name in hints:
            fitted[name] = msgspec.convert(msgspec.to_builtins(value), hints[name])
        else:
            fitted[name] = value
    return fitted
