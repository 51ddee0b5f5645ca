//! Which Microsoft cloud is spoken to: Entra's and Graph's addresses.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use connector_actors::identity::TenantId;
use thiserror::Error;
use url::{Host, Url};

/// The addresses of one cloud. Applications are registered per cloud, and tokens of one mean nothing in another.
/// The named ones follow Microsoft's list of national clouds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cloud {
    /// Where Entra ID is, an origin without a path: `https://login.microsoftonline.com/`.
    pub authority: Url,
    /// Where Graph is, with its version and without a closing slash: `https://graph.microsoft.com/v1.0`.
    pub graph_base: Url,
    /// What Graph is called in scopes, without a closing slash: `https://graph.microsoft.com`.
    pub graph_resource: String,
    /// Where Graph redirects to for the content of files: `sharepoint.com` stands for every host below it.
    pub download_host_suffixes: Vec<String>,
}

/// An address that is not usable; `field` says which.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{field} {problem}")]
pub struct CloudError {
    pub field: &'static str,
    pub problem: CloudProblem,
}

/// What is wrong with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CloudProblem {
    #[error("must be one of global, gcc-high, dod, china")]
    UnknownName,
    #[error("must be an absolute address")]
    NotAnAddress,
    #[error("must begin with https:// (plain http is for loopback hosts alone)")]
    Insecure,
    #[error("must hold no user name or password")]
    HasCredentials,
    #[error("must hold no query and no fragment")]
    HasQuery,
    #[error("must hold no path")]
    HasPath,
    #[error("must be domains such as sharepoint.com, in lower case and without a wildcard")]
    NotAHostSuffix,
}

impl FromStr for Cloud {
    type Err = CloudError;

    /// Looks a cloud up by name: `global` (also for GCC), `gcc-high`, `dod` or `china`.
    fn from_str(name: &str) -> Result<Self, CloudError> {
        let (authority, graph, files) = match name {
            "global" => {
                ("https://login.microsoftonline.com", "https://graph.microsoft.com", "sharepoint.com")
            }
            "gcc-high" => ("https://login.microsoftonline.us", "https://graph.microsoft.us", "sharepoint.us"),
            "dod" => {
                ("https://login.microsoftonline.us", "https://dod-graph.microsoft.us", "sharepoint-mil.us")
            }
            "china" => (
                "https://login.partner.microsoftonline.cn",
                "https://microsoftgraph.chinacloudapi.cn",
                "sharepoint.cn",
            ),
            _ => return Err(CloudError { field: "cloud", problem: CloudProblem::UnknownName }),
        };
        Self::custom(authority, &format!("{graph}/v1.0"), Some(graph))?
            .downloading_from(vec![files.to_owned()])
    }
}

impl Cloud {
    /// Checks written-down addresses. Plain http is accepted for loopback hosts alone, where a simulator is.
    /// Without a `graph_resource` it is the origin of `graph_base`, as in every cloud of Microsoft's.
    pub fn custom(
        authority: &str,
        graph_base: &str,
        graph_resource: Option<&str>,
    ) -> Result<Self, CloudError> {
        let authority = secure_url("authority", authority)?;
        if authority.path() != "/" {
            return Err(CloudError { field: "authority", problem: CloudProblem::HasPath });
        }
        let mut graph_base = secure_url("graph_base", graph_base)?;
        let path = graph_base.path().trim_end_matches('/').to_owned();
        graph_base.set_path(&path);
        let graph_resource = match graph_resource {
            Some(resource) => {
                secure_url("graph_resource", resource)?;
                resource.trim_end_matches('/').to_owned()
            }
            None => graph_base.origin().ascii_serialization(),
        };
        // A simulator gives its files itself; whoever has another Graph must say where its files are.
        let own = graph_base.host_str().filter(|_| is_loopback(&graph_base));
        let download_host_suffixes =
            own.map(|host| host.trim_matches(['[', ']']).to_owned()).into_iter().collect();
        Ok(Self { authority, graph_base, graph_resource, download_host_suffixes })
    }

    /// The same cloud, with its files on these hosts: domains, each for all hosts below it, or loopback addresses.
    pub fn downloading_from(self, download_host_suffixes: Vec<String>) -> Result<Self, CloudError> {
        if download_host_suffixes.iter().all(|suffix| is_host_suffix(suffix)) {
            return Ok(Self { download_host_suffixes, ..self });
        }
        Err(CloudError { field: "download_host_suffixes", problem: CloudProblem::NotAHostSuffix })
    }

    /// The metadata of Entra's multi-tenant v2.0 endpoint, which names the signing keys.
    pub fn discovery_url(&self) -> String {
        format!("{}common/v2.0/.well-known/openid-configuration", self.authority)
    }

    /// The tenant's own token endpoint: an On-Behalf-Of exchange must not go to `common`.
    pub fn token_endpoint(&self, tenant: TenantId) -> String {
        format!("{}{tenant}/oauth2/v2.0/token", self.authority)
    }

    /// The one scope of an exchange: whatever has been consented to for Graph.
    pub fn graph_default_scope(&self) -> String {
        format!("{}/.default", self.graph_resource)
    }
}

/// True for `localhost`, 127.0.0.0/8 and `::1`.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => Ipv4Addr::is_loopback(&address),
        Some(Host::Ipv6(address)) => Ipv6Addr::is_loopback(&address),
        None => false,
    }
}

/// A domain of at least two labels in lower case, or a loopback host. A single label, such as `com`, would open far
/// more than was meant.
fn is_host_suffix(text: &str) -> bool {
    if let Ok(address) = text.parse::<std::net::IpAddr>() {
        return address.is_loopback();
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    text == "localhost" || (text.contains('.') && text.split('.').all(is_label))
}

/// True for https, and for plain http that does not leave the machine.
pub(super) fn is_secure(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(url),
        _ => false,
    }
}

fn secure_url(field: &'static str, text: &str) -> Result<Url, CloudError> {
    let refused = |problem| CloudError { field, problem };
    let url = Url::parse(text).map_err(|_| refused(CloudProblem::NotAnAddress))?;
    if !is_secure(&url) {
        return Err(refused(CloudProblem::Insecure));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused(CloudProblem::HasCredentials));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused(CloudProblem::HasQuery));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn custom(authority: &str, graph_base: &str) -> Result<Cloud, CloudError> {
        Cloud::custom(authority, graph_base, None)
    }

    /// If this failed, a national cloud's tokens would be asked for, or sent, in another cloud.
    #[rstest]
    #[case::global("global", "https://login.microsoftonline.com/", "https://graph.microsoft.com")]
    #[case::gcc_high("gcc-high", "https://login.microsoftonline.us/", "https://graph.microsoft.us")]
    #[case::dod("dod", "https://login.microsoftonline.us/", "https://dod-graph.microsoft.us")]
    #[case::china(
        "china",
        "https://login.partner.microsoftonline.cn/",
        "https://microsoftgraph.chinacloudapi.cn"
    )]
    fn a_named_cloud_has_its_own_addresses(#[case] name: &str, #[case] authority: &str, #[case] graph: &str) {
        let cloud = name.parse::<Cloud>().unwrap();
        assert_eq!(cloud.authority.as_str(), authority);
        assert_eq!(cloud.graph_base.as_str(), format!("{graph}/v1.0"));
        assert_eq!(cloud.graph_default_scope(), format!("{graph}/.default"));
    }

    /// If this failed, a typing error would send tokens over plain http or to a half-understood address.
    #[rstest]
    #[case::not_an_address("login", "http://127.0.0.1/v1.0", "authority", CloudProblem::NotAnAddress)]
    #[case::plain_http("http://login.example", "http://127.0.0.1/v1.0", "authority", CloudProblem::Insecure)]
    #[case::loopback_like_name(
        "http://127.0.0.1.example",
        "http://127.0.0.1/v1.0",
        "authority",
        CloudProblem::Insecure
    )]
    #[case::other_scheme("ftp://127.0.0.1", "http://127.0.0.1/v1.0", "authority", CloudProblem::Insecure)]
    #[case::path("https://login.example/x", "http://127.0.0.1/v1.0", "authority", CloudProblem::HasPath)]
    #[case::user(
        "https://login.example",
        "https://a@graph.example",
        "graph_base",
        CloudProblem::HasCredentials
    )]
    #[case::query("https://login.example", "https://graph.example/?q", "graph_base", CloudProblem::HasQuery)]
    fn a_bad_address_is_refused_by_the_name_of_its_field(
        #[case] authority: &str,
        #[case] graph_base: &str,
        #[case] field: &str,
        #[case] problem: CloudProblem,
    ) {
        let refused = custom(authority, graph_base).unwrap_err();
        assert_eq!((refused.field, refused.problem), (field, problem));
        assert!(refused.to_string().starts_with(field));
    }

    /// If this failed, the simulator could not be used, or its addresses would be joined with double slashes.
    #[rstest]
    #[case::ipv4("http://127.0.0.1:8081", "http://127.0.0.1:8081/v1.0/", "http://127.0.0.1:8081")]
    #[case::ipv6("http://[::1]:8081", "http://[::1]:8081/v1.0", "http://[::1]:8081")]
    #[case::name("http://localhost:1", "http://localhost:1/v1.0", "http://localhost:1")]
    fn plain_http_is_accepted_on_loopback(
        #[case] authority: &str,
        #[case] graph_base: &str,
        #[case] resource: &str,
    ) {
        let cloud = custom(authority, graph_base).unwrap();
        assert_eq!(cloud.graph_resource, resource);
        assert_eq!(cloud.graph_base.as_str(), format!("{resource}/v1.0"));
        let tenant = TenantId::from_uuid(uuid::Uuid::from_u128(1));
        assert_eq!(cloud.token_endpoint(tenant), format!("{authority}/{tenant}/oauth2/v2.0/token"));
    }

    /// If this failed, the files of a national cloud could not be read, or would be looked for in another one.
    #[rstest]
    #[case::global("global", "sharepoint.com")]
    #[case::gcc_high("gcc-high", "sharepoint.us")]
    #[case::dod("dod", "sharepoint-mil.us")]
    #[case::china("china", "sharepoint.cn")]
    fn a_named_cloud_keeps_its_files_on_its_own_hosts(#[case] name: &str, #[case] suffix: &str) {
        assert_eq!(name.parse::<Cloud>().unwrap().download_host_suffixes, [suffix]);
    }

    /// If this failed, a typing error would let files be fetched from half the world, or from nowhere.
    #[rstest]
    #[case::top_level("com", false)]
    #[case::wildcard("*.sharepoint.com", false)]
    #[case::leading_dot(".sharepoint.com", false)]
    #[case::capitals("SharePoint.com", false)]
    #[case::address("https://sharepoint.com", false)]
    #[case::network("10.0.0.1", false)]
    #[case::domain("files.example", true)]
    #[case::loopback("127.0.0.1", true)]
    fn a_download_host_suffix_is_a_domain(#[case] suffix: &str, #[case] good: bool) {
        let cloud = custom("http://127.0.0.1:1", "http://127.0.0.1:1").unwrap();
        assert_eq!(cloud.downloading_from(vec![suffix.to_owned()]).is_ok(), good);
    }

    /// If this failed, a misspelt cloud would be taken for something.
    #[test]
    fn an_unknown_name_is_refused() {
        assert_eq!("Global".parse::<Cloud>().unwrap_err().problem, CloudProblem::UnknownName);
    }
}
