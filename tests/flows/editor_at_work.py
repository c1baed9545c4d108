"""A process that imports and publishes until it is killed.

It first looks over what an earlier one left and says so, then says every step that has been confirmed to it.
"""

import re
from multiprocessing.connection import Connection
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from assistant.database.engine import open_database
from knowledge.index.dense import DenseIndex
from knowledge.library import Library
from knowledge.tables import passages
from tests.fakes import HashEmbedder
from tests.knowledge.texts import revision

DOCUMENTS = ("plan", "rate", "star")
SECTIONS = 12


def work(folder: Path, watcher: Connection) -> None:
    """Look, tell, then add and publish one version after the other."""
    engine = open_database(f"sqlite:///{folder / 'heliotrope.db'}")
    library = Library(engine, HashEmbedder(), DenseIndex(folder / "chroma"), ZoneInfo("Asia/Shanghai"))
    library.open()
    drafts = {draft.slug: version_of(draft.body) for draft in library.catalog.drafts()}
    served = [version_of(passage.text) for passage in library.shelf.passages] if library.release else []
    with engine.connect() as connection:
        counts = connection.execute(select(func.count()).select_from(passages).group_by(passages.c.revision_id))
        whole = {*counts.scalars()} <= {SECTIONS}
    complaints = library.verify() if library.release else []
    watcher.send(
        {
            "drafts": drafts,
            "served": sorted(set(served)),
            "passages": len(served),
            "whole": whole,
            "complaints": complaints,
        }
    )
    version = max([0, *served, *drafts.values()])
    while True:
        version += 1
        body = "\n\n".join(f"## 第 {part} 节\n第 {version} 版的第 {part} 节。" for part in range(SECTIONS))
        library.add([revision(slug, body, title=slug) for slug in DOCUMENTS], "editor")
        watcher.send({"added": version})
        library.publish(library.check("", "editor").release, "editor")
        watcher.send({"published": version})


def version_of(text: str) -> int:
    """The version that a text of ours belongs to."""
    found = re.search(r"第 (\d+) 版", text)
    assert found is not None  # every text of ours names its version
    return int(found[1])
