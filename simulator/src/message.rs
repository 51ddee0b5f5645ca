//! A request and its answer, free of the web framework, so that the services are plain functions.

use std::borrow::Cow;
use std::net::IpAddr;

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::http::{Method, StatusCode};
use bytes::Bytes;
use serde_json::Value;

use crate::origins::Origin;

/// One HTTP request, its body read to the end.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a Method,
    /// Percent-encoded, without the query.
    pub(crate) path: &'a str,
    /// What follows the `?`; empty when there is none.
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a Bytes,
    /// What a fault changes in how it is answered.
    pub(crate) disturbance: &'a Disturbance,
    /// The origin that it was sent to.
    pub(crate) origin: &'a Origin,
    /// Whose connection it came by.
    pub(crate) peer: Option<IpAddr>,
    pub(crate) carriage: Carriage,
}

/// What goes wrong inside of a service while it answers.
#[derive(Debug, Default)]
pub(crate) struct Disturbance {
    /// Seconds by which the service's clock is ahead.
    pub(crate) clock_skew_s: i64,
    /// Graph scopes, as short names, that were taken away after they were granted.
    pub(crate) lost_scopes: Vec<String>,
}

impl Disturbance {
    /// Nothing goes wrong.
    pub(crate) const NONE: &'static Self = &Self { clock_skew_s: 0, lost_scopes: Vec::new() };

    pub(crate) fn is_none(&self) -> bool {
        self.clock_skew_s == 0 && self.lost_scopes.is_empty()
    }
}

/// How a request came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carriage {
    /// As an HTTP request.
    Alone,
    /// As an item of a batch.
    Batch,
}

impl Request<'_> {
    /// The first header of that name, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The path's segments; an empty list for `/`.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|segment| !segment.is_empty()).collect()
    }

    /// The bearer token of the `Authorization` header.
    pub(crate) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    }

    /// Whether the body is an HTML form (`application/x-www-form-urlencoded`).
    pub(crate) fn is_form(&self) -> bool {
        self.header(CONTENT_TYPE.as_str())
            .and_then(|value| value.split(';').next())
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
    }

    /// The fields of the form in the body; none when the body is no form.
    pub(crate) fn form(&self) -> Fields {
        if self.is_form() { Fields::parse(self.body) } else { Fields::default() }
    }

    /// The form's fields followed by the query's.
    pub(crate) fn form_and_query(&self) -> Fields {
        let mut fields = self.form();
        fields.0.extend(Fields::parse(self.query.as_bytes()).0);
        fields
    }
}

/// Decoded name and value pairs of a form or a query, in the order sent.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(crate) fn parse(encoded: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The first value of that name; an empty value counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// One HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(Cow<'static, str>, String)>,
    pub(crate) body: Bytes,
}

impl Answer {
    fn with_type(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![(Cow::Borrowed("Content-Type"), content_type.to_owned())];
        Self { status, headers, body: body.into() }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::with_type(status, "application/json; charset=utf-8", body.to_string())
    }

    pub(crate) fn text(status: u16, words: &str) -> Self {
        Self::with_type(status, "text/plain; charset=utf-8", words.to_owned())
    }

    pub(crate) fn html(status: u16, body: String) -> Self {
        Self::with_type(status, "text/html; charset=utf-8", body).header("Cache-Control", "no-store")
    }

    pub(crate) fn redirect(location: String) -> Self {
        Self { status: 302, headers: Vec::new(), body: Bytes::new() }
            .header("Location", location)
            .header("Cache-Control", "no-store")
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((Cow::Borrowed(name), value.into()));
        self
    }

    /// Sets a header, in place of every one of the same name.
    pub(crate) fn replace_header(&mut self, name: &str, value: &str) {
        self.remove_header(name);
        self.headers.push((Cow::Owned(name.to_owned()), value.to_owned()));
    }

    pub(crate) fn remove_header(&mut self, name: &str) {
        self.headers.retain(|(present, _)| !present.eq_ignore_ascii_case(name));
    }

    pub(crate) fn into_http(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut builder = HttpResponse::build(status);
        for (name, value) in &self.headers {
            builder.append_header((name.as_ref(), value.as_str()));
        }
        builder.body(self.body)
    }
}

impl From<crate::graph::GraphResponse> for Answer {
    fn from(response: crate::graph::GraphResponse) -> Self {
        let headers =
            response.headers.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect();
        Self { status: response.status, headers, body: response.body }
    }
}
