//! The simulated Graph through its pure interface: no sockets, no tokens.

mod access;
mod drive;
mod drive_access;
mod drive_content;
mod generation;
mod odata;
mod pages;
mod search;
mod site;
mod world;
