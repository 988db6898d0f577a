"""Kill the keeper at random moments while clients name people, and see what became of what was acknowledged."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from beholden.acts.sightings.sighting import sightings
from beholden.storage.folder import open_folder
from beholden.supervise.keeper.election import holder
from tests.supervise.folders import Child, acts_on, enrol, made, now, until

CLIENTS = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found afterwards. `lost`: acknowledged, and not there. `doubled`: there more than once (as a record).
    `genuine`: every leaf of the log is what was written. `back_s`: from each kill to the next acknowledgement."""

    kills: int
    acknowledged: int
    refused: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    leaves_doubled: int
    stored: int
    genuine: bool
    back_s: tuple[float, ...]


def kill_keepers(folder: Path, kills: int, seed: int = 1) -> Outcome:
    """Kill whoever keeps a new folder `kills` times, at random moments, while another process stands by."""
    chance = random.Random(seed)
    with acts_on(made(folder)) as acts:
        people = [enrol(acts, f"Person {number}", number) for number in range(CLIENTS)]
    told = [{"subject": each.subject, "grant": each.grants[0].id} for each in people]
    (folder / "people.json").write_text(json.dumps(told))
    back: list[float] = []
    with ExitStack() as stack:
        keepers = [Child("keeper", folder) for _ in range(2)]
        clients = [stack.enter_context(Child("hammer", folder, number)) for number in range(CLIENTS)]
        for _ in range(kills):
            until(lambda: all(each.ready for each in keepers) and any(_keeps(each, folder) for each in keepers), 60)
            _acknowledged_after(clients, 0 if not back else time.monotonic_ns())
            time.sleep(chance.uniform(0.0, 0.4))
            [victim] = [each for each in keepers if _keeps(each, folder)]
            killed_ns = time.monotonic_ns()
            victim.kill()
            keepers.remove(victim)
            keepers.append(Child("keeper", folder))
            back.append((_acknowledged_after(clients, time.monotonic_ns()) - killed_ns) / 1e9)
        for client in clients:
            client.end()
        for keeper in keepers:
            keeper.end()
        lines = [line for client in clients for line in client.lines]
    return _outcome(folder, kills, lines, tuple(back))


def _keeps(keeper: Child, folder: Path) -> bool:
    return keeper.keeping and keeper.process.poll() is None and holder(folder) == keeper.pid


def _acknowledged_after(clients: list[Child], ns: int) -> int:
    """When the next name was acknowledged."""
    found: list[int] = []

    def look() -> bool:
        found.extend(
            line["ns"] for c in clients for line in c.lines[-200:] if line["ns"] > ns and "acknowledged" in line
        )
        return bool(found)

    until(look, 60)
    return min(found)


def _outcome(folder: Path, kills: int, lines: list[dict], back: tuple[float, ...]) -> Outcome:
    acknowledged = [line for line in lines if "acknowledged" in line]
    told = [line["acknowledged"] for line in acknowledged]
    assert told == [line["sighting"] for line in acknowledged]
    with open_folder(folder, clock=now) as opened:
        stored = Counter((each.subject, each.opened_at) for each in sightings(opened.office))
        ids = Counter(each.id for each in sightings(opened.office))
        journal = opened.office.journal.read()
        leaves = Counter(line.event["sighting"] for line in journal if line.event and line.event["kind"] == "sighted")
        # What is of this hour waits for its batch; when one was published, leaves about nobody came with it.
        whole = opened.log.size() >= sum(line.leaf is not None for line in journal)
    return Outcome(
        kills=kills,
        acknowledged=len(acknowledged),
        refused=sum("refused" in line for line in lines),
        lost=tuple(
            line["sighting"] for line in acknowledged if not (ids[line["sighting"]] and leaves[line["sighting"]])
        ),
        doubled=tuple(str(key) for key, count in stored.items() if count > 1),
        leaves_doubled=sum(count > 1 for count in leaves.values()),
        stored=len(ids),
        genuine=whole and all(line.genuine for line in journal),
        back_s=back,
    )


if __name__ == "__main__":
    import sys
    import tempfile

    with tempfile.TemporaryDirectory() as where:
        print(kill_keepers(Path(where) / "data", int(sys.argv[1])))
