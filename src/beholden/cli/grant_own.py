"""`beholden grant receipt give|verify` and `beholden grant export`: what a person takes away, asked for by themself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beholden.cli.handed_over import hand_over, refuse_existing
from beholden.cli.log_options import read_small, verifier_of
from beholden.cli.options import DEFAULT_DATA, AsJson, Data, emit, opened
from beholden.model.errors import BeholdenError, InputError, OutputRefused, SettingsError
from beholden.model.ids import GrantId, SubjectId

if TYPE_CHECKING:
    from datetime import datetime

    from beholden.acts.own_copy.own_request import Proof
    from beholden.supervise.keeper.acting import Acting

Who = Annotated[
    str | None, typer.Argument(metavar="WHO", help="Name or subject id, in a rehearsal; elsewhere --keys says it.")
]
Keys = Annotated[
    Path | None,
    typer.Option("--keys", readable=False, metavar="FILE", help="Your log keys (`log keys`): by them you ask."),
]
Which = Annotated[str | None, typer.Option("--grant", metavar="GRANT", help="Which one; all if left out.")]
DATA_FILE, PAGE_FILE = "held.json", "held.html"
_GIVE = "Example: beholden grant receipt give --keys ada.keys --out receipts"
_EXPORT = "Example: beholden grant export --keys ada.keys --out about-me"


def register(group: typer.Typer) -> None:
    receipts = typer.Typer(help="Signed receipts of agreements.", no_args_is_help=True, rich_markup_mode=None)
    receipts.command("give", epilog=_GIVE)(give)
    receipts.command("verify", epilog="Example: beholden grant receipt verify g_0123.json --key town.key")(verify)
    group.add_typer(receipts, name="receipt", epilog=_GIVE)
    group.command(epilog=_EXPORT)(export)


def give(
    out: Annotated[Path, typer.Option("--out", readable=False, metavar="DIR", help="A folder; made if there is none.")],
    who: Who = None,
    keys: Keys = None,
    grant: Which = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Signed receipts of what you agreed to and everything that happened to it since, each in a file of its own.

    ISO/IEC TS 27560 in JSON-LD, signed with the log's key: docs/receipts.md says how anybody checks one.
    Only the person may ask, with their log keys; in a rehearsal WHO is enough. Logged.
    """
    from beholden.acts.own_copy.receipt import asked_receipts, give_receipts

    which = None if grant is None else GrantId(grant)
    _refuse_folder(out, [] if grant is None else [_file_of(grant)])
    with opened(data) as (acting, _):
        subject, proof = asked_by(acting, who, keys, asked_receipts(which))
        given = acting.do(give_receipts, subject, which, proof)
        _make_folder(out, [_file_of(each.grant) for each in given])
        for each in given:
            hand_over(out / _file_of(each.grant), each.signed.decode())
    for each in given:
        file = out / _file_of(each.grant)
        if as_json:
            emit({"grant": each.grant, "purpose": each.purpose, "issued": each.issued.isoformat(), "file": str(file)})
        else:
            typer.echo(f"{file}: {each.purpose}, signed.")


def verify(
    file: Annotated[Path, typer.Argument(readable=False, metavar="FILE", help="A receipt, as it was given.")],
    key: Annotated[
        str, typer.Option(metavar="KEY", help="The log's public key, from somebody you trust, or a file that holds it.")
    ],
    as_json: AsJson = False,
) -> None:
    """Check a receipt offline: that whoever keeps the log with this key signed exactly this. Nobody is asked.

    Then it is told in words; with --json, the receipt itself.
    """
    from beholden.consent.receipts.receipt import open_receipt

    trusted = verifier_of(key)
    try:
        document: Any = open_receipt(read_small(file), trusted.public)
    except InputError as error:
        raise InputError(f"{file} proves nothing: {error.message}", advice=error.advice) from error
    if as_json:
        emit({"file": str(file), "key": trusted.encoded(), "receipt": document})
        return
    typer.echo(f"{file}: signed by {trusted.name}, every character")
    if "rdfs:comment" in document:
        typer.echo(f"  {document['rdfs:comment']}")
    for line in _told(document):
        typer.echo(f"  {''.join(char if char.isprintable() else '?' for char in line)}")


def export(
    out: Annotated[Path, typer.Option("--out", readable=False, metavar="DIR", help="A folder; made if there is none.")],
    who: Who = None,
    keys: Keys = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Everything that is held about you: held.json for programs, held.html for people. Nobody else can read them.

    Face templates are described and their numbers left out; the page says why. Only the person may ask, with
    their log keys; in a rehearsal WHO is enough. Logged.
    """
    from beholden.acts.own_copy.export import ASKED, export_held

    _refuse_folder(out, [DATA_FILE, PAGE_FILE])
    with opened(data) as (acting, _):
        subject, proof = asked_by(acting, who, keys, ASKED)
        held = acting.do(export_held, subject, proof)
        _make_folder(out, [DATA_FILE, PAGE_FILE])
        hand_over(out / DATA_FILE, held.data)
        try:
            hand_over(out / PAGE_FILE, held.page)
        except BeholdenError:
            (out / DATA_FILE).unlink(missing_ok=True)
            raise
    if as_json:
        emit({"subject": subject, "data": str(out / DATA_FILE), "page": str(out / PAGE_FILE)})
    else:
        typer.echo(f"{out / PAGE_FILE}: everything that is held about you, to be read.")
        typer.echo(f"{out / DATA_FILE}: the same for programs, with the signed receipts.")


def asked_by(acting: Acting, who: str | None, keys: Path | None, what: str) -> tuple[SubjectId, Proof | None]:
    """Who asks, and what proves it; None where only a name was given. Raises SettingsError, InputError."""
    from beholden.acts.displays.look_up import look_up
    from beholden.wiring.clock import now

    if (who is None) == (keys is None):
        raise SettingsError("say who asks: --keys FILE, or a name in a rehearsal", advice="Give one of the two.")
    if keys is not None:
        return proven_by(keys, what, now())
    # A name is looked up in a rehearsal only: elsewhere whoever asks would learn whether there is such a person.
    return (acting.do(look_up, str(who)).id if acting.rehearsal else SubjectId(str(who))), None


def proven_by(keys: Path, what: str, moment: datetime) -> tuple[SubjectId, Proof]:
    """Whose log keys these are, and the proof that they ask for `what` now. Raises InputError, MissingInput."""
    from beholden.acts.own_copy.own_request import prove
    from beholden.cli.log_mine import months_of, read_keys
    from beholden.ledger.leaf import Month

    values = read_keys(keys)
    subject, month = values.get("subject"), Month.of(moment)
    key = months_of(values, keys).get(month)
    if not isinstance(subject, str) or key is None:
        missing = f"no key of {month}" if isinstance(subject, str) else "no number of a person"
        raise InputError(f"{keys}: there is {missing} in it", advice="Ask for new log keys, which have both.")
    return SubjectId(subject), prove(key, subject, what, moment)


def _told(document: dict[str, Any]) -> list[str]:
    """A receipt whose form was checked, line by line."""
    record: Any = document["dpv:hasRecordOfActivity"]
    [entity] = record["dpv:hasEntity"]
    process = record["dpv:hasProcess"]
    purpose = process["dpv:hasPurpose"]
    places = [each["dct:identifier"] for each in process["dpv:hasProcessingCondition"] if "dct:identifier" in each]
    lines = [
        f"{record['dct:identifier']} of {record['dpv:hasDataSubject']['dct:identifier']}",
        f"for {purpose['dct:identifier']}: {purpose['dct:description']}",
        f"where: {', '.join(places) or 'at no camera'}",
        f"who answers: {entity['dpv:hasName']}, {entity['dpv:hasAddress']}",
    ]
    for each in record["dpv:hasConsentStatus"]:
        until = each.get("dpv:hasDuration", {}).get("rdf:value")
        words = "" if until is None else f", until {until}"
        leaf = each["dct:provenance"]["dct:identifier"]
        lines.append(f"{each['dpv:isIndicatedAtTime']}  {each['skos:prefLabel']}{words} (leaf {leaf})")
    return lines


def _file_of(grant: str) -> str:
    return f"{grant}.receipt.json"


def _refuse_folder(out: Path, names: list[str]) -> None:
    """Before anything is done for it. Raises OutputRefused."""
    if os.path.lexists(out) and not out.is_dir():
        raise OutputRefused(f"{out} is there already, and no folder", advice="Name another folder.")
    for name in names:
        refuse_existing(out / name)


def _make_folder(out: Path, names: list[str]) -> None:
    """For files of these names, none of which may be there. Raises OutputRefused, StorageFull."""
    from beholden.video.output import output_error

    try:
        out.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise output_error(out, error) from error
    for name in names:
        refuse_existing(out / name)
