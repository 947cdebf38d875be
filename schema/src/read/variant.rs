//! The variants of tagged unions, once their tag is read.

use serde_json::{Map, Value};

use super::{NO_SLOT, Object, Place, Reader, Section};
use crate::table::{Source, Table};

/// Reads the keys of a variant. `tag` is the key that chose it.
pub fn read_variant<T: Section>(
    map: &Map<String, Value>,
    tag: &'static str,
    value: &Value,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Option<T> {
    reader.descend(place, value, |reader| T::read_map(map, place.path, Some(tag), reader).ok())
}

/// Reads a variant whose only key is the tag.
pub fn read_unit_variant(
    map: &Map<String, Value>,
    tag: &'static str,
    value: &Value,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Option<()> {
    static NO_KEYS: Table = Table::new("the variant", "", Source { file: file!(), line: line!() });
    reader.descend(place, value, |reader| {
        // An unknown key is a fault already: the value is never used then.
        let object = Object::new(&NO_KEYS, map, &mut [], |_| NO_SLOT, Some(tag), place.path);
        (!object.is_refused(reader)).then_some(())
    })
}

/// A variant whose only key is the tag, as JSON.
pub fn unit_variant_json(tag: &str, name: &str) -> Map<String, Value> {
    Map::from_iter([(tag.to_owned(), Value::String(name.to_owned()))])
}
