"""All papers of what runs here, as files by name; the same for the same rules, cameras and answers, byte for byte."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from beholden.papers.assessment import assessment
from beholden.papers.html import paper_page
from beholden.papers.markdown import paper_markdown
from beholden.papers.parts import Answers, Blank, Paper, blanks_in, open_names
from beholden.papers.place_notice import place_notice
from beholden.papers.record import record
from beholden.papers.retention import retention
from beholden.papers.running import Running
from beholden.papers.sign import Sign, sign
from beholden.papers.sign_page import sign_page
from beholden.papers.threat_lines import named_tests
from beholden.papers.threats import threats

INDEX = "papers.json"
MADE_BY = "Made by Beholden"
"""How the last line of a paper begins, which says what it was made from."""
OF_A_PLACE = re.compile(r"(?:notice|sign)-[a-z][a-z0-9_-]{0,39}\.html")


@dataclass(frozen=True, slots=True)
class Made:
    """`files` by name, the index first. `blanks`: what the operator is asked, answered or not, in order."""

    files: dict[str, str]
    blanks: tuple[Blank, ...]

    @property
    def to_fill_in(self) -> tuple[str, ...]:
        return open_names(self.blanks)


def make_papers(running: Running, answers: Answers) -> Made:
    """Everything; PolicyRefused where a notice would leave out what it has to say."""
    general = [make(running, answers) for make in (record, assessment, retention, threats)]
    notices = [place_notice(running, each, answers) for each in running.places]
    signs = [sign(running, each, answers) for each in running.places]
    made = (
        f"{MADE_BY} {running.version} from the rules with the digest {running.policy_digest} (as beholden "
        f"policy show prints it) and the settings with the digest {running.settings_digest}. Not legal advice. Do not "
        "edit: change the settings or the answers, and make it again."
    )
    files = {INDEX: _index(running, [*general, *notices], signs)}
    for paper in general:
        files[f"{paper.name}.md"] = paper_markdown(paper, running.notes, made)
        files[f"{paper.name}.html"] = paper_page(paper, running.notes, made)
    for paper in notices:
        files[f"{paper.name}.html"] = paper_page(paper, running.notes, made)
    short = f"Beholden {running.version}, rules {running.policy_digest[:16]}, settings {running.settings_digest[:16]}"
    for each in signs:
        files[f"{each.name}.html"] = sign_page(each, running.notes, short)
    blanks = [blank for paper in (*general, *notices) for blank in blanks_in(paper.sections)]
    return Made(files, (*blanks, *(blank for each in signs for blank in each.blanks())))


def _index(running: Running, papers: Iterable[Paper], signs: Iterable[Sign]) -> str:
    """What the papers were made from, line by line: where a rule changed, this file says which."""
    told = [_told(paper.name, paper.title, blanks_in(paper.sections)) for paper in papers]
    told += [_told(each.name, f"Sign: {each.place}", each.blanks()) for each in signs]
    values = {
        "version": running.version,
        "rehearsal": running.rehearsal,
        "held": ", ".join(running.held),
        "policy": running.policy_digest,
        "settings": running.settings_digest,
        "papers": told,
        "rules": {"policy": list(running.policy), "settings": list(running.settings)},
        "tests": list(named_tests()),
    }
    return json.dumps(values, indent=1, ensure_ascii=False) + "\n"


def _told(name: str, title: str, blanks: Iterable[Blank]) -> dict[str, object]:
    return {"name": name, "title": title, "to_fill_in": list(open_names(blanks))}
