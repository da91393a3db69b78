"""Commands over HTTP: one frame for every route that records something.

A route is a rule, a schema and a method of an aggregate. The frame checks who asks, seals what is personal, calls the
method, records, and answers with what was recorded. A field of the schema, the method's argument and the event's field have
the same name, so the schema's marks (`service.api.fields`) decide what goes into the vault.
"""

import inspect
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar, get_type_hints

import marshmallow as ma
import msgspec
from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint

from domain.aggregate import Aggregate
from domain.sealed import Sealed
from service.access import allowed
from service.api.current import office
from service.api.current import principal as asking
from service.api.fields import ENVELOPE_FIELDS, Schema
from service.api.problems import problem
from service.casebook import Answer, Command, Decision
from service.identity import Principal
from service.log.ids import is_id, new_id
from service.office import Office

A = TypeVar("A", bound=Aggregate)


class RecordedSchema(ma.Schema):
    id = ma.fields.String()
    stream = ma.fields.String()
    version = ma.fields.Integer()
    topic = ma.fields.String()
    position = ma.fields.Integer()


class AnswerSchema(ma.Schema):
    """What was recorded: the command's id, the stream it was about and its version, and every event with its position."""

    command = ma.fields.String()
    id = ma.fields.String()
    version = ma.fields.Integer()
    position = ma.fields.Integer()
    recorded = ma.fields.String()
    events = ma.fields.List(ma.fields.Nested(RecordedSchema))


class Denied(Exception):
    """The policy table does not allow this to whoever asks."""


class Form:
    """One command being decided: what was sent, who sent it, and the decision it feeds."""

    def __init__(self, schema: ma.Schema, data: dict[str, Any], principal: Principal, here: Office) -> None:
        self.schema = schema
        self.data = data
        self.principal = principal
        self.office = here
        self.decision: Decision = Decision(here.casebook)
        self.today = here.today()

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
        chosen: str = self.data.setdefault("id", new_id())
        return chosen

    def load(self, aggregate_class: type[A], stream: str) -> A:
        """The aggregate with that id. Raises `NotFound`."""
        return self.decision.load(aggregate_class, stream)

    def require(self, action: str, *, village: str | None = None, worker: str | None = None, by: str | None = None) -> None:
        """Raise `Denied` unless the policy table allows the action to whoever asks."""
        if not allowed(self.principal, action, village=village, worker=worker, by=by):
            raise Denied

    def village(self, code: str) -> str:
        """A village of the list in force on the day; raises ``ValidationError`` naming the field for any other."""
        if not self.office.casebook.territory().has(code, self.on):
            raise ma.ValidationError({"village": ["Desa/kelurahan ini tidak ada dalam daftar wilayah pada tanggal itu."]})
        return code

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

    def fill(self, subject: str, *, strict: bool = False, only: set[str] | None = None) -> dict[str, Any]:
        """The sent fields as keyword arguments: personal ones as one `Sealed` reference, the others as they are.

        ``subject`` is whose key seals; ``strict`` says that the subject is of the strictly restricted tier.
        """
        hidden: dict[str, Any] = {}
        mark = Sealed(new_id())
        arguments = {
            name: value
            for name, value in self._sealed(self.schema, self.data, strict, hidden, mark).items()
            if name not in ENVELOPE_FIELDS and name != "id" and (only is None or name in only)
        }
        if hidden:
            sealed = self.decision.seal(subject, hidden, strict=strict, part=mark.part)
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
                    hidden[name] = _plain(value)
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


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)


def fit(method: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """Turn lists of objects into the tuples of structures that ``method`` is annotated with."""
    hints = get_type_hints(method)
    fitted = {}
    for name, value in arguments.items():
        if isinstance(value, list) and name in hints:
            fitted[name] = msgspec.convert(msgspec.to_builtins(value), hints[name])
        else:
            fitted[name] = value
    return fitted


Handler = Callable[..., str]


class Noun:
    """The commands of one aggregate. ``action`` is the policy's name for recording about it."""

    def __init__(self, blueprint: Blueprint, aggregate: type[Aggregate], action: str) -> None:
        self.blueprint = blueprint
        self.aggregate = aggregate
        self.action = action

    def simple(
        self,
        rule: str,
        method: str,
        schema: type[Schema],
        *,
        action: str | None = None,
        subject: Callable[[Any], str] = lambda aggregate: str(aggregate.id),
    ) -> None:
        """A route that loads the aggregate named by ``<stream>`` and calls one of its methods with the sent fields.

        The method's ``by`` gets the account; its ``evidence`` the papers.
        """
        function = getattr(self.aggregate, method)
        expected = inspect.signature(function).parameters

        def handle(form: Form, stream: str) -> str:
            aggregate = form.load(self.aggregate, stream)
            form.require(
                action or self.action, village=aggregate.village, worker=getattr(aggregate, "worker", None)
            )
            arguments = form.fill(subject(aggregate), strict=aggregate.strict)
            arguments["on"] = form.on
            if "by" in expected:
                arguments["by"] = form.account
            if "evidence" in expected:
                arguments["evidence"] = form.evidence(stream)
            getattr(aggregate, method)(**fit(function, arguments))
            return stream

        handle.__doc__ = inspect.getdoc(function)
        self.route(rule, schema, f"{self.aggregate.NOUN}.{method}")(handle)

    def route(self, rule: str, schema: type[Schema], name: str) -> Callable[[Handler], Handler]:
        """Register a handler ``(form, **url) -> stream`` under a rule; ``name`` is the command's name in the log."""

        def register(handler: Handler) -> Handler:
            def post(self_: MethodView, data: dict[str, Any], **url: str) -> Response:
                return run(schema(), data, handler, name, url)

            post.__doc__ = (inspect.getdoc(handler) or name).replace("``", "`")
            view_name = name.replace(".", "_") + rule.count("<") * "_of"
            view = type(view_name, (MethodView,), {"post": _documented(self.blueprint, schema)(post)})
            self.blueprint.route(rule)(view)
            return handler

        return register


def _documented(blueprint: Blueprint, schema: type[Schema]) -> Callable[[Any], Any]:
    headers = {
        "ETag": {"description": "The stream's version", "schema": {"type": "string"}},
        "Wahana-Position": {"description": "Position of the last event", "schema": {"type": "integer"}},
    }
    parameters = [
        {
            "in": "header",
            "name": "Idempotency-Key",
            "schema": {"type": "string", "format": "uuid"},
            "description": "The command's id, made by the client. The same id again gets the same answer.",
        },
        {
            "in": "header",
            "name": "If-Match",
            "schema": {"type": "string"},
            "description": "The version that was seen, as an ETag; refused only when something that matters came since.",
        },
    ]

    def wrap(function: Any) -> Any:
        function = blueprint.response(201, AnswerSchema, headers=headers)(function)
        function = blueprint.arguments(schema)(function)
        for status in (400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503):
            function = blueprint.alt_response(status, schema="ProblemSchema", content_type="application/problem+json")(
                function
            )
        return blueprint.doc(parameters=parameters)(function)

    return wrap


def _etag_version() -> int | None:
    header = request.headers.get("If-Match")
    if header is None or header == "*":
        return None
    text = header.strip().removeprefix('"').removesuffix('"')
    if not text.isdecimal() or len(text) > 15:
        raise ma.ValidationError({"If-Match": ["Bukan nomor versi."]})
    return int(text)


def command_of(schema: ma.Schema, data: dict[str, Any], name: str, url: dict[str, str], principal: Principal) -> Command:
    """The command that this request is. Raises ``ValidationError`` for a header that cannot be read."""
    key = request.headers.get("Idempotency-Key", "").strip().lower()
    if key and not is_id(key):
        raise ma.ValidationError({"Idempotency-Key": ["Bukan UUID."]})
    asked = msgspec.json.encode([name, url, _plain({n: v for n, v in data.items()})], order="sorted")
    device_time = data.get("device_time")
    return Command(
        id=key or new_id(),
        name=name,
        account=principal.account,
        post=principal.post,
        source=data.get("source", "api"),
        fingerprint=office().tokens.fingerprint(asked),
        stream=url.get("stream"),
        base=_etag_version(),
        performed_by=data.get("performed_by"),
        device=data.get("device"),
        device_time=device_time.isoformat() if device_time else None,
    )


def run(schema: ma.Schema, data: dict[str, Any], handler: Handler, name: str, url: dict[str, str]) -> Any:
    """Decide and record one command, and answer it."""
    here = office()
    principal = asking()
    try:
        answer, stream = execute(schema, data, handler, name, url, principal, here)
    except Denied:
        return problem(403, detail="Anda tidak berwenang melakukan ini.", rule="not_allowed")
    except ma.ValidationError as error:
        return problem(422, detail="Isian tidak sah.", errors={"json": error.normalized_messages()})
    body = rendered(answer, stream)
    headers = {"ETag": f'"{body["version"]}"', "Wahana-Position": str(answer.position)}
    if answer.repeated:
        headers["Idempotent-Replayed"] = "true"
    return body, 201, headers


def execute(
    schema: ma.Schema,
    data: dict[str, Any],
    handler: Handler,
    name: str,
    url: dict[str, str],
    principal: Principal,
    here: Office,
) -> tuple[Answer, str]:
    """Record one command; returns its answer and the stream it was about. Raises `Denied` and the domain's refusals."""
    if data.get("on") is not None and data["on"] > here.today():
        raise ma.ValidationError({"on": ["Tanggal kejadian tidak boleh di masa depan."]})
    command = command_of(schema, data, name, url, principal)
    about: list[str] = []

    def decide(decision: Decision) -> None:
        form = Form(schema, data, principal, here)
        form.decision = decision
        about[:] = [handler(form, **url)]

    answer = here.casebook.record(command, decide)
    return answer, about[0] if about else answer.events[0].stream


def rendered(answer: Answer, stream: str) -> dict[str, Any]:
    """An answer as JSON values; ``version`` is that of the stream the command was about."""
    versions = [event.version for event in answer.events if event.stream == stream]
    return {
        "command": answer.command,
        "id": stream,
        "version": versions[-1] if versions else answer.events[-1].version,
        "position": answer.position,
        "recorded": answer.recorded,
        "events": [msgspec.structs.asdict(event) for event in answer.events],
    }

