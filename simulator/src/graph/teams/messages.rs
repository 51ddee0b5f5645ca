//! What a GET of messages and of what hangs on them answers.

use bytes::Bytes;
use serde_json::{Value, json};

use super::member_list::{self, MemberRow, MemberSchema};
use super::message::Thread;
use super::page::{self, Listing, cut, sealed};
use super::page_size::{MEMBERS, PageSize, ROSTER, TALK};
use super::people::Enrolled;
use super::refusal::TeamsRefusal;
use super::render::{self, Home, Scene};
use super::route::MessageView;
use super::window::Window;
use super::{Asking, Prepared};
use crate::graph::odata::filter::Filter;
use crate::graph::odata::select::Selection;
use crate::graph::respond::{Entity, Object};

/// Replies that `$expand` gives with one post.
const EXPANDED_REPLIES: usize = 1_000;

impl Asking<'_> {
    pub(super) fn scene<'b>(&'b self, home: &'b Home, thread: &'b Thread) -> Scene<'b> {
        Scene {
            people: self.people,
            home,
            thread,
            base_url: self.request.base_url,
            shows_unknown: self.shows_unknown(),
        }
    }

    /// The messages of a chat: newest first, between two times where `$orderby` names them too.
    pub(super) fn chat_messages(&self, scene: Scene<'_>) -> Result<Prepared, TeamsRefusal> {
        let window = Window::parse(self.query.order_by.as_deref(), self.query.filter.as_deref())?;
        let messages = &scene.thread.messages;
        let mut entries: Vec<usize> =
            scene.thread.posts().filter(|place| window.holds(&messages[*place])).collect();
        entries.sort_by_key(|place| std::cmp::Reverse((window.time(&messages[*place]), *place)));
        self.page_of(scene, entries, "messages", |scene, place| scene.message(place))
    }

    /// The posts of a channel, by when they were last written, changed or replied to.
    pub(super) fn posts(&self, scene: Scene<'_>) -> Result<Prepared, TeamsRefusal> {
        let with_replies = self.expands_replies()?;
        let entries = by_activity(scene.thread);
        self.page_of(scene, entries, "messages", |scene, place| self.post(scene, place, with_replies))
    }

    /// The posts as a list that is gone on with later: since nothing changes here, what comes later is empty.
    pub(super) fn changes(&self, scene: Scene<'_>) -> Result<Prepared, TeamsRefusal> {
        let with_replies = self.expands_replies()?;
        let window = Window::parse(Some("lastModifiedDateTime desc"), self.query.filter.as_deref())?;
        let is_later = self.request.query.to_ascii_lowercase().contains("deltatoken=");
        let mut entries = by_activity(scene.thread);
        entries.retain(|place| !is_later && window.holds(&scene.thread.messages[*place]));
        let slice = cut(&self.query, entries, TALK)?;
        let value = slice.entries.into_iter().map(|place| self.post(scene, place, with_replies)).collect();
        let context = self.context("Collection(chatMessage)");
        let mut listing = Listing::new(context, value, self.next_link(slice.next));
        if listing.next_link.is_none() {
            let token = self.query.continued("deltatoken", &sealed(scene.thread.messages.len()));
            listing.delta_link = Some(format!("{}{}?{token}", self.request.base_url, self.request.path));
        }
        Ok(Prepared::json(&listing))
    }

    pub(super) fn replies(&self, scene: Scene<'_>, post: usize) -> Result<Prepared, TeamsRefusal> {
        let id = &scene.thread.messages[post].id;
        let entries = scene.thread.replies(post);
        let what = format!("messages('{id}')/replies");
        self.page_of(scene, entries, &what, |scene, place| scene.message(place))
    }

    fn page_of(
        &self,
        scene: Scene<'_>,
        entries: Vec<usize>,
        what: &str,
        write: impl Fn(Scene<'_>, usize) -> Object,
    ) -> Result<Prepared, TeamsRefusal> {
        let slice = cut(&self.query, entries, TALK)?;
        let value = slice.entries.into_iter().map(|place| write(scene, place)).collect();
        let context = self.context(&format!("{}/{what}", scene.home.context()));
        Ok(Prepared::json(&Listing::new(context, value, self.next_link(slice.next))))
    }

    fn expands_replies(&self) -> Result<bool, TeamsRefusal> {
        Ok(!page::expansions(&self.query, &["replies"])?.is_empty())
    }

    fn post(&self, scene: Scene<'_>, place: usize, with_replies: bool) -> Object {
        let mut object = scene.message(place);
        if !with_replies {
            return object;
        }
        let replies = scene.thread.replies(place);
        let context = self.context(&format!(
            "{}/messages('{}')/replies",
            scene.home.context(),
            scene.thread.messages[place].id
        ));
        object.set("replies@odata.context", context);
        object.set("replies@odata.count", replies.len().min(EXPANDED_REPLIES));
        if replies.len() > EXPANDED_REPLIES {
            let (base, path, token) = (self.request.base_url, scene.path(place), sealed(EXPANDED_REPLIES));
            object.set("replies@odata.nextLink", format!("{base}{path}/replies?%24skiptoken={token}"));
        }
        let shown: Value =
            replies.into_iter().take(EXPANDED_REPLIES).map(|reply| json!(scene.message(reply))).collect();
        object.set("replies", shown);
        object
    }

    /// One message, or what hangs on it.
    pub(super) fn message_view(
        &self,
        scene: Scene<'_>,
        place: usize,
        view: &MessageView,
    ) -> Result<Prepared, TeamsRefusal> {
        let message = &scene.thread.messages[place];
        let own = match message.reply_to {
            Some(post) => format!("messages('{}')/replies", scene.thread.messages[post].id),
            None => "messages".to_owned(),
        };
        let own = format!("{}/{own}", scene.home.context());
        let find = |id: &str| {
            message.pictures.iter().find(|picture| picture.id() == id).copied().ok_or(TeamsRefusal::NotFound)
        };
        match view {
            MessageView::Message => {
                let object = self.post(scene, place, self.expands_replies()?);
                Ok(Prepared::json(&Entity { context: self.context(&format!("{own}/$entity")), object }))
            }
            MessageView::HostedContents => {
                let value = message.pictures.iter().map(|picture| hosted(&picture.id())).collect();
                let context = self.context(&format!("{own}('{}')/hostedContents", message.id));
                Ok(Prepared::json(&Listing::new(context, value, None)))
            }
            MessageView::HostedContent(id) => {
                let object = hosted(&find(id)?.id());
                let context = self.context(&format!("{own}('{}')/hostedContents/$entity", message.id));
                Ok(Prepared::json(&Entity { context, object }))
            }
            MessageView::HostedContentValue(id) => {
                Ok(Prepared { body: Bytes::from(find(id)?.png()), content_type: Some("image/png") })
            }
        }
    }

    /// The pinned messages of a chat, themselves with `$expand=message`.
    pub(super) fn pinned(&self, scene: Scene<'_>) -> Result<Prepared, TeamsRefusal> {
        let with_message = !page::expansions(&self.query, &["message"])?.is_empty();
        let pin = |place: &usize| {
            let mut object = Object::new();
            object.set("id", scene.thread.messages[*place].id.as_str());
            if with_message {
                object.set("message", json!(scene.message(*place)));
            }
            object
        };
        let value = scene.thread.pinned.iter().map(pin).collect();
        let shown = if with_message { "(message())" } else { "" };
        let context = self.context(&format!("{}/pinnedMessages{shown}", scene.home.context()));
        Ok(Prepared::json(&Listing::new(context, value, None)))
    }

    /// The members of a chat: `thread` is its id, `what` names it in the context.
    pub(super) fn roster(
        &self,
        thread: &str,
        what: &str,
        members: &[Enrolled],
    ) -> Result<Prepared, TeamsRefusal> {
        self.page_of_members(thread, what, members, ROSTER)
    }

    /// The members of a team or a channel, as far as they are asked for.
    pub(super) fn members(
        &self,
        thread: &str,
        what: &str,
        members: &[Enrolled],
    ) -> Result<Prepared, TeamsRefusal> {
        let filter = self.query.filter.as_deref().map(Filter::parse::<MemberSchema>).transpose()?;
        let is_asked = |member: &&Enrolled| {
            filter.as_ref().is_none_or(|filter| filter.passes(&MemberRow::of(self.people, **member)))
        };
        let members: Vec<Enrolled> = members.iter().filter(is_asked).copied().collect();
        self.page_of_members(thread, what, &members, MEMBERS)
    }

    fn page_of_members(
        &self,
        thread: &str,
        what: &str,
        members: &[Enrolled],
        size: PageSize,
    ) -> Result<Prepared, TeamsRefusal> {
        let select = self.query.select.as_deref().map(member_list::uncast);
        let selection = Selection::parse(select.as_deref(), member_list::NAMES, member_list::TYPE_NAME)?;
        let slice = cut(&self.query, (0..members.len()).collect(), size)?;
        let write = |place: usize| {
            render::member(self.people, thread, members[place]).keep(member_list::NAMES, &selection)
        };
        let value = slice.entries.into_iter().map(write).collect();
        let context = self.context(&format!("{what}/members{}", selection.context(member_list::NAMES)));
        Ok(Prepared::json(&Listing::new(context, value, self.next_link(slice.next))))
    }

    /// One membership by its id.
    pub(super) fn member(
        &self,
        thread: &str,
        what: &str,
        members: &[Enrolled],
        id: &str,
    ) -> Result<Prepared, TeamsRefusal> {
        let is_it = |member: &&Enrolled| render::membership(self.people, thread, member.who) == id;
        let member = members.iter().find(is_it).ok_or(TeamsRefusal::NotFound)?;
        let object = render::member(self.people, thread, *member);
        let context = self.context(&format!("{what}/members/$entity"));
        Ok(Prepared::json(&Entity { context, object }))
    }
}

/// Bytes and type are always null; the bytes come with `$value`.
fn hosted(id: &str) -> Object {
    let mut object = Object::new();
    object.set("id", id);
    object.set("contentBytes", Value::Null);
    object.set("contentType", Value::Null);
    object
}

fn by_activity(thread: &Thread) -> Vec<usize> {
    let mut posts: Vec<usize> = thread.posts().collect();
    posts.sort_by_key(|place| std::cmp::Reverse((thread.activity(*place), *place)));
    posts
}
