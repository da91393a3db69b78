"""WKSBM (Wahana Kesejahteraan Sosial Berbasis Masyarakat): a network of local social bodies (KPS) that helps the people
of its village. Source: Kepmensos 42/HUK/2004. A village may have several; coverage counts villages."""

from datetime import date

from domain.aggregate import Event
from domain.refusals import Refused
from domain.sealed import Evidence
from domain.wksbm_formation import Formation
from domain.wksbm_legal import Legal
from domain.wksbm_life import Life
from domain.wksbm_monitoring import Monitoring
from domain.wksbm_papers import proves, seen, wanted
from domain.wksbm_state import BoardMember, WksbmState

__all__ = ["BoardMember", "Wksbm"]


class NothingToProve(Refused):
    RULE = "nothing_to_prove"
    SENTENCE = "Catatan itu tidak menunggu bukti."


class PaperDoesNotProve(Refused):
    RULE = "paper_does_not_prove"
    SENTENCE = "Berkas ini tidak membuktikan langkah itu. Yang dibutuhkan: {wanted}."


class Wksbm(Formation, Legal, Life, Monitoring):
    """One WKSBM, from the first meeting to its dissolution. One formed anew afterwards gets a new id.

    A step whose paper is missing is recorded all the same and kept in ``unproven`` (by version) until
    `provide_evidence` brings the paper.
    """

    NOUN = "wksbm"

    class EvidenceProvided(Event):
        """Papers for an earlier step (``target``, its version). ``proven``: with them, and with those of the events
        ``rests_on``, the step is proven."""

        TOPIC = "wksbm.evidence_provided"
        CONFLICTS = frozenset()
        target: int
        step: str
        proven: bool = False
        rests_on: tuple[int, ...] = ()

        def apply(self, wksbm: WksbmState) -> None:
            reported = wksbm.unproven.get(self.target)
            if reported is None:
                return
            if self.proven and set(self.rests_on) <= set(reported.provided):
                del wksbm.unproven[self.target]
            else:
                wksbm.unproven[self.target] = reported.with_more(seen(self.evidence), self.version)

    def provide_evidence(self, *, on: date, target: int, evidence: tuple[Evidence, ...]) -> None:
        """Bring papers for a step that stands as unproven, also after dissolution: only the record gains by it.

        Raises `NothingToProve`, or `PaperDoesNotProve` when no attached file is of a kind that the step needs.
        """
        reported = self.unproven.get(target)
        if reported is None:
            raise NothingToProve
        kinds = seen(evidence)
        if not (kinds & wanted(reported.step)) - reported.kinds:
            raise PaperDoesNotProve(wanted=", ".join(sorted(wanted(reported.step) - reported.kinds)))
        proven = proves(reported.step, kinds | reported.kinds)
        self.trigger(
            self.EvidenceProvided,
            on=on,
            target=target,
            step=reported.step,
            proven=proven,
            rests_on=reported.provided if proven else (),
            evidence=evidence,
        )
