//! What a message says, as text.

use std::borrow::Cow;

use crate::graph::{ItemBody, Text};
use crate::tools::line::on_one_line;
use crate::tools::review::Review;
use crate::tools::text::{CleanText, beginning};

/// What stands before the id of an image of the message's own, and behind it.
const HOSTED: &str = "/hostedContents/";
const VALUE: &str = "/$value";

/// The text of a body, clean; HTML as Markdown.
pub(in crate::tools) fn text_of(body: &ItemBody<'_>, review: &Review<'_>) -> CleanText {
    let content = body.content.as_deref().unwrap_or_default();
    if is_html(body) {
        return review.texts().clean_html(content);
    }
    CleanText { text: review.clean(Cow::Borrowed(content)).into_owned(), is_cut: false }
}

fn is_html(body: &ItemBody<'_>) -> bool {
    body.content_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("html"))
}

/// The beginning of a text on one line, for a glance: at most so many bytes.
pub(super) fn glance(text: &str, most: usize) -> String {
    beginning(on_one_line(text.into()), most).into_owned()
}

/// The ids of the images that the message itself holds, in their order. They are asked for below the message; no
/// address that stands in it is opened.
pub(in crate::tools) fn hosted_images<'a>(body: Option<&'a ItemBody<'_>>) -> Vec<&'a str> {
    let content = body.filter(|body| is_html(body)).and_then(|body| body.content.as_ref());
    let parts = content.map(|content: &Text<'_>| content.split(HOSTED).skip(1)).into_iter().flatten();
    let mut ids: Vec<&str> = Vec::new();
    for part in parts {
        let id = part.split_once(VALUE).map(|(id, _)| id);
        let is_id = |id: &&str| {
            !id.is_empty()
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'='))
        };
        if let Some(id) = id.filter(is_id)
            && !ids.contains(&id)
        {
            ids.push(id);
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(json: &str) -> ItemBody<'_> {
        serde_json::from_str(json).unwrap()
    }

    /// If this failed, images of messages could not be seen, or something else would be asked for in their place.
    #[test]
    fn images_of_the_message_are_found_by_their_ids() {
        let html = body(
            r#"{"contentType":"html","content":"<img src='https://g/v1.0/chats/c/messages/m/hostedContents/aWQ9=/$value'><img src='https://g/hostedContents/aWQ9=/$value'><img src='https://g/hostedContents/../../users/$value'><img src='/hostedContents//$value'>"}"#,
        );
        assert_eq!(hosted_images(Some(&html)), ["aWQ9="]);
        let text = body(r#"{"contentType":"text","content":"/hostedContents/a/$value"}"#);
        assert!(hosted_images(Some(&text)).is_empty() && hosted_images(None).is_empty());
    }

    /// If this failed, a list of chats would be as long as what was said in them.
    #[test]
    fn a_glance_is_one_short_line() {
        assert_eq!(glance("a\n  b", 10), "a b");
        assert_eq!(glance("Grüße\naus Köln", 9), "Grüße a…");
    }
}
