"""Who may be recognised here and now. Only `consent.view` builds one (I3, held by an architecture test)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from beholden.model.ids import GrantId, ModelDigest, SubjectId


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """The references that one (place, purposes, moment, model) may see.

    `vectors` is (m, d) float32, unit length rows, read-only. Row `rows[i]` of it belongs to
    `subjects[i]` under `grants[i]`; `rows` None: row i does, and m is how many there are. Rows that
    are not named belong to people who may not be seen here. `naming` is false where nobody may be
    named at all. `revision` changes whenever the registry does: a gallery of another revision is
    out of date. Whoever is recognised under a grant in `hidden` is unknown to everybody who watches.
    `people` is how many they are: somebody with several references is one. Counted once, when it is built.
    """

    subjects: tuple[SubjectId, ...]
    grants: tuple[GrantId, ...]
    vectors: npt.NDArray[np.float32]
    model: ModelDigest
    revision: int
    naming: bool = True
    rows: npt.NDArray[np.intp] | None = None
    hidden: frozenset[GrantId] = frozenset()
    people: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "people", len(set(self.subjects)))

    def __len__(self) -> int:
        return len(self.subjects)

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a Gallery is not to be pickled: it is built by the gate, for one moment")
