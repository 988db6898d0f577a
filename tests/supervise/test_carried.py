"""Numbers of a face between processes: beside the message, never in it."""

import json
import os

import numpy as np
import pytest

from beholden.acts.grants.enrol import Enrolment, Wish, enrol_reference
from beholden.acts.grants.reference import Reference
from beholden.model.errors import DataFolderError
from beholden.model.grant import Purpose
from beholden.model.ids import ModelDigest
from beholden.supervise.keeper.calls import Call
from beholden.supervise.keeper.carried import carrying

NUMBERS = np.linspace(-1, 1, 128, dtype=np.float32)
WISH = Wish((Purpose.PHOTOS,))
CALL = Call(enrol_reference)


def reference() -> Reference:
    return Reference(NUMBERS.copy(), ModelDigest("aa"), 0.5, 2)


def seen_by(act_name: str = "enrol.enrol_reference"):
    """An act that takes down what comes to it, and under which name it is asked for."""
    seen = []

    def act(office: None, label: str, it: Reference, wish: Wish) -> None:
        seen.append((it, it.vector.copy()))

    return Call(act), seen


def test_a_reference_arrives_with_its_numbers_and_is_wiped_when_the_act_is_done():
    """Whole and in order, in memory of its own."""
    call, seen = seen_by()
    arguments, numbers = call.encode(("Ann", reference(), WISH), {})
    with carrying(numbers) as fd:
        call.run(None, arguments, fd)
    [(it, while_it_was_done)] = seen
    assert np.array_equal(while_it_was_done, NUMBERS)
    assert (it.model, it.quality, it.shots) == ("aa", 0.5, 2)
    assert not it.vector.any()


def test_it_is_wiped_when_the_act_fails_too():
    """Whatever the act raises."""
    seen = []

    def act(office: None, it: Reference) -> None:
        seen.append(it)
        raise DataFolderError("no")

    call = Call(act)
    arguments, numbers = call.encode((reference(),), {})
    with carrying(numbers) as fd, pytest.raises(DataFolderError, match="no"):
        call.run(None, arguments, fd)
    assert not seen[0].vector.any()


def test_the_message_holds_no_number_of_the_face():
    """How many there are, and which recogniser made them."""
    arguments, _ = CALL.encode(("Ann", reference(), WISH, "s_1"), {})
    assert json.loads(arguments)[1] == {"length": 128, "model": "aa", "quality": 0.5, "shots": 2}


def test_what_was_carried_is_overwritten_before_it_is_let_go():
    """Also when the question failed: another descriptor of the same memory shows zeros."""
    shown = []

    def ask(fd):
        shown.append(os.dup(fd))
        assert os.pread(fd, 1024, 0) == NUMBERS.tobytes()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), carrying(NUMBERS) as fd:
        ask(fd)
    assert os.pread(shown[0], 1024, 0) == bytes(512)
    os.close(shown[0])


def test_the_numbers_of_an_array_in_steps_are_carried_in_order():
    """Every other number of a longer one."""
    with carrying(np.repeat(NUMBERS, 2)[::2]) as fd:
        assert os.pread(fd, 1024, 0) == NUMBERS.tobytes()


@pytest.mark.parametrize("sent", ["nothing", "short", "long", "pipe", "folder"])
def test_a_reference_without_its_numbers_is_refused(sent, tmp_path):
    """No descriptor, another size, or one of something that could keep the keeper waiting."""
    call, seen = seen_by()
    arguments, _ = call.encode(("Ann", reference(), WISH), {})
    fds = []
    if sent in ("short", "long"):
        fds = [os.memfd_create("x")]
        os.pwrite(fds[0], bytes(508 if sent == "short" else 516), 0)
    elif sent == "pipe":
        fds = list(os.pipe())
    elif sent == "folder":
        fds = [os.open(tmp_path, os.O_RDONLY)]
    with pytest.raises(DataFolderError, match="without its numbers"):
        call.run(None, arguments, fds[0] if fds else None)
    for fd in fds:
        os.close(fd)
    assert not seen


@pytest.mark.parametrize("length", [0, -1, 4097, 1 << 40, "128", None])
def test_a_length_that_no_template_has_is_refused(length):
    """Before any memory is taken for it."""
    call, seen = seen_by()
    arguments, numbers = call.encode(("Ann", reference(), WISH), {})
    values = json.loads(arguments)
    values[1]["length"] = length
    with carrying(numbers) as fd, pytest.raises(DataFolderError, match="other arguments"):
        call.run(None, json.dumps(values), fd)
    assert not seen


def test_no_act_takes_two_references():
    """One descriptor comes with a message."""

    def act(office: None, one: Reference, two: Reference) -> Enrolment: ...

    with pytest.raises(ValueError, match="two references"):
        Call(act).encode((reference(), reference()), {})
