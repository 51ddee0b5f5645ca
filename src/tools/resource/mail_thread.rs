//! The other messages of a message's thread.

use std::borrow::Cow;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::timeout;

use crate::graph::{
    GraphBody, GraphError, GraphRequest, Message, Page, Preference, QueryOption, Text, ThreadOf,
    string_literal,
};
use crate::tools::mailbox::Mailbox;
use crate::tools::person::Person;
use crate::tools::provenance::Origin;
use crate::tools::review::{Review, Reviewed};
use crate::tools::user_context::UserContext;
use crate::tools::zone::Zone;

/// How long the message waits for them: it is worth giving without.
const LONGEST_WAIT: Duration = Duration::from_secs(3);
/// Messages that are named.
const MOST: u32 = 25;
const SELECT: &str = "id,subject,from,receivedDateTime";
const MORE: &str = "There are more messages in the thread than are named here.";
const UNKNOWN: &str = "The other messages of the thread could not be found.";

/// Another message of the thread.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ThreadMessage<'a> {
    uri: String,
    subject: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Person<'a>>,
    /// Whether the sender's address belongs to the user's organisation.
    origin: Origin,
    #[serde(skip_serializing_if = "Option::is_none")]
    received_utc: Option<Cow<'a, str>>,
    /// The same in the asked time zone, where that is not UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    received: Option<String>,
}

/// What Graph says of a thread.
pub(super) enum Thread {
    /// There is nothing to look for.
    None,
    Found(GraphBody),
    Unknown,
}

impl Thread {
    /// The thread of the message that Graph has answered with. It takes a second request, for only the message says which
    /// thread it belongs to: a batch can't put one answer into another request, and a message has nothing to expand.
    /// Source: <https://learn.microsoft.com/graph/json-batching>.
    pub(super) async fn of(
        user: &UserContext<'_>,
        mailbox: Mailbox<'_>,
        message: &GraphBody,
    ) -> Result<Self, GraphError> {
        let Some(id) = message.parse::<ThreadOf<'_>>()?.conversation_id else { return Ok(Self::None) };
        user.progress.step("Looking for the other messages of the thread.");
        let request = request(mailbox, &id);
        let time = LONGEST_WAIT.min(user.graph.remaining() / 2);
        match timeout(time, user.graph.get(&request)).await {
            Ok(Ok(body)) => Ok(Self::Found(body)),
            Ok(Err(error)) if error.ends_the_call() => Err(error),
            Ok(Err(_)) | Err(_) => Ok(Self::Unknown),
        }
    }

    /// The messages but for the one with this id, the oldest first, and what is to be said of them.
    pub(super) fn others<'a>(
        &'a self,
        id: &str,
        mailbox: Mailbox<'_>,
        zone: &Zone,
        review: &Review<'_>,
    ) -> (Vec<Reviewed<ThreadMessage<'a>>>, Option<&'static str>) {
        let page: Page<'a, Message<'a>> = match self {
            Self::None => return (Vec::new(), None),
            Self::Unknown => return (Vec::new(), Some(UNKNOWN)),
            Self::Found(body) => match body.parse() {
                Ok(page) => page,
                Err(_) => return (Vec::new(), Some(UNKNOWN)),
            },
        };
        let note = page.next_link.is_some().then_some(MORE);
        let mut others: Vec<Message<'a>> = page.value.into_iter().filter(|other| *other.id != *id).collect();
        // Graph writes all times alike, so that their order is that of the texts.
        others.sort_by(|one, other| {
            one.received_date_time.as_deref().cmp(&other.received_date_time.as_deref())
        });
        let admitted = others.into_iter().filter_map(|other| review.admit(other));
        let shaped = admitted.map(|other| other.shape(|other, _| shape(other, mailbox, zone, review)));
        (shaped.collect(), note)
    }
}

/// Exchange takes no order beside this filter.
fn request(mailbox: Mailbox<'_>, thread: &str) -> GraphRequest {
    mailbox
        .request()
        .part("/messages")
        .query(QueryOption::Filter, &format!("conversationId eq {}", string_literal(thread)))
        .query(QueryOption::Select, SELECT)
        .top(MOST)
        .prefer(Preference::ImmutableIds)
}

fn shape<'a>(
    message: Message<'a>,
    mailbox: Mailbox<'_>,
    zone: &Zone,
    review: &Review<'_>,
) -> ThreadMessage<'a> {
    let received_utc = message.received_date_time.map(Text::into_cow);
    let from = message.from.and_then(|from| Person::of(from, review.texts()));
    ThreadMessage {
        uri: mailbox.message_uri(&message.id),
        subject: message.subject.map(|subject| review.clean_line(subject.into_cow())).unwrap_or_default(),
        origin: Origin::of(from.as_ref().and_then(|from| from.address.as_deref()), review.policy()),
        from,
        received: received_utc.as_deref().and_then(|utc| zone.localise(utc)),
        received_utc,
    }
}
