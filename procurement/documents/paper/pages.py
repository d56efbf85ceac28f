"""The sheets of a printed order: margins, marks, running head, page numbers."""

from collections import Counter
from functools import partial
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Frame, PageTemplate

from procurement.documents.paper.content import OrderPaper
from procurement.documents.paper.fonts import BOLD, REGULAR, printable, use_fonts

MARGIN = 15 * mm
FOOT = 18 * mm
RUNNING_HEAD = 9 * mm
MARK_HEIGHT = 8 * mm
INK, QUIET, RULE, WARNING = (
    HexColor(code) for code in ("#111827", "#4b5563", "#9ca3af", "#b91c1c")
)
WIDTH, HEIGHT = A4


def page_templates(paper: OrderPaper) -> list[PageTemplate]:
    """The first page, and all that follow it."""
    use_fonts()
    follow = f"{paper.number} follow"
    return [
        PageTemplate(
            f"{paper.number} first",
            frames=[_frame(paper, 0)],
            onPage=partial(_begin_page, paper, False),
            autoNextPageTemplate=follow,
        ),
        PageTemplate(
            follow,
            frames=[_frame(paper, RUNNING_HEAD)],
            onPage=partial(_begin_page, paper, True),
        ),
    ]


def _frame(paper: OrderPaper, head: Any) -> Frame:
    marks = len(paper.marks) * MARK_HEIGHT + (3 * mm if paper.marks else 0)
    top = MARGIN + marks + head
    return Frame(
        *(MARGIN, FOOT, WIDTH - 2 * MARGIN, HEIGHT - FOOT - top),
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )


def _begin_page(
    paper: OrderPaper, has_running_head: bool, canvas: Any, document: Any
) -> None:
    canvas.paper = paper
    canvas.saveState()
    top = HEIGHT - MARGIN
    for mark in paper.marks:
        top -= MARK_HEIGHT
        _draw_mark(canvas, mark, top)
    if has_running_head:
        baseline = top - 4 * mm
        canvas.setFillColor(QUIET)
        canvas.setFont(REGULAR, 8)
        canvas.drawString(MARGIN, baseline, printable(paper.company.name))
        canvas.setFont(BOLD, 8)
        canvas.drawRightString(
            WIDTH - MARGIN, baseline, f"{paper.title} {paper.number}"
        )
    canvas.restoreState()


def _draw_mark(canvas: Any, text: str, bottom: Any) -> None:
    canvas.setStrokeColor(WARNING)
    canvas.setFillColor(WARNING)
    canvas.setLineWidth(1.2)
    canvas.rect(MARGIN, bottom + 1.5 * mm, WIDTH - 2 * MARGIN, MARK_HEIGHT - 2 * mm)
    canvas.setFont(BOLD, 11)
    canvas.drawCentredString(WIDTH / 2, bottom + 3.1 * mm, text)


class NumberedCanvas(Canvas):  # type: ignore[misc]
    """Holds pages back until it is known how many each order has."""

    paper: OrderPaper

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._held: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._held.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        pages = Counter(state["paper"].number for state in self._held)
        drawn: Counter[str] = Counter()
        for state in self._held:
            self.__dict__.update(state)
            number = self.paper.number
            drawn[number] += 1
            self._draw_foot(drawn[number], pages[number])
            super().showPage()
        super().save()

    def _draw_foot(self, page: int, pages: int) -> None:
        company = self.paper.company
        who = " · ".join(filter(None, (company.name, self.paper.company_vat)))
        self.setStrokeColor(RULE)
        self.setLineWidth(0.5)
        self.line(MARGIN, FOOT - 4 * mm, WIDTH - MARGIN, FOOT - 4 * mm)
        self.setFillColor(QUIET)
        self.setFont(REGULAR, 8)
        self.drawString(MARGIN, FOOT - 8 * mm, printable(who))
        self.drawRightString(
            WIDTH - MARGIN, FOOT - 8 * mm, self.paper.page_text(page, pages)
        )
