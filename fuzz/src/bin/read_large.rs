//! Reads one message of each family, of as many bytes as the argument says: for who counts instructions.

use m365_fuzz::large::{families, read};
use m365_fuzz::modern;

fn main() {
    let size = std::env::args().nth(1).and_then(|size| size.parse().ok()).unwrap_or(64 * 1024);
    for family in families() {
        read(&family.message(size));
    }
    for family in modern::FAMILIES {
        family.read(&family.message(size));
    }
}
