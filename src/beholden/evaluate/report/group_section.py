"""The page's section on groups: rates by what people said of themselves, ranked only where there are errors enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from beholden.evaluate.groups import FEWEST_PEOPLE
from beholden.evaluate.rates import RANKABLE_ERRORS
from beholden.evaluate.report.shown import Axis, Plot, Section, Series, Style, Table, Values, in_text
from beholden.evaluate.words import percent

FEW = f"fewer than {FEWEST_PEOPLE} people"
_TERMS = {
    "FNMR": "pairs of one person that are not recognised",
    "FMR": "pairs of two people of the group that pass for one",
    "FNIR": "pictures of enrolled people that are not recognised",
    "FPIR": "strangers' pictures that are taken for somebody enrolled",
    "FTE": "people who cannot be enrolled",
}


def group_section(parts: Values) -> Section:
    """Every protocol's rates by label. Where no labels were given, the section says so."""
    found = list(_found(parts))
    kinds = list(dict.fromkeys(kind for kind, *_ in found))
    if not found:
        return Section(
            "groups",
            "Groups of people",
            ("No labels were given, so nothing is known of differences between groups. That is not a sign of none.",),
        )
    apart = [said for kind, term, groups, clear in found for said in _apart(kind, term, groups, clear)]
    return Section(
        "groups",
        "Groups of people",
        paragraphs=(
            "Labels are what people said of themselves; nothing here guesses one from a picture. Recognisers of this "
            "kind are known to be worse for some groups than for others.",
            f"Groups are compared only where each has {RANKABLE_ERRORS} errors or more, and are ranked nowhere else: "
            f"with fewer, chance decides who comes first. A group of {FEW} has no rate at all.",
            *(
                apart
                or ("Here no two groups have errors enough to be compared, so nothing is said of who does worse.",)
            ),
        ),
        tables=tuple(
            _table(kind, [(term, groups) for other, term, groups, _ in found if other == kind]) for kind in kinds
        ),
        plots=tuple(_plot(kind, term, groups) for kind, term, groups, _ in found if _rankable(groups) > 1),
        notes=tuple(f"{term}: {said}." for term, said in _TERMS.items() if any(term == each[1] for each in found)),
    )


def _table(kind: str, by_term: Sequence[tuple[str, Sequence[Values]]]) -> Table:
    """All rates of one kind of label, in the order of the labels."""
    people: dict[str, int] = {}
    cells: dict[tuple[str, str], str] = {}
    for term, groups in by_term:
        for group in groups:
            label: str = group["label"]
            people[label] = max(people.get(label, 0), int(group["people"]))
            cells[label, term] = FEW if group["rate"] is None else in_text(group["rate"])
    terms = [term for term, _ in by_term]
    return Table(
        f"By {kind}, in the order of the labels",
        (kind.capitalize(), "People", *terms),
        tuple(
            (label, str(people[label]), *(cells.get((label, term), "-") for term in terms)) for label in sorted(people)
        ),
    )


def _rankable(groups: Sequence[Values]) -> int:
    return sum(bool(group["rankable"]) for group in groups)


def _found(parts: Values) -> Iterator[tuple[str, str, Sequence[Values], Sequence[Values]]]:
    """(kind, term, groups, differences) of all parts that have any."""
    for part in ("identification", "verification"):
        outcome: Values | None = parts.get(part)
        if outcome is not None and part == "identification":
            outcome = outcome["at_the_products_setting"]
        if outcome is not None:
            for kind, by_term in outcome["groups"].items():
                for term, groups in by_term.items():
                    yield kind, term, groups, outcome["differences"][kind][term]
    if "enrolment" in parts:
        for kind, groups in parts["enrolment"]["groups"].items():
            yield kind, "FTE", groups, ()


def _known(groups: Sequence[Values]) -> list[Values]:
    return [group for group in groups if group["rate"] is not None and group["rate"]["rate"] is not None]


def _apart(kind: str, term: str, groups: Sequence[Values], clear: Sequence[Values]) -> Iterator[str]:
    """What may be said: differences that are clear, or that those with enough errors do not differ clearly."""
    for each in clear:
        if each["clear"]:
            yield (
                f"{term} by {kind}: {each['higher']} is higher than {each['lower']} by {percent(each['difference'])} "
                f"({percent(each['low'])} to {percent(each['high'])})."
            )
    if clear and not any(each["clear"] for each in clear):
        yield f"{term} by {kind}: between the groups with errors enough, chance can make the differences."


def _plot(kind: str, term: str, groups: Sequence[Values]) -> Plot:
    known = _known(groups)
    hollow = tuple(index for index, group in enumerate(known) if not group["rankable"])
    return Plot(
        f"groups-{kind}-{term}".lower(),
        f"{term} by {kind}: {_TERMS.get(term, term)}",
        f"{_rankable(groups)} of {len(groups)} groups have errors enough to be compared.",
        Axis(f"{term}, with 95% bounds", lowest=0.0),
        Axis("", places=tuple((float(at), f"{group['label']} ({group['people']})") for at, group in enumerate(known))),
        (
            Series(
                term,
                tuple(float(at) for at in range(len(known))),
                tuple(group["rate"]["rate"] for group in known),
                tuple(group["rate"]["low"] for group in known),
                tuple(group["rate"]["high"] for group in known),
                Style.POINTS,
                hollow,
            ),
        ),
        Table(
            f"{term} by {kind}, in the order of the labels",
            (kind.capitalize(), "People", f"{term}, with 95% bounds", f"{RANKABLE_ERRORS} errors or more?"),
            tuple(
                (
                    group["label"],
                    str(group["people"]),
                    FEW if group["rate"] is None else in_text(group["rate"]),
                    "yes" if group["rankable"] else "no: not to be ranked",
                )
                for group in groups
            ),
        ),
        read=f"Hollow: fewer than {RANKABLE_ERRORS} errors. In brackets: people. Whiskers are 95% bounds by person.",
        across=True,
    )


def some_can_be_compared(parts: Values) -> bool:
    """Whether in any rate two groups have errors enough."""
    return any(_rankable(groups) > 1 for _, _, groups, _ in _found(parts))
