"""What the commands about guardians read and print: a paper's digest, whose zone it is, how a grant stands."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholden.cli.options import emit
from beholden.model.errors import FolderForbidden, MissingInput, SettingsError

if TYPE_CHECKING:
    from beholden.acts.guardians.seen import Guarded
    from beholden.cli.account_options import Signer
    from beholden.model.grant import Place
    from beholden.model.ids import GrantId
    from beholden.supervise.keeper.acting import Acting

Grant = Annotated[str, typer.Argument(metavar="GRANT", help="Its id: `beholden guardian list`.")]
Who = Annotated[str, typer.Argument(metavar="WHO", help="Name or subject id of the dependent.")]
Paper = Annotated[
    Path, typer.Option(readable=False, metavar="FILE", help="The paper; its SHA-256 is kept, the paper is not.")
]
Guardians = Annotated[
    list[str],
    typer.Option("--guardian", metavar="NAME", help="Every guardian, by account; any name in a rehearsal. Repeatable."),
]


def evidence_of(paper: Path) -> str:
    """The SHA-256 (hex) of a paper. Raises MissingInput, FolderForbidden."""
    try:
        with paper.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise MissingInput(f"there is no file {paper}") from error
    except OSError as error:
        raise FolderForbidden(f"cannot read {paper}: {error.strerror}") from error


def paper_or_none(paper: Path | None) -> str | None:
    return None if paper is None else evidence_of(paper)


def account_ids(acting: Acting, names: Sequence[str]) -> tuple[str, ...]:
    """Ids of the guardians' accounts; in a rehearsal the names as they are. Raises InputError."""
    from beholden.acts.accounts.listed import account_id

    return tuple(names) if acting.rehearsal else tuple(acting.do(account_id, each) for each in names)


def zone_of(places: Sequence[Place], zone: str | None) -> str:
    """Where the dependent lives: as was said, or where the places are. Raises SettingsError."""
    there = {each.zone for each in places}
    if zone is None and len(there) != 1:
        raise SettingsError("--zone: where the dependent lives is not said", advice="Write it like Europe/Berlin.")
    return zone or there.pop()


def named_guarded(acting: Acting, grant: GrantId, by: Signer | None) -> tuple[Guarded, str | None]:
    """How a grant stands, with names as far as this account is shown them."""
    from beholden.acts.guardians.seen import SHOW, show, show_digest
    from beholden.cli.account_names import NOT_SHOWN

    found = acting.do(show, grant, None if by is None else by.sign(SHOW, show_digest(grant)))
    if found.dependent.refused is None:
        return found, found.dependent.name
    typer.echo(f"beholden: {NOT_SHOWN}: {found.dependent.refused}", err=True)
    return found, NOT_SHOWN


def say_guarded(found: Guarded, *, as_json: bool, name: str | None = None) -> None:
    """How a guardians' grant stands, and what is missing."""
    if as_json:
        emit(
            {
                "grant": found.grant,
                "subject": found.subject,
                "name": name,
                "purpose": found.purpose,
                "places": list(found.places),
                "guardians": list(found.guardians),
                "yes": list(found.yes),
                "no": list(found.no),
                "evidence": found.evidence,
                "majority": found.majority.isoformat(),
                "zone": found.zone,
                "approved_by": found.approved_by,
                "declined_by": found.declined_by,
                "refused": found.refused,
                "disputed": found.disputed,
                "counts": found.why_not is None,
                "why_not": found.why_not,
                "enrolled": found.made,
                "digest": found.digest,
            }
        )
        return
    where = ", ".join(found.places) or "files"
    typer.echo(f"{found.grant}  {found.purpose} at {where} for {name or found.subject}")
    typer.echo(f"  guardians {', '.join(found.guardians)}, until {found.majority} in {found.zone}")
    typer.echo(f"  yes from {', '.join(found.yes) or 'nobody'}; no from {', '.join(found.no) or 'nobody'}")
    typer.echo(f"  paper {found.evidence}, seen by {found.approved_by or 'nobody of elsewhere yet'}")
    typer.echo(f"  digest to approve: {found.digest}")
    state = "and they are enrolled" if found.made else "and they are not enrolled yet"
    typer.echo(f"  it counts, {state}" if found.why_not is None else f"  it does not count: {found.why_not}")
