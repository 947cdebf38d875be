//! Whether specs are right, and everything that is wrong with them: what the command `check` and other languages' packages
//! report. It knows documents and verdicts; where documents come from and where reports go it does not.

mod record;
mod verdict;

pub use record::Record;
pub use verdict::{Ground, Verdict};
