"""The views from the command line: ``project status``, ``rebuild``, ``switch-back``, ``verify`` and ``follow``."""

import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import click
from msgspec import to_builtins

from projections.chunk import RebuildRefused, first_of_streams
from projections.engine import CaughtUp, LogReplaced, Views, ViewsNotReady
from projections.source import NewerEvent
from projections.store import StoreUnavailable
from service.cli.output import as_json, opened, say, show
from service.cli.progress import Progress
from service.log.entries import LogUnavailable

RETRY_SECONDS = 5.0  # of the follower, while the views are not built yet or a database is away


def unhurried() -> Views:
    """The office's views, for work that nobody waits for. This process is put behind others by half only, as its catch-up
    holds the lock of the views, and on SQLite, where it holds that of whoever writes, not at all; what it folds beside
    them has a thread that goes last."""
    from projections.processes import let_others_go_first

    views = opened().views
    if views.store.dialect.name != "sqlite":
        let_others_go_first(10)
    return views


def chosen(views: Views, names: tuple[str, ...]) -> tuple[str, ...] | None:
    """The views that were named, or None for all. Raises ``BadParameter`` for one that there is not."""
    for name in names:
        if name not in views.projections:
            there = ", ".join(sorted(views.projections))
            raise click.BadParameter(f"there is no view {name!r}; there are: {there}", param_hint="NAMES")
    return tuple(dict.fromkeys(names)) or None


def events_behind(views: Views, positions: Sequence[int]) -> list[dict[str, Any]]:
    """Position, topic and stream of the events at these positions; no topic where the log holds none that this program
    knows."""
    found = []
    for position in positions:
        try:
            read = views.source.read(position - 1, 1)
        except NewerEvent:
            read = []
        event = read[0] if read and read[0].position == position else None
        found.append(
            {"position": position, "topic": event.topic if event else "", "stream": event.stream if event else ""}
        )
    return found


@click.group()
def project() -> None:
    """The views: what people look at, made from the events and always able to be made again."""


@project.command()
@as_json
def status(json_output: bool) -> None:
    """Every view, how far it is behind the log, and what was set aside.

    \b
    Example:
      wahana project status --json
    """
    found = opened().views.status()
    lines = [
        f"{one.projection:<20} {one.generation:>4} {one.state:<9} position {one.position:>9,} "
        f"lag {one.lag:>7,}  aside {len(one.set_aside)}{'  ANOTHER LOG' if one.replaced else ''}"
        for one in found
    ]
    lines += [
        f"aside from position {bad.position}: stream {bad.stream}: {bad.topic}: {bad.reason}"
        for bad in sorted({bad for one in found for bad in one.set_aside}, key=lambda bad: bad.position)
    ]
    show(to_builtins(found), lines, json_output)


def at_a_time(command: Callable[..., None]) -> Callable[..., None]:
    """Add the option ``--processes``."""
    return click.option(
        "--processes",
        type=click.IntRange(min=1),
        help="How many processes work at a time; one on each processor by default, which is also the most.",
    )(command)


def refusal(views: Views, names: tuple[str, ...], refused: RebuildRefused) -> list[str]:
    """What a rebuild of these views refused, what is in use meanwhile, and the way out."""
    lines = [f"position {bad.position}: {bad.topic}: {bad.reason} (stream {bad.stream})" for bad in refused.malformed]
    if refused.given_up:
        lines.append("there may be more than these")
    missing = sorted(set(views.projections) - {one.projection for one in views.status() if one.serving})
    stays = "the views in use stay as they are"
    if missing:
        stays = f"until they can, what reads these views is answered 503: {', '.join(missing)}"
    lines.append(f"these events cannot be taken in; {stays}")
    if not refused.given_up:
        aside = [f"--set-aside {event.position}" for event in first_of_streams(refused.malformed)]
        command = " ".join(("wahana project rebuild", *names, *aside))
        lines.append(
            f"if they cannot be mended, leave out their streams from there on until they are released: {command}"
        )
    return lines


@project.command()
@click.argument("names", nargs=-1)
@click.option(
    "--set-aside",
    "named",
    type=click.IntRange(min=1),
    multiple=True,
    metavar="POSITION",
    help="Leave the stream of the event at this position out from there on; once for each that cannot be taken in.",
)
@at_a_time
@as_json
def rebuild(names: tuple[str, ...], named: tuple[int, ...], processes: int | None, json_output: bool) -> None:
    """Make views anew beside the ones in use, then switch. Interrupted, it goes on where it was.

    While an event cannot be taken in, it names all of them, does not switch, and ends with 3. With --set-aside for each
    of them it switches without their streams, which stay out from there on until they are released; it still refuses
    when there is another one (3), or when one that was named can be taken in (1, before anything is built).

    \b
    Example:
      wahana project rebuild            (all)
      wahana project rebuild cases people
      wahana project rebuild --processes 1     (leaves the other processors to the service)
      wahana project rebuild --set-aside 4711 --set-aside 4720
    """
    from projections.rebuild import NothingWrong
    from projections.rebuild import rebuild as build_anew

    views = unhurried()
    head = views.source.head()[0]
    if beyond := [position for position in named if position > head]:
        raise click.BadParameter(f"{min(beyond)}: the log ends at position {head}", param_hint="--set-aside")
    try:
        with Progress() as progress:
            report = build_anew(views, chosen(views, names), progress, processes=processes, named=named)
    except (RebuildRefused, NothingWrong) as error:
        for line in refusal(views, names, error) if isinstance(error, RebuildRefused) else [str(error)]:
            say(f"wahana: {line}")
        sys.exit(3 if isinstance(error, RebuildRefused) else 1)
    lines = [
        f"{len(report.projections)} views made anew up to position {report.position}: {', '.join(report.projections)}",
        f"{report.events} events in {report.seconds:.1f} s, {report.rate:.0f} a second, {report.processes} at a time",
    ]
    if report.resumed:
        lines.append(f"{report.resumed} events were folded before, by a rebuild that was interrupted")
    lines += [f"left out: the stream of position {position}, from there on" for position in report.set_aside]
    show(asdict(report), lines, json_output)


@project.command("switch-back")
@click.argument("names", nargs=-1)
@as_json
def switched_back(names: tuple[str, ...], json_output: bool) -> None:
    """Use the views again that stood before the last rebuild, caught up. Exit code 1 when there is none of this version
    of the program.

    \b
    Example:
      wahana project switch-back            (all)
      wahana project switch-back cases
    """
    from projections.rebuild import switch_back

    views = opened().views
    switched = switch_back(views, chosen(views, names))
    show(switched, switched, json_output)
    if not switched:
        say("wahana: no earlier views are kept")
        sys.exit(1)


@project.command()
@click.argument("names", nargs=-1)
@click.option("--scheduled", is_flag=True, help="Keep date and result where /readyz and /metrics show them.")
@at_a_time
@as_json
def verify(names: tuple[str, ...], scheduled: bool, processes: int | None, json_output: bool) -> None:
    """Catch up, fold the log again and compare row by row; exit code 3 when a row differs or an event that was folded
    cannot be read any more, else 1 when something could not be compared: a stream that is set aside, or what comes after
    an event that needs a newer program. Names each such row with the events behind it, and what was left out.

    \b
    Example:
      wahana project verify --json
      wahana project verify --scheduled     (all views, from a timer)
    """
    from projections.verified import keep
    from projections.verify import verify as compare

    if scheduled and names:
        raise click.UsageError("--scheduled verifies all views")
    views = unhurried()
    with Progress() as progress:
        report = compare(views, chosen(views, names), progress, processes)
    differences = [{**asdict(one), "events": events_behind(views, one.positions)} for one in report.differences]
    left_out = [
        f"stream {bad.stream} from position {bad.position} on: {bad.topic}: {bad.reason}" for bad in report.set_aside
    ]
    left_out += [
        f"position {bad.position}: {bad.topic}: {bad.reason}: what the views hold of its stream {bad.stream} from there on"
        " could not be compared; run: wahana doctor"
        for bad in report.unread
    ]
    if report.position < report.head:
        newer = f"position {report.stopped_before} needs a newer version of this program"
        why = newer if report.stopped_before else "the views do not go further"
        left_out.append(f"what comes after position {report.position}: {why}")
    show(
        {
            **asdict(report),
            "set_aside": to_builtins(report.set_aside),
            "unread": to_builtins(report.unread),
            "differences": differences,
        },
        (
            *(f"{digest}  {table}" for table, digest in report.digests.items()),
            *(
                f"{one['projection']} {one['key']}: stored {one['stored']}, rebuilt {one['rebuilt']}; "
                + "; ".join(f"position {event['position']}: {event['topic']}" for event in one["events"])
                for one in differences
            ),
            *(f"not compared: {each}" for each in left_out),
            f"{len(differences)} differences at position {report.position} of {report.head}",
        ),
        json_output,
    )
    if scheduled:
        keep(views, report)
    if report.differences or not report.whole:
        sys.exit(3 if report.differences or report.unread else 1)


@project.command()
@click.option("--once", is_flag=True, help="Catch up and end.")
def follow(once: bool) -> None:
    """Keep the views warm until interrupted, however far behind they are. Waits while they are not built yet, while they
    are those of another log, and while a database is away.

    \b
    Example:
      wahana project follow
    """
    views = opened().views
    if once:
        done = views.catch_up(bounded=False)
        say(f"wahana: at position {done.position} of {done.head}")
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    waiting = False

    def said(_: CaughtUp) -> None:
        nonlocal waiting
        if waiting:
            waiting = False
            say("wahana: following")

    while not stop.is_set():
        try:
            views.follow(stop, said=said)
        except (ViewsNotReady, LogReplaced, StoreUnavailable, LogUnavailable) as error:
            if not waiting:
                waiting = True
                say(f"wahana: {error}; waiting")
            stop.wait(RETRY_SECONDS)
