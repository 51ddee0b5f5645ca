use rstest::rstest;
use uuid::Uuid;

use super::*;
use crate::throttling::named::{named_mailbox, named_owner};

fn asked(address: &str) -> RequestFacts<'_> {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    RequestFacts {
        app: Uuid::nil(),
        tenant: Uuid::nil(),
        user: Uuid::nil(),
        mailbox: None,
        tenant_users: 12,
        intent: Intent::Reads,
        path,
        query,
        body: &[],
    }
}

fn target(address: &str) -> Target {
    Target::of(&asked(address)).unwrap()
}

/// Fails when a request is counted by another service's rules.
#[rstest]
#[case("/me/messages?$top=5", Workload::Outlook)]
#[case("/users/a%40b.example/calendarView", Workload::Outlook)]
#[case("/me/photo/$value", Workload::Outlook)]
#[case("/me/getMailTips", Workload::Outlook)]
#[case("/admin/exchange/mailboxes/x/folders", Workload::Outlook)]
#[case("/me", Workload::Directory)]
#[case("/users", Workload::Directory)]
#[case("/groups/x/members", Workload::Directory)]
#[case("/me/drive/root", Workload::SharePoint)]
#[case("/sites/root/lists", Workload::SharePoint)]
#[case("/groups/x/drive", Workload::SharePoint)]
#[case("/shares/u!x/driveItem/content", Workload::SharePoint)]
#[case("/search/query", Workload::Search)]
#[case("/me/chats", Workload::Teams)]
#[case("/me/onlineMeetings/x/transcripts", Workload::Teams)]
#[case("/copilot/users/x/onlineMeetings/y/aiInsights", Workload::Teams)]
#[case("/copilot/retrieval", Workload::Copilot)]
#[case("/me/onenote/pages", Workload::OneNote)]
#[case("/communications/callRecords/x", Workload::CallRecords)]
#[case("/nobody/knows", Workload::Directory)]
fn an_address_belongs_to_its_service(#[case] address: &str, #[case] workload: Workload) {
    assert_eq!(target(address).workload, workload);
}

/// Fails when a row of the Teams table is used for an address of another row.
#[rstest]
#[case("/me/joinedTeams", TeamsRoute::JoinedTeams)]
#[case("/teams/t", TeamsRoute::Team)]
#[case("/teams/t/channels", TeamsRoute::Channels)]
#[case("/teams/t/channels/c", TeamsRoute::Channel)]
#[case("/teams/t/channels/c/members", TeamsRoute::ChannelMembers)]
#[case("/teams/t/channels/c/messages", TeamsRoute::ChannelMessages)]
#[case("/teams/t/channels/c/messages/m", TeamsRoute::Other)]
#[case("/teams/t/channels/c/messages/m/replies", TeamsRoute::Other)]
#[case("/teams/t/channels/c/messages/m/hostedContents/h/$value", TeamsRoute::HostedContentValue)]
#[case("/teams/t/members", TeamsRoute::TeamMembers)]
#[case("/me/chats", TeamsRoute::Chats)]
#[case("/chats/c", TeamsRoute::Chat)]
#[case("/users/u/chats/c/messages", TeamsRoute::ChatMessages)]
#[case("/chats/c/messages/m/hostedContents", TeamsRoute::HostedContents)]
#[case("/chats/c/members", TeamsRoute::Other)]
#[case("/me/chats/getAllMessages", TeamsRoute::AllMessages)]
#[case("/me/onlineMeetings", TeamsRoute::Other)]
fn an_address_of_teams_has_its_row(#[case] address: &str, #[case] route: TeamsRoute) {
    assert_eq!(target(address).teams, route);
}

/// Fails when one chat has two allowances: it would seem to take twice as much.
#[test]
fn a_chat_is_the_same_by_every_address() {
    let chat = |address: &str| target(address).resource;
    assert_eq!(chat("/chats/19%3Aa/messages"), chat("/me/chats/19:A/members"));
    assert_ne!(chat("/chats/19%3Aa/messages"), chat("/chats/19%3Ab/messages"));
    assert_eq!(chat("/teams/t/channels/c"), chat("/teams/t/channels/c/messages/m/replies"));
}

/// Fails when all channels of a team are taken for one channel, which may be asked for once a second.
#[rstest]
#[case("/teams/t/allChannels")]
#[case("/teams/t/incomingChannels")]
#[case("/teams/t/primaryChannel")]
fn what_names_no_channel_has_no_allowance_of_one(#[case] address: &str) {
    let target = target(address);
    assert_eq!((target.teams, target.resource), (TeamsRoute::Other, None));
}

/// Fails when a request costs more or less than the published rules say.
#[rstest]
#[case("/users", 2)]
#[case("/users?$select=id", 1)]
#[case("/users?$select=id&$top=5", 1)]
#[case("/users?$expand=manager", 3)]
#[case("/users?%24expand=manager&%24top=19", 2)]
#[case("/users?$top=20", 2)]
#[case("/users?select=id", 1)]
#[case("/users?expand=manager&TOP=19", 2)]
#[case("/drives/d/items/i?expand=permissions", 5)]
#[case("/sites/s/pages", 2)]
#[case("/sites/s/pages/microsoft.graph.sitePage", 2)]
#[case("/sites/s/pages/p/microsoft.graph.sitePage", 1)]
#[case("/users/x", 1)]
#[case("/me/memberOf", 2)]
#[case("/groups/x/members?$expand=y", 4)]
#[case("/me/drive/root/children", 2)]
#[case("/me/drive/root:/children", 1)]
#[case("/me/drive/root:/a:/children", 2)]
#[case("/drives/d/items/i", 1)]
#[case("/drives/d/items/i/content", 1)]
#[case("/me/drive/root/delta", 2)]
#[case("/me/drive/root/delta?token=x", 1)]
#[case("/me/drive/root/search(q='a')", 2)]
#[case("/sites?search=a", 2)]
#[case("/drives/d/items/i/permissions", 5)]
#[case("/drives/d/items/i?$expand=permissions", 5)]
#[case("/sites/s/lists/l/items?$expand=fields", 2)]
fn a_request_costs_what_is_published(#[case] address: &str, #[case] cost: u64) {
    assert_eq!(target(address).cost, cost);
}

/// Fails when a batch is counted beside its items.
#[test]
fn a_batch_is_not_counted_itself() {
    assert_eq!(Target::of(&asked("/$batch")), None);
    assert_eq!(named_owner("/users/a%40b/messages"), Some("a%40b"));
    assert_eq!(named_owner("/me/messages"), None);
    assert_eq!(named_mailbox("/admin/Exchange/mailboxes/MBX%3Aa@b/folders"), Some("MBX%3Aa@b"));
    assert_eq!(named_mailbox("/users/admin/exchange/mailboxes/a"), None);
}

/// Fails when what changes something costs as little as reading it, or is not counted as a write.
#[test]
fn a_write_is_counted_as_one() {
    let written = |address| Target::of(&RequestFacts { intent: Intent::Writes, ..asked(address) }).unwrap();
    assert_eq!(written("/drives/d/items/i").cost, 2);
    assert_eq!(written("/drives/d/items/i/permissions").cost, 5);
    let names = |target: Target| target.limits().iter().map(|limit| limit.name).collect::<Vec<_>>();
    assert_eq!(names(written("/users/x")).iter().filter(|name| **name == limits::WRITES).count(), 3);
    assert!(!names(target("/users/x")).contains(&limits::WRITES));
}

/// Fails when a search is counted by what it does not look for.
#[rstest]
#[case(r#"{"requests":[{"entityTypes":["person"]}]}"#, Workload::Search, true)]
#[case(r#"{"requests":[{"entityTypes":["message"]}]}"#, Workload::Search, false)]
#[case(r#"{"requests":[{"entityTypes":["externalItem"]}]}"#, Workload::Outlook, false)]
#[case("no JSON", Workload::Search, false)]
fn a_search_is_counted_by_what_it_looks_for(
    #[case] body: &str,
    #[case] workload: Workload,
    #[case] people: bool,
) {
    let target = Target::of(&RequestFacts { body: body.as_bytes(), ..asked("/search/query") }).unwrap();
    let counts_people = target.limits().iter().any(|limit| limit.name == "people-results");
    assert_eq!((target.workload, counts_people), (workload, people));
}
