"""The demo's result to look at: a page without any outside resource, a contact sheet, and a summary for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

import av
import cv2
import numpy as np

from beholden.demo.live_outcome import CameraOutcome, LiveResult, expected_words, happened_words
from beholden.demo.proofs import RECEIPT, Proof
from beholden.demo.run import REDACTED, DemoResult
from beholden.demo.town import Town
from beholden.model.frame import Pixels

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c;background:#fff}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ddd;padding:.4rem .6rem;text-align:left}
.ok{color:#176b2c;font-weight:600}.bad{color:#a11;font-weight:600}
.films{display:grid;grid-template-columns:repeat(auto-fill,minmax(20rem,1fr));gap:1rem}video,img{width:100%}
figure{margin:0}figcaption{font-size:.9rem}
@media(prefers-color-scheme:dark){body{background:#161616;color:#eee}td,th{border-color:#444}
.ok{color:#7ddc93}.bad{color:#ff8a8a}}
"""


def write_summary(result: DemoResult, town: Town, out: Path) -> Path:
    """`summary.json`: the outcome in the fields that scripts read."""
    values = {
        "ok": result.ok,
        "seconds": round(result.seconds, 1),
        "expected": {clip.clip.name: clip.expected_words(town) for clip in result.clips},
        "happened": {clip.clip.name: clip.happened_words(town) for clip in result.clips},
        "enrolled_named_wrong": result.mistakes.enrolled_named_wrong,
        "strangers_named": result.mistakes.strangers_named,
        "visible_faces": result.visible,
        "pictures_checked": result.pictures_checked,
        "proofs": {proof.title: {"ok": proof.ok, "said": proof.said} for proof in result.proofs},
        "live": None if result.live is None else _live_values(result.live, town),
    }
    path = out / "summary.json"
    path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    return path


def _live_values(live: LiveResult, town: Town) -> dict[str, object]:
    return {
        "ok": live.ok,
        "seconds": round(live.seconds, 1),
        "cameras": {
            one.camera.camera: {
                "place": one.camera.place.id,
                "clip": one.camera.clip,
                "expected": expected_words(one, town),
                "happened": happened_words(one, town),
                "ok": one.as_expected,
                "enrolled_named_wrong": one.mistakes.enrolled_named_wrong,
                "strangers_named": one.mistakes.strangers_named,
                "visible_faces": one.visible,
                "pictures_checked": one.pictures_checked,
                "read_fps": None if one.health is None else round(one.health.read_fps, 1),
                "analysed_fps": None if one.health is None else round(one.health.analysed_fps, 1),
                "latency_s": None if one.health is None else one.health.latency_s,
                "error": None if one.health is None else one.health.error,
            }
            for one in live.cameras
        },
        "shot_to_event_s": live.slowest_s,
        "withdrawal": {
            "who": live.withdrawal.label,
            "command_s": round(live.withdrawal.command_s, 3),
            "name_ended_s": live.withdrawal.ended_s,
            "came_back": live.withdrawal.came_back,
        },
    }


def write_sheet(result: DemoResult, town: Town, out: Path) -> Path:
    """`contact-sheet.png`: the middle picture of each covered clip, with what happened under it."""
    tiles = [
        _tile(out / "covered" / f"{clip.clip.name}.mp4", clip.clip.name, clip.happened_words(town))
        for clip in result.clips
    ]
    rows = [cv2.hconcat(tiles[start : start + 3]) for start in range(0, len(tiles) - len(tiles) % 3, 3)]
    path = out / "contact-sheet.png"
    cv2.imwrite(str(path), cv2.vconcat(rows))
    return path


def _tile(video: Path, name: str, words: str) -> Pixels:
    """One clip's middle picture at 426x240 above a caption."""
    with av.open(str(video)) as container:
        frames = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    picture = cv2.resize(np.asarray(frames[len(frames) // 2], np.uint8), (426, 240), interpolation=cv2.INTER_AREA)
    tile = np.full((284, 426, 3), 255, np.uint8)
    tile[:240] = picture
    cv2.putText(tile, name, (8, 258), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (90, 90, 90), 1, cv2.LINE_AA)
    cv2.putText(tile, f"named: {words}", (8, 276), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (20, 20, 20), 1, cv2.LINE_AA)
    return tile


def write_page(result: DemoResult, town: Town, out: Path) -> Path:
    """`index.html`: the table of expected and happened, and the covered clips."""
    rows = "".join(
        f"<tr><td>{escape(clip.clip.name)}</td><td>{escape(str(clip.clip.place.id))}</td>"
        f"<td>{clip.clip.starts_at:%H:%M}</td><td>{escape(clip.clip.why)}</td>"
        f"<td>{escape(clip.expected_words(town))}</td><td>{escape(clip.happened_words(town))}</td>"
        f"<td class={'ok' if clip.as_expected else 'bad'}>{'yes' if clip.as_expected else 'NO'}</td></tr>"
        for clip in result.clips
    )
    names = [clip.clip.name for clip in result.clips] + [f"{REDACTED}.full-size"]
    names += [f"live-{one.camera.camera}" for one in (result.live.cameras if result.live else ())]
    films = "".join(
        f'<figure><video controls muted preload="metadata" src="covered/{escape(name)}.mp4"></video>'
        f"<figcaption>{escape(name)}</figcaption></figure>"
        for name in names
    )
    verdict = "Everything happened as it had to." if result.ok else "Something did not happen as it had to."
    page = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Beholden: a day in a small town</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style>
<h1>A day in a small town</h1>
<p>REHEARSAL with synthetic people. Six of ten agreed to be recognised, each somewhere and for something; everybody's
face is covered in every picture that is stored. Names are in the table only, never in the video.</p>
<p class={"ok" if result.ok else "bad"}>{verdict}</p>
<p>Enrolled people named as another: {result.mistakes.enrolled_named_wrong}. Strangers named:
{result.mistakes.strangers_named}. Faces that an independent detector could see in {result.pictures_checked} covered
pictures: {result.visible}. Time: {result.seconds:.0f} s.</p>
<table><thead><tr><th>clip</th><th>place</th><th>hour</th><th>what it shows</th><th>named, expected</th>
<th>named, happened</th><th>as expected</th></tr></thead><tbody>{rows}</tbody></table>
{_live_section(result.live, town)}{_proofs_section(result.proofs)}<h2>Covered video</h2><div class="films">{films}</div>
<h2>Contact sheet</h2><img src="contact-sheet.png" alt="The middle picture of each covered clip">
</html>
"""
    path = out / "index.html"
    path.write_text(page, encoding="utf-8")
    return path


def _live_section(live: LiveResult | None, town: Town) -> str:
    if live is None:
        return ""
    rows = "".join(
        f"<tr><td>{escape(one.camera.camera)}</td><td>{escape(str(one.camera.place.id))}</td>"
        f"<td>{escape(one.camera.why)}</td><td>{escape(expected_words(one, town))}</td>"
        f"<td>{escape(happened_words(one, town))}</td><td>{_speed(one)}</td>"
        f"<td>{one.visible} in {one.pictures_checked}</td>"
        f"<td class={'ok' if one.as_expected else 'bad'}>{'yes' if one.as_expected else 'NO'}</td></tr>"
        for one in live.cameras
    )
    gone = live.withdrawal
    ended = "never" if gone.ended_s is None else f"{gone.ended_s:.2f} s after it"
    back = "It came back." if gone.came_back else "It did not come back."
    slowest = "-" if live.slowest_s is None else f"{live.slowest_s:.2f} s"
    return f"""<h2>Live</h2>
<p>The same town as cameras that are watched while they send, over RTSP on this machine. From the arrival of the shot
that decided to the name, its sighting written: {slowest} at most.</p>
<p class={"ok" if gone.as_expected else "bad"}>{escape(gone.label)} withdrew in view of a camera: the name ended
{ended}. {back}</p>
<table><thead><tr><th>camera</th><th>place</th><th>what it shows</th><th>named, expected</th><th>named, happened</th>
<th>pictures a second</th><th>faces visible</th><th>as expected</th></tr></thead><tbody>{rows}</tbody></table>
"""


def _proofs_section(proofs: Sequence[Proof]) -> str:
    if not proofs:
        return ""
    rows = "".join(
        f"<tr><td>{escape(proof.title)}</td><td>{escape(proof.said)}</td>"
        f"<td class={'ok' if proof.ok else 'bad'}>{'yes' if proof.ok else 'NO'}</td></tr>"
        for proof in proofs
    )
    return f"""<h2>What outsiders can prove</h2>
<p>With the log's public key alone, on a copy of what anybody may read. <a href="{RECEIPT}">The receipt</a> is the
person's to keep: <code>beholden log receipt verify</code> checks it offline.</p>
<table><thead><tr><th>scene</th><th>what was seen</th><th>as expected</th></tr></thead><tbody>{rows}</tbody></table>
"""


def _speed(outcome: CameraOutcome) -> str:
    health = outcome.health
    if health is None:
        return "none"
    latency = "" if health.latency_s is None else f", {health.latency_s * 1000:.0f} ms"
    return f"{health.read_fps:.1f} read, {health.analysed_fps:.1f} analysed{latency}"
