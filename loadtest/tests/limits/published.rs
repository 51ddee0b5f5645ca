//! The published limits, each with a crowd that asks for twice what it grants.

use std::num::NonZeroU32;
use std::time::Duration;

use connector_actors::throttle::{RequestClass, TeamsRoute};
use connector_actors::{LicenceCount, TenantSize, UserCount};

use crate::scenario::{Crowd, Scenario, Size};

/// Of every limit, unless somebody sets another.
pub(crate) const SHARE: f64 = 0.9;

/// A tenant of twelve, of which the connector is told nothing; its users ask for one thing at a time.
pub(crate) fn small_tenant(class: RequestClass, path: &'static str, users: usize, per_user: f64) -> Crowd {
    Crowd {
        tenants: 1,
        users,
        beside: 0,
        tenant_users: 12,
        stated: TenantSize::UNKNOWN,
        class,
        path,
        has_resource: false,
        units: 1,
        items: 1,
        answers_in_ms: (30, 90),
        per_user,
    }
}

pub(crate) fn of_users(users: u32) -> TenantSize {
    TenantSize { users: NonZeroU32::new(users).map(UserCount::new), ..TenantSize::UNKNOWN }
}

pub(crate) fn of_licences(licences: u32) -> TenantSize {
    TenantSize { licences: NonZeroU32::new(licences).map(LicenceCount::new), ..TenantSize::UNKNOWN }
}

/// Who offers twice what a limit grants: so many tenants and users alike, who ask for what costs so many units, together.
fn offering_twice(limit: f64, crowd: &Crowd) -> Crowd {
    let everybody = (crowd.tenants * crowd.users) as f64;
    let together = f64::from(crowd.units) * f64::from(crowd.items);
    Crowd { per_user: 2.0 * limit / together / everybody, ..crowd.clone() }
}

/// What the limit in question lets a crowd use in a second, and who offers twice that.
pub(crate) fn at_twice_the_limit(of: &str) -> Scenario {
    let crowd = |class, path, users, units| Crowd { units, ..small_tenant(class, path, users, 0.0) };
    let teams = |route, path, users| crowd(RequestClass::Teams(route), path, users, 1);
    let files = |users| crowd(RequestClass::SharePoint, "/me/drive/root/children", users, 2);
    let people = crowd(RequestClass::Directory, "/me?$select=id", 50, 1);
    let large = |crowd| Crowd { tenant_users: 20_000, stated: of_licences(20_000), ..crowd };
    let sustained = 25.0 / 30.0;
    let (limit, crowd, seconds) = match of {
        "mailbox" => (10_000.0 / 600.0, crowd(RequestClass::Mailbox, "/me/messages", 1, 1), 1_500),
        "search" => (10.0, crowd(RequestClass::Search, "/search/query", 1, 1), 300),
        "sharepoint" => (1_250.0 / 60.0, files(20), 900),
        "sharepoint of 20,000 licences" => (5_000.0 / 60.0, large(files(40)), 180),
        "sharepoint of a user" => {
            (3_000.0 / 300.0, large(crowd(RequestClass::SharePoint, "/me/drive/root", 1, 1)), 750)
        }
        "sharepoint of a day" => {
            let shares = crowd(RequestClass::SharePoint, "/me/drive/root/permissions", 20, 5);
            (1_200_000.0 / 86_400.0, Crowd { items: 4, ..shares }, 30 * 3_600)
        }
        "sharing links" => (1.0, crowd(RequestClass::SharingLink, "/shares/u!link/driveItem", 10, 1), 1_500),
        "directory" => (350.0, people, 20),
        "directory of 300 users" => (500.0, Crowd { tenant_users: 300, stated: of_users(300), ..people }, 12),
        "directory of 900 users" => (800.0, Crowd { tenant_users: 900, stated: of_users(900), ..people }, 12),
        "directory of the application" => {
            let users = crowd(RequestClass::Directory, "/users", 15, 2);
            (15_000.0 / 20.0, Crowd { tenants: 50, ..users }, 60)
        }
        "application" => {
            let mailboxes = crowd(RequestClass::Mailbox, "/me/messages", 260, 1);
            (13_000.0 / 10.0, Crowd { tenants: 10, ..mailboxes }, 30)
        }
        "teams of a user" => (sustained, teams(TeamsRoute::Chats, "/me/chats", 1), 1_200),
        "teams of a chat" => {
            let messages = teams(TeamsRoute::ChatMessages, "/chats/{resource}/messages", 1);
            (sustained, Crowd { has_resource: true, ..messages }, 1_200)
        }
        "teams of a team" => {
            let channels = teams(TeamsRoute::Channels, "/teams/{resource}/channels", 1);
            (4.0 * sustained, Crowd { has_resource: true, ..channels }, 600)
        }
        "teams of a tenant" => (30.0 * sustained, teams(TeamsRoute::JoinedTeams, "/me/joinedTeams", 40), 300),
        "teams of the application" => {
            let users = teams(TeamsRoute::JoinedTeams, "/me/joinedTeams", 40);
            (300.0 * sustained, Crowd { tenants: 14, ..users }, 40)
        }
        _ => unreachable!("there is no such limit"),
    };
    // Long enough for some turns.
    let patience = Duration::from_millis(match of {
        "directory of 300 users" | "directory of 900 users" | "directory of the application" => 400,
        "directory" | "mailbox" | "application" | "teams of the application" => 1_000,
        _ => 4_000,
    });
    let size = match of {
        "directory of the application" | "application" => Size::Tenth,
        _ => Size::AsPublished,
    };
    Scenario {
        crowds: vec![offering_twice(limit, &crowd)],
        size,
        lasts: Duration::from_secs(seconds),
        patience,
        limit_per_second: limit,
        share: SHARE,
        troubled: None,
    }
}
