"""One person who agreed, paused, came back and renewed; made up, like everybody in these tests."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from beholden.consent.notice import Controller
from beholden.consent.receipts.holdings import (
    Display,
    HeldGrant,
    HeldLeaf,
    HeldMessage,
    HeldReceipt,
    HeldRecord,
    HeldSighting,
    HeldTemplate,
    Holdings,
)
from beholden.consent.receipts.receipt import issue
from beholden.consent.receipts.said import By, Change, Consent, Seat, ShownNotice, Status
from beholden.ledger.note import SigningKey
from beholden.model.grant import Basis, Grant, Hours, Purpose
from beholden.model.ids import CameraId, GrantId, ModelDigest, PlaceId, SubjectId

DAY = timedelta(days=1)
GIVEN = datetime(2026, 11, 23, 9, 41, 7, 250_000, tzinfo=UTC)
PAUSED = GIVEN + 40 * DAY
RESUMED = GIVEN + 43 * DAY
RENEWED = GIVEN + 90 * DAY
ISSUED = RENEWED + timedelta(minutes=1)
ENDS = RENEWED + 365 * DAY
KEY = SigningKey("log.example/home", bytes(range(32)))
PUBLIC = KEY.verifier.public

CONTROLLER = Controller(
    name="Lindenhof Residence",
    contact="privacy@lindenhof.example",
    authority="The Example Data Protection Commission",
    officer="officer@lindenhof.example",
)
SEAT = Seat(
    address="1 Linden Square, 1010 Example Town",
    jurisdiction="IE",
    stored_in="IE",
    rights_at="At the desk, or with `beholden withdraw`",
)
NOTICE = ShownNotice("entrance 3", "en", "5e" * 32, GIVEN - timedelta(minutes=4))
GRANT = Grant(
    GrantId("g_00112233445566778899"),
    SubjectId("s_aabbccddeeff00112233"),
    Purpose.ENTRANCE,
    Basis.CONSENT,
    frozenset({PlaceId("lobby"), PlaceId("garden gate")}),
    GIVEN + DAY,
    ENDS,
    hours=Hours(time(7), time(22, 30)),
)
HISTORY = (
    Change(Status.GIVEN, GIVEN, By.PERSON, 17, until=GIVEN + 90 * DAY),
    Change(Status.PAUSED, PAUSED, By.RULE, 402),
    Change(Status.RESUMED, RESUMED, By.PERSON, 431),
    Change(Status.RENEWED, RENEWED, By.PERSON, 977, until=ENDS),
)
CONSENT = Consent(GRANT, HISTORY, (NOTICE,), CONTROLLER, SEAT, "log.example/home", destroy_by=ENDS)
SIGNED = issue(CONSENT, KEY, ISSUED)

HOLDINGS = Holdings(
    subject=GRANT.subject,
    made_at=ISSUED,
    controller=CONTROLLER,
    seat=SEAT,
    particulars=(("What you are called here", "Zofia Lindqvist"), ("Guardian", "none")),
    grants=(HeldGrant(GRANT, "Active", RENEWED + 180 * DAY, ENDS),),
    templates=(HeldTemplate(ModelDigest("ab" * 32), GIVEN, 81, 5),),
    sightings=(
        HeldSighting(
            CameraId("door-2"),
            PlaceId("lobby"),
            ISSUED - timedelta(hours=3),
            ISSUED - timedelta(hours=2, minutes=58),
            ISSUED + timedelta(hours=21),
        ),
        HeldSighting(CameraId("party.mp4"), None, ISSUED - DAY / 2, ISSUED - DAY / 2, ISSUED + DAY / 2),
    ),
    leaves=(
        HeldLeaf(17, GIVEN, "You agreed to entrance."),
        HeldLeaf(402, PAUSED, "Your grant was paused: the question was not answered."),
    ),
    displays=(Display(ISSUED - timedelta(hours=3), "desk-1", "Your name, the camera and the moment"),),
    notices=(NOTICE,),
    messages=(HeldMessage(ISSUED, "The account desk-1 wanted to see you a third time."),),
    records=(HeldRecord("Bar", None, (("Person", "p_0123"),)),),
    receipts=(HeldReceipt("entrance", ISSUED, SIGNED),),
)

if __name__ == "__main__":
    readable = json.dumps(json.loads(SIGNED), indent=2, ensure_ascii=False)
    (Path(__file__).parent / "receipt.json").write_text(f"{readable}\n", encoding="utf-8")
