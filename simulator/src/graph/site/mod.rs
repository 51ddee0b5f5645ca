//! SharePoint sites: the sites themselves, their lists and their pages.

pub(in crate::graph) mod plan;
mod reading;
pub(in crate::graph) mod route;
