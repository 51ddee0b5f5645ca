//! Where the clients that strangers made are installed, and where runs leave their files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder that `scripts/interop-install.sh` fills.
#[derive(Debug)]
pub(crate) struct Workshop {
    root: PathBuf,
    sources: PathBuf,
}

impl Workshop {
    /// `sources` is the folder with this repository's side of it: client programs and baselines.
    pub(crate) fn open(root: PathBuf, sources: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(root.join("runs"))?;
        Ok(Self { root, sources })
    }

    pub(crate) fn node(&self) -> PathBuf {
        self.root.join("bin/node")
    }

    pub(crate) fn python(&self) -> PathBuf {
        self.root.join("python/bin/python")
    }

    /// A file of an installed Node.js package.
    pub(crate) fn package(&self, file: &str) -> PathBuf {
        self.root.join("node/node_modules").join(file)
    }

    /// A client program in JavaScript, copied to where it finds the packages.
    pub(crate) fn typescript_client(&self, file: &str) -> PathBuf {
        self.root.join("node/clients").join(file)
    }

    /// The client program in Rust, as it was built.
    pub(crate) fn rust_client(&self) -> PathBuf {
        self.root.join("rust/debug/connector-interop-rust-client")
    }

    /// A file of this repository.
    pub(crate) fn source(&self, file: impl AsRef<Path>) -> PathBuf {
        self.sources.join(file)
    }

    /// An empty folder for one run.
    pub(crate) fn folder(&self, run: &str) -> io::Result<PathBuf> {
        let folder = self.root.join("runs").join(run);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Where a run leaves its results, in its folder.
    pub(crate) fn results(&self, run: &str) -> PathBuf {
        self.root.join("runs").join(run).join("results")
    }
}
