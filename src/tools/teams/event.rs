//! What Teams tells itself: members that came, names that changed, calls that ended.

use crate::graph::EventDetail;
use crate::tools::review::Review;

/// One sentence about it.
pub(super) fn sentence(event: &EventDetail<'_>, review: &Review<'_>) -> String {
    let kind = event.odata_type.as_deref().unwrap_or_default();
    let kind = kind.strip_prefix("#microsoft.graph.").unwrap_or(kind);
    let kind = kind.strip_suffix("EventMessageDetail").unwrap_or(kind);
    let members = event.members.as_ref().map_or(0, Vec::len);
    match kind {
        "membersAdded" => format!("Members added: {members}."),
        "membersDeleted" => format!("Members removed: {members}."),
        "membersJoined" => format!("Members joined: {members}."),
        "membersLeft" => format!("Members left: {members}."),
        "chatRenamed" => match event.chat_display_name.clone() {
            Some(name) => format!("The chat was renamed to \"{}\".", review.clean_line(name.into_cow())),
            None => "The chat was renamed.".to_owned(),
        },
        "callStarted" => "A call started.".to_owned(),
        "callEnded" => {
            match event.call_duration.as_deref().and_then(|text| text.parse::<jiff::Span>().ok()) {
                Some(duration) => format!("A call ended after {duration:#}."),
                None => "A call ended.".to_owned(),
            }
        }
        "callRecording" => "A recording of a call was made.".to_owned(),
        "callTranscript" => "A transcript of a call was made.".to_owned(),
        "channelAdded" => "The channel was created.".to_owned(),
        "channelDeleted" => "The channel was deleted.".to_owned(),
        "channelRenamed" => "The channel was renamed.".to_owned(),
        "messagePinned" => "A message was pinned.".to_owned(),
        "messageUnpinned" => "A message is no longer pinned.".to_owned(),
        "teamsAppInstalled" => "An app was installed.".to_owned(),
        "teamsAppRemoved" => "An app was removed.".to_owned(),
        _ => "Teams tells of a change of the conversation.".to_owned(),
    }
}
