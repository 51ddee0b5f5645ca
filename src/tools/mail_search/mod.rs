//! `outlook_email_search`: every argument with every other, in as few requests as Graph allows.

mod answer;
mod conditions;
pub(super) mod first_page;
mod found;
mod kql;
mod plan;

use std::borrow::Cow;
use std::pin::pin;

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arguments::{self, limit, text};
use super::cursor::{self, Binding};
use super::error::ToolError;
use super::mail_folder_names::{FolderArgument, RESOLVE_REQUESTS, resolve};
use super::mailbox::{MAIL, MailAccess, Mailbox, OWNER_REQUESTS, OwnerArgument};
use super::own_zone;
use super::pages::{Shelf, Start};
use super::person::PersonQuery;
use super::review::Review;
use super::schema;
use super::sought::{Sought, Thing};
use super::tool::{Tool, ToolAnswer, ToolCall};
use super::window::{Window, WindowArguments};
use super::words;
use super::zone::Zone;
use crate::graph::{GraphError, PathSegment};
pub(super) use answer::{Hit, MessageList};
use answer::{Understood, hit};
pub(super) use conditions::Conditions;
use conditions::{Importance, Order};
use found::{Position, find};
use plan::Plan;

const DEFAULT_LIMIT: u32 = 10;

/// Of one list: whose mailbox it is, which folder, and its pages.
pub(super) const MOST_REQUESTS: u32 = OWNER_REQUESTS + RESOLVE_REQUESTS + found::PAGES;

pub(super) const OUTLOOK_EMAIL_SEARCH: Tool = Tool {
    name: "outlook_email_search",
    title: "Search mail",
    description: "Finds messages in the user's mailbox, newest first; without arguments the latest. Long texts of \
                  hits are cut: read_resource gives all. Example: {\"query\": \"budget\", \"sender\": \"Adele\", \
                  \"afterDateTime\": \"last monday\"}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<MessageList<'static>>),
    scopes: MAIL,
    client_capabilities: &[],
    warm_requests: 1,
    most_requests: MOST_REQUESTS,
    run: search,
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    /// Words in sender, subject or body; KQL works.
    #[serde(default, deserialize_with = "text::<_, 1000>")]
    #[schemars(example = &"budget")]
    query: Option<String>,
    /// Address, name or part of a name.
    #[serde(default, deserialize_with = "text::<_, 320>")]
    #[schemars(example = &"Adele")]
    sender: Option<String>,
    /// Address, name or part of a name; to, cc or bcc.
    #[serde(default, deserialize_with = "text::<_, 320>")]
    #[schemars(example = &"adele@contoso.example")]
    recipient: Option<String>,
    /// Words in the subject.
    #[serde(default, deserialize_with = "text::<_, 500>")]
    #[schemars(example = &"budget")]
    subject: Option<String>,
    /// Folder name, path (Inbox/Projects), uri or id. Default: the whole mailbox.
    #[serde(default, deserialize_with = "text::<_, 2000>")]
    #[schemars(example = &"Inbox/Projects")]
    folder_name: Option<String>,
    /// Address of somebody who shares the mailbox with the user.
    #[serde(default, deserialize_with = "text::<_, 320>")]
    #[schemars(example = &"adele@contoso.example")]
    mailbox_owner_email: Option<String>,
    /// Received at or after: 2026-11-01, last monday, 3 days ago.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"2026-11-01")]
    after_date_time: Option<String>,
    /// Received before; a date means its start.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"yesterday")]
    before_date_time: Option<String>,
    #[schemars(example = true)]
    has_attachments: Option<bool>,
    #[schemars(example = true)]
    is_unread: Option<bool>,
    importance: Option<Importance>,
    order: Option<Order>,
    #[serde(default, deserialize_with = "limit::<_, 50>")]
    #[schemars(range(min = 1, max = 50), example = 10, extend("default" = DEFAULT_LIMIT))]
    limit: Option<u32>,
    /// nextCursor of the same call's answer.
    #[serde(default, deserialize_with = "text::<_, { cursor::LONGEST }>", skip_serializing)]
    cursor: Option<String>,
    /// IANA zone; default: the user's own.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"Europe/Berlin")]
    time_zone: Option<String>,
}

/// Messages to list: the arguments of a search, or a folder that is read.
pub(super) struct Listing<'a> {
    pub(super) mailbox: Mailbox<'a>,
    pub(super) folder: Option<FolderArgument<'a>>,
    pub(super) conditions: Conditions<'a>,
    pub(super) limit: u32,
    /// For times, where it is known; if not, it is learnt meanwhile.
    pub(super) zone: Option<Zone>,
    pub(super) from: Start<Position>,
}

fn search<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        let binding = Binding::new(call.principal, OUTLOOK_EMAIL_SEARCH.name, &arguments);
        let from = Start::of(call, arguments.cursor.as_deref(), &binding)?;
        let folder = arguments.folder_name.as_deref().map(|text| FolderArgument::parse("folderName", text));
        let folder = folder.transpose()?;
        let owner = arguments.mailbox_owner_email.as_deref().map(OwnerArgument::email).transpose()?;
        let conditions = conditions(&arguments)?;
        let dates = WindowArguments {
            after: arguments.after_date_time.as_deref(),
            before: arguments.before_date_time.as_deref(),
            time_zone: arguments.time_zone.as_deref(),
        };
        let (Window { after, before }, zone) = Window::understood(call, dates, &from).await?;
        let listing = Listing {
            mailbox: Mailbox::of(call, owner).await?,
            folder,
            conditions: Conditions { after, before, ..conditions },
            limit: arguments.limit.unwrap_or(DEFAULT_LIMIT),
            zone,
            from,
        };
        let shelf = Shelf::default();
        let folder = folder.map(|folder| Sought::new(folder.name, Thing::MailFolder));
        let messages = list(call, &listing, &binding, &shelf)
            .await
            .map_err(|error| OwnerArgument::explain(owner, folder, error))?;
        ToolAnswer::new(&messages, shelf.size())
    })
}

/// All but the dates.
fn conditions(arguments: &Arguments) -> Result<Conditions<'_>, ToolError> {
    Ok(Conditions {
        query: words::given("query", arguments.query.as_deref())?,
        sender: words::given("sender", arguments.sender.as_deref())?.map(PersonQuery::parse),
        recipient: words::given("recipient", arguments.recipient.as_deref())?.map(PersonQuery::parse),
        subject: words::given("subject", arguments.subject.as_deref())?,
        after: None,
        before: None,
        has_attachments: arguments.has_attachments,
        is_unread: arguments.is_unread,
        importance: arguments.importance,
        order: arguments.order.unwrap_or_default(),
    })
}

/// Lists messages. The answer borrows from the pages on the shelf.
pub(super) async fn list<'b>(
    call: &'b ToolCall<'_>,
    listing: &'b Listing<'b>,
    binding: &Binding<'_>,
    shelf: &'b Shelf,
) -> Result<MessageList<'b>, ToolError> {
    let lease = call.graph.lease().await?;
    let access = MailAccess::within(listing.mailbox, lease.scopes());
    let plan = Plan::new(&listing.conditions, access, listing.limit)?;
    let folder = match listing.folder {
        Some(argument) => Some(resolve(call, listing.mailbox, argument).await?),
        None => None,
    };
    let key = folder.as_ref().map(|folder| PathSegment::new(&folder.key));
    let segment = key.transpose().map_err(|_| GraphError::Unintelligible)?;
    let request = plan.request(listing.mailbox, segment, access);
    let found = pin!(find(call, &plan, &request, &listing.from.at, shelf));
    let (zone, found) = own_zone::beside(call, listing.from.zone().or(listing.zone.as_ref()), found).await?;

    let review = Review::of(call);
    let messages: Vec<_> = found
        .messages
        .into_iter()
        .filter_map(|message| review.admit(message))
        .map(|message| {
            message.shape(|message, withheld| hit(message, withheld, listing.mailbox, &zone, &review))
        })
        .collect();
    let onward = found.onward.map(|at| listing.from.further(at, &zone));
    let shown = folder.map(|folder| folder.shown);
    let understood = Understood::of(&listing.conditions, listing.mailbox, shown, &zone);
    let list: MessageList<'b> = onward.into_list(messages, call, binding, &review)?;
    Ok(list.understood(understood).total(found.total).notes(notes(access)))
}

fn notes(access: MailAccess) -> Vec<Cow<'static, str>> {
    match access {
        MailAccess::Full => Vec::new(),
        MailAccess::Basic => vec![Cow::Borrowed(
            "The user's own mail is opened by Mail.ReadBasic alone: no previews and no bodies, and no query.",
        )],
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, signs would find nothing or everything, or be Graph's to complain about.
    #[rstest]
    #[case::star(r#"{"sender":"*"}"#, "sender: there is no word in it.")]
    #[case::quote(r#"{"subject":"\""}"#, "subject: there is no word in it.")]
    #[case::parenthesis(r#"{"query":"( )"}"#, "query: there is no word in it.")]
    #[case::no_address(r#"{"recipient":"*@*.*"}"#, "recipient: there is no word in it.")]
    #[case::word_beside_signs(r#"{"sender":"* a","subject":"(1)","query":"\"ü"}"#, "")]
    fn what_is_looked_for_has_a_word(#[case] json: &str, #[case] expected: &str) {
        let arguments: Arguments = serde_json::from_str(json).unwrap();
        let why = match conditions(&arguments) {
            Err(ToolError::Actionable(error)) => error.why().into_owned(),
            Err(ToolError::Internal(error)) => panic!("{error}"),
            Ok(_) => String::new(),
        };
        assert_eq!(why, expected);
    }
}
