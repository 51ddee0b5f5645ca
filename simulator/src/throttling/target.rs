//! From an address to what is counted: which service answers, whose limits apply, and what it costs.

use std::hash::{DefaultHasher, Hash, Hasher};

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::limits::{self, Limit, TeamsRoute};
use super::named::EXPORTED;
use super::request::{Intent, RequestFacts};
use super::workload::Workload;

/// What a request is counted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    pub workload: Workload,
    /// What Teams counts it as.
    pub teams: TeamsRoute,
    /// Hash of the id of the team, channel or chat, or of the mailbox that is named.
    pub resource: Option<u64>,
    /// Cost in resource units, at least 1; 1 for services that count requests.
    pub cost: u64,
    /// Hash of what an online meeting is asked for by: its id, or the filter that finds it.
    pub meeting: Option<u64>,
    /// Limits beside those of the service.
    besides: &'static [Limit],
}

impl Target {
    /// `None` for `$batch`, whose items are counted one by one.
    pub fn of(facts: &RequestFacts<'_>) -> Option<Self> {
        let RequestFacts { path, query, body, intent, .. } = *facts;
        Self::of_address(path, query, body, intent)
    }

    /// The service that answers for an address (what follows `/v1.0`, percent-encoded), to which `body` is sent. `None` for
    /// `$batch`, which is many.
    pub fn workload_of(path: &str, body: &[u8]) -> Option<Workload> {
        Self::of_address(path, "", body, Intent::Reads).map(|target| target.workload)
    }

    fn of_address(path: &str, query: &str, body: &[u8], intent: Intent) -> Option<Self> {
        let segments: Vec<String> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect();
        let words: Vec<&str> = segments.iter().map(String::as_str).collect();
        if words.first().is_some_and(|first| first.eq_ignore_ascii_case("$batch")) {
            return None;
        }
        Some(Place { words: &words, query, body, intent }.target())
    }

    pub(super) fn limits(&self) -> Vec<Limit> {
        let own: &[Limit] = match self.workload {
            Workload::Teams => {
                let limits = limits::GLOBAL.iter().copied().chain(limits::teams(self.teams));
                return limits.chain(self.besides.iter().copied()).collect();
            }
            Workload::Outlook => limits::OUTLOOK,
            Workload::Directory => limits::DIRECTORY,
            Workload::SharePoint => limits::SHAREPOINT,
            Workload::Search => limits::SEARCH,
            Workload::Insights => limits::INSIGHTS,
            Workload::OneNote => limits::ONENOTE,
            Workload::Copilot => limits::COPILOT,
            Workload::Calls => limits::CALLS,
            Workload::Presence => limits::PRESENCE,
            Workload::CallRecords => limits::CALL_RECORDS,
            Workload::Subscriptions => limits::SUBSCRIPTIONS,
        };
        limits::GLOBAL.iter().chain(own).chain(self.besides).copied().collect()
    }

    /// How many requests of one holder may be under way at once.
    pub(super) const fn concurrency(&self) -> Option<u32> {
        match self.workload {
            Workload::Outlook => Some(limits::OUTLOOK_CONCURRENCY),
            Workload::Insights => Some(limits::INSIGHTS_CONCURRENCY),
            Workload::OneNote => Some(limits::ONENOTE_CONCURRENCY),
            _ => None,
        }
    }
}

pub(super) fn hashed(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.to_lowercase().hash(&mut hasher);
    hasher.finish()
}

/// What the name of a type begins with where an address takes something for that type.
const CAST: &str = "microsoft.graph.";

/// The first segments of what belongs to a person, and of groups, that are Outlook's.
const OUTLOOK: &[&str] = &[
    "messages",
    "mailfolders",
    "mailboxsettings",
    "inferenceclassification",
    "calendar",
    "calendars",
    "calendargroups",
    "calendarview",
    "events",
    "findmeetingtimes",
    "getschedule",
    "reminderview",
    "translateexchangeids",
    "getmailtips",
    "contacts",
    "contactfolders",
    "people",
    "photo",
    "photos",
    "outlook",
    "conversations",
    "threads",
];

/// Last segments of addresses in SharePoint that name many items.
const COLLECTIONS: &[&str] = &[
    "children",
    "items",
    "lists",
    "drives",
    "sites",
    "pages",
    "columns",
    "contenttypes",
    "versions",
    "recent",
    "sharedwithme",
    "followedsites",
    "following",
    "activities",
    "subsites",
];

struct Place<'a> {
    words: &'a [&'a str],
    query: &'a str,
    body: &'a [u8],
    intent: Intent,
}

impl Place<'_> {
    fn is(&self, index: usize, name: &str) -> bool {
        self.words.get(index).is_some_and(|word| word.eq_ignore_ascii_case(name))
    }

    fn is_one_of(&self, index: usize, names: &[&str]) -> bool {
        names.iter().any(|name| self.is(index, name))
    }

    fn target(&self) -> Target {
        if self.words.iter().any(|word| word.eq_ignore_ascii_case("onenote")) {
            return plain(Workload::OneNote);
        }
        if self.is(0, "me") {
            return self.owned(1, None);
        }
        if self.is_one_of(0, &["users", "groups"]) {
            return match self.words.get(1) {
                Some(owner) => self.owned(2, Some(hashed(owner))),
                None => self.directory(),
            };
        }
        if self.is_one_of(0, &["drives", "sites", "shares"]) {
            return self.sharepoint();
        }
        if self.is_one_of(0, &["teams", "chats", "teamwork"]) {
            return self.teams(0);
        }
        if self.is(0, "search") {
            return self.search();
        }
        if self.is(0, "subscriptions") {
            return plain(Workload::Subscriptions);
        }
        if self.is(0, "copilot") && !self.words.iter().any(|word| word.eq_ignore_ascii_case("onlineMeetings"))
        {
            return plain(Workload::Copilot);
        }
        if self.is(0, "communications") && self.is(1, "calls") {
            return plain(Workload::Calls);
        }
        if self.is(0, "communications") && self.is(1, "callRecords") {
            return plain(Workload::CallRecords);
        }
        if self.is(0, "communications") && self.is_one_of(1, &["presences", "getPresencesByUserId"]) {
            return plain(Workload::Presence);
        }
        if self.is(0, "communications") && self.is(1, "onlineMeetings") {
            return self.meeting(1);
        }
        if self.is_one_of(0, &["communications", "copilot"]) {
            return self.teams(0);
        }
        if EXPORTED.iter().enumerate().all(|(place, name)| self.is(place, name)) {
            let resource = self.words.get(3).map(|mailbox| hashed(mailbox));
            return Target { resource, ..plain(Workload::Outlook) };
        }
        self.directory()
    }

    /// What belongs to a person or a group: the words from `start` on say what.
    fn owned(&self, start: usize, owner: Option<u64>) -> Target {
        if self.is_one_of(start, OUTLOOK) {
            return Target { resource: owner, ..plain(Workload::Outlook) };
        }
        if self.is_one_of(start, &["drive", "drives", "followedSites", "sites"]) {
            return self.sharepoint();
        }
        if self.is(start, "onlineMeetings") {
            return self.meeting(start);
        }
        if self.is_one_of(start, &["chats", "joinedTeams", "teamwork"]) {
            return self.teams(start);
        }
        if self.is(start, "insights") {
            return plain(Workload::Insights);
        }
        if self.is(start, "presence") {
            return plain(Workload::Presence);
        }
        self.directory()
    }

    fn directory(&self) -> Target {
        let listed = self.words.last().copied().unwrap_or_default();
        let base = match self.words {
            [first] if first.eq_ignore_ascii_case("users") => 2,
            [first, _, ..]
                if first.eq_ignore_ascii_case("groups") && listed.eq_ignore_ascii_case("members") =>
            {
                3
            }
            _ if listed.eq_ignore_ascii_case("memberOf") || listed.eq_ignore_ascii_case("licenseDetails") => {
                2
            }
            _ => 1,
        };
        let mut cost: i64 = base;
        if self.option("select").is_some() {
            cost -= 1;
        }
        if self.option("expand").is_some() {
            cost += 1;
        }
        if self.option("top").and_then(|top| top.parse::<u32>().ok()).is_some_and(|top| top < 20) {
            cost -= 1;
        }
        let besides = match self.intent {
            Intent::Writes => limits::DIRECTORY_WRITES,
            Intent::Reads if self.words.iter().any(|word| word.eq_ignore_ascii_case("extensions")) => {
                limits::EXTENSIONS
            }
            Intent::Reads => &[],
        };
        Target { cost: cost.max(1).unsigned_abs(), besides, ..plain(Workload::Directory) }
    }

    /// Connections are Outlook's; everything else is SharePoint's, and people are counted once more.
    fn search(&self) -> Target {
        let entities = entities(self.body);
        let finds = |name: &str| entities.iter().any(|entity| entity.eq_ignore_ascii_case(name));
        if finds("externalItem") {
            return plain(Workload::Outlook);
        }
        let besides = if finds("person") { limits::PEOPLE_RESULTS } else { &[] };
        Target { besides, ..plain(Workload::Search) }
    }

    /// Teams' own part begins at `start`. What lies below a meeting tells of something else than the meeting.
    fn meeting(&self, start: usize) -> Target {
        let asked = match self.words[start..] {
            [_] => self.option("filter"),
            [_, id] => Some(id.to_owned()),
            _ => None,
        };
        let besides = if asked.is_some() { limits::MEETING_INFORMATION } else { &[] };
        Target { meeting: asked.map(|asked| hashed(&asked)), besides, ..plain(Workload::Teams) }
    }

    fn sharepoint(&self) -> Target {
        let besides = if self.is(0, "shares") { limits::SHARING } else { &[] };
        Target { cost: self.sharepoint_cost(), besides, ..plain(Workload::SharePoint) }
    }

    /// 5 for whatever has to do with permissions, 2 for many items and for every change, 1 for one.
    fn sharepoint_cost(&self) -> u64 {
        // What something is taken for does not make it another thing.
        let mut words = self.words.iter().rev().map(|word| word.to_ascii_lowercase());
        let last = words.find(|word| !word.starts_with(CAST)).unwrap_or_default();
        let expands_permissions = self
            .option("expand")
            .is_some_and(|expanded| expanded.to_ascii_lowercase().contains("permissions"));
        if expands_permissions || self.words.iter().any(|word| word.eq_ignore_ascii_case("permissions")) {
            return 5;
        }
        if self.intent == Intent::Writes {
            return 2;
        }
        // An address by path that is not closed by a colon names one item, whatever that is called.
        let colons = self.words.iter().filter(|word| word.ends_with(':')).count();
        let is_open_path = colons % 2 == 1;
        if last == "delta" || last.starts_with("delta(") {
            return if self.option("token").is_some() { 1 } else { 2 };
        }
        let is_many = last.starts_with("search(") || COLLECTIONS.contains(&last.as_str());
        if is_many && !is_open_path { 2 } else { 1 }
    }

    /// Teams' own part begins at `start`.
    fn teams(&self, start: usize) -> Target {
        let words = &self.words[start..];
        let word = |index: usize| words.get(index).copied().unwrap_or_default().to_ascii_lowercase();
        let named = |index: usize| words.get(index).map(|id| hashed(id));
        let last = word(words.len().saturating_sub(1));
        let (route, resource) = match (word(0).as_str(), words.len()) {
            _ if last == "getallmessages" => (TeamsRoute::AllMessages, None),
            ("joinedteams", 1) => (TeamsRoute::JoinedTeams, None),
            ("chats", 1) => (TeamsRoute::Chats, None),
            ("chats", 2) => (TeamsRoute::Chat, named(1)),
            ("chats", _) => (message_route(words, 2, TeamsRoute::ChatMessages, TeamsRoute::Other), named(1)),
            ("teams", 2) => (TeamsRoute::Team, named(1)),
            ("teams", 3) if last == "channels" => (TeamsRoute::Channels, named(1)),
            ("teams", _) if word(2) == "members" => (TeamsRoute::TeamMembers, named(1)),
            ("teams", 4) if word(2) == "channels" => (TeamsRoute::Channel, named(3)),
            ("teams", _) if word(2) == "channels" => {
                (message_route(words, 4, TeamsRoute::ChannelMessages, TeamsRoute::ChannelMembers), named(3))
            }
            _ => (TeamsRoute::Other, None),
        };
        Target { teams: route, resource, ..plain(Workload::Teams) }
    }

    /// The value of a query option, decoded. Its name counts with and without `$`, as Graph takes it.
    fn option(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key.trim_start_matches('$').eq_ignore_ascii_case(name))
            .map(|(_, value)| value.into_owned())
    }
}

/// What stands below a chat or a channel, from `start` on.
fn message_route(words: &[&str], start: usize, list: TeamsRoute, members: TeamsRoute) -> TeamsRoute {
    let word = |index: usize| words.get(index).copied().unwrap_or_default().to_ascii_lowercase();
    if words[start..].iter().any(|word| word.eq_ignore_ascii_case("hostedContents")) {
        let is_value = word(words.len() - 1) == "$value";
        return if is_value { TeamsRoute::HostedContentValue } else { TeamsRoute::HostedContents };
    }
    match (word(start).as_str(), words.len() - start) {
        ("messages", 1) => list,
        ("messages", 2) if word(start + 1).starts_with("delta") => list,
        ("members", _) => members,
        _ => TeamsRoute::Other,
    }
}

const fn plain(workload: Workload) -> Target {
    Target { workload, teams: TeamsRoute::Other, resource: None, cost: 1, meeting: None, besides: &[] }
}

/// What a search is to find; nothing where its body is none.
fn entities(body: &[u8]) -> Vec<String> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let requests = body.get("requests").and_then(Value::as_array);
    requests
        .into_iter()
        .flatten()
        .filter_map(|request| request.get("entityTypes")?.as_array())
        .flatten()
        .filter_map(|entity| entity.as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
