//! Whose mailbox is read, and how much of it the user's permissions open.

use connector_actors::lease::GrantedScopes;
use connector_actors::throttle::Workload;
use uuid::Uuid;

use super::error::{ErrorCode, ToolError};
use super::identity::OWN_PROFILE;
use super::sought::{Sought, Thing};
use super::tool::{ScopeRule, ToolCall};
use crate::graph::{GraphRequest, PathSegment, Profile, QueryOption};

/// Any of these opens mail.
pub(super) const MAIL: ScopeRule = ScopeRule(&[&["Mail.Read"], &["Mail.ReadBasic"], &["Mail.Read.Shared"]]);
/// Any of these opens calendars.
pub(super) const CALENDARS: ScopeRule = ScopeRule(&[&["Calendars.Read"], &["Calendars.Read.Shared"]]);
/// Of which one is enough for the user's own. What others share is opened by permissions that open nothing else.
pub(super) const OWN_MAIL: &[&str] = &["Mail.Read", "Mail.ReadBasic"];
pub(super) const OWN_CALENDARS: &[&str] = &["Calendars.Read"];

/// What of a mailbox is read.
#[derive(Debug)]
struct Store {
    /// Permissions that open the user's own.
    own: &'static [&'static str],
    /// The one that opens what others share.
    shared: &'static [&'static str],
    /// What is not possible without it.
    closed: &'static str,
}

static MESSAGES: Store =
    Store { own: OWN_MAIL, shared: &["Mail.Read.Shared"], closed: "Other people's mailboxes can't be read." };
static EVENTS: Store = Store {
    own: OWN_CALENDARS,
    shared: &["Calendars.Read.Shared"],
    closed: "Other people's calendars can't be read.",
};

/// How much of a message may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MailAccess {
    Full,
    /// By Mail.ReadBasic alone: no search, no bodies, no previews, no attachments.
    Basic,
}

impl MailAccess {
    /// In `mailbox`: what opens other people's opens nothing of the user's own. What nothing opens is Graph's to refuse.
    pub(super) fn within(mailbox: Mailbox<'_>, granted: &GrantedScopes) -> Self {
        let is_basic = granted.contains("Mail.ReadBasic") && !granted.contains("Mail.Read");
        match mailbox {
            Mailbox::Own if is_basic => Self::Basic,
            Mailbox::Own | Mailbox::Of(_) => Self::Full,
        }
    }
}

/// To learn whether an owner that is named is the user.
pub(super) const OWNER_REQUESTS: u32 = 1;

/// A mailbox: the user's own, or one that somebody shares with the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mailbox<'a> {
    Own,
    Of(PathSegment<'a>),
}

/// Whose mailbox a call asks for, as it says so.
#[derive(Debug, Clone, Copy)]
pub(super) struct OwnerArgument<'a> {
    /// The argument that says it, for errors.
    name: &'static str,
    /// An address, or a user's object id.
    owner: PathSegment<'a>,
}

impl<'a> OwnerArgument<'a> {
    /// `mailboxOwnerEmail`.
    pub(super) fn email(owner: &'a str) -> Result<Self, ToolError> {
        Self::parse("mailboxOwnerEmail", owner)
    }

    /// `calendarOwnerEmail`.
    pub(super) fn calendar(owner: &'a str) -> Result<Self, ToolError> {
        Self::parse("calendarOwnerEmail", owner)
    }

    /// The owner in a uri.
    pub(super) fn in_uri(owner: &'a str) -> Result<Self, ToolError> {
        Self::parse("uri", owner)
    }

    /// Says which argument an error is about: the one that names something `inside` the mailbox, or the owner.
    pub(super) fn explain(owner: Option<Self>, inside: Option<Sought>, error: ToolError) -> ToolError {
        let owner = owner.map(|owner| Sought::new(owner.name, Thing::Mailbox));
        let is_not_found =
            matches!(&error, ToolError::Actionable(known) if known.code == ErrorCode::NotFound);
        let (first, second) = if is_not_found { (inside, owner) } else { (owner, inside) };
        first.into_iter().chain(second).fold(error, |error, sought| sought.explain(error))
    }

    fn parse(name: &'static str, owner: &'a str) -> Result<Self, ToolError> {
        let owner = owner.trim();
        let is_owner = owner.contains('@') || Uuid::try_parse(owner).is_ok();
        let owner = PathSegment::new(owner).ok().filter(|_| is_owner);
        owner.map(|owner| Self { name, owner }).ok_or_else(|| {
            ToolError::invalid_argument(
                name,
                "the owner must be given by an address.",
                "Give the owner's whole mail address, such as adele@contoso.example, or nothing for what is the user's \
                 own.",
            )
        })
    }
}

impl<'a> Mailbox<'a> {
    /// The mailbox that a call asks for. Without an owner it is the user's own and nobody is asked. A user who gives
    /// an address of their own means the same, with the same permissions; another's mailbox is refused early, and by
    /// the name of the permission, where Graph would only refuse it.
    pub(super) async fn of(call: &ToolCall<'_>, owner: Option<OwnerArgument<'a>>) -> Result<Self, ToolError> {
        Self::holding(&MESSAGES, call, owner).await
    }

    /// The same for calendars, with the permissions of those.
    pub(super) async fn of_calendar(
        call: &ToolCall<'_>,
        owner: Option<OwnerArgument<'a>>,
    ) -> Result<Self, ToolError> {
        Self::holding(&EVENTS, call, owner).await
    }

    async fn holding(
        store: &Store,
        call: &ToolCall<'_>,
        owner: Option<OwnerArgument<'a>>,
    ) -> Result<Self, ToolError> {
        let Some(OwnerArgument { owner, .. }) = owner else { return Ok(Self::Own) };
        if is_of_the_user(store, call, owner.as_str()).await? {
            return Ok(Self::Own);
        }
        if !call.graph.may_ask(store.shared).await? {
            return Err(ToolError::missing_scope(store.closed, store.shared));
        }
        Ok(Self::Of(owner))
    }

    /// Whether `owner` names this mailbox. Answered without asking Graph where the answer is yes.
    pub(super) async fn is_of(self, call: &ToolCall<'_>, owner: &str) -> Result<bool, ToolError> {
        match self {
            Self::Own => is_of_the_user(&MESSAGES, call, owner.trim()).await,
            Self::Of(own) => Ok(own.as_str().eq_ignore_ascii_case(owner.trim())),
        }
    }

    /// Where requests for this mailbox begin.
    pub(super) fn request(self) -> GraphRequest {
        self.request_for(&MESSAGES)
    }

    /// Where requests for its calendars begin.
    pub(super) fn calendar_request(self) -> GraphRequest {
        self.request_for(&EVENTS)
    }

    fn request_for(self, store: &'static Store) -> GraphRequest {
        match self {
            Self::Own => GraphRequest::get(Workload::Outlook, store.own, "/me"),
            Self::Of(owner) => GraphRequest::get(Workload::Outlook, store.shared, "/users").segment(owner),
        }
    }

    pub(super) fn owner(self) -> Option<&'a str> {
        match self {
            Self::Own => None,
            Self::Of(owner) => Some(owner.as_str()),
        }
    }

    /// `mail:///messages/{id}`, with the owner where it is not the user.
    pub(super) fn message_uri(self, id: &str) -> String {
        self.uri("mail:///messages/", id)
    }

    /// `mail:///folders/{id}`, likewise.
    pub(super) fn folder_uri(self, id: &str) -> String {
        self.uri("mail:///folders/", id)
    }

    /// `calendar:///events/{id}`, likewise.
    pub(super) fn event_uri(self, id: &str) -> String {
        self.uri("calendar:///events/", id)
    }

    /// `mail:///messages/{message}/attachments/{id}`, likewise.
    pub(super) fn attachment_uri(self, message: &str, id: &str) -> String {
        let mut root = "mail:///messages/".to_owned();
        push_segment(&mut root, message);
        root.push_str("/attachments/");
        self.uri(&root, id)
    }

    fn uri(self, root: &str, id: &str) -> String {
        let mut uri = String::with_capacity(root.len() + id.len() + 8);
        uri.push_str(root);
        push_segment(&mut uri, id);
        if let Self::Of(owner) = self {
            uri.push_str("?owner=");
            push_segment(&mut uri, owner.as_str());
        }
        uri
    }
}

/// Whether `owner` is the user: by the object id that the token proves, or by what Graph knows as the user's addresses
/// now. The token's own claims of a name are not asked: they miss the mail address where it differs from the principal
/// name, and after a change of names they may still show what is somebody else's by now. This request is made only
/// where an owner is given.
async fn is_of_the_user(store: &Store, call: &ToolCall<'_>, owner: &str) -> Result<bool, ToolError> {
    if let Ok(id) = Uuid::try_parse(owner) {
        return Ok(id == *call.principal.user.as_uuid());
    }
    if !call.graph.may_ask(OWN_PROFILE).await? {
        return Ok(false);
    }
    let request = GraphRequest::get(Workload::Directory, OWN_PROFILE, "/me")
        .query(QueryOption::Select, "id,mail,userPrincipalName");
    let body = match call.graph.get(&request).await {
        Ok(body) => body,
        // The mailbox itself decides then: whose it is matters only to what is missing.
        Err(_) if call.graph.may_ask(store.shared).await? => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    let profile: Profile<'_> = body.parse()?;
    let own = [profile.mail, profile.user_principal_name];
    Ok(own.iter().flatten().any(|address| address.trim().eq_ignore_ascii_case(owner)))
}

fn push_segment(uri: &mut String, text: &str) {
    // An id that can't be a segment can't be read either: the empty one in its place says so.
    if let Ok(segment) = PathSegment::new(text) {
        uri.push_str(&segment.encoded());
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, the uri of a hit could not be read back.
    #[test]
    fn a_uri_names_message_and_owner() {
        assert_eq!(Mailbox::Own.message_uri("AAMk-_=/+"), "mail:///messages/AAMk-_=%2F%2B");
        let shared = Mailbox::Of(OwnerArgument::email("adele@contoso.example").unwrap().owner);
        assert_eq!(shared.message_uri("A"), "mail:///messages/A?owner=adele%40contoso.example");
    }

    /// If this failed, Graph would be asked for a mailbox that can't be one, and the error would not name the argument.
    #[rstest]
    #[case::address("adele@contoso.example", Some("adele@contoso.example"))]
    #[case::blanks(" adele@contoso.example ", Some("adele@contoso.example"))]
    #[case::object_id("9a3e4f0e-3d9f-4f0e-8f0e-3d9f4f0e8f0e", Some("9a3e4f0e-3d9f-4f0e-8f0e-3d9f4f0e8f0e"))]
    #[case::name("Adele Vance", None)]
    #[case::step("..", None)]
    #[case::blank(" ", None)]
    fn an_owner_is_an_address(#[case] owner: &str, #[case] expected: Option<&str>) {
        match OwnerArgument::email(owner) {
            Ok(parsed) => assert_eq!(Some(parsed.owner.as_str()), expected),
            Err(ToolError::Actionable(error)) => {
                assert_eq!(expected, None);
                assert!(error.why().starts_with("mailboxOwnerEmail: "), "{}", error.why());
            }
            Err(ToolError::Internal(error)) => panic!("{error}"),
        }
    }
}
