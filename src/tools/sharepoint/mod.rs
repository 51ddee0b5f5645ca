//! Files, sites, lists and pages: OneDrive and SharePoint.

mod access;
mod cells;
mod column_times;
mod drive_item;
pub(super) mod first_page;
mod folder;
mod folder_search;
mod found;
mod found_label;
mod hit_list;
mod kept_day;
mod label;
mod list_columns;
mod list_filter;
mod list_folder;
mod list_item;
mod list_items;
mod named_column;
mod search;
mod search_query;
mod site_item;
mod site_reference;

pub(super) use access::{FILES, SITE, SITES, share_request};
pub(super) use cells::{Cut, readable};
pub(super) use column_times::days_of;
pub(super) use drive_item::{DriveReference, FILE_SELECT, LABEL, Owned, Ownership, item_request, modifier};
pub(super) use folder::{FolderList, FolderListing, children};
pub(super) use folder_search::SHAREPOINT_FOLDER_SEARCH;
pub(super) use found::{FoundPage, Hit};
pub(super) use kept_day::DOUBTFUL;
pub(super) use list_columns::{COLUMN_PAGES, ListColumns, columns_of};
pub(super) use list_folder::SHAREPOINT_LIST_FOLDER;
pub(super) use list_item::{Entry, Showing, entry_of};
pub(super) use list_items::SHAREPOINT_LIST_ITEMS;
pub(super) use search::SHAREPOINT_SEARCH;
pub(super) use site_reference::SiteReference;
