//! Bodies that Graph sent.
//!
//! They are read by two readers: a fast one, and a careful one where brackets might nest too deep for it. What the careful
//! one takes the fast one must take, and read the same out of it. It may take more: it does not look at the escapes of
//! what it passes over.

use std::fmt::Debug;

use m365_connector::graph::{
    ChatMessage, DriveItem, Event, GraphBody, Message, Page, SearchAnswer, SharePointHit,
};
use serde::Deserialize;

/// Reads `data` as several kinds of answers. Says whether it is a page of messages.
pub fn check(data: &[u8]) -> bool {
    let body = GraphBody::new(data.to_vec().into());
    agree::<Page<'_, Event<'_>>>(&body);
    agree::<Page<'_, ChatMessage<'_>>>(&body);
    agree::<SearchAnswer<SharePointHit<'_>>>(&body);
    agree::<DriveItem<'_>>(&body);
    agree::<Page<'_, Message<'_>>>(&body)
}

fn agree<'a, T: Deserialize<'a> + Debug>(body: &'a GraphBody) -> bool {
    let (fast, careful) = (body.parse::<T>(), body.parse_raw::<T>());
    if careful.is_ok() {
        assert_eq!(format!("{fast:?}"), format!("{careful:?}"));
    }
    careful.is_ok()
}
