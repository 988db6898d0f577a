"""An invitation: an operator offers purposes to one person, who reads the notice and ticks what they want.

Nothing is ticked beforehand. What can be granted is a part of the offer, each purpose by itself, and
only after the notice was read as it is now. The link works once, for `LINK_LASTS`, and can be revoked;
of its token only the SHA-256 is kept. A person who says no leaves the link unused: whoever invited them
cannot tell a no from silence, by design. No invitation carries a photo or a template (invariant I2).

Pure but for `new_token`. Refusals are PolicyRefused, with the reason as a sentence for people. `now` is
`KnownTime.now`: while the time is in doubt (None) no link opens, or a cooling-off would begin too early.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from beholden.consent.notice import Notice
from beholden.consent.policy import refusal
from beholden.consent.purposes import DAY, policy_of
from beholden.model.errors import PolicyRefused
from beholden.model.grant import Basis, Hours, Place, Purpose
from beholden.model.ids import PlaceId

LINK_LASTS = 14 * DAY
LONGEST_LABEL = 100
"""As `acts.grants.people` keeps names."""
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Offer:
    """Whom an operator invites to what, and where; `places` empty only where all purposes are about files."""

    label: str
    purposes: tuple[Purpose, ...]
    places: frozenset[PlaceId] = frozenset()


@dataclass(frozen=True, slots=True)
class Invitation:
    """What is kept of one. `token_hash`: SHA-256 (hex) of the link's token. `read`: the digest of the notice that
    was read last. Moments are aware UTC."""

    offer: Offer
    token_hash: str
    made_at: datetime
    expires_at: datetime
    read: str | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """One box that the person ticked: a purpose, where (a part of the places offered), for how long, at what hours;
    `recordings` is the box below it, for files."""

    purpose: Purpose
    duration: timedelta
    places: frozenset[PlaceId] = frozenset()
    hours: Hours | None = None
    recordings: bool = False


def checked_label(text: str) -> str:
    """A name as it is kept: trimmed, composed Unicode. Raises PolicyRefused when people could not read it."""
    label = unicodedata.normalize("NFC", " ".join(text.split()))
    if not 1 <= len(label) <= LONGEST_LABEL or not label.isprintable():
        raise PolicyRefused(f"a name is 1 to {LONGEST_LABEL} printable characters", advice="Choose another name.")
    return label


def offer_refusal(offer: Offer, places: Mapping[PlaceId, Place]) -> str | None:
    """Why such an invitation is not sent from here, where there are `places`; None when it may be."""
    if not offer.purposes:
        return "an invitation offers one purpose at least"
    if len(set(offer.purposes)) < len(offer.purposes):
        return "a purpose is offered once"
    unknown = sorted(offer.places - places.keys())
    if unknown:
        return f"there is no place called {', '.join(unknown)} here"
    offered = [places[place] for place in offer.places]
    at_places = [purpose for purpose in offer.purposes if policy_of(purpose).at_places]
    unserved = [purpose for purpose in at_places if not any(purpose in place.purposes for place in offered)]
    if unserved:
        return f"none of the places offered serves {', '.join(unserved)}"
    idle = sorted(place.id for place in offered if not set(at_places) & set(place.purposes))
    if idle:
        return f"{', '.join(idle)} serves nothing of what is offered"
    return None


def new_token() -> str:
    """For one link: 256 random bits. Shown once, to be sent; never kept."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def invited(offer: Offer, token: str, now: datetime) -> Invitation:
    """An invitation by a `new_token()`, of which `offer_refusal` found nothing to say. Raises PolicyRefused."""
    return Invitation(replace(offer, label=checked_label(offer.label)), token_hash(token), now, now + LINK_LASTS)


def closed(invitation: Invitation, now: datetime | None) -> str | None:
    """Why the link does not work, as a sentence for the person, or None while it does."""
    if invitation.used_at is not None:
        return "this link was used: what you agreed to is in your own pages"
    if invitation.revoked_at is not None:
        return "this invitation was taken back"
    if now is None:
        return "the clock here is wrong at the moment: please try again later"
    if now >= invitation.expires_at:
        return "this link is too old: please ask for a new one"
    return None


def revoked(invitation: Invitation, now: datetime) -> Invitation:
    """The invitation, taken back by whoever sent it; twice is once. Raises PolicyRefused once it was used."""
    if invitation.used_at is not None:
        raise PolicyRefused("the person has agreed already: now only they can withdraw")
    return invitation if invitation.revoked_at is not None else replace(invitation, revoked_at=now)


def has_read(invitation: Invitation, token: str, notice: Notice, now: datetime | None) -> Invitation:
    """The invitation after the person opened the link and read `notice`, about everything offered."""
    _refuse_closed(invitation, token, now)
    return replace(invitation, read=notice.digest)


def accepted(
    invitation: Invitation, token: str, ticks: Collection[Tick], notice: Notice, now: datetime | None
) -> Invitation:
    """The invitation, used by the person who ticked `ticks` when the notice was `notice`: they may now be granted.

    All or nothing. Raises PolicyRefused: then the link still works. Whoever stores the outcome does so only where
    the stored invitation is still unused: two answers at the same moment are one.
    """
    _refuse_closed(invitation, token, now)
    if invitation.read is None:
        raise PolicyRefused("the notice comes first: please read it")
    if invitation.read != notice.digest:
        raise PolicyRefused("the notice has changed since: please read it as it is now")
    if not ticks:
        raise PolicyRefused("nothing is ticked, so nothing was agreed to; there is nothing else to do")
    purposes = [tick.purpose for tick in ticks]
    if len(set(purposes)) < len(purposes):
        raise PolicyRefused("a purpose is ticked once")
    for tick in ticks:
        why = _beyond(tick, invitation.offer) or refusal(
            tick.purpose, Basis.CONSENT, tick.duration, tick.places, tick.hours
        )
        if why is not None:
            raise PolicyRefused(why)
    return replace(invitation, used_at=now)


def _beyond(tick: Tick, offer: Offer) -> str | None:
    """What is more than was offered."""
    if tick.purpose not in offer.purposes:
        return f"{tick.purpose} was not offered"
    beyond = sorted(tick.places - offer.places)
    return f"{', '.join(beyond)} was not offered" if beyond else None


def _refuse_closed(invitation: Invitation, token: str, now: datetime | None) -> None:
    """The token first: who does not have it learns nothing about the invitation."""
    if not hmac.compare_digest(token_hash(token), invitation.token_hash):
        raise PolicyRefused("this link is not ours: please use it as it was sent")
    why = closed(invitation, now)
    if why is not None:
        raise PolicyRefused(why)


def token_hash(token: str) -> str:
    """SHA-256 (hex): what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
