"""Fixtures for all tests, and the rule that CI skips nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("SHARED_TEST_DATA", ROOT.parent / "shared" / "data"))

EXCUSED = ("shared", *filter(None, os.environ.get("SKIPS_EXCUSED", "").split(",")))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-skips", action="store_true", help="a skipped test is a failure, unless only shared data is missing"
    )


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Under --no-skips a skip fails: a test that does not run proves nothing.

    Excused are data that cannot be committed (the reason says "shared": users have none of it), and what `.ci/run`
    could not install: it says so, and names a part of the reason in SKIPS_EXCUSED.
    """
    outcome = yield
    report = outcome.get_result()
    excused = any(reason in str(report.longrepr) for reason in EXCUSED)
    if report.skipped and item.config.getoption("--no-skips") and not excused:
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Consented and public-domain test data beside the checkout; skipped where it is not."""
    if not SHARED.is_dir():
        pytest.skip("no shared test data beside this checkout (it cannot be committed)")
    return SHARED


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings of whoever runs it."""
    for name in list(os.environ):
        if name.startswith("BEHOLDEN_"):
            monkeypatch.delenv(name)
