"""How long a past version of a row was true, in classes: of each class only those can have been true at a position that
began at most so long before. So what was true at a position is found in a few short ranges of one index."""

SPANS = tuple(8**step for step in range(1, 9))  # positions that a version was true for, in classes that grow eightfold
#: The same ranges as SQL values: the class, and how many positions before one its versions can have begun.
CLASSES = ", ".join(f"({number}, {length - 1})" for number, length in enumerate((*SPANS, 2**62)))


def keys_of(engine: str) -> tuple[str, str]:
    """SQL of what an index sorts past versions by: the class, that is the number of `SPANS` that it was true for longer
    than, and the beginning."""
    length = "until - since"
    if engine == "postgresql":  # planned in half the time; an expression, as other indexes end with the plain column
        return f"width_bucket({length}, '{{{', '.join(str(span + 1) for span in SPANS)}}}'::bigint[])", "(since + 0)"
    known = " ".join(f"WHEN {length} <= {span} THEN {number}" for number, span in enumerate(SPANS))
    return f"(CASE {known} ELSE {len(SPANS)} END)", "since"


def lately(span: str) -> str:
    """What may have been true at ``:as_of_position``, as ranges of an index over `keys_of`; of the last class whatever
    began by then."""
    begun = (f"since BETWEEN :as_of_position - {length - 1} AND :as_of_position" for length in SPANS)
    classes = [f"{span} = {number} AND {lately}" for number, lately in enumerate(begun)]
    return f"({' OR '.join([*classes, f'{span} = {len(SPANS)} AND since <= :as_of_position'])})"
