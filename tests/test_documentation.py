"""What is written is true: made pages are up to date, named things exist, and what a reader may copy runs."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from types import ModuleType

import pytest
import typer
from pydantic import BaseModel

from beholden.acts.displays import desk
from beholden.cli.app import app
from beholden.consent.oversight import accounts, displays
from beholden.demo.people import PersonId, picture
from beholden.demo.town import film_town, town
from beholden.model.event import EVENTS
from beholden.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "beholden"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = typer.main.get_command(app)


def make_docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_docs", ROOT / "tools" / "make_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKE = make_docs()
MADE = MAKE.pages()


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def page_name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(text: str, *kinds: str) -> Iterator[str]:
    return (body for kind, body in FENCE.findall(text) if kind in kinds)


def shell_lines(text: str) -> Iterator[str]:
    """Commands a reader may copy: lines of `sh` blocks, and of `console` blocks those after the prompt."""
    for body in blocks(text, "sh"):
        yield from (line for line in body.splitlines() if line.strip())
    for body in blocks(text, "console"):
        yield from (line[2:] for line in body.splitlines() if line.startswith("$ "))


def refused(line: str) -> str | None:
    """Why our command line would not take this line (parsed, not run), or None; None too for other programs' lines."""
    words = [word for word in shlex.split(line) if not re.fullmatch(r"[A-Z_]+=.*", word)]
    if not words or words[0] != "beholden":
        return None
    command, name = COMMAND, words.pop(0)
    while words and words[0] in getattr(command, "commands", {}):
        name = words.pop(0)
        command = command.commands[name]
    if "[OPTIONS]" in words:
        return None  # a usage line, which is made from the parameters themselves
    if words and hasattr(command, "commands") and not words[0].startswith("-"):
        return f"no command {words[0]!r}"
    try:
        command.make_context(name, words)
    except Exception as error:  # noqa: BLE001 - Typer's click is private; anything it raises is a refusal
        return str(error) or type(error).__name__
    return None


def tracked() -> list[Path]:
    """Files of the repository, also new ones that are not ignored; without git, what is not made by a tool."""
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "-co", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]
    made = {line.strip("/") for line in read(ROOT / ".gitignore").splitlines()}
    return [path for path in ROOT.rglob("*") if path.is_file() and not made & set(path.relative_to(ROOT).parts)]


# Pages made from the code


@pytest.mark.parametrize("name", sorted(MADE))
def test_made_pages_are_up_to_date(name: str) -> None:
    """`make docs` would change nothing."""
    assert read(ROOT / "docs" / name) == MADE[name], "run `make docs`"


def test_a_stale_and_a_missing_page_are_found(tmp_path: Path) -> None:
    """The check that `make lint` runs can fail."""
    for name, text in MADE.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert MAKE.out_of_date(tmp_path) == []
    (tmp_path / "events.md").write_text("old", encoding="utf-8")
    (tmp_path / "settings.md").unlink()
    (tmp_path / "papers" / "retention.md").unlink()
    assert sorted(MAKE.out_of_date(tmp_path)) == ["events.md", "papers/retention.md", "settings.md"]


@pytest.mark.parametrize(("room", "name"), [(displays, "BLOCK_AT"), (accounts, "NEW_FOR"), (desk, "SHIFT")])
def test_a_figure_that_changes_makes_its_page_stale(
    monkeypatch: pytest.MonkeyPatch, room: ModuleType, name: str
) -> None:
    """Numbers in docs/oversight.md are those that decide."""
    monkeypatch.setattr(room, name, getattr(room, name) * 2)
    monkeypatch.setattr(MAKE, "papers_pages", dict)  # the slow ones
    assert "oversight.md" in MAKE.out_of_date(ROOT / "docs")


def test_a_page_that_lost_its_marks_is_not_written_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is written by hand around the figures stays."""
    (tmp_path / "oversight.md").write_text("words", encoding="utf-8")
    monkeypatch.setattr(MAKE, "DOCS", tmp_path)
    with pytest.raises(ValueError, match="marks"):
        MAKE.oversight_page()


def test_pages_do_not_depend_on_the_terminal() -> None:
    """A narrow terminal, another language or a script gives the same bytes."""
    code = "import runpy; print(runpy.run_path('tools/make_docs.py')['pages']())"
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "COLUMNS": columns, "PYTHONHASHSEED": columns},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for columns in ("40", "200")
    }
    assert len(printed) == 1


def leaf_settings(model: type[BaseModel], path: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = [each for each in (field.annotation, *getattr(field.annotation, "__args__", ())) if is_section(each)]
        here = f"{path}{name}."
        if inner:
            yield from leaf_settings(inner[0], here if inner[0] is field.annotation else f"{here}NAME.")
        else:
            yield f"{path}{name}"


def is_section(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def test_every_setting_is_documented() -> None:
    """Found by another walk than the one that makes the page."""
    page = read(ROOT / "docs" / "settings.md")
    names = list(leaf_settings(Settings))
    assert "recognition.fpir" in names
    assert "places.NAME.capture" in names
    assert [name for name in names if f"`{name}`" not in page] == []


def test_every_event_and_field_is_documented() -> None:
    """An event's section names each of its fields."""
    sections = dict(
        section.split("\n", 1) for section in read(ROOT / "docs" / "events.md").split("\n## ")[1:] if "\n" in section
    )
    for event in EVENTS:
        assert event.kind in sections
        missing = [field.name for field in fields(event) if f"`{field.name}`" not in sections[event.kind]]
        assert missing == [], event.kind


def test_every_error_is_documented() -> None:
    """Every class in errors.py, by reading the file."""
    page = read(ROOT / "docs" / "errors.md")
    tree = ast.parse(read(SOURCE / "model" / "errors.py"))
    names = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    assert len(names) > 20
    assert [name for name in names if f"`{name}`" not in page] == []


def test_every_command_has_words_an_example_and_described_options() -> None:
    """`--help` says what, how and with what."""
    page = read(ROOT / "docs" / "commands.md")
    found = dict(MAKE.commands(COMMAND))
    assert "beholden grant pause" in found
    for path, command in found.items():
        assert f"\n## {path}\n" in page
        assert command.help, path
        assert (command.epilog or "").startswith("Example: beholden "), path
        bare = [p.name for p in command.params if p.param_type_name == "option" and not getattr(p, "help", None)]
        assert bare == [], path


def test_every_line_in_a_commands_example_is_accepted() -> None:
    """Examples in `--help` are parsed like typed ones."""
    for path, command in MAKE.commands(COMMAND):
        assert refused(command.epilog.removeprefix("Example: ")) is None, path


# Pages written by hand


def test_a_wrong_command_or_option_would_be_noticed() -> None:
    """So that the next test's silence means something."""
    assert refused("beholden serve") is not None
    assert refused("beholden people --colour") is not None
    assert refused("beholden grant stop Ada") is not None
    assert refused("beholden withdraw") is not None
    assert refused("BEHOLDEN_DATA=x beholden people --json") is None


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_commands_in_pages_exist(page: Path) -> None:
    """Every line that a reader may copy is one that our command line takes, options and all."""
    assert {line: why for line in shell_lines(read(page)) if (why := refused(line)) is not None} == {}


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_commands_named_in_sentences_exist(page: Path) -> None:
    """`beholden x` in a sentence names a command, `make x` a target."""
    prose = FENCE.sub("", read(page))
    targets = set(re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", prose)) <= targets
    for line in re.findall(r"`(beholden [a-z][^`]*)`", prose):
        _, name, *_ = line.split()
        assert name in COMMAND.commands, line


def test_commands_named_in_advice_exist() -> None:
    """An error that sends somebody to a command sends them to one that is there."""
    for path in sorted(SOURCE.rglob("*.py")):
        for name in re.findall(r"`beholden ([a-z-]+)", read(path)):
            assert name in COMMAND.commands, f"{path}: beholden {name}"


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_links_lead_somewhere(page: Path) -> None:
    """Relative links and pictures exist, and so do the headings they point at."""
    prose = FENCE.sub("", read(page))
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if target.startswith(("https://", "http://")):
            continue
        path, _, heading = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if heading:
            headings = re.findall(r"^#+ (.+)$", FENCE.sub("", read(file)), re.MULTILINE)
            assert heading in {re.sub(r"[^a-z0-9 -]", "", text.lower()).replace(" ", "-") for text in headings}, target


def test_architecture_names_every_file() -> None:
    """A file that is not on the map is one that nobody finds; a name on the map is a file."""
    text = read(ROOT / "ARCHITECTURE.md")
    files = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py")}
    rooms = set(re.findall(r"^### `([a-z_/]+/)`$", text, re.MULTILINE))
    named = set(re.findall(r"^- `([a-z0-9_/]+\.py)`: \S", text, re.MULTILINE))
    packages = {f"{room}__init__.py" for room in rooms}
    assert files - named - {name for name in files if name.endswith("/__init__.py")} == set()
    within = {"storage/migrations/__init__.py", "storage/migrations/versions/__init__.py", "supervise/__init__.py"}
    assert {name for name in files if name.endswith("/__init__.py")} - within == packages
    assert named <= files


def test_every_test_that_architecture_names_exists() -> None:
    """An invariant is held by a test that is there."""
    named = re.findall(r"(tests/[\w/]+\.py)::(\w+)", read(ROOT / "ARCHITECTURE.md"))
    assert len(named) > 30
    assert len({file for file, _ in named}) > 10
    for file, name in named:
        functions = {node.name for node in ast.walk(ast.parse(read(ROOT / file))) if isinstance(node, ast.FunctionDef)}
        assert name in functions, f"{file}::{name}"


def test_every_invariant_names_a_test_or_says_not_yet() -> None:
    """A promise that nothing holds is said to be none."""
    text = read(ROOT / "ARCHITECTURE.md").partition("## Invariants")[2].partition("\n## ")[0]
    promises = re.split(r"^\*\*(I\d+)\.", text, flags=re.MULTILINE)[1:]
    assert promises[::2] == [f"I{number}" for number in range(1, 12)]
    for name, words in zip(promises[::2], promises[1::2], strict=True):
        assert "tests/" in words or "Not yet" in words, name


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_files_named_in_pages_exist(page: Path) -> None:
    """`room/file.py` and `tests/...` in a page are files."""
    for name in re.findall(r"`((?:[a-z_]+/)+[a-z0-9_]+\.(?:py|json|md|sh))[`:]", read(page)):
        places = (ROOT / name, SOURCE / name)
        assert any(place.exists() for place in places), name


# What a reader may run


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like the checkout of somebody who ran `make demo`: the demo's first film, and the environment."""
    folder = tmp_path_factory.mktemp("reader")
    place = town()
    film_town(replace(place, clips=place.clips[:1]), folder / "demo-output" / "town")
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


def run_transcript(text: str, folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """(command, output written, output seen) of each prompt in the `console` blocks, both without what differs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BEHOLDEN_")}
    environment["PATH"] = f"{sys.prefix}/bin{os.pathsep}{os.environ['PATH']}"
    for body in blocks(text, "console"):
        for part in body.split("$ ")[1:]:
            command, _, written = part.partition("\n")
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout
            yield command, settled(written), settled(done.stdout)


def settled(text: str) -> list[str]:
    """Lines with ids and moments taken out."""
    text = re.sub(r"\b([sg])_[0-9a-f]{20}\b", r"\1_ID", text)
    text = re.sub(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}", "MOMENT", text)
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def test_the_readme_can_be_followed(reader: Path) -> None:
    """Every command of the quick start gives the output that stands there, and the Python examples run after it."""
    text = read(ROOT / "README.md")
    seen = 0
    for command, written, output in run_transcript(text, reader):
        assert output == written, command
        seen += len(output)
    assert seen > 10
    shutil.copy(reader / "ada-1.jpg", reader / "street.jpg")
    code = "\n".join(blocks(text, "python"))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=reader, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (reader / "street-covered.jpg").stat().st_size > 1000
    assert "unknown" in done.stdout


def test_the_pictures_of_the_readme_are_small_and_of_nobody() -> None:
    """One picture, of the demo's synthetic town, and small enough to load."""
    images = sorted((ROOT / "docs" / "images").iterdir())
    assert [image.name for image in images] == ["demo.png"]
    assert images[0].stat().st_size < 600_000
    assert picture(PersonId("P003"), "studio_portrait").size > 0


# What must stand in no file

HOSTS = ("pypi" + ".org", "python" + "hosted", "debian" + ".org", "registry.npm" + "js", "proxy.go" + "lang")
MACHINE = re.compile(r"(?<![\w./~}*-])/(?:work|root|tmp|home)/[\w.]")


def findings(text: str) -> list[str]:
    """Names of registries, and absolute paths of one machine."""
    return [host for host in HOSTS if host in text] + MACHINE.findall(text)


def test_planted_addresses_and_paths_are_found() -> None:
    """The next test can fail."""
    assert findings("see https://" + HOSTS[0] + "/simple")
    assert findings("in /" + "root/x")
    assert findings('"/' + 'work/main"')
    assert not findings("a/" + "work/b, ~/" + "tmp/x, https://example.org/" + "work/a")


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    """What works on one machine only, or nails users to one registry, is not committed."""
    wrong: dict[str, list[str]] = {}
    for path in tracked():
        try:
            found = findings(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue
        if found:
            wrong[path.relative_to(ROOT).as_posix()] = found
    assert wrong == {}
