"""The demonstration: an invented office and its history since July 2019, played through the real commands.

Names are put together at random, every NIK begins with the digits of a kecamatan that does not exist, and nothing in it
describes anybody who lives. The same seed and the same last moment give the same history.
"""

#: The moment at which a demonstration's list of villages is published: 29 June 2019, in the morning in Limboto. The log's
#: time never goes back, so nothing may be recorded in it before the history is played.
FIRST = "2019-06-29T01:00:00.000000Z"
