//! An audit journal whose reader takes nothing until it is asked to.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::{OpenOptions, Receiver};
use tokio::time::timeout;

use crate::world::ScratchFile;

/// A pipe that is full: whoever writes a record into it waits.
pub(crate) struct HeldJournal {
    pub(crate) file: ScratchFile,
    reader: Receiver,
}

/// A pipe's page: of what is no longer than that, all goes in or nothing.
const FILLING: [u8; 4096] = [b'\n'; 4096];

impl HeldJournal {
    pub(crate) async fn new(name: &str) -> Self {
        let file = ScratchFile::new(name);
        assert!(Command::new("mkfifo").arg(&file.0).status().unwrap().success());
        let reader = OpenOptions::new().open_receiver(&file.0).unwrap();
        let writer = OpenOptions::new().open_sender(&file.0).unwrap();
        writer.writable().await.unwrap();
        while writer.try_write(&FILLING).is_ok() {}
        Self { file, reader }
    }

    /// Takes all, until the writer has closed it.
    pub(crate) async fn records(mut self) -> Vec<Value> {
        let mut text = String::new();
        let all = timeout(Duration::from_secs(10), self.reader.read_to_string(&mut text));
        all.await.expect("the journal is never closed").unwrap();
        text.trim_start().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
