//! Whether specs are right, and everything that is wrong with them: what the command `check` and the Python package report. It
//! knows documents and verdicts; where documents come from and where reports go it does not.
//!
//! ```
//! use l2_adapter::{
//!     check::{Documents, Ground, Verdict},
//!     registry::GlobalTypes,
//! };
//!
//! let (mut documents, mut text) = (Documents::new(), br#"{"type": "fs", "base_path": "/cache"}"#.as_slice());
//! let document = documents.next_in(&mut text).or_else(|| documents.finish()).expect("there is one");
//! let verdict = Verdict::of(document, Ground::Elsewhere(GlobalTypes::CONTEXT));
//! assert_eq!((verdict.is_valid(), verdict.adapter_type), (true, Some("fs")));
//! ```

mod record;
mod verdict;

pub use l2_adapter_schema::{Document, Documents, Position};
pub use record::Record;
pub use verdict::{Ground, Verdict};
