"""The file of one printed order, or of several one after another."""

from collections.abc import Iterable
from io import BytesIO

from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    NextPageTemplate,
    PageBreak,
)

from procurement.documents.paper.content import OrderPaper, order_paper
from procurement.documents.paper.pages import NumberedCanvas, page_templates
from procurement.documents.paper.parts import body_of
from procurement.orders.models import PurchaseOrder


def orders_pdf(orders: Iterable[PurchaseOrder]) -> bytes:
    """One PDF; every order begins on a page of its own, counted from 1.

    The same orders give the same bytes, so that two prints can be compared.

    Args:
        orders: one or more, each with supplier, buyer and lines read.
    """
    papers = [order_paper(order) for order in orders]
    first = papers[0]
    file = BytesIO()
    document = BaseDocTemplate(
        file,
        pageTemplates=[each for paper in papers for each in page_templates(paper)],
        title=" ".join((first.title, *(paper.number for paper in papers))),
        author=first.company.name,
        subject=first.title,
        creator=first.company.name,
        lang=first.language,
        invariant=1,
    )
    document.build(_story(papers), canvasmaker=NumberedCanvas)
    return file.getvalue()


def _story(papers: Iterable[OrderPaper]) -> list[Flowable]:
    story: list[Flowable] = []
    for paper in papers:
        if story:
            story += [NextPageTemplate(f"{paper.number} first"), PageBreak()]
        story += body_of(paper)
    return story
