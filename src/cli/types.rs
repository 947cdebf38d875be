//! `types`: lists the adapter types.

use std::io::Write;

use super::exit::{Exit, Failure};
use crate::registry::Registry;

pub(super) fn run(registry: &Registry, out: &mut dyn Write) -> Result<Exit, Failure> {
    let width = registry.names().iter().map(|name| name.len()).max().unwrap_or_default();
    for name in registry.names() {
        let registration = registry.look_up(name)?;
        let runtime = if registration.has_runtime() { "runtime" } else { "configuration only" };
        writeln!(out, "{name:width$}  {runtime:18}  {}", registration.table().summary())?;
    }
    Ok(Exit::Success)
}
