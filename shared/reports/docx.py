"""A printed report as a circular (通报) for A4: title, paragraphs, table, foot, then what explains it; on its side when wide."""

import io

from docx import Document
from docx.document import Document as Paper
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import _Row
from docx.text.paragraph import Paragraph

from shared.reports.printed import Printed, PrintedTable

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_BODY, _TITLE = "仿宋", "方正小标宋简体"
_WIDE = 8
"""From so many columns on the sheet lies on its side."""


def circular(paper: Printed) -> bytes:
    """The document's bytes."""
    document = Document()
    _sheet(document, wide=len(paper.visible) >= _WIDE)
    _above(document, paper, size=22)
    _words(document.add_paragraph(), paper.under_title, size=11)
    _table(document, paper, ["合计", *paper.texts(paper.total)[1:]])
    if paper.foot:
        _words(document.add_paragraph(), paper.foot, size=11)
    for annex in paper.annexes:
        _above(document, annex, size=16)
        if annex.rows:
            _table(document, annex)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _sheet(document: Paper, *, wide: bool) -> None:
    section = document.sections[0]
    long, short = Cm(29.7), Cm(21)
    section.page_width, section.page_height = (long, short) if wide else (short, long)
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.left_margin = section.right_margin = Cm(2)


def _above(document: Paper, paper: PrintedTable, *, size: float) -> None:
    _words(document.add_paragraph(), paper.title, size=size, font=_TITLE).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text in paper.paragraphs:
        words = _words(document.add_paragraph(), text, size=16)
        words.paragraph_format.first_line_indent = Pt(32)


def _table(document: Paper, paper: PrintedTable, *last: list[str]) -> None:
    table = document.add_table(rows=1, cols=len(paper.visible), style="Table Grid")
    _fill(table.rows[0], paper.headings)
    for texts in (*map(paper.texts, paper.rows), *last):
        _fill(table.add_row(), texts)


def _fill(row: _Row, texts: list[str]) -> None:
    for cell, text in zip(row.cells, texts, strict=True):
        _words(cell.paragraphs[0], text, size=10.5).alignment = WD_ALIGN_PARAGRAPH.CENTER


def _words(paragraph: Paragraph, text: str, *, size: float, font: str = _BODY) -> Paragraph:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.font.name = font
    # Word takes Chinese characters from a font of their own.
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)  # noqa: SLF001
    return paragraph
