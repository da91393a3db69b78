"""SQLAlchemy-Continuum: a record whose every version is a row of a history table. ``continuum DATABASE-URL``."""

import sys
from itertools import count
from typing import Any

from sqlalchemy import Column, Integer, Text, create_engine, event
from sqlalchemy.orm import Session, configure_mappers, declarative_base
from sqlalchemy_continuum import make_versioned

from tests.bench.peers.serve import serve, timed

make_versioned(user_cls=None)
Base: Any = declarative_base()


class Note(Base):
    __tablename__ = "continuum_note"
    __versioned__: dict[str, Any] = {}
    id = Column(Integer, primary_key=True)
    text = Column(Text)


def main(url: str) -> None:
    """Insert and change notes of some 700 bytes, each in a transaction of its own."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def durable(connection: Any, _: object) -> None:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")

    configure_mappers()
    Base.metadata.create_all(engine)
    numbers = count()
    with Session(engine, expire_on_commit=False) as session:

        def insert_and_change() -> None:
            note = Note(text=f"{next(numbers):08d}" + "x" * 692)
            session.add(note)
            session.commit()
            note.text = f"{next(numbers):08d}" + "x" * 692
            session.commit()
            session.expunge(note)

        serve({"write": lambda calls: timed(insert_and_change, calls // 2) / 2})


if __name__ == "__main__":
    main(sys.argv[1])
