"""The invariants of a ledger as checks, for any book: L1 balanced, L3 above the floor, L4 kept as folded, trial balance."""

from shared.checks.model import Check, Severity
from shared.ledger.model import NOWHERE, Book


def ledger_checks(book: Book) -> tuple[Check, ...]:
    """The checks of `book`; their ids begin with its name. L2 and L5 have no check: no statement can break them."""
    return (_balanced(book), _above_floor(book), _as_folded(book), _trial_balance(book))


def _balanced(book: Book) -> Check:
    return Check(
        id=f"{book.name}-L1",
        severity=Severity.ERROR,
        subject="ledger_entry",
        zh="分录借贷不平或不完整",
        en="an entry is not balanced for each group, or lines are missing",
        rule="L1",
        select=f"""
SELECT entry.id::text AS subject_key, entry.area_code,
       jsonb_build_object('document', document, 'template', template, 'lines', coalesce(found.lines, 0)) AS facts
  FROM ledger_entry AS entry
  LEFT JOIN (
    SELECT entry_id, sum(lines) AS lines, bool_or(difference <> 0) AS is_off
      FROM (SELECT entry_id, count(*) AS lines, sum(signed_fen) AS difference
              FROM ledger_line GROUP BY entry_id, {book.group}) AS by_group
     GROUP BY entry_id) AS found ON found.entry_id = entry.id
 WHERE (:subject::text IS NULL OR entry.id = :subject::uuid)
   AND (is_off OR found.lines IS DISTINCT FROM entry.line_count)""",  # noqa: S608  names of the book
    )


def _above_floor(book: Book) -> Check:
    return Check(
        id=f"{book.name}-L3",
        severity=Severity.ERROR,
        subject="ledger_balance",
        zh="科目余额低于下限",
        en="a balance is below the floor of its account",
        rule="L3",
        select=f"""
SELECT {_key(book, "kept")} AS subject_key, area_code,
       jsonb_build_object('amount_fen', amount_fen, 'floor_fen', greatest(kept.floor_fen, declared.floor_fen)) AS facts
  FROM ledger_balance AS kept JOIN {_accounts(book)} ON declared.code = kept.account
 WHERE (:subject::text IS NULL OR kept.{book.group} = split_part(:subject, '/', 2)::uuid)
   AND amount_fen < greatest(kept.floor_fen, declared.floor_fen)""",  # noqa: S608  names of the book
    )


def _as_folded(book: Book) -> Check:
    dimensions = "".join(
        f"CASE WHEN keeps_{name} THEN coalesce({name}, '{NOWHERE}') ELSE '{NOWHERE}' END AS {name}, "
        for name in book.dimensions
    )
    columns = ", ".join(["area_code", "account", book.group, *book.dimensions, "fiscal_year"])
    return Check(
        id=f"{book.name}-L4",
        severity=Severity.ERROR,
        subject="ledger_balance",
        zh="余额与分录汇总不符",
        en="a kept balance differs from the sum of its lines",
        rule="L4",
        select=f"""
WITH posted AS (
  SELECT area_code, account, {book.group}, {dimensions}fiscal_year, signed_fen * coalesce(declared.normal, 0) AS fen
    FROM ledger_line AS line LEFT JOIN {_accounts(book)} ON declared.code = line.account
   WHERE (:subject::text IS NULL OR {book.group} = split_part(:subject, '/', 2)::uuid)
), folded AS (
  SELECT {columns}, sum(fen) AS fen FROM posted GROUP BY {columns}
), kept AS (
  SELECT {columns}, amount_fen FROM ledger_balance
   WHERE (:subject::text IS NULL OR {book.group} = split_part(:subject, '/', 2)::uuid)
)
SELECT {_key(book, "both_sides")} AS subject_key, area_code,
       jsonb_build_object('kept_fen', amount_fen, 'folded_fen', fen) AS facts
  FROM (SELECT * FROM folded FULL JOIN kept USING ({columns})) AS both_sides
 WHERE fen IS DISTINCT FROM amount_fen""",  # noqa: S608  names of the book
    )


def _trial_balance(book: Book) -> Check:
    return Check(
        id=f"{book.name}-trial-balance",
        severity=Severity.ERROR,
        subject=book.group,
        zh="试算不平衡",
        en="the balances of a group do not add up to zero",
        rule="L1",
        select=f"""
SELECT concat_ws('/', area_code, {book.group}) AS subject_key, area_code,
       jsonb_build_object('difference_fen', sum(amount_fen * declared.normal)) AS facts
  FROM ledger_balance AS kept LEFT JOIN {_accounts(book)} ON declared.code = kept.account
 WHERE (:subject::text IS NULL OR {book.group} = split_part(:subject, '/', 2)::uuid)
 GROUP BY area_code, {book.group}
HAVING sum(amount_fen * declared.normal) IS DISTINCT FROM 0""",  # noqa: S608  names of the book
    )


def _key(book: Book, table: str) -> str:
    """The subject key of one balance: area, group, account, fiscal year, dimensions."""
    names = ["area_code", book.group, "account", "fiscal_year", *book.dimensions]
    return f"concat_ws('/', {', '.join(f'{table}.{name}' for name in names)})"


def _accounts(book: Book) -> str:
    """The declared accounts as rows."""
    rows = ", ".join(
        f"('{account.code}', {int(account.normal)}, {'NULL' if account.floor is None else account.floor}::bigint"
        f"{''.join(f', {str(keeps).lower()}' for keeps in book.kept(account.code))})"
        for account in book.accounts
    )
    flags = "".join(f", keeps_{name}" for name in book.dimensions)
    return f"(VALUES {rows}) AS declared(code, normal, floor_fen{flags})"
