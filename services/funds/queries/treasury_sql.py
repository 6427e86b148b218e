"""The statements behind the treasury's lists: candidates of a line, what is due and unpaid, and how indicators compare."""

CANDIDATES = """
WITH line AS (
  SELECT *, translate(normalize(contract_no, NFKC), '[]【】 ', '〔〕〔〕') AS number_key FROM treasury_line WHERE id = $1
), bound AS (
  SELECT kept.contract_id, sum(kept.amount_fen)::bigint AS fen, array_agg(DISTINCT indicator.document_no) AS documents
    FROM ledger_balance AS kept JOIN indicator ON indicator.id = kept.indicator_id JOIN line ON kept.area_code = line.area_code
   WHERE kept.account IN ('1300', '1310') AND kept.amount_fen > 0
   GROUP BY kept.contract_id
), judged AS (
  SELECT contract.id AS contract_id, number, title, payee.name AS payee_name, coalesce(fen, 0) AS bound,
         greatest(certified_fen - worked_fen - recouped_fen + refunded_fen, 0) AS due,
         line.contract_no <> '' AND translate(normalize(number, NFKC), '[]【】 ', '〔〕〔〕') = number_key AS same_number,
         coalesce(contract.payee_id = line.payee_id, false) AS same_payee,
         coalesce(line.document_no = ANY(documents), false) AS same_document,
         line.amount_fen IN (coalesce(fen, 0), certified_fen - worked_fen - recouped_fen + refunded_fen) AS same_amount
    FROM line JOIN contract ON contract.county_code = line.area_code
    JOIN payee ON payee.id = contract.payee_id
    JOIN case_file AS c ON c.workflow = 'funds.contract' AND c.subject_id = contract.id
    LEFT JOIN bound ON bound.contract_id = contract.id
   WHERE c.state NOT IN ('CLOSED', 'CANCELLED')
)
SELECT * FROM judged WHERE same_number OR same_payee OR same_document OR same_amount
 ORDER BY 4 * same_number::int + 3 * same_payee::int + 2 * same_document::int + same_amount::int DESC, contract_id LIMIT 10"""
