//! Every metric that there is.

use opentelemetry::KeyValue;

use super::attribute::Attribute as A;
use super::tenants::NAMES_OF_A_PROCESS;

/// How a metric behaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Only grows. In Prometheus its name ends in `_total`.
    Counter,
    /// A distribution, with the upper bounds of its buckets.
    Histogram(&'static [f64]),
    /// A value as it is when somebody looks.
    Gauge,
    /// A count that somebody else keeps, read when somebody looks; only grows.
    ObservedCounter,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter | Self::ObservedCounter => "counter",
            Self::Histogram(_) => "histogram",
            Self::Gauge => "gauge",
        }
    }
}

/// Seconds of whole operations, as the MCP conventions want them.
const OPERATION: &[f64] = &[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0];
/// Seconds of HTTP requests, as the HTTP conventions want them.
const HTTP: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
/// Seconds of a part of a call; our own part takes well below a millisecond.
const PHASE: &[f64] =
    &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

/// Names that tenants may have had since the start, and the one that all others share.
const TENANTS: usize = NAMES_OF_A_PROCESS + 1;

/// The services of Graph.
const WORKLOADS: [&str; 5] = ["directory", "outlook", "teams", "sharepoint", "search"];

/// The statuses by which Graph says that it is asked too much, or that it is down: what alerts are about.
const REFUSALS: [i64; 2] = [429, 503];

/// Why and with which status requests are turned away that alerts are about.
const TURNED_AWAY: [(&str, i64); 6] = [
    ("invalid_token", 401),
    ("insufficient_scope", 403),
    ("tenant_unknown", 403),
    ("overloaded", 503),
    ("tenant_busy", 429),
    ("user_busy", 429),
];

/// How many series all metrics of a process may make, whatever happens to however many tenants.
pub const MOST_SERIES: usize = 20_000;

/// What every metric says of itself.
#[derive(Debug, Clone, Copy)]
struct Entry {
    name: &'static str,
    unit: &'static str,
    kind: Kind,
    most: usize,
    attributes: &'static [A],
    description: &'static str,
}

macro_rules! catalogue {
    ($($metric:ident: $kind:expr, $name:literal, $unit:literal,
        $most:expr, [$($attribute:ident),*], $description:literal;)*) => {
        /// One metric of the catalogue.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Metric {
            $(#[doc = $description] $metric,)*
        }

        impl Metric {
            /// The whole catalogue, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$metric,)*];

            const fn entry(self) -> Entry {
                match self {
                    $(Self::$metric => Entry {
                        name: $name,
                        unit: $unit,
                        kind: $kind,
                        most: $most,
                        attributes: &[$(A::$attribute),*],
                        description: $description,
                    },)*
                }
            }
        }
    };
}

catalogue! {
    OperationDuration: Kind::Histogram(OPERATION), "mcp.server.operation.duration", "s",
        360, [McpMethod, GenAiOperation, ToolName, PromptName, ErrorType, RpcStatus], "How long MCP requests took, from their head to their answer";
    HttpServerDuration: Kind::Histogram(HTTP), "http.server.request.duration", "s",
        200, [HttpMethod, UrlScheme, HttpRoute, HttpStatus, ErrorType], "How long HTTP requests to the public listener took";
    CallsActive: Kind::Gauge, "connector.calls.active", "{call}",
        1, [], "Calls in progress, of callers who were admitted";
    HttpClientDuration: Kind::Histogram(HTTP), "http.client.request.duration", "s",
        416, [HttpMethod, ServerAddress, ServerPort, Workload, HttpStatus, ErrorType], "How long requests to Microsoft Graph took; a retry is a request of its own";
    PhaseDuration: Kind::Histogram(PHASE), "connector.call.phase.duration", "s",
        5, [Phase], "Where the time of a call went: our own code, waiting for a place in the session, for Entra, for the throttle, for Graph";
    TenantCalls: Kind::Counter, "connector.tenant.calls", "{call}",
        5 * TENANTS, [Tenant, Outcome], "Calls by tenant and how they ended";
    TenantGraphRequests: Kind::Counter, "connector.tenant.graph.requests", "{request}",
        TENANTS, [Tenant], "Requests to Graph by tenant, retries included";
    CallsFailed: Kind::Counter, "connector.calls.failed", "{call}",
        90, [ErrorCode], "Calls that did not complete, by what their callers were told; the log says which tool and tenant";
    CallsRefused: Kind::Counter, "connector.calls.refused", "{call}",
        60, [Reason, HttpStatus], "Requests turned away before they became a call: shed, unauthenticated, too large, unintelligible";
    InternalFaults: Kind::Counter, "connector.internal.faults", "{fault}",
        1, [], "Faults of our own; each is an error in the log";
    ExchangeDuration: Kind::Histogram(HTTP), "connector.exchange.duration", "s",
        16, [Outcome], "On-Behalf-Of exchanges with Entra and how they ended";
    WriteScopesGranted: Kind::Counter, "connector.write_scopes.granted", "{exchange}",
        1, [], "Exchanges that brought a permission to write, which is never asked for";
    JwksRefreshes: Kind::Counter, "connector.jwks.refreshes", "{refresh}",
        8, [Outcome], "Fetches of Entra's signing keys";
    GateWait: Kind::Histogram(PHASE), "connector.gate.wait.duration", "s",
        55, [Workload, Limit], "How long requests were held back before they were sent, by the limit that stood in the way last: at the gate, and after a failure of the attempt before";
    GateRefusals: Kind::Counter, "connector.gate.refusals", "{request}",
        50, [Workload, Limit], "Requests that the gate refused because the wait would have outlasted the call, by the limit that stood in the way";
    GraphRefusals: Kind::Counter, "connector.graph.refusals", "{request}",
        105, [Workload, HttpStatus], "Refusals by Graph, each attempt for itself; what is simply not there is none";
    TenantThrottled: Kind::Counter, "connector.tenant.throttled", "{request}",
        2 * TENANTS, [Tenant, Outcome], "Requests to Graph by tenant that a limit stopped: answered 429 `by_graph`, or refused `at_gate`";
    GraphRetries: Kind::Counter, "connector.graph.retries", "{retry}",
        2, [Outcome], "Requests that could be made again: `made`, or `no_budget` where the tenant had no retry left";
    TenantRetries: Kind::Counter, "connector.tenant.retries", "{retry}",
        2 * TENANTS, [Tenant, Outcome], "The same by tenant";
    TenantRetriesLeft: Kind::Gauge, "connector.tenant.retries.left", "{retry}",
        TENANTS, [Tenant], "How often a tenant at work may ask Graph again now: what it has earned by its requests, at most 100, and 10 at least where none was spent; under `other`, whoever has least";
    GateKeys: Kind::Gauge, "connector.gate.keys", "{key}",
        1, [], "Keys that the gate remembers";
    GateBreakers: Kind::Gauge, "connector.gate.breakers", "{breaker}",
        15, [ServerAddress, Workload, State], "The breaker of each workload of a cloud's Graph: 1 in the state that it is in (`closed`, `open`, `half_open`), 0 in the others";
    Sessions: Kind::Gauge, "connector.sessions", "{session}",
        1, [], "Sessions of users";
    SessionsEnded: Kind::Counter, "connector.sessions.ended", "{session}",
        5, [Reason], "Sessions that ended, by reason";
    Leases: Kind::Gauge, "connector.leases", "{lease}",
        2, [State], "Published leases: those that are `usable`, and those that have `lapsed`";
    Tenants: Kind::Gauge, "connector.tenants", "{tenant}",
        3, [State], "Tenants that are configured, those with sessions, and those that have no retry left";
    TenantChanges: Kind::Counter, "connector.tenant.changes", "{change}",
        1, [], "Changes of a tenant's policy that came into force";
    TenantFilesFaulty: Kind::Gauge, "connector.tenant_files.faulty", "{file}",
        1, [], "Tenant files that are not in order; their tenants keep the last good policy, or are not served";
    PermitsFree: Kind::Gauge, "connector.permits.free", "{permit}",
        1, [Scope], "Permits that are left";
    PermitsLimit: Kind::Gauge, "connector.permits.limit", "{permit}",
        1, [Scope], "Permits that there are";
    AuditQueue: Kind::Gauge, "connector.audit.queue", "{record}",
        1, [], "Audit records that wait to be written";
    AuditCapacity: Kind::Gauge, "connector.audit.capacity", "{record}",
        1, [], "Audit records that may wait (`audit.queue`); when as many do, calls are refused";
    AuditLag: Kind::Gauge, "connector.audit.lag", "s",
        1, [], "How long ago the call ended whose audit record the writer is at and cannot get rid of; 0 where it has caught up";
    AuditDelay: Kind::Histogram(PHASE), "connector.audit.delay", "s",
        1, [], "From the end of a call until the system had its audit record; of records that were written together, the oldest";
    AuditFailures: Kind::Counter, "connector.audit.failures", "{record}",
        1, [], "Audit records that could not be written";
    PolicyVersion: Kind::Gauge, "connector.policy.version", "1",
        1, [], "How often a change of the tenants' files came into force, the reading at the start counted";
    CredentialDaysLeft: Kind::Gauge, "connector.credential.days_left", "d",
        2, [Credential], "Whole days until a person must have replaced the connector's own credential; negative when it has expired";
    CredentialTimeLeft: Kind::Gauge, "connector.credential.time_left", "s",
        3, [Credential], "Time until the connector's own credential expires, that of a token which others renew too; negative when it has";
    CredentialReloads: Kind::Counter, "connector.credential.reloads", "{reload}",
        1, [], "Times that changed files of the connector's own credential came into use";
    CredentialReloadFailures: Kind::Counter, "connector.credential.reload_failures", "{reload}",
        1, [], "Times that changed files of the connector's own credential could not be used";
    Revocations: Kind::Counter, "connector.revocations", "{revocation}",
        4, [Scope], "Revocations of access, by what was revoked";
    RevocationsUnstored: Kind::Counter, "connector.revocations.unstored", "{revocation}",
        1, [], "Revocations that are in force and will not outlive the process";
    Panics: Kind::Counter, "connector.panics", "{panic}",
        1, [], "Tasks that panicked: a bug each, whose place is in the log";
    BuildInfo: Kind::Gauge, "connector.build.info", "1",
        1, [Version], "Always 1; says which build runs";
    ProcessCpu: Kind::ObservedCounter, "process.cpu.time", "s",
        1, [], "Processor time of the process";
    ProcessMemory: Kind::Gauge, "process.memory.usage", "By",
        1, [], "Resident memory of the process";
    ProcessFiles: Kind::Gauge, "process.unix.file_descriptor.count", "{file_descriptor}",
        1, [], "Files and sockets that the process has open";
    ProcessThreads: Kind::Gauge, "process.thread.count", "{thread}",
        1, [], "Threads of the process";
    AllocatorCommitted: Kind::Gauge, "connector.allocator.committed", "By",
        1, [], "Memory that the allocator holds of the system, whether or not anything is in it";
    AllocatorPages: Kind::Gauge, "connector.allocator.pages", "{page}",
        1, [], "Pages of the allocator's, of 64 KiB or more, that something is in";
    RuntimeThreads: Kind::Gauge, "connector.runtime.threads", "{thread}",
        4, [Runtime], "Threads that run tasks";
    RuntimeBusy: Kind::ObservedCounter, "connector.runtime.busy.time", "s",
        4, [Runtime], "How long those threads have worked and not waited, taken together";
    RuntimeTasks: Kind::Gauge, "connector.runtime.tasks", "{task}",
        4, [Runtime], "Tasks that have begun and not ended; those that belong to one thread are not among them";
    RuntimeQueue: Kind::Gauge, "connector.runtime.queue", "{task}",
        4, [Runtime], "Tasks that wait for any thread to run them";
    TelemetryDropped: Kind::ObservedCounter, "connector.telemetry.dropped", "{item}",
        3, [Signal], "Log lines and traces of calls that went nowhere, and pushes of metrics that failed; the next push makes up for one";
}

impl Metric {
    /// The name by the conventions of OpenTelemetry. Dots become underscores in Prometheus, and the unit is appended.
    pub const fn name(self) -> &'static str {
        self.entry().name
    }

    /// The unit in UCUM's notation.
    pub const fn unit(self) -> &'static str {
        self.entry().unit
    }

    pub const fn kind(self) -> Kind {
        self.entry().kind
    }

    /// How many sets of attributes it may have; what comes beyond them loses its attributes, and `otel_metric_overflow` says
    /// so. Enough for everything that can happen by itself; whoever makes up requests may fill it.
    pub const fn most_sets(self) -> usize {
        self.entry().most
    }

    /// How many series it makes in Prometheus at most, that of an overflow included.
    pub const fn most_series(self) -> usize {
        let sets = if self.entry().attributes.is_empty() { 1 } else { self.entry().most + 1 };
        match self.entry().kind {
            // Each bucket and the one without a bound, the sum, and the count.
            Kind::Histogram(bounds) => sets * (bounds.len() + 3),
            Kind::Counter | Kind::Gauge | Kind::ObservedCounter => sets,
        }
    }

    /// The attributes that its measurements may have.
    pub const fn attributes(self) -> &'static [A] {
        self.entry().attributes
    }

    /// The sets of its attributes that are counted from zero on, where their first increase must be seen.
    pub(super) fn counted_from_zero(self) -> Vec<Vec<KeyValue>> {
        let each = |attribute: A, words: &[&'static str]| {
            words.iter().map(|word| vec![attribute.with(*word)]).collect::<Vec<_>>()
        };
        match self {
            Self::Revocations => each(A::Scope, &["tenant", "user", "client", "token"]),
            Self::SessionsEnded => {
                each(A::Reason, &["crashed", "idle", "revoked", "tenant_ended", "drained"])
            }
            Self::CallsRefused => TURNED_AWAY
                .map(|(reason, status)| vec![A::Reason.with(reason), A::HttpStatus.with(status)])
                .to_vec(),
            Self::JwksRefreshes => each(A::Outcome, &["refreshed", "unreachable", "not_ok"]),
            Self::GraphRetries => each(A::Outcome, &["made", "no_budget"]),
            Self::GraphRefusals => {
                let with = |mut set: Vec<KeyValue>, status: i64| {
                    set.push(A::HttpStatus.with(status));
                    set
                };
                let workloads = each(A::Workload, &WORKLOADS);
                workloads.iter().flat_map(|set| REFUSALS.map(|status| with(set.clone(), status))).collect()
            }
            // A counter that begins at 1 has not increased in the eyes of Prometheus: no alert would see the first.
            _ if self.attributes().is_empty() => vec![Vec::new()],
            _ => Vec::new(),
        }
    }

    /// One sentence about what it means.
    pub const fn description(self) -> &'static str {
        self.entry().description
    }
}

/// No metric can be added, and no attribute, that would break what was promised to operators: it would not compile. One more
/// is `target_info`.
const _: () = assert!(most_series() < MOST_SERIES);

const fn most_series() -> usize {
    let (mut sum, mut at) = (0, 0);
    while at < Metric::ALL.len() {
        sum += Metric::ALL[at].most_series();
        at += 1;
    }
    sum
}
