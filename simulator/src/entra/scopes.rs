//! The `scope` and `resource` parameters: what a token is asked for.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::applications::{Application, Applications, Reach};
use super::refusal::Refusal;
use crate::directory::EVERY_SCOPE;
use crate::graph::is_permission;
use crate::origins::Origins;

/// The App ID of Microsoft Graph in every tenant.
pub(crate) const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";
/// The identifier under which Microsoft Graph is asked for.
pub(crate) const GRAPH_URI: &str = "https://graph.microsoft.com";

const OPENID_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];
const DEFAULT: &str = ".default";

/// An API that tokens can be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Api {
    Connector,
    Graph,
    /// That of a registered application, by its id.
    Application(Uuid),
}

/// The identifiers by which the APIs are named in scopes.
pub(crate) struct Identifiers<'a> {
    pub(crate) connector: Uuid,
    /// The connector's own scope, by its short name.
    pub(crate) connector_scope: &'a str,
    pub(crate) app_id_uris: &'a [String],
    /// The simulator's origins, which stand for Graph too.
    pub(crate) origins: &'a Origins,
    pub(crate) applications: &'a Applications,
}

/// A parsed `scope`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AskedScopes {
    /// The OpenID Connect scopes, in the order asked.
    openid: Vec<String>,
    pub(crate) api: Api,
    /// The identifier by which the API was named.
    pub(crate) identifier: String,
    /// What stood before the names of its scopes: the identifier and a slash, or nothing where they were short.
    qualifier: String,
    /// Short names, without `.default`.
    pub(crate) names: Vec<String>,
    pub(crate) default: bool,
}

impl Identifiers<'_> {
    pub(crate) fn api(&self, identifier: &str) -> Option<Api> {
        if self.is_app_id_uri(identifier) || identifier == self.connector.to_string() {
            return Some(Api::Connector);
        }
        if [GRAPH_URI, GRAPH_APP_ID].contains(&identifier) || self.origins.contains(identifier) {
            return Some(Api::Graph);
        }
        self.applications.exposing(identifier).map(|application| Api::Application(application.id()))
    }

    /// Registered URIs are compared character for character, as Entra does.
    fn is_app_id_uri(&self, identifier: &str) -> bool {
        self.app_id_uris.iter().any(|uri| uri == identifier)
            || identifier.strip_prefix("api://").is_some_and(|id| id == self.connector.to_string())
    }

    /// Parses `scope` and, where one was sent, holds it against `resource`, which must be a registered App ID
    /// URI of the same API (AADSTS9010010).
    pub(crate) fn parse(&self, scope: &str, resource: Option<&str>) -> Result<AskedScopes, Refusal> {
        let resource_api = resource.map(|uri| self.resource_api(uri)).transpose()?;
        let asked = self.parse_scopes(scope)?;
        match (resource_api, asked) {
            (None, None) => Err(Refusal::NoResource),
            (Some(_), None) => Err(Refusal::ResourceMismatch),
            (Some(api), Some(asked)) if api != asked.api => Err(Refusal::ResourceMismatch),
            (_, Some(asked)) => self.check_names(asked),
        }
    }

    /// The API that a `resource` parameter names.
    pub(crate) fn resource_api(&self, resource: &str) -> Result<Api, Refusal> {
        match resource {
            uri if self.is_app_id_uri(uri) => Ok(Api::Connector),
            GRAPH_URI => Ok(Api::Graph),
            uri => {
                let exposing = self.applications.exposing(uri).ok_or(Refusal::ResourceMismatch)?;
                Ok(Api::Application(exposing.id()))
            }
        }
    }

    /// A short name belongs to Graph, whatever `resource` says.
    fn parse_scopes(&self, scope: &str) -> Result<Option<AskedScopes>, Refusal> {
        let mut openid = Vec::new();
        let mut asked: Option<AskedScopes> = None;
        for part in scope.split_ascii_whitespace() {
            if OPENID_SCOPES.contains(&part) {
                openid.push(part.to_owned());
                continue;
            }
            let qualified = part.rsplit_once('/');
            let (identifier, name) = qualified.unwrap_or((GRAPH_URI, part));
            let api = self.api(identifier).ok_or_else(|| Refusal::ResourceNotFound(identifier.to_owned()))?;
            let asked = asked.get_or_insert_with(|| AskedScopes {
                openid: Vec::new(),
                api,
                identifier: identifier.to_owned(),
                qualifier: qualified.map(|_| format!("{identifier}/")).unwrap_or_default(),
                names: Vec::new(),
                default: false,
            });
            if asked.api != api {
                return Err(Refusal::SeveralResources);
            }
            if name == DEFAULT {
                asked.default = true;
            } else {
                asked.names.push(name.to_owned());
            }
        }
        Ok(asked.map(|asked| AskedScopes { openid, ..asked }))
    }

    fn check_names(&self, asked: AskedScopes) -> Result<AskedScopes, Refusal> {
        if asked.default && !asked.names.is_empty() {
            return Err(Refusal::DefaultNotAlone);
        }
        let unknown = match asked.api {
            Api::Connector => asked.names.iter().find(|name| *name != self.connector_scope),
            Api::Graph => None,
            Api::Application(id) => {
                let application = self.applications.find(id);
                let exposed = application.iter().filter_map(|known| known.api.as_ref());
                let exposed: Vec<&String> = exposed.flat_map(|api| &api.scopes).collect();
                asked.names.iter().find(|name| !exposed.contains(name))
            }
        };
        match unknown {
            Some(scope) => {
                let scope = scope.clone();
                Err(Refusal::ScopeNotFound { scope, resource: asked.identifier })
            }
            None => Ok(asked),
        }
    }
}

/// Whether Graph has a delegated permission of that short name.
pub(crate) fn is_graph_scope(name: &str) -> bool {
    EVERY_SCOPE.contains(&name) || is_permission(name)
}

/// The delegated permission of Graph that opens to one user what an application's permission opens of everybody. Those end
/// in `.All` where there is another one without it.
pub(crate) fn delegated_form(app_permission: &str) -> Option<&str> {
    if app_permission.ends_with(".Shared") || app_permission == "User.Read" {
        return None;
    }
    let bare = app_permission.strip_suffix(".All").unwrap_or_default();
    [app_permission, bare].into_iter().find(|name| is_graph_scope(name))
}

impl AskedScopes {
    /// A sign-in that asks for no API: the OpenID Connect scopes are Graph's.
    pub(crate) fn of_sign_in_alone(scope: &str) -> Self {
        Self {
            openid: scope.split_ascii_whitespace().map(str::to_owned).collect(),
            api: Api::Graph,
            identifier: GRAPH_URI.to_owned(),
            qualifier: String::new(),
            names: Vec::new(),
            default: false,
        }
    }

    /// Refuses what an application may not ask for. The directory's clients are registered for the connector's API alone. A
    /// short scope without a resource lands at Graph, which does not know it: a common mistake, and its number
    /// (AADSTS650053) is how it shows.
    pub(crate) fn for_client(self, client: &Application) -> Result<Self, Refusal> {
        if self.api == Api::Connector {
            return Ok(self);
        }
        let unknown = self.names.iter().find(|name| !is_graph_scope(name));
        if let (Api::Graph, Some(scope)) = (self.api, unknown) {
            return Err(Refusal::ScopeNotFound { scope: scope.clone(), resource: GRAPH_APP_ID.to_owned() });
        }
        match client.reach {
            Reach::Every => Ok(self),
            Reach::Connector => Err(Refusal::ResourceNotRegistered(self.identifier)),
        }
    }

    /// Those of OpenID Connect that a token names; `offline_access` is about a refresh token alone.
    pub(crate) fn openid_of_token(&self) -> impl Iterator<Item = &str> {
        self.openid.iter().map(String::as_str).filter(|name| *name != "offline_access")
    }

    pub(crate) fn asks_openid(&self, name: &str) -> bool {
        self.openid.iter().any(|asked| asked == name)
    }

    /// The same, with the OpenID Connect scopes of `first`.
    pub(crate) fn with_openid_of(self, first: &Self) -> Self {
        Self { openid: first.openid.clone(), ..self }
    }

    /// The `scope` of the token response: names qualified as they were asked for, `.default` echoed (MSAL looks its cache
    /// up by both), and the OpenID Connect scopes as asked.
    pub(crate) fn granted(&self, names: &[String]) -> String {
        let qualifier = &self.qualifier;
        let mut granted: Vec<String> = self.openid.clone();
        granted.extend(names.iter().map(|name| format!("{qualifier}{name}")));
        if self.default {
            granted.push(format!("{qualifier}{DEFAULT}"));
        }
        granted.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rstest::rstest;

    use super::*;
    use crate::directory::Directory;

    const CONNECTOR: Uuid = Uuid::from_u128(7);
    const URI: &str = "http://127.0.0.1:8080/mcp";

    fn parse(scope: &str, resource: Option<&str>) -> Result<AskedScopes, Refusal> {
        let identifiers = Identifiers {
            connector: CONNECTOR,
            connector_scope: "access_as_user",
            app_id_uris: &[URI.to_owned()],
            origins: &Origins::new("http://127.0.0.1:8081".to_owned(), Vec::new()),
            applications: &Applications::of(&Directory::generate(1), 1),
        };
        identifiers.parse(scope, resource)
    }

    /// The directory's first client.
    fn client() -> Arc<Application> {
        let directory = Directory::generate(1);
        Applications::of(&directory, 1).find(directory.clients[0].id).unwrap()
    }

    /// A form that Entra accepts and the simulator refuses keeps a working client out of the demo.
    #[rstest]
    #[case("http://127.0.0.1:8080/mcp/access_as_user", None)]
    #[case("http://127.0.0.1:8080/mcp/access_as_user", Some(URI))]
    #[case("00000000-0000-0000-0000-000000000007/access_as_user", Some(URI))]
    #[case("api://00000000-0000-0000-0000-000000000007/.default", Some(URI))]
    fn the_connector_is_asked_for_by_any_of_its_names(#[case] scope: &str, #[case] resource: Option<&str>) {
        assert_eq!(parse(scope, resource).unwrap().api, Api::Connector);
    }

    /// A pair that Entra refuses and the simulator lets pass would hide a broken sign-in until production.
    #[rstest]
    #[case("access_as_user", None, 650_053)]
    #[case("openid access_as_user offline_access", Some(URI), 9_010_010)]
    #[case("http://127.0.0.1:8080/mcp/access_as_user", Some("http://127.0.0.1:8080/mcp/"), 9_010_010)]
    #[case("http://127.0.0.1:8080/mcp/access_as_user", Some("http://127.0.0.1:8080/MCP"), 9_010_010)]
    #[case("https://graph.microsoft.com/Mail.Read", Some(URI), 9_010_010)]
    #[case("openid", Some(URI), 9_010_010)]
    #[case("openid profile", None, 70_011)]
    #[case("http://elsewhere.example/mcp/access_as_user", None, 500_011)]
    #[case("http://127.0.0.1:8080/mcp/access_as_user User.Read", None, 28_000)]
    #[case("http://127.0.0.1:8080/mcp/.default http://127.0.0.1:8080/mcp/access_as_user", None, 70_011)]
    #[case("http://127.0.0.1:8080/mcp/write_as_user", None, 650_053)]
    #[case("https://graph.microsoft.com/Mail.Read", None, 650_057)]
    fn a_wrong_scope_or_resource_is_refused_with_its_number(
        #[case] scope: &str,
        #[case] resource: Option<&str>,
        #[case] code: u32,
    ) {
        let refusal = parse(scope, resource).and_then(|asked| asked.for_client(&client())).unwrap_err();
        assert_eq!(refusal.code(), code);
    }

    /// MSAL never hits its cache when `.default` is missing from the granted scopes, or they have another form than its own.
    #[rstest]
    #[case::qualified(
        "https://graph.microsoft.com/.default offline_access",
        "offline_access https://graph.microsoft.com/Mail.Read https://graph.microsoft.com/.default"
    )]
    #[case::short("Mail.Read openid", "openid Mail.Read")]
    fn the_granted_scopes_are_qualified_as_asked_and_echo_default(
        #[case] asked: &str,
        #[case] granted: &str,
    ) {
        assert_eq!(parse(asked, None).unwrap().granted(&["Mail.Read".to_owned()]), granted);
    }
}
