"""The use cases that a process may ask the keeper for, and how their arguments and results travel.

Each is a function `f(office, *arguments) -> result` of `acts`; the keeper fills in the office. What
its annotations say is all that is let through: there is no other way to name a thing to be called.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from beholden.acts import backup, camera, recording
from beholden.acts.accounts import change as accounts
from beholden.acts.accounts import listed as accounts_listed
from beholden.acts.approvals import breakglass, model
from beholden.acts.approvals import requests as approvals
from beholden.acts.approvals import rules as approvals_rules
from beholden.acts.displays import canaries, look_up, ties
from beholden.acts.displays import show as displays
from beholden.acts.grants import enrol, invite, known_time, life, pause, people, rehearse, withdraw
from beholden.acts.grants.reference import Reference
from beholden.acts.guardians import ask as guardian
from beholden.acts.guardians import enrol_dependent as guardian_enrol
from beholden.acts.guardians import seen as guardian_seen
from beholden.acts.guardians import still as guardian_still
from beholden.acts.office import Office
from beholden.acts.own_copy import export, history, logkeys, receipt
from beholden.acts.plans import listed as plan_listed
from beholden.acts.plans import matches as plan_matches
from beholden.acts.plans import open_close as plans
from beholden.acts.plans import own as plan_own
from beholden.acts.report import weekly
from beholden.acts.sightings import answers, counts, incidents, sighting
from beholden.model.errors import DataFolderError
from beholden.model.template import Vector
from beholden.supervise.keeper.carried import Described, described, received
from beholden.supervise.keeper.messages import STRICT, reason, refuse_unsendable

Act = Callable[..., Any]

ALLOWED: tuple[Act, ...] = (
    people.people,
    people.list_people,
    look_up.look_up,
    people.without_key,
    invite.invite,
    invite.invite_all,
    invite.links,
    invite.revoke,
    rehearse.stands,
    rehearse.read_notice,
    rehearse.confirm,
    rehearse.renew,
    rehearse.correct,
    rehearse.cancel,
    rehearse.withdraw,
    rehearse.purpose_met,
    life.not_named,
    known_time.time_now,
    known_time.trust,
    enrol.refuse_early,
    enrol.enrol_reference,
    pause.pause,
    pause.resume,
    withdraw.withdraw,
    withdraw.withdrawal_receipt,
    backup.log_backup,
    sighting.sightings,
    counts.counts,
    answers.answer,
    answers.estimate,
    weekly.transparency,
    weekly.openings,
    logkeys.give_log_keys,
    receipt.give_receipts,
    receipt.withdraw_with_receipt,
    export.export_held,
    history.turn_history_on,
    history.turn_history_off,
    history.show_history,
    camera.add_camera,
    camera.remove_camera,
    camera.pause_camera,
    camera.resume_camera,
    camera.set_zones,
    camera.cameras,
    camera.camera_specs,
    camera.unopened_cameras,
    camera.cameras_revision,
    model.announce_model,
    model.conclude_model,
    recording.log_export,
    accounts.add_account,
    accounts.change_account,
    accounts.revoke_account,
    accounts_listed.list_accounts,
    accounts_listed.account_id,
    accounts_listed.notices_for,
    approvals.ask,
    approvals.approve,
    approvals.requests,
    approvals.request,
    approvals.request_digest,
    breakglass.open_glass,
    breakglass.close_glass,
    breakglass.review_glass,
    breakglass.list_glasses,
    plans.file_report,
    plans.wanted,
    plans.open_plan,
    plans.renew_plan,
    plans.delay_notice,
    plans.close_plan,
    plan_listed.list_plans,
    plan_matches.read_matches,
    plan_own.lay_down,
    plan_own.answer_plan,
    displays.show,
    ties.say,
    ties.take_back,
    ties.ties,
    canaries.make_canary,
    canaries.list_canaries,
    guardian.ask,
    guardian.say,
    guardian.refuse,
    guardian.allow,
    guardian.dispute,
    guardian.list_guarded,
    guardian_seen.to_sign,
    guardian_seen.show,
    guardian_seen.approve,
    guardian_seen.decline,
    guardian_seen.settle,
    guardian_still.notice_of,
    guardian_still.still,
    guardian_enrol.refuse_dependent,
    guardian_enrol.enrol_dependent,
    incidents.keep_incident,
    incidents.list_incidents,
    incidents.read_incident,
    approvals_rules.hold_or_put,
    approvals_rules.held_rules,
    approvals_rules.rules_in_force,
    approvals_rules.held_particulars,
    approvals_rules.accept_rules,
)


class Call:
    """One use case that may be asked for."""

    def __init__(self, act: Act) -> None:
        """Raises ValueError for a function that no message can describe."""
        self.act = act
        self.name = f"{act.__module__.rpartition('.')[2]}.{act.__name__}"
        self._signature = inspect.signature(act)
        first, *rest = self._signature.parameters.values()
        plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        if first.name != "office" or any(each.kind not in plain for each in rest):
            raise ValueError(f"{self.name} is no use case of an office")
        self._names = [each.name for each in rest]

    def encode(self, args: Sequence[object], kwargs: Mapping[str, object]) -> tuple[str, Vector | None]:
        """The arguments as JSON, and the numbers of a reference among them: those may not be in a message.

        Raises TypeError for arguments that the use case does not take.
        """
        bound = self._signature.bind(None, *args, **kwargs)
        bound.apply_defaults()
        given = [bound.arguments[name] for name in self._names]
        references = [each for each in given if isinstance(each, Reference)]
        values = tuple(described(each) if isinstance(each, Reference) else each for each in given)
        refuse_unsendable(values)
        return _dumped(self._arguments, values, self.name), references[0].vector if references else None

    def run(self, office: Office, arguments: str, fd: int | None = None) -> str:
        """Do it; the result as JSON. `fd`: the numbers of a reference among the arguments, which are wiped again.

        Raises DataFolderError for arguments that do not fit, and what the act raises.
        """
        try:
            values = self._arguments.validate_json(arguments)
        except ValidationError as error:
            raise DataFolderError(f"{self.name} was asked for with other arguments: {reason(error)}") from None
        refuse_unsendable(values)
        with ExitStack() as wiped:
            whole = [wiped.enter_context(received(v, fd)) if isinstance(v, Described) else v for v in values]
            return _dumped(self._result, (self.act(office, *whole),), self.name)

    def decode(self, result: str) -> object:
        """What the act returned. Raises DataFolderError."""
        try:
            return self._result.validate_json(result)[0]
        except ValidationError as error:
            raise DataFolderError(f"{self.name} gave another result: {reason(error)}") from None

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return get_type_hints(self.act)

    @cached_property
    def _arguments(self) -> TypeAdapter[tuple[Any, ...]]:
        hints = [self._hints[name] for name in self._names]
        if hints.count(Reference) > 1:
            raise ValueError(f"{self.name} takes two references, and one descriptor comes with a message")
        return _adapter(tuple(Described if hint is Reference else hint for hint in hints))

    @cached_property
    def _result(self) -> TypeAdapter[tuple[Any, ...]]:
        return _adapter((self._hints["return"],))


class Calls:
    """A table of use cases; both ends of a connection have the same."""

    def __init__(self, acts: Sequence[Act] = ALLOWED) -> None:
        self._by_act = {act: Call(act) for act in acts}
        self._by_name = {call.name: call for call in self._by_act.values()}

    def of(self, act: Act) -> Call:
        """Raises ValueError for a function that is not in the table."""
        try:
            return self._by_act[act]
        except KeyError:
            raise ValueError(f"{act} is not among the use cases that may be asked for") from None

    def named(self, name: str) -> Call:
        """Raises DataFolderError."""
        try:
            return self._by_name[name]
        except KeyError:
            raise DataFolderError(f"the keeper knows no use case called {name[:80]!r}") from None


def _adapter(hints: tuple[Any, ...]) -> TypeAdapter[tuple[Any, ...]]:
    """Of a tuple with one entry per type: dataclasses in it are then read by the same strict rules."""
    together: Any = tuple.__class_getitem__(hints)
    return TypeAdapter(together, config=STRICT)


def _dumped(adapter: TypeAdapter[tuple[Any, ...]], values: tuple[Any, ...], name: str) -> str:
    try:
        return adapter.dump_json(values, warnings="error").decode()
    except PydanticSerializationError:  # its text holds the value, which may be a secret
        raise TypeError(f"{name}: a value is of another type than its annotation says") from None
