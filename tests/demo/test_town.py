"""The town has the variety that the demo promises."""

from __future__ import annotations

from datetime import UTC, datetime

from beholden.demo.cutout import FIGURE_FACE_PX, HIP
from beholden.demo.people import PEOPLE
from beholden.demo.scene import film
from beholden.demo.town import ADA, CEM, ELI, HIPS, IRA, MIA, NOA, Town, TownClip, town
from beholden.model.grant import Basis, Purpose


def holds(the_town: Town, person: str, clip: TownClip) -> bool:
    """Whether a person's plan lets this clip's camera name them, worked out from the grants alone."""
    for resident in the_town.residents:
        if resident.person != person:
            continue
        if resident.withdraws_at is not None and resident.withdraws_at <= clip.starts_at:
            return False
        return any(
            clip.place.id in grant.places
            and grant.purpose in clip.place.purposes
            and grant.starts_at <= clip.starts_at < grant.ends_at
            for grant in resident.grants
        )
    return False


def far_away(clip: TownClip) -> bool:
    return max(step.face for actor in clip.scene.actors for step in actor.path) < 32


def test_expectations_follow_from_the_grants(the_town: Town) -> None:
    """Whoever may be named and is near enough is named, but for the two who look alike; nobody else is."""
    alike = {IRA, MIA}
    for clip in the_town.clips:
        may = {person for person in clip.people if holds(the_town, person, clip)}
        near = set() if far_away(clip) else may
        assert clip.expect.named == near - alike, clip.name
        assert clip.expect.undecided == len(near & alike), clip.name


def test_the_far_clip_shows_someone_who_would_be_named_nearby(the_town: Town) -> None:
    """Only distance keeps Eli unnamed there."""
    far = [clip for clip in the_town.clips if far_away(clip)]
    assert any(holds(the_town, person, clip) for clip in far for person in clip.people)


def test_one_place_only(the_town: Town) -> None:
    """Ada is seen in the lobby, where she is named, and at two other places, where she is not."""
    named = {
        clip.place.id: ADA in clip.expect.named for clip in the_town.clips if ADA in clip.people and not far_away(clip)
    }
    assert named == {"lobby": True, "garden": False, "gate": False}


def test_an_expired_grant(the_town: Town) -> None:
    """Cem walks where his grant was for, after it ended."""
    (cem,) = (resident for resident in the_town.residents if resident.person == CEM)
    clips = [clip for clip in the_town.clips if CEM in clip.people and clip.place.id in cem.grants[0].places]
    assert clips
    assert all(cem.grants[0].ends_at < clip.starts_at for clip in clips)


def test_a_withdrawal_between_two_like_clips(the_town: Town) -> None:
    """Noa is named before it, and not after it, at the same camera."""
    seen = [(clip.camera, NOA in clip.expect.named) for clip in the_town.clips if NOA in clip.people]
    assert seen == [("lobby-1", True), ("lobby-1", False)]


def test_a_guardian_grants_care_beforehand(the_town: Town) -> None:
    """Eli's only grant is a guardian's, for care, with the guardian's name."""
    (eli,) = (resident for resident in the_town.residents if resident.person == ELI)
    (grant,) = eli.grants
    assert (grant.purpose, grant.basis) == (Purpose.CARE, Basis.GUARDIAN)
    assert grant.guardian


def test_everybody_plays_a_part(the_town: Town) -> None:
    """All ten people appear; four of them agreed to nothing."""
    assert {person for clip in the_town.clips for person in clip.people} == set(PEOPLE)
    assert the_town.strangers == {"P001", "P002", "P006", "P009"}


def test_clips_have_the_variety_asked_for(the_town: Town) -> None:
    """A crowd, a dim, a blurred, a compressed and a far clip, and people who cross."""
    clips = the_town.clips
    assert 10 <= len(clips) <= 12
    assert len({clip.name for clip in clips}) == len(clips)
    assert any(len(clip.people) >= 5 for clip in clips)
    assert any(clip.scene.effects.gain < 0.7 for clip in clips)
    assert any(clip.scene.effects.blur > 1 for clip in clips)
    assert any(clip.scene.effects.crf > 30 for clip in clips)
    assert any(far_away(clip) for clip in clips)
    assert any(
        (one.path[0].x - two.path[0].x) * (one.path[-1].x - two.path[-1].x) < 0
        for clip in clips
        for one in clip.scene.actors
        for two in clip.scene.actors
    )


def test_clips_come_in_the_order_of_their_hours(the_town: Town) -> None:
    """Playing them in order lives the day, withdrawal included."""
    hours = [clip.starts_at for clip in the_town.clips]
    assert hours == sorted(hours)


def test_the_town_can_be_filmed_on_another_day() -> None:
    """Grants and clips move together."""
    day = datetime(2030, 1, 2, tzinfo=UTC)
    moved = town(day)
    assert all(clip.starts_at.date() == day.date() for clip in moved.clips)
    assert [clip.expect for clip in moved.clips] == [clip.expect for clip in town().clips]


def test_nobody_floats(the_town: Town) -> None:
    """Where a figure ends, a desk, a hedge or the picture's edge hides it, whenever its face is in the picture."""
    assert HIPS < (HIP + 0.5) * 1.3  # faces are at least 1.3 times as high as wide
    for clip in the_town.clips:
        for actor in clip.scene.actors:
            for step in actor.path:
                assert step.y + HIPS * step.face > clip.scene.ledge, (clip.name, actor.person)


def test_no_face_is_enlarged(the_town: Town) -> None:
    """A figure is never shown larger than it was cut, so no face is made of guessed pixels."""
    assert (
        max(step.face for clip in the_town.clips for actor in clip.scene.actors for step in actor.path) < FIGURE_FACE_PX
    )


def test_the_empty_lobby_can_be_filmed(the_town: Town) -> None:
    """A scene without people needs no pictures of people."""
    from dataclasses import replace

    frame, seen = next(film(replace(the_town.clips[0].scene, actors=()), {}))
    assert frame.shape == (720, 1280, 3)
    assert seen == ()
