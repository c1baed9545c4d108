"""Charts as SVG for the web and PNG for chats, drawn in this process without a browser."""

from pathlib import Path
from threading import Lock
from typing import Any
from xml.sax.saxutils import quoteattr

import vl_convert

from assistant.creators.charts.chart import PHONE_WIDTH, Chart
from assistant.creators.charts.themes import Theme, config_of
from assistant.creators.charts.wording import clean
from assistant.errors import Misconfigured

VEGA_LITE = "6.4"
# Pictures in chats are looked at on screens with two or three dots a pixel.
DENSITY = 2.0
# Only these of the many weights that the packages bring are used.
FONTS = (
    "noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
    "noto-sans-sc/600SemiBold/NotoSansSC_600SemiBold.ttf",
    "noto-emoji/400Regular/NotoEmoji_400Regular.ttf",
)


class Painter:
    """Draws charts with the fonts of one folder, so that Chinese has glyphs on a machine without Chinese fonts.

    `fonts` is the folder that holds FONTS; they are read when the first chart is drawn. Safe from any thread. The
    specifications reach no address: their data come with them.
    """

    def __init__(self, fonts: Path) -> None:
        self._fonts = fonts
        self._opening = Lock()
        self._is_open = False

    def svg(self, chart: Chart, theme: Theme = "light", width: int = PHONE_WIDTH) -> str:
        """The chart as SVG, `width` CSS pixels wide, an image named by its alternative text.

        Raises Misconfigured when the fonts are not there.
        """
        self._open()
        drawn: str = vl_convert.vegalite_to_svg({**chart.spec, "width": width}, **_options(theme))
        return drawn.replace("<svg ", f'<svg role="img" aria-label={quoteattr(clean(chart.alt))} ', 1)

    def png(self, chart: Chart, theme: Theme = "light", width: int = PHONE_WIDTH) -> bytes:
        """The chart as PNG of `width` CSS pixels, two dots each. Raises Misconfigured when the fonts are not there."""
        self._open()
        drawn: bytes = vl_convert.vegalite_to_png({**chart.spec, "width": width}, scale=DENSITY, **_options(theme))
        return drawn

    def check(self) -> None:
        """Whether it could draw. Raises Misconfigured when the fonts are not there."""
        if not all((self._fonts / name).is_file() for name in FONTS):
            raise Misconfigured("The fonts of the charts are missing; run `make setup`.")

    def _open(self) -> None:
        with self._opening:
            if self._is_open:
                return
            self.check()
            for name in FONTS:
                vl_convert.register_font_directory(str((self._fonts / name).parent.absolute()))
            self._is_open = True


def _options(theme: Theme) -> dict[str, Any]:
    return {"vl_version": VEGA_LITE, "config": config_of(theme), "allowed_base_urls": []}
