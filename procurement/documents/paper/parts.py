"""The parts of a printed order, from its head down to its totals."""

from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import (
    Flowable,
    KeepTogether,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from procurement.documents.paper.content import OrderPaper, PaperLine
from procurement.documents.paper.fonts import BOLD, REGULAR, printable
from procurement.documents.paper.pages import INK, MARGIN, QUIET, RULE, WIDTH

INNER = WIDTH - 2 * MARGIN
SIZE = 8.5
PADDING = 2 * mm
SHADE = HexColor("#f3f4f6")
ITEM_WIDTH = 30 * mm


def _style(name: str, **options: Any) -> ParagraphStyle:
    base = {"fontName": REGULAR, "fontSize": SIZE, "leading": 11, "textColor": INK}
    return ParagraphStyle(name, **{**base, **options})


TEXT = _style("text")
SMALL = _style("small", fontSize=7.5, leading=10, textColor=QUIET)
STRONG = _style("strong", fontName=BOLD)
COMPANY = _style("company", fontName=BOLD, fontSize=13, leading=17)
TITLE = _style("title", fontName=BOLD, fontSize=17, leading=21, alignment=TA_RIGHT)
NUMBER = _style("number", fontName=BOLD, fontSize=11, leading=15, alignment=TA_RIGHT)

_BARE = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        *((f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT")),
        *((f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("TOP", "BOTTOM")),
    ]
)


def paragraph(text: str, style: ParagraphStyle = TEXT) -> Paragraph:
    """Text as it is: nothing in it is markup."""
    return Paragraph(escape(printable(text)).replace("\n", "<br/>"), style)


def body_of(paper: OrderPaper) -> list[Flowable]:
    """Everything from the head of the first page to the totals."""
    return [
        _head(paper),
        Spacer(0, 6 * mm),
        _parties(paper),
        Spacer(0, 5 * mm),
        *_note(paper),
        _lines(paper),
        Spacer(0, 3 * mm),
        KeepTogether([_sums(paper), *_remark(paper)]),
    ]


def _head(paper: OrderPaper) -> Table:
    company = [paragraph(paper.company.name, COMPANY)]
    company += [paragraph(line) for line in paper.company.address]
    if paper.company_vat:
        company.append(paragraph(paper.company_vat))
    # The margin is as white as the quiet zone that a reader wants beside the bars.
    barcode = Code128(paper.number, barHeight=10 * mm, barWidth=0.27 * mm, quiet=0)
    order = [paragraph(paper.title, TITLE), paragraph(paper.number, NUMBER)]
    return Table(
        [[company, [*order, Spacer(0, 1.5 * mm), barcode]]],
        colWidths=[INNER * 0.55, INNER * 0.45],
        style=TableStyle([("ALIGN", (1, 0), (1, 0), "RIGHT")], parent=_BARE),
    )


def _parties(paper: OrderPaper) -> Table:
    """Supplier and delivery address on the left, the facts on the right."""
    left: list[Flowable] = []
    for label, rows in (
        (paper.supplier_label, paper.supplier),
        (paper.delivery_label, paper.delivery),
    ):
        left += [paragraph(label, SMALL), paragraph(rows[0], STRONG)]
        left += [*(paragraph(row) for row in rows[1:]), Spacer(0, 3 * mm)]
    facts = Table(
        [[paragraph(label, SMALL), paragraph(text)] for label, text in paper.facts],
        colWidths=[INNER * 0.19, INNER * 0.31],
        style=TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("LINEBELOW", (0, 0), (-1, -2), 0.25, RULE),
            ]
        ),
    )
    return Table([[left, facts]], colWidths=[INNER * 0.5] * 2, style=_BARE)


def _note(paper: OrderPaper) -> Iterable[Flowable]:
    if paper.note:
        yield paragraph(paper.note_label, SMALL)
        yield paragraph(paper.note)
        yield Spacer(0, 4 * mm)


def _lines(paper: OrderPaper) -> Table:
    head = [paragraph(title, STRONG) for title in paper.columns[:3]]
    rows: list[list[Any]] = [[*head, *paper.columns[3:]]]
    for line in paper.lines:
        texts = (paragraph(line.item_number), paragraph(line.description))
        rows.append([line.position, *texts, *_figures(line)])
    return Table(
        rows,
        colWidths=_widths(paper),
        repeatRows=1,
        style=TableStyle(
            [
                ("FONT", (0, 0), (-1, -1), REGULAR, SIZE, 11),
                ("FONT", (0, 0), (-1, 0), BOLD, SIZE, 11),
                ("TEXTCOLOR", (0, 0), (-1, -1), INK),
                ("BACKGROUND", (0, 0), (-1, 0), SHADE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("ALIGN", (3, 0), (3, -1), "RIGHT"),
                ("ALIGN", (5, 0), (-1, -1), "RIGHT"),
                ("LEFTPADDING", (0, 0), (-1, -1), PADDING / 2),
                ("RIGHTPADDING", (0, 0), (-1, -1), PADDING / 2),
                ("TOPPADDING", (0, 0), (-1, -1), 2.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
                ("LINEBELOW", (0, 0), (-1, -1), 0.25, RULE),
            ]
        ),
    )


def _figures(line: PaperLine) -> tuple[str, ...]:
    return line.quantity, printable(line.unit), line.price, line.vat, line.amount


def _widths(paper: OrderPaper) -> list[Any]:
    """As wide as the figures are, which must not be broken; texts share the rest."""
    columns = [[line.position, *_figures(line)] for line in paper.lines]
    titles = [paper.columns[0], *paper.columns[3:]]
    wide = [
        max(stringWidth(title, BOLD, SIZE), *_text_widths(texts)) + PADDING
        for title, texts in zip(titles, zip(*columns, strict=True), strict=True)
    ]
    left = INNER - sum(wide)
    item = min(ITEM_WIDTH, left / 2)
    return [wide[0], item, left - item, *wide[1:]]


def _text_widths(texts: Sequence[str]) -> Iterable[Any]:
    return (stringWidth(text, REGULAR, SIZE) for text in texts)


def _sums(paper: OrderPaper) -> Table:
    style = [
        ("FONT", (0, 0), (-1, -1), REGULAR, SIZE, 11),
        ("TEXTCOLOR", (0, 0), (-1, -1), INK),
        ("ALIGN", (0, 0), (-1, -1), "RIGHT"),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), PADDING / 2),
    ]
    for row, each in enumerate(paper.sums):
        if each.is_final:
            style += [
                ("FONT", (0, row), (-1, row), BOLD, 10, 13),
                ("LINEABOVE", (0, row), (-1, row), 0.8, INK),
            ]
    return Table(
        [[each.label, each.amount] for each in paper.sums],
        style=TableStyle(style),
        hAlign="RIGHT",
    )


def _remark(paper: OrderPaper) -> Iterable[Flowable]:
    if paper.remark:
        yield Spacer(0, 2 * mm)
        yield paragraph(paper.remark, SMALL)
