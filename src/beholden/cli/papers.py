"""`beholden papers`: records, assessment, notices and signs, made from what runs here; and whether they still fit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.options import DEFAULT_DATA, AsJson, Data, counted, emit, opened
from beholden.model.errors import MissingInput, OutputRefused, SettingsError

if TYPE_CHECKING:
    from beholden.papers.drift import Drift
    from beholden.papers.made import Made
    from beholden.papers.parts import Answers
    from beholden.papers.running import Running

MOST_TOLD = 5
"""Lines of one file that no longer fit which are told one by one; all of them in JSON."""
DRIFTED = 1


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: beholden papers --out papers --data beholden-data")(papers)


def papers(
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", readable=False, metavar="FOLDER", help="Write the papers into this folder."),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(
            "--check", readable=False, metavar="FOLDER", help="Write nothing: do those in this folder fit what runs?"
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over papers of before; answers.toml is kept all the same.")
    ] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Papers that the law asks for, made from what runs here: record of processing, impact assessment, retention
    table, threat model, and a notice and a sign to print for each place.

    What only you know is asked for in answers.toml beside them, marked in the papers, and counted. With --check the
    command ends with 1 when settings, rules, cameras or models changed since, and says which lines.
    """
    folder = out or check
    if folder is None or (out is not None and check is not None) or (force and out is None):
        raise SettingsError(
            "papers are either made or compared",
            advice="Give --out FOLDER (with --force, to write over), or --check FOLDER.",
        )
    running, answers = _what_runs(data), _answers(folder)
    from beholden.papers.made import make_papers

    made = make_papers(running, answers)
    if check is not None:
        _compare(check, made, answers, as_json=as_json)
        return
    _write(folder, made, force=force)
    _say_made(folder, running, made, answers, as_json=as_json)


def _what_runs(data: Path) -> Running:
    from beholden.acts.approvals.rules import held_rules
    from beholden.acts.camera import cameras
    from beholden.wiring.papers import what_runs

    with opened(data) as (acting, settings):
        held = () if acting.rehearsal else acting.do(held_rules)
        return what_runs(settings, acting.do(cameras), rehearsal=acting.rehearsal, held=held, data=data)


def _answers(folder: Path) -> Answers:
    from beholden.papers.answers import FILE, parse_answers

    return parse_answers(_read(folder / FILE) or "")


def _read(path: Path) -> str | None:
    """None where there is no such file. Raises MissingInput for one that cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise MissingInput(f"{path} cannot be read as text") from error


def _there(folder: Path, made: Mapping[str, str]) -> dict[str, str | None]:
    """The papers in a folder; other files are not looked at. Raises MissingInput."""
    from beholden.papers.made import OF_A_PLACE

    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise MissingInput(f"{folder} cannot be read as a folder ({error.strerror})") from error
    return {name: _read(folder / name) for name in names if name in made or OF_A_PLACE.fullmatch(name)}


def _compare(folder: Path, made: Made, answers: Answers, *, as_json: bool) -> None:
    from beholden.papers.answers import strange_answers
    from beholden.papers.drift import drifted

    found = drifted(_there(folder, made.files), made.files)
    strange = strange_answers(answers, made.blanks)
    if as_json:
        emit(
            {
                "fits": not found,
                "drift": [{"file": e.file, "line": e.line, "says": e.was, "would_say": e.now} for e in found],
                "strange_answers": strange,
                "to_fill_in": made.to_fill_in,
            }
        )
    else:
        _say_drift(folder, found)
        _say_open(folder, made, strange)
    if found:
        raise typer.Exit(DRIFTED)


def _say_drift(folder: Path, found: tuple[Drift, ...]) -> None:
    if not found:
        typer.echo(f"The papers in {folder} fit what runs here.")
        return
    files = tuple(dict.fromkeys(each.file for each in found))
    for name in files:
        if name.removesuffix(".html") + ".md" in files:  # the same lines again
            continue
        lines = _worth_telling([each for each in found if each.file == name])
        for each in lines[:MOST_TOLD]:
            typer.echo(each.in_words())
        if len(lines) > MOST_TOLD:
            typer.echo(f"{name}: {counted(len(lines) - MOST_TOLD, 'more line')}")
    typer.echo(f"{counted(len(files), 'file')} in {folder} no longer fit: make them again with --out {folder} --force")


def _worth_telling(lines: list[Drift]) -> list[Drift]:
    """Without the last line of a paper, which changes with everything, where another tells more."""
    from beholden.papers.made import MADE_BY

    return [each for each in lines if not each.now.startswith(MADE_BY)] or lines


def _write(folder: Path, made: Made, *, force: bool) -> None:
    """All of them or none, as far as one can; answers.toml gets what it does not ask yet. Raises OutputRefused."""
    from beholden.papers.answers import FILE, with_questions
    from beholden.papers.drift import stale
    from beholden.video.output import PendingFile, output_error

    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error
    there = _there(folder, made.files)
    if there and not force:
        raise OutputRefused(f"{folder} has papers already", advice="Add --force to write over them.")
    old = _read(folder / FILE) or ""
    asked = with_questions(old, made.blanks)
    files = {**made.files, **({FILE: asked} if asked != old else {})}
    pending: list[PendingFile] = []
    try:
        for name, text in files.items():
            pending.append(PendingFile(folder / name))
            pending[-1].write(text.encode())
        for each in pending:
            each.commit()
        for name in stale(there, made.files):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error
    finally:
        for each in pending:
            each.discard()


def _say_made(folder: Path, running: Running, made: Made, answers: Answers, *, as_json: bool) -> None:
    from beholden.papers.answers import strange_answers
    from beholden.papers.threat_lines import THREATS, named_tests

    strange = strange_answers(answers, made.blanks)
    if as_json:
        emit(
            {
                "folder": str(folder),
                "files": list(made.files),
                "policy": running.policy_digest,
                "settings": running.settings_digest,
                "to_fill_in": made.to_fill_in,
                "strange_answers": strange,
                "tests": named_tests(),
            }
        )
        return
    typer.echo(f"Wrote {counted(len(made.files), 'file')} to {folder}.")
    typer.echo(f"Made from: rules {running.policy_digest[:16]}, settings {running.settings_digest[:16]}")
    typer.echo(
        f"Threat model: {counted(len(THREATS), 'line')}, held by {counted(len(named_tests()), 'test')} (see threats.md)"
    )
    _say_open(folder, made, strange)


def _say_open(folder: Path, made: Made, strange: tuple[str, ...]) -> None:
    from beholden.papers.answers import FILE

    for name in strange:
        typer.echo(f"{FILE}: no paper asks for {name} (any more)", err=True)
    unset = dict.fromkeys(blank.name for blank in made.blanks if blank.open and blank.setting)
    unanswered = len(made.to_fill_in) - len(unset)
    if unset:
        typer.echo(f"Still to be set: {', '.join(unset)}")
    if unanswered:
        typer.echo(f"Still to be filled in: {unanswered} in {folder / FILE}")
