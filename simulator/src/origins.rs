//! The origins under which one simulator is reached: what its issuers, links and redirects begin with.

use actix_web::HttpRequest;

/// An origin, and what is often made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Scheme and authority, without a slash at the end.
    pub(crate) base: String,
    /// The address of Graph there, with its version.
    pub(crate) graph: String,
}

impl Origin {
    pub(crate) fn new(base: String) -> Self {
        Self { graph: format!("{base}/v1.0"), base }
    }

    /// Name and port.
    fn authority(&self) -> &str {
        self.base.split_once("://").map_or(&self.base, |(_, authority)| authority)
    }
}

/// Every origin of one simulator.
#[derive(Debug)]
pub(crate) struct Origins {
    plain: Origin,
    /// Of the HTTPS listener, by every name of its certificate; the first one is its usual one.
    secure: Vec<Origin>,
}

impl Origins {
    pub(crate) fn new(plain: String, secure: Vec<String>) -> Self {
        Self { plain: Origin::new(plain), secure: secure.into_iter().map(Origin::new).collect() }
    }

    /// That of the HTTP listener.
    pub(crate) fn plain(&self) -> &Origin {
        &self.plain
    }

    /// The usual one of the HTTPS listener, if there is one.
    pub(crate) fn secure(&self) -> Option<&Origin> {
        self.secure.first()
    }

    /// The one that a request was sent to. Over HTTP that is always the same, by whatever name it was asked;
    /// over HTTPS it is the name of the `Host` header, if the certificate holds it.
    pub(crate) fn of(&self, http: &HttpRequest) -> &Origin {
        if !http.app_config().secure() {
            return &self.plain;
        }
        let host = http.headers().get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
        let asked = self.secure.iter().find(|origin| origin.authority().eq_ignore_ascii_case(host));
        asked.or(self.secure()).unwrap_or(&self.plain)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Origin> {
        std::iter::once(&self.plain).chain(&self.secure)
    }

    pub(crate) fn contains(&self, base: &str) -> bool {
        self.all().any(|origin| origin.base == base)
    }
}
