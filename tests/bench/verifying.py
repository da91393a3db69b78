"""(f) For orientation: how fast a log is exported as a bundle, and checked by the program that stands alone."""

from hashlib import sha256
from pathlib import Path
from time import perf_counter

from service.api.codes import code_systems
from service.log.bundle import Bundle
from service.log.kept import Kept
from service.log.notes import Signer
from service.log.sealer import Sealer
from service.office import utc_now
from tests.bench.measure import Line
from tests.bench.offices import bench_office, registered_body
from tests.service.audited import verifier

ORIGIN = "wahana/75.01"


def lines(url: str | None, folder: Path, *, calls: int = 5_000, rounds: int = 1) -> list[Line]:
    """The lines of one engine, over ``calls`` registrations: SQLite when there is no PostgreSQL URL."""
    here, signer, path = bench_office(folder, url), Signer(ORIGIN, b"l" * 32), folder / "casebook.zip"
    for _ in range(calls):
        registered_body(here)
    kept = Kept(folder / "sealer")
    with kept.alone():
        Sealer(here.database, kept, signer, utc_now).seal()
    began = perf_counter()
    for (text,) in here.database.rows("SELECT text FROM events ORDER BY position"):
        sha256(b"\x00" + text.encode()).digest()
    bare = perf_counter() - began
    began = perf_counter()
    events = Bundle(here.database, here.keys, here.vault, origin=ORIGIN, codes=code_systems()).write(
        path, now=utc_now()
    )
    exported = perf_counter() - began
    here.close()
    began = perf_counter()
    policy = verifier.read_policy(f"log {signer.key}\nquorum none\n")
    check = verifier.Check(verifier.Bundle(str(path)), policy)
    check.run()
    checked = perf_counter() - began
    assert check.code() == 0
    engine = "PostgreSQL" if url else "SQLite"
    return [
        Line(f"(f) {what}, {engine}", f"{events / taken:,.0f} events/s", f"{events / bare:,.0f} events/s", bare / taken)
        for what, taken in (("export as a bundle", exported), ("a bundle checked by the verifier", checked))
    ]
