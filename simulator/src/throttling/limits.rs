//! The published limits, as data. Source: Microsoft Graph service-specific throttling limits, and the SharePoint Online
//! page on avoiding throttling (October 2025).

use std::time::Duration;

use super::meter::Allowance;

/// Who holds an allowance: requests of the same holder use it together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// An application, over all tenants.
    App,
    /// An application in one tenant.
    AppTenant,
    /// An application for one mailbox.
    AppMailbox,
    /// An application for one team, channel or chat.
    AppResource,
    /// An application for one user.
    AppUser,
    /// A tenant, whatever the application.
    Tenant,
    /// A user, whatever the application.
    User,
}

impl Scope {
    /// Whether applications of others use the same allowance.
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::Tenant | Self::User)
    }
}

/// How much of an allowance a request uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// One.
    Request,
    /// Its cost in the service's resource units.
    ResourceUnit,
    /// The bytes of its body.
    ByteIn,
    /// The bytes of its answer. They are counted once it is made: until then there must be room for one of them.
    ByteOut,
    /// One for a meeting that was not asked for within the time before; none for another question about the same.
    Meeting,
}

/// What happens to the count when a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    Free,
    /// SharePoint counts refused requests as it counts the others.
    Counts,
}

/// How many units: a number, or one by the number of the tenant's users, each row up to and with its first number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    Fixed(u64),
    ByUsers(&'static [(u32, u64)]),
}

/// One published limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Tells it from others of the same scope.
    pub name: &'static str,
    pub scope: Scope,
    pub size: Size,
    /// Seconds.
    pub seconds: u32,
    pub unit: Unit,
    pub refused: Refused,
}

impl Limit {
    const fn requests(name: &'static str, scope: Scope, units: u64, seconds: u32) -> Self {
        let (size, unit) = (Size::Fixed(units), Unit::Request);
        Self { name, scope, size, seconds, unit, refused: Refused::Free }
    }

    const fn resource_units(name: &'static str, scope: Scope, size: Size, seconds: u32) -> Self {
        Self { name, scope, size, seconds, unit: Unit::ResourceUnit, refused: Refused::Free }
    }

    const fn counting(self, unit: Unit) -> Self {
        Self { unit, ..self }
    }

    const fn counting_refused(mut self) -> Self {
        self.refused = Refused::Counts;
        self
    }

    /// The allowance in a tenant of so many users.
    pub fn allowance(&self, tenant_users: u32) -> Allowance {
        let units = match self.size {
            Size::Fixed(units) => units,
            Size::ByUsers(rows) => {
                let row = rows.iter().find(|(most, _)| tenant_users <= *most).or(rows.last());
                row.map_or(1, |(_, units)| *units)
            }
        };
        Allowance { units, per: Duration::from_secs(self.seconds.into()) }
    }
}

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;
/// What is published for a month holds here for any thirty days.
const MONTH: u32 = 30 * DAY;

const MEGABYTE: u64 = 1_000_000;
const GIGABYTE: u64 = 1_000 * MEGABYTE;

/// Above every service.
pub(super) const GLOBAL: &[Limit] = &[Limit::requests("global", Scope::App, 130_000, 10)];

/// Mail, calendars, contacts, people, photos, import and export of mailboxes.
pub(super) const OUTLOOK: &[Limit] = &[
    Limit::requests("mailbox", Scope::AppMailbox, 10_000, 10 * MINUTE),
    Limit::requests("upload", Scope::AppMailbox, 150 * MEGABYTE, 5 * MINUTE).counting(Unit::ByteIn),
];
/// Requests at once for one mailbox.
pub(super) const OUTLOOK_CONCURRENCY: u32 = 4;

pub(super) const INSIGHTS: &[Limit] = &[Limit::requests("insights", Scope::AppUser, 10_000, 10 * MINUTE)];
pub(super) const INSIGHTS_CONCURRENCY: u32 = 4;

pub(super) const ONENOTE: &[Limit] = &[
    Limit::requests("onenote", Scope::AppUser, 120, MINUTE),
    Limit::requests("onenote", Scope::AppUser, 400, HOUR),
];
pub(super) const ONENOTE_CONCURRENCY: u32 = 5;

/// People and groups, in resource units. Small tenants have fewer than 50 users, large ones more than 500.
pub(super) const DIRECTORY: &[Limit] = &[
    Limit::resource_units("directory", Scope::App, Size::Fixed(150_000), 20),
    Limit::resource_units(
        "directory",
        Scope::AppTenant,
        Size::ByUsers(&[(49, 3_500), (500, 5_000), (u32::MAX, 8_000)]),
        10,
    ),
];

/// Besides, for what changes people and groups: creating, changing, deleting.
pub(super) const DIRECTORY_WRITES: &[Limit] = &[
    Limit::requests(WRITES, Scope::AppTenant, 3_000, 150),
    Limit::requests(WRITES, Scope::App, 35_000, 5 * MINUTE),
    Limit::requests(WRITES, Scope::Tenant, 18_000, 5 * MINUTE),
];
pub(super) const WRITES: &str = "directory-writes";

/// Besides, for open extensions of people and groups.
pub(super) const EXTENSIONS: &[Limit] = &[Limit::requests("extensions", Scope::AppTenant, 455, 10)];

/// The minute of an application in a tenant: the limit that `RateLimit-*` tells of.
pub(super) const SHAREPOINT_MINUTE: Limit = Limit::resource_units(
    "sharepoint",
    Scope::AppTenant,
    Size::ByUsers(&[(1_000, 1_250), (5_000, 2_500), (15_000, 3_750), (50_000, 5_000), (u32::MAX, 6_250)]),
    MINUTE,
)
.counting_refused();

/// OneDrive and SharePoint. Tenants are told apart by their licences, which here are their users.
pub(super) const SHAREPOINT: &[Limit] = &[
    SHAREPOINT_MINUTE,
    Limit::resource_units(
        "sharepoint",
        Scope::AppTenant,
        Size::ByUsers(&[
            (1_000, 1_200_000),
            (5_000, 2_400_000),
            (15_000, 3_600_000),
            (50_000, 4_800_000),
            (u32::MAX, 6_000_000),
        ]),
        DAY,
    )
    .counting_refused(),
    Limit::resource_units(
        "sharepoint",
        Scope::Tenant,
        Size::ByUsers(&[
            (1_000, 18_750),
            (5_000, 37_500),
            (15_000, 56_250),
            (50_000, 75_000),
            (u32::MAX, 93_750),
        ]),
        5 * MINUTE,
    )
    .counting_refused(),
    Limit::requests("sharepoint", Scope::User, 3_000, 5 * MINUTE).counting_refused(),
    Limit::requests("ingress", Scope::AppTenant, 400 * GIGABYTE, HOUR).counting(Unit::ByteIn),
    Limit::requests("ingress", Scope::User, 50 * GIGABYTE, HOUR).counting(Unit::ByteIn),
    EGRESS[0],
    EGRESS[1],
];
/// What is fetched, whether Graph or the file host gives it out.
pub(super) const EGRESS: &[Limit] = &[
    Limit::requests("egress", Scope::AppTenant, 400 * GIGABYTE, HOUR).counting(Unit::ByteOut),
    Limit::requests("egress", Scope::User, 100 * GIGABYTE, HOUR).counting(Unit::ByteOut),
];

/// Besides, for what is opened by a sharing link: "specific sharing APIs", which are not named one by one.
pub(super) const SHARING: &[Limit] =
    &[Limit::requests("sharing", Scope::AppTenant, 300, 5 * MINUTE).counting_refused()];

/// `/search/query` with delegated permissions, over all applications.
pub(super) const SEARCH: &[Limit] = &[Limit::requests("search", Scope::User, 10, 1).counting_refused()];

/// Besides, for a search that finds people: of the whole organisation.
pub(super) const PEOPLE_RESULTS: &[Limit] =
    &[Limit::requests("people-results", Scope::Tenant, 25, 1).counting_refused()];

/// Retrieval and search of the Copilot APIs.
pub(super) const COPILOT: &[Limit] = &[Limit::requests("copilot", Scope::AppUser, 200, HOUR)];

/// Besides, for what an online meeting is: when, who, by which link.
pub(super) const MEETING_INFORMATION: &[Limit] =
    &[Limit::requests("meeting-information", Scope::User, 2_000, MONTH).counting(Unit::Meeting)];

pub(super) const CALLS: &[Limit] = &[Limit::requests("calls", Scope::AppTenant, 50_000, 15)];
pub(super) const PRESENCE: &[Limit] = &[Limit::requests("presence", Scope::AppTenant, 10_000, 30)];
pub(super) const CALL_RECORDS: &[Limit] = &[Limit::requests("call-records", Scope::AppTenant, 1_500, 20)];
pub(super) const SUBSCRIPTIONS: &[Limit] = &[Limit::requests("subscriptions", Scope::AppTenant, 500, 20)];

/// What Teams tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TeamsRoute {
    Team,
    JoinedTeams,
    Channels,
    Channel,
    ChannelMembers,
    ChannelMessages,
    Chats,
    Chat,
    ChatMessages,
    HostedContents,
    HostedContentValue,
    TeamMembers,
    AllMessages,
    /// Everything else that is read. Meetings, transcripts and recordings have no published number: they are counted here.
    Other,
}

/// A row of the Teams table, in requests per second.
struct TeamsRow {
    route: TeamsRoute,
    name: &'static str,
    app: u64,
    app_tenant: u64,
    /// For one team, channel or chat.
    resource: Option<u64>,
    user: Option<u64>,
}

const fn row(
    route: TeamsRoute,
    name: &'static str,
    (app, app_tenant): (u64, u64),
    resource: Option<u64>,
    user: Option<u64>,
) -> TeamsRow {
    TeamsRow { route, name, app, app_tenant, resource, user }
}

const TEAMS: &[TeamsRow] = &[
    row(TeamsRoute::Team, "team", (1_500, 30), Some(4), None),
    row(TeamsRoute::JoinedTeams, "joined-teams", (300, 30), None, None),
    row(TeamsRoute::Channels, "channels", (1_200, 60), Some(4), None),
    row(TeamsRoute::Channel, "channel", (600, 30), Some(1), None),
    row(TeamsRoute::ChannelMembers, "channel-members", (1_200, 60), Some(1), None),
    row(TeamsRoute::ChannelMessages, "channel-messages", (200, 20), Some(1), None),
    row(TeamsRoute::Chats, "chats", (200, 20), None, Some(1)),
    row(TeamsRoute::Chat, "chat", (2_000, 200), Some(1), Some(5)),
    row(TeamsRoute::ChatMessages, "chat-messages", (200, 20), Some(1), None),
    row(TeamsRoute::HostedContents, "hosted-contents", (500, 50), Some(1), None),
    row(TeamsRoute::HostedContentValue, "hosted-content-value", (600, 60), Some(1), None),
    row(TeamsRoute::TeamMembers, "team-members", (1_200, 60), Some(4), None),
    row(TeamsRoute::AllMessages, "all-messages", (1_000, 200), None, None),
    row(TeamsRoute::Other, "teams-other", (1_500, 30), Some(1), Some(1)),
];

/// A rate of Teams holds for a second; for longer, about 83 % of it: 25 seconds' worth in 30 seconds.
const SUSTAINED: (u64, u32) = (25, 30);

/// The limits of a route of Teams: up to four dimensions, each for a second and sustained.
pub(super) fn teams(route: TeamsRoute) -> impl Iterator<Item = Limit> {
    let rows = TEAMS.iter().filter(move |row| row.route == route);
    rows.flat_map(|row| {
        [
            (Scope::App, Some(row.app)),
            (Scope::AppTenant, Some(row.app_tenant)),
            (Scope::AppResource, row.resource),
            (Scope::AppUser, row.user),
        ]
        .into_iter()
        .filter_map(|(scope, rate)| Some((scope, rate?)))
        .flat_map(|(scope, rate)| {
            let (worth, seconds) = SUSTAINED;
            [
                Limit::requests(row.name, scope, rate, 1),
                Limit::requests(row.name, scope, rate * worth, seconds),
            ]
        })
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Fails when a tenant gets the allowance of another size, at the very borders of the published rows.
    #[rstest]
    #[case(DIRECTORY[1], 49, 3_500)]
    #[case(DIRECTORY[1], 50, 5_000)]
    #[case(DIRECTORY[1], 500, 5_000)]
    #[case(DIRECTORY[1], 501, 8_000)]
    #[case(SHAREPOINT_MINUTE, 1_000, 1_250)]
    #[case(SHAREPOINT_MINUTE, 1_001, 2_500)]
    #[case(SHAREPOINT_MINUTE, 15_001, 5_000)]
    #[case(SHAREPOINT_MINUTE, 50_001, 6_250)]
    #[case(SHAREPOINT[1], 5_001, 3_600_000)]
    #[case(SHAREPOINT[1], 1_000, 1_200_000)]
    #[case(SHAREPOINT[1], 5_000, 2_400_000)]
    #[case(SHAREPOINT[1], 50_000, 4_800_000)]
    #[case(SHAREPOINT[1], 50_001, 6_000_000)]
    #[case(SHAREPOINT[2], 1, 18_750)]
    #[case(SHAREPOINT[2], 5_000, 37_500)]
    #[case(SHAREPOINT[2], 15_000, 56_250)]
    #[case(SHAREPOINT[2], 50_000, 75_000)]
    #[case(SHAREPOINT[2], 50_001, 93_750)]
    #[case(SHAREPOINT_MINUTE, 15_000, 3_750)]
    fn a_tenant_has_the_allowance_of_its_size(#[case] limit: Limit, #[case] users: u32, #[case] units: u64) {
        assert_eq!(limit.allowance(users).units, units);
    }

    /// Fails when a dimension of the Teams table is left out, or one that is not published is made up.
    #[rstest]
    #[case(TeamsRoute::Chats, &[(Scope::App, 200), (Scope::AppTenant, 20), (Scope::AppUser, 1)])]
    #[case(TeamsRoute::JoinedTeams, &[(Scope::App, 300), (Scope::AppTenant, 30)])]
    #[case(TeamsRoute::Chat, &[(Scope::App, 2_000), (Scope::AppTenant, 200), (Scope::AppResource, 1), (Scope::AppUser, 5)])]
    fn a_route_of_teams_has_its_dimensions_and_no_other(
        #[case] route: TeamsRoute,
        #[case] expected: &[(Scope, u64)],
    ) {
        let by_the_second: Vec<_> = teams(route)
            .filter(|limit| limit.seconds == 1)
            .map(|limit| (limit.scope, limit.allowance(1).units))
            .collect();
        assert_eq!(by_the_second, expected);
        let sustained: Vec<_> = teams(route)
            .filter(|limit| limit.seconds == 30)
            .map(|limit| (limit.scope, limit.allowance(1).units / 25))
            .collect();
        assert_eq!(sustained, expected, "sustained, it is 25 thirtieths of that");
    }
}
