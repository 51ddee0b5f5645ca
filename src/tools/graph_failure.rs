//! The one place where errors of Graph and Entra become sentences.

use std::time::Duration;

use connector_actors::session::SessionError;

use super::error::{
    ADMINISTRATOR, About, ErrorCode, InternalError, MODEL, NOBODY, OPERATOR, ToolError, USER,
};
use super::sign_in_failure::{exchange, sign_in_again};
use super::throttled::{DEFAULT_WAIT, throttled};
use crate::graph::{GraphCodes, GraphError, GraphFault};

impl From<GraphError> for ToolError {
    fn from(error: GraphError) -> Self {
        match error {
            GraphError::Session(error) => session(error),
            GraphError::LeaseRefused { .. } => {
                sign_in_again("Microsoft 365 no longer accepts the access that this sign-in gave")
            }
            GraphError::AccessDenied { missing: Some(missing), .. } => {
                Self::missing_scope("Microsoft 365 denied access.", missing)
            }
            GraphError::AccessDenied { codes, missing: None } | GraphError::NotFound { codes }
                if codes.contains("MailboxNotEnabledForRESTAPI") =>
            {
                no_mailbox()
            }
            GraphError::AccessDenied { .. } => no_access(),
            GraphError::NotFound { .. } => not_found(),
            GraphError::UnknownMailbox => unknown_mailbox(),
            GraphError::Locked => locked(),
            GraphError::Rejected { status, codes } => rejected(status, &codes),
            GraphError::Throttled { retry_after } => throttled("Microsoft 365", NOBODY, retry_after),
            GraphError::Unavailable(GraphFault::LeftAlone { retry_after }) => unavailable(retry_after),
            GraphError::Unavailable(_) | GraphError::Unintelligible | GraphError::ForeignLink => {
                unavailable(DEFAULT_WAIT)
            }
            GraphError::ForeignDownload => Self::new(
                ErrorCode::Misconfigured,
                About::NoArgument,
                "The file's content can't be fetched.",
                "Microsoft 365 keeps it on a host that this connector does not fetch from.",
                OPERATOR,
                "The operator checks the setting download_host_suffixes of the cloud; have the user open the file itself.",
            ),
            GraphError::OutOfRange => Self::invalid_argument(
                "range",
                "it begins behind the end of the content.",
                "Ask for an earlier range, or for the whole without one.",
            ),
            GraphError::TooLarge { limit } => Self::new(
                ErrorCode::TooLarge,
                About::Arguments,
                "The item is too large to be read here.",
                format!("The answer would be larger than {} MiB.", limit / (1024 * 1024)),
                MODEL,
                "Ask for less (a smaller limit, a narrower range), or have the user open the item itself.",
            ),
            GraphError::DeadlineExceeded => deadline_exceeded(),
            GraphError::Cancelled => InternalError::Cancelled.into(),
        }
    }
}

fn session(error: SessionError) -> ToolError {
    match error {
        SessionError::Exchange(error) => exchange(error),
        SessionError::DeadlineExceeded => deadline_exceeded(),
        SessionError::Ended => ToolError::new(
            ErrorCode::SessionEnded,
            About::NoArgument,
            "The session has ended.",
            "An administrator ended it, or the connector is being restarted.",
            USER,
            "Try once more in a few seconds; if access was withdrawn, the user has to ask the administrator.",
        ),
        SessionError::Restoring { retry_after } => ToolError::new(
            ErrorCode::Unavailable,
            About::NoArgument,
            "The connector has a fault of its own with this user's session.",
            "The session ended unexpectedly several times in a row, and is made anew after a pause.",
            OPERATOR,
            "Try again after the time stated. If it keeps failing, report it to the operator with the correlation id.",
        )
        .retry_after(retry_after.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX)),
        SessionError::UnknownTenant => ToolError::new(
            ErrorCode::BlockedByPolicy,
            About::NoArgument,
            "The organisation can't use this connector.",
            "Its tenant is not set up here, or was switched off.",
            ADMINISTRATOR,
            "Ask the administrator to enable the connector for the organisation.",
        ),
    }
}

fn unavailable(wait: Duration) -> ToolError {
    let seconds = wait.as_secs_f64().ceil().max(1.0);
    ToolError::new(
        ErrorCode::Unavailable,
        About::NoArgument,
        "Microsoft 365 did not give a usable answer.",
        "Microsoft Graph could not be reached, failed, or answered something unintelligible.",
        NOBODY,
        format!(
            "Try the same call again in {seconds} seconds. If it keeps failing, look at the Microsoft 365 service health."
        ),
    )
    .retry_after(wait.as_secs().max(1))
}

fn no_mailbox() -> ToolError {
    ToolError::new(
        ErrorCode::NotLicensed,
        About::NoArgument,
        "There is no mailbox in Microsoft 365 to read.",
        "The account has no Exchange Online licence, or its mailbox is kept on-premises.",
        ADMINISTRATOR,
        "Ask the administrator whether the account should have an Exchange Online mailbox.",
    )
}

fn no_access() -> ToolError {
    ToolError::new(
        ErrorCode::NoAccess,
        About::Unnamed,
        "The signed-in user has no access to this.",
        "the app has the permission it needs, but the item or mailbox is not shared with the user.",
        "the owner of the item or mailbox",
        "Ask the owner to share it with the user, or look for the same thing among what the user can read.",
    )
}

fn not_found() -> ToolError {
    ToolError::new(
        ErrorCode::NotFound,
        About::Unnamed,
        "It was not found.",
        "It was deleted or moved, the id is not exact, or the user can't see it.",
        MODEL,
        "Search for it again and use the uri of a hit, character for character.",
    )
}

fn unknown_mailbox() -> ToolError {
    ToolError::new(
        ErrorCode::MailboxNotFound,
        About::Unnamed,
        "There is no such mailbox, or the user has no access to it.",
        "Microsoft 365 knows nobody by the mailbox owner that was given; it does not tell a wrong address from a \
         mailbox that is hidden from the user.",
        MODEL,
        "Check the address of the mailbox owner letter by letter and use the main address, not an alias or a group. If \
         the address is right, ask the owner to share the mailbox with the user.",
    )
}

fn locked() -> ToolError {
    ToolError::new(
        ErrorCode::Locked,
        About::NoArgument,
        "The item is locked.",
        "Somebody or something is changing it just now, or an administrator has locked the place that it is in.",
        "the owner of the item, or the organisation's Microsoft 365 administrator",
        "Try again in some minutes; if it stays locked, ask the owner or the administrator. Other items can be read.",
    )
}

fn rejected(status: u16, codes: &GraphCodes) -> ToolError {
    if codes.contains("ErrorInvalidIdMalformed") || codes.contains("ErrorInvalidMailboxItemId") {
        return not_found();
    }
    if status == 402 {
        return ToolError::new(
            ErrorCode::NotLicensed,
            About::NoArgument,
            "Microsoft 365 asks for a licence or a payment for this.",
            format!("Microsoft Graph answered {status} ({codes})."),
            ADMINISTRATOR,
            "Ask the administrator whether the organisation has what this needs; trying again does not help.",
        );
    }
    ToolError::new(
        ErrorCode::UnsupportedQuery,
        About::Arguments,
        "Microsoft 365 does not accept the request.",
        format!("Microsoft Graph answered {status} ({codes})."),
        MODEL,
        "Simplify the arguments: fewer conditions, plain words instead of search syntax.",
    )
}

fn deadline_exceeded() -> ToolError {
    ToolError::new(
        ErrorCode::DeadlineExceeded,
        About::NoArgument,
        "The call took too long.",
        "Microsoft 365 did not answer within the time that a call has.",
        MODEL,
        "Try again, with a smaller limit or a narrower time range.",
    )
}

#[cfg(test)]
mod tests {
    use connector_actors::ports::{ExchangeError, ExchangeFault};
    use rstest::rstest;

    use super::*;

    fn actionable(error: GraphError) -> super::super::error::ActionableError {
        match ToolError::from(error) {
            ToolError::Actionable(error) => *error,
            ToolError::Internal(error) => panic!("{error}"),
        }
    }

    fn session_error(error: ExchangeError) -> GraphError {
        GraphError::Session(SessionError::Exchange(error))
    }

    /// If this failed, a model would be told the wrong thing to do, or clients that branch on codes would break.
    #[rstest]
    #[case::not_found(GraphError::NotFound { codes: GraphCodes::default() }, "not_found")]
    #[case::no_access(GraphError::AccessDenied { codes: GraphCodes::default(), missing: None }, "no_access")]
    #[case::missing(GraphError::AccessDenied { codes: GraphCodes::default(), missing: Some(&["Mail.Read"]) }, "missing_scope")]
    #[case::bad_id(GraphError::Rejected { status: 400, codes: GraphCodes::read(br#"{"error":{"code":"ErrorInvalidIdMalformed"}}"#) }, "not_found")]
    #[case::rejected(GraphError::Rejected { status: 400, codes: GraphCodes::default() }, "unsupported_query")]
    #[case::payment(GraphError::Rejected { status: 402, codes: GraphCodes::default() }, "not_licensed")]
    #[case::unknown_mailbox(GraphError::UnknownMailbox, "mailbox_not_found")]
    #[case::locked(GraphError::Locked, "locked")]
    #[case::no_mailbox(GraphError::NotFound { codes: GraphCodes::read(br#"{"error":{"code":"MailboxNotEnabledForRESTAPI"}}"#) }, "not_licensed")]
    #[case::throttled(GraphError::Throttled { retry_after: Duration::from_millis(1500) }, "throttled")]
    #[case::exchange(session_error(ExchangeError::Unavailable(ExchangeFault::TimedOut)), "unavailable")]
    #[case::refused_lease(GraphError::LeaseRefused { codes: GraphCodes::default() }, "sign_in_required")]
    fn errors_keep_their_meaning(#[case] error: GraphError, #[case] code: &str) {
        assert_eq!(actionable(error).code.as_str(), code);
    }

    /// If this failed, a client would come back too early and be throttled again.
    #[test]
    fn the_wait_is_told_in_whole_seconds_rounded_up() {
        let error = actionable(GraphError::Throttled { retry_after: Duration::from_millis(1500) });
        assert_eq!(error.retry_after_s, Some(2));
        assert!(error.how.contains("2 s"));
    }

    /// If this failed, nobody could tell a missing permission by its name.
    #[test]
    fn a_missing_permission_is_named() {
        let denied = GraphError::AccessDenied {
            codes: GraphCodes::default(),
            missing: Some(&["Mail.Read", "Mail.ReadBasic"]),
        };
        assert!(actionable(denied).why().contains("Mail.Read or Mail.ReadBasic"));
    }
}
