//! What `nixl_backends` in a spec means: which plugins NIXL starts, and which transports UCX may use. Pure.

use std::collections::BTreeMap;

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
        "`nixl_backends` names the transport \"{name}\", which UCX does not have{}. Transports are: {}. Plugins are \
         written as NIXL writes them: {}",
        hint(suggestion.as_deref()),
        transport_names().join(", "),
        available.join(", ")
    )]
    UnknownTransport { name: String, suggestion: Option<String>, available: Vec<String> },
    /// The transports cannot be told to UCX for one agent.
    #[error(
        "`nixl_backends` limits UCX to {}: only `tcp`, `shm` and `rdma` can be combined. For any other combination write \
         [\"UCX\"], and set the environment variable UCX_TLS",
        names.join(", ")
    )]
    TransportsDoNotMix { names: Vec<String> },
    /// Nothing that is named moves bytes from memory to memory.
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
    let tls = ucx_tls(&transports, available)?;
    if let Some(ucx) = plans.iter_mut().find(|plan| plan.plugin == UCX) {
        let config: Vec<String> = engine_config(tls.as_deref()).map(|(key, value)| format!("{key}={value}")).collect();
        if !config.is_empty() {
            // Parameters of this agent's: environment variables would be the whole process's, and changing these is unsound
            // once other threads run. The plugin splits the parameter at commas, so that no value has one.
            ucx.parameters.push(("engine_config", config.join(",")));
        }
    }
    Ok(plans)
}

/// What UCX does over TCP when a path goes away. Measured by default: adding a peer whose path is dropped stands for 134 s,
/// and a write on a path that is cut never ends. With these, adding returns within milliseconds, and the write ends.
const OVER_TCP: [(&str, &str); 3] = [("TCP_CONN_NB", "y"), ("TCP_SYN_CNT", "2"), ("TCP_USER_TIMEOUT", "20s")];

/// Every key of UCX that we may configure, without the prefix `UCX_`.
pub(super) fn configured_keys() -> impl Iterator<Item = &'static str> {
    std::iter::once("TLS").chain(OVER_TCP.iter().map(|(key, _)| *key))
}

/// What of a plan variables of the environment overrule: the variable as it is set, and our value.
pub(super) fn overruled(plan: &BackendPlan, ucx: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let entries = plan.parameters.iter().flat_map(|(_, config)| config.split(','));
    let overruled = |entry: &str| {
        let (key, value) = entry.split_once('=')?;
        let in_force = ucx.get(&format!("UCX_{key}")).filter(|in_force| *in_force != value)?;
        Some((format!("UCX_{key}={in_force}"), value.to_owned()))
    };
    entries.filter_map(overruled).collect()
}

/// What UCX is configured with, for a word of its `TLS`: keys without the prefix `UCX_`.
fn engine_config(tls: Option<&str>) -> impl Iterator<Item = (&'static str, String)> {
    let uses_tcp = !tls.is_some_and(|word| word == "^tcp" || word == "ib" || SINGLE.contains(&word));
    let tls = tls.map(|word| ("TLS", word.to_owned()));
    let over_tcp = OVER_TCP.iter().filter(move |_| uses_tcp).map(|(key, value)| (*key, (*value).to_owned()));
    tls.into_iter().chain(over_tcp)
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

    const TCP: &str = "TCP_CONN_NB=y,TCP_SYN_CNT=2,TCP_USER_TIMEOUT=20s";

    fn ucx(parameter: &str) -> BackendPlan {
        BackendPlan { plugin: UCX.to_owned(), parameters: vec![("engine_config", parameter.to_owned())] }
    }

    #[test]
    fn plugins_are_started_as_they_are_named() {
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
    fn two_families_are_all_but_the_third_and_three_no_limit() {
        assert_eq!(plan_of(&["shm"]).unwrap(), plan_of(&["shm", "tcp"]).unwrap());
        assert_eq!(plan_of(&["tcp", "shm"]).unwrap(), [ucx(&format!("TLS=^ib,{TCP}"))]);
        assert_eq!(plan_of(&["rdma", "tcp"]).unwrap(), [ucx(&format!("TLS=^shm,{TCP}"))]);
        assert_eq!(plan_of(&["shm", "rdma"]).unwrap(), [ucx("TLS=^tcp")]);
        assert_eq!(plan_of(&["shm", "rdma", "tcp"]).unwrap(), [ucx(TCP)]);
    }

    #[test]
    fn a_parameter_is_a_list_of_keys_with_values_at_whose_commas_the_plugin_splits_it() {
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
    fn the_user_timeout_is_the_one_that_receivers_wait_for() {
        let seconds = format!("{}s", crate::transfer::TCP_USER_TIMEOUT_SECONDS);
        assert!(OVER_TCP.contains(&("TCP_USER_TIMEOUT", seconds.as_str())));
    }

    #[test]
    fn variables_that_overrule_a_plan_are_found_where_they_differ() {
        let variables = [("UCX_TLS", "all"), ("UCX_TCP_CONN_NB", "y"), ("UCX_TCP_SYN_CNT", "6")];
        let variables = variables.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let overruled = overruled(&plan_of(&["tcp"]).unwrap()[0], &variables);
        let expected = [("UCX_TLS=all", "tcp"), ("UCX_TCP_SYN_CNT=6", "2")];
        assert_eq!(overruled, expected.map(|(in_force, ours)| (in_force.to_owned(), ours.to_owned())));
    }

    #[test]
    fn what_cannot_be_followed_is_refused_with_what_can() {
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
