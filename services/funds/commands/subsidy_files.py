"""Turns an uploaded file into text."""

from services.funds.bulk import household_files


def decoded(body: bytes) -> str:
    """The text of a file in UTF-8 or GB18030; raises Invalid."""
    return household_files.decoded(body)
