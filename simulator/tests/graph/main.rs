//! The simulated Graph through its pure interface: no sockets, no tokens.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets what it did not expect should end there and say so"
)]

mod access;
mod calendar;
mod calendar_access;
mod calendar_schedule;
mod calendar_series;
mod drive;
mod drive_access;
mod drive_content;
mod eviction;
mod generation;
mod mail;
mod mail_tips;
mod mailbox_export;
mod meeting_artifacts;
mod meetings;
mod microsoft_search;
mod microsoft_search_access;
mod microsoft_search_aggregations;
mod microsoft_search_queries;
mod odata;
mod pages;
mod people;
mod permissions;
mod search;
mod searching;
mod site;
mod small_tenants;
mod teams_access;
mod teams_channels;
mod teams_chats;
mod teams_messages;
mod translation;
mod world;
