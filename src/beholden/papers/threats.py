"""The threat model: of the program, and of this installation what its settings say and its operator can tell."""

from __future__ import annotations

from collections.abc import Sequence

from beholden.papers.parts import Answers, Paper, Section, Table, facts
from beholden.papers.running import Running
from beholden.papers.threat import Threat
from beholden.papers.threat_lines import GROUPS


def threats(running: Running, answers: Answers) -> Paper:
    """A table for each kind of people who could be harmed, with the tests; then what is arranged here."""
    groups = tuple(Section(heading, (_table(group),)) for heading, group in GROUPS)
    here = Section("Here", (_arranged(running), *_asked(answers)))
    return Paper("threats", "Threat model", "GDPR, articles 32 and 35(7)(c) and (d)", (*groups, here))


def _table(group: Sequence[Threat]) -> Table:
    return Table(
        ("What could happen", "What holds", "What is left", "Held by the tests"),
        tuple((each.in_words(), each.holds, each.left or "-", "\n".join(each.tests)) for each in group),
    )


def _arranged(running: Running) -> Table:
    keeping = running.keeping
    seen = (
        ", ".join(keeping.witnesses)
        or "nobody: its heads are UNWITNESSED, and a log that was replaced is not found out"
    )
    return facts(("Records", keeping.records), ("Keys", f"{keeping.keystore}; {keeping.wrapping}"), ("Witnesses", seen))


def _asked(answers: Answers) -> tuple[Table, ...]:
    return (
        facts(
            ("Who is root", answers.ask("threats.root", "Who administers the machine, and who watches them?")),
            (
                "Who could collude",
                answers.ask("threats.collusion", "Which of the accounts' holders depend on each other?"),
            ),
            ("More", answers.ask("threats.more", "Which threats of this place are not in this paper?")),
        ),
    )
