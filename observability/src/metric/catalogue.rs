//! Every metric that there is.

use super::attribute::Attribute as A;

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

/// What every metric says of itself.
#[derive(Debug, Clone, Copy)]
struct Entry {
    name: &'static str,
    unit: &'static str,
    kind: Kind,
    attributes: &'static [A],
    description: &'static str,
}

macro_rules! catalogue {
    ($($metric:ident: $kind:expr, $name:literal, $unit:literal, [$($attribute:ident),*], $description:literal;)*) => {
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
        [McpMethod, ToolName, ErrorType], "How long MCP requests took, from their head to their answer";
    HttpServerDuration: Kind::Histogram(HTTP), "http.server.request.duration", "s",
        [HttpMethod, HttpRoute, HttpStatus], "How long HTTP requests to the public listener took";
    HttpServerActive: Kind::Gauge, "http.server.active_requests", "{request}",
        [], "HTTP requests of the public listener in progress";
    HttpClientDuration: Kind::Histogram(HTTP), "http.client.request.duration", "s",
        [HttpMethod, ServerAddress, Workload, HttpStatus, ErrorType], "How long requests to Microsoft Graph took; a retry is a request of its own";
    PhaseDuration: Kind::Histogram(PHASE), "connector.call.phase.duration", "s",
        [Phase], "Where the time of a call went: our own code, waiting for a place in the session, for Entra, for the throttle, for Graph";
    TenantCalls: Kind::Counter, "connector.tenant.calls", "{call}",
        [Tenant, Outcome], "Calls by tenant and how they ended";
    TenantGraphRequests: Kind::Counter, "connector.tenant.graph.requests", "{request}",
        [Tenant], "Requests to Graph by tenant, retries included";
    CallsRefused: Kind::Counter, "connector.calls.refused", "{call}",
        [Reason, HttpStatus], "Requests turned away before they became a call: shed, unauthenticated, too large, unintelligible";
    InternalFaults: Kind::Counter, "connector.internal.faults", "{fault}",
        [], "Faults of our own; each is an error in the log";
    ExchangeDuration: Kind::Histogram(HTTP), "connector.exchange.duration", "s",
        [Outcome], "On-Behalf-Of exchanges with Entra and how they ended";
    WriteScopesGranted: Kind::Counter, "connector.write_scopes.granted", "{exchange}",
        [], "Exchanges that brought a permission to write, which is never asked for";
    JwksRefreshes: Kind::Counter, "connector.jwks.refreshes", "{refresh}",
        [Outcome], "Fetches of Entra's signing keys";
    GateWait: Kind::Histogram(PHASE), "connector.gate.wait.duration", "s",
        [Workload, Limit], "How long requests were held back before they were sent, by the limit that stood in the way last: at the gate, and after a failure of the attempt before";
    GateRefusals: Kind::Counter, "connector.gate.refusals", "{request}",
        [Workload, Limit], "Requests that the gate refused because the wait would have outlasted the call, by the limit that stood in the way";
    GraphRefusals: Kind::Counter, "connector.graph.refusals", "{request}",
        [Workload, HttpStatus], "Refusals by Graph, each attempt for itself; what is simply not there is none";
    GraphRetries: Kind::Counter, "connector.graph.retries", "{retry}",
        [Outcome], "Requests that could be made again: `made`, or `no_budget` where the tenant had no retry left";
    TenantRetries: Kind::Counter, "connector.tenant.retries", "{retry}",
        [Tenant, Outcome], "The same by tenant";
    TenantRetriesLeft: Kind::Gauge, "connector.tenant.retries.left", "{retry}",
        [Tenant], "How often a tenant at work may ask Graph again now: what it has earned by its requests, at most 100, and 10 at least where none was spent; under `other`, whoever has least";
    GateKeys: Kind::Gauge, "connector.gate.keys", "{key}",
        [], "Keys that the gate remembers";
    GateBreakers: Kind::Gauge, "connector.gate.breakers", "{breaker}",
        [ServerAddress, Workload, State], "The breaker of each workload of a cloud's Graph: 1 in the state that it is in (`closed`, `open`, `half_open`), 0 in the others";
    Sessions: Kind::Gauge, "connector.sessions", "{session}",
        [], "Sessions of users";
    SessionsEnded: Kind::Counter, "connector.sessions.ended", "{session}",
        [Reason], "Sessions that ended, by reason";
    Leases: Kind::Gauge, "connector.leases", "{lease}",
        [State], "Published leases: those that are `usable`, and those that have `lapsed`";
    Tenants: Kind::Gauge, "connector.tenants", "{tenant}",
        [State], "Tenants that are configured, those with sessions, and those that have no retry left";
    TenantChanges: Kind::Counter, "connector.tenant.changes", "{change}",
        [], "Changes of a tenant's policy that came into force";
    TenantFilesFaulty: Kind::Gauge, "connector.tenant_files.faulty", "{file}",
        [], "Tenant files that are not in order; their tenants keep the last good policy, or are not served";
    PermitsFree: Kind::Gauge, "connector.permits.free", "{permit}",
        [Scope], "Permits that are left";
    PermitsLimit: Kind::Gauge, "connector.permits.limit", "{permit}",
        [Scope], "Permits that there are";
    AuditQueue: Kind::Gauge, "connector.audit.queue", "{record}",
        [], "Audit records that wait to be written";
    AuditCapacity: Kind::Gauge, "connector.audit.capacity", "{record}",
        [], "Audit records that may wait (`audit.queue`); when as many do, calls are refused";
    AuditLag: Kind::Gauge, "connector.audit.lag", "s",
        [], "How long ago the call ended whose audit record the writer is at and cannot get rid of; 0 where it has caught up";
    AuditDelay: Kind::Histogram(PHASE), "connector.audit.delay", "s",
        [], "From the end of a call until the system had its audit record; of records that were written together, the oldest";
    AuditFailures: Kind::Counter, "connector.audit.failures", "{record}",
        [], "Audit records that could not be written";
    PolicyVersion: Kind::Gauge, "connector.policy.version", "1",
        [], "How often a change of the tenants' files came into force, the reading at the start counted";
    CredentialDaysLeft: Kind::Gauge, "connector.credential.days_left", "d",
        [Credential], "Whole days until a person must have replaced the connector's own credential; negative when it has expired";
    CredentialTimeLeft: Kind::Gauge, "connector.credential.time_left", "s",
        [Credential], "Time until the connector's own credential expires, that of a token which others renew too; negative when it has";
    CredentialReloads: Kind::Counter, "connector.credential.reloads", "{reload}",
        [], "Times that changed files of the connector's own credential came into use";
    CredentialReloadFailures: Kind::Counter, "connector.credential.reload_failures", "{reload}",
        [], "Times that changed files of the connector's own credential could not be used";
    Revocations: Kind::Counter, "connector.revocations", "{revocation}",
        [Scope], "Revocations of access, by what was revoked";
    RevocationsUnstored: Kind::Counter, "connector.revocations.unstored", "{revocation}",
        [], "Revocations that are in force and will not outlive the process";
    Panics: Kind::Counter, "connector.panics", "{panic}",
        [], "Tasks that panicked: a bug each, whose place is in the log";
    BuildInfo: Kind::Gauge, "connector.build.info", "1",
        [Version], "Always 1; says which build runs";
    ProcessCpu: Kind::ObservedCounter, "process.cpu.time", "s",
        [], "Processor time of the process";
    ProcessMemory: Kind::Gauge, "process.memory.usage", "By",
        [], "Resident memory of the process";
    ProcessFiles: Kind::Gauge, "process.open_file_descriptor.count", "{file_descriptor}",
        [], "Files and sockets that the process has open";
    ProcessThreads: Kind::Gauge, "process.thread.count", "{thread}",
        [], "Threads of the process";
    AllocatorCommitted: Kind::Gauge, "connector.allocator.committed", "By",
        [], "Memory that the allocator holds of the system, whether or not anything is in it";
    AllocatorPages: Kind::Gauge, "connector.allocator.pages", "{page}",
        [], "Pages of the allocator's, of 64 KiB or more, that something is in";
    RuntimeThreads: Kind::Gauge, "connector.runtime.threads", "{thread}",
        [Runtime], "Threads that run tasks";
    RuntimeBusy: Kind::ObservedCounter, "connector.runtime.busy.time", "s",
        [Runtime], "How long those threads have worked and not waited, taken together";
    RuntimeTasks: Kind::Gauge, "connector.runtime.tasks", "{task}",
        [Runtime], "Tasks that have begun and not ended; those that belong to one thread are not among them";
    RuntimeQueue: Kind::Gauge, "connector.runtime.queue", "{task}",
        [Runtime], "Tasks that wait for any thread to run them";
    TelemetryDropped: Kind::ObservedCounter, "connector.telemetry.dropped", "{item}",
        [Signal], "Log lines and traces of calls that went nowhere, and pushes of metrics that failed; the next push makes up for one";
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

    /// The attributes that its measurements may have.
    pub const fn attributes(self) -> &'static [A] {
        self.entry().attributes
    }

    /// The words of its one attribute that are counted from zero on, where its first increase must be seen.
    pub(super) const fn counted_from_zero(self) -> Option<(A, &'static [&'static str])> {
        match self {
            Self::Revocations => Some((A::Scope, &["tenant", "user", "client", "token"])),
            Self::SessionsEnded => {
                Some((A::Reason, &["crashed", "idle", "revoked", "tenant_ended", "drained"]))
            }
            Self::GraphRetries => Some((A::Outcome, &["made", "no_budget"])),
            _ => None,
        }
    }

    /// One sentence about what it means.
    pub const fn description(self) -> &'static str {
        self.entry().description
    }
}
