//! Reading text: where faults stand in it, what repeats in it, and where its documents end.

mod documents;
mod locate;
mod repeated_keys;
mod spec_from_text;
