//! What is searched: each service by the engine of its own search tool.

use connector_actors::lease::GrantedScopes;

use super::found::Found;
use crate::graph::{GraphBody, GraphRequest};
use crate::policy::{Decision, Question};
use crate::tools::error::ToolError;
use crate::tools::review::{Review, Reviewed};
use crate::tools::sharepoint::FoundPage;
use crate::tools::user_context::UserContext;
use crate::tools::zone::Zone;
use crate::tools::{mail_search, sharepoint, teams};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Mail,
    SharePoint,
    Teams,
}

pub(super) const SOURCES: [Source; 3] = [Source::Mail, Source::SharePoint, Source::Teams];

/// What one of them has found.
#[derive(Debug)]
pub(super) struct Hits {
    pub(super) found: Vec<Reviewed<Found>>,
    pub(super) has_more: bool,
    /// Those that no id would read.
    pub(super) nameless: usize,
    /// What is missing from it that a later search may find.
    pub(super) lacking: Option<&'static str>,
}

impl Source {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::SharePoint => "SharePoint and OneDrive",
            Self::Teams => "chats and channels",
        }
    }

    /// Whoever has switched this tool off, or its service, does not want it searched here either.
    const fn tool(self) -> &'static str {
        match self {
            Self::Mail => "outlook_email_search",
            Self::SharePoint => "sharepoint_search",
            Self::Teams => "chat_message_search",
        }
    }

    /// The request for its first hits, and what the permissions leave out of them; or why there is none.
    pub(super) fn question(
        self,
        query: &str,
        size: u32,
        user: &UserContext<'_>,
        granted: &GrantedScopes,
    ) -> Result<(GraphRequest, Option<&'static str>), ToolError> {
        if user.decide(&Question::UseTool { name: self.tool() }) != Decision::Allow {
            return Err(ToolError::switched_off());
        }
        match self {
            Self::Mail if !granted.contains("Mail.Read") => {
                Err(ToolError::missing_scope("Mail can't be searched.", &["Mail.Read"]))
            }
            Self::Mail => Ok((mail_search::first_page::question(query, size)?, None)),
            Self::SharePoint => sharepoint::first_page::question(query, size, granted),
            Self::Teams if !teams::CHAT_MESSAGE_SEARCH.scopes.is_met_by(granted) => {
                Err(ToolError::missing_scope("Chats and channels can't be searched.", &["Chat.Read"]))
            }
            Self::Teams => teams::first_page::question(query, size, granted),
        }
    }

    /// What it has answered.
    pub(super) async fn read(
        self,
        body: &GraphBody,
        user: &UserContext<'_>,
        review: &Review<'_>,
    ) -> Result<Hits, ToolError> {
        // No time is told.
        let zone = Zone::utc();
        Ok(match self {
            Self::Mail => {
                let (hits, has_more) = mail_search::first_page::read(body, &zone, review)?;
                Hits::of(hits, |hit| Some(Found::message(hit)), has_more)
            }
            Self::SharePoint => {
                let page = FoundPage::read(body, user, &zone, review).await?;
                let lacking = page.lacking;
                Hits { lacking, ..Hits::of(page.hits, Found::of_sharepoint, page.has_more) }
            }
            Self::Teams => {
                let (hits, has_more) = teams::first_page::read(body, &zone, review)?;
                Hits::of(hits, Found::of_teams, has_more)
            }
        })
    }
}

impl Hits {
    fn of<T>(hits: Vec<Reviewed<T>>, shape: impl Fn(T) -> Option<Found>, has_more: bool) -> Self {
        let all = hits.len();
        let found: Vec<_> = hits.into_iter().filter_map(|hit| hit.reshape(&shape)).collect();
        Self { nameless: all - found.len(), found, has_more, lacking: None }
    }
}
