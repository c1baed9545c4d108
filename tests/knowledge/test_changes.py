"""What a release changes against the one before it."""

from knowledge.changes import changes
from knowledge.library import Library
from tests.knowledge.texts import day, publish, revision


def test_each_document_that_differs_is_told_once_by_the_strongest_change(library: Library) -> None:
    library.add([revision("same", "不变。"), revision("plan", "旧。"), revision("rate", "旧说法。")], "editor")
    first = publish(library).release
    library.add(
        [
            revision("plan", "新。", effective_from="2030-01-01"),
            revision("rate", "新说法。"),
            revision("fresh", "新写的。"),
        ],
        "editor",
    )
    second = publish(library).release
    old, new = library.releases.spans(first), library.releases.spans(second)
    found = {change.slug: change for change in changes(old, new)}
    assert {slug: change.kind for slug, change in found.items()} == {
        "plan": "changed",
        "rate": "changed",
        "fresh": "added",
    }
    ((before, after),) = found["plan"].redated
    assert (before.expires_on, after.expires_on) == (None, day("2030-01-01"))
    assert ([span.revision for span in found["rate"].added], [span.revision for span in found["rate"].removed]) == (
        [2],
        [1],
    )
    back = {change.slug: change.kind for change in changes(new, old)}
    assert back == {"plan": "changed", "rate": "changed", "fresh": "removed"}
    assert changes(old, old) == []
