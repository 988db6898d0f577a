"""A site's program that wraps bucket keys: what it must answer, who may have written it, and what is said of it."""

from __future__ import annotations

import base64
import json
import os
import shlex
import stat
import sys
import time
from pathlib import Path

import pytest

from beholden.consent.command import CommandWrapper
from beholden.ledger.locked import new_key
from beholden.model.errors import KeystoreError

CAT = """
    while read -r line; do
        data=${line##*'"data": "'}
        printf '{"data": "%s"}\\n' "${data%'"}'}"
    done
"""
"""Gives back what it was given: enough for everything but a secret."""


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def program(tmp_path):
    """Writes a program for the shell: its path."""

    def write(text: str, name: str = "program") -> Path:
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{text}")
        path.chmod(0o700)
        return path

    return write


def asked(path: Path, *arguments: object, **options) -> list[bytes]:
    """What a program makes of two things to wrap."""
    return CommandWrapper([str(path), *map(str, arguments)], **options).wrap([("one", new_key()), ("two", new_key())])


def refusal(path: Path, *arguments: object, **options) -> str:
    with pytest.raises(KeystoreError) as caught:
        asked(path, *arguments, **options)
    assert "docs/kms.md" in caught.value.advice
    return caught.value.message


def test_keys_go_through_it_and_come_back(program):
    """Several in one run, in order."""
    wrapper, keys = CommandWrapper([str(program(CAT))]), [new_key() for _ in range(3)]
    wrapped = wrapper.wrap([(str(n), key) for n, key in enumerate(keys)])
    assert wrapper.unwrap([(str(n), each) for n, each in enumerate(wrapped)]) == keys


def test_more_than_one_run_takes_and_more_than_a_pipe_holds(program):
    """A keystore of a hundred thousand people."""
    wrapper, keys = CommandWrapper([str(program(CAT))]), [new_key() for _ in range(400)]
    assert wrapper.unwrap([("x" * 300, bytes(memoryview(key))) for key in keys]) == keys


def test_each_line_says_what_to_do_about_what(program, tmp_path):
    """One line of JSON for each, and nothing else."""
    path = program(f"tee {shlex.quote(str(tmp_path / 'seen'))} |{CAT}")
    [wrapped] = CommandWrapper([str(path)]).wrap([('bucket "0"', new_key())])
    [line] = (tmp_path / "seen").read_text().splitlines()
    row = json.loads(line)
    assert (row["do"], row["about"], sorted(row)) == ("wrap", 'bucket "0"', ["about", "data", "do"])
    assert len(wrapped) == 32


NO_ANSWER = "said something that is no answer"
WRONG = {
    "nothing": ("cat >/dev/null", "answered 0 of 2 lines"),
    "one line for two": ("""cat >/dev/null; echo '{"data": "AAAA"}'""", "answered 1 of 2 lines"),
    "three lines for two": (
        """cat >/dev/null; for n in 1 2 3; do echo '{"data": "AAAA"}'; done""",
        "answered 3 of 2 lines",
    ),
    "no JSON": ("cat >/dev/null; echo yes; echo yes", NO_ANSWER),
    "an entry too many": ("""cat >/dev/null; for n in 1 2; do echo '{"data": "AAAA", "more": 1}'; done""", NO_ANSWER),
    "no base64": ("""cat >/dev/null; for n in 1 2; do echo '{"data": "AAA"}'; done""", NO_ANSWER),
    "an empty line between": ("""cat >/dev/null; echo '{"data": "AAAA"}'; echo; echo '{"data": "AAAA"}'""", NO_ANSWER),
    "no end": ("cat >/dev/null; exec cat /dev/zero", "said more than was asked"),
    "a very long line": (
        """cat >/dev/null; printf '{"data": "'; head -c 9000 /dev/zero | tr '\\0' A; echo '"}'""",
        NO_ANSWER,
    ),
    "an exit code": (f"{CAT}\nexit 3", "failed (exit code 3)"),
}


@pytest.mark.parametrize("what", WRONG)
def test_an_answer_that_is_not_exactly_one_is_refused(program, what):
    """Nothing is guessed, and what was wrong is told."""
    text, why = WRONG[what]
    path = program(text)
    assert refusal(path) == f"the program that wraps the keystore's keys, {path}, {why}"


def test_a_wrong_exit_code_is_told(program):
    """It is all that is known of many failures."""
    assert "exit code 3" in refusal(program("exit 3"))


def test_what_is_unwrapped_has_the_size_of_a_key(program):
    """Whatever else it is, it is none."""
    wrapper = CommandWrapper([str(program("""cat >/dev/null; echo '{"data": "AAAA"}'"""))])
    with pytest.raises(KeystoreError, match="no key"):
        wrapper.unwrap([("one", b"wrapped")])


def test_what_it_says_is_wrong_is_shown(program):
    """In its own words, whatever its exit code."""
    words = """cat >/dev/null; echo '{"error": "the vault is sealed"}'; exit 1"""
    assert refusal(program(words)).endswith("says: the vault is sealed")


def test_neither_words_nor_standard_error_bring_a_key_into_an_error(program, capfd):
    """A program that repeats what it got does so in vain; the control: the same words without a key are shown."""
    path = program("""read -r line; echo "$line" >&2; k=${line#*'"data": "'}; echo '{"error": "no '"${k%'"}'}"'"}'""")
    key = new_key()
    with pytest.raises(KeystoreError) as caught:
        CommandWrapper([str(path)]).wrap([("one", key)])
    said = caught.value.one_line() + "".join(capfd.readouterr())
    assert "says: no [...]" in said
    text = base64.b64encode(key).decode()
    assert not any(text[at : at + 8] in said for at in range(len(text) - 8))


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_one_that_hangs_is_killed_with_what_it_started(program, tmp_path):
    """The keystore is not held for ever."""
    pids = tmp_path / "pids"
    path = program(f"sleep 600 & echo $! $$ > {shlex.quote(str(pids))}; wait")
    assert "did not answer within 0.5 s" in refusal(path, timeout_s=0.5)
    for pid in pids.read_text().split():
        while alive(int(pid)):  # the kernel takes its time with a process that was killed; `sleep` takes ten minutes
            time.sleep(0.01)


def test_one_that_failed_is_left_alone_for_a_moment_and_then_asked_again(program, tmp_path):
    """A keeper asks several times a second; recovery is by itself."""
    count, broken, clock = tmp_path / "count", tmp_path / "broken", Hand()
    broken.touch()
    path = program(f"echo >> {shlex.quote(str(count))}; test ! -e {shlex.quote(str(broken))} || exit 1\n{CAT}")
    wrapper = CommandWrapper([str(path)], clock_s=clock)
    for _ in range(3):
        with pytest.raises(KeystoreError, match="exit code 1"):
            wrapper.wrap([("one", new_key())])
    assert count.read_text() == "\n"
    broken.unlink()
    clock.now_s += 3
    assert len(wrapper.wrap([("one", new_key())])) == 1


def test_no_shell_reads_its_arguments(program, tmp_path):
    """They arrive as they are."""
    asked(program(f'printf %s "$1" > "$2"\n{CAT}'), "$(id); *", tmp_path / "seen")
    assert (tmp_path / "seen").read_text() == "$(id); *"


def test_another_argument_is_another_wrapping():
    """Naming another key in the command has everything wrapped anew."""
    names = [CommandWrapper(argv).name for argv in (("/a", "b"), ("/a", "c"), ("/a b",), ("/a", "b"))]
    assert names[0] == names[3]
    assert len(set(names)) == 3


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nowhere", "is not there, or is no file"),
        ("folder", "is not there, or is no file"),
        ("unreadable", "cannot be run: Permission denied"),
    ],
)
def test_what_cannot_be_run_is_an_error_of_the_keystores(tmp_path, name, why):
    """Not there, a folder, not executable."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "unreadable").write_text("#!/bin/sh\n")
    (tmp_path / "unreadable").chmod(0o600)
    assert refusal(tmp_path / name) == f"the program that wraps the keystore's keys, {tmp_path / name}, {why}"


def test_a_name_without_a_folder_is_refused():
    """Where it would be found is anybody's guess."""
    assert refusal(Path("cat")) == "the program that wraps the keystore's keys, cat, is not named by an absolute path"


@pytest.mark.parametrize("mode", [0o720, 0o702])
@pytest.mark.parametrize("which", ["program", "folder", "argument", "folder of an argument"])
def test_what_others_could_change_is_never_run(tmp_path, program, mode, which):
    """The program, what it is given, and every folder above either."""
    (tmp_path / "in").mkdir(mode=0o700)
    path = program(f"touch {shlex.quote(str(tmp_path / 'ran'))}\n{CAT}", "in/program")
    (tmp_path / "of").mkdir(mode=0o700)
    script = program("", "of/script")
    asked(path, script)
    (tmp_path / "ran").unlink()
    {"program": path, "folder": path.parent, "argument": script, "folder of an argument": script.parent}[which].chmod(
        mode
    )
    assert "could be changed by other accounts" in refusal(path, script)
    assert not (tmp_path / "ran").exists()


def test_a_link_is_followed_step_by_step(tmp_path, program):
    """A link in a folder of others leads wherever they want, also where both its ends are sound."""
    path = program(CAT)
    (tmp_path / "others").mkdir()
    (tmp_path / "others").chmod(0o777)
    (tmp_path / "others" / "link").symlink_to(path)
    (tmp_path / "link").symlink_to(tmp_path / "others" / "link")
    assert str(tmp_path / "others") in refusal(tmp_path / "link")
    (tmp_path / "others").chmod(0o1777)
    assert len(asked(tmp_path / "link")) == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_program_of_another_account_is_never_run(program):
    """Its owner could change it at any time."""
    path = program(CAT)
    os.chown(path, 65534, -1)
    assert "could be changed by other accounts" in refusal(path)


def test_arguments_that_name_no_file_are_none_of_our_business(program):
    """A device, something that is not there yet, a word."""
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    assert len(asked(program(CAT), "/dev/null", "/not/there", "word", sys.platform)) == 2
