//! The `--l2-adapter` argument of a server: repeatable, each a JSON object, or `@FILE` with one or several.

use std::{
    collections::BTreeSet,
    fmt,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use l2_adapter_schema::{AdapterSpec, Context, Document, DocumentSplitter, Parsed, REDACTED, Report, Target};

use crate::{
    environment_variable, machine,
    registry::{GlobalTypes, RegistryError, global},
};

/// The `--l2-adapter` argument, ready to be flattened into a server's own arguments.
///
/// ```
/// # #[cfg(feature = "cli")] {
/// use clap::Parser;
/// use l2_adapter::specs::L2AdapterArgs;
///
/// #[derive(Parser)]
/// struct ServerArgs {
///     #[command(flatten)]
///     l2_adapters: L2AdapterArgs,
/// }
///
/// let args = ServerArgs::parse_from(["server", "--l2-adapter", r#"{"type": "fs", "base_path": "/cache"}"#]);
/// let specs = args.l2_adapters.parse().expect("the spec is valid");
/// assert_eq!(specs[0].value.type_name(), "fs");
/// # }
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct L2AdapterArgs {
    /// The arguments, each a spec or `@` and a file.
    pub l2_adapter: Vec<String>,
}

// The argument for clap. It has no doc comment, and `L2AdapterArgs` does not derive `Args`, because clap would show the
// documentation of either as the description of the server.
#[cfg(feature = "cli")]
#[derive(clap::Args)]
#[group(id = "L2AdapterArgs")]
struct Flag {
    /// An L2 adapter: a JSON object with a "type" key, or @FILE that holds one. Repeat it for several adapters; their
    /// order is kept.
    #[arg(long = "l2-adapter", value_name = "JSON")]
    l2_adapter: Vec<String>,
}

#[cfg(feature = "cli")]
impl clap::Args for L2AdapterArgs {
    fn group_id() -> Option<clap::Id> {
        Flag::group_id()
    }

    fn augment_args(command: clap::Command) -> clap::Command {
        Flag::augment_args(command)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Flag::augment_args_for_update(command)
    }
}

#[cfg(feature = "cli")]
impl clap::FromArgMatches for L2AdapterArgs {
    fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        Flag::from_arg_matches(matches).map(|Flag { l2_adapter }| Self { l2_adapter })
    }

    fn update_from_arg_matches(&mut self, matches: &clap::ArgMatches) -> Result<(), clap::Error> {
        let mut flag = Flag { l2_adapter: std::mem::take(&mut self.l2_adapter) };
        let updated = flag.update_from_arg_matches(matches);
        self.l2_adapter = flag.l2_adapter;
        updated
    }
}

/// The arguments of a server that reads its command line by other means.
///
/// ```
/// use l2_adapter::specs::L2AdapterArgs;
///
/// let error = L2AdapterArgs::from_iter([r#"{"type": "fs"}"#, r#"{"type": "fss"}"#]).parse().unwrap_err();
/// let text = error.to_string();
/// assert!(text.contains("--l2-adapter #1:1:1: error[missing]: /base_path: `base_path` is required"));
/// assert!(text.contains("--l2-adapter #2:1:10: error[unknown_type]: /type: "));
/// assert!(text.ends_with("hint: `l2-adapter explain fs` lists what `fs` accepts"));
/// ```
impl<T: Into<String>> FromIterator<T> for L2AdapterArgs {
    fn from_iter<I: IntoIterator<Item = T>>(arguments: I) -> Self {
        Self { l2_adapter: arguments.into_iter().map(Into::into).collect() }
    }
}

/// Specs are replaced by [`REDACTED`]: they may hold passwords. Names of files are shown.
impl fmt::Debug for L2AdapterArgs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<&str> = self
            .l2_adapter
            .iter()
            .map(|argument| match ArgumentSource::of(argument) {
                ArgumentSource::File(_) => argument,
                ArgumentSource::Text(_) => REDACTED,
            })
            .collect();
        formatter.debug_struct("L2AdapterArgs").field("l2_adapter", &shown).finish()
    }
}

impl L2AdapterArgs {
    /// Reads the files that are named and parses every spec, in order. Environment variables of this process supply keys
    /// that name one and are absent.
    ///
    /// # Errors
    ///
    /// Every fault of every spec, with its place.
    pub fn parse(&self) -> Result<Vec<Parsed<AdapterSpec>>, L2AdapterArgsError> {
        self.parse_in(&GlobalTypes::CONTEXT.with_environment(&environment_variable))
    }

    /// Parses like [`parse`](Self::parse), in a context: a server that reads no environment, or checks the file system, passes
    /// its own.
    ///
    /// ```
    /// use l2_adapter::{registry::GlobalTypes, specs::L2AdapterArgs};
    ///
    /// let args = L2AdapterArgs::from_iter([r#"{"type": "fs", "base_path": "/cache"}"#]);
    /// let specs = args.parse_in(&GlobalTypes::CONTEXT.with_machine(&l2_adapter::ThisMachine))?;
    /// assert_eq!(specs[0].value.type_name(), "fs");
    /// # Ok::<(), l2_adapter::specs::L2AdapterArgsError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn parse_in(&self, context: &Context<'_>) -> Result<Vec<Parsed<AdapterSpec>>, L2AdapterArgsError> {
        global().map_err(L2AdapterArgsError::Registry)?;
        let mut specs = Vec::new();
        let mut problems = Vec::new();
        let mut index = 0;
        for (argument, number) in self.l2_adapter.iter().zip(1..) {
            let (source, documents) = match read(argument, number) {
                Ok(read) => read,
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
            };
            for document in documents {
                match Report::of(document, &source, index, Target::Local(*context)).into_parsed() {
                    Ok(parsed) => specs.push(parsed),
                    Err(report) => problems.push(Problem::Spec(report)),
                }
                index += 1;
            }
        }
        if problems.is_empty() { Ok(specs) } else { Err(L2AdapterArgsError::Specs { problems }) }
    }
}

/// What reports call an argument that holds its spec itself, and the documents of an argument.
fn read(argument: &str, number: usize) -> Result<(String, Vec<Document>), Problem> {
    match ArgumentSource::of(argument) {
        ArgumentSource::Text(text) => Ok((argument_name(number), vec![Document::whole(text)])),
        ArgumentSource::File(path) => match content(path) {
            Ok(content) if content.len() > UNENDED_BYTES_MAX => {
                Err(Problem::TooLong { number, path: path.to_owned(), bytes_max: UNENDED_BYTES_MAX })
            }
            Ok(content) => match documents(&content) {
                found if found.is_empty() => Err(Problem::NoDocument { number, path: path.to_owned() }),
                found => Ok((path.display().to_string(), found)),
            },
            Err(source) => Err(Problem::File { number, path: path.to_owned(), source }),
        },
    }
}

/// How many bytes are read in which no document ends: far more than one may have, so that what is too long is reported at its place,
/// and so few that a device, a file of zeros or a line without an end is soon given up. A server, which keeps all specs, reads no
/// more of a file at all.
pub(crate) const UNENDED_BYTES_MAX: usize = 64 << 20;

/// What a file holds, up to one byte more than a server reads.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    machine::open(path)?.take(UNENDED_BYTES_MAX as u64 + 1).read_to_end(&mut content)?;
    Ok(content)
}

/// The documents of a file.
fn documents(mut content: &[u8]) -> Vec<Document> {
    let mut splitter = DocumentSplitter::new();
    let mut found = Vec::new();
    while let Some(document) = splitter.next_in(&mut content).or_else(|| splitter.finish()) {
        found.push(document);
    }
    found
}

/// Where the spec of an `--l2-adapter` argument is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArgumentSource<'a> {
    /// In the argument. It is one spec, as in LMCache: a list is refused.
    Text(&'a str),
    /// In a file, alone or among others.
    File(&'a Path),
}

impl<'a> ArgumentSource<'a> {
    pub(crate) fn of(argument: &'a str) -> Self {
        match argument.strip_prefix('@') {
            Some(path) => Self::File(Path::new(path)),
            None => Self::Text(argument),
        }
    }
}

/// What reports call an argument. `number` counts from 1.
pub(crate) fn argument_name(number: usize) -> String {
    format!("--l2-adapter #{number}")
}

/// Where a user reads on about an adapter type: `program` has the commands.
pub(crate) fn explain_hint(program: &str, adapter_type: &str) -> String {
    format!("`{program} explain {adapter_type}` lists what `{adapter_type}` accepts")
}

/// Every fault of the `--l2-adapter` arguments of a server.
///
/// Displayed, each fault is a line that begins with its place, and a hint names the command that explains the adapter type.
#[derive(Debug)]
#[non_exhaustive]
pub enum L2AdapterArgsError {
    /// The registry cannot be used.
    Registry(RegistryError),
    /// Some arguments cannot be used.
    #[non_exhaustive]
    Specs {
        /// Which, in the order of the arguments; never empty.
        problems: Vec<Problem>,
    },
}

/// Why one `--l2-adapter` argument cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// Its file cannot be read.
    #[non_exhaustive]
    File {
        /// Which argument, counted from 1.
        number: usize,
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// Its file holds nothing but blanks.
    #[non_exhaustive]
    NoDocument {
        /// Which argument, counted from 1.
        number: usize,
        /// The file.
        path: PathBuf,
    },
    /// Its file is longer than any that a server reads, or has no end.
    #[non_exhaustive]
    TooLong {
        /// Which argument, counted from 1.
        number: usize,
        /// The file.
        path: PathBuf,
        /// The length up to which files are read.
        bytes_max: usize,
    },
    /// Its spec has faults.
    Spec(Box<Report>),
}

impl fmt::Display for L2AdapterArgsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems = match self {
            Self::Registry(error) => return write!(formatter, "{error}"),
            Self::Specs { problems } => problems,
        };
        formatter.write_str("the L2 adapter specs cannot be used:")?;
        let mut types = BTreeSet::new();
        for problem in problems {
            match problem {
                Problem::File { number, path, source } => {
                    write!(formatter, "\n{}: cannot read {}: {source}", argument_name(*number), path.display())?;
                }
                Problem::NoDocument { number, path } => {
                    write!(formatter, "\n{}: there is no document in {}", argument_name(*number), path.display())?;
                }
                Problem::TooLong { number, path, bytes_max } => write!(
                    formatter,
                    "\n{}: {} has more than {bytes_max} bytes: name a file of specs",
                    argument_name(*number),
                    path.display()
                )?,
                Problem::Spec(report) => {
                    write!(formatter, "\n{}", report.to_string().trim_end())?;
                    types.extend(report.adapter_type);
                }
            }
        }
        types.into_iter().try_for_each(|name| write!(formatter, "\nhint: {}", explain_hint("l2-adapter", name)))
    }
}

/// No source, because `Display` already prints everything.
impl std::error::Error for L2AdapterArgsError {}
