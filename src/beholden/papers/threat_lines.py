"""Who could do harm, what holds against them, and the test that holds each line; a test finds each of these tests."""

from __future__ import annotations

from beholden.papers.threat import Threat, held
from beholden.papers.threat_power import POWER

PASSER_BY = (
    Threat(
        "Whoever runs the place",
        "keeps or looks up the faces of people who agreed to nothing",
        "Such numbers cannot be stored, copied or sent, and are overwritten when the person is out of view.",
        "Clothes and gait stay visible. Root can read the memory of a running process.",
        held("faces/test_shots", "a_probe_cannot_be_stored_copied_or_unpacked", "wiping_overwrites_every_vector")
        + held("strangers/test_strangers", "nothing_of_a_stranger_is_left", "a_planted_one_is_found"),
    ),
    Threat(
        "Whoever gets a picture or a recording",
        "recognises people in it",
        "Every detected face lies under one solid colour; if the detector fails, the whole picture does.",
        "Faces that the detector misses.",
        held("video/test_output", "only_covered_pictures_leave")
        + held(
            "pipeline/test_stages",
            "every_face_in_a_crowd_is_covered",
            "when_the_detector_fails_the_whole_picture_is_covered",
        )
        + held("demo/test_visible", "a_covered_clip_shows_nobody_until_one_frame_leaks"),
    ),
    Threat(
        "A neighbour of the place",
        "is filmed in their window or garden",
        "Privacy zones are filled before anything looks at the picture.",
        "They have to be drawn.",
        held(
            "live/test_zones", "every_pixel_that_a_zone_touches_is_filled", "frames_of_a_camera_have_their_zones_filled"
        ),
    ),
    Threat(
        "Whoever runs the place",
        "names people where no capture mode is set, or without a press of the button",
        "There nobody is named.",
        "Whether a lane is one, and whether a recorded legal basis is true.",
        held("consent/test_gate", "a_place_without_capture_names_nobody")
        + held("cli/test_cameras", "a_button_counts_only_where_there_is_one"),
    ),
    Threat(
        "Anybody who reads counts",
        "finds one person in a small number",
        "Small counts are hidden, and no small count can be derived from others.",
        "",
        held(
            "acts/test_counts",
            "small_cells_are_hidden_and_a_lone_one_takes_another_with_it",
            "no_small_count_can_be_derived_from_its_row",
        ),
    ),
)
AGREED = (
    Threat(
        "An operator",
        "enrols somebody from a photo",
        "Refused outside a rehearsal, which never becomes a live folder. An invitation carries no picture.",
        "",
        held(
            "acts/test_enrol_and_pause",
            "photos_are_refused_outside_a_rehearsal",
            "an_invited_person_is_known_by_name_and_cannot_be_recognised",
        )
        + held("consent/test_invitation", "an_invitation_has_no_place_for_a_photo_or_a_template"),
    ),
    Threat(
        "Somebody close to the person",
        "says yes for them, or while they are unwell",
        "Naming begins a day after the yes, which can be taken back; the person is asked again and again, and silence "
        "pauses; a guardian opens little, and the person's own no goes first.",
        "Whoever controls the person's own devices.",
        held("consent/test_life", "nobody_is_named_in_the_cooling_off", "silence_pauses_after_a_fortnight")
        + held(
            "consent/oversight/test_guardians",
            "a_guardian_opens_only_care_photos_and_find_me",
            "the_persons_own_refusal_blocks_at_any_age_and_only_their_yes_lifts_it",
        ),
    ),
    Threat(
        "Whoever runs the place",
        "goes on after a grant is over, paused or withdrawn",
        "A name ends within a second, in every process; expiry is by a time that a clock set back does not revive.",
        "",
        held("cli/test_processes", "a_name_ends_in_a_running_watch_when_somebody_withdraws")
        + held(
            "supervise/test_link",
            "an_expiry_reaches_another_process_within_a_second",
            "while_the_keeper_stands_still_nobody_is_named",
        )
        + held("consent/test_life", "what_is_over_stays_over_as_it_was"),
    ),
    Threat(
        "Whoever has a backup",
        "recognises people who withdrew since",
        "Their key is gone, and the key above it was replaced: no backup opens them.",
        "Copies of the keystore from before a withdrawal.",
        held("consent/test_erasure", "a_backup_from_before_opens_nobody_who_left_and_everybody_who_stayed")
        + held("cli/test_erased", "a_withdrawn_template_is_nowhere", "a_planted_template_is_found")
        + held("storage/test_backup", "no_key_of_anybody_is_in_a_backup"),
    ),
    Threat(
        "Whoever changes the rules",
        "makes a yes to one notice count for another",
        "Other rules than those that the person read name nobody until they agreed to them.",
        "",
        held("consent/test_life", "new_rules_name_nobody_until_the_person_agreed_to_them"),
    ),
    Threat(
        "Whoever asks again and again",
        "rebuilds a face from similarities",
        "No answer carries a score or a template.",
        "",
        held("faces/test_decide", "no_answer_carries_a_similarity")
        + held("api/test_api", "no_answer_carries_a_similarity_or_a_template", "the_walk_finds_a_planted_similarity"),
    ),
)
MACHINE = (
    Threat(
        "A thief of the machine or its disk",
        "reads templates, names and sightings",
        "They are sealed under a key per person, which is in the keystore and not in the database.",
        "Whoever takes the keystore too, unless a program of the operator's wraps it.",
        held("consent/test_wrapped_keys", "the_folder_by_itself_opens_nothing")
        + held("storage/test_engines", "no_other_column_could_hold_a_template"),
    ),
    Threat(
        "Whoever is on the network of the cameras",
        "gets a camera's password, or leads the program to another address",
        "Passwords are sealed and in no output; addresses are read strictly, resolved once and pinned.",
        "",
        held(
            "cli/test_cameras",
            "no_file_of_the_folder_and_no_output_holds_the_password",
            "addresses_that_are_never_opened_are_refused_at_once",
        ),
    ),
    Threat(
        "Whoever sends a hostile picture or stream",
        "stops the cameras",
        "Sizes are read before pixels; broken streams cost their own camera only.",
        "A hole in a decoder: keep them updated.",
        held("live/test_bad_cameras", "ten_thousand_mutated_packets_crash_nothing"),
    ),
    Threat(
        "Another account on the machine",
        "asks the keeper",
        "Its socket answers its own account only.",
        "Root.",
        held("supervise/test_wire", "the_socket_is_for_this_account_only")
        + held("supervise/test_keeper", "only_this_account_is_answered"),
    ),
    Threat(
        "Nobody in particular",
        "sets the clock wrong",
        "While the time is in doubt nobody is named, and nothing is destroyed but what was withdrawn.",
        "",
        held(
            "consent/test_life",
            "while_the_time_is_in_doubt_nothing_is_due_and_nobody_is_named",
            "a_time_in_doubt_destroys_nothing_but_what_was_withdrawn",
        ),
    ),
)
GROUPS = (
    ("Somebody who passes and agreed to nothing", PASSER_BY),
    ("Somebody who agreed", AGREED),
    ("Power over people", POWER),
    ("The machine", MACHINE),
)
THREATS = tuple(threat for _, group in GROUPS for threat in group)


def named_tests() -> tuple[str, ...]:
    """Every test that holds a line, once each."""
    return tuple(dict.fromkeys(name for threat in THREATS for name in threat.tests))
