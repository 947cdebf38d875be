//! The `--l2-adapter` argument of a server: repeatable, each an object, an array of them, or `@FILE` with either.

use std::{env, fmt, fs, io, path::PathBuf};

use l2_adapter_schema::{
    AdapterSpec, ConfigError, Context, Documents, Fault, FaultCode, Parsed, Table, help, spec_from_text, utf8,
};

use crate::registry::{GlobalTypes, RegistryError, global};

/// The `--l2-adapter` argument, ready to be flattened into a server's own arguments.
///
/// ```
/// # #[cfg(feature = "cli")] {
/// use clap::Parser;
/// use l2_adapter::config::L2AdapterArgs;
///
/// #[derive(Parser)]
/// struct ServerArgs {
///     #[command(flatten)]
///     l2_adapters: L2AdapterArgs,
/// }
///
/// let args = ServerArgs::parse_from(["server", "--l2-adapter", r#"{"type": "fs", "base_path": "/cache"}"#]);
/// let specs = args.l2_adapters.parse().expect("the spec is sound");
/// assert_eq!(specs[0].value.type_name(), "fs");
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct L2AdapterArgs {
    /// An L2 adapter: a JSON object with a "type" key, or @FILE that holds one. Repeat it for several adapters; their
    /// order is kept.
    #[cfg_attr(feature = "cli", arg(long = "l2-adapter", value_name = "JSON"))]
    pub l2_adapter: Vec<String>,
}

impl L2AdapterArgs {
    /// Reads the files that are named and parses every spec, in order. Environment variables of this process supply keys
    /// that name one and are absent.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with any of them, at once, and the help of each type concerned.
    pub fn parse(&self) -> Result<Vec<Parsed<AdapterSpec>>, L2AdapterArgsError> {
        self.parse_in(&GlobalTypes::CONTEXT.with_environment(&process_variable))
    }

    /// Parses as [`parse`](Self::parse) does, in a context: a server that reads no environment, or asks the machine, gives
    /// its own here.
    ///
    /// ```
    /// use l2_adapter::{config::L2AdapterArgs, registry::GlobalTypes};
    ///
    /// let args = L2AdapterArgs { l2_adapter: vec![r#"{"type": "fs", "base_path": "/cache"}"#.to_owned()] };
    /// let specs = args.parse_in(&GlobalTypes::CONTEXT.with_machine(&l2_adapter::ThisMachine))?;
    /// assert_eq!(specs[0].value.type_name(), "fs");
    /// # Ok::<(), l2_adapter::config::L2AdapterArgsError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn parse_in(&self, context: &Context<'_>) -> Result<Vec<Parsed<AdapterSpec>>, L2AdapterArgsError> {
        let texts = self.l2_adapter.iter().map(|argument| match argument.strip_prefix('@') {
            Some(file) => fs::read(file).map_err(|source| Problem::File { path: file.into(), source }),
            None => Ok(argument.clone().into_bytes()),
        });
        parse_all(texts, context)
    }
}

/// Parses the values of several `--l2-adapter` arguments, in order. Environment variables of this process supply keys that
/// name one and are absent. No file is read: `@FILE` is no JSON here.
///
/// # Errors
///
/// Everything that is wrong with any of them, at once, and the help of each type concerned.
///
/// ```
/// let error = l2_adapter::config::parse_l2_adapters([r#"{"type": "fs"}"#, r#"{"type": "fss"}"#]).unwrap_err();
/// let text = error.to_string();
/// assert!(text.starts_with("--l2-adapter #1 (fs): /base_path: `base_path` is required"));
/// assert!(text.contains("--l2-adapter #2: /type: "));
/// ```
pub fn parse_l2_adapters<T: AsRef<str>>(
    arguments: impl IntoIterator<Item = T>,
) -> Result<Vec<Parsed<AdapterSpec>>, L2AdapterArgsError> {
    let texts = arguments.into_iter().map(|argument| Ok(argument.as_ref().as_bytes().to_vec()));
    parse_all(texts, &GlobalTypes::CONTEXT.with_environment(&process_variable))
}

fn process_variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

fn parse_all(
    texts: impl Iterator<Item = Result<Vec<u8>, Problem>>,
    context: &Context<'_>,
) -> Result<Vec<Parsed<AdapterSpec>>, L2AdapterArgsError> {
    let registry = global().map_err(L2AdapterArgsError::Registry)?;
    let mut specs = Vec::new();
    let mut problems = Vec::new();
    for (index, text) in texts.enumerate() {
        let outcomes = match text {
            Ok(text) => parse_text(&text, context),
            Err(problem) => vec![Err(problem)],
        };
        for outcome in outcomes {
            match outcome {
                Ok(parsed) => specs.push(parsed),
                Err(problem) => problems.push(SpecProblem { number: index + 1, problem }),
            }
        }
    }
    if problems.is_empty() {
        return Ok(specs);
    }
    let concerned = |table: &&'static Table| problems.iter().any(|problem| problem.adapter_type() == table.adapter);
    let tables = registry.tables().into_iter().filter(concerned).collect();
    Err(L2AdapterArgsError::Specs { problems, tables })
}

/// Parses the text of one argument: what each of its objects came to.
fn parse_text(text: &[u8], context: &Context<'_>) -> Vec<Result<Parsed<AdapterSpec>, Problem>> {
    let mut documents = Documents::new();
    let mut rest = text;
    let mut outcomes = Vec::new();
    while let Some(document) = documents.next_in(&mut rest).or_else(|| documents.finish()) {
        outcomes.push(
            document
                .content
                .and_then(|content| utf8(&content).map(str::to_owned).map_err(|error| error.to_fault()))
                .map_or_else(
                    |fault| Err(Problem::Config(ConfigError::new(None, vec![fault]))),
                    |text| spec_from_text(&text, context).map_err(Problem::Config),
                ),
        );
    }
    if outcomes.is_empty() {
        let fault = Fault::new("", FaultCode::Syntax, "the argument holds no JSON object");
        outcomes.push(Err(Problem::Config(ConfigError::new(None, vec![fault]))));
    }
    outcomes
}

/// Everything that is wrong with the `--l2-adapter` arguments of a server.
///
/// Displayed, each fault is a line that begins with the argument's number and type; the help of every type concerned
/// follows.
#[derive(Debug)]
#[non_exhaustive]
pub enum L2AdapterArgsError {
    /// The registry cannot be used.
    Registry(RegistryError),
    /// Some specs are wrong.
    Specs {
        /// What is wrong, in the order of the arguments; never empty.
        problems: Vec<SpecProblem>,
        /// The tables of the types concerned.
        tables: Vec<&'static Table>,
    },
}

/// What is wrong with one argument, or with one object of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct SpecProblem {
    /// Which `--l2-adapter` argument, counted from 1.
    pub number: usize,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with one `--l2-adapter` argument.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// Its file cannot be read.
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Its spec has faults.
    Config(ConfigError),
}

impl SpecProblem {
    fn adapter_type(&self) -> Option<&'static str> {
        match &self.problem {
            Problem::File { .. } => None,
            Problem::Config(error) => error.adapter_type,
        }
    }

    /// The beginning of each of its lines.
    fn prefix(&self) -> String {
        match self.adapter_type() {
            Some(name) => format!("--l2-adapter #{} ({name})", self.number),
            None => format!("--l2-adapter #{}", self.number),
        }
    }
}

impl fmt::Display for SpecProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = self.prefix();
        match &self.problem {
            Problem::File { path, source } => write!(formatter, "{prefix}: cannot read {}: {source}", path.display()),
            Problem::Config(error) => {
                for (index, fault) in error.faults.iter().enumerate() {
                    let line_break = if index == 0 { "" } else { "\n" };
                    write!(formatter, "{line_break}{prefix}: {fault}")?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for L2AdapterArgsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry(error) => write!(formatter, "{error}"),
            Self::Specs { problems, tables } => {
                for (index, problem) in problems.iter().enumerate() {
                    let line_break = if index == 0 { "" } else { "\n" };
                    write!(formatter, "{line_break}{problem}")?;
                }
                tables.iter().try_for_each(|table| write!(formatter, "\n\n{}", help(table).trim_end()))
            }
        }
    }
}

/// No source: `Display` says everything already.
impl std::error::Error for L2AdapterArgsError {}
