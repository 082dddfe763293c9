"""The list of a refused form's mistakes: each names its field as the page does, and leads to it.

Labels stand beside their fields in the templates, many written by hand. They are read off the finished page, so that no
form has to say them twice.
"""

import re
from dataclasses import dataclass, field
from functools import partial

_TAG = re.compile(r"<(/?)(form|fieldset|legend|label|input|select|textarea|h[1-6])\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_BESIDE = re.compile(r'<span class="(?:optional|hint)\b.*?</span>|<[^>]+>', re.DOTALL)  # what is no part of a name
_MISTAKE = re.compile(r'<a class="mistake" href="#([^"]*)">(.*?)</a>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field stands: its id, and the legend of what it is a part of."""

    id: str
    group: str
    says: bool  # its label names the field, and not one of several choices


@dataclass(slots=True)
class Plan:
    """The fields of a page by name, those of the form that was sent before others, and the words at ids."""

    path: str
    words: dict[str, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    others: dict[str, Place] = field(default_factory=dict)
    groups: list[str] = field(default_factory=list)
    sent: bool = False  # whether the form is the one that was sent

    def enter(self, kind: str, about: dict[str, str], words: str) -> None:
        """Take in a tag, with the text that follows it."""
        match kind:
            case "form":
                self.sent = about.get("action", self.path).partition("?")[0] == self.path
            case "fieldset":
                self.groups.append(about.get("aria-label", ""))
            case "legend" if self.groups:
                self.groups[-1] = words
            case "label":
                self.words.setdefault(about.get("for", ""), words)
            case "input" | "select" | "textarea":
                if about.get("type") != "hidden":
                    self._field(about)
            case _:
                self._put(about.get("id", ""), Place(about.get("id", ""), "", says=True), words)

    def leave(self, kind: str) -> None:
        """Take in a tag's end."""
        self.sent = self.sent and kind != "form"
        if kind == "fieldset" and self.groups:
            self.groups.pop()

    def _field(self, about: dict[str, str]) -> None:
        key, group = f"f-{about.get('name', '')}", next(filter(None, reversed(self.groups)), "")
        several = about.get("type") == "radio" or (about.get("type") == "checkbox" and key in self._known())
        self._put(key, Place(about.get("id", ""), group, says=not several), about.get("aria-label", ""))

    def _put(self, key: str, place: Place, words: str) -> None:
        before = self._known().get(key)
        self._known()[key] = place if before is None else Place(before.id, before.group, before.says and place.says)
        if words:
            self.words.setdefault(place.id or key, words)

    def _known(self) -> dict[str, Place]:
        return self.places if self.sent else self.others

    def of(self, key: str) -> tuple[str, str]:
        """The id that a mistake leads to and the field's name; of a field that is not shown, what it is a part of."""
        known = self.others | self.places
        while "-" in key:
            if key in known:
                place = known[key]
                words = (place.group, self.words.get(place.id or key, "") if place.says else "")
                return place.id, " · ".join(filter(None, words))
            if inside := next((known[name] for name in known if name.startswith(f"{key}-")), None):
                return inside.id, inside.group
            key = key.rpartition("-")[0]
        return "", ""


def named(page: str, path: str) -> str:
    """A page that was refused at a path, with the names of fields in its list of mistakes."""
    plan = Plan(path)
    for tag in _TAG.finditer(page):
        if tag[1]:
            plan.leave(tag[2])
        else:
            plan.enter(tag[2], dict(_ATTRIBUTE.findall(tag[3])), _words(page, tag))
    return _MISTAKE.sub(partial(_told, plan), page)


def _words(page: str, tag: re.Match[str]) -> str:
    """The text of a legend, a label or a heading."""
    if tag[2] not in {"legend", "label"} and tag[2][0] != "h":
        return ""
    inner = page[tag.end() : page.find(f"</{tag[2]}>", tag.end())]
    return " ".join(_BESIDE.sub("", inner).split())


def _told(plan: Plan, mistake: re.Match[str]) -> str:
    where, name = plan.of(mistake[1])
    text = f"<strong>{name}</strong>: {mistake[2]}" if name else mistake[2]
    return f'<a href="#{where}">{text}</a>' if where else text
