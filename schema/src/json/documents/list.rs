//! A list of documents, and what follows it.

use super::{DocumentSplitter, Mode};

impl DocumentSplitter {
    pub(super) fn before_item(&mut self, after_comma: bool) -> Option<()> {
        let byte = self.byte_after_blanks()?;
        let here = self.here;
        match byte {
            b',' => {
                self.end_item(byte);
                self.push(here, Err("has a comma where an object should be"));
            }
            b']' => {
                self.end_item(byte);
                if after_comma {
                    self.push(here, Err("has a comma before the end of its list"));
                }
            }
            _ => self.begin(Mode::Item),
        }
        Some(())
    }

    /// An item ends at a comma or at the list's end, so that the items around a malformed one are not lost.
    pub(super) fn item(&mut self) -> Option<()> {
        let byte = *self.rest().first()?;
        if self.document.frame.is_outermost() && matches!(byte, b',' | b']') {
            self.end(Mode::Item);
            self.end_item(byte);
        } else if self.take_framed() {
            let predicate = "cannot be read further: fix the brackets of the previous item, then check again";
            self.end(Mode::Rest(Some(predicate)));
        }
        Some(())
    }

    /// Leaves the sign behind that ends an item.
    fn end_item(&mut self, sign: u8) {
        self.skip(1);
        self.mode = match sign {
            b',' => Mode::BeforeItem { after_comma: true },
            _ => Mode::Rest(Some("continues after the end of its list")),
        };
    }

    pub(super) fn skip_rest(&mut self, predicate: Option<&'static str>) -> Option<()> {
        let byte = self.byte_after_blanks()?;
        let start = self.here;
        self.skip(self.rest().len());
        self.mode = Mode::Rest(None);
        // Backticks end the code block in which the list is.
        if let Some(predicate) = predicate.filter(|_| !self.fenced || byte != b'`') {
            self.push(start, Err(predicate));
        }
        Some(())
    }
}
