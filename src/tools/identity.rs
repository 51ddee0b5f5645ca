//! Who the user is, and what the app may do for the user.

use std::borrow::Cow;

use connector_actors::throttle::Workload;
use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::Serialize;

use super::arguments::{self, NoArguments};
use super::error::ToolError;
use super::line::clean_line;
use super::review::Own;
use super::schema;
use super::text::Sanitizer;
use super::tool::{ScopeRule, Tool, ToolAnswer, ToolCall};
use crate::graph::{GraphRequest, Profile, QueryOption, Text};
use crate::policy::{Decision, Question, decide};

/// Of which one is enough for the user's own profile; with the second one it may lack what is not basic.
pub(super) const OWN_PROFILE: &[&str] = &["User.Read", "User.ReadBasic.All"];

pub(super) const GET_ME: Tool = Tool {
    name: "get_me",
    title: "Who am I",
    description: "The signed-in user: name, mail address, job title, office, language. Use it for \"me\" and \
                  \"my\". Example: {}",
    input_schema: schema::input::<NoArguments>,
    output_schema: Some(schema::output::<Me<'static>>),
    scopes: ScopeRule(&[&["User.Read"], &["User.ReadBasic.All"]]),
    client_capabilities: &[],
    warm_requests: 1,
    most_requests: 1,
    run: get_me,
};

/// The tools that somebody may be told of.
pub(super) trait Offer {
    fn tools() -> &'static [Tool];
}

/// `get_granted_scopes` of what `O` offers.
pub(super) const fn get_granted_scopes<O: Offer>() -> Tool {
    Tool {
        name: "get_granted_scopes",
        title: "What this connector may do",
        description: "The Microsoft Graph permissions that the user has given the connector, and why a tool does \
                  not work. Use it when a tool is missing or says that a permission is missing. Example: {}",
        input_schema: schema::input::<NoArguments>,
        output_schema: Some(schema::output::<Granted>),
        scopes: ScopeRule(&[]),
        client_capabilities: &[],
        warm_requests: 0,
        most_requests: 0,
        run: granted_scopes::<O>,
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Me<'a> {
    id: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mail: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_principal_name: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_title: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    office_location: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preferred_language: Option<Cow<'a, str>>,
    /// The organisation.
    organisation: &'a str,
}

fn get_me<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        arguments::parse::<NoArguments>(call.arguments)?;
        let request = GraphRequest::get(Workload::Directory, OWN_PROFILE, "/me")
            .query(QueryOption::Select, Profile::SELECT);
        let body = call.graph.get(&request).await?;
        let profile: Profile<'_> = body.parse()?;
        let sanitizer = Sanitizer::default();
        let clean = |text: Option<Text<'_>>| {
            text.map(|text| clean_line(&sanitizer, text.into_cow()).into_owned().into())
        };
        let me = Me {
            id: profile.id.into_cow(),
            display_name: clean(profile.display_name),
            mail: clean(profile.mail),
            user_principal_name: clean(profile.user_principal_name),
            job_title: clean(profile.job_title),
            office_location: clean(profile.office_location),
            preferred_language: clean(profile.preferred_language),
            organisation: &call.policy.name,
        };
        ToolAnswer::new(&Own(me), body.size() + call.policy.name.len())
    })
}

/// About how much the list of permissions and tools takes.
const GRANTED_BYTES: usize = 2 * 1024;

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Granted {
    /// Delegated Microsoft Graph permissions.
    scopes: Vec<String>,
    tools: Vec<ToolState>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ToolState {
    name: &'static str,
    available: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Hidden>,
    /// Lists of permissions of which one whole list is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<&'static [&'static [&'static str]]>,
}

/// Why a tool is not offered: an administrator of the organisation said so, or the permissions under `needs` have
/// not been granted.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Hidden {
    SwitchedOffByOrganisation,
    MissingScope,
}

fn granted_scopes<'a, O: Offer>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        arguments::parse::<NoArguments>(call.arguments)?;
        let lease = call.graph.lease().await?;
        let state = |tool: &Tool| {
            let allowed = decide(call.policy, &Question::UseTool { name: tool.name }) == Decision::Allow;
            let reason = match (allowed, tool.scopes.is_met_by(lease.scopes())) {
                (false, _) => Some(Hidden::SwitchedOffByOrganisation),
                (true, false) => Some(Hidden::MissingScope),
                (true, true) => None,
            };
            let needs = matches!(reason, Some(Hidden::MissingScope)).then_some(tool.scopes.0);
            ToolState { name: tool.name, available: reason.is_none(), reason, needs }
        };
        let granted = Granted {
            scopes: lease.scopes().iter().map(str::to_owned).collect(),
            tools: O::tools().iter().map(state).collect(),
        };
        ToolAnswer::new(&Own(granted), GRANTED_BYTES)
    })
}
