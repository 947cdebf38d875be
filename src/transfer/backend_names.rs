//! The names in `nixl_backends`: plugins of NIXL, and in lower case transports of UCX. Pure, and also built without NIXL, to
//! validate specs.

/// The names, sorted out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg(all(pd_runtime, feature = "nixl"))]
pub(super) struct BackendNames {
    /// The plugins to start.
    pub(crate) plugins: Vec<String>,
    /// UCX's `TLS`, if its transports are limited.
    pub(crate) ucx_tls: Option<String>,
}

/// Why names cannot work with any NIXL. Each message ends a sentence that begins with `nixl_backends`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum BackendNamesError {
    /// UCX has no transport of this name.
    #[error(
        "names the transport \"{name}\", which UCX does not have{}. Transports are: {}. Plugins are written as NIXL writes them: {}",
        hint(name, &transports().chain(NETWORK_PLUGINS).collect::<Vec<_>>()),
        transports().collect::<Vec<_>>().join(", "),
        NETWORK_PLUGINS.join(", ")
    )]
    UnknownTransport { name: String, index: usize },
    /// UCX cannot be limited to these transports for one agent.
    #[error(
        "limits UCX to {}: only `tcp`, `shm` and `rdma` can be combined. For any other combination write [\"UCX\"], and set the \
         environment variable UCX_TLS",
        names.join(", ")
    )]
    TransportsDoNotMix { names: Vec<String> },
    /// None of the named plugins moves bytes from memory to memory.
    #[error(
        "names only plugins for storage ({}): writing into another process's memory needs one for networks, such as [\"UCX\"]",
        names.join(", ")
    )]
    NoNetwork { names: Vec<String> },
}

impl BackendNamesError {
    /// The wrong item of the list; `None` if the whole list is wrong.
    pub(crate) fn index(&self) -> Option<usize> {
        match self {
            Self::UnknownTransport { index, .. } => Some(*index),
            Self::TransportsDoNotMix { .. } | Self::NoNetwork { .. } => None,
        }
    }
}

/// What to write for a misspelt name: ` (did you mean "UCX"?)`.
pub(crate) fn hint(name: &str, known: &[&str]) -> String {
    let near = l2_adapter_schema::closest_name(name, known.iter().copied());
    near.map_or_else(String::new, |near| format!(" (did you mean \"{near}\"?)"))
}

const UCX: &str = "UCX";

/// The plugins that NIXL 1.5 has for networks, the usual one first.
const NETWORK_PLUGINS: [&str; 4] = [UCX, "LIBFABRIC", "MOONCAKE", "GPUNETIO"];

/// The plugins that NIXL 1.5 has for files, blocks and objects only.
const STORAGE_PLUGINS: [&str; 7] = ["POSIX", "GDS", "GDS_MT", "HF3FS", "OBJ", "AZURE_BLOB", "GUSLI"];

/// All of NIXL 1.5.
const PLUGINS: [&str; 12] = {
    let [ucx, libfabric, mooncake, gpunetio] = NETWORK_PLUGINS;
    let [posix, gds, gds_mt, hf3fs, obj, azure_blob, gusli] = STORAGE_PLUGINS;
    [ucx, libfabric, mooncake, gpunetio, posix, gds, gds_mt, hf3fs, obj, azure_blob, gusli, "INFINIA"]
};

const TCP: &str = "tcp";
const SHM: &str = "shm";
const RDMA: &str = "rdma";

/// The families of transports, which may be combined.
const FAMILIES: [&str; 3] = [TCP, SHM, RDMA];

/// UCX's names of parts of `rdma`, one at a time. Those of shared memory are missing: by itself shared memory carries no
/// control messages and detects no dead peer, so NIXL does not start UCX with it (measured).
pub(super) const SINGLE_TRANSPORTS: [&str; 9] = ["dc", "dc_x", "ib", "rc", "rc_v", "rc_x", "ud", "ud_v", "ud_x"];

/// Every transport that a spec may name.
pub(super) fn transports() -> impl Iterator<Item = &'static str> {
    FAMILIES.into_iter().chain(SINGLE_TRANSPORTS)
}

/// Whether all names are of those that any NIXL can start, in every combination. Nearly every spec has only such, as has one without
/// names by its default, so that its parse pays for one comparison each.
pub(crate) fn are_usual(names: &[String]) -> bool {
    !names.is_empty() && names.iter().all(|name| matches!(name.as_str(), TCP | UCX | SHM | RDMA))
}

/// Whether some NIXL can start these names. Allocates nothing for valid names, because every spec is checked.
///
/// # Errors
///
/// A name that no NIXL can have, or names that cannot be combined.
pub(crate) fn check(names: &[String]) -> Result<(), BackendNamesError> {
    let is_unknown = |name: &String| is_transport(name) && !transports().any(|known| known == name);
    if let Some(index) = names.iter().position(is_unknown) {
        return Err(BackendNamesError::UnknownTransport { name: names[index].clone(), index });
    }
    if names.iter().all(|name| STORAGE_PLUGINS.contains(&name.as_str())) {
        return Err(BackendNamesError::NoNetwork { names: names.to_vec() });
    }
    let limits = || names.iter().filter(|name| is_transport(name));
    if limits().count() > 1 && limits().any(|name| SINGLE_TRANSPORTS.contains(&name.as_str())) {
        return Err(BackendNamesError::TransportsDoNotMix { names: limits().cloned().collect() });
    }
    Ok(())
}

/// Sorts names out: those in lower case are transports of UCX, all others plugins.
///
/// # Errors
///
/// As [`check`].
#[cfg(all(pd_runtime, feature = "nixl"))]
pub(super) fn sort_out(names: &[String]) -> Result<BackendNames, BackendNamesError> {
    check(names)?;
    let (transports, named): (Vec<_>, Vec<_>) = names.iter().cloned().partition(|name| is_transport(name));
    let limited = (!transports.is_empty()).then(|| UCX.to_owned());
    let mut plugins: Vec<String> = Vec::new();
    for plugin in limited.into_iter().chain(named) {
        if !plugins.contains(&plugin) {
            plugins.push(plugin);
        }
    }
    Ok(BackendNames { plugins, ucx_tls: ucx_tls(&transports) })
}

/// The first name in the form of a plugin's that NIXL 1.5 does not have, with a warning. A NIXL may have additional plugins.
pub(crate) fn unknown_plugin(names: &[String]) -> Option<(usize, String)> {
    let index = names.iter().position(|name| !is_transport(name) && !PLUGINS.contains(&name.as_str()))?;
    let name = &names[index];
    let known: Vec<_> = PLUGINS.into_iter().chain(transports()).collect();
    let message = format!(
        "names the plugin \"{name}\", which NIXL 1.5 does not have{}: the node starts only where NIXL has a plugin of that name. \
         Plugins for networks are {}; write [\"UCX\"] for the usual one",
        hint(name, &known),
        NETWORK_PLUGINS.join(", ")
    );
    Some((index, message))
}

fn is_transport(name: &str) -> bool {
    !name.chars().any(|character| character.is_ascii_uppercase())
}

/// UCX's `TLS` for some transports, as one word: two families are everything except the third. `shm` alone also uses TCP, for
/// control messages.
#[cfg(all(pd_runtime, feature = "nixl"))]
fn ucx_tls(names: &[String]) -> Option<String> {
    let named = FAMILIES.map(|family| names.iter().any(|name| name == family));
    let word = match (names, named) {
        ([single], [false, false, false]) => single,
        (_, [false, false, false] | [true, true, true]) => return None,
        (_, [true, false, false]) => "tcp",
        (_, [false, false, true]) => "ib",
        (_, [_, true, false]) => "^ib",
        (_, [true, false, true]) => "^shm",
        (_, [false, true, true]) => "^tcp",
    };
    Some(word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_error_for_an_invalid_name_lists_valid_ones() {
        let wrong = [&["UCX", "ucx"][..], &["tpc"], &["infiniband"], &["rc", "tcp"], &["POSIX", "GDS"]];
        let errors = wrong.map(|wrong| check(&names(wrong)).unwrap_err());
        assert_eq!(errors.each_ref().map(BackendNamesError::index), [Some(1), Some(0), Some(0), None, None]);
        let messages = errors.map(|error| error.to_string()).join("\n\n");
        insta::assert_snapshot!(messages, @r#"
        names the transport "ucx", which UCX does not have (did you mean "UCX"?). Transports are: tcp, shm, rdma, dc, dc_x, ib, rc, rc_v, rc_x, ud, ud_v, ud_x. Plugins are written as NIXL writes them: UCX, LIBFABRIC, MOONCAKE, GPUNETIO

        names the transport "tpc", which UCX does not have (did you mean "tcp"?). Transports are: tcp, shm, rdma, dc, dc_x, ib, rc, rc_v, rc_x, ud, ud_v, ud_x. Plugins are written as NIXL writes them: UCX, LIBFABRIC, MOONCAKE, GPUNETIO

        names the transport "infiniband", which UCX does not have. Transports are: tcp, shm, rdma, dc, dc_x, ib, rc, rc_v, rc_x, ud, ud_v, ud_x. Plugins are written as NIXL writes them: UCX, LIBFABRIC, MOONCAKE, GPUNETIO

        limits UCX to rc, tcp: only `tcp`, `shm` and `rdma` can be combined. For any other combination write ["UCX"], and set the environment variable UCX_TLS

        names only plugins for storage (POSIX, GDS): writing into another process's memory needs one for networks, such as ["UCX"]
        "#);
    }

    #[test]
    fn a_plugin_that_nixl_does_not_have_may_be_misspelt() {
        let told = |given: &[&str]| unknown_plugin(&names(given));
        for known in [&["UCX"][..], &["LIBFABRIC", "tcp"], &["ucx"], &["INFINIA"]] {
            assert_eq!(told(known), None, "{known:?}");
        }
        for usual in [&["UCX"][..], &["tcp"], &["shm", "UCX"], &["rdma", "tcp", "shm"]] {
            assert!(are_usual(&names(usual)) && told(usual).is_none() && check(&names(usual)).is_ok(), "{usual:?}");
        }
        assert!(![&[][..], &["UCX", "ib"], &["POSIX"], &["ucx"]].iter().any(|other| are_usual(&names(other))));
        for (given, index, suggestion) in [
            (&["UXC"][..], 0, "\"UCX\"?"),
            (&["tcp", "Ucx"], 1, "\"UCX\"?"),
            (&["TCP"], 0, "\"tcp\"?"),
            (&["OWN"], 0, "OWN"),
        ] {
            let (found, message) = told(given).unwrap();
            assert!(found == index && message.contains(suggestion), "{given:?}: {message}");
        }
    }
}
