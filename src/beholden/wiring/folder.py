"""A data folder: created, looked into, kept, or acted on through whoever keeps it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from beholden.acts.approvals.in_force import POLICY, SETTINGS
from beholden.acts.approvals.rules import hold_or_put, names_nobody
from beholden.acts.grants.known_time import KeptTime
from beholden.acts.guardians.majority import pass_minutes
from beholden.acts.logged.hourly import Batches
from beholden.acts.office import Office
from beholden.acts.recover import recover
from beholden.acts.sightings.sighting import purge
from beholden.consent.command import CommandWrapper
from beholden.consent.house import REHEARSING, REHEARSING_SEAT, House
from beholden.consent.notice import Controller
from beholden.consent.receipts.said import Seat
from beholden.consent.wrapper import Wrapping
from beholden.model.errors import KeystoreError, SettingsError
from beholden.model.grant import Place
from beholden.model.ids import PlaceId
from beholden.settings import Settings
from beholden.storage.folder import DataFolder, create_folder, open_folder
from beholden.supervise.keeper.acting import Acting, acting
from beholden.supervise.keeper.desk import OpenedOffice
from beholden.wiring.clock import now
from beholden.wiring.machine_time import machine_clocks
from beholden.wiring.rules import policy_lines, settings_lines
from beholden.wiring.witnesses import asking, witnesses_of


def create_data(path: Path, settings: Settings, *, rehearsal: bool, clock: Callable[[], datetime] = now) -> None:
    """Create a data folder; see `storage.folder.create_folder` for what is raised."""
    create_folder(
        path, rehearsal=rehearsal, clock=clock, keystore=settings.storage.keystore, database=settings.database
    )


def open_data(path: Path, settings: Settings, clock: Callable[[], datetime] = now) -> DataFolder:
    """Open a data folder as whoever keeps it: finish what a crash cut off, log settings and policy if they changed
    or hold them until they are approved, delete sightings past their 24 hours.

    The keystore's keys are wrapped as settings say, if they are not yet. For the keeper only (`open_acting`): two
    processes that write one folder are not what this is made for.
    """
    folder = open_folder(
        path,
        clock=clock,
        keystore=settings.storage.keystore,
        batches=batches_of(settings),
        database=settings.database,
    )
    folder.keystore.use(wrapping_of(settings))
    try:
        folder = replace(folder, office=housed(folder.office, settings))
        if clock is now:  # any other clock is believed
            folder = replace(folder, office=replace(folder.office, time=KeptTime(folder.database, machine_clocks())))
        folder.keystore.rewrap()
        recover(folder.office)
        hold_or_put(folder.office, POLICY, policy_lines())
        hold_or_put(folder.office, SETTINGS, settings_lines(settings, path))
        purge(folder.office)
        with suppress(KeystoreError):  # of one person: the others are looked after, and doctor tells of the key
            pass_minutes(folder.office)
    except BaseException:
        folder.close()
        raise
    return folder


def batches_of(settings: Settings) -> Batches:
    """How what is seen gets into the public log: every place has its share, whether anything is seen there or not."""
    return Batches(tuple(sorted(settings.places)), settings.log.batch)


def look_into(path: Path, settings: Settings) -> DataFolder:
    """A data folder opened to be read, whoever keeps it; everything in it is checked. Raises as `open_folder`."""
    folder = open_folder(path, clock=now, keystore=settings.storage.keystore, database=settings.database)
    folder.keystore.use(wrapping_of(settings))
    return replace(folder, office=housed(folder.office, settings))


def housed(office: Office, settings: Settings) -> Office:
    """The office of a house as settings say; in a rehearsal they may leave out who answers."""
    places = [settings.place(each) for each in sorted(settings.places)]
    rehearsal = office.store.rehearsal
    controller, seat = controller_of(settings, rehearsal=rehearsal), _seat(settings, rehearsal=rehearsal)
    return replace(office, house=House(controller, places, seat))


def controller_of(settings: Settings, *, rehearsal: bool) -> Controller:
    """Who answers; in a rehearsal whose settings name nobody, nobody real does."""
    who = settings.controller
    if _is_nobody(settings) and rehearsal:
        return REHEARSING
    return Controller(who.name, who.contact, who.authority, who.officer)


def _is_nobody(settings: Settings) -> bool:
    who = settings.controller
    return not (who.name or who.contact or who.authority)


def _seat(settings: Settings, *, rehearsal: bool) -> Seat | None:
    """Where the controller is; None where settings do not say it."""
    who = settings.controller
    if not who.address or who.jurisdiction is None:
        return REHEARSING_SEAT if rehearsal and _is_nobody(settings) else None
    stored_in, rights_at = who.stored_in or who.jurisdiction, who.rights_at or who.contact
    return Seat(who.address, who.jurisdiction, stored_in, rights_at, gdpr=who.gdpr)


def wrapping_of(settings: Settings) -> Wrapping:
    """Who wraps the keystore's bucket keys, and who wrapped them until now."""
    wrap, unwrap = settings.keystore.wrap, settings.keystore.unwrap
    return Wrapping(CommandWrapper(wrap) if wrap else None, CommandWrapper(unwrap) if unwrap else None)


def office_opener(path: Path, settings: Settings, clock: Callable[[], datetime] = now) -> Callable[[], OpenedOffice]:
    """How a keeper opens the folder, with the places of these settings."""

    def place(name: PlaceId) -> Place | None:
        try:
            return settings.place(name)
        except SettingsError:
            return None

    witnesses, own = witnesses_of(settings), settings_lines(settings, path)

    def opened() -> OpenedOffice:
        folder = open_data(path, settings, clock)
        return OpenedOffice(
            folder.office,
            place,
            folder.close,
            asking(folder, witnesses),
            held=lambda: names_nobody(folder.office, own),
        )

    return opened


@contextmanager
def open_acting(
    path: Path, settings: Settings, clock: Callable[[], datetime] = now, *, take_over: bool = True
) -> Generator[Acting]:
    """Where acts on a data folder happen: this process keeps it if no other one does, else it acts through that one.

    Without `take_over` it never keeps it: somebody else is going to.
    """
    with acting(path, office_opener(path, settings, clock), take_over=take_over) as here:
        yield here
