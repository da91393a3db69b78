"""What may happen in the field of a district social affairs office, and when it may not.

Every aggregate is imported here: a stored event is readable only when its class is known.
"""

from domain import correction, indicator, kps, psks, territory, wksbm

__all__ = ["correction", "indicator", "kps", "psks", "territory", "wksbm"]
