"""What has happened in a disaster incident: its events and the state they lead to."""

from datetime import date

from domain.aggregate import Aggregate, Event
from domain.incident_codes import NOT_VICTIMS
from domain.sealed import Sealed

_CLOSING = frozenset({"incident.closed"})


class IncidentState(Aggregate):
    """The events of an incident and what is remembered of them."""

    class Declared(Event):
        TOPIC = "incident.declared"
        kind: str
        kinds: str  # version of the list of kinds
        name: str
        struck_on: date
        kabupaten_scale: bool = False
        villages: tuple[str, ...] = ()
        note: Sealed | None = None

        def apply(self, incident: "IncidentState") -> None:
            incident.kind, incident.name = self.kind, self.name
            incident.struck_on, incident.kabupaten_scale = self.struck_on, self.kabupaten_scale
            incident.villages.update(self.villages)

    class Extended(Event):
        TOPIC = "incident.extended"
        CONFLICTS = _CLOSING
        villages: tuple[str, ...]

        def apply(self, incident: "IncidentState") -> None:
            incident.villages.update(self.villages)

    class VictimRecorded(Event):
        """The village of the envelope is where the victim was hit."""

        TOPIC = "incident.victim_recorded"
        CONFLICTS = _CLOSING
        victim: str
        conditions: tuple[str, ...]
        listing: str  # version of the list of conditions
        household: int
        nik_known: bool = False
        note: Sealed | None = None

        def apply(self, incident: "IncidentState") -> None:
            incident.victims[self.victim] = (self.village, self.household)

    class VictimVerified(Event):
        TOPIC = "incident.victim_verified"
        CONFLICTS = frozenset({"incident.victim_verified"})
        victim: str
        outcome: str
        outcomes: str  # version of the list of outcomes
        note: Sealed | None = None

        def apply(self, incident: "IncidentState") -> None:
            incident.verified[self.victim] = (self.outcome, self.on)

    class ReliefDelivered(Event):
        """Relief to named ``recipients``, or to a ``count`` of people nobody has listed yet."""

        TOPIC = "incident.relief_delivered"
        CONFLICTS = _CLOSING
        kind: str
        kinds: str  # version of the list of kinds of relief
        goods: str
        listing: str  # version of the list of goods
        quantity: int
        unit: str
        units: str  # version of the list of units
        value_rupiah: int | None = None
        recipients: tuple[str, ...] = ()
        count: int | None = None
        note: Sealed | None = None

        def apply(self, incident: "IncidentState") -> None:
            incident.helped.update(self.recipients)

    class FigureReported(Event):
        TOPIC = "incident.figure_reported"
        CONFLICTS = _CLOSING
        figure: str
        figures: str  # version of the list of figures
        number: int
        reporter: str  # an institution, such as BPBD or the village office

        def apply(self, incident: "IncidentState") -> None:
            incident.reported[self.version] = (self.figure, self.number)

    class FigureReconciled(Event):
        """The agreed ``number`` beside what had last been ``reported`` and the people ``listed`` one by one."""

        TOPIC = "incident.figure_reconciled"
        CONFLICTS = frozenset({"incident.figure_reported", "incident.figure_reconciled"})
        figure: str
        figures: str
        number: int
        reported: int
        listed: int
        note: Sealed | None = None

        def apply(self, incident: "IncidentState") -> None:
            incident.reconciled[self.figure] = self.number

    class Closed(Event):
        TOPIC = "incident.closed"
        note: Sealed | None = None

        def apply(self, incident: "IncidentState") -> None:
            incident.closed_on = self.on

    def start(self) -> None:
        self.kind = ""
        self.name = ""
        self.struck_on: date | None = None
        self.kabupaten_scale = False
        self.villages: set[str] = set()
        self.victims: dict[str, tuple[str | None, int]] = {}  # victim: village and the people she stands for
        self.verified: dict[str, tuple[str, date]] = {}  # victim: last outcome and its day
        self.helped: set[str] = set()
        self.reported: dict[int, tuple[str, int]] = {}
        self.reconciled: dict[str, int] = {}
        self.closed_on: date | None = None

    @property
    def people(self) -> int:
        """The people recorded one by one, households included, without those verified as no victims."""
        return sum(
            household
            for victim, (_, household) in self.victims.items()
            if self.verified.get(victim, ("",))[0] not in NOT_VICTIMS
        )
