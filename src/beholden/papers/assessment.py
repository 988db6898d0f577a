"""A data protection impact assessment (GDPR, article 35(7)), begun: what runs is filled in, judgement is asked for."""

from __future__ import annotations

from beholden.consent.policy_words import general_rows, policy_rows
from beholden.papers.parts import Answers, Cell, Paper, Section, Table, facts
from beholden.papers.record import measures, places, recipients
from beholden.papers.running import Running
from beholden.papers.threat import Threat
from beholden.papers.threat_lines import GROUPS


def assessment(running: Running, answers: Answers) -> Paper:
    """Its sections follow article 35(7), (a) to (d), and what stands around it."""
    ask = answers.ask
    return Paper(
        "impact-assessment",
        "Data protection impact assessment",
        "GDPR, article 35(7); not finished until every blank is filled",
        (
            Section("Whether one is needed, and who makes it", (_needed(answers),)),
            Section(
                "What is done, and what for (a)",
                (
                    ask("assessment.why", "What is the problem that this solves, and for whom?"),
                    places(running),
                    *_purposes(running),
                    recipients(running),
                ),
            ),
            Section("With which models and thresholds (a)", (_models(running), _thresholds(running))),
            Section("Whether it is necessary, and no more than that (b)", (_necessary(running, answers),)),
            Section("What could happen to people (c), and what is done about it (d)", _risks(answers)),
            Section("What protects them here (d)", (measures(running),)),
            Section("Those concerned, and the end of it", (_people(answers),)),
        ),
    )


def _needed(answers: Answers) -> Table:
    ask = answers.ask
    return facts(
        (
            "Needed",
            "Almost always: biometric data to recognise people, often where the public comes (article 35(3)(b) "
            "and (c), and the authorities' lists under 35(4)).",
        ),
        ("Made by", ask("assessment.by", "Who makes this assessment, and when?")),
        (
            "Advice of the data protection officer",
            ask("assessment.officer", "What did the officer advise (article 35(2))?"),
        ),
        ("Scale", ask("assessment.scale", "How many people pass each place on a day, and how many will agree?")),
    )


def _purposes(running: Running) -> tuple[str | Table, ...]:
    blocks: list[str | Table] = []
    for purpose in running.purposes:
        blocks += [f"{purpose}:", facts(*policy_rows(purpose))]
    return (*blocks, "For every purpose:", facts(*general_rows()))


def _models(running: Running) -> Table:
    rows = tuple((each.name, each.role, each.licence, each.source, each.digest) for each in running.models)
    return Table(("Model", "What it does", "Licence", "From", "SHA-256 of the file as shipped"), rows)


def _thresholds(running: Running) -> Table:
    return facts(*running.thresholds)


def _necessary(running: Running, answers: Answers) -> Table:
    ask = answers.ask
    rows: list[tuple[Cell, ...]] = [
        ("Without faces", ask("assessment.without", "What else was tried or considered, and why is it not enough?")),
        (
            "An equal way",
            ask("assessment.equal_way", "How does somebody who says no get the same, without waiting longer?"),
        ),
        (
            "A free yes",
            ask(
                "assessment.free", "Who depends on whom here (work, school, care), and why is a yes free all the same?"
            ),
        ),
        ("Only those who agreed", "Only they are named; the gallery holds nobody else."),
    ]
    for each in running.places:
        name = each.place.id
        if each in running.declared:
            rows.append((f"{name}: everybody is compared", each.legal_basis))
            rows.append((f"{name}: assessment recorded in the settings", each.impact_assessment))
            rows.append(
                (
                    f"{name}: why no lane and no button",
                    ask(f"assessment.{name}.declared", f"Why can {name} be neither a lane of its own nor a button?"),
                )
            )
    rows.append(
        ("Errors", ask("assessment.errors", "What happens to somebody who is taken for another, and who notices?"))
    )
    rows.append(
        (
            "Fairness",
            ask(
                "assessment.fairness",
                "Do people of all ages and skin colours come out alike on your own people (beholden evaluate)?",
            ),
        )
    )
    return facts(*rows)


def _risks(answers: Answers) -> tuple[Cell | Table, ...]:
    blocks: list[Cell | Table] = ["The tests that hold each line are in the threat model (the paper threats)."]
    for heading, group in GROUPS:
        blocks += [
            f"{heading}:",
            Table(("What could happen", "What is done", "What is left"), tuple(map(_risk, group))),
        ]
    blocks.append(
        facts(
            (
                "How likely, how grave",
                answers.ask("assessment.risks", "Which of these is likely here, and how grave would it be?"),
            ),
            (
                "What is left, and why it is borne",
                answers.ask("assessment.left", "Which risks stay, and who decided to bear them?"),
            ),
        )
    )
    return tuple(blocks)


def _risk(threat: Threat) -> tuple[str, str, str]:
    return threat.in_words(), threat.holds, threat.left or "-"


def _people(answers: Answers) -> Table:
    ask = answers.ask
    return facts(
        (
            "Views of those concerned",
            ask("assessment.views", "Whom did you ask (article 35(9)), and what did they say?"),
        ),
        (
            "Prior consultation",
            ask("assessment.consultation", "Does a high risk stay? Then the authority is asked first (article 36)."),
        ),
        (
            "AI Act",
            ask(
                "assessment.ai_act",
                "Is this remote biometric identification (Annex III, 1(a)), and are articles 26 and 27 met?",
            ),
        ),
        ("Decision", ask("assessment.decision", "Who decided what, and when?")),
        ("Looked at again", ask("assessment.again", "When is this looked at again (article 35(11))?")),
    )
