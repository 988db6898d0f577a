"""Who belongs together: people and their relatives, as one group; and who barred whom."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.consent.oversight.accounts import Account, PersonId
from beholden.model.ids import SubjectId


@dataclass(frozen=True, slots=True)
class Families:
    """Disjoint groups of subjects; whoever is in none is alone."""

    groups: tuple[frozenset[SubjectId], ...] = ()

    def of(self, subject: SubjectId) -> frozenset[SubjectId]:
        return next((group for group in self.groups if subject in group), frozenset({subject}))


NO_FAMILIES = Families()


@dataclass(frozen=True, slots=True)
class Bars:
    """Who bars whom: a subject names an account, and bars whoever holds it, with all their accounts."""

    barred: frozenset[tuple[SubjectId, PersonId]] = frozenset()

    def bar(self, subject: SubjectId, account: Account) -> Bars:
        return Bars(self.barred | {(subject, account.person)})

    def lift(self, subject: SubjectId, account: Account) -> Bars:
        return Bars(self.barred - {(subject, account.person)})

    def holds(self, subject: SubjectId, account: Account) -> bool:
        return (subject, account.person) in self.barred


NO_BARS = Bars()
