"""Local lists that change by regulation: versioned, with the day from which each version holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain.refusals import UnknownCode


@dataclass(frozen=True)
class CodeList:
    """One version of a list. ``codes`` maps a code to its Indonesian label; ``source`` names the regulation or the
    decision it comes from. ``version`` is what events store."""

    name: str
    version: str
    valid_from: date
    source: str
    codes: Mapping[str, str]

    def check(self, code: str) -> str:
        """Return ``code``, or raise `UnknownCode` when this version does not have it."""
        if code not in self.codes:
            raise UnknownCode(code=code, listing=self.name)
        return code


class CodeHistory:
    """Every version of one list, oldest first."""

    def __init__(self, *versions: CodeList) -> None:
        self.versions = sorted(versions, key=lambda version: version.valid_from)
        self._by_id = {version.version: version for version in versions}

    def on(self, day: date) -> CodeList:
        """The version in force on ``day``; before the first version, the first."""
        current = self.versions[0]
        for version in self.versions:
            if version.valid_from <= day:
                current = version
        return current

    def version(self, version: str) -> CodeList:
        """The version with that id; raises `UnknownCode` when there is none."""
        if version not in self._by_id:
            raise UnknownCode(code=version, listing=self.versions[0].name)
        return self._by_id[version]

    def label(self, version: str, code: str) -> str:
        """The label a code had in a version; the code itself when either is unknown (reading never refuses)."""
        listing = self._by_id.get(version)
        return listing.codes.get(code, code) if listing else code
