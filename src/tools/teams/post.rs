//! A post of a channel with its replies.

use super::message::{MessageItem, Shaping};
use crate::graph::ChatMessage;
use crate::tools::error::ToolError;
use crate::tools::pages::{LONGEST_LIST, Length, Shaped, Verdict};
use crate::tools::review::Reviewed;
use crate::tools::window::Window;

/// Replies of one post that a list gives: the newest.
pub(super) const REPLIES: usize = 20;

/// In bytes: what the replies of one post take in an answer, which has room for the post as well.
const REPLIES_LENGTH: usize = LONGEST_LIST - 6 * 1024;

/// Whether replies are given with their post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tools) enum Replies {
    Included,
    LeftOut,
}

/// What becomes of a post. Teams gives posts by when they, or a reply to them, were last written or changed.
pub(super) fn judge(post: &ChatMessage<'_>, window: &Window) -> Verdict {
    if window.after.is_none() {
        return Verdict::Given;
    }
    let is_fresh = |message: &ChatMessage<'_>| !window.is_behind(last_change(message));
    let has_fresh_reply = post.replies.iter().flatten().any(is_fresh);
    // Of more replies than Graph gives at once, nobody knows which are missing.
    if is_fresh(post) || has_fresh_reply || post.replies_next_link.is_some() {
        Verdict::Given
    } else {
        Verdict::Over
    }
}

fn last_change<'m>(message: &'m ChatMessage<'_>) -> Option<&'m str> {
    message.last_modified_date_time.as_deref().or(message.created_date_time.as_deref())
}

/// The post, and behind it its newest replies, the oldest of them first.
pub(super) fn items(
    mut post: ChatMessage<'_>,
    replies: Replies,
    window: &Window,
    shaping: Shaping<'_>,
) -> Result<Vec<Reviewed<MessageItem>>, ToolError> {
    let id = post.id.to_string();
    let mut given = post.replies.take().unwrap_or_default();
    if replies == Replies::LeftOut {
        return Ok(shaping.item(post, None).into_iter().collect());
    }
    let all = given.len();
    given.retain(|reply| !window.is_behind(last_change(reply)));
    // Graph writes all times alike, so that their order is that of the texts.
    given.sort_by(|one, other| other.created_date_time.as_deref().cmp(&one.created_date_time.as_deref()));
    given.truncate(REPLIES);
    let mut replies = shaped(given, &id, shaping)?;
    let post = shaping.post(post, all - replies.taken);
    replies.items.reverse();
    Ok(post.into_iter().chain(replies.items).collect())
}

/// Replies of one post.
struct Shown {
    items: Vec<Reviewed<MessageItem>>,
    /// How many of those that Graph gave were looked at.
    taken: usize,
}

/// The first of these replies, as many as there is room for.
fn shaped(replies: Vec<ChatMessage<'_>>, post: &str, shaping: Shaping<'_>) -> Result<Shown, ToolError> {
    let mut length = Length::of(REPLIES_LENGTH);
    let mut shown = Shown { items: Vec::with_capacity(replies.len()), taken: 0 };
    for reply in replies {
        match length.keep(shaping.review, || Ok(shaping.item(reply, Some(post))))? {
            Shaped::Shown(item) => shown.items.push(item),
            Shaped::NotShown => {}
            Shaped::TooLong => break,
        }
        shown.taken += 1;
    }
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, a list would end before what was asked for, or read on to the channel's first day.
    #[rstest]
    #[case::fresh(r#"{"id":"1","lastModifiedDateTime":"2026-11-24T00:00:00Z"}"#, Verdict::Given)]
    #[case::old(r#"{"id":"1","lastModifiedDateTime":"2026-11-22T00:00:00Z"}"#, Verdict::Over)]
    #[case::fresh_reply(
        r#"{"id":"1","lastModifiedDateTime":"2026-11-22T00:00:00Z","replies":[{"id":"2","lastModifiedDateTime":"2026-11-24T00:00:00Z"}]}"#,
        Verdict::Given
    )]
    #[case::old_reply(
        r#"{"id":"1","lastModifiedDateTime":"2026-11-22T00:00:00Z","replies":[{"id":"2","lastModifiedDateTime":"2026-11-22T12:00:00Z"}]}"#,
        Verdict::Over
    )]
    #[case::more_than_is_known(
        r#"{"id":"1","lastModifiedDateTime":"2026-11-22T00:00:00Z","replies":[],"replies@odata.nextLink":"x"}"#,
        Verdict::Given
    )]
    fn a_post_counts_by_its_last_activity(#[case] post: &str, #[case] expected: Verdict) {
        let window = Window { after: "2026-11-23T00:00:00Z".parse().ok(), before: None };
        let post = serde_json::from_str(post).unwrap();
        assert_eq!(judge(&post, &window), expected);
        assert_eq!(judge(&post, &Window::default()), Verdict::Given);
    }
}
