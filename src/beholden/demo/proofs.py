"""The demo's last scenes: what outsiders can prove with the log's public key alone, and which lies are caught."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from beholden.acts.grants.withdraw import withdrawal_receipt
from beholden.acts.office import Office
from beholden.acts.own_copy.logkeys import MonthKey, parse_month
from beholden.ledger.checkpoint import open_checkpoint
from beholden.ledger.leaf import Month
from beholden.ledger.log import FileLog
from beholden.ledger.log_folder import LogFolder
from beholden.ledger.note import NoteError, VerifierKey, parse_verifier
from beholden.ledger.opened import parse_opened, verify_opened
from beholden.ledger.scan import OwnLeaves
from beholden.ledger.verify import verify_folder, verify_log
from beholden.ledger.witness import Witness
from beholden.ledger.witness_http import Cosigned, Refusal, ask, serving, witness_server
from beholden.model.errors import BeholdenError
from beholden.model.ids import SubjectId

RECEIPT = "proofs/withdrawal-receipt.json"


@dataclass(frozen=True, slots=True)
class Proof:
    """One scene: what was to be shown, whether it was, and what was seen, in words."""

    title: str
    ok: bool
    said: str


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody who withdrew, with the keys to their leaves that they took before."""

    label: str
    subject: SubjectId
    keys: tuple[MonthKey, ...]


def prove(office: Office, log: Path, left: Left, out: Path, scratch: Path) -> tuple[Proof, ...]:
    """Every scene, on the log that lies in `log`, which stays as it is; the receipt is left in `out`.

    `scratch` is a folder for copies. Raises what goes wrong beside the scenes (BeholdenError, OSError).
    """
    key = parse_verifier(FileLog.open(log).verifier)
    public = scratch / "public"
    shutil.copytree(log, public, ignore=shutil.ignore_patterns("key", "lock"))
    return (
        _receipt(office, left, key, out),
        _found(public, key, left, office),
        _tampered(public, key, scratch),
        _forked(log, key, scratch),
    )


def _receipt(office: Office, left: Left, key: VerifierKey, out: Path) -> Proof:
    """The receipt holds, and not with one word changed."""
    text = withdrawal_receipt(office, left.subject)
    path = out / RECEIPT
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    proven = verify_opened(parse_opened(text.encode()), key)
    refused = _refusal(lambda: verify_opened(parse_opened(text.replace("data key", "date key").encode()), key))
    kinds = [each.event["kind"] for each in proven]
    return Proof(
        f"{left.label} proves offline that they are forgotten",
        kinds == ["withdrawn", "erased"] and refused is not None,
        f"leaves {' and '.join(str(each.included.index) for each in proven)} say what was destroyed; with one word "
        f"changed: {refused or 'accepted'}",
    )


def _found(public: Path, key: VerifierKey, left: Left, office: Office) -> Proof:
    """With the keys that they took before, the leaves about them are found in a copy of the log; by us no more."""
    months: Mapping[Month, bytes] = {parse_month(each.month): bytes.fromhex(each.key) for each in left.keys}
    seen = OwnLeaves(months)
    checked = verify_log(LogFolder(public), key, look=seen.look)
    own = [number for number, _ in seen.found]
    ours = office.keystore.data_keys([left.subject])[left.subject]
    withdrawal = office.store.subject(left.subject).withdrawal
    return Proof(
        f"{left.label} finds every leaf about themselves, and we cannot any more",
        withdrawal in own and ours is None,
        f"{len(own)} of {checked.size} leaves, the withdrawal among them; "
        f"our key is {'gone' if ours is None else 'there'}",
    )


def _tampered(public: Path, key: VerifierKey, scratch: Path) -> Proof:
    """One bit in one leaf."""
    copy = scratch / "tampered"
    shutil.copytree(public, copy)
    bundle = max((copy / "tile" / "entries").rglob("*"), key=lambda path: (path.is_file(), path.stat().st_size))
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    bundle.write_bytes(data)
    refused = _refusal(lambda: verify_folder(copy, key))
    return Proof("A log in which one bit was changed is caught", refused is not None, refused or "it was accepted")


def _forked(log: Path, key: VerifierKey, scratch: Path) -> Proof:
    """Two readers are shown two logs, both signed: their heads contradict each other, and a witness signs one only."""
    heads: list[bytes] = []
    answers: list[Cosigned | Refusal] = []
    witness = Witness.create(scratch / "witness", "witness.example/demo", lambda: 0)
    witness.watch(key)
    with serving(witness_server(witness, "127.0.0.1", 0, lambda _: None)) as address:
        for reader in ("one", "two"):
            shutil.copytree(log, scratch / reader)
            shown = FileLog.open(scratch / reader)
            shown.append([f"only reader {reader} is shown this".encode()])
            checkpoint, tree = shown.signed_tree()
            heads.append(checkpoint)
            answers.append(ask(address, witness.verifier, checkpoint, tree))
    one, two = (open_checkpoint(head, key.name, [key]) for head in heads)
    first, second = answers
    caught = one.size == two.size and one.root != two.root
    refused = isinstance(first, Cosigned) and isinstance(second, Refusal) and second.forked
    said = second.message if isinstance(second, Refusal) else "it cosigned both"
    return Proof(
        "A log that shows two readers two stories is caught",
        caught and refused,
        f"both heads of {one.size} leaves are signed and differ; the witness: {said}",
    )


def _refusal(check: Callable[[], object]) -> str | None:
    try:
        check()
    except (BeholdenError, NoteError) as error:
        return str(error)
    return None


def lines(proofs: Sequence[Proof]) -> tuple[str, ...]:
    """One line each, as the demo prints them."""
    return tuple(f"{'ok ' if each.ok else 'NOT'} {each.title}: {each.said}" for each in proofs)
