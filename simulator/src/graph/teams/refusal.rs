//! Why Teams refuses: status, codes and sentences as the service writes them.

use bytes::Bytes;
use serde_json::Value;
use thiserror::Error;
use uuid::Uuid;

use crate::graph::options::QueryOption;
use crate::graph::permissions::MissingPermission;
use crate::graph::refusal::Refusal;
use crate::graph::request::GraphResponse;
use crate::graph::respond;

/// A closed list of refusals.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum TeamsRefusal {
    /// Of OData parsing, in front of the service.
    #[error(transparent)]
    Parsing(#[from] Refusal),
    #[error(transparent)]
    MissingScope(#[from] MissingPermission),
    /// The chat or channel exists, and the caller is not in it.
    #[error("InsufficientPrivileges")]
    NotInThread { caller: Uuid, thread: String },
    /// Somebody else's chats or teams, or a team that the caller is not in.
    #[error("Forbidden")]
    Forbidden,
    #[error("Bad Request")]
    MalformedThread(String),
    #[error("teamId needs to be a valid GUID")]
    MalformedTeam,
    #[error("No team found with Group Id {0}")]
    TeamNotFound(Uuid),
    #[error("NotFound")]
    ThreadNotFound(String),
    /// A message, a member, a hosted content.
    #[error("NotFound")]
    NotFound,
    #[error(
        "Query option '{0}' is not allowed. To allow it, set the 'AllowedQueryOptions' property on EnableQueryAttribute or QueryValidationSettings."
    )]
    OptionNotAllowed(&'static str),
    #[error("The query specified in the URI is not valid. '{value}' is not supported in {option}.")]
    NotSupported { option: &'static str, value: String },
}

impl From<QueryOption> for TeamsRefusal {
    /// Of an option that is not taken.
    fn from(option: QueryOption) -> Self {
        Self::OptionNotAllowed(option.word())
    }
}

impl TeamsRefusal {
    const fn status(&self) -> u16 {
        match self {
            Self::Parsing(refusal) => refusal.status(),
            Self::MissingScope(_) | Self::NotInThread { .. } | Self::Forbidden => 403,
            Self::TeamNotFound(_) | Self::ThreadNotFound(_) | Self::NotFound => 404,
            _ => 400,
        }
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::Parsing(refusal) => refusal.code(),
            Self::MissingScope(_) | Self::NotInThread { .. } | Self::Forbidden => "Forbidden",
            Self::TeamNotFound(_) | Self::ThreadNotFound(_) | Self::NotFound => "NotFound",
            _ => "BadRequest",
        }
    }

    /// Code and sentence of the service behind, where it says more.
    fn inner(&self) -> Option<(&'static str, String)> {
        match self {
            Self::NotInThread { caller, thread } => {
                let roster = Uuid::from_bytes(
                    crate::directory::random::SplitMix64::derived(0, thread.as_bytes()).bytes(),
                );
                let message = format!(
                    "AclCheckFailed-The initiator 8:orgid:{caller} is not a member of the roster {roster} in the generic thread {thread}"
                );
                Some(("1", message))
            }
            Self::TeamNotFound(_) => Some(("ItemNotFound", self.to_string())),
            Self::ThreadNotFound(thread) => Some(("1", format!("ThreadNotFound-{thread}"))),
            Self::MalformedThread(thread) => Some(("1", format!("InvalidThreadId-{thread}"))),
            _ => None,
        }
    }

    pub(super) fn response(&self, client_request_id: Option<&str>) -> GraphResponse {
        let mut response = respond::error(self.status(), self.code(), &self.to_string(), client_request_id);
        if let Some((code, message)) = self.inner()
            && let Ok(mut body) = serde_json::from_slice::<Value>(&response.body)
        {
            body["error"]["innerError"]["code"] = code.into();
            body["error"]["innerError"]["message"] = message.into();
            response.body = Bytes::from(body.to_string());
        }
        response
    }
}
