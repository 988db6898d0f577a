"""The room can be copied out: it needs the standard library and `cryptography`, and nothing else of ours."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import beholden.ledger

ROOM = Path(beholden.ledger.__file__).parent
CODE = """
    import pkgutil, sys, importlib

    class Blocked:
        def find_spec(self, name, path=None, target=None):
            if name.split(".")[0] in {"beholden", "numpy", "cv2", "pydantic", "sqlalchemy", "typer", "rich"}:
                raise ImportError(name + " is blocked")

    sys.meta_path.insert(0, Blocked())
    sys.path.insert(0, sys.argv[1])
    import lifted
    for module in pkgutil.iter_modules(lifted.__path__):
        importlib.import_module("lifted." + module.name)
    from pathlib import Path
    from lifted.errors import LogUnavailable
    from lifted.log import FileLog
    from lifted.note import parse_verifier
    from lifted.receipt import parse_receipt, verify_receipt

    log = FileLog.create(Path(sys.argv[1]) / "log", "example.org/alone")
    log.append([b"a", b"b"])
    receipt = parse_receipt(log.receipt(1).encoded())
    print(verify_receipt(receipt, parse_verifier(log.verifier)).leaf.decode())
    try:
        FileLog.open(Path(sys.argv[1]) / "nowhere")
    except LogUnavailable as error:
        print(type(error).__module__)
    print(sorted(name for name in sys.modules if name.startswith("beholden")))
"""


def test_the_room_works_alone_under_another_name(tmp_path):
    """Every other room blocked: each file is imported, a log is written, a receipt verified, an error raised."""
    shutil.copytree(ROOM, tmp_path / "lifted", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-I", "-c", textwrap.dedent(CODE), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.stdout.split("\n")) == ("", ["b", "lifted.errors", "[]", ""])


def test_within_the_product_the_error_is_the_one_of_the_tree():
    """The stand-in stands in nowhere else."""
    from beholden.ledger.errors import LogUnavailable
    from beholden.model import errors

    assert LogUnavailable is errors.LogUnavailable
