//! What every workload tells Microsoft Search of itself: the kinds of things there are, and each of them as something that
//! can be found.

mod document;
mod entity;

pub(super) use document::{Document, Found};
pub(super) use entity::Entity;
