//! From the text of specs to one report for each: the code that the command `check`, a server's `--l2-adapter` and the Python
//! package share. Where reports go it does not know.
//!
//! ```
//! use l2_adapter::{
//!     registry::GlobalTypes,
//!     specs::{Document, Report, Target},
//! };
//!
//! let document = Document::whole(br#"{"type": "fs", "base_path": 1}"#.as_slice());
//! let report = Report::of(document, "spec.json", 0, Target::Unknown(GlobalTypes::CONTEXT));
//! assert_eq!(report.adapter_type, Some("fs"));
//! assert_eq!(
//!     report.to_string(),
//!     "spec.json:1:29: error[wrong_type]: /base_path: `base_path` must be a string, got 1\n  hint: did you mean `\"1\"`?\n"
//! );
//! ```

mod arguments;
#[cfg(feature = "cli")]
mod pairs;

#[cfg(feature = "cli")]
pub(crate) use arguments::{ArgumentSource, UNENDED_BYTES_MAX, argument_name, explain_hint};
pub use arguments::{L2AdapterArgs, L2AdapterArgsError, Problem};
pub use l2_adapter_schema::{Document, DocumentSplitter, Paint, Part, Placed, Position, Report, Target};
#[cfg(feature = "cli")]
pub(crate) use pairs::PlacedMisfit;
#[cfg(feature = "cli")]
pub use pairs::{Misfits, Pairs};
