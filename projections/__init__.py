"""What has happened, told one question at a time. A projection that is not listed in ``ALL`` does not exist."""

from typing import Any

from projections import registers
from projections.projection import Projection

ALL: tuple[Projection[Any], ...] = (registers.kps,)
