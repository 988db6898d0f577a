"""`beholden log receipt verify`: a receipt checked offline, with the log's public key and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beholden.cli.log_options import (
    Witnesses,
    head_values,
    head_words,
    line_values,
    print_witnesses,
    read_small,
    verifier_of,
    witness_keys,
)
from beholden.cli.options import AsJson, counted, emit
from beholden.model.errors import InputError

if TYPE_CHECKING:
    from beholden.ledger.cosignature import Cosignature, WitnessKey
    from beholden.ledger.note import VerifierKey
    from beholden.ledger.receipt import Included


def register(group: typer.Typer) -> None:
    receipts = typer.Typer(help="Receipts of the log.", no_args_is_help=True, rich_markup_mode=None)
    example = "Example: beholden log receipt verify mine.tlog-proof --key town.key"
    receipts.command("verify", epilog=example)(verify_receipt)
    group.add_typer(receipts, name="receipt", epilog=example)


def verify_receipt(
    file: Annotated[
        Path, typer.Argument(readable=False, metavar="FILE", help="A receipt: .tlog-proof, or that of a withdrawal.")
    ],
    key: Annotated[
        str, typer.Option(metavar="KEY", help="The log's public key, from somebody you trust, or a file that holds it.")
    ],
    witness: Witnesses = None,
    leaf: Annotated[
        Path | None,
        typer.Option(readable=False, metavar="FILE", help="The leaf's bytes, where the receipt does not hold them."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a receipt offline: that its leaves are in the log with this key, and who witnessed that. Nobody is asked.

    The receipt of a withdrawal says besides what its leaves commit to, in words.
    """
    from beholden.ledger.note import NoteError

    trusted, witnesses, data = verifier_of(key), witness_keys(witness), read_small(file)
    try:
        if data.startswith(b"{"):
            proven = _opened(data, trusted, witnesses)
        else:
            proven = [_plain(data, trusted, witnesses, None if leaf is None else read_small(leaf))]
    except NoteError as error:
        raise InputError(
            f"{file} proves nothing: {error}",
            advice="Check the file and the key; keep the receipt, and ask for another.",
        ) from error
    for number, each in enumerate(proven):
        if as_json:
            emit(each.as_values(trusted))
        else:
            _print(each, file if number == 0 else None, trusted)
    if not as_json:
        last = proven[-1]
        typer.echo(f"  {head_words(last.included.head.size, last.included.head.root)}")
        print_witnesses(last.seen, len(witnesses), 0)


@dataclass(frozen=True, slots=True)
class _Held:
    """One leaf that a receipt proved; `event` is what it says, where the receipt opens it."""

    included: Included
    seen: tuple[Cosignature, ...]
    event: dict[str, Any] | None

    def as_values(self, trusted: VerifierKey) -> dict[str, object]:
        head = self.included.head
        return (
            head_values(head.origin, head.size, head.root, trusted)
            | {"index": self.included.index, "leaf": self.included.leaf.hex()}
            | ({} if self.event is None else {"event": self.event})
            | {"witnessed": head.size if self.seen else 0, "witnesses": line_values(self.seen)}
        )


def _plain(data: bytes, trusted: VerifierKey, witnesses: Sequence[WitnessKey], leaf: bytes | None) -> _Held:
    """A C2SP tlog-proof. Raises NoteError."""
    from beholden.ledger.receipt import parse_receipt
    from beholden.ledger.receipt import verify_receipt as included_by
    from beholden.ledger.verify import seen_by

    receipt = parse_receipt(data)
    included = included_by(receipt, trusted, leaf=leaf)
    return _Held(included, seen_by(receipt.checkpoint, trusted, witnesses), None)


def _opened(data: bytes, trusted: VerifierKey, witnesses: Sequence[WitnessKey]) -> list[_Held]:
    """A receipt that opens its leaves. Raises NoteError."""
    from beholden.ledger.opened import parse_opened, verify_opened
    from beholden.ledger.verify import seen_by

    opened = parse_opened(data)
    proven = verify_opened(opened, trusted)
    return [
        _Held(each.included, seen_by(entry.proof.checkpoint, trusted, witnesses), each.event)
        for each, entry in zip(proven, opened.entries, strict=True)
    ]


def _print(held: _Held, file: Path | None, trusted: VerifierKey) -> None:
    begin = "" if file is None else f"{file}: "
    typer.echo(f"{begin}leaf {held.included.index} is in the log {trusted.name}, {_leaf_words(held.included)}")
    event = held.event or {}
    for name in sorted(event.keys() - {"kind"}):
        values = event[name] if isinstance(event[name], list) else [event[name]]
        for value in values:
            typer.echo(f"  {event.get('kind')}: {name} {_printable(value)}")


def _printable(value: object) -> str:
    """Whoever wrote a receipt must not write on somebody's terminal."""
    return "".join(char if char.isprintable() else "?" for char in str(value))


def _leaf_words(included: Included) -> str:
    """What a leaf of ours says of itself: the hour. Of any other, how long it is."""
    from beholden.ledger.leaf import parse_leaf

    try:
        hour = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=parse_leaf(included.leaf).hour)
    except (ValueError, OverflowError):
        return f"{counted(len(included.leaf), 'byte')} long"
    return f"written in the hour from {hour:%Y-%m-%d %H:%M} UTC"
