"""The typeface of what is printed.

The one that comes with reportlab lacks letters of our neighbours (ż, ő, Ž), and a
street with a hole in it is a parcel that does not arrive.
"""

from functools import cache
from pathlib import Path
from unicodedata import category

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
LAST_LETTER = "\uffff"
_FOLDER = Path(__file__).resolve().parent.parent / "fonts"


def printable(text: str) -> str:
    """The text without what can't be seen; line breaks stay.

    Beyond the first plane (emoji) reportlab writes tables that readers can't read.
    """
    seen = (each for each in text if each == "\n" or category(each)[0] != "C")
    return "".join(
        each if each <= LAST_LETTER else "\N{REPLACEMENT CHARACTER}" for each in seen
    )


@cache
def use_fonts() -> None:
    """Read the fonts; once for a process, since it takes a while."""
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, _FOLDER / f"{name}.ttf"))
    pdfmetrics.registerFontFamily(
        REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD
    )
