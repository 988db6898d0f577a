"""Every command, asked with a person, a sighting and a place: what it prints is no list of somebody's movements."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

import pytest
import typer

import beholden.wiring.clock as wall
import beholden.wiring.folder as wired
from beholden.cli.app import app, run
from beholden.settings import read_settings
from tests.movement.planted import BEGAN, PLAN, complaints, plant
from tests.people import Clock

ELSEWHERE = {
    "watch": "tests/movement/test_watching.py: its lines",
    "evaluate verification": "a data set, in a rehearsal folder",
    "evaluate identification": "a data set, in a rehearsal folder",
    "evaluate enrolment": "a data set, in a rehearsal folder",
    "evaluate video": "a data set, in a rehearsal folder",
    "evaluate covering": "a data set, in a rehearsal folder",
    "evaluate report": "a data set, in a rehearsal folder",
    "calibrate": "a data set",
    "bench": "looks at cameras among people who do not exist, and names nobody",
    "camera check": "one look at one camera, which names nobody",
    "models add": "a recogniser's file",
    "log mine": "a person's own keys, and hours in which something was written about them",
    "log cosign": "shows the log's head to witnesses, and nothing else",
    "restore": "makes another folder of a backup, and prints how many withdrew since",
    "upgrade": "makes the folder of an older version new",
}
"""Commands that are not run here, and why they tell nothing of anybody's movements."""
WORDS = {"said": "right", "purpose": "entrance", "place": "attic", "camera": "cam-attic", "address": "rtsp://10.0.0.9/x",
         "role": "operator", "justified": "--justified", "rules": "settings", "subject": "{ann}", "who": "{ann}",
         "sighting": "{sighting}", "digest": "{request}", "glass": "glass-1", "plan": PLAN,
         "hours": "12", "majority": "2030-04-01"}  # fmt: skip
"""What is given for a parameter of that name; a file for a path, and a word for anything else."""
MORE = {
    "invite person": ["-p", "entrance", "--place", "lobby"],
    "papers": ["--out", "{file}"],
    **{f"find-me {what}": ["--request", "{request}"] for what in ("open", "renew", "delay")},
}
"""What a command needs besides."""


def commands(command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, object]]:
    """Every command that does something, with what it is called."""
    if hasattr(command, "commands"):
        for name, each in command.commands.items():
            yield from commands(each, (*path, name))
    else:
        yield " ".join(path), command


ALL = dict(commands(typer.main.get_command(app)))
ASKED = {name: each for name, each in ALL.items() if any(p.name == "data" for p in each.params)}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A live folder in which the two people were seen, with the keys of its account holders; only copied."""
    data = tmp_path_factory.mktemp("movement") / "town"
    clock = Clock(BEGAN)
    places = [word for place in ("lobby", "gate", "attic", "cellar") for word in ("--place", place)]
    with pytest.MonkeyPatch.context() as patched:
        _let_time_stand(patched, clock)
        assert run(["init", "--data", str(data), *places]) == 0
        with wired.open_acting(data, read_settings(data), clock) as acting:
            town = plant(acting._local._keeper._opened.office, clock)
    for name, key in town.world.keys.items():
        path = data.parent / f"{name}.key"
        path.write_text(key.encoded() + "\n")
        path.chmod(0o600)
    return data, town


@pytest.fixture
def town(made, tmp_path, monkeypatch):
    """A copy, at the moment at which it was left."""
    data, town = made
    _let_time_stand(monkeypatch, town.world.clock)
    copy = tmp_path / "town"
    shutil.copytree(data, copy)
    return copy, town, data.parent


def _let_time_stand(patched: pytest.MonkeyPatch, clock: Clock) -> None:
    patched.setattr(wall, "now", clock)
    patched.setattr(wired.open_acting.__wrapped__, "__defaults__", (clock,))


@pytest.mark.parametrize("name", sorted(ASKED.keys() - ELSEWHERE.keys()))
def test_no_command_lists_sightings_of_somebody_or_joins_places_or_days(town, name, capsys, tmp_path):
    """By id without an account, for people; by name for an account, for machines."""
    folder, planted, keys = town
    ann, signed = planted.people[0], ("--account", "a_olga", "--key", str(keys / "olga.key"))
    for who, account in ((ann.id, ()), (ann.name, signed)):
        file = tmp_path / f"file{len(account)}"
        more = [each.format(file=file, request=planted.request) for each in MORE.get(name, ())]
        words = [*_words(ASKED[name], planted, file, who, account), *more]
        capsys.readouterr()
        code = run([*name.split(), *words, "--data", str(folder)])
        out, err = capsys.readouterr()
        assert code != 2 or not account, (words, err)
        answered = out + err + "".join(f'"{word}" ' for word in out.replace('"', " ").replace(",", " ").split())
        assert list(complaints(planted, " ".join(words), answered)) == [], (words, out)
        assert account or not any(each.name in out + err for each in planted.people), (words, out)


def test_every_other_command_is_said_to_tell_nothing_here():
    """One that is new is run above by itself, or has a reason here."""
    assert ELSEWHERE.keys() <= ASKED.keys()
    assert ALL.keys() - ASKED.keys() == {
        "request", "cover", "demo", "plan", "log witness", "log receipt verify",
        "grant receipt verify", "grant history key",
    }  # fmt: skip


def test_what_a_command_tells_of_a_sighting_would_be_found(town, capsys):
    """The one incident that is kept is shown, to an account that asked for it, and nothing else is."""
    folder, planted, keys = town
    ann = planted.people[0]
    signed = ("--account", "a_olga", "--key", str(keys / "olga.key"), "--json", "--data", str(folder))
    assert run(["incident", "show", ann.traces[0].sighting, *signed]) == 0
    out = capsys.readouterr().out
    assert ann.name in out
    assert list(complaints(planted, ann.traces[0].sighting, out)) == []
    assert list(complaints(planted, "", out)) != []


def _words(command, planted, path, who, account) -> list[str]:
    """Arguments and options that it needs, and what makes it tell most."""
    ann = planted.people[0]
    known = {"ann": who, "sighting": ann.traces[0].sighting, "request": planted.request}
    words: list[str] = []
    for each in command.params:
        other = str(path) if "Path" in str(each.type_descriptor.annotation) else "door"
        word = WORDS.get(each.name, other).format(**known)
        if type(each).__name__.endswith("Argument"):
            words += [word] if each.required or each.name in ("name", "who") else []
        elif each.name == "justified":
            words.append(word)
        elif each.name == "as_json" and account:
            words.append("--json")
        elif each.name in ("names", "yes"):
            words.append(f"--{each.name}")
        elif each.name == "account" and account:
            words += account
        elif each.required:
            words += [each.opts[0], word]
    return words


def test_two_operators_keep_an_incident_as_they_type_it(town, capsys):
    """One proposes, another agrees, then both read; the list has ids only. Elsewhere there is none."""
    folder, planted, keys = town
    elsewhere, seen = planted.people[0].traces[1].sighting, planted.people[1].traces[1].sighting

    def said(who: str, *words: str) -> str:
        capsys.readouterr()
        code = run([*words, "--account", f"a_{who}", "--key", str(keys / f"{who}.key"), "--data", str(folder)])
        out, err = capsys.readouterr()
        return out if code == 0 else f"{code} {err}"

    assert said("olga", "incident", "keep", elsewhere).startswith("3 beholden: there is no incident")
    assert "waits for a second operator" in said("olga", "incident", "keep", seen)
    assert said("olga", "incident", "show", seen).startswith("3 beholden: there is no incident")
    assert "kept; gone on 2026-12-03 01:00 UTC" in said("oskar", "incident", "keep", seen)
    listed = said("olga", "incident", "list", "--json").splitlines()
    assert [json.loads(line)["kept"] for line in listed] == [True, True]
    assert "Benedict Zorn, attic, cam-attic: 2026-11-26 01:41" in said("olga", "incident", "show", seen)
    assert said("audrey", "incident", "show", seen).startswith("5 beholden: incidents are for operators")
