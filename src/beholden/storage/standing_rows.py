"""Standings of grants, invitations and the known time as rows, and back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from beholden.acts.store_life import Counted, Sent
from beholden.consent.invitation import Invitation, Offer
from beholden.consent.known_time import KnownTime
from beholden.consent.life import Over, Question, Standing, of_before
from beholden.consent.notice import Edition
from beholden.model.grant import Purpose
from beholden.model.ids import PlaceId, SubjectId
from beholden.storage.rows import Row, grant_of, moment_of, stored_moment

_MOMENTS = ("paused_at", "silent_at", "met_at", "over_at")


def standing_values(standing: Standing) -> dict[str, object]:
    """What changes of a row of `grants` when its standing does; its state is not among it (`acts.store`)."""
    asked = standing.question
    kept: dict[str, object] = {
        "made_at": stored_moment(standing.made_at),
        "confirmed_at": stored_moment(standing.confirmed_at),
        "read": [standing.read.digest, standing.read.rules],
        "asked_before": standing.asked_before,
        "question": None
        if asked is None
        else [stored_moment(asked.since), asked.edition.digest, asked.edition.rules, asked.reminded],
        **{name: _stored(getattr(standing, name)) for name in _MOMENTS},
        "over": None if standing.over is None else standing.over.name,
    }
    return {
        "starts_at": stored_moment(standing.starts_at),
        "ends_at": stored_moment(standing.ends_at),
        "standing": json.dumps(kept, sort_keys=True),
    }


def standing_of(row: Row) -> Standing:
    """The standing of a row of `grants`; raises ValueError for one that no Beholden wrote."""
    grant = grant_of(row)
    if row.standing is None:
        return of_before(grant)
    try:
        kept: dict[str, Any] = json.loads(row.standing)
        asked = kept["question"]
        return Standing(
            purpose=grant.purpose,
            made_at=moment_of(kept["made_at"]),
            starts_at=grant.starts_at,
            ends_at=grant.ends_at,
            confirmed_at=moment_of(kept["confirmed_at"]),
            read=Edition(*kept["read"]),
            asked_before=kept["asked_before"],
            question=None if asked is None else Question(moment_of(asked[0]), Edition(asked[1], asked[2]), asked[3]),
            over=None if kept["over"] is None else Over[kept["over"]],
            **{name: _moment(kept[name]) for name in _MOMENTS},
        )
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError("a grant's standing does not read") from error


def invitation_row(sent: Sent) -> dict[str, object]:
    """Without the name: that is sealed with the subject."""
    made = sent.invitation
    return {
        "token_hash": made.token_hash,
        "subject": sent.subject,
        "purposes": json.dumps([each.value for each in made.offer.purposes]),
        "places": json.dumps(sorted(made.offer.places)),
        "made_at": stored_moment(made.made_at),
        "expires_at": stored_moment(made.expires_at),
        "read_digest": made.read,
        "used_at": _stored(made.used_at),
        "revoked_at": _stored(made.revoked_at),
    }


def invitation_of(row: Row) -> Sent:
    offer = Offer(
        "",
        tuple(Purpose(each) for each in json.loads(row.purposes)),
        frozenset(PlaceId(each) for each in json.loads(row.places)),
    )
    made = Invitation(offer, row.token_hash, moment_of(row.made_at), moment_of(row.expires_at), row.read_digest)
    made = replace(made, used_at=_moment(row.used_at), revoked_at=_moment(row.revoked_at))
    return Sent(SubjectId(row.subject), made)


def known_time_row(counted: Counted) -> dict[str, object]:
    return {
        "id": 1,
        "latest": stored_moment(counted.known.latest),
        "sure": stored_moment(counted.known.sure),
        "certain": counted.known.certain,
        "boot": counted.boot,
        "counted": counted.counted_us,
    }


def known_time_of(row: Row) -> Counted:
    return Counted(KnownTime(moment_of(row.latest), moment_of(row.sure), row.certain), row.boot, row.counted)


def _stored(moment: datetime | None) -> int | None:
    return None if moment is None else stored_moment(moment)


def _moment(stored: int | None) -> datetime | None:
    return None if stored is None else moment_of(stored)
