// 代码的中英文说法，只列本页用到的。 / Words for the codes that this page shows; an unknown code is shown as it is.

const WORDS = {
  // levels of government
  central: ["中央", "central"],
  provincial: ["省级", "provincial"],
  city: ["市级", "city"],
  county: ["县级", "county"],
  other: ["其他", "other"],
  // stages of payments
  advance: ["预付款", "advance"],
  progress: ["进度款", "progress"],
  balance: ["尾款", "balance"],
  retention: ["质保金", "retention"],
  // classes of assets, kinds of receipts
  operating: ["经营性资产", "operating"],
  public_welfare: ["公益性资产", "public welfare"],
  household: ["到户类", "household"],
  rent: ["租金", "rent"],
  // income of households
  wage: ["工资性收入", "wage"],
  business: ["生产经营性收入", "business"],
  property: ["财产性收入", "property"],
  transfer: ["转移性收入", "transfer"],
  // parts of a distribution
  "part.collective": ["集体积累", "collective"],
  "part.public_posts": ["公益岗位", "public posts"],
  "part.small_works": ["小型公益事业", "small works"],
  "part.awards": ["奖励补助", "awards"],
  "part.household": ["农户差异化分配", "households"],
  // states
  DRAFT: ["草稿", "draft"],
  REGISTERED: ["已备案", "registered"],
  ACTIVE: ["履行中", "active"],
  RETENTION: ["质保期", "retention period"],
  SETTLED_WITH_CLAIM: ["已结算待退款", "settled, refund claimed"],
  TERMINATED: ["已解除", "terminated"],
  OVERDUE: ["租金逾期", "overdue"],
  SUBMITTED: ["已申请", "submitted"],
  APPROVED: ["已审批", "approved"],
  IN_LIBRARY: ["已入库", "in the library"],
  PLANNED: ["已列入计划", "planned"],
  FUNDED: ["资金已下达", "funded"],
  IMPLEMENTING: ["实施中", "under way"],
  COMPLETED: ["已完工", "completed"],
  ACCEPTED: ["已验收", "accepted"],
  SETTLED: ["已结算", "settled"],
  CLOSED: ["已办结", "closed"],
  PENDING: ["待办", "pending"],
  PUBLICITY: ["公示中", "published"],
  CONFIRMED: ["已确权", "right confirmed"],
  HANDED_OVER: ["已移交", "handed over"],
  BOOKED: ["已移交入账", "handed over, booked"],
  PAID: ["已到账", "paid"],
  RECONCILED: ["已支付并对账", "paid, reconciled"],
  INSTRUCTED: ["已发支付指令", "instructed"],
  FAILED: ["退票", "failed"],
};

/** A code in both languages, as one line of text. */
export function word(code) {
  const known = WORDS[code];
  return known ? `${known[0]} ${known[1]}` : String(code);
}
