//! SharePoint sites: the sites themselves, their lists and their pages.

mod columns;
mod found;
mod lists;
mod pages;
pub(in crate::graph) mod plan;
mod reading;
mod register;
pub(in crate::graph) mod route;
