//! The sources of documents.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::{
    cli::exit::Failure,
    machine,
    specs::{ArgumentSource, Document, argument_name},
};

/// One input of `check`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    StandardInput,
    File(PathBuf),
    /// All that it holds.
    Folder(PathBuf),
    /// An `--l2-adapter` argument that is a spec, counted from 1.
    Argument {
        number: usize,
        text: String,
    },
}

/// The inputs: files in order, then `--l2-adapter` arguments in order; without any, standard input.
pub(super) fn sources(files: &[PathBuf], arguments: &[String]) -> Vec<Source> {
    if files.is_empty() && arguments.is_empty() {
        return vec![Source::StandardInput];
    }
    let files = files.iter().map(|path| match path {
        path if path == Path::new("-") => Source::StandardInput,
        path if path.is_dir() => Source::Folder(path.clone()),
        path => Source::File(path.clone()),
    });
    let arguments = arguments.iter().zip(1..).map(|(argument, number)| match ArgumentSource::of(argument) {
        ArgumentSource::File(path) => Source::File(path.to_owned()),
        ArgumentSource::Text(text) => Source::Argument { number, text: text.to_owned() },
    });
    files.chain(arguments).collect()
}

impl Source {
    /// The input's name in reports.
    pub(super) fn name(&self) -> String {
        match self {
            Source::StandardInput => "<stdin>".to_owned(),
            Source::File(path) | Source::Folder(path) => path.display().to_string(),
            Source::Argument { number, .. } => argument_name(*number),
        }
    }

    pub(super) fn is_file(&self) -> bool {
        matches!(self, Source::File(_))
    }

    /// The document of a source that has exactly one.
    pub(super) fn document(&self) -> Option<Document> {
        match self {
            Source::Argument { text, .. } => Some(Document::whole(text.as_str())),
            Source::StandardInput | Source::File(_) | Source::Folder(_) => None,
        }
    }

    /// Opens the source, unbuffered because it is read in large pieces.
    pub(super) fn open<'a>(&'a self, standard_input: &'a mut dyn Read) -> Result<Box<dyn Read + 'a>, Failure> {
        match self {
            Source::StandardInput => Ok(Box::new(standard_input)),
            Source::Argument { .. } => Ok(Box::new(io::empty())),
            Source::File(path) | Source::Folder(path) => match machine::open(path) {
                Ok(file) => Ok(Box::new(file)),
                Err(error) => Err(self.unreadable(error)),
            },
        }
    }

    /// The error if the source cannot be read.
    pub(super) fn unreadable(&self, source: io::Error) -> Failure {
        let path = match self {
            Source::File(path) if is_spec(path) => return Failure::SpecAsFile,
            Source::File(path) if path.to_string_lossy().starts_with('@') => {
                return Failure::MarkedFile { path: path.clone() };
            }
            Source::File(path) | Source::Folder(path) => path.clone(),
            Source::StandardInput | Source::Argument { .. } => self.name().into(),
        };
        Failure::Read { path, source }
    }
}

/// Whether what should name a file seems to be a spec.
fn is_spec(path: &Path) -> bool {
    path.to_string_lossy().trim_start_matches(['\'', '"', ' ']).starts_with(['{', '['])
}
