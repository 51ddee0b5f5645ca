//! What a request counts as, read off its address: its class, what it is about, and what it costs.
//!
//! Source: "Microsoft Graph service-specific throttling limits" and, for SharePoint's resource units, "Avoid getting
//! throttled or blocked in SharePoint Online", both on Microsoft Learn.

use connector_actors::throttle::{RequestClass, ResourceHash, TeamsRoute, Workload};
use percent_encoding::percent_decode_str;

/// What SharePoint counts as a query of many items, by the last segment of an address.
const MANY_ITEMS: &[&str] = &[
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
/// Whoever asks for fewer entries than this pays one unit less in the directory.
const SMALL_PAGE: u32 = 20;

/// How the limits see a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) class: RequestClass,
    pub(super) resource: Option<ResourceHash>,
    /// In the service's resource units, at least 1.
    pub(super) units: u32,
}

impl Route {
    /// `below` is what follows the base, with its query, percent-encoded.
    pub(super) fn of(workload: Workload, below: &str) -> Self {
        let plain = Self { class: RequestClass::of(workload), resource: None, units: 1 };
        let (path, query) = below.split_once('?').unwrap_or((below, ""));
        match workload {
            Workload::Outlook | Workload::Search => plain,
            Workload::Directory => Self { units: directory_units(&words(path), query), ..plain },
            Workload::SharePoint => {
                let words = words(path);
                let class = if is(&words, 0, "shares") { RequestClass::SharingLink } else { plain.class };
                Self { class, units: sharepoint_units(&words, query), ..plain }
            }
            Workload::Teams => {
                let words = words(path);
                let (route, resource) = teams(own_part(&words));
                let resource = resource.map(ResourceHash::of);
                Self { class: RequestClass::Teams(route), resource, units: 1 }
            }
        }
    }
}

/// The segments, decoded; `chats('19:x')` is two.
fn words(path: &str) -> Vec<String> {
    let mut words = Vec::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        let segment = percent_decode_str(segment).decode_utf8_lossy();
        match segment.split_once("('").and_then(|(name, rest)| Some((name, rest.strip_suffix("')")?))) {
            Some((name, key)) => words.extend([name.to_owned(), key.to_owned()]),
            None => words.push(segment.into_owned()),
        }
    }
    words
}

fn is(words: &[String], place: usize, name: &str) -> bool {
    words.get(place).is_some_and(|word| word.eq_ignore_ascii_case(name))
}

/// Without whose chats, teams or meetings they are.
fn own_part(words: &[String]) -> &[String] {
    let skipped = match words {
        [first, ..] if first.eq_ignore_ascii_case("me") => 1,
        [first, _, ..] if first.eq_ignore_ascii_case("users") => 2,
        _ => 0,
    };
    words.get(skipped..).unwrap_or_default()
}

fn teams(words: &[String]) -> (TeamsRoute, Option<&str>) {
    let named = |place: usize| words.get(place).map(String::as_str);
    let length = words.len();
    if is(words, 0, "joinedTeams") {
        return (TeamsRoute::JoinedTeams, None);
    }
    if is(words, 0, "chats") {
        let route = match length {
            1 => TeamsRoute::Chats,
            2 => TeamsRoute::Chat,
            _ => below_conversation(words, 2, TeamsRoute::ChatMessages, TeamsRoute::Other),
        };
        return (route, named(1));
    }
    if !is(words, 0, "teams") {
        return (TeamsRoute::Other, None);
    }
    if is(words, 2, "channels") && length > 3 {
        let route = match length {
            4 => TeamsRoute::Channel,
            _ => below_conversation(words, 4, TeamsRoute::ChannelMessages, TeamsRoute::ChannelMembers),
        };
        return (route, named(3));
    }
    let route = match length {
        2 => TeamsRoute::Team,
        3 if is(words, 2, "channels") => TeamsRoute::Channels,
        _ if is(words, 2, "members") => TeamsRoute::TeamMembers,
        _ => TeamsRoute::Other,
    };
    (route, named(1))
}

/// What stands below a chat or a channel, from `start` on.
fn below_conversation(
    words: &[String],
    start: usize,
    messages: TeamsRoute,
    members: TeamsRoute,
) -> TeamsRoute {
    let last = words.len() - 1;
    if words.iter().skip(start).any(|word| word.eq_ignore_ascii_case("hostedContents")) {
        let is_content = is(words, last, "$value");
        return if is_content { TeamsRoute::HostedContentValue } else { TeamsRoute::HostedContents };
    }
    if is(words, start, "members") {
        return members;
    }
    let is_list = is(words, start, "messages") && (last == start || is(words, last, "delta"));
    if is_list { messages } else { TeamsRoute::Other }
}

/// `GET users`, `memberOf` and `licenseDetails` cost 2, members of a group 3, everything else 1; `$select` and a small
/// page take one off each, `$expand` adds one.
fn directory_units(words: &[String], query: &str) -> u32 {
    let last = words.len().saturating_sub(1);
    let base: u32 = if is(words, 0, "groups") && is(words, last, "members") {
        3
    } else if (is(words, 0, "users") && last == 0)
        || is(words, last, "memberOf")
        || is(words, last, "licenseDetails")
    {
        2
    } else {
        1
    };
    let is_small =
        option(query, "$top").and_then(|top| top.parse().ok()).is_some_and(|top: u32| top < SMALL_PAGE);
    let off = u32::from(option(query, "$select").is_some()) + u32::from(is_small);
    (base + u32::from(option(query, "$expand").is_some())).saturating_sub(off).max(1)
}

/// Permissions cost 5, many items 2, one item, its content, or changes since a token 1.
fn sharepoint_units(words: &[String], query: &str) -> u32 {
    let expands_permissions =
        option(query, "$expand").is_some_and(|expanded| expanded.contains("permissions"));
    if expands_permissions || words.iter().any(|word| word.eq_ignore_ascii_case("permissions")) {
        return 5;
    }
    let last = words.last().map(|word| word.to_ascii_lowercase()).unwrap_or_default();
    if last == "delta" || last.starts_with("delta(") {
        return if option(query, "token").is_some() { 1 } else { 2 };
    }
    // An address by path that is not closed by a colon names one item, whatever that is called.
    let is_open_path = words.iter().filter(|word| word.ends_with(':')).count() % 2 == 1;
    let is_many = last.starts_with("search(") || MANY_ITEMS.contains(&last.as_str());
    if is_many && !is_open_path { 2 } else { 1 }
}

/// The value of a query option, as it is encoded.
fn option<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let key = key.strip_prefix("%24").map_or(key.strip_prefix('$').unwrap_or(key), |bare| bare);
        key.eq_ignore_ascii_case(name.trim_start_matches('$')).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, the gate would hold a request to the limit of another, and Teams refuse it.
    #[rstest]
    #[case("/me/joinedTeams", TeamsRoute::JoinedTeams, None)]
    #[case("/teams/t1", TeamsRoute::Team, Some("t1"))]
    #[case("/teams/t1/channels", TeamsRoute::Channels, Some("t1"))]
    #[case("/teams/t1/channels/19%3Ac", TeamsRoute::Channel, Some("19:c"))]
    #[case("/teams/t1/channels/19%3Ac/members", TeamsRoute::ChannelMembers, Some("19:c"))]
    #[case("/teams/t1/channels/19%3Ac/messages?$top=5", TeamsRoute::ChannelMessages, Some("19:c"))]
    #[case("/teams/t1/channels/19%3Ac/messages/m/replies", TeamsRoute::Other, Some("19:c"))]
    #[case("/teams/t1/members", TeamsRoute::TeamMembers, Some("t1"))]
    #[case("/me/chats?$expand=members", TeamsRoute::Chats, None)]
    #[case("/users('5')/chats?$skiptoken=x", TeamsRoute::Chats, None)]
    #[case("/chats/19%3Aa", TeamsRoute::Chat, Some("19:A"))]
    #[case("/chats('19%3Aa')/messages", TeamsRoute::ChatMessages, Some("19:a"))]
    #[case("/me/chats/19%3Aa/messages", TeamsRoute::ChatMessages, Some("19:a"))]
    #[case("/chats/19%3Aa/messages/m", TeamsRoute::Other, Some("19:a"))]
    #[case("/chats/19%3Aa/members", TeamsRoute::Other, Some("19:a"))]
    #[case("/chats/19%3Aa/messages/m/hostedContents/h/$value", TeamsRoute::HostedContentValue, Some("19:a"))]
    #[case("/me/onlineMeetings/m/transcripts", TeamsRoute::Other, None)]
    fn an_address_of_teams_has_its_row_of_the_table(
        #[case] below: &str,
        #[case] route: TeamsRoute,
        #[case] resource: Option<&str>,
    ) {
        let resource = resource.map(ResourceHash::of);
        let expected = Route { class: RequestClass::Teams(route), resource, units: 1 };
        assert_eq!(Route::of(Workload::Teams, below), expected);
    }

    /// If this failed, the gate would let more sharing links pass than SharePoint opens.
    #[rstest]
    #[case("/shares/u!aHR0/driveItem/content", RequestClass::SharingLink)]
    #[case("/drives/shares/items/i", RequestClass::SharePoint)]
    #[case("/me/drive/sharedWithMe", RequestClass::SharePoint)]
    fn a_sharing_link_is_counted_as_one(#[case] below: &str, #[case] class: RequestClass) {
        assert_eq!(Route::of(Workload::SharePoint, below).class, class);
    }

    /// If this failed, a tenant's resource units would be gone before the gate knows.
    #[rstest]
    #[case(Workload::Directory, "/users?$count=true", 2)]
    #[case(Workload::Directory, "/users?$select=id&$top=5", 1)]
    #[case(Workload::Directory, "/users?%24expand=manager", 3)]
    #[case(Workload::Directory, "/groups/x/members?$top=100", 3)]
    #[case(Workload::Directory, "/me/memberOf", 2)]
    #[case(Workload::Directory, "/me?$select=id", 1)]
    #[case(Workload::SharePoint, "/me/drive/root/children", 2)]
    #[case(Workload::SharePoint, "/me/drive/root:/children", 1)]
    #[case(Workload::SharePoint, "/me/drive/root:/a%20b:/children", 2)]
    #[case(Workload::SharePoint, "/drives/d/items/i/content", 1)]
    #[case(Workload::SharePoint, "/drives/d/items/i/permissions", 5)]
    #[case(Workload::SharePoint, "/drives/d/items/i?$expand=permissions", 5)]
    #[case(Workload::SharePoint, "/me/drive/root/search(q='a')", 2)]
    #[case(Workload::SharePoint, "/me/drive/root/delta", 2)]
    #[case(Workload::SharePoint, "/me/drive/root/delta?token=x", 1)]
    #[case(Workload::SharePoint, "/sites?search=a", 2)]
    #[case(Workload::Outlook, "/me/messages?$top=5", 1)]
    fn a_request_costs_what_is_published(
        #[case] workload: Workload,
        #[case] below: &str,
        #[case] units: u32,
    ) {
        assert_eq!(Route::of(workload, below).units, units);
    }
}
