//! What a service says instead of an answer: to faults with a status, and to requests that can't be read.

use crate::entra;
use crate::graph;
use crate::graph_front::challenge;
use crate::graph_paths::VERSION;
use crate::message::{Answer, Request};
use crate::record::Service;
use crate::throttle_door::too_many_requests;
use crate::throttling::{Target, Workload};

/// An answer of that status in the shape of the service that the request was for.
pub(crate) fn outage(status: u16, service: Service, request: &Request<'_>) -> Answer {
    if service == Service::Entra {
        return entra::outage(status, &request.origin.base, entra::correlation(request));
    }
    let workload =
        request.path.strip_prefix(VERSION).and_then(|path| Target::workload_of(path, request.body));
    let client_request_id = request.header("client-request-id");
    if status == 429 {
        return too_many_requests(workload, client_request_id);
    }
    let (code, message) = words(status, Writer::of(workload));
    let answer = Answer::from(graph::error(status, code, message, client_request_id));
    if status == 401 { answer.header("WWW-Authenticate", challenge(request, None)) } else { answer }
}

/// Who writes an error: each of them has codes of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writer {
    Exchange,
    Directory,
    SharePoint,
    Teams,
    /// Search, and whatever has no codes of its own.
    Gateway,
}

impl Writer {
    const fn of(workload: Option<Workload>) -> Self {
        match workload {
            Some(Workload::Outlook) => Self::Exchange,
            Some(Workload::Directory) => Self::Directory,
            Some(Workload::SharePoint) => Self::SharePoint,
            Some(Workload::Teams | Workload::Calls | Workload::Presence | Workload::CallRecords) => {
                Self::Teams
            }
            _ => Self::Gateway,
        }
    }
}

/// Code and sentence. Those of 403 are what each service says where a permission is missing.
const fn words(status: u16, writer: Writer) -> (&'static str, &'static str) {
    match (status, writer) {
        (401, Writer::Teams) => ("Unauthorized", "The caller is not authorized."),
        (401, _) => ("InvalidAuthenticationToken", "Access token has expired or is not yet valid."),
        (403, Writer::Exchange) => {
            ("ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        }
        (403, Writer::Directory) => {
            ("Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        }
        (403, Writer::SharePoint) => ("accessDenied", "Access denied"),
        (403, _) => ("Forbidden", "The caller may not do this."),
        (404, Writer::Exchange) => ("ErrorItemNotFound", "The specified object was not found in the store."),
        (404, Writer::Directory) => ("Request_ResourceNotFound", "The resource does not exist."),
        (404, Writer::SharePoint) => ("itemNotFound", "The resource could not be found."),
        (404, _) => ("NotFound", "The requested resource was not found."),
        (410, _) => ("resyncRequired", "Resynchronization is required."),
        (413, _) => ("RequestEntityTooLarge", "The request body is too large."),
        (502, _) => ("BadGateway", "The gateway got no good answer."),
        (503, Writer::Exchange) => {
            ("ErrorServerBusy", "The server cannot service this request right now. Try again later.")
        }
        (503, Writer::SharePoint) => {
            ("serviceNotAvailable", "The service is unavailable. Try again after a delay.")
        }
        (503, _) => ("ServiceUnavailable", "The service is unavailable. Try again after a delay."),
        (504, _) => ("GatewayTimeout", "The gateway got no answer in time."),
        (507, _) => ("quotaLimitReached", "The quota limit has been reached."),
        (509, _) => ("bandwidthLimitExceeded", "The maximum bandwidth cap has been exceeded."),
        (400..=499, Writer::Exchange) => ("ErrorInvalidRequest", "The request was refused on demand."),
        (400..=499, Writer::Directory) => ("Request_BadRequest", "The request was refused on demand."),
        (400..=499, Writer::SharePoint) => ("invalidRequest", "The request was refused on demand."),
        (400..=499, _) => ("BadRequest", "The request was refused on demand."),
        (_, Writer::Exchange) => ("ErrorInternalServerError", "The request failed on demand."),
        (_, Writer::SharePoint) => ("generalException", "The request failed on demand."),
        _ => ("InternalServerError", "The request failed on demand."),
    }
}
