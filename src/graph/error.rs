//! What can go wrong between a call and Graph.

use std::time::Duration;

use connector_actors::session::SessionError;
use thiserror::Error;

use super::codes::GraphCodes;

/// Closed: whoever answers a call handles each of these. No variant holds a message of Graph's, a URL or content.
#[derive(Debug, Clone, Error)]
pub enum GraphError {
    /// There is no lease to ask with.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Graph refuses the lease, and a new one too (401).
    #[error("Graph refuses the user's token ({codes})")]
    LeaseRefused { codes: GraphCodes },
    /// 403.
    #[error("Graph denies access ({codes})")]
    AccessDenied {
        codes: GraphCodes,
        /// The permissions of which one would have been enough, when the token holds none of them.
        missing: Option<&'static [&'static str]>,
    },
    /// 404 or 410.
    #[error("Graph does not have it ({codes})")]
    NotFound { codes: GraphCodes },
    /// Nobody of the name that was given as the owner of a mailbox, or nobody whom the user may see.
    #[error("Graph does not know the owner of the mailbox")]
    UnknownMailbox,
    /// 423.
    #[error("it is locked")]
    Locked,
    /// Any other 4xx: the request does not suit Graph.
    #[error("Graph does not accept the request ({status}, {codes})")]
    Rejected { status: u16, codes: GraphCodes },
    /// Too much is being asked, of Graph (429) or of the gate in front of it.
    #[error("throttled for {} ms", retry_after.as_millis())]
    Throttled { retry_after: Duration },
    /// Graph could not be reached or failed, several times.
    #[error("Graph is not available: {0}")]
    Unavailable(GraphFault),
    /// The body is larger than this service reads.
    #[error("the body is larger than {limit} bytes")]
    TooLarge { limit: usize },
    /// A successful answer whose body is not what it should be.
    #[error("Graph's answer is unintelligible")]
    Unintelligible,
    /// A link that leads elsewhere than to Graph: it is not followed.
    #[error("a link does not lead to Graph")]
    ForeignLink,
    /// Content that stands where nothing is fetched from.
    #[error("a redirect does not lead to a download host of this cloud")]
    ForeignDownload,
    /// A range that begins behind the end of the content (416).
    #[error("the content ends before the range begins")]
    OutOfRange,
    /// The call's time is over.
    #[error("the deadline has passed")]
    DeadlineExceeded,
    /// Nobody waits for the answer any more.
    #[error("the call was cancelled")]
    Cancelled,
}

impl GraphError {
    /// Whether the same request may well succeed a little later, so that what was read before is worth giving.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Throttled { .. } | Self::Unavailable(_) | Self::DeadlineExceeded)
    }

    /// Whether it is about the call as a whole: no other request of it would fare better, so that nothing goes on
    /// without this one.
    pub fn ends_the_call(&self) -> bool {
        matches!(self, Self::Cancelled | Self::Session(_) | Self::LeaseRefused { .. })
    }
}

/// Why Graph counts as not available.
#[derive(Debug, Clone, Copy, Error, PartialEq, Eq)]
pub enum GraphFault {
    #[error("no connection")]
    Unreachable,
    #[error("the connection broke")]
    Interrupted,
    #[error("status {0}")]
    Status(u16),
    /// It has failed for many, and is not asked for a while.
    #[error("it fails, and is left alone for {} ms", retry_after.as_millis())]
    LeftAlone { retry_after: Duration },
}
