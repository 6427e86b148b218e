"""The demo's personas (演示角色): functions of 大同区, each an opaque person; nobody real."""

from collections.abc import Mapping
from uuid import UUID

from shared.http.dev_issuer import Persona
from shared.kernel.actors import Grant
from shared.kernel.areas import AreaCode
from shared.kernel.ids import derived_id
from shared.kernel.roles import Role
from shared.workflow import desks

PROVINCE = AreaCode.parse("230000000000")
COUNTY = AreaCode.parse("230606000000")
TOWNSHIP = AreaCode.parse("230606100000")
VILLAGE = AreaCode.parse("230606100205")
FOREIGN_COUNTY = AreaCode.parse("430626000000")

_PEOPLE = UUID("5a1d4c1e-8c0b-5e0e-9a64-7b2f4b1d9c00")


def _persona(name: str, zh: str, en: str, area: AreaCode, *roles: Role) -> Persona:
    return Persona(name, zh, en, derived_id(_PEOPLE, name), tuple(Grant(role, area) for role in roles))


PERSONAS = (
    _persona("finance_clerk", "财政局经办人", "finance clerk", COUNTY, Role.FINANCE_CLERK),
    _persona("finance_reviewer", "财政局审核人", "finance reviewer", COUNTY, Role.FINANCE_REVIEWER),
    _persona("finance_leader", "财政局负责人", "finance leader", COUNTY, Role.FINANCE_LEADER),
    _persona("treasury", "国库支付经办人", "treasury operator", COUNTY, Role.TREASURY),
    _persona("treasury_2", "国库对账人", "treasury reconciler", COUNTY, Role.TREASURY),
    _persona("bureau_clerk", "主管局经办人", "bureau clerk", COUNTY, Role.BUREAU_CLERK),
    _persona("bureau_approver", "主管局审定人", "bureau approver", COUNTY, Role.BUREAU_APPROVER),
    _persona("bureau_leader", "主管局负责人", "bureau leader", COUNTY, Role.BUREAU_LEADER),
    _persona("leading_group", "领导小组办公室", "leading group", COUNTY, Role.LEADING_GROUP),
    _persona("sector_clerk", "行业部门经办人", "sector clerk", COUNTY, Role.SECTOR_CLERK),
    _persona("sector_leader", "行业部门负责人", "sector leader", COUNTY, Role.SECTOR_LEADER),
    _persona("unit", "项目实施单位", "implementing unit", COUNTY, Role.IMPLEMENTING_UNIT),
    _persona("review_centre", "评审中心", "review centre", COUNTY, Role.REVIEW_CENTRE),
    _persona("township_clerk", "乡镇经办人", "township clerk", TOWNSHIP, Role.TOWNSHIP_CLERK),
    _persona("township_leader", "乡镇负责人", "township leader", TOWNSHIP, Role.TOWNSHIP_LEADER),
    _persona("village_committee", "村委会主任", "village committee", VILLAGE, Role.VILLAGE_COMMITTEE),
    _persona("village_committee_2", "村两委成员", "village committee member", VILLAGE, Role.VILLAGE_COMMITTEE),
    _persona("first_secretary", "驻村第一书记", "first secretary", VILLAGE, Role.FIRST_SECRETARY),
    _persona("grid_worker", "网格员", "grid worker", VILLAGE, Role.GRID_WORKER),
    _persona("helper", "帮扶责任人", "helper", VILLAGE, Role.HELPER),
    _persona("village_collective", "村集体经济组织", "village collective", VILLAGE, Role.VILLAGE_COLLECTIVE),
    _persona("household", "农户", "household", VILLAGE, Role.HOUSEHOLD),
    _persona("province", "省级平台", "provincial platform", PROVINCE, Role.PROVINCE_READER),
    _persona("auditor", "审计人员", "auditor", COUNTY, Role.AUDITOR),
    _persona("agency", "订阅单位", "subscribing agency", COUNTY, Role.AGENCY),
    _persona("operator", "平台运维人员", "platform operator", COUNTY, Role.OPERATOR),
    _persona("neighbour", "外县财政局经办人", "finance clerk of another county", FOREIGN_COUNTY, Role.FINANCE_CLERK),
)

ALIASES = {"cadre": "grid_worker"}
"""Names that the README uses for whom to be."""

_TO_READ: Mapping[Role, str] = {
    Role.PROVINCE_READER: "/funds/v1/indicators",
    Role.AGENCY: "/monitoring/v1/comparisons",
    **dict.fromkeys(desks.FIELD | desks.TOWNSHIP | desks.BUREAU, "/monitoring/v1/worklist"),
}


def to_read(persona: Persona) -> str:
    """A path that the persona may read, to begin with."""
    return _TO_READ.get(persona.grants[0].role, "/funds/v1/projects")
