"""How long a past version of a row was true, in classes: of each class only those can have been true at a position that
began at most so long before. So what was true at a position is found in a few short ranges of one index."""

SPANS = tuple(8**step for step in range(1, 9))  # positions that a version was true for, in classes that grow eightfold


def class_of(engine: str) -> str:
    """SQL of the class of how long a past version was true: the number of `SPANS` that it exceeds."""
    length = "until - since"
    if engine == "postgresql":  # planned in half the time
        return f"width_bucket({length}, '{{{', '.join(str(span + 1) for span in SPANS)}}}'::bigint[])"
    known = " ".join(f"WHEN {length} <= {span} THEN {number}" for number, span in enumerate(SPANS))
    return f"(CASE {known} ELSE {len(SPANS)} END)"


def lately(span: str, *more: int) -> str:
    """What may have been true at ``:as_of_position``, as ranges of the index over `class_of`; of the classes beyond the
    last of `SPANS` whatever began by then."""
    classes = [
        f"{span} = {number} AND since BETWEEN :as_of_position - {length - 1} AND :as_of_position"
        for number, length in enumerate(SPANS)
    ]
    classes += [f"{span} = {number} AND since <= :as_of_position" for number in (len(SPANS), *more)]
    return f"({' OR '.join(classes)})"
