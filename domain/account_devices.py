"""Devices on which the holder of an account works without signal: which were made ready, and which are worthless.

A device keeps what its holder took along and an outbox that only the office can read. It is lost more easily than a
session, so who made it ready and who revoked it stands in the log. Whether it holds is read from the service's own table,
where a revocation counts at once; these events say what became of it, and by whom.
"""

from datetime import date
from typing import Any

from domain.account_state import AccountState
from domain.aggregate import Event
from domain.refusals import NotFound


class NoSuchDevice(NotFound):
    RULE = "no_such_device"
    SENTENCE = "Perangkat ini tidak ada pada akun ini atau sudah dicabut."


class Carrying(AccountState):
    """The part of an account that says on which devices its holder works without signal."""

    class DevicePrepared(Event):
        """A device was made ready to keep an outbox; ``label`` is what its holder or its browser calls it."""

        TOPIC = "account.device_prepared"
        CONFLICTS = frozenset()
        WITNESSED = True
        handset: str  # the device's id; ``device`` is where an event itself was recorded
        label: str

        def apply(self, account: Any) -> None:
            account.devices[self.handset] = self.label

    class DeviceRevoked(Event):
        """A device became worthless: nothing more is taken from it, and it forgets what it keeps."""

        TOPIC = "account.device_revoked"
        CONFLICTS = frozenset()
        WITNESSED = True
        handset: str
        how: str  # own, reset, operator

        def apply(self, account: Any) -> None:
            account.devices.pop(self.handset, None)

    def start(self) -> None:
        super().start()
        self.devices: dict[str, str] = {}  # that were not revoked, and what they are called

    def prepare_device(self, *, on: date, device: str, label: str) -> None:
        """Record that the holder made a device ready. Raises `AccountIsClosed`."""
        self._must_be_open()
        self.trigger(self.DevicePrepared, on=on, handset=device, label=label)

    def revoke_device(self, *, on: date, device: str, how: str) -> None:
        """Record that a device is worthless from now on, also on a closed account. Raises `NoSuchDevice`."""
        if device not in self.devices:
            raise NoSuchDevice
        self.trigger(self.DeviceRevoked, on=on, handset=device, how=how)

    def revoke_devices(self, *, on: date, how: str) -> None:
        """Record that all of them are."""
        for device in list(self.devices):
            self.revoke_device(on=on, device=device, how=how)
