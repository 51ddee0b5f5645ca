//! The dashboards: one question each.

use super::dashboard::Unit::{Bytes, Count, Days, PerSecond, Percent, Seconds};
use super::dashboard::{Dashboard, Panel};

pub(crate) fn all() -> Vec<Dashboard> {
    vec![health(), time(), throttling(), tenants(), sessions(), node(), security()]
}

fn health() -> Dashboard {
    Dashboard {
        uid: "health",
        question: "is it healthy?",
        rows: vec![
            vec![
                Panel::number("Good calls, 30 days", Percent, "The objective is 99.9 %. Calls that failed through no fault of the caller or of Microsoft 365 count against it.")
                    .query("good", "1 - connector:bad_calls:ratio_rate30d"),
                Panel::number("Burn rate, 1 hour", Count, "1 spends the month's budget in a month, 14.4 in two days. Above 14.4 somebody is called.")
                    .query("burn", "connector:bad_calls:ratio_rate1h / 0.001"),
                Panel::number("Nodes", Count, "How many processes are scraped, and of which builds.")
                    .query("{{service_version}}", "sum by (service_version) (connector_build_info_ratio)"),
                Panel::number("Calls in progress", Count, "Compare with the permits below.")
                    .query("calls", "sum(connector_calls_active{instance=~\"$instance\"})"),
            ],
            vec![
                Panel::lines("Calls by how they ended", PerSecond, "Failures are errors that the model was told of; refusals are policy and limits.")
                    .query("{{outcome}}", "sum by (outcome) (rate(connector_tenant_calls_total{instance=~\"$instance\"}[$__rate_interval]))"),
                Panel::lines("Error budget burn", Count, "Both windows of a pair must be above its line before an alert fires: 1 hour and 5 minutes above 14.4, 6 hours and 30 minutes above 6, 3 days and 6 hours above 1.")
                    .query("5 minutes", "connector:bad_calls:ratio_rate5m / 0.001")
                    .query("30 minutes", "connector:bad_calls:ratio_rate30m / 0.001")
                    .query("1 hour", "connector:bad_calls:ratio_rate1h / 0.001")
                    .query("6 hours", "connector:bad_calls:ratio_rate6h / 0.001")
                    .query("3 days", "connector:bad_calls:ratio_rate3d / 0.001"),
            ],
            vec![
                Panel::lines("Duration of tool calls", Seconds, "With Graph's own time in it. See the next question for whose time it is.")
                    .query("median", "histogram_quantile(0.5, sum by (le) (rate(mcp_server_operation_duration_seconds_bucket{instance=~\"$instance\", mcp_method_name=\"tools/call\"}[$__rate_interval])))")
                    .query("99 %", "histogram_quantile(0.99, sum by (le) (rate(mcp_server_operation_duration_seconds_bucket{instance=~\"$instance\", mcp_method_name=\"tools/call\"}[$__rate_interval])))"),
                Panel::lines("Errors by kind", PerSecond, "What the callers were told. JSON-RPC -32603 and what is said of the connector's own set-up (`credential_refused`, `misconfigured`, ...) are ours to look at, `unavailable` and `deadline_exceeded` where they last.")
                    .query("{{connector_error_code}}", "sum by (connector_error_code) (rate(connector_calls_failed_total{instance=~\"$instance\"}[$__rate_interval]))"),
            ],
            vec![
                Panel::lines("Turned away before they were calls", PerSecond, "`overloaded` and `tenant_busy` are load, `token_missing` is how every client begins.")
                    .query("{{reason}}", "sum by (reason) (rate(connector_calls_refused_total{instance=~\"$instance\"}[$__rate_interval]))"),
                Panel::lines("Permits left", Count, "At zero, calls are shed with 503.")
                    .query("{{scope}} of {{instance}}", "connector_permits_free{instance=~\"$instance\"}"),
            ],
        ],
    }
}

fn time() -> Dashboard {
    Dashboard {
        uid: "time",
        question: "where is the time?",
        rows: vec![
            vec![
                Panel::stacked("A mean call, part by part", Seconds, "Own code, waiting for a place in the session, for Entra, at the gate (those included who were refused there), for Graph. Own code should stay below a millisecond.")
                    .query("{{call_phase}}", "sum by (call_phase) (rate(connector_call_phase_duration_seconds_sum{instance=~\"$instance\"}[$__rate_interval])) / scalar(sum(rate(mcp_server_operation_duration_seconds_count{instance=~\"$instance\"}[$__rate_interval])))"),
                Panel::lines("Own time", Seconds, "All that was no wait for a place in the session, for Entra, at the gate or for Graph. Growing with load, it is a lack of processors.")
                    .query("median", "histogram_quantile(0.5, sum by (le) (rate(connector_call_phase_duration_seconds_bucket{instance=~\"$instance\", call_phase=\"own\"}[$__rate_interval])))")
                    .query("99 %", "histogram_quantile(0.99, sum by (le) (rate(connector_call_phase_duration_seconds_bucket{instance=~\"$instance\", call_phase=\"own\"}[$__rate_interval])))"),
            ],
            vec![
                Panel::lines("Graph by workload, 95 %", Seconds, "One request, without its wait at the gate.")
                    .query("{{graph_workload}}", "histogram_quantile(0.95, sum by (le, graph_workload) (rate(http_client_request_duration_seconds_bucket{instance=~\"$instance\"}[$__rate_interval])))"),
                Panel::lines("Exchanges with Entra, 95 %", Seconds, "Only a cold session or a renewal pays this.")
                    .query("{{outcome}}", "histogram_quantile(0.95, sum by (le, outcome) (rate(connector_exchange_duration_seconds_bucket{instance=~\"$instance\"}[$__rate_interval])))"),
            ],
            vec![
                Panel::bars("Slowest tools, 95 % of 5 minutes", Seconds, "From the first byte to the answer.")
                    .query("{{gen_ai_tool_name}}", "topk(6, histogram_quantile(0.95, sum by (le, gen_ai_tool_name) (rate(mcp_server_operation_duration_seconds_bucket{instance=~\"$instance\", gen_ai_tool_name!=\"\"}[5m]))))"),
                Panel::lines("Requests to Graph per call", Count, "More than a tool's figure in docs/TOOLS.md means retries.")
                    .query("requests", "sum(rate(http_client_request_duration_seconds_count{instance=~\"$instance\"}[$__rate_interval])) / sum(rate(mcp_server_operation_duration_seconds_count{instance=~\"$instance\", mcp_method_name=\"tools/call\"}[$__rate_interval]))"),
            ],
        ],
    }
}

fn throttling() -> Dashboard {
    Dashboard {
        uid: "throttling",
        question: "who is throttled, and why?",
        rows: vec![
            vec![
                Panel::lines("429 from Graph", PerSecond, "Items of batches, too. Each was learned by the gate. Some are the price of using a limit to the full.")
                    .query("{{graph_workload}}", "sum by (graph_workload) (rate(connector_graph_refusals_total{instance=~\"$instance\", http_response_status_code=\"429\"}[$__rate_interval]))"),
                Panel::lines("Share of requests answered 429", Percent, "Items of batches, too, against HTTP requests. Above half a percent, the gate knows a limit too late.")
                    .query("{{graph_workload}}", "sum by (graph_workload) (rate(connector_graph_refusals_total{instance=~\"$instance\", http_response_status_code=\"429\"}[$__rate_interval])) / sum by (graph_workload) (rate(http_client_request_duration_seconds_count{instance=~\"$instance\"}[$__rate_interval]))"),
            ],
            vec![
                Panel::lines("Tenants whom Graph throttles most", PerSecond, "Answers 429 by tenant. One alone has somebody who works through much, or another application beside ours.")
                    .query("{{tenant}}", "topk(10, sum by (tenant) (rate(connector_tenant_throttled_total{instance=~\"$instance\", outcome=\"by_graph\"}[$__rate_interval])))"),
                Panel::lines("Tenants whom the gate stops most", PerSecond, "No limit has room for these in time. Which users: the tenant's audit records with `throttled`.")
                    .query("{{tenant}}", "topk(10, sum by (tenant) (rate(connector_tenant_throttled_total{instance=~\"$instance\", outcome=\"at_gate\"}[$__rate_interval])))"),
            ],
            vec![
                Panel::lines("Refused at the gate", PerSecond, "The wait would have outlasted the call, which was told how long to wait.")
                    .query("{{graph_workload}}: {{throttle_limit}}", "sum by (graph_workload, throttle_limit) (rate(connector_gate_refusals_total{instance=~\"$instance\"}[$__rate_interval]))"),
                Panel::lines("Requests that had to wait", PerSecond, "By the limit that stood in the way last. Most requests wait for nothing, and are not shown.")
                    .query("{{graph_workload}}: {{throttle_limit}}", "sum by (graph_workload, throttle_limit) (rate(connector_gate_wait_duration_seconds_count{instance=~\"$instance\", throttle_limit!=\"none\"}[$__rate_interval]))"),
            ],
            vec![
                Panel::lines("How long they waited, 95 %", Seconds, "Those that were sent, at the gate and after a failure of the attempt before.")
                    .query("{{graph_workload}}: {{throttle_limit}}", "histogram_quantile(0.95, sum by (le, graph_workload, throttle_limit) (rate(connector_gate_wait_duration_seconds_bucket{instance=~\"$instance\", throttle_limit!=\"none\"}[$__rate_interval])))"),
                Panel::lines("Refusals by Graph", PerSecond, "Each attempt for itself, by status; the log has the codes. What callers were told is on the first dashboard.")
                    .query("{{graph_workload}} {{http_response_status_code}}", "sum by (graph_workload, http_response_status_code) (rate(connector_graph_refusals_total{instance=~\"$instance\"}[$__rate_interval]))"),
            ],
            vec![
                Panel::lines("Retries", PerSecond, "`no_budget`: a tenant has repeated a fifth of its requests already, and the first failure stands.")
                    .query("{{outcome}}", "sum by (outcome) (rate(connector_graph_retries_total{instance=~\"$instance\"}[$__rate_interval]))"),
                Panel::lines("Tenants that have no retry left", Count, "Many at once: Graph is in trouble. One: look at what it asks for.")
                    .query("{{instance}}", "connector_tenants{instance=~\"$instance\", state=\"without_retries\"}"),
                Panel::lines("Tenants that repeat most", PerSecond, "What each has spent of its retries.")
                    .query("{{tenant}}", "topk(10, sum by (tenant) (rate(connector_tenant_retries_total{instance=~\"$instance\", outcome=\"made\"}[$__rate_interval])))"),
            ],
            vec![
                Panel::lines("Retries left, of those who have least", Count, "How often each may ask again now, at most 100. A tenant at 0 gets the first failure.")
                    .query("{{tenant}}", "bottomk(10, min by (tenant) (connector_tenant_retries_left{instance=~\"$instance\"}))"),
                Panel::lines("Keys that the gate remembers", Count, "Follows the users who work, and falls when they stop.")
                    .query("{{instance}}", "connector_gate_keys{instance=~\"$instance\"}"),
            ],
            vec![
                Panel::lines("Services that are left alone", Count, "Nodes whose breaker is open, or trying with three requests whether the service is back. Above 0, it fails for most tenants.")
                    .query("{{graph_workload}} at {{server_address}}: {{state}}", "sum by (server_address, graph_workload, state) (connector_gate_breakers{instance=~\"$instance\", state!=\"closed\"})"),
            ],
        ],
    }
}

fn tenants() -> Dashboard {
    Dashboard {
        uid: "tenants",
        question: "how do tenants compare?",
        rows: vec![
            vec![
                Panel::bars("Busiest tenants", PerSecond, "Aliases; `other` is everybody without one.")
                    .query("{{tenant}}", "topk(15, sum by (tenant) (rate(connector_tenant_calls_total{instance=~\"$instance\"}[5m])))"),
                Panel::bars("Share of calls that did not complete", Percent, "A tenant that stands out has a policy, a consent or a licence missing.")
                    .query("{{tenant}}", "topk(15, sum by (tenant) (rate(connector_tenant_calls_total{instance=~\"$instance\", outcome!=\"completed\"}[5m])) / sum by (tenant) (rate(connector_tenant_calls_total{instance=~\"$instance\"}[5m])))"),
            ],
            vec![
                Panel::lines("Calls by tenant", PerSecond, "One noisy tenant must not move the others.")
                    .query("{{tenant}}", "topk(10, sum by (tenant) (rate(connector_tenant_calls_total{instance=~\"$instance\"}[$__rate_interval])))"),
                Panel::lines("Requests to Graph by tenant", PerSecond, "What counts against the tenant's limits at Microsoft.")
                    .query("{{tenant}}", "topk(10, sum by (tenant) (rate(connector_tenant_graph_requests_total{instance=~\"$instance\"}[$__rate_interval])))"),
            ],
            vec![
                Panel::lines("Requests stopped by a limit, by tenant", PerSecond, "Answered 429 by Graph, or refused at the gate.")
                    .query("{{tenant}}", "topk(10, sum by (tenant) (rate(connector_tenant_throttled_total{instance=~\"$instance\"}[$__rate_interval])))"),
            ],
            vec![
                Panel::lines("Tenants", Count, "Configured, and with sessions at the moment.")
                    .query("{{state}}", "max by (state) (connector_tenants{instance=~\"$instance\", state!=\"without_retries\"})"),
                Panel::number("Tenant files that are not in order", Count, "Their tenants keep the last good policy, or are not served. The log names file and line.")
                    .query("{{instance}}", "connector_tenant_files_faulty{instance=~\"$instance\"}"),
                Panel::number("Changes of policies, 24 hours", Count, "A change comes into force within a second.")
                    .query("changes", "sum(increase(connector_tenant_changes_total{instance=~\"$instance\"}[24h]))"),
            ],
        ],
    }
}

fn sessions() -> Dashboard {
    Dashboard {
        uid: "sessions",
        question: "how are sessions and tokens?",
        rows: vec![
            vec![
                Panel::lines("Sessions", Count, "One for each user and client at work.")
                    .query("{{instance}}", "connector_sessions{instance=~\"$instance\"}"),
                Panel::lines("Sessions that ended", PerSecond, "By reason. Crashes are ours to look at.")
                    .query("{{reason}}", "sum by (reason) (rate(connector_sessions_ended_total{instance=~\"$instance\"}[$__rate_interval]))"),
            ],
            vec![
                Panel::lines("Exchanges by outcome", PerSecond, "`granted` follows sign-ins and renewals. `interaction_required` is Conditional Access at work, `misconfigured` is our registration.")
                    .query("{{outcome}}", "sum by (outcome) (rate(connector_exchange_duration_seconds_count{instance=~\"$instance\"}[$__rate_interval]))"),
                Panel::lines("Fetches of signing keys", PerSecond, "Anything but `refreshed` for an hour is a problem.")
                    .query("{{outcome}}", "sum by (outcome) (rate(connector_jwks_refreshes_total{instance=~\"$instance\"}[$__rate_interval]))"),
            ],
            vec![
                Panel::number("Days until the credential expires", Days, "Without one, nobody gets a token.")
                    .query("{{credential_kind}}", "min by (credential_kind) (connector_credential_days_left_days{instance=~\"$instance\"})"),
                Panel::number("Time that the credential is good for", Seconds, "Of a federated token, too, which others renew: below zero, they have stopped.")
                    .query("{{credential_kind}}", "min by (credential_kind) (connector_credential_time_left_seconds{instance=~\"$instance\"})"),
                Panel::number("Failed readings of the credential, 24 hours", Count, "The former credential stays in use; the log says what is wrong with the files.")
                    .query("failures", "sum(increase(connector_credential_reload_failures_total{instance=~\"$instance\"}[24h]))"),
                Panel::lines("Leases", Count, "Those that nobody needs lapse.")
                    .query("{{state}}", "sum by (state) (connector_leases{instance=~\"$instance\"})"),
            ],
        ],
    }
}

fn node() -> Dashboard {
    Dashboard {
        uid: "node",
        question: "how is one node?",
        rows: vec![
            vec![
                Panel::lines("Processors in use", Count, "In processors: 1 is one of them at full work.")
                    .query("{{instance}}", "rate(process_cpu_time_seconds_total{instance=~\"$instance\"}[$__rate_interval])"),
                Panel::lines("Memory", Bytes, "Resident. Some 8 KiB for each idle user beyond the empty server.")
                    .query("{{instance}}", "process_memory_usage_bytes{instance=~\"$instance\"}"),
            ],
            vec![
                Panel::lines("Open files and sockets", Count, "Each client and each connection to Graph is one.")
                    .query("{{instance}}", "process_unix_file_descriptor_count{instance=~\"$instance\"}"),
                Panel::lines("Threads", Count, "Does not grow with load.")
                    .query("{{instance}}", "process_thread_count{instance=~\"$instance\"}"),
            ],
            vec![
                Panel::lines("Threads at work, by what they are for", Percent, "1 is all of them at full work. `workers` or `shards` near it: more processors, or another node.")
                    .query("{{runtime}} of {{instance}}", "rate(connector_runtime_busy_time_seconds_total{instance=~\"$instance\"}[$__rate_interval]) / connector_runtime_threads{instance=~\"$instance\"}"),
                Panel::lines("Tasks of exchanges", Count, "Begun, and waiting for a thread. A queue that stays is a thread that is held up.")
                    .query("begun, {{instance}}", "connector_runtime_tasks{instance=~\"$instance\", runtime=\"io\"}")
                    .query("waiting, {{instance}}", "connector_runtime_queue{instance=~\"$instance\", runtime=\"io\"}"),
                Panel::lines("What the allocator holds", Bytes, "Grows to the largest that was needed, and little of it is given back. Growing for days under steady load, something leaks.")
                    .query("{{instance}}", "connector_allocator_committed_bytes{instance=~\"$instance\"}"),
            ],
            vec![
                Panel::lines("Requests by route", PerSecond, "By status class it is on the first dashboard.")
                    .query("{{http_route}}", "sum by (http_route) (rate(http_server_request_duration_seconds_count{instance=~\"$instance\"}[$__rate_interval]))"),
                Panel::lines("Telemetry that went nowhere", PerSecond, "Lost lines and traces, and pushes of metrics that failed. The collector is away, or a line floods.")
                    .query("{{signal}}", "sum by (signal) (rate(connector_telemetry_dropped_total{instance=~\"$instance\"}[$__rate_interval]))"),
            ],
        ],
    }
}

fn security() -> Dashboard {
    Dashboard {
        uid: "security",
        question: "what must security know?",
        rows: vec![
            vec![
                Panel::number("Permissions to write that Entra granted", Count, "Must be 0: an administrator has consented to more than this connector asks for.")
                    .query("exchanges", "sum(increase(connector_write_scopes_granted_total{instance=~\"$instance\"}[24h]))"),
                Panel::number("Audit records lost", Count, "Must be 0.")
                    .query("records", "sum(increase(connector_audit_failures_total{instance=~\"$instance\"}[24h]))"),
                Panel::number("Faults of our own", Count, "Each has an error in the log.")
                    .query("faults", "sum(increase(connector_internal_faults_total{instance=~\"$instance\"}[24h]))"),
                Panel::number("Panics", Count, "Must be 0: each is a bug, and the log has its place.")
                    .query("panics", "sum(increase(connector_panics_total{instance=~\"$instance\"}[24h]))"),
            ],
            vec![
                Panel::lines("Tokens, origins and people that were refused", PerSecond, "A rise without a release is somebody trying.")
                    .query("{{reason}}", "sum by (reason) (rate(connector_calls_refused_total{instance=~\"$instance\", reason=~\"invalid_token|insufficient_scope|sign_in_revoked|foreign_host|foreign_origin|tenant_unknown|other_tenants_address|foreign_tenant|tenant_restricted|tenant_restriction_malformed|client_not_allowed|guest_not_allowed|account_unstated|user_blocked|user_not_allowed|groups_unstated|groups_too_many\"}[$__rate_interval]))"),
                Panel::lines("Room for audit records in use", Percent, "By records that wait, and by calls in progress. When it is full, calls are refused: nothing goes unrecorded.")
                    .query("{{instance}}", "connector_audit_queue{instance=~\"$instance\"} / connector_audit_capacity{instance=~\"$instance\"}"),
            ],
            vec![
                Panel::lines("Audit records after their calls, 99 %", Seconds, "Until the system has them. The writer gathers for 10 ms; more is a slow disk or receiver.")
                    .query("{{instance}}", "histogram_quantile(0.99, sum by (le, instance) (rate(connector_audit_delay_seconds_bucket{instance=~\"$instance\"}[$__rate_interval])))"),
                Panel::lines("Audit record that cannot be written", Seconds, "How long ago its call ended. Above 0 for long, the disk hangs or nobody reads.")
                    .query("{{instance}}", "connector_audit_lag_seconds{instance=~\"$instance\"}"),
            ],
            vec![
                Panel::lines("Readings of tenants' policies", Count, "Steps up with each change that is in force.")
                    .query("{{instance}}", "connector_policy_version_ratio{instance=~\"$instance\"}"),
                Panel::bars("Revocations, 24 hours", Count, "By what was revoked. The log has the tenant, the journal of revocations the rest.")
                    .query("{{scope}}", "sum by (scope) (connector_revocations_total{instance=~\"$instance\"} - (connector_revocations_total{instance=~\"$instance\"} offset 24h or connector_revocations_total{instance=~\"$instance\"} * 0))"),
                Panel::number("Revocations that are not stored", Count, "Must be 0: they end with the process. Revoke again once the disk is in order.")
                    .query("revocations", "sum(increase(connector_revocations_unstored_total{instance=~\"$instance\"}[24h]))"),
            ],
        ],
    }
}
