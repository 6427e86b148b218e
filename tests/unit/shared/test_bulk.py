"""Rows packed for COPY are byte for byte what the server's own binary form holds."""

from datetime import date
from itertools import repeat

from shared.db.bulk import RowForm, day_number, rows_done

FORM = RowForm("t", {"a": "uuid", "b": "int4", "c": "int8", "d": "date", "e": "index"}, ("f", "g"))


def test_a_row_is_packed_field_by_field_with_lengths_in_network_order() -> None:
    row = FORM.pack((b"i" * 16, 7, 2**40, day_number(date(2000, 1, 3)), b"x" * 16), ("张".encode(), b""))
    fields = [b"i" * 16, (7).to_bytes(4), (2**40).to_bytes(8), (2).to_bytes(4), b"x" * 16, "张".encode(), b""]
    assert row == (7).to_bytes(2) + b"".join(len(field).to_bytes(4) + field for field in fields)
    assert FORM.columns == ("a", "b", "c", "d", "e", "f", "g")


def test_rows_stand_between_signature_and_end() -> None:
    content = FORM.join([b"one", b"two"])
    assert content.startswith(b"PGCOPY\n\xff\r\n\0")
    assert content[19:] == b"onetwo\xff\xff"


def test_rows_of_one_form_do_not_share_anything() -> None:
    first, second = FORM.pack((b"a" * 16, 1, 1, 1, b"a" * 16), ()), FORM.pack((b"b" * 16, 2, 2, 2, b"b" * 16), ())
    assert first != second
    assert FORM.pack((b"a" * 16, 1, 1, 1, b"a" * 16), ()) == first


def test_rows_given_column_by_column_are_the_same() -> None:
    columns = ([b"i" * 16, b"j" * 16], [1, -2], [3, 2**40], [5, 6], repeat(b"x" * 16)), ([b"", b"yy"], [b"z", b""])
    one, other = FORM.pack_columns(*columns)
    assert one == FORM.pack((b"i" * 16, 1, 3, 5, b"x" * 16), (b"", b"z"))
    assert other == FORM.pack((b"j" * 16, -2, 2**40, 6, b"x" * 16), (b"yy", b""))


def test_what_a_statement_touched_is_read_from_its_status() -> None:
    assert (rows_done("INSERT 0 12"), rows_done("DELETE 3")) == (12, 3)
