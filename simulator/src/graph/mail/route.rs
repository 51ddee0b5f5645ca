//! From a path to what is asked of a mailbox.

use crate::graph::refusal::Refusal;
use crate::graph::segment::is;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) enum MailRoute {
    Folders,
    Folder(String),
    ChildFolders(String),
    Messages {
        folder: Option<String>,
    },
    Message {
        folder: Option<String>,
        message: String,
    },
    /// The mail as it travels.
    MessageValue {
        folder: Option<String>,
        message: String,
    },
    Attachments {
        folder: Option<String>,
        message: String,
    },
    Attachment {
        folder: Option<String>,
        message: String,
        attachment: String,
    },
    AttachmentValue {
        folder: Option<String>,
        message: String,
        attachment: String,
    },
}

impl MailRoute {
    /// Reads the segments after `messages`.
    pub(in crate::graph) fn of_messages(folder: Option<String>, rest: &[String]) -> Result<Self, Refusal> {
        match rest {
            [] => Ok(Self::Messages { folder }),
            [message] => Ok(Self::Message { folder, message: message.clone() }),
            [message, next] if is(next, "$value") => {
                Ok(Self::MessageValue { folder, message: message.clone() })
            }
            [message, next, attachment, last] if is(next, "attachments") && is(last, "$value") => {
                let (message, attachment) = (message.clone(), attachment.clone());
                Ok(Self::AttachmentValue { folder, message, attachment })
            }
            [message, next] if is(next, "attachments") => {
                Ok(Self::Attachments { folder, message: message.clone() })
            }
            [message, next, attachment] if is(next, "attachments") => {
                Ok(Self::Attachment { folder, message: message.clone(), attachment: attachment.clone() })
            }
            [_, next, ..] if !is(next, "attachments") => Err(Refusal::UnknownSegment(next.clone())),
            [.., last] => Err(Refusal::UnknownSegment(last.clone())),
        }
    }

    /// Reads the segments after `mailFolders`: of nested folders the innermost counts.
    pub(in crate::graph) fn of_folders(rest: &[String]) -> Result<Self, Refusal> {
        let Some((key, rest)) = rest.split_first() else { return Ok(Self::Folders) };
        let mut key = key;
        let mut rest = rest;
        loop {
            rest = match rest {
                [] => return Ok(Self::Folder(key.clone())),
                [next, rest @ ..] if is(next, "messages") => {
                    return Self::of_messages(Some(key.clone()), rest);
                }
                [next] if is(next, "childFolders") => return Ok(Self::ChildFolders(key.clone())),
                [next, child, rest @ ..] if is(next, "childFolders") => {
                    key = child;
                    rest
                }
                [next, ..] => return Err(Refusal::UnknownSegment(next.clone())),
            };
        }
    }
}
