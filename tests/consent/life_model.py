"""A plain model of one grant's life: a diary of what happened, and the sentences of design section 4 over it.

Imports nothing of `beholden`, knows no table and keeps no state but the diary: whatever it is asked, it reads
again from the first page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

DAY = timedelta(days=1)


@dataclass
class Diary:
    """`made` at a moment, to begin and end at others; then pages (when, what, detail). A text is (words, rules)."""

    made: datetime
    begins: datetime
    first_end: datetime
    text: tuple[str, str]
    pages: list[tuple[datetime, str, object]] = field(default_factory=list)

    def write(self, when: datetime, what: str, detail: object = None) -> None:
        self.pages.append((when, what, detail))

    def since_yes(self) -> list[tuple[datetime, str, object]]:
        """The pages after the last yes of any kind."""
        for at in range(len(self.pages) - 1, -1, -1):
            if self.pages[at][1] in ("yes", "renewed"):
                return self.pages[at + 1 :]
        return self.pages

    def last_yes(self) -> tuple[datetime, tuple[str, str]]:
        """When, and to which text."""
        when, text = self.made, self.text
        for moment, what, detail in self.pages:
            if what in ("yes", "renewed"):
                when, text = moment, detail[0]
        return when, text

    def ever_answered(self) -> bool:
        """Whether a yes ever came after a question."""
        open_question = False
        for _, what, _ in self.pages:
            if what == "asked":
                open_question = True
            if what in ("yes", "renewed") and open_question:
                return True
        return False

    def ends(self) -> datetime:
        """As agreed last."""
        end = self.first_end
        for moment, what, detail in self.pages:
            if what == "renewed":
                end = max(moment, self.begins) + detail[1]
        return end

    def over_from(self) -> datetime:
        """The purpose met, the end, a year without a yes."""
        met = [detail for _, what, detail in self.pages if what == "met"]
        return min([self.ends(), self.last_yes()[0] + 365 * DAY, *met])

    def asked(self) -> list[tuple[datetime, str, object]]:
        return [page for page in self.since_yes() if page[1] == "asked"]

    def question_at(self) -> datetime:
        """When the next question comes: a month after the grant, half a year after each answer."""
        return self.last_yes()[0] + (180 if self.ever_answered() else 30) * DAY

    def silence_at(self) -> datetime:
        asked = self.asked()
        return (asked[0][0] if asked else self.question_at()) + 14 * DAY

    def is_over(self) -> bool:
        return any(what == "over" for _, what, _ in self.pages)

    def is_silent(self) -> bool:
        return any(what == "silent" for _, what, _ in self.since_yes())

    def is_paused(self) -> bool:
        own = [what for _, what, _ in self.pages if what in ("paused", "resumed")]
        return own[-1:] == ["paused"]

    def live(self, now: datetime, text: tuple[str, str]) -> list[str]:
        """What happens at `now` with the notice `text`; written down."""
        if self.is_over():
            return []
        if now >= self.over_from():
            self.write(now, "over")
            return ["end"]
        happened: list[str] = []
        if now >= self.silence_at() and not self.is_silent():
            happened.append("silent")
        asked = self.asked()
        if (asked and asked[-1][2] != text) or (
            not asked and (now >= self.question_at() or self.last_yes()[1] != text)
        ):
            happened.append("asked")
        reminded = any(what == "reminded" for _, what, _ in self.since_yes())
        if asked and not reminded and asked[0][0] + 7 * DAY <= now < asked[0][0] + 14 * DAY:
            happened.append("reminded")
        for what in happened:
            self.write(now, what, text)
        return happened

    def named(self, now: datetime | None, text: tuple[str, str]) -> bool:
        """Whether anybody may be named: begun, not over, not paused by anybody, under the rules agreed to."""
        if now is None or self.is_over() or self.is_paused() or self.is_silent():
            return False
        agreed = self.last_yes()[1]
        return self.begins <= now < min(self.over_from(), self.silence_at()) and agreed[1] == text[1]
