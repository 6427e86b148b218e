"""The roles of the field (domain-funds-assets §1.5, domain-monitoring §1.7); a grant gives one of them in one area."""

from enum import StrEnum


class Role(StrEnum):
    """What a person may be; names of bureaus change by year, these functions do not."""

    HOUSEHOLD = "household"
    GRID_WORKER = "grid_worker"
    VILLAGE_COMMITTEE = "village_committee"
    FIRST_SECRETARY = "first_secretary"
    HELPER = "helper"
    VILLAGE_COLLECTIVE = "village_collective"
    TOWNSHIP_CLERK = "township_clerk"
    TOWNSHIP_LEADER = "township_leader"
    SECTOR_CLERK = "sector_clerk"
    SECTOR_LEADER = "sector_leader"
    BUREAU_CLERK = "bureau_clerk"
    BUREAU_APPROVER = "bureau_approver"
    BUREAU_LEADER = "bureau_leader"
    FINANCE_CLERK = "finance_clerk"
    FINANCE_REVIEWER = "finance_reviewer"
    FINANCE_LEADER = "finance_leader"
    TREASURY = "treasury"
    LEADING_GROUP = "leading_group"
    IMPLEMENTING_UNIT = "implementing_unit"
    REVIEW_CENTRE = "review_centre"
    PROVINCE_READER = "province_reader"
    AUDITOR = "auditor"
    AGENCY = "agency"
    OPERATOR = "operator"
    SYSTEM = "system"


ROLE_NAMES: dict[Role, str] = {
    Role.HOUSEHOLD: "农户",
    Role.GRID_WORKER: "网格员",
    Role.VILLAGE_COMMITTEE: "村两委",
    Role.FIRST_SECRETARY: "驻村第一书记",
    Role.HELPER: "帮扶责任人",
    Role.VILLAGE_COLLECTIVE: "村集体经济组织",
    Role.TOWNSHIP_CLERK: "乡镇经办人",
    Role.TOWNSHIP_LEADER: "乡镇负责人",
    Role.SECTOR_CLERK: "行业部门经办人",
    Role.SECTOR_LEADER: "行业部门负责人",
    Role.BUREAU_CLERK: "县级主管局经办人",
    Role.BUREAU_APPROVER: "县级主管局审定人",
    Role.BUREAU_LEADER: "县级主管局负责人",
    Role.FINANCE_CLERK: "财政局经办人",
    Role.FINANCE_REVIEWER: "财政局审核人",
    Role.FINANCE_LEADER: "财政局负责人",
    Role.TREASURY: "国库支付经办人",
    Role.LEADING_GROUP: "领导小组",
    Role.IMPLEMENTING_UNIT: "项目实施单位",
    Role.REVIEW_CENTRE: "评审中心",
    Role.PROVINCE_READER: "省市查询人",
    Role.AUDITOR: "审计人员",
    Role.AGENCY: "订阅单位",
    Role.OPERATOR: "平台运维人员",
    Role.SYSTEM: "系统",
}
