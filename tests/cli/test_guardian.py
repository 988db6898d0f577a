"""Guardians as people type it: with keys in a live folder, and with names in a rehearsal."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cli.test_accounts import days, keys  # noqa: F401 - a fixture

MAJORITY = ("--majority", "2030-04-01")


@pytest.fixture
def papers(tmp_path):
    """The guardians' paper, and another one."""
    made = []
    for name in ("custody", "court"):
        path = tmp_path / f"{name}.pdf"
        path.write_text(f"{name} of Kim, born 1 April 2012")
        made.append(path)
    return made


@pytest.fixture
def home(beholden, tmp_path, days):  # noqa: F811
    """A live folder where Kim was invited, with people who sign."""
    data, by = tmp_path / "home", {}
    assert beholden("init", "--data", data, "--place", "garden:care").code == 0
    for name, organisation, what, role in (
        ("Olga", "House", "site", "operator"),
        ("Uwe", "Union", "other", "approver"),
        ("Mother", "Hill", "other", "subject"),
        ("Father", "Works", "other", "subject"),
    ):
        path, public = keys(beholden, tmp_path, name.lower())
        signed = by.get("Olga", ())
        said = beholden(
            "account", "add", name, "--organisation", organisation, "--what", what, "--role", role, "--public", public,
            *signed, "--data", data,
        )  # fmt: skip
        assert said.code == 0, said.err
        by[name] = ("--account", name, "--key", path)
    days.now += timedelta(hours=73)
    assert beholden("invite", "Kim", "-p", "care", "--data", data).code == 0
    return data, by


def id_of_kim(beholden, data):
    """As the invitation says it: a guardian's account finds nobody by name."""
    [row] = beholden("people", "--data", data, "--json").rows
    return row["subject"]


def asking(paper, *who, zone=True, of="Kim"):
    where = ("--zone", "Europe/Berlin") if zone else ()
    both = ("--guardian", "Mother", "--guardian", "Father")
    return (
        "guardian",
        "ask",
        of,
        "-p",
        "care",
        "--place",
        "garden",
        *both,
        *MAJORITY,
        *where,
        "--paper",
        paper,
        *who,
    )


def test_both_guardians_and_an_approver_of_elsewhere(beholden, home, papers):
    """Asked, shown, refused under another paper, agreed, approved by a line from another machine, disputed, settled."""
    data, by = home
    at = ("--data", data)
    assert beholden(*asking(papers[0]), *at).code == 5
    kim = id_of_kim(beholden, data)
    asked = beholden(*asking(papers[0], *by["Mother"], of=kim), *at, "--json")
    [row] = asked.rows
    grant = row["grant"]
    assert (row["why_not"], row["name"], "Mother" in asked.out) == ("not every guardian has said yes", None, False)
    agreed = beholden("guardian", "agree", grant, *by["Father"], *at)
    assert "it does not count: no outside approver has seen the authority" in agreed.out, agreed.err
    shown = beholden("guardian", "show", grant, *by["Uwe"], *at).out
    assert ("care at garden for Kim" in shown, "guardians Father, Mother, until 2030-04-01" in shown) == (True, True)
    fake = beholden("guardian", "approve", grant, "--paper", papers[1], *by["Uwe"], *at)
    assert (fake.code, "another authority" in fake.complaint) == (5, True)
    rows = beholden("account", "list", *at, "--json").rows
    [uwe] = [each["account"] for each in rows if each["organisation"] == "Union"]
    line = beholden("approve", row["digest"], "--print", "--account", uwe, "--key", by["Uwe"][3]).out.strip()
    approved = beholden("guardian", "approve", grant, "--signed", line, *at)
    assert "it counts, and they are not enrolled yet" in approved.out, approved.err
    assert beholden("guardian", "enrol", papers[0], "--grant", grant, *at).code == 5
    assert "disputed" in beholden("guardian", "dispute", grant, "--paper", papers[1], *by["Father"], *at).out
    settled = beholden(
        "guardian", "settle", grant, "--guardian", "Mother", "--paper", papers[1], *by["Uwe"], *at, "--json"
    )
    assert (settled.rows[0]["counts"], len(settled.rows[0]["guardians"])) == (True, 1)
    assert "refused the authority" in beholden("guardian", "decline", grant, *by["Uwe"], *at).out
    assert beholden("guardian", "refuse", row["subject"], *at).code == 0
    assert beholden("guardian", "allow", row["subject"], *at).code == 5
    assert "the person refused" in beholden("guardian", "list", *at).out


def test_a_rehearsal_needs_names_only(beholden, tmp_path, papers, ada):
    """The zone is the place's; the dependent is enrolled from photos once the grant counts."""
    data = tmp_path / "town"
    at = ("--data", data)
    assert beholden("init", *at, "--rehearsal", "--place", "garden:care").code == 0
    assert "No guardian asked" in beholden("guardian", "list", *at).out
    assert beholden("invite", "Kim", "-p", "care", *at).code == 0
    [row] = beholden(*asking(papers[0], "--as", "Mother", zone=False), *at, "--json").rows
    grant = row["grant"]
    assert (row["zone"], row["guardians"], row["yes"]) == ("UTC", ["Father", "Mother"], ["Mother"])
    assert beholden("guardian", "agree", grant, *at).code == 5
    assert "said no" in beholden("guardian", "agree", grant, "--no", "--as", "Father", *at).out
    assert beholden("guardian", "enrol", *ada[:2], "--grant", grant, *at).code == 5
    beholden("guardian", "agree", grant, "--as", "Father", *at)
    beholden("guardian", "approve", grant, "--paper", papers[0], *at)
    made = beholden("guardian", "enrol", *ada[:2], "--grant", grant, *at)
    assert (made.code, "from 2 photos, for their guardians" in made.out) == (0, True), made.err
    assert "Father, Mother, as guardian" in beholden("grant", "show", "Kim", *at).out
    assert "holds now" in beholden("grant", "show", "Kim", *at).out
    longer = beholden("guardian", "still", grant, "--days", "100", "--yes", "--as", "Mother", *at)
    assert "it counts, and they are enrolled" in longer.out, longer.err
    beholden("guardian", "refuse", "Kim", *at)
    assert "does not hold: the person refused" in beholden("grant", "show", "Kim", *at).out
    beholden("guardian", "allow", "Kim", *at)
    assert "holds now" in beholden("grant", "show", "Kim", *at).out


def test_what_is_wrong_is_said_in_one_line(beholden, home, papers):
    """And nothing is asked for."""
    data, by = home
    kim = id_of_kim(beholden, data)
    for changed, code in (
        (("--majority", "the first of April"), 2),
        (("--hours", "all day"), 2),
        (("--place", "moon"), 2),
        (("--paper", "nowhere.pdf"), 3),
        (("--zone", "Europe/Nowhere"), 3),
        (("-p", "entrance"), 5),
    ):
        said = beholden(*asking(papers[0], *by["Mother"], of=kim), *changed, "--data", data)
        assert (said.code, bool(said.complaint)) == (code, True), changed
    assert "No guardian asked" in beholden("guardian", "list", "--data", data).out
