//! Requests to the public listener.

use std::time::Duration;

use super::Event;
use crate::metric::{Attribute, Meters, Metric};

/// A request to the public listener was answered: the head of the answer is on its way. Only counted; a call has a line
/// of its own, and so has a request that never became one.
#[derive(Debug, Clone, Copy)]
pub struct HttpAnswered {
    /// The method; `_OTHER` for one that is not known.
    pub method: &'static str,
    /// The scheme of the address that clients know: `https`, or `http` on loopback.
    pub scheme: &'static str,
    /// The route as it is registered; `None` when no route fits.
    pub route: Option<&'static str>,
    pub status: u16,
    pub duration: Duration,
}

impl Event for HttpAnswered {
    fn log(&self) {}

    fn count(&self, meters: &Meters) {
        let mut attributes = Vec::with_capacity(5);
        attributes.push(Attribute::HttpMethod.with(self.method));
        attributes.push(Attribute::UrlScheme.with(self.scheme));
        attributes.extend(self.route.map(|route| Attribute::HttpRoute.with(route)));
        attributes.push(Attribute::HttpStatus.with(i64::from(self.status)));
        // By the conventions, what a caller has done wrong is no error of the server's.
        if self.status >= 500 {
            attributes.push(Attribute::ErrorType.with(self.status.to_string()));
        }
        meters.record(Metric::HttpServerDuration, self.duration, &attributes);
    }
}
