"""Who could do harm, what holds against them, and the test that holds each line; a test finds each of these tests."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.consent.lengths import length, ordinal
from beholden.consent.oversight import breakglass, displays


@dataclass(frozen=True, slots=True)
class Threat:
    """`holds` in a sentence; `tests` by file and name, as pytest takes them. `left`: what it does not hold against."""

    who: str
    does: str
    holds: str
    left: str
    tests: tuple[str, ...]

    def in_words(self) -> str:
        """`Somebody does something.`"""
        return f"{self.who} {self.does}."


def _held(file: str, *names: str) -> tuple[str, ...]:
    return tuple(f"tests/{file}.py::test_{name}" for name in names)


PASSER_BY = (
    Threat(
        "Whoever runs the place",
        "keeps or looks up the faces of people who agreed to nothing",
        "Such numbers cannot be stored, copied or sent, and are overwritten when the person is out of view.",
        "Clothes and gait stay visible. Root can read the memory of a running process.",
        _held("faces/test_shots", "a_probe_cannot_be_stored_copied_or_unpacked", "wiping_overwrites_every_vector")
        + _held("strangers/test_strangers", "nothing_of_a_stranger_is_left", "a_planted_one_is_found"),
    ),
    Threat(
        "Whoever gets a picture or a recording",
        "recognises people in it",
        "Every detected face lies under one solid colour; if the detector fails, the whole picture does.",
        "Faces that the detector misses.",
        _held("video/test_output", "only_covered_pictures_leave")
        + _held(
            "pipeline/test_stages",
            "every_face_in_a_crowd_is_covered",
            "when_the_detector_fails_the_whole_picture_is_covered",
        )
        + _held("demo/test_visible", "a_covered_clip_shows_nobody_until_one_frame_leaks"),
    ),
    Threat(
        "A neighbour of the place",
        "is filmed in their window or garden",
        "Privacy zones are filled before anything looks at the picture.",
        "They have to be drawn.",
        _held(
            "live/test_zones", "every_pixel_that_a_zone_touches_is_filled", "frames_of_a_camera_have_their_zones_filled"
        ),
    ),
    Threat(
        "Whoever runs the place",
        "names people where no capture mode is set, or without a press of the button",
        "There nobody is named.",
        "Whether a lane is one, and whether a recorded legal basis is true.",
        _held("consent/test_gate", "a_place_without_capture_names_nobody")
        + _held("cli/test_cameras", "a_button_counts_only_where_there_is_one"),
    ),
    Threat(
        "Anybody who reads counts",
        "finds one person in a small number",
        "Small counts are hidden, and no small count can be derived from others.",
        "",
        _held(
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
        _held(
            "acts/test_enrol_and_pause",
            "photos_are_refused_outside_a_rehearsal",
            "an_invited_person_is_known_by_name_and_cannot_be_recognised",
        )
        + _held("consent/test_invitation", "an_invitation_has_no_place_for_a_photo_or_a_template"),
    ),
    Threat(
        "Somebody close to the person",
        "says yes for them, or while they are unwell",
        "Naming begins a day after the yes, which can be taken back; the person is asked again and again, and silence "
        "pauses; a guardian opens little, and the person's own no goes first.",
        "Whoever controls the person's own devices.",
        _held("consent/test_life", "nobody_is_named_in_the_cooling_off", "silence_pauses_after_a_fortnight")
        + _held(
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
        _held("cli/test_processes", "a_name_ends_in_a_running_watch_when_somebody_withdraws")
        + _held(
            "supervise/test_link",
            "an_expiry_reaches_another_process_within_a_second",
            "while_the_keeper_stands_still_nobody_is_named",
        )
        + _held("consent/test_life", "what_is_over_stays_over_as_it_was"),
    ),
    Threat(
        "Whoever has a backup",
        "recognises people who withdrew since",
        "Their key is gone, and the key above it was replaced: no backup opens them.",
        "Copies of the keystore from before a withdrawal.",
        _held("consent/test_erasure", "a_backup_from_before_opens_nobody_who_left_and_everybody_who_stayed")
        + _held("cli/test_erased", "a_withdrawn_template_is_nowhere", "a_planted_template_is_found")
        + _held("storage/test_backup", "no_key_of_anybody_is_in_a_backup"),
    ),
    Threat(
        "Whoever changes the rules",
        "makes a yes to one notice count for another",
        "Other rules than those that the person read name nobody until they agreed to them.",
        "",
        _held("consent/test_life", "new_rules_name_nobody_until_the_person_agreed_to_them"),
    ),
    Threat(
        "Whoever asks again and again",
        "rebuilds a face from similarities",
        "No answer carries a score or a template.",
        "",
        _held("faces/test_decide", "no_answer_carries_a_similarity")
        + _held("api/test_api", "no_answer_carries_a_similarity_or_a_template", "the_walk_finds_a_planted_similarity"),
    ),
)
POWER = (
    Threat(
        "An operator who is after one person",
        "looks at them, or at their family, again and again",
        f"Each display belongs to an account, is logged first and counts: the {ordinal(displays.ALARM_AT)} is told, "
        f"the {ordinal(displays.BLOCK_AT)} is refused. "
        "People bar accounts, and nobody has a reason to look at a canary.",
        "Pictures that somebody takes of a screen.",
        _held("acts/test_ties", "whom_she_bars_sees_what_it_would_see_of_nobody_and_is_told_nothing")
        + _held("acts/test_canaries", "a_canary_answers_like_anybody_and_alarms_at_once")
        + _held("cli/test_accounts", "people_of_a_live_folder_are_named_to_an_account_and_each_time_counts"),
    ),
    Threat(
        "One person with a credential",
        "moves a camera, loosens a threshold, exports recordings, changes the rules",
        "It takes two people, for some acts of two organisations, and who is new waits; looser settings name nobody "
        "until they are approved.",
        "Two people who agree to do wrong, where the list asks for no third.",
        _held(
            "acts/test_approvals",
            "in_a_live_folder_none_of_them_happens_without_a_request",
            "two_credentials_are_two_people_and_for_some_acts_two_organisations",
        )
        + _held(
            "consent/oversight/test_collusion",
            "every_pair_of_accounts_is_decided_as_the_rules_say",
            "the_oracle_notices_a_rule_that_is_left_out",
        )
        + _held("cli/test_accounts", "looser_settings_wait_and_the_command_says_that_nobody_is_named"),
    ),
    Threat(
        "An operator",
        "replaces those who watch the place",
        "The place revokes no account of another organisation and of no person, and adds the first watcher only; those "
        "who watch add each other, and who is added waits for 72 hours, in which everybody is told.",
        "A first watcher who is the operator's friend.",
        _held(
            "acts/test_takeover_stories",
            "an_operator_alone_does_not_replace_those_who_watch",
            "no_second_body_of_the_place_is_its_own_outside_approver",
            "one_key_under_two_names_is_refused",
            "a_new_account_is_shown_no_names",
        )
        + _held("acts/test_accounts", "an_account_is_revoked_by_its_holder_and_by_its_organisation"),
    ),
    Threat(
        "Whoever adds accounts",
        "makes a false one in somebody's name",
        "An account is somebody's who is known here only when they say so, with their log keys or another account of "
        "theirs; nobody else changes its key or revokes it.",
        "Whoever has the person's own log keys; for 72 hours the person is told.",
        _held(
            "acts/test_takeover_stories",
            "nobody_makes_an_account_in_annas_name",
            "annas_account_is_hers",
        ),
    ),
    Threat(
        "A former partner who reports somebody missing",
        "is led to them",
        "The plan is the person's own, made beforehand; only the welfare body sees matches; whoever reported reads "
        "'closed', never a place or a time; the person is told everything.",
        "",
        _held(
            "consent/oversight/test_findme_stories",
            "a_reporting_ex_partner_is_refused_reads_only_closed_and_anna_is_told",
            "two_colluding_approvers_of_one_organisation_open_nothing",
            "an_endless_extension_ends_after_three_days",
        ),
    ),
    Threat(
        "Police or another authority",
        "has somebody searched for",
        "There is no such act: an authority neither asks nor approves, and a plan without a grant cannot be opened.",
        "What a court orders the operator to do without this program.",
        _held(
            "consent/oversight/test_findme_stories",
            "an_authoritys_request_is_refused_with_the_reason_grant_or_no_grant",
            "a_plan_for_a_person_without_a_grant_cannot_be_opened",
        ),
    ),
    Threat(
        "Whoever breaks the glass",
        "makes an emergency of everything",
        f"{length(breakglass.LASTS).capitalize()}, one plan, everyone told, reviewed within "
        f"{length(breakglass.REVIEW_WITHIN)} by another organisation or locked; it "
        "goes around nobody's wishes.",
        "",
        _held(
            "acts/test_breakglass",
            "it_is_open_for_a_quarter_of_an_hour_and_everyone_is_told",
            "without_a_review_in_a_day_the_account_locks_and_a_late_one_unlocks",
        )
        + _held("consent/oversight/test_findme_stories", "break_glass_goes_around_nobodys_wishes"),
    ),
    Threat(
        "Whoever runs the program",
        "acts on people without a trace, or rewrites the traces",
        "The log comes before the act; witnesses sign no head that does not follow from the last one.",
        "What is done without the program; a log without witnesses can be replaced as a whole.",
        _held(
            "acts/test_log_before_act",
            "intent_comes_before_the_act_and_result_after_it",
            "an_act_does_not_happen_while_the_log_cannot_be_written",
        )
        + _held("cli/test_log_witness", "a_log_that_was_put_back_is_found_out")
        + _held("ledger/test_witness", "a_tree_of_the_same_size_with_other_leaves_is_a_fork"),
    ),
    Threat(
        "Whoever reads the public log",
        "learns who was where, or how busy a place is",
        "Leaves are random to everybody without the person's key, and each hour has as many as always.",
        "That somebody enrolled or withdrew in an hour can be counted, not who.",
        _held(
            "acts/test_public_privacy",
            "the_leaves_of_each_hour_are_as_many",
            "an_observer_who_learns_from_days_guesses_the_next_ones_no_better_than_by_chance",
        )
        + _held("acts/test_tags", "a_persons_keys_find_every_leaf_about_them_and_no_other"),
    ),
)
MACHINE = (
    Threat(
        "A thief of the machine or its disk",
        "reads templates, names and sightings",
        "They are sealed under a key per person, which is in the keystore and not in the database.",
        "Whoever takes the keystore too, unless a program of the operator's wraps it.",
        _held("consent/test_wrapped_keys", "the_folder_by_itself_opens_nothing")
        + _held("storage/test_engines", "no_other_column_could_hold_a_template"),
    ),
    Threat(
        "Whoever is on the network of the cameras",
        "gets a camera's password, or leads the program to another address",
        "Passwords are sealed and in no output; addresses are read strictly, resolved once and pinned.",
        "",
        _held(
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
        _held("live/test_bad_cameras", "ten_thousand_mutated_packets_crash_nothing"),
    ),
    Threat(
        "Another account on the machine",
        "asks the keeper",
        "Its socket answers its own account only.",
        "Root.",
        _held("supervise/test_wire", "the_socket_is_for_this_account_only")
        + _held("supervise/test_keeper", "only_this_account_is_answered"),
    ),
    Threat(
        "Nobody in particular",
        "sets the clock wrong",
        "While the time is in doubt nobody is named, and nothing is destroyed but what was withdrawn.",
        "",
        _held(
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
