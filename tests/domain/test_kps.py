"""KPS, the small local bodies: registered by what they are, until they no longer work."""

from datetime import date

import pytest

from domain.kps import KINDS, Kps, KpsHasEnded, KpsStillActive
from domain.refusals import UnknownCode
from domain.sealed import Sealed
from domain.villages import NotAVillageCode

DAY = date(2019, 8, 1)
VILLAGE = "75.01.02.2011"


def arisan() -> Kps:
    return Kps.register("k1", on=DAY, village=VILLAGE, kind="arisan", name="Arisan Mawar", members=20)


def test_a_kps_is_registered_before_and_outside_any_wksbm() -> None:
    kps = Kps.register("k1", on=DAY, village=VILLAGE, kind="majelis_taklim", name="An-Nur", contact=Sealed(part="x"))
    [event] = kps.collect_events()
    assert isinstance(event, Kps.Registered)
    assert (event.stream, event.version, event.village, event.kinds) == ("k1", 1, VILLAGE, KINDS.on(DAY).version)
    assert event.contact == Sealed(part="x")
    assert kps.active


def test_a_kind_that_is_not_listed_is_refused_but_other_is_listed() -> None:
    with pytest.raises(UnknownCode):
        Kps.register("k1", on=DAY, village=VILLAGE, kind="klub_motor", name="Klub")
    assert Kps.register("k1", on=DAY, village=VILLAGE, kind="lainnya", name="Klub").kind == "lainnya"


def test_a_kps_needs_a_village_by_its_kemendagri_code() -> None:
    with pytest.raises(NotAVillageCode):
        Kps.register("k1", on=DAY, village="7502010001", kind="arisan", name="Arisan")


def test_a_kps_that_ended_may_work_again() -> None:
    kps = arisan()
    kps.end(on=DAY)
    with pytest.raises(KpsHasEnded):
        kps.end(on=DAY)
    kps.resume(on=DAY)
    assert kps.active
    with pytest.raises(KpsStillActive):
        kps.resume(on=DAY)
