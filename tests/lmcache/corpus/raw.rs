//! Texts that differ from a valid one only in their notation.

use l2_adapter_schema::Table;

use super::json::Json;

/// Repeated keys, byte order marks, comments and the like, around the smallest document of a type.
pub(super) fn texts(minimal: &Json, table: &Table) -> Vec<String> {
    let text = minimal.to_text();
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap();
    let type_key = format!("\"type\":\"{}\"", table.adapter.unwrap_or_default());
    let keys_after_type = inner.strip_prefix(&type_key).unwrap().trim_start_matches(',').to_owned();
    let mut texts = vec![
        format!("\u{feff}{text}"),
        format!("{{{inner},{type_key}}}"),
        format!("{{{inner},\"type\":\"unheard_of\"}}"),
        format!("{{\"type\":\"unheard_of\",{inner}}}"),
        format!("{{{inner},\"shared\":true,\"shared\":false}}"),
        format!("{{{inner},\"affinity_tag\":\"\\ud800\"}}"),
        format!("{{{inner},\"eviction\":{{\"eviction_policy\":\"LRU\",\"eviction_ratio\":NaN}}}}"),
        format!("{{{inner},\"serde\":{{\"type\":\"fp8\",\"type\":\"aesgcm\"}}}}"),
        format!("{{{inner},}}"),
        format!("{{{inner}}} x"),
        format!("// a comment\n{text}"),
        format!("\n\t {{ {inner} }}\r\n"),
        format!("\u{a0}{text}"),
        text.replace('"', "'"),
        format!("[{text}]"),
        text[..text.len() - 1].to_owned(),
    ];
    if !keys_after_type.is_empty() {
        texts.push(format!("{{{type_key},{keys_after_type},{keys_after_type}}}"));
    }
    texts
}
