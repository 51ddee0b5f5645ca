//! An address with its variable segments left open, as the table of permissions writes them.

/// `/chats/{id}/messages`: whatever stands in place of braces fits.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route(Vec<Segment>);

#[derive(Debug, PartialEq, Eq)]
enum Segment {
    Fixed(String),
    Open,
}

impl Route {
    /// Nothing for what does not begin with a slash, has an empty segment, or braces around less than a segment.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.strip_prefix('/')?.split('/').map(Segment::parse).collect::<Option<_>>().map(Self)
    }

    /// Whether a whole path is of this route. Its first segment (`/v1.0`, or the tenant) may be left out of the route.
    pub(crate) fn fits(&self, path: &str) -> bool {
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        self.is(&segments) || segments.get(1..).is_some_and(|below_first| self.is(below_first))
    }

    fn is(&self, segments: &[&str]) -> bool {
        self.0.len() == segments.len() && self.0.iter().zip(segments).all(|(own, sent)| own.fits(sent))
    }
}

impl Segment {
    fn parse(text: &str) -> Option<Self> {
        let inner = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match inner {
            Some(name) if !name.contains(['{', '}']) => Some(Self::Open),
            None if !text.is_empty() && !text.contains(['{', '}', '?', '#']) => {
                Some(Self::Fixed(text.to_owned()))
            }
            _ => None,
        }
    }

    fn fits(&self, sent: &str) -> bool {
        match self {
            Self::Fixed(text) => text.eq_ignore_ascii_case(sent),
            Self::Open => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// A route that fits its neighbours would break requests the test did not mean.
    #[rstest]
    #[case("/chats/{id}/messages", "/v1.0/chats/19:a@thread.v2/messages", true)]
    #[case("/v1.0/chats/{}/messages", "/v1.0/chats/19:a@thread.v2/messages", true)]
    #[case("/chats/{id}/messages", "/v1.0/chats/19:a@thread.v2/messages/1", false)]
    #[case("/chats/{id}", "/v1.0/chats/19:a@thread.v2/messages", false)]
    #[case("/chats/{id}/messages", "/v1.0/me/chats/a/messages", false)]
    #[case("/me/MailFolders", "/v1.0/me/mailFolders", true)]
    #[case("/{tenant}/oauth2/v2.0/token", "/larkmoor.example/oauth2/v2.0/token", true)]
    fn a_route_fits_whole_paths_from_the_first_or_second_segment(
        #[case] route: &str,
        #[case] path: &str,
        #[case] fits: bool,
    ) {
        assert_eq!(Route::parse(route).unwrap().fits(path), fits);
    }

    /// Braces that nothing reads would make a route that fits no request.
    #[rstest]
    #[case("chats")]
    #[case("/chats//messages")]
    #[case("/chats/{id")]
    #[case("/chats/x{id}")]
    #[case("/chats/{{id}}")]
    #[case("/chats?x")]
    #[case("/")]
    fn what_is_no_route_is_none(#[case] text: &str) {
        assert_eq!(Route::parse(text), None);
    }
}
