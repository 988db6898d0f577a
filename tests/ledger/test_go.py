"""Go's own `sumdb/note` and `sumdb/tlog`, which nobody here wrote, accept what we write and refuse it tampered with.

One small program (`go/main.go`) is built once, without the network, against Debian's source package.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from beholden.ledger.checkpoint import Checkpoint, open_checkpoint
from beholden.ledger.cosignature import cosign, with_line
from beholden.ledger.hashing import leaf_hash
from beholden.ledger.log import FileLog
from beholden.ledger.note import SigningKey, parse_note, parse_verifier
from beholden.ledger.proof import consistency_proof, inclusion_proof, nodes_over, root_at

ORIGIN = "beholden.invalid/test"
LEAVES = [b"leaf %d" % n for n in range(700)]
NODE = nodes_over([leaf_hash(leaf) for leaf in LEAVES])
SOURCES = Path("/usr/share/gocode")
"""Where Debian's Go libraries lie."""
INSTALL = "apt-get install golang-go golang-golang-x-mod-dev"

Ask = Callable[..., list[str | None]]


@pytest.fixture(scope="module")
def go(tmp_path_factory) -> Ask:
    """Answers of the Go program: what it read of each case that it accepts, None of one that it refuses."""
    if shutil.which("go") is None or not (SOURCES / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip(f"no Go, or not its sumdb packages: {INSTALL}")
    folder = tmp_path_factory.mktemp("go")
    offline = {"GO111MODULE": "off", "GOPATH": str(SOURCES), "GOFLAGS": "", "GOENV": "off"}
    offline |= {"GOPROXY": "off", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
    subprocess.run(
        ["go", "build", "-p", "1", "-o", str(folder / "check"), str(Path(__file__).parent / "go" / "main.go")],
        env=os.environ | offline | {"GOCACHE": str(folder / "cache")},
        check=True,
    )

    def ask(*cases: dict[str, Any]) -> list[str | None]:
        text = json.dumps(cases, default=lambda data: base64.b64encode(data).decode())
        done = subprocess.run([folder / "check"], input=text, capture_output=True, text=True, check=True)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(answers) == len(cases)
        return [answer.get("accepted") for answer in answers]

    return ask


@pytest.fixture(scope="module")
def grown(tmp_path_factory) -> tuple[FileLog, dict[int, bytes]]:
    """A log of 700 leaves, and each head that it signed, by its size."""
    log = FileLog.create(tmp_path_factory.mktemp("grown") / "log", ORIGIN)
    heads: dict[int, bytes] = {}
    for size in (1, 2, 100, 255, 256, 257, 512, 700):
        log.append(LEAVES[log.size() : size])
        heads[size] = log.checkpoint()
    return log, heads


def place(log: FileLog) -> Path:
    return log._folder


def changed(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def record(key: str, checkpoint: bytes, index: int, proof: list[bytes], leaf: bytes) -> dict[str, Any]:
    return {"Kind": "record", "Key": key, "Checkpoint": checkpoint, "Index": index, "Proof": proof, "Leaf": leaf}


def tree(key: str, checkpoint: bytes, old_size: int, proof: list[bytes], old_root: bytes) -> dict[str, Any]:
    old = {"OldSize": old_size, "OldRoot": old_root}
    return {"Kind": "tree", "Key": key, "Checkpoint": checkpoint, "Proof": proof} | old


def test_go_opens_our_checkpoints(go, grown):
    """Every head, with our encoded verifier key; it reads the size and the root that we signed."""
    log, heads = grown
    cases = [{"Kind": "checkpoint", "Key": log.verifier, "Checkpoint": head} for head in heads.values()]
    roots = {size: base64.b64encode(root_at(NODE, size)).decode() for size in heads}
    assert go(*cases) == [f"{size} {root}" for size, root in roots.items()]


def test_go_opens_a_checkpoint_with_a_witness_line(go, grown):
    """A line of a type that it does not know is passed over."""
    log, heads = grown
    line = cosign(parse_note(heads[700]).text, SigningKey.generate("witness.invalid"), 1_790_000_000)
    [said] = go({"Kind": "checkpoint", "Key": log.verifier, "Checkpoint": with_line(heads[700], line)})
    assert said is not None


def test_go_refuses_tampered_checkpoints(go, grown):
    """Another origin, size, root or signature, or a key of the same name that did not sign."""
    log, heads = grown
    head = heads[700]
    root, signature = head.index(b"\n700\n") + 9, head.rindex(b"=\n") - 9
    other = SigningKey.generate(ORIGIN).verifier.encoded()
    cases = [
        {"Kind": "checkpoint", "Key": log.verifier, "Checkpoint": tampered}
        for tampered in (
            head.replace(b"\n700\n", b"\n701\n"),
            head.replace(ORIGIN.encode(), b"beholden.invalid/other", 1),
            changed(head, root),
            changed(head, signature),
        )
    ]
    cases.append({"Kind": "checkpoint", "Key": other, "Checkpoint": head})
    assert go(*cases) == [None] * 5


def test_go_signs_with_our_key_and_we_open_it(go, grown):
    """The key file is one of sumdb/note."""
    log, _ = grown
    head = Checkpoint(ORIGIN, 700, root_at(NODE, 700))
    [signed] = go({"Kind": "sign", "Key": (place(log) / "key").read_text().strip(), "Text": head.text()})
    assert signed is not None
    assert open_checkpoint(signed.encode(), ORIGIN, [parse_verifier(log.verifier)]) == head


def test_go_accepts_our_inclusion_proofs_and_refuses_tampered_ones(go, grown):
    """Read from the tiles; then one thing changed at a time: a hash, its number, the leaf, the index, the head."""
    log, heads = grown
    indexes = (0, 99, 255, 256, 511, 512, 699)
    proofs = {index: log.tree().inclusion(index) for index in indexes}
    cases = [record(log.verifier, heads[700], index, proof, LEAVES[index]) for index, proof in proofs.items()]
    assert go(*cases) == [""] * len(indexes)
    proof = proofs[256]
    tampered = [
        *(record(log.verifier, heads[700], 256, [*proof[:n], changed(proof[n], 31), *proof[n + 1 :]], LEAVES[256])
          for n in range(len(proof))),
        record(log.verifier, heads[700], 256, proof[:-1], LEAVES[256]),
        record(log.verifier, heads[700], 256, [*proof, proof[0]], LEAVES[256]),
        record(log.verifier, heads[700], 256, proof, changed(LEAVES[256], 0)),
        record(log.verifier, heads[700], 257, proof, LEAVES[256]),
        record(log.verifier, heads[700], 700, proof, LEAVES[256]),
        record(log.verifier, heads[512], 256, proof, LEAVES[256]),
    ]  # fmt: skip
    assert go(*tampered) == [None] * len(tampered)


def test_go_accepts_our_consistency_proofs_and_refuses_tampered_ones(go, grown):
    """From every older head; then a hash, the old size and the old root changed, one at a time."""
    log, heads = grown
    proofs = {size: log.tree().consistency(size) for size in heads}
    cases = [tree(log.verifier, heads[700], size, proof, root_at(NODE, size)) for size, proof in proofs.items()]
    assert go(*cases) == [""] * len(heads)
    proof, root = proofs[257], root_at(NODE, 257)
    tampered = [
        *(tree(log.verifier, heads[700], 257, [*proof[:n], changed(proof[n], 0), *proof[n + 1 :]], root)
          for n in range(len(proof))),
        tree(log.verifier, heads[700], 257, proof[:-1], root),
        tree(log.verifier, heads[700], 256, proof, root),
        tree(log.verifier, heads[700], 257, proof, changed(root, 5)),
        tree(log.verifier, heads[512], 257, proof, root),
    ]  # fmt: skip
    assert go(*tampered) == [None] * len(tampered)


def test_go_accepts_every_proof_of_every_size_to_33(go):
    """Every leaf and every older size, 1,122 proofs."""
    key = SigningKey.generate(ORIGIN)
    cases: list[dict[str, Any]] = []
    for size in range(1, 34):
        head = Checkpoint(ORIGIN, size, root_at(NODE, size)).signed(key)
        for n in range(size):
            cases.append(record(key.verifier.encoded(), head, n, inclusion_proof(NODE, n, size), LEAVES[n]))
            proof = consistency_proof(NODE, n + 1, size)
            cases.append(tree(key.verifier.encoded(), head, n + 1, proof, root_at(NODE, n + 1)))
    assert go(*cases) == [""] * 1122


def test_go_reads_our_tiles_and_refuses_them_with_a_byte_changed(go, grown, tmp_path):
    """Every leaf hash through `TileHashReader`, every leaf of the bundles; each file with a byte changed in a copy."""
    log, heads = grown
    files = [
        *("tile/entries/000", "tile/entries/001", "tile/entries/002.p/188"),
        *("tile/0/000", "tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2"),
    ]
    folders = [place(log)]
    for number, name in enumerate(files):
        for at in (0, -1):
            folders.append(tmp_path / f"{number}{at}")
            shutil.copytree(place(log), folders[-1])
            data = (folders[-1] / name).read_bytes()
            (folders[-1] / name).write_bytes(changed(data, at % len(data)))
    cases = [{"Kind": "log", "Key": log.verifier, "Checkpoint": heads[700], "Folder": str(each)} for each in folders]
    assert go(*cases) == ["", *[None] * 14]
