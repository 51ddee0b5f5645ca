//! Tenants of so few people that nobody, or hardly anybody, has a colleague.

use std::sync::Arc;

use m365_simulator::directory::{Directory, EVERY_SCOPE, Tenant, TenantGroup};
use m365_simulator::graph::Caller;
use rstest::rstest;
use serde_json::{Value, json};

use crate::calendar::YEAR;
use crate::world::{SEED, World, encoded};

/// What the connector never asks for, and people and the members of channels are read with.
const BESIDES: &[&str] =
    &["People.Read", "ChannelMember.Read.All", "TeamMember.Read.All", "ChannelSettings.Read.All"];

struct Small {
    world: World,
    tenant: Arc<Tenant>,
}

impl Small {
    fn of(users: u32) -> Self {
        let group = TenantGroup { tenants: 1, users };
        let world = World::of(Directory::generate(SEED).with_further(SEED, &[group], 100), SEED);
        let tenant = world.directory.tenant("t00001.example").unwrap();
        assert_eq!(tenant.users.len(), users as usize);
        Self { world, tenant }
    }

    fn callers(&self) -> impl Iterator<Item = Caller> {
        self.tenant.users.iter().map(|user| Caller {
            app: uuid::Uuid::from_u128(7),
            tenant: self.tenant.id,
            user: user.id,
            scopes: EVERY_SCOPE.iter().chain(BESIDES).map(|scope| (*scope).to_owned()).collect(),
        })
    }

    /// Everything that a collection lists, and what lies below each of the first of them.
    fn walk(&self, caller: &Caller, collection: &str, below: &[&str]) -> Vec<Value> {
        let entries = self.world.every_page(caller, collection);
        let path = collection.split_once('?').map_or(collection, |(path, _)| path);
        let path = path
            .replace("/drive/root/children", "/drive/items")
            .replace("/me/chats", "/chats")
            .replace("/me/joinedTeams", "/teams");
        for entry in entries.iter().take(12) {
            let id = encoded(entry["id"].as_str().unwrap());
            for name in below {
                let target = format!("{path}/{id}{name}");
                let response = self.world.raw(caller, &target, &[]);
                assert_eq!(response.status, 200, "{target}: {}", String::from_utf8_lossy(&response.body));
            }
        }
        entries
    }
}

/// Fails when somebody without colleagues, or with one or two, cannot read what everybody else reads.
#[rstest]
fn everything_of_a_small_tenant_can_be_read(#[values(1, 2, 3)] users: u32) {
    let small = Small::of(users);
    for caller in small.callers() {
        assert!(small.walk(&caller, "/me/messages?$top=100", &["", "/$value", "/attachments"]).len() >= 120);
        assert!(!small.walk(&caller, "/me/mailFolders", &["", "/messages", "/childFolders"]).is_empty());
        assert!(!small.walk(&caller, "/me/events", &["", "/attachments"]).is_empty());
        assert!(!small.walk(&caller, &format!("/me/calendarView?{YEAR}"), &[]).is_empty());
        small.walk(&caller, "/me/calendars", &["", "/events"]);
        small.walk(&caller, "/me/chats", &["", "/members", "/messages", "/pinnedMessages"]);
        small.walk(&caller, "/me/drive/root/children", &["", "/permissions"]);
        small.walk(&caller, "/me/drive/root/search(q='')", &[]);
        small.walk(&caller, "/sites?search=*", &["", "/drive", "/drive/root/children", "/lists"]);
        let below = ["", "/members", "/channels", "/allChannels", "/incomingChannels", "/primaryChannel"];
        for team in small.walk(&caller, "/me/joinedTeams", &below) {
            let channels = format!("/teams/{}/channels", team["id"].as_str().unwrap());
            small.walk(&caller, &channels, &["", "/members", "/messages?$expand=replies", "/filesFolder"]);
        }
        for target in ["/me", "/users", "/me/drive", "/me/drive/recent"] {
            let answer = small.world.get_eventually(&caller, target);
            assert_eq!(answer.status, 200, "{target}: {answer:?}");
        }
    }
}

/// Fails when a search of one kind meets nobody where it expects somebody.
#[rstest]
fn everything_of_a_small_tenant_can_be_searched(#[values(1, 2, 3)] users: u32) {
    let small = Small::of(users);
    for caller in small.callers() {
        for entity in ["message", "event", "chatMessage", "driveItem", "site", "list", "listItem", "person"] {
            let request = json!({ "entityTypes": [entity], "query": { "queryString": "the" }, "size": 25 });
            let body = json!({ "requests": [request] }).to_string();
            let answer = small.world.post_as(&caller, "/search/query", &[], &body);
            assert_eq!(answer.status, 200, "{entity}: {answer:?}");
        }
        for user in &small.tenant.users {
            let schedule = json!({
                "schedules": [user.upn, small.tenant.shared_mailbox.upn],
                "startTime": { "dateTime": "2026-11-23T00:00:00", "timeZone": "UTC" },
                "endTime": { "dateTime": "2026-11-27T00:00:00", "timeZone": "UTC" },
            });
            let answer = small.world.post_as(&caller, "/me/calendar/getSchedule", &[], &schedule.to_string());
            assert_eq!(answer.status, 200, "{answer:?}");
            let answer = small.world.post_as(&caller, "/me/findMeetingTimes", &[], "{}");
            assert_eq!(answer.status, 200, "{answer:?}");
        }
    }
}

/// Fails when a page of a team's members holds more than Teams puts on one, or its end is not reached.
#[test]
fn members_of_a_large_team_come_by_the_hundred() {
    let large = Small::of(130);
    let caller = large.callers().next().unwrap();
    let team = large.world.every_page(&caller, "/me/joinedTeams")[0]["id"].as_str().unwrap().to_owned();
    let members = format!("/teams/{team}/members");
    let page = large.world.get_as(&caller, &members);
    assert_eq!((page.entries().len(), &page.body["@odata.count"]), (100, &json!(100)));
    assert_eq!(large.world.every_page(&caller, &members).len(), 130);
    assert_eq!(large.world.get_as(&caller, &format!("{members}?$top=999")).entries().len(), 130);
}
