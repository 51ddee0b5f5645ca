//! What an answer other than 2xx means. Pure: facts in, a failure out.

use std::time::Duration;

use connector_actors::ClaimsChallenge;
use connector_actors::lease::GrantedScopes;
use connector_actors::throttle::ThrottleScope;

use super::codes::GraphCodes;
use super::error::{GraphError, GraphFault};
use super::granted::grants_any;
use super::request::GraphRequest;
use super::retry::Failure;

/// With these codes Exchange and the directory say that they know nobody of the name in `/users/{name}`.
const NO_SUCH_OWNER: &[&str] =
    &["ErrorInvalidUser", "ErrorNonExistentMailbox", "Request_ResourceNotFound", "ResourceNotFound"];

/// SharePoint's code for an id that can't be one, and for a host that is none of its own; for a query that it can't
/// read, too. Source: <https://learn.microsoft.com/onedrive/developer/rest-api/concepts/errors>.
const MALFORMED: &str = "invalidRequest";

/// An answer that is none.
pub(super) struct Refused<'a> {
    pub(super) status: u16,
    pub(super) codes: GraphCodes,
    /// As `Retry-After` says it.
    pub(super) retry_after: Option<Duration>,
    /// Whom a refusal for too much is about.
    pub(super) scope: ThrottleScope,
    /// Those of a claims challenge.
    pub(super) claims: Option<ClaimsChallenge>,
    pub(super) request: &'a GraphRequest,
    /// What the lease holds.
    pub(super) granted: &'a GrantedScopes,
}

impl Refused<'_> {
    /// Statuses as RFC 9110 has them, and as Graph uses them:
    /// <https://learn.microsoft.com/graph/errors>. A conflict (409), a request that came to the wrong server (421) or
    /// too early (425) and one that timed out (408) say nothing about what was asked, and a read can be repeated.
    pub(super) fn failure(self) -> Failure {
        let Self { status, codes, retry_after, scope, claims, .. } = self;
        match status {
            401 => Failure::LeaseRefused { codes, claims },
            403 if claims.is_some() => Failure::LeaseRefused { codes, claims },
            403 => {
                let missing = missing(self.request, self.granted);
                Failure::Final(GraphError::AccessDenied { codes, missing })
            }
            400 | 404 | 410 if self.request.shared_mailbox().is_some() && is_of_nobody(&codes) => {
                Failure::Final(GraphError::UnknownMailbox)
            }
            404 | 410 => Failure::Final(GraphError::NotFound { codes }),
            400 if codes.contains(MALFORMED) && self.request.names_one_place() => {
                Failure::Final(GraphError::NotFound { codes })
            }
            416 => Failure::Final(GraphError::OutOfRange),
            423 => Failure::Final(GraphError::Locked),
            429 | 509 => Failure::Throttled { status, retry_after, scope },
            503 if retry_after.is_some() => Failure::Throttled { status, retry_after, scope },
            408 | 409 | 421 | 425 | 500 | 502..=504 => Failure::Fault(GraphFault::Status(status)),
            400..=499 => Failure::Final(GraphError::Rejected { status, codes }),
            501..=599 => Failure::Final(GraphError::Unavailable(GraphFault::Status(status))),
            // A redirect is never followed with a bearer, and nothing else is an answer.
            _ => Failure::Final(GraphError::Unintelligible),
        }
    }
}

fn is_of_nobody(codes: &GraphCodes) -> bool {
    NO_SUCH_OWNER.iter().any(|code| codes.contains(code))
}

/// The permissions that open the request, when none of them is granted.
fn missing(request: &GraphRequest, granted: &GrantedScopes) -> Option<&'static [&'static str]> {
    let opened_by = request.opened_by();
    (!opened_by.is_empty() && !grants_any(granted, opened_by)).then_some(opened_by)
}

#[cfg(test)]
mod tests {
    use connector_actors::throttle::Workload;
    use rstest::rstest;

    use super::*;
    use crate::graph::{PathSegment, QueryOption};

    fn own() -> GraphRequest {
        GraphRequest::get(Workload::Outlook, &["Mail.Read"], "/me").part("/messages")
    }

    fn of_adele() -> GraphRequest {
        let adele = PathSegment::new("adele@contoso.example").unwrap();
        GraphRequest::get(Workload::Outlook, &["Mail.Read.Shared"], "/users").segment(adele)
    }

    fn failure(status: u16, code: &str, request: &GraphRequest) -> Failure {
        let body = format!(r#"{{"error":{{"code":"{code}"}}}}"#);
        let granted = GrantedScopes::parse("Mail.Read Mail.Read.Shared");
        let (codes, scope) = (GraphCodes::read(body.as_bytes()), ThrottleScope::Request);
        Refused { status, codes, retry_after: None, scope, claims: None, request, granted: &granted }
            .failure()
    }

    fn word(failure: &Failure) -> &'static str {
        match failure {
            Failure::LeaseRefused { .. } => "lease refused",
            Failure::Throttled { .. } => "throttled",
            Failure::Fault(_) => "fault",
            Failure::Final(GraphError::AccessDenied { .. }) => "access denied",
            Failure::Final(GraphError::NotFound { .. }) => "not found",
            Failure::Final(GraphError::UnknownMailbox) => "unknown mailbox",
            Failure::Final(GraphError::Locked) => "locked",
            Failure::Final(GraphError::Rejected { .. }) => "rejected",
            Failure::Final(GraphError::Unavailable(_)) => "unavailable",
            Failure::Final(_) => "other",
        }
    }

    /// If this failed, a caller would be blamed for what passes, or a passing fault would end a call.
    #[rstest]
    #[case(400, "rejected")]
    #[case(401, "lease refused")]
    #[case(402, "rejected")]
    #[case(403, "access denied")]
    #[case(404, "not found")]
    #[case(408, "fault")]
    #[case(409, "fault")]
    #[case(410, "not found")]
    #[case(421, "fault")]
    #[case(423, "locked")]
    #[case(425, "fault")]
    #[case(429, "throttled")]
    #[case(500, "fault")]
    #[case(501, "unavailable")]
    #[case(502, "fault")]
    #[case(503, "fault")]
    #[case(504, "fault")]
    #[case(507, "unavailable")]
    #[case(509, "throttled")]
    #[case(302, "other")]
    fn a_status_keeps_its_meaning(#[case] status: u16, #[case] expected: &str) {
        assert_eq!(word(&failure(status, "x", &own())), expected);
    }

    /// If this failed, a wrong address would be taken for a deleted item, or a deleted item for a wrong address.
    #[rstest]
    #[case::nobody(404, "ErrorInvalidUser", "unknown mailbox")]
    #[case::nobody_in_the_directory(404, "Request_ResourceNotFound", "unknown mailbox")]
    #[case::nobody_as_a_bad_request(400, "ErrorInvalidUser", "unknown mailbox")]
    #[case::no_item(404, "ErrorItemNotFound", "not found")]
    #[case::bad_request(400, "BadRequest", "rejected")]
    fn an_owner_whom_graph_does_not_know_is_told_from_an_item(
        #[case] status: u16,
        #[case] code: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(word(&failure(status, code, &of_adele())), expected);
        assert_ne!(word(&failure(status, code, &own())), "unknown mailbox");
    }

    /// If this failed, a wrong id would be taken for a query that is too hard, or the other way round.
    #[rstest]
    #[case::id(&[], "invalidRequest", "not found")]
    #[case::with_columns(&[QueryOption::Select, QueryOption::Expand], "invalidRequest", "not found")]
    #[case::filter(&[QueryOption::Filter], "invalidRequest", "rejected")]
    #[case::order(&[QueryOption::Expand, QueryOption::OrderBy], "invalidRequest", "rejected")]
    #[case::search(&[QueryOption::PlainSearch], "invalidRequest", "rejected")]
    #[case::other(&[], "notSupported", "rejected")]
    fn an_id_that_cannot_be_one_is_not_found(
        #[case] options: &[QueryOption],
        #[case] code: &str,
        #[case] expected: &str,
    ) {
        let site = PathSegment::new("nope").unwrap();
        let request = GraphRequest::get(Workload::SharePoint, &["Sites.Read.All"], "/sites").segment(site);
        let request = options.iter().fold(request, |request, option| request.query(*option, "a"));
        assert_eq!(word(&failure(400, code, &request)), expected);
    }

    /// If this failed, people would ask for access to what they need a permission for.
    #[rstest]
    #[case::none("User.Read", true)]
    #[case::granted("Mail.Read", false)]
    fn a_missing_permission_is_told_from_missing_access(#[case] granted: &str, #[case] is_missing: bool) {
        let (codes, granted) = (GraphCodes::default(), GrantedScopes::parse(granted));
        let (request, scope) = (&own(), ThrottleScope::Request);
        let refused = Refused {
            status: 403,
            codes,
            retry_after: None,
            scope,
            claims: None,
            request,
            granted: &granted,
        };
        let Failure::Final(GraphError::AccessDenied { missing, .. }) = refused.failure() else {
            panic!("it is denied")
        };
        assert_eq!(missing.is_some(), is_missing);
    }
}
