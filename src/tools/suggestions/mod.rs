//! Values that an argument of a prompt or a variable of a template could take: the user's own folders, people, sites,
//! teams and events, with the user's own rights. Each answer takes [`Completions::MOST_REQUESTS`] at most; where the permissions or the
//! tenant's policy don't open what is asked for, there is nothing to suggest.

mod directory;
mod outlook;
mod sharepoint;
mod source;
mod suggestion;
mod teams;

use std::borrow::Cow;

use futures_util::future::LocalBoxFuture;

use self::source::{Source, Typed};
use self::suggestion::{Extent, Suggestion, Suggestions};
use super::completion::{CompletionQuery, CompletionTarget, Completions};
use super::error::ToolError;
use super::prompts::PROMPTS;
use super::resource::TEMPLATES;
use super::review::Review;
use super::user_context::UserContext;

/// Arguments of prompts that have such values. What is not here is free text.
const ARGUMENTS: &[(&str, &str, Source)] = &[
    ("summarize_unread_mail", "folder", Source::Folders),
    ("summarize_unread_mail", "sender", Source::People),
    ("prepare_for_meeting", "event", Source::Events),
    ("catch_up_on_channel", "channel", Source::Channels),
    ("catch_up_on_channel", "since", Source::Days),
    ("find_document", "site", Source::Sites),
    ("find_document", "author", Source::People),
];

/// Variables of templates whose values have a meaning for people.
const VARIABLES: &[(&str, &str, Source)] = &[
    ("mail:///folders/{idOrName}", "idOrName", Source::Folders),
    ("user:///{idOrEmail}", "idOrEmail", Source::People),
    ("site:///{siteId}", "siteId", Source::SiteIds),
    ("list:///{siteId}/{listId}", "siteId", Source::SiteIds),
    ("list:///{siteId}/{listId}", "listId", Source::Lists),
    ("list:///{siteId}/{listId}/items/{itemId}", "siteId", Source::SiteIds),
    ("list:///{siteId}/{listId}/items/{itemId}", "listId", Source::Lists),
    ("page:///sites/{siteId}/pages/{pageId}", "siteId", Source::SiteIds),
    ("teams:///teams/{team}/channels/{channel}", "team", Source::Teams),
    ("teams:///teams/{team}/channels/{channel}", "channel", Source::ChannelsOfTeam),
    ("teams:///teams/{team}/channels/{channel}/messages/{message}", "team", Source::Teams),
    ("teams:///teams/{team}/channels/{channel}/messages/{message}", "channel", Source::ChannelsOfTeam),
    ("teams:///teams/{team}/channels/{channel}/messages/{message}/replies/{reply}", "team", Source::Teams),
    (
        "teams:///teams/{team}/channels/{channel}/messages/{message}/replies/{reply}",
        "channel",
        Source::ChannelsOfTeam,
    ),
];

/// In bytes: more that is typed is not looked for.
const LONGEST: usize = 200;

pub(super) fn complete<'a>(
    query: CompletionQuery<'a>,
    user: &'a UserContext<'a>,
) -> LocalBoxFuture<'a, Result<Completions, ToolError>> {
    Box::pin(async move {
        let Some(source) = source_of(&query)? else { return Ok(Completions::default()) };
        let typed = Typed { text: query.value.trim(), resolved: query.resolved };
        if typed.text.len() > LONGEST || !is_open(source, user).await? {
            return Ok(Completions::default());
        }
        let found = match source.values(user, &typed).await {
            Ok(found) => found,
            Err(error) if error.ends_the_call() => return Err(error.into()),
            // Whoever types on asks again.
            Err(_) => Suggestions::none(Extent::Some),
        };
        Ok(fitting(found, typed.text, source, &Review::of(user)))
    })
}

fn source_of(query: &CompletionQuery<'_>) -> Result<Option<Source>, ToolError> {
    let (known, name, sources, what) = match query.of {
        CompletionTarget::Prompt(name) => (
            PROMPTS.iter().any(|prompt| prompt.name == name),
            name,
            ARGUMENTS,
            "ref: there is no such prompt.",
        ),
        CompletionTarget::Template(pattern) => {
            let mut templates = TEMPLATES.iter().copied().flatten();
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
    Ok(user.graph.may_ask(scopes).await?)
}

/// Clean and each once: those that begin with what is typed before those that hold it somewhere. Whether by its value or
/// by the name that people know it by.
fn fitting(found: Suggestions, typed: &str, source: Source, review: &Review<'_>) -> Completions {
    let typed = typed.to_lowercase();
    let mut fitting: Vec<(bool, String)> = Vec::new();
    for Suggestion { value, name } in found.values {
        // An address is what the argument takes: it has to stay one.
        let clean =
            if source == Source::Sites { value } else { review.clean_line(Cow::Owned(value)).into_owned() };
        let known_as = [Some(clean.as_str()), name.as_deref()].map(|text| text.unwrap_or("").to_lowercase());
        let fits = source.is_searched() || known_as.iter().any(|text| text.contains(&typed));
        if fits && !clean.is_empty() && !fitting.iter().any(|(_, value)| *value == clean) {
            fitting.push((!known_as.iter().any(|text| text.starts_with(&typed)), clean));
        }
    }
    fitting.sort_by_key(|(holds_it_somewhere, _)| *holds_it_somewhere);
    let (count, is_all) = (fitting.len(), found.extent == Extent::All);
    fitting.truncate(Completions::MOST_VALUES);
    Completions {
        values: fitting.into_iter().map(|(_, value)| value).collect(),
        total: is_all.then_some(count),
        has_more: !is_all || count > Completions::MOST_VALUES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, a variable would be offered values that nobody can ask for.
    #[test]
    fn every_variable_is_of_a_template() {
        for (pattern, variable, _) in VARIABLES {
            let mut templates = TEMPLATES.iter().copied().flatten();
            assert!(templates.any(|template| template.uri_template == *pattern), "{pattern}");
            assert!(pattern.contains(&format!("{{{variable}}}")), "{pattern}: {variable}");
        }
    }

    /// If this failed, an argument would be offered values of a kind that is not its own, or one that is not there.
    #[test]
    fn every_source_is_of_an_argument() {
        for (prompt, argument, _) in ARGUMENTS {
            let prompt = PROMPTS.iter().find(|known| known.name == *prompt).unwrap();
            assert!(
                prompt.arguments.iter().any(|known| known.name == *argument),
                "{}.{argument}",
                prompt.name
            );
        }
    }
}
