"""The sections of the console, in the order in which they are shown. A page that is to be found stands here."""

from dataclasses import dataclass

from assistant.staff.people import Person, Role

HOME = "/console"


@dataclass(frozen=True)
class Section:
    """One entry. `key` names its text (`nav.KEY`), its line on the start page (`start.KEY`) and its icon (`i-KEY`);
    only who has `role` sees it."""

    key: str
    path: str
    role: Role = "viewer"


SECTIONS = (
    Section("documents", f"{HOME}/documents"),
    Section("releases", f"{HOME}/releases"),
    Section("gaps", f"{HOME}/gaps"),
    Section("answers", f"{HOME}/answers"),
    Section("running", f"{HOME}/running"),
    Section("testing", f"{HOME}/testing"),
    Section("golden", f"{HOME}/golden"),
    Section("synonyms", f"{HOME}/synonyms"),
    Section("campaigns", f"{HOME}/campaigns"),
    Section("cases", f"{HOME}/cases"),
    Section("tickets", f"{HOME}/tickets"),
    Section("programs", f"{HOME}/programs"),
    Section("rewards", f"{HOME}/rewards"),
    Section("star", f"{HOME}/star"),
    Section("boards", f"{HOME}/boards"),
    Section("audit", f"{HOME}/audit"),
    Section("sites", f"{HOME}/sites", "admin"),
    Section("staff", f"{HOME}/staff", "admin"),
)


def sections_for(person: Person) -> list[Section]:
    """What this person is shown."""
    return [section for section in SECTIONS if person.may(section.role)]
