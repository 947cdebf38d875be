//! The meaning of `nixl_backends` in a spec: which plugins NIXL starts, and which transports UCX may use. Pure.

use std::collections::BTreeMap;

/// A NIXL plugin that an agent starts, and its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BackendPlan {
    pub(super) plugin: String,
    pub(super) parameters: Vec<(&'static str, String)>,
}

/// Why the names are not valid.
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
    /// UCX has no transport of this name.
    #[error(
        "`nixl_backends` names the transport \"{name}\", which UCX does not have{}. Transports are: {}. Plugins are \
         written as NIXL writes them: {}",
        hint(suggestion.as_deref()),
        transport_names().join(", "),
        available.join(", ")
    )]
    UnknownTransport { name: String, suggestion: Option<String>, available: Vec<String> },
    /// UCX cannot be limited to these transports for one agent.
    #[error(
        "`nixl_backends` limits UCX to {}: only `tcp`, `shm` and `rdma` can be combined. For any other combination write \
         [\"UCX\"], and set the environment variable UCX_TLS",
        names.join(", ")
    )]
    TransportsDoNotMix { names: Vec<String> },
    /// None of the named plugins moves bytes from memory to memory.
    #[error(
        "`nixl_backends` names only plugins for storage ({}): writing into another process's memory needs one for networks, such as \
         `UCX`",
        names.join(", ")
    )]
    NoNetwork { names: Vec<String> },
}

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |name| format!(" (did you mean \"{name}\"?)"))
}

const UCX: &str = "UCX";

/// The families of transports, which may be combined.
const FAMILIES: [&str; 3] = ["tcp", "shm", "rdma"];

/// UCX's names of parts of `rdma`, one at a time. Those of shared memory are missing: by itself shared memory carries no
/// control messages and detects no dead peer, so NIXL does not start UCX with it (measured).
const SINGLE: [&str; 9] = ["dc", "dc_x", "ib", "rc", "rc_v", "rc_x", "ud", "ud_v", "ud_x"];

fn transport_names() -> Vec<&'static str> {
    FAMILIES.into_iter().chain(SINGLE).collect()
}

/// What an agent starts for the names of a spec, if NIXL has the plugins `available`: names in lower case are transports of
/// UCX, all others plugins.
///
/// # Errors
///
/// A name that is neither, or transports that cannot be combined.
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
    let tls = ucx_tls(&transports, available)?;
    if let Some(ucx) = plans.iter_mut().find(|plan| plan.plugin == UCX) {
        let config: Vec<String> = engine_config(tls.as_deref()).map(|(key, value)| format!("{key}={value}")).collect();
        if !config.is_empty() {
            // Parameters of this agent: environment variables would apply to the whole process, and changing them is unsound
            // once other threads run. The plugin splits the parameter at commas, so no value may contain one.
            ucx.parameters.push(("engine_config", config.join(",")));
        }
    }
    Ok(plans)
}

/// What UCX does over TCP if a path is lost. Measured with the defaults: adding a peer whose path drops packets blocks for 134
/// s, and a write on a cut path never ends. With these settings, adding returns within milliseconds, and the write ends.
const OVER_TCP: [(&str, &str); 3] = [("TCP_CONN_NB", "y"), ("TCP_SYN_CNT", "2"), ("TCP_USER_TIMEOUT", "20s")];

/// Every UCX key that we may configure, without the prefix `UCX_`.
pub(super) fn configured_keys() -> impl Iterator<Item = &'static str> {
    std::iter::once("TLS").chain(OVER_TCP.iter().map(|(key, _)| *key))
}

/// The settings of a plan that environment variables override: the variable as it is set, and our value.
pub(super) fn overruled(plan: &BackendPlan, ucx: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let entries = plan.parameters.iter().flat_map(|(_, config)| config.split(','));
    let overruled = |entry: &str| {
        let (key, value) = entry.split_once('=')?;
        let in_force = ucx.get(&format!("UCX_{key}")).filter(|in_force| *in_force != value)?;
        Some((format!("UCX_{key}={in_force}"), value.to_owned()))
    };
    entries.filter_map(overruled).collect()
}

/// The configuration of UCX for a value of its `TLS`: keys without the prefix `UCX_`.
fn engine_config(tls: Option<&str>) -> impl Iterator<Item = (&'static str, String)> {
    let uses_tcp = !tls.is_some_and(|word| word == "^tcp" || word == "ib" || SINGLE.contains(&word));
    let tls = tls.map(|word| ("TLS", word.to_owned()));
    let over_tcp = OVER_TCP.iter().filter(move |_| uses_tcp).map(|(key, value)| (*key, (*value).to_owned()));
    tls.into_iter().chain(over_tcp)
}

fn is_transport(name: &str) -> bool {
    !name.chars().any(|character| character.is_ascii_uppercase())
}

/// UCX's `TLS` for some transports, as one word: two families are everything except the third. `shm` alone uses TCP for what it
/// cannot do.
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

    const TCP: &str = "TCP_CONN_NB=y,TCP_SYN_CNT=2,TCP_USER_TIMEOUT=20s";

    fn ucx(parameter: &str) -> BackendPlan {
        BackendPlan { plugin: UCX.to_owned(), parameters: vec![("engine_config", parameter.to_owned())] }
    }

    #[test]
    fn plugins_are_started_under_their_given_names() {
        let posix = BackendPlan { plugin: "POSIX".to_owned(), parameters: Vec::new() };
        assert_eq!(plan_of(&["POSIX", "UCX"]).unwrap(), [posix, ucx(TCP)]);
    }

    #[test]
    fn a_name_in_lower_case_limits_ucx_to_one_transport() {
        let tcp = format!("TLS=tcp,{TCP}");
        for (name, parameter) in [("tcp", tcp.as_str()), ("rdma", "TLS=ib"), ("rc_x", "TLS=rc_x")] {
            assert_eq!(plan_of(&[name]).unwrap(), [ucx(parameter)]);
            assert_eq!(plan_of(&[name, "UCX"]).unwrap(), [ucx(parameter)]);
        }
    }

    #[test]
    fn two_families_exclude_the_third_and_three_set_no_limit() {
        assert_eq!(plan_of(&["shm"]).unwrap(), plan_of(&["shm", "tcp"]).unwrap());
        assert_eq!(plan_of(&["tcp", "shm"]).unwrap(), [ucx(&format!("TLS=^ib,{TCP}"))]);
        assert_eq!(plan_of(&["rdma", "tcp"]).unwrap(), [ucx(&format!("TLS=^shm,{TCP}"))]);
        assert_eq!(plan_of(&["shm", "rdma"]).unwrap(), [ucx("TLS=^tcp")]);
        assert_eq!(plan_of(&["shm", "rdma", "tcp"]).unwrap(), [ucx(TCP)]);
    }

    #[test]
    fn the_parameter_of_ucx_is_a_comma_separated_list_of_settings() {
        for first in transport_names() {
            for second in transport_names() {
                let names: &[&str] = if first == second { &[first] } else { &[first, second] };
                for plan in plan_of(names).into_iter().flatten() {
                    let entries = plan.parameters.iter().flat_map(|(_, value)| value.split(','));
                    let keys: Vec<_> = entries.map(|entry| entry.split_once('=').unwrap().0).collect();
                    assert!(keys.iter().all(|key| configured_keys().any(|known| known == *key)), "{names:?}: {keys:?}");
                }
            }
        }
    }

    #[test]
    fn ucx_has_the_user_timeout_that_receivers_wait_for() {
        let seconds = format!("{}s", crate::transfer::TCP_USER_TIMEOUT_SECONDS);
        assert!(OVER_TCP.contains(&("TCP_USER_TIMEOUT", seconds.as_str())));
    }

    #[test]
    fn environment_variables_that_differ_from_a_plan_are_reported() {
        let variables = [("UCX_TLS", "all"), ("UCX_TCP_CONN_NB", "y"), ("UCX_TCP_SYN_CNT", "6")];
        let variables = variables.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let overruled = overruled(&plan_of(&["tcp"]).unwrap()[0], &variables);
        let expected = [("UCX_TLS=all", "tcp"), ("UCX_TCP_SYN_CNT=6", "2")];
        assert_eq!(overruled, expected.map(|(in_force, ours)| (in_force.to_owned(), ours.to_owned())));
    }

    #[test]
    fn the_error_for_an_invalid_name_lists_valid_ones() {
        let messages: Vec<_> = [&["UXC"][..], &["ucx"], &["tpc"], &["infiniband"], &["rc", "tcp"]]
            .iter()
            .map(|names| plan_of(names).unwrap_err().to_string())
            .collect();
        insta::assert_snapshot!(messages.join("\n\n"), @r#"
        `nixl_backends` names the plugin "UXC", which this NIXL does not have (did you mean "UCX"?). It has: GDS, LIBFABRIC, POSIX, UCX

        `nixl_backends` names the transport "ucx", which UCX does not have (did you mean "UCX"?). Transports are: tcp, shm, rdma, dc, dc_x, ib, rc, rc_v, rc_x, ud, ud_v, ud_x. Plugins are written as NIXL writes them: GDS, LIBFABRIC, POSIX, UCX

        `nixl_backends` names the transport "tpc", which UCX does not have (did you mean "tcp"?). Transports are: tcp, shm, rdma, dc, dc_x, ib, rc, rc_v, rc_x, ud, ud_v, ud_x. Plugins are written as NIXL writes them: GDS, LIBFABRIC, POSIX, UCX

        `nixl_backends` names the transport "infiniband", which UCX does not have. Transports are: tcp, shm, rdma, dc, dc_x, ib, rc, rc_v, rc_x, ud, ud_v, ud_x. Plugins are written as NIXL writes them: GDS, LIBFABRIC, POSIX, UCX

        `nixl_backends` limits UCX to rc, tcp: only `tcp`, `shm` and `rdma` can be combined. For any other combination write ["UCX"], and set the environment variable UCX_TLS
        "#);
    }

    #[test]
    fn transports_need_the_ucx_plugin() {
        let error = plan(&["tcp".to_owned()], &["POSIX".to_owned()]).unwrap_err();
        assert!(matches!(error, BackendsError::UnknownPlugin { name, .. } if name == "UCX"));
    }
}
