//! What a GET of chats answers.

use std::sync::Arc;

use serde_json::{Value, json};

use super::chat_list::{ChatRow, ChatSchema, NAMES, TYPE_NAME};
use super::page::{self, Listing, cut};
use super::page_size::TALK;
use super::people::{Enrolled, Participant};
use super::refusal::TeamsRefusal;
use super::render::{self, Home};
use super::roster::{Chat, Circle, circle_count, circles_of};
use super::route::ChatRoute;
use super::{Asking, Conversations, Prepared};
use crate::directory::Tenant;
use crate::graph::odata::filter::Filter;
use crate::graph::odata::select::Selection;
use crate::graph::respond::{Entity, Object};

/// What may be expanded, in the order in which contexts name it.
const EXPANDABLE: &[&str] = &["members", "lastMessagePreview"];

/// A chat within its circle.
pub(super) struct Found {
    circle: Arc<Circle>,
    place: usize,
}

impl Found {
    pub(super) fn chat(&self) -> &Chat {
        &self.circle.chats[self.place]
    }
}

impl Asking<'_> {
    pub(super) fn chat_route(&self, id: &str, route: &ChatRoute) -> Result<Prepared, TeamsRefusal> {
        let found = self.find_chat(id)?;
        let chat = found.chat();
        let context = Home::Chat(chat.id.clone()).context();
        match route {
            ChatRoute::Chat => self.chat(chat),
            ChatRoute::Members => self.roster(&chat.id, &context, &enrolled(chat)),
            ChatRoute::Member(id) => self.member(&chat.id, &context, &enrolled(chat), id),
            ChatRoute::Operations => {
                // Operations are of writing, and nothing is written here.
                let context = self.context(&format!("{context}/operations"));
                Ok(Prepared::json(&Listing::new(context, Vec::new(), None)))
            }
            ChatRoute::Operation(_) => Err(TeamsRefusal::NotFound),
            ChatRoute::Messages | ChatRoute::Message(..) | ChatRoute::PinnedMessages => {
                let thread = self.conversations.chat_thread(self.people.tenant, self.files, chat);
                let home = Home::Chat(chat.id.clone());
                let scene = self.scene(&home, &thread);
                match route {
                    ChatRoute::Message(id, view) => {
                        let place = thread.post(id).ok_or(TeamsRefusal::NotFound)?;
                        self.message_view(scene, place, view)
                    }
                    ChatRoute::PinnedMessages => self.pinned(scene),
                    _ => self.chat_messages(scene),
                }
            }
        }
    }

    /// The caller's chats, those with the newest message first.
    pub(super) fn chats(&self) -> Result<Prepared, TeamsRefusal> {
        require_known_order(self.query.order_by.as_deref())?;
        let filter = self.query.filter.as_deref().map(Filter::parse::<ChatSchema>).transpose()?;
        let (selection, expansions) = (self.chat_selection()?, self.expansions()?);
        let mut found = self.conversations.chats_of(self.people.tenant, self.seat);
        found.retain(|found| {
            let row = ChatRow { chat: found.chat(), people: self.people };
            filter.as_ref().is_none_or(|filter| filter.passes(&row))
        });
        found.sort_by_key(|found| (std::cmp::Reverse(found.chat().activity()), found.chat().id.clone()));
        let slice = cut(&self.query, (0..found.len()).collect(), TALK)?;
        let write = |place: usize| self.chat_object(found[place].chat(), &selection, &expansions);
        let value = slice.entries.into_iter().map(write).collect();
        let context = self.context(&format!("chats{}", shown(&selection, &expansions)));
        Ok(Prepared::json(&Listing::new(context, value, self.next_link(slice.next))))
    }

    fn chat(&self, chat: &Chat) -> Result<Prepared, TeamsRefusal> {
        let (selection, expansions) = (self.chat_selection()?, self.expansions()?);
        let object = self.chat_object(chat, &selection, &expansions);
        let context = self.context(&format!("chats{}/$entity", shown(&selection, &expansions)));
        Ok(Prepared::json(&Entity { context, object }))
    }

    fn chat_object(&self, chat: &Chat, selection: &Selection, expansions: &[&'static str]) -> Object {
        let mut object = ChatRow { chat, people: self.people }.object(selection);
        for name in expansions {
            let value = match *name {
                "members" => enrolled(chat)
                    .into_iter()
                    .map(|member| json!(render::member(self.people, &chat.id, member)))
                    .collect(),
                _ => self.last_message(chat),
            };
            object.set(name, value);
        }
        object
    }

    fn last_message(&self, chat: &Chat) -> Value {
        let thread = self.conversations.chat_thread(self.people.tenant, self.files, chat);
        let home = Home::Chat(chat.id.clone());
        match thread.messages.len().checked_sub(1) {
            Some(last) => self.scene(&home, &thread).preview(last),
            None => Value::Null,
        }
    }

    fn chat_selection(&self) -> Result<Selection, TeamsRefusal> {
        Ok(Selection::parse(self.query.select.as_deref(), NAMES, TYPE_NAME)?)
    }

    fn expansions(&self) -> Result<Vec<&'static str>, TeamsRefusal> {
        page::expansions(&self.query, EXPANDABLE)
    }

    /// A chat by its id. That a chat exists is told to those who are not in it, by 403 instead of 404.
    pub(super) fn find_chat(&self, id: &str) -> Result<Found, TeamsRefusal> {
        if !is_thread_id(id) {
            return Err(TeamsRefusal::MalformedThread(id.to_owned()));
        }
        let own = self.conversations.chats_of(self.people.tenant, self.seat);
        if let Some(found) = own.into_iter().find(|found| found.chat().id == id) {
            return Ok(found);
        }
        // Circles that are only searched are not kept.
        let is_in = |place: usize| {
            let circle = Circle::of(self.people, place, self.conversations.newest);
            circle.chats.iter().any(|chat| chat.id == id)
        };
        if (0..circle_count(self.people.tenant)).any(is_in) {
            return Err(TeamsRefusal::NotInThread { caller: self.caller, thread: id.to_owned() });
        }
        Err(TeamsRefusal::ThreadNotFound(id.to_owned()))
    }
}

impl Conversations {
    /// The chats of the user at a seat, in no order.
    pub(super) fn chats_of(&self, tenant: &Tenant, seat: usize) -> Vec<Found> {
        let who = Participant::Member(seat);
        let mut found = Vec::new();
        for circle in circles_of(tenant, seat) {
            let circle = self.circle(tenant, circle);
            let places = (0..circle.chats.len()).filter(|place| circle.chats[*place].holds(who));
            found.extend(places.map(|place| Found { circle: Arc::clone(&circle), place }));
        }
        found
    }
}

/// In a chat everybody of the tenant is an owner.
fn enrolled(chat: &Chat) -> Vec<Enrolled> {
    chat.members.iter().map(|who| Enrolled { who: *who, is_owner: true }).collect()
}

/// Teams sorts chats by their last message alone, and only downwards.
fn require_known_order(order_by: Option<&str>) -> Result<(), TeamsRefusal> {
    let Some(order) = order_by else { return Ok(()) };
    let mut words = order.split_whitespace().map(str::to_ascii_lowercase);
    let is_known = words.next().as_deref() == Some("lastmessagepreview/createddatetime")
        && words.next().as_deref() == Some("desc")
        && words.next().is_none();
    if is_known {
        Ok(())
    } else {
        Err(TeamsRefusal::NotSupported { option: "$orderby", value: order.to_owned() })
    }
}

/// What of a chat is shown, as `@odata.context` tells it.
fn shown(selection: &Selection, expansions: &[&'static str]) -> String {
    let expanded: Vec<String> = expansions.iter().map(|name| format!("{name}()")).collect();
    let selected = selection.context(NAMES);
    let names = selected.trim_start_matches('(').trim_end_matches(')');
    let parts: Vec<&str> = Some(names)
        .filter(|names| !names.is_empty())
        .into_iter()
        .chain(expanded.iter().map(String::as_str))
        .collect();
    if parts.is_empty() { String::new() } else { format!("({})", parts.join(",")) }
}

/// Whether a text could be the id of a chat or channel at all.
pub(super) fn is_thread_id(id: &str) -> bool {
    id.strip_prefix("19:").and_then(|rest| rest.split_once('@')).is_some_and(|(name, kind)| {
        !name.is_empty() && matches!(kind, "thread.v2" | "thread.tacv2" | "thread.skype" | "unq.gbl.spaces")
    })
}
