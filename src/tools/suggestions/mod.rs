//! Values that an argument of a prompt or a variable of a template could take: the user's own folders, people, sites,
//! channels and events, with the user's own rights. Each answer takes two requests at most; where the permissions or the
//! tenant's policy don't open what is asked for, there is nothing to suggest.

use std::borrow::Cow;

use connector_actors::throttle::Workload;
use futures_util::future::LocalBoxFuture;
use jiff::SignedDuration;

use super::completion::{CompletionQuery, CompletionTarget, Completions};
use super::error::ToolError;
use super::meeting::view_request;
use super::prompts::{PROMPTS, SOURCES};
use super::resource::RESOURCES;
use super::review::Review;
use super::tool::UserContext;
use super::zone::moment;
use crate::graph::{
    Event, GraphError, GraphRequest, MailFolder, NamedThing, Page, PathSegment, Profile, QueryOption,
};

/// Where values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Folders,
    People,
    Sites,
    Channels,
    Events,
    Days,
}

/// Variables of templates that have values with a meaning for people.
const VARIABLES: &[(&str, &str, Source)] = &[
    ("mail:///folders/{idOrName}", "idOrName", Source::Folders),
    ("user:///{idOrEmail}", "idOrEmail", Source::People),
];

const DAYS: &[&str] =
    &["today", "yesterday", "last monday", "this week", "3 days ago", "7 days ago", "last month"];
/// Entries that are asked for.
const ENTRIES: u32 = 100;
/// Teams whose channels are looked at.
const TEAMS: usize = 20;
/// How far ahead events are looked for.
const AHEAD: SignedDuration = SignedDuration::from_hours(14 * 24);
/// In bytes: more that is typed is not looked for.
const LONGEST: usize = 200;
/// Between a team and its channel.
const BETWEEN: &str = " / ";

impl Source {
    /// A uri of the service that it reads, for policy, and the permissions of which one opens it.
    const fn needs(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Folders => ("mail:///folders/", &["Mail.Read", "Mail.ReadBasic"]),
            Self::People => ("user:///", &["User.ReadBasic.All"]),
            Self::Sites => ("site:///", &["Sites.Read.All"]),
            Self::Channels => ("teams:///", &["Team.ReadBasic.All"]),
            Self::Events => ("calendar:///", &["Calendars.Read", "Calendars.ReadBasic"]),
            Self::Days => ("", &[]),
        }
    }

    async fn values(self, user: &UserContext<'_>, typed: &str) -> Result<Vec<String>, GraphError> {
        match self {
            Self::Folders => folders(user).await,
            Self::People => people(user, typed).await,
            Self::Sites => sites(user, typed).await,
            Self::Channels => channels(user, typed).await,
            Self::Events => events(user).await,
            Self::Days => Ok(DAYS.iter().map(|day| (*day).to_owned()).collect()),
        }
    }

    /// Whether Graph itself has looked for what was typed.
    const fn is_searched(self) -> bool {
        matches!(self, Self::People | Self::Sites)
    }
}

pub(super) fn complete<'a>(
    query: CompletionQuery<'a>,
    user: &'a UserContext<'a>,
) -> LocalBoxFuture<'a, Result<Completions, ToolError>> {
    Box::pin(async move {
        let Some(source) = source_of(&query)? else { return Ok(Completions::default()) };
        let typed = query.value.trim();
        if typed.len() > LONGEST || !is_open(source, user).await? {
            return Ok(Completions::default());
        }
        let found = match source.values(user, typed).await {
            Ok(found) => found,
            Err(
                error @ (GraphError::Session(_) | GraphError::LeaseRefused { .. } | GraphError::Cancelled),
            ) => {
                return Err(error.into());
            }
            // Whoever types on asks again.
            Err(_) => Vec::new(),
        };
        Ok(fitting(found, typed, source, &Review::of(user)))
    })
}

fn source_of(query: &CompletionQuery<'_>) -> Result<Option<Source>, ToolError> {
    let (known, name, sources, what) = match query.of {
        CompletionTarget::Prompt(name) => {
            (PROMPTS.iter().any(|prompt| prompt.name == name), name, SOURCES, "ref: there is no such prompt.")
        }
        CompletionTarget::Template(pattern) => {
            let mut templates = RESOURCES.templates.iter().copied().flatten();
            let is_known = templates.any(|template| template.uri_template == pattern);
            (is_known, pattern, VARIABLES, "ref: there is no such resource template.")
        }
    };
    if !known {
        return Err(ToolError::invalid_arguments(
            what,
            "Take a name from prompts/list, or a pattern from resources/templates/list.",
        ));
    }
    let source = sources.iter().find(|(of, argument, _)| *of == name && *argument == query.argument);
    Ok(source.map(|(_, _, source)| *source))
}

async fn is_open(source: Source, user: &UserContext<'_>) -> Result<bool, ToolError> {
    let (uri, scopes) = source.needs();
    if scopes.is_empty() {
        return Ok(true);
    }
    if user.may_read(uri).is_err() {
        return Ok(false);
    }
    let lease = user.graph.lease().await?;
    Ok(scopes.iter().any(|scope| lease.scopes().contains(scope)))
}

/// Clean and each once: those that begin with what is typed before those that hold it somewhere.
fn fitting(found: Vec<String>, typed: &str, source: Source, review: &Review<'_>) -> Completions {
    let typed = typed.to_lowercase();
    let mut values: Vec<String> = Vec::new();
    for value in found {
        // An address of a site is what the argument takes: it has to stay one.
        let clean =
            if source == Source::Sites { value } else { review.clean(Cow::Owned(value)).into_owned() };
        let fits = source.is_searched() || clean.to_lowercase().contains(&typed);
        if fits && !clean.is_empty() && !values.contains(&clean) {
            values.push(clean);
        }
    }
    values.sort_by_key(|value| !value.to_lowercase().starts_with(&typed));
    let total = values.len();
    values.truncate(Completions::MOST_VALUES);
    Completions { values, total: Some(total) }
}

async fn folders(user: &UserContext<'_>) -> Result<Vec<String>, GraphError> {
    let request = GraphRequest::get(Workload::Outlook, Source::Folders.needs().1, "/me/mailFolders")
        .query(QueryOption::Select, "id,displayName")
        .top(ENTRIES);
    let body = user.graph.get(&request).await?;
    let page: Page<'_, MailFolder<'_>> = body.parse()?;
    Ok(page.value.into_iter().filter_map(|folder| folder.display_name.map(|name| name.to_string())).collect())
}

/// By the beginnings of names and addresses, as the directory searches.
async fn people(user: &UserContext<'_>, typed: &str) -> Result<Vec<String>, GraphError> {
    let words: String = typed.chars().filter(|letter| !matches!(letter, '"' | '\\')).collect();
    let mut request = GraphRequest::get(Workload::Directory, Source::People.needs().1, "/users")
        .query(QueryOption::Select, "id,displayName,mail,userPrincipalName")
        .top(ENTRIES);
    if !words.trim().is_empty() {
        let search = format!("\"displayName:{words}\" OR \"mail:{words}\"");
        request = request.query(QueryOption::Search, &search).eventually_consistent();
    }
    let body = user.graph.get(&request).await?;
    let page: Page<'_, Profile<'_>> = body.parse()?;
    let address =
        |person: Profile<'_>| person.mail.or(person.user_principal_name).map(|text| text.to_string());
    Ok(page.value.into_iter().filter_map(address).collect())
}

async fn sites(user: &UserContext<'_>, typed: &str) -> Result<Vec<String>, GraphError> {
    if typed.is_empty() {
        return Ok(Vec::new());
    }
    let request = GraphRequest::get(Workload::SharePoint, Source::Sites.needs().1, "/sites")
        .query(QueryOption::PlainSearch, typed);
    let body = user.graph.get(&request).await?;
    let page: Page<'_, NamedThing<'_>> = body.parse()?;
    Ok(page.value.into_iter().filter_map(|site| site.web_url.map(|url| url.to_string())).collect())
}

/// `Team / Channel`, of those teams that what is typed may mean.
async fn channels(user: &UserContext<'_>, typed: &str) -> Result<Vec<String>, GraphError> {
    let request = GraphRequest::get(Workload::Teams, Source::Channels.needs().1, "/me/joinedTeams");
    let body = user.graph.get(&request).await?;
    let page: Page<'_, NamedThing<'_>> = body.parse()?;
    let wanted = typed.split(BETWEEN).next().unwrap_or_default().to_lowercase();
    let mut teams = page.value;
    teams.sort_by_key(|team| !team.name().to_lowercase().starts_with(&wanted));
    teams.truncate(TEAMS);
    let scopes: &[&str] = &["Channel.ReadBasic.All"];
    let requests: Vec<GraphRequest> = teams
        .iter()
        .filter_map(|team| PathSegment::new(&team.id).ok())
        .map(|id| GraphRequest::get(Workload::Teams, scopes, "/teams").segment(id).part("/allChannels"))
        .collect();
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = Vec::new();
    for (team, answer) in teams.iter().zip(user.graph.batch(&requests).await?) {
        // One that can't be looked at leaves the others.
        let Ok(body) = answer else { continue };
        let page: Page<'_, NamedThing<'_>> = body.parse()?;
        let name = |channel: &NamedThing<'_>| format!("{}{BETWEEN}{}", team.name(), channel.name());
        values.extend(page.value.iter().map(name));
    }
    Ok(values)
}

async fn events(user: &UserContext<'_>) -> Result<Vec<String>, GraphError> {
    let now = moment(user.clock.now());
    let request = view_request(now, now.checked_add(AHEAD).unwrap_or(now));
    let body = user.graph.get(&request).await?;
    let page: Page<'_, Event<'_>> = body.parse()?;
    Ok(page.value.into_iter().filter_map(|event| event.subject.map(|subject| subject.to_string())).collect())
}
