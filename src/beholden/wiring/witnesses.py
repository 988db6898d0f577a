"""The witnesses of the log that the settings name, and asking them."""

from __future__ import annotations

from collections.abc import Callable

from beholden.ledger.address import parse_address
from beholden.ledger.cosignature import parse_witness
from beholden.ledger.errors import TAMPERED
from beholden.ledger.note import NoteError
from beholden.ledger.witnessed import Collected, WitnessAt, collect
from beholden.model.errors import LogUnavailable, SettingsError
from beholden.settings import Settings
from beholden.storage.folder import LOG, DataFolder

_ADVICE = 'Write it like "witness.example/one+1a2b3c4d+B... https://witness.example/".'


def witnesses_of(settings: Settings) -> tuple[WitnessAt, ...]:
    """In the order of the settings. Raises SettingsError."""
    return tuple(map(_witness, settings.log.witnesses))


def ask_witnesses(folder: DataFolder, witnesses: tuple[WitnessAt, ...]) -> Collected:
    """Have the newest head cosigned; what came of it is kept beside the log.

    Raises LogUnavailable: the log cannot be read, the lines cannot be kept, or a witness knows another tree.
    """
    done = collect(folder.path / LOG, folder.log, witnesses)
    if done.forked:
        raise LogUnavailable(
            f"the log is not the one that {' and '.join(done.forked)} saw before: it was put back or forked",
            advice=TAMPERED,
        )
    return done


def asking(folder: DataFolder, witnesses: tuple[WitnessAt, ...]) -> Callable[[], None]:
    """What a keeper does every minute. Raises as `ask_witnesses`, and LogUnavailable when nobody cosigned."""

    def ask() -> None:
        done = ask_witnesses(folder, witnesses) if witnesses else None
        if done is not None and not done.signed:
            why = "; ".join(f"{name}: {refusal.message}" for name, refusal in done.refused)
            raise LogUnavailable(f"no witness cosigned the log: {why}", advice="It is asked again in a minute.")

    return ask


def _witness(text: str) -> WitnessAt:
    """No message quotes the address: a password may be in it."""
    words, _, url = text.strip().partition(" ")
    try:
        key = parse_witness(words)
    except NoteError as error:
        raise SettingsError(f"log.witnesses: {words[:100]!r} is no witness: {error}", advice=_ADVICE) from error
    try:
        parse_address(url.strip())
    except ValueError as error:
        raise SettingsError(f"log.witnesses: the address of {key.name} is none: {error}", advice=_ADVICE) from None
    return WitnessAt(url.strip(), key)
