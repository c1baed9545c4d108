"""Pictures of campaigns: taken in once, made harmless, and kept under their hash in a folder."""

import hashlib
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image, UnidentifiedImageError
from sqlalchemy import Engine, select

from assistant.database.notice_tables import campaign_images as table
from assistant.errors import BadInput, NotFound
from knowledge.keeping import keep, kept

MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 24_000_000
LONGEST_SIDE = 1600  # pixels; larger ones are scaled down: no chat shows more
KINDS = {"PNG": ("image/png", "png"), "JPEG": ("image/jpeg", "jpg"), "WEBP": ("image/webp", "webp")}
_EXTENSIONS = dict(KINDS.values())


@dataclass(frozen=True)
class Picture:
    """A kept picture; sizes in pixels."""

    hash: str
    media_type: str
    width: int
    height: int


class Pictures:
    """Keeps pictures below `folder`."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder

    def add(self, data: bytes, author: str) -> Picture:
        """Take a picture in, decoded and written anew: nothing but the picture is kept. Raises BadInput."""
        written, media_type, size = rewritten(data)
        name = hashlib.sha256(written).hexdigest()
        keep(self._path(name, media_type), written, name)
        with self._engine.begin() as connection:
            if connection.scalar(select(table.c.hash).where(table.c.hash == name)) is None:
                now = datetime.now(UTC).replace(tzinfo=None)
                described = {"width": size[0], "height": size[1], "bytes": len(written), "author": author}
                connection.execute(table.insert().values(hash=name, media_type=media_type, added_at=now, **described))
        return Picture(name, media_type, *size)

    def find(self, name: str) -> Picture:
        """Raises NotFound."""
        with self._engine.connect() as connection:
            row = connection.execute(select(table).where(table.c.hash == name)).first()
        if row is None:
            raise NotFound("There is no such picture.")
        return Picture(row.hash, row.media_type, row.width, row.height)

    def read(self, name: str) -> tuple[bytes, str]:
        """The bytes and the media type. Raises NotFound."""
        found = self.find(name)
        return kept(self._path(found.hash, found.media_type), name), found.media_type

    def _path(self, name: str, media_type: str) -> Path:
        return self._folder / f"{name}.{_EXTENSIONS[media_type]}"


def rewritten(data: bytes) -> tuple[bytes, str, tuple[int, int]]:
    """A picture decoded and encoded anew, its media type and its size. Raises BadInput for what is none, or too large:
    the size is looked at before anything is decoded."""
    if len(data) > MOST_BYTES:
        raise BadInput("A picture has at most {megabytes} MB.", megabytes=MOST_BYTES // 1024 // 1024)
    try:
        with Image.open(io.BytesIO(data), formats=list(KINDS)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise BadInput("This picture has too many pixels; make it smaller.")
            kind = picture.format or "PNG"
            picture.load()
            plain = picture.convert("RGB" if kind == "JPEG" or picture.mode not in ("RGBA", "LA", "P") else "RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadInput("This is no PNG, JPEG or WebP picture.") from error
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    output = io.BytesIO()
    plain.save(output, kind, **({"quality": 88} if kind != "PNG" else {"optimize": True}))
    return output.getvalue(), KINDS[kind][0], plain.size
