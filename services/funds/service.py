"""The declaration of funds: what the service consists of, and nothing else."""

from services.funds.api import adjustment as adjustment_routes
from services.funds.api import alerts as alert_routes
from services.funds.api import bank_messages as bank_message_routes
from services.funds.api import bulletins as known_bulletin_routes
from services.funds.api import complaints as complaint_routes
from services.funds.api import disclosures as disclosure_routes
from services.funds.api import evaluations as evaluation_routes
from services.funds.api import factors as factor_routes
from services.funds.api import goals as goal_routes
from services.funds.api import indicator_papers as indicator_paper_routes
from services.funds.api import indicators as indicator_routes
from services.funds.api import library_imports as library_import_routes
from services.funds.api import payee_marks as payee_mark_routes
from services.funds.api import payments as payment_routes
from services.funds.api import plans as plan_routes
from services.funds.api import progress as progress_routes
from services.funds.api import project_contacts as project_contact_routes
from services.funds.api import projects as project_routes
from services.funds.api import public as public_routes
from services.funds.api import regimes as regime_routes
from services.funds.api import reserve as reserve_routes
from services.funds.api import rules as rule_routes
from services.funds.api import subsidies as subsidy_routes
from services.funds.api import supervision_reports as supervision_report_routes
from services.funds.api import thread as thread_routes
from services.funds.api import treasury as treasury_routes
from services.funds.bulk.seed import seed
from services.funds.checks.disclosure import DISCLOSURE_CHECKS
from services.funds.checks.indicators import INDICATOR_CHECKS
from services.funds.checks.invariants import INVARIANTS, LEDGER_INVARIANTS
from services.funds.checks.invariants_beyond import BEYOND_LEDGER
from services.funds.checks.library import LIBRARY_CHECKS
from services.funds.checks.performance import PERFORMANCE_CHECKS
from services.funds.checks.supervision import WARNINGS
from services.funds.checks.warnings_treasury import SPEAKING
from services.funds.commands import (
    alerts,
    allocations,
    bank_messages,
    bulletins,
    carry_over,
    complaints,
    consumption,
    contracts,
    decompositions,
    disclosures,
    evaluations,
    factors,
    goals,
    indicator_changes,
    indicator_recoveries,
    indicators,
    integration_plans,
    library_imports,
    library_publications,
    payee_marks,
    payees,
    payments,
    plans,
    progress,
    project_contacts,
    projects,
    public_queries,
    recoveries,
    refunds,
    reserve,
    rule_versions,
    settlements,
    site_reports,
    subsidies,
    subsidy_results,
    supervision_facts,
    supervision_reports,
    treasury_imports,
    treasury_lines,
)
from services.funds.commands.alert_runs import follow_findings
from services.funds.parameters.disclosure import DISCLOSURE_PARAMETERS
from services.funds.parameters.indicators import INDICATOR_PARAMETERS
from services.funds.parameters.library import LIBRARY_PARAMETERS
from services.funds.parameters.payments import PAYMENT_PARAMETERS
from services.funds.parameters.performance import PERFORMANCE_PARAMETERS
from services.funds.parameters.supervision import SUPERVISION_PARAMETERS
from services.funds.parameters.thresholds import CONTROL_PARAMETERS
from services.funds.parameters.treasury import TREASURY_PARAMETERS
from services.funds.queries.adjustment_report import ADJUSTMENT_REPORT
from services.funds.queries.bulletins import BULLETIN_REPORTS
from services.funds.queries.consumption import CONSUMPTION_REPORT
from services.funds.queries.library_reports import LIBRARY_REPORTS
from services.funds.queries.performance import PERFORMANCE_REPORT
from services.funds.queries.progress import PROGRESS_REPORT
from services.funds.queries.thresholds import CONTROL_REPORT
from services.funds.queries.tracing import TRACEABILITY_REPORT
from services.funds.reactions import REACTIONS
from services.funds.tables.base import Base
from shared.http import bulletin_routes
from shared.runtime.service import Service

SERVICE = Service(
    name="funds",
    zh="资金与项目",
    metadata=Base.metadata,
    handlers={
        **indicators.HANDLERS,
        **decompositions.HANDLERS,
        **indicator_changes.HANDLERS,
        **indicator_recoveries.HANDLERS,
        **carry_over.HANDLERS,
        **factors.HANDLERS,
        **integration_plans.HANDLERS,
        **consumption.HANDLERS,
        **projects.HANDLERS,
        **project_contacts.HANDLERS,
        **library_imports.HANDLERS,
        **library_publications.HANDLERS,
        **reserve.HANDLERS,
        **rule_versions.HANDLERS,
        **plans.HANDLERS,
        **allocations.HANDLERS,
        **payees.HANDLERS,
        **payee_marks.HANDLERS,
        **contracts.HANDLERS,
        **payments.HANDLERS,
        **bank_messages.HANDLERS,
        **settlements.HANDLERS,
        **refunds.HANDLERS,
        **treasury_imports.handlers(SPEAKING),
        **treasury_lines.handlers(SPEAKING),
        **subsidies.HANDLERS,
        **subsidy_results.HANDLERS,
        **recoveries.HANDLERS,
        **supervision_facts.HANDLERS,
        **progress.HANDLERS,
        **supervision_reports.HANDLERS,
        **site_reports.HANDLERS,
        **goals.HANDLERS,
        **evaluations.HANDLERS,
        **disclosures.HANDLERS,
        **public_queries.HANDLERS,
        **complaints.HANDLERS,
        **bulletins.HANDLERS,
    },
    bindings=(
        indicators.INDICATOR_BINDING,
        decompositions.DECOMPOSITION_BINDING,
        indicator_changes.CHANGE_BINDING,
        indicator_recoveries.RECOVERY_BINDING,
        factors.SCHEME_BINDING,
        integration_plans.INTEGRATION_BINDING,
        projects.PROJECT_BINDING,
        plans.PLAN_BINDING,
        allocations.ALLOCATION_BINDING,
        contracts.CONTRACT_BINDING,
        payments.PAYMENT_BINDING,
        subsidies.BATCH_BINDING,
        alerts.ALERT_BINDING,
        goals.GOAL_BINDING,
        evaluations.EVALUATION_BINDING,
        complaints.COMPLAINT_BINDING,
    ),
    parameters=(
        *DISCLOSURE_PARAMETERS,
        *INDICATOR_PARAMETERS,
        *LIBRARY_PARAMETERS,
        *PAYMENT_PARAMETERS,
        *PERFORMANCE_PARAMETERS,
        *SUPERVISION_PARAMETERS,
        *TREASURY_PARAMETERS,
        *CONTROL_PARAMETERS,
    ),
    routers=(
        indicator_routes.router,
        indicator_paper_routes.router,
        factor_routes.router,
        regime_routes.router,
        project_routes.router,
        project_contact_routes.router,
        library_import_routes.router,
        reserve_routes.router,
        adjustment_routes.router,
        rule_routes.router,
        plan_routes.router,
        payment_routes.router,
        payee_mark_routes.router,
        bank_message_routes.router,
        treasury_routes.router,
        subsidy_routes.router,
        thread_routes.router,
        progress_routes.router,
        bulletin_routes.router,
        alert_routes.router,
        supervision_report_routes.router,
        goal_routes.router,
        evaluation_routes.router,
        disclosure_routes.router,
        complaint_routes.router,
        known_bulletin_routes.router,
        public_routes.router,
    ),
    reactions=REACTIONS,
    checks=(
        *LEDGER_INVARIANTS,
        *INDICATOR_CHECKS,
        *INVARIANTS,
        *WARNINGS,
        *PERFORMANCE_CHECKS,
        *DISCLOSURE_CHECKS,
        *BEYOND_LEDGER,
        *LIBRARY_CHECKS,
    ),
    reports=(
        *LIBRARY_REPORTS,
        ADJUSTMENT_REPORT,
        PROGRESS_REPORT,
        PERFORMANCE_REPORT,
        CONTROL_REPORT,
        CONSUMPTION_REPORT,
        TRACEABILITY_REPORT,
        *BULLETIN_REPORTS,
    ),
    bulletins=bulletins.CHECKERS,
    follow_up=follow_findings,
    seed=seed,
    sweeps=(progress.sweep_progress,),
)
