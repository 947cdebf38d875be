//! What `nixl_backends` in a spec means: which plugins NIXL starts, and which transports UCX may use. Pure.

/// A plugin of NIXL that an agent starts, and its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BackendPlan {
    pub(super) plugin: String,
    pub(super) parameters: Vec<(&'static str, String)>,
}

/// Why the names cannot be followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum BackendsError {
    /// No plugin of this name is installed.
    #[error(
        "`nixl_backends` names the plugin \"{name}\", which this NIXL does not have{}. It has: {}",
        hint(suggestion.as_deref()),
        available.join(", ")
    )]
    UnknownPlugin { name: String, suggestion: Option<String>, available: Vec<String> },
    /// No transport of this name is known.
    #[error(
        "`nixl_backends` names the transport \"{name}\", which is not one of UCX's{}. Transports are: {}. Plugins are \
         written as NIXL writes them: {}",
        hint(suggestion.as_deref()),
        transport_names().join(", "),
        available.join(", ")
    )]
    UnknownTransport { name: String, suggestion: Option<String>, available: Vec<String> },
    /// The transports cannot be told to UCX for one agent.
    #[error(
        "`nixl_backends` limits UCX to {}: beside others only `tcp`, `shm` and `rdma` can be named. For any other mixture write \
         [\"UCX\"], and set the environment variable UCX_TLS",
        names.join(", ")
    )]
    TransportsDoNotMix { names: Vec<String> },
    /// Nothing that is named moves bytes from memory to memory.
    #[error(
        "`nixl_backends` names only plugins for storage ({}): writing into another process's memory needs one for networks, as \
         `UCX`",
        names.join(", ")
    )]
    NoNetwork { names: Vec<String> },
}

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |name| format!(" (did you mean \"{name}\"?)"))
}

const UCX: &str = "UCX";

/// The families of transports, which may be named together.
const FAMILIES: [&str; 3] = ["tcp", "shm", "rdma"];

/// UCX's names of parts of `rdma`, one at a time. Those of shared memory are none of them: by itself it carries no control
/// messages and notices no dead peer, so that NIXL does not start UCX with it (measured).
const SINGLE: [&str; 9] = ["dc", "dc_x", "ib", "rc", "rc_v", "rc_x", "ud", "ud_v", "ud_x"];

fn transport_names() -> Vec<&'static str> {
    FAMILIES.into_iter().chain(SINGLE).collect()
}

/// What an agent starts for the names of a spec, where NIXL has the plugins `available`: names in lower case are transports of
/// UCX, all others plugins.
///
/// # Errors
///
/// A name that is neither, or transports that cannot be had together.
pub(super) fn plan(names: &[String], available: &[String]) -> Result<Vec<BackendPlan>, BackendsError> {
    let (transports, plugins): (Vec<_>, Vec<_>) = names.iter().cloned().partition(|name| is_transport(name));
    let mut plans: Vec<BackendPlan> = Vec::new();
    let limited = (!transports.is_empty()).then(|| UCX.to_owned());
    for plugin in limited.into_iter().chain(plugins) {
        if !available.contains(&plugin) {
            let suggestion = suggestion(&plugin, available.iter().map(String::as_str));
            return Err(BackendsError::UnknownPlugin { name: plugin, suggestion, available: available.to_vec() });
        }
        if plans.iter().all(|plan| plan.plugin != plugin) {
            plans.push(BackendPlan { plugin, parameters: Vec::new() });
        }
    }
    if let Some(value) = ucx_tls(&transports, available)? {
        // A parameter of this agent's: the environment variable would be the whole process's, and changing it is unsound
        // once other threads run. The plugin splits the parameter at commas, so that the value has none.
        plans[0].parameters.push(("engine_config", format!("TLS={value}")));
    }
    Ok(plans)
}

fn is_transport(name: &str) -> bool {
    !name.chars().any(|character| character.is_ascii_uppercase())
}

/// UCX's `TLS` for some transports, as one word: two families are all but the third. `shm` alone has TCP for what it lacks.
fn ucx_tls(names: &[String], available: &[String]) -> Result<Option<String>, BackendsError> {
    if let Some(unknown) = names.iter().find(|name| !transport_names().contains(&name.as_str())) {
        let known = transport_names().into_iter().chain(available.iter().map(String::as_str));
        let suggestion = suggestion(unknown, known);
        return Err(BackendsError::UnknownTransport {
            name: unknown.clone(),
            suggestion,
            available: available.to_vec(),
        });
    }
    let named = FAMILIES.map(|family| names.iter().any(|name| name == family));
    let word = match (names, named) {
        ([single], [false, false, false]) => single,
        _ if names.iter().any(|name| SINGLE.contains(&name.as_str())) => {
            return Err(BackendsError::TransportsDoNotMix { names: names.to_vec() });
        }
        (_, [false, false, false] | [true, true, true]) => return Ok(None),
        (_, [true, false, false]) => "tcp",
        (_, [false, false, true]) => "ib",
        (_, [_, true, false]) => "^ib",
        (_, [true, false, true]) => "^shm",
        (_, [false, true, true]) => "^tcp",
    };
    Ok(Some(word.to_owned()))
}

fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    l2_adapter_schema::closest_name(name, known).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan_of(names: &[&str]) -> Result<Vec<BackendPlan>, BackendsError> {
        let available = ["GDS", "LIBFABRIC", "POSIX", "UCX"].map(str::to_owned);
        plan(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), &available)
    }

    fn ucx(parameter: Option<&str>) -> BackendPlan {
        let parameters = parameter.map(|value| ("engine_config", value.to_owned())).into_iter().collect();
        BackendPlan { plugin: UCX.to_owned(), parameters }
    }

    #[test]
    fn plugins_are_started_as_they_are_named() {
        let posix = BackendPlan { plugin: "POSIX".to_owned(), parameters: Vec::new() };
        assert_eq!(plan_of(&["POSIX", "UCX"]).unwrap(), [posix, ucx(None)]);
    }

    #[test]
    fn a_name_in_lower_case_limits_ucx_to_one_transport() {
        for (name, parameter) in [("tcp", "TLS=tcp"), ("rdma", "TLS=ib"), ("rc_x", "TLS=rc_x")] {
            assert_eq!(plan_of(&[name]).unwrap(), [ucx(Some(parameter))]);
            assert_eq!(plan_of(&[name, "UCX"]).unwrap(), [ucx(Some(parameter))]);
        }
    }

    #[test]
    fn two_families_are_all_but_the_third_and_three_no_limit() {
        assert_eq!(plan_of(&["shm"]).unwrap(), plan_of(&["shm", "tcp"]).unwrap());
        assert_eq!(plan_of(&["tcp", "shm"]).unwrap(), [ucx(Some("TLS=^ib"))]);
        assert_eq!(plan_of(&["rdma", "tcp"]).unwrap(), [ucx(Some("TLS=^shm"))]);
        assert_eq!(plan_of(&["shm", "rdma"]).unwrap(), [ucx(Some("TLS=^tcp"))]);
        assert_eq!(plan_of(&["shm", "rdma", "tcp"]).unwrap(), [ucx(None)]);
    }

    #[test]
    fn no_parameter_has_a_comma_at_which_the_plugin_would_split_it() {
        for first in transport_names() {
            for second in transport_names() {
                let names: &[&str] = if first == second { &[first] } else { &[first, second] };
                for plan in plan_of(names).into_iter().flatten() {
                    assert!(plan.parameters.iter().all(|(_, value)| !value.contains(',')), "{names:?}");
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_followed_is_refused_with_what_can() {
        let messages: Vec<_> = [&["UXC"][..], &["ucx"], &["tpc"], &["infiniband"], &["rc", "tcp"]]
            .iter()
            .map(|names| plan_of(names).unwrap_err().to_string())
            .collect();
        insta::assert_snapshot!(messages.join("\n\n"), @r#"
        `nixl_backends` names the plugin "UXC", which this NIXL does not have (did you mean "UCX"?). It has: GDS, LIBFABRIC, POSIX, UCX

        `nixl_backends` names the transport "ucx", which is not one of UCX's (did you mean "UCX"?). Transports are: tcp, shm, rdma, dc, dc_x, ib, rc, rc_v, rc_x, ud, ud_v, ud_x. Plugins are written as NIXL writes them: GDS, LIBFABRIC, POSIX, UCX

        `nixl_backends` names the transport "tpc", which is not one of UCX's (did you mean "tcp"?). Transports are: tcp, shm, rdma, dc, dc_x, ib, rc, rc_v, rc_x, ud, ud_v, ud_x. Plugins are written as NIXL writes them: GDS, LIBFABRIC, POSIX, UCX

        `nixl_backends` names the transport "infiniband", which is not one of UCX's. Transports are: tcp, shm, rdma, dc, dc_x, ib, rc, rc_v, rc_x, ud, ud_v, ud_x. Plugins are written as NIXL writes them: GDS, LIBFABRIC, POSIX, UCX

        `nixl_backends` limits UCX to rc, tcp: beside others only `tcp`, `shm` and `rdma` can be named. For any other mixture write ["UCX"], and set the environment variable UCX_TLS
        "#);
    }

    #[test]
    fn transports_need_the_ucx_plugin() {
        let error = plan(&["tcp".to_owned()], &["POSIX".to_owned()]).unwrap_err();
        assert!(matches!(error, BackendsError::UnknownPlugin { name, .. } if name == "UCX"));
    }
}
