"""What those could do who run a place, approve at it or look at its people, and what holds against them."""

from __future__ import annotations

from beholden.consent.lengths import length, ordinal
from beholden.consent.oversight import breakglass, displays
from beholden.papers.threat import Threat, held

POWER = (
    Threat(
        "An operator who is after one person",
        "looks at them, or at their family, again and again",
        f"Each display belongs to an account, is logged first and counts: the {ordinal(displays.ALARM_AT)} is told, "
        f"the {ordinal(displays.BLOCK_AT)} is refused. "
        "People bar accounts, and nobody has a reason to look at a canary.",
        "Pictures that somebody takes of a screen.",
        held("acts/test_ties", "whom_she_bars_sees_what_it_would_see_of_nobody_and_is_told_nothing")
        + held("acts/test_canaries", "a_canary_answers_like_anybody_and_alarms_at_once")
        + held("cli/test_accounts", "people_of_a_live_folder_are_named_to_an_account_and_each_time_counts"),
    ),
    Threat(
        "One person with a credential",
        "moves a camera, loosens a threshold, exports recordings, changes the rules",
        "It takes two people, for some acts of two organisations, and who is new waits; looser settings name nobody "
        "until they are approved.",
        "Two people who agree to do wrong, where the list asks for no third.",
        held(
            "acts/test_approvals",
            "in_a_live_folder_none_of_them_happens_without_a_request",
            "two_credentials_are_two_people_and_for_some_acts_two_organisations",
        )
        + held(
            "consent/oversight/test_collusion",
            "every_pair_of_accounts_is_decided_as_the_rules_say",
            "the_oracle_notices_a_rule_that_is_left_out",
        )
        + held("cli/test_accounts", "looser_settings_wait_and_the_command_says_that_nobody_is_named"),
    ),
    Threat(
        "An operator",
        "replaces those who watch the place",
        "The place revokes no account of another organisation and of no person, and adds the first watcher only; those "
        "who watch add each other, and who is added waits for 72 hours, in which everybody is told.",
        "A first watcher who is the operator's friend.",
        held(
            "acts/test_takeover_stories",
            "an_operator_alone_does_not_replace_those_who_watch",
            "no_second_body_of_the_place_is_its_own_outside_approver",
            "one_key_under_two_names_is_refused",
            "a_new_account_is_shown_no_names",
        )
        + held("acts/test_accounts", "an_account_is_revoked_by_its_holder_and_by_its_organisation"),
    ),
    Threat(
        "Whoever adds accounts",
        "makes a false one in somebody's name",
        "An account is somebody's who is known here only when they say so, with their log keys or another account of "
        "theirs; nobody else changes its key or revokes it.",
        "Whoever has the person's own log keys; for 72 hours the person is told.",
        held(
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
        held(
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
        held(
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
        held(
            "acts/test_breakglass",
            "it_is_open_for_a_quarter_of_an_hour_and_everyone_is_told",
            "without_a_review_in_a_day_the_account_locks_and_a_late_one_unlocks",
        )
        + held("consent/oversight/test_findme_stories", "break_glass_goes_around_nobodys_wishes"),
    ),
    Threat(
        "Whoever runs the program",
        "acts on people without a trace, or rewrites the traces",
        "The log comes before the act; witnesses sign no head that does not follow from the last one.",
        "What is done without the program; a log without witnesses can be replaced as a whole.",
        held(
            "acts/test_log_before_act",
            "intent_comes_before_the_act_and_result_after_it",
            "an_act_does_not_happen_while_the_log_cannot_be_written",
        )
        + held("cli/test_log_witness", "a_log_that_was_put_back_is_found_out")
        + held("ledger/test_witness", "a_tree_of_the_same_size_with_other_leaves_is_a_fork"),
    ),
    Threat(
        "Whoever reads the public log",
        "learns who was where, or how busy a place is",
        "Leaves are random to everybody without the person's key, and each hour has as many as always.",
        "That somebody enrolled or withdrew in an hour can be counted, not who.",
        held(
            "acts/test_public_privacy",
            "the_leaves_of_each_hour_are_as_many",
            "an_observer_who_learns_from_days_guesses_the_next_ones_no_better_than_by_chance",
        )
        + held("acts/test_tags", "a_persons_keys_find_every_leaf_about_them_and_no_other"),
    ),
)
