"""The statements behind the thread: one look at the ledger gives every node with its parent and its sums by account."""

# An entry's both lines carry all its dimensions, so a node sums only the accounts that are kept by it.
THREAD = """
WITH moved AS MATERIALIZED (
  SELECT line.indicator_id, line.project_id, line.contract_id, line.payment_id, line.household_line_id, line.account,
         entry.template, sum(line.signed_fen)::bigint AS fen
    FROM ledger_line AS line JOIN ledger_entry AS entry ON entry.id = line.entry_id
   WHERE line.{scope} = $1 GROUP BY 1, 2, 3, 4, 5, 6, 7
), stands AS (
  SELECT indicator_id, project_id, contract_id, payment_id, household_line_id, account, sum(fen)::bigint AS fen
    FROM moved GROUP BY 1, 2, 3, 4, 5, 6
), node AS (
  SELECT 1 AS depth, 'indicator' AS kind, one.id, NULL::uuid AS parent, one.id AS place,
         jsonb_build_object('document_no', document_no, 'title', title, 'level', level, 'category', category,
           'fiscal_year', fiscal_year) AS facts,
         (SELECT jsonb_object_agg(account, fen) FROM (
            SELECT account, sum(fen)::bigint AS fen FROM stands WHERE indicator_id = one.id GROUP BY 1) AS a) AS sums
    FROM indicator AS one WHERE one.id IN (SELECT indicator_id FROM moved)
  UNION ALL
  SELECT 2, 'allocation', line.allocation_id, line.project_id, line.indicator_id,
         jsonb_build_object('posted_on', head.posted_on, 'fen', line.amount_fen), NULL
    FROM allocation_line AS line JOIN allocation AS head ON head.id = line.allocation_id
   WHERE line.{scope} = $1 AND head.posted_on IS NOT NULL
  UNION ALL
  SELECT 3, 'project', one.id, NULL, one.id, jsonb_build_object('name', name, 'state', c.state),
         (SELECT jsonb_object_agg(account, fen) FROM (
            SELECT account, sum(fen)::bigint AS fen FROM stands WHERE project_id = one.id GROUP BY 1) AS a)
    FROM project AS one JOIN case_file AS c ON c.workflow = 'funds.project' AND c.subject_id = one.id
   WHERE one.id IN (SELECT project_id FROM moved)
  UNION ALL
  SELECT 4, 'contract', one.id, one.project_id, one.id,
         jsonb_build_object('number', number, 'title', title, 'state', c.state, 'payee_id', payee_id,
           'payee_name', payee.name),
         (SELECT jsonb_object_agg(account, fen) FROM (
            SELECT account, sum(fen)::bigint AS fen FROM stands
             WHERE contract_id = one.id AND account IN ('1300', '1310', '1500', '1600') GROUP BY 1) AS a)
    FROM contract AS one JOIN case_file AS c ON c.workflow = 'funds.contract' AND c.subject_id = one.id
    JOIN payee ON payee.id = one.payee_id
   WHERE one.id IN (SELECT contract_id FROM moved)
  UNION ALL
  SELECT 5, 'payment', one.id, one.contract_id, one.id,
         jsonb_build_object('stage', one.stage, 'reference', reference, 'state', c.state, 'paid_on', one.paid_on,
           'payee_id', one.payee_id, 'payee_name', payee.name, 'fen', cash_fen, 'line_id', line.id,
           'payee_sealed', encode(line.payee_sealed, 'hex')),
         (SELECT jsonb_build_object(
            'paid', coalesce(sum(fen) FILTER (WHERE template IN ('P08', 'P09') AND account IN ('1500', '1600')), 0),
            'in_transit', coalesce(sum(fen) FILTER (WHERE account = '1400'), 0),
            'refunded', coalesce(sum(fen) FILTER (WHERE template = 'P20' AND account = '1700'), 0))
            FROM moved WHERE payment_id = one.id)
    FROM payment AS one JOIN case_file AS c ON c.workflow = 'funds.payment' AND c.subject_id = one.id
    LEFT JOIN payee ON payee.id = one.payee_id
    LEFT JOIN treasury_line AS line ON line.payment_id = one.id AND one.payee_id IS NULL
   WHERE one.id IN (SELECT payment_id FROM moved)
  UNION ALL
  SELECT 6, 'batch', one.id, one.project_id, one.id,
         jsonb_build_object('number', number, 'policy', policy, 'state', c.state, 'lines', (
           SELECT count(*) FROM household_line_source AS borne JOIN household_line AS line ON line.id = borne.line_id
            WHERE line.batch_id = one.id AND borne.indicator_id IN (SELECT indicator_id FROM moved))),
         (SELECT jsonb_object_agg(account, fen) FROM (
            SELECT account, sum(fen)::bigint AS fen FROM stands
             WHERE payment_id = one.id AND account IN ('1400', '1610', '1700') GROUP BY 1) AS a)
    FROM household_batch AS one JOIN case_file AS c ON c.workflow = 'funds.household_batch' AND c.subject_id = one.id
   WHERE one.id IN (SELECT payment_id FROM moved)
  UNION ALL
  (SELECT 7, 'line', line.id, line.batch_id, borne.indicator_id,
          jsonb_build_object('seq', line.seq, 'household_id', line.household_id, 'person_id', line.person_id,
            'outcome', line.outcome, 'paid_on', line.paid_on, 'period', line.period, 'fen', borne.amount_fen), NULL
     FROM household_line_source AS borne JOIN household_line AS line ON line.id = borne.line_id
    WHERE borne.indicator_id IN (SELECT indicator_id FROM moved)
      AND line.batch_id IN (SELECT payment_id FROM moved)
    ORDER BY line.batch_id, line.seq, borne.indicator_id LIMIT $2)
)
SELECT kind, id, parent, place, facts, sums FROM node ORDER BY depth, id, place"""
"""`place` tells apart rows of one id: the indicator of an allocation's line, or of a household line's part."""

SOURCES = """
SELECT indicator.id AS indicator_id, document_no, title, level, category, moved.fen,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('allocation_id', line.allocation_id, 'posted_on', head.posted_on,
                 'fen', line.amount_fen) ORDER BY line.allocation_id), '[]')
          FROM allocation_line AS line JOIN allocation AS head ON head.id = line.allocation_id
         WHERE line.project_id = moved.project_id AND line.indicator_id = indicator.id
           AND head.posted_on IS NOT NULL) AS allocations
  FROM (SELECT line.indicator_id, line.project_id, sum(line.signed_fen)::bigint AS fen
          FROM ledger_line AS line JOIN ledger_entry AS entry ON entry.id = line.entry_id
         WHERE line.{scope} = $1 AND entry.template IN ('P08', 'P09', 'P16') AND line.account IN ('1500', '1600', '1610')
         GROUP BY 1, 2) AS moved
  JOIN indicator ON indicator.id = moved.indicator_id ORDER BY indicator.id"""
