//! SharePoint sites: the sites themselves, their lists and their pages.

mod columns;
mod found;
mod list_items;
mod lists;
mod page_list;
mod pages;
mod reading;
mod register;
