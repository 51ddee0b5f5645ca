//! The document about permissions: what each opens, what is hidden without it, and the fewest that a service takes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use connector_actors::lease::GrantedScopes;

use super::{needs, tools};
use crate::policy::Service;
use crate::tools::resource::SCHEMES;
use crate::tools::tool::ScopeRule;

/// What has to be said of a permission beside what it opens.
const NOTES: &[(&str, &str)] = &[
    ("Chat.ReadBasic", "Without Chat.Read: names and members of chats, no messages and no previews."),
    (
        "ChatMember.Read",
        "Where Chat.Read and Chat.ReadBasic are missing: the members of a chat that is read by its uri.",
    ),
    (
        "ChatMessage.Read",
        "Microsoft lists no address for it: tried as Chat.Read is, and Graph's answer is reported.",
    ),
    (
        "Team.ReadBasic.All",
        "Without it: the teams that the newest channel messages were written in, without names.",
    ),
    (
        "User.Read",
        "The user's own time zone is looked for with it, or User.ReadBasic.All, and Calendars.Read; without them times are in UTC \
         where `timeZone` names no other.",
    ),
    ("Mail.ReadBasic", "Without Mail.Read: filters, but no `query`, no previews and no bodies."),
    ("Files.Read", "The user's own OneDrive alone."),
    ("Sites.Selected", "Sites that the app was granted by themselves; no search, which knows no such sites."),
    (
        "OnlineMeetings.Read",
        "`meetings_find` by `subject` or `eventUri` takes Calendars.Read besides: it begins with the calendar.",
    ),
    (
        "OnlineMeetingTranscript.Read.All",
        "Of an event (`meeting-transcript:///events/…`) Calendars.Read and OnlineMeetings.Read are needed besides.",
    ),
    ("MailboxFolder.Read", "Folders alone. No tool tells the id of a mailbox: an administrator looks it up."),
    ("MailboxItem.Read", "Items alone; likewise."),
    ("Mail.Read.Shared", "Opens the mailboxes that others share with the user (`mailboxOwnerEmail`)."),
    (
        "Calendars.Read.Shared",
        "Opens the calendars that others share with the user (`calendarOwnerEmail`), and Microsoft's own search for times to \
         meet.",
    ),
];

/// A tool, or the uris of a scheme.
struct Opened {
    name: String,
    rule: ScopeRule,
    service: Option<Service>,
}

/// Whatever takes a permission: tools, then uris.
fn everything() -> Vec<Opened> {
    let tools = tools().iter().map(|tool| Opened {
        name: format!("`{}`", tool.name),
        rule: tool.scopes,
        service: Service::of_tool(tool.name),
    });
    let uris = SCHEMES.iter().map(|scheme| {
        let uris = format!("{}:///", scheme.name);
        Opened { service: Service::of_uri(&uris), name: format!("`{uris}`"), rule: scheme.scopes }
    });
    tools.chain(uris).filter(|opened| !opened.rule.0.is_empty()).collect()
}

fn permissions_of(rules: &[ScopeRule]) -> BTreeSet<&'static str> {
    rules.iter().flat_map(|rule| rule.0.iter().copied().flatten().copied()).collect()
}

fn is_open(rule: ScopeRule, held: impl IntoIterator<Item = &'static str>) -> bool {
    rule.is_met_by(&GrantedScopes::parse(&held.into_iter().collect::<Vec<_>>().join(" ")))
}

/// The smallest sets of permissions that open all of these.
fn fewest(rules: &[ScopeRule]) -> Vec<Vec<&'static str>> {
    let permissions: Vec<&str> = permissions_of(rules).into_iter().collect();
    let set = |bits: u32| {
        let held = permissions.iter().enumerate().filter(move |(place, _)| (bits >> place) & 1 == 1);
        held.map(|(_, scope)| *scope).collect::<Vec<_>>()
    };
    let opens_all = |held: &Vec<&'static str>| rules.iter().all(|rule| is_open(*rule, held.iter().copied()));
    let sets: Vec<_> = (0..1_u32 << permissions.len()).map(set).filter(opens_all).collect();
    let least = sets.iter().map(Vec::len).min().unwrap_or_default();
    sets.into_iter().filter(|held| held.len() == least).collect()
}

/// Those that have permissions in common, together.
fn groups(rules: &[ScopeRule]) -> Vec<Vec<ScopeRule>> {
    rules.iter().fold(Vec::new(), |groups: Vec<Vec<ScopeRule>>, rule| {
        let is_apart = |group: &Vec<ScopeRule>| permissions_of(group).is_disjoint(&permissions_of(&[*rule]));
        let (mut apart, together): (Vec<_>, Vec<_>) = groups.into_iter().partition(is_apart);
        apart.push(together.into_iter().flatten().chain([*rule]).collect());
        apart
    })
}

/// The fewest permissions that open all of these, in words.
fn least_set(rules: &[ScopeRule]) -> String {
    let groups = groups(rules);
    let is_alone = groups.len() == 1;
    let words = groups.iter().map(|group| {
        let sets = fewest(group);
        let sets: Vec<String> = sets.iter().map(|set| format!("`{}`", set.join("` and `"))).collect();
        if is_alone || sets.len() == 1 { sets.join(" or ") } else { format!("({})", sets.join(" or ")) }
    });
    words.collect::<Vec<_>>().join(" and ")
}

const fn name_of(service: Service) -> &'static str {
    match service {
        Service::Mail => "Mail",
        Service::Calendar => "Calendar",
        Service::Files => "SharePoint and OneDrive",
        Service::Teams => "Teams",
        Service::Meetings => "Meetings",
        Service::People => "People",
    }
}

pub(super) fn document() -> String {
    let everything = everything();
    let mut text = "# Permissions\n\nWhich delegated Microsoft Graph permission opens what. Written from the catalogue by \
                    `make published`. A tool is hidden from a user whose token holds none of the permissions that open \
                    it; `get_granted_scopes` says which are missing. The third column is what stays closed where all other permissions are \
                    held, and this one is not.\n\n| Permission | Opens | Closed without it | |\n|---|---|---|---|\n"
        .to_owned();
    let rules: Vec<ScopeRule> = everything.iter().map(|opened| opened.rule).collect();
    let all = permissions_of(&rules);
    for scope in &all {
        let of_it = everything.iter().filter(|opened| permissions_of(&[opened.rule]).contains(scope));
        let opens: BTreeSet<&str> = of_it.clone().map(|opened| opened.name.as_str()).collect();
        let others = || all.iter().copied().filter(|other| other != scope);
        let closed = of_it.filter(|opened| !is_open(opened.rule, others()));
        let closed: BTreeSet<&str> = closed.map(|opened| opened.name.as_str()).collect();
        let [opens, closed] = [opens, closed].map(|names| names.into_iter().collect::<Vec<_>>().join(", "));
        let notes = NOTES.iter().find(|(name, _)| name == scope).map_or("", |(_, note)| *note);
        let line = format!("| `{scope}` | {opens} | {closed} | {notes} |");
        writeln!(text, "{}", line.replace("  |", " |")).unwrap();
    }
    let free: Vec<String> = tools()
        .iter()
        .filter(|tool| tool.scopes.0.is_empty())
        .map(|tool| format!("`{}`", tool.name))
        .collect();
    writeln!(text, "\nAlways open: {}.", free.join(", ")).unwrap();
    for tool in tools().iter().filter(|tool| !tool.scopes.0.is_empty()) {
        if tool.scopes.0.iter().any(|list| list.len() > 1) {
            writeln!(text, "\n`{}` needs {}.", tool.name, needs(tool.scopes)).unwrap();
        }
    }
    text.push_str(
        "\n## The fewest for each service\n\nSo few show all tools of a service, and open uris of each of \
         its kinds. With some of them less is told, or of fewer things: the table above says of which. Times are told in the user's own zone with `User.Read` \
         and `Calendars.Read` besides.\n\n| Service | For its tools | For its uris |\n|---|---|---|\n",
    );
    let mut services: BTreeMap<Service, [Vec<ScopeRule>; 2]> = BTreeMap::new();
    for opened in &everything {
        let Some(service) = opened.service else { continue };
        let place = usize::from(opened.name.ends_with(":///`"));
        services.entry(service).or_default()[place].push(opened.rule);
    }
    for (service, [of_tools, of_uris]) in services {
        let (of_tools, of_uris) = (least_set(&of_tools), least_set(&of_uris));
        writeln!(text, "| {} | {of_tools} | {of_uris} |", name_of(service)).unwrap();
    }
    text
}
