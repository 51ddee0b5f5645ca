//! What of an item stands in the fence where the item is read alone.

use super::text::Fence;

/// What a uri leads to, where that is no list. Of a list all items stand in one fence; of an item that is read alone each
/// text does so by itself.
pub(super) trait ReadAlone {
    /// Puts every text that others wrote between the marks, but for what something is called: names of people, files and
    /// places of SharePoint, subjects and titles.
    fn enclose(&mut self, fence: Fence);
}

impl<T: ReadAlone> ReadAlone for Option<T> {
    fn enclose(&mut self, fence: Fence) {
        if let Some(item) = self {
            item.enclose(fence);
        }
    }
}
