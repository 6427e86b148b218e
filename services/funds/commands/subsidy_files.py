"""Turns an uploaded file into text."""

from shared.sheets.files import text_in


def decoded(body: bytes) -> str:
    """The text of a CSV file in UTF-8 or GB18030, or of a workbook's first sheet; raises Invalid."""
    return text_in(body)
