//! How a call ended.

use std::borrow::Cow;

/// How a call ended, for logs and traces. The words in it come from closed lists; they never hold content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallOutcome {
    /// It was answered with a result.
    Completed,
    /// A tool answered with `isError: true`, with the code of its error.
    ToolFailed(&'static str),
    /// It was understood, but policy or a limit refused it; the word says which.
    Refused(&'static str),
    /// It was answered with a JSON-RPC error of this code.
    ProtocolError(i32),
    /// Nobody waited for the answer any more, or the session or the process was ending.
    Cancelled,
}

impl CallOutcome {
    /// The word for logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::ToolFailed(_) => "tool_failed",
            Self::Refused(_) => "refused",
            Self::ProtocolError(_) => "protocol_error",
            Self::Cancelled => "cancelled",
        }
    }

    /// The word that says why a tool failed or a call was refused.
    pub const fn code(self) -> Option<&'static str> {
        match self {
            Self::ToolFailed(code) | Self::Refused(code) => Some(code),
            Self::Completed | Self::ProtocolError(_) | Self::Cancelled => None,
        }
    }

    /// The code of a JSON-RPC error.
    pub const fn jsonrpc_code(self) -> Option<i32> {
        match self {
            Self::ProtocolError(code) => Some(code),
            Self::Completed | Self::ToolFailed(_) | Self::Refused(_) | Self::Cancelled => None,
        }
    }

    /// What went wrong, as the MCP conventions have it in `error.type`: a JSON-RPC code, or the word for the outcome. `None`
    /// when nothing did.
    pub(crate) fn error_type(self) -> Option<Cow<'static, str>> {
        match self {
            Self::Completed => None,
            Self::ToolFailed(_) => Some("tool_error".into()),
            Self::Refused(_) | Self::Cancelled => Some(self.as_str().into()),
            Self::ProtocolError(code) => Some(code.to_string().into()),
        }
    }

    /// The same as exactly as it is known: the code of a tool's error or of a refusal, where there is one.
    pub(crate) fn failure(self) -> Option<Cow<'static, str>> {
        self.code().map(Cow::Borrowed).or_else(|| self.error_type())
    }

    /// Whether the call got its result.
    pub const fn is_completed(self) -> bool {
        matches!(self, Self::Completed)
    }
}
