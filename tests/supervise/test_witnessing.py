"""A keeper shows its log's head to those outside, busy or not, and waits for none of them."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from beholden.model.errors import LogUnavailable
from beholden.supervise.keeper import keeper as keeping
from beholden.supervise.keeper.election import try_to_keep
from beholden.supervise.keeper.keeper import Keeper
from tests.supervise.folders import made, opener, until


@pytest.fixture
def folder(tmp_path):
    return made(tmp_path / "data")


def kept(folder, monkeypatch, witness):
    """A keeper that asks its witnesses all the time."""
    monkeypatch.setattr(keeping, "WITNESS_S", 0.02)
    held = try_to_keep(folder)
    assert held is not None
    return Keeper(folder, held, lambda: replace(opener(folder)(), witness=witness))


def test_witnesses_are_asked_again_and_again(folder, monkeypatch):
    """Whether anything happened or not; also after one of them said no."""
    asked = []

    def witness():
        asked.append(1)
        if len(asked) == 2:
            raise LogUnavailable("no witness cosigned the log: away")

    with kept(folder, monkeypatch, witness):
        until(lambda: len(asked) >= 4)


def test_what_a_witness_says_is_told_once(folder, monkeypatch, capsys):
    """On standard error, not every minute anew."""
    asked = []

    def witness():
        asked.append(1)
        raise LogUnavailable("the log is not the one that w saw before")

    with kept(folder, monkeypatch, witness):
        until(lambda: len(asked) >= 4)
    assert capsys.readouterr().err.count("the one that w saw before") == 1


def test_a_witness_that_hangs_holds_nobody_up(folder, monkeypatch):
    """The keeper stops, and another takes over, while it is still waited for."""
    hangs, over = threading.Event(), threading.Event()

    def witness():
        hangs.set()
        over.wait(60)

    try:
        with kept(folder, monkeypatch, witness):
            assert hangs.wait(30)
        held = try_to_keep(folder)
        assert held is not None
        held.release()
        assert not over.is_set()
    finally:
        over.set()
