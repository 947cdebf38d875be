//! The code of the fuzz targets, in a library so that an ordinary test also runs it over the seeds (`tests/fuzz_seeds.rs`).
//!
//! For any bytes each function returns, without a panic and in bounded time and memory, and asserts what its result promises.

#[path = "../../tests/torture/mod.rs"]
mod torture;

use std::collections::BTreeSet;

use l2_adapter::{
    ConfigError, Fault, L2AdapterConfig,
    adapter::{ObjectKey, ObjectKeyError},
    adapters::{
        fs_l2_adapter::FsL2AdapterConfig, mock_l2_adapter::MockL2AdapterConfig, pd_l2_adapter::PdL2AdapterConfig,
    },
    registry::GlobalTypes,
};
use l2_adapter_schema::{AdapterSpec, Document, DocumentSplitter, locate, locate_warnings};

/// Reads the bytes as the document of each adapter type, and of types that use every attribute.
pub fn from_str(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    read_as::<PdL2AdapterConfig>(text);
    read_as::<FsL2AdapterConfig>(text);
    read_as::<MockL2AdapterConfig>(text);
    read_as::<torture::TortureL2AdapterConfig>(text);
    read_as::<torture::TortureOpenL2AdapterConfig>(text);
}

/// Reads the bytes as the command `check` reads a file: splits them into documents, parses these as specs, and locates the faults.
pub fn check(bytes: &[u8]) {
    let documents = cut(bytes, bytes.len().max(1));
    for size in [1, 7] {
        assert_eq!(documents, cut(bytes, size), "documents depend on how the input arrives");
    }
    // Far below the real limit, so that the short inputs of a fuzzer exceed it.
    for document in cut_with(DocumentSplitter::with_limit(64), bytes, 5) {
        let length = document.content.map_or(0, |text| text.len());
        assert!(length <= 64, "a document of {length} bytes is beyond the bound");
    }
    for document in documents {
        let Ok(bytes) = document.content else { continue };
        let Ok(text) = str::from_utf8(&bytes) else { continue };
        match AdapterSpec::from_text(text, &GlobalTypes::CONTEXT) {
            Ok(parsed) => assert_eq!(locate_warnings(text, &parsed.warnings).len(), parsed.warnings.len()),
            Err(error) => assert_sound(text, &error),
        }
    }
}

/// Reads the bytes as the text of a key. An accepted text is the only text of its key. An error is short, and its place is in the
/// text.
pub fn object_key(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match text.parse::<ObjectKey>() {
        Ok(key) => assert_eq!(key.to_string(), text, "a key has two texts"),
        Err(error) => {
            assert!(error.to_string().len() < 400, "{error}");
            let (ObjectKeyError::Field { position, .. } | ObjectKeyError::CacheSaltCharacter { position, .. }) = error
            else {
                return;
            };
            assert!(text.is_char_boundary(position), "byte {position} begins no character of the text");
        }
    }
}

fn read_as<T: L2AdapterConfig + PartialEq>(text: &str) {
    match T::from_str(text) {
        Ok(config) => {
            let written = config.to_dict_with_secrets();
            assert_eq!(
                T::from_dict(&written).as_ref(),
                Ok(&config),
                "what is written reads as another config: {written:?}"
            );
        }
        Err(error) => assert_sound(text, &error),
    }
}

/// Asserts that an error has faults, that none is repeated, and that each has a place in the text.
fn assert_sound(text: &str, error: &ConfigError) {
    assert!(!error.faults.is_empty());
    assert!(!error.to_string().is_empty());
    let identity = |fault: &Fault| (fault.pointer.clone(), fault.code, fault.message.clone());
    let different: BTreeSet<_> = error.faults.iter().map(identity).map(|identity| format!("{identity:?}")).collect();
    assert_eq!(different.len(), error.faults.len(), "a fault comes twice: {error}");
    let lines = text.split('\n').count();
    for position in locate(text, &error.faults) {
        assert!((1..=lines).contains(&position.line), "line {} of {lines}", position.line);
        assert!(position.column >= 1);
    }
}

fn cut(bytes: &[u8], size: usize) -> Vec<Document> {
    cut_with(DocumentSplitter::new(), bytes, size)
}

fn cut_with(mut documents: DocumentSplitter, bytes: &[u8], size: usize) -> Vec<Document> {
    let mut found = Vec::new();
    for mut chunk in bytes.chunks(size) {
        while let Some(document) = documents.next_in(&mut chunk) {
            found.push(document);
        }
    }
    while let Some(document) = documents.finish() {
        found.push(document);
    }
    found
}
