//! Content: bytes that Graph gives itself, or names a download host for.

use std::sync::Arc;

use connector_actors::throttle::ThrottleScope;
use connector_observability::HeldBack;
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_TYPE, LOCATION};
use url::Url;

use super::answer::{Answer, header};
use super::attempt::Attempt;
use super::client::Expected;
use super::downloads::{Described, Download, Wanted};
use super::error::{GraphError, GraphFault};
use super::load;
use super::request::GraphRequest;
use super::retry::Failure;
use super::user::{UserGraph, unanswered};

impl UserGraph<'_> {
    /// Reads the content that `request` names (`…/content`, `…/$value`), at most as much as is wanted. Where Graph
    /// redirects to a pre-authenticated address, that is fetched without the bearer, from this cloud's download hosts
    /// alone, and no redirect beyond it is followed. An address that is no good any more is asked for anew.
    pub async fn fetch(&self, request: &GraphRequest, wanted: Wanted) -> Result<Download, GraphError> {
        let expected = Expected::Content { limit: wanted.limit, range: wanted.range };
        let answered = async |attempt: Attempt<'_>| {
            let answer = match self.attempt(attempt, request, expected).await? {
                Ok(answer) if answer.status.is_redirection() => {
                    self.follow_to_download_host(attempt, request, &answer, expected).await?
                }
                Ok(answer) => self.judge(request, answer, attempt.lease),
                Err(failure) => Err(failure),
            };
            Ok(answer.map(|answer| {
                let described = Described {
                    media_type: header(&answer.headers, CONTENT_TYPE.as_str()),
                    range: header(&answer.headers, CONTENT_RANGE.as_str()),
                    disposition: header(&answer.headers, CONTENT_DISPOSITION.as_str()),
                };
                Download::new(answer.body.clone(), described)
            }))
        };
        self.repeat(answered, |failure| self.learn(request, failure)).await
    }

    /// Whether files of this cloud lie at `address`.
    pub fn keeps_files_at(&self, address: &Url) -> bool {
        self.client.download_hosts().domain_of(address).is_some()
    }

    async fn follow_to_download_host(
        &self,
        attempt: Attempt<'_>,
        request: &GraphRequest,
        redirect: &Answer,
        expected: Expected,
    ) -> Result<Result<Answer, Failure>, GraphError> {
        let location = header(&redirect.headers, LOCATION.as_str()).and_then(|link| Url::parse(link).ok());
        let hosts = self.client.download_hosts();
        let Some((url, domain)) = location.and_then(|url| hosts.domain_of(&url).map(|domain| (url, domain)))
        else {
            return Ok(Err(Failure::Final(GraphError::ForeignDownload)));
        };
        // Of the gate nothing is asked again: Graph's limits count a download once, and this host is not Graph
        // (<https://learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online>).
        let sent = self.clock.instant();
        // Not the host itself: it has the tenant's name in it, and there are as many as tenants.
        let at = (Arc::from(domain), url.port_or_known_default().unwrap_or_default());
        let waited = HeldBack::default();
        let underway = self.underway_to(at, attempt, "GET", request.workload().as_str(), (sent, waited));
        let download = self.client.download(url, attempt.connection, expected);
        let outcome = self.bounded(attempt.visit, download).await;
        underway.end(&outcome);
        Ok(match outcome? {
            Ok(answer) if answer.status.is_success() => Ok(answer),
            Ok(answer) => Err(self.not_given(&answer)),
            Err(fault) => Err(unanswered(fault, expected)),
        })
    }

    /// What another answer of a download host means. What it says of access is about the address, not about the user:
    /// Graph has just let the user have it.
    fn not_given(&self, answer: &Answer) -> Failure {
        let status = answer.status.as_u16();
        let wait = load::wait(&answer.headers, self.clock.now());
        let scope = ThrottleScope::Request;
        match answer.status {
            StatusCode::TOO_MANY_REQUESTS => Failure::Throttled { status, retry_after: wait, scope },
            StatusCode::SERVICE_UNAVAILABLE if wait.is_some() => {
                Failure::Throttled { status, retry_after: wait, scope }
            }
            StatusCode::RANGE_NOT_SATISFIABLE => Failure::Final(GraphError::OutOfRange),
            refused if refused.is_client_error() => Failure::Fault(GraphFault::Status(status)),
            failed if failed.is_server_error() => Failure::Fault(GraphFault::Status(status)),
            _ => Failure::Final(GraphError::ForeignDownload),
        }
    }
}
