//! `nixl_store_dynamic`: keeps each KV chunk in a file that NIXL opens when it is needed. Configuration only.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{CommonConfig, ConfigChoice, ConfigSection, L2AdapterConfig, Machine, RuleError};

/// Keeps each KV chunk in a file that NIXL opens when it is needed.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "nixl_store_dynamic")]
pub struct NixlStoreDynamicL2AdapterConfig {
    /// How NIXL reaches the files.
    #[config(required, example = "POSIX")]
    #[config(also_known_as = ["nixl_backend", "storage_backend", "plugin"])]
    pub backend: NixlFileBackend,
    /// The settings of adapter and backend. NIXL gets all of them and accepts strings only.
    #[config(required)]
    pub backend_params: NixlStoreDynamicParams,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

/// The storage backends of NIXL that store files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ConfigChoice)]
pub enum NixlFileBackend {
    /// Files, by GPUDirect Storage.
    #[config(name = "GDS")]
    Gds,
    /// Files, by GPUDirect Storage with several threads.
    #[config(name = "GDS_MT")]
    GdsMt,
    /// Files, by system calls.
    #[config(name = "POSIX")]
    Posix,
    /// Files of a 3FS file system.
    #[config(name = "HF3FS")]
    Hf3fs,
    /// Files of an IBM Storage Scale file system.
    #[config(name = "IBM_SCALE")]
    IbmScale,
}

/// The settings of `nixl_store_dynamic` and its backend. LMCache requires the first three when it creates the adapter.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
#[config(machine_rule(
    name = "direct_io_at_the_path",
    doc = "The file system of `file_path` takes `O_DIRECT`, if `use_direct_io` is \"true\".",
    reads(use_direct_io, file_path),
    check = direct_io,
))]
pub struct NixlStoreDynamicParams {
    /// The directory that holds the files. It is created if it does not exist.
    #[config(required, min_length = 1, access = create, example = "/var/cache/lmcache")]
    pub file_path: PathBuf,
    /// Whether files are read and written without the page cache. LMCache reads any other string as `false`.
    #[config(required, example = "false")]
    pub use_direct_io: SwitchAsText,
    /// How many GiB may be stored, a number above 0 that is written as a string.
    #[config(required, parse_with = number_above_zero, write_with = String::clone, example = "64")]
    pub max_capacity_gb: String,
    /// Whether files are spread over folders of two levels. LMCache reads any other string as `false`.
    #[config(default = "false")]
    pub shard_dirs: SwitchAsText,
    /// A parameter of the backend, passed on unchanged.
    #[config(rest)]
    pub others: BTreeMap<String, String>,
}

/// A switch that is written as a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ConfigChoice)]
#[config(ignore_case)]
pub enum SwitchAsText {
    /// On.
    True,
    /// Off.
    False,
}

/// LMCache reads it by Python's `float` when it creates the adapter. It stays as it was written.
fn number_above_zero(text: String) -> Result<String, RuleError> {
    let is_of_number = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    let is_above_zero = |number: f64| number > 0.0 && number.is_finite();
    let number = |text: &str| text.parse().ok().filter(|number| is_above_zero(*number));
    if text.bytes().all(is_of_number) && number(&text).is_some() {
        return Ok(text);
    }
    let end = text.rfind(|character: char| character.is_ascii_digit()).map_or(0, |last| last + 1);
    let first = text[..end].trim_matches(crate::BLANK);
    let example = if number(first).is_some() { first } else { "64" };
    Err(RuleError::new(format!("must be a number of GiB above 0, written as a string without a unit: \"{example}\"")))
}

fn direct_io(machine: &dyn Machine, use_direct_io: &SwitchAsText, path: &Path) -> Result<(), RuleError> {
    crate::adapters::paths::direct_io(machine, &(*use_direct_io == SwitchAsText::True), path)
}

#[cfg(test)]
mod tests {
    use super::number_above_zero;

    #[test]
    fn a_capacity_is_whatever_python_reads_as_a_number_above_zero() {
        for text in ["64", "0.5", ".5", "64.", "1e3", "1E-3", "+64", "007"] {
            assert_eq!(number_above_zero(text.to_owned()).as_deref(), Ok(text));
        }
        for (text, instead) in [
            ("1.2.3", "64"),
            ("0", "64"),
            ("0e5", "64"),
            ("-1", "64"),
            ("1e999", "64"),
            ("inf", "64"),
            ("NaN", "64"),
            ("e", "64"),
            (".", "64"),
            ("", "64"),
            ("many", "64"),
            ("16 GB", "16"),
            ("2.5GiB", "2.5"),
            (" 8 ", "8"),
        ] {
            let error = format!("{:?}", number_above_zero(text.to_owned()));
            assert!(error.contains(&format!("\\\"{instead}\\\"")), "{text}: {error}");
        }
    }
}
