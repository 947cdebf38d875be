//! The meaning of `nixl_backends` in a spec: which plugins NIXL starts, and which transports UCX may use. Pure.

use std::collections::BTreeMap;

use crate::transfer::backend_names::{BackendNames, BackendNamesError, SINGLE_TRANSPORTS, hint, sort_out};

/// A NIXL plugin that an agent starts, and its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BackendPlan {
    pub(super) plugin: String,
    pub(super) parameters: Vec<(&'static str, String)>,
}

/// Why an agent cannot be started for the names.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum BackendsError {
    /// The names cannot work with any NIXL.
    #[error("`nixl_backends` {0}")]
    Names(#[from] BackendNamesError),
    /// No plugin of this name is installed.
    #[error(
        "`nixl_backends` names the plugin \"{name}\", which this NIXL does not have{}. It has: {}",
        hint(name, &available.iter().map(String::as_str).collect::<Vec<_>>()),
        available.join(", ")
    )]
    UnknownPlugin { name: String, available: Vec<String> },
}

const UCX: &str = "UCX";

/// What an agent starts for the names of a spec, if NIXL has the plugins `available`.
///
/// # Errors
///
/// A name that is neither a transport nor an available plugin, or names that cannot be combined.
pub(super) fn plan(names: &[String], available: &[String]) -> Result<Vec<BackendPlan>, BackendsError> {
    let BackendNames { plugins, ucx_tls } = sort_out(names)?;
    if let Some(missing) = plugins.iter().find(|plugin| !available.contains(plugin)) {
        return Err(BackendsError::UnknownPlugin { name: missing.clone(), available: available.to_vec() });
    }
    let plan = |plugin| BackendPlan { plugin, parameters: Vec::new() };
    let mut plans: Vec<BackendPlan> = plugins.into_iter().map(plan).collect();
    if let Some(ucx) = plans.iter_mut().find(|plan| plan.plugin == UCX) {
        let config: Vec<String> =
            engine_config(ucx_tls.as_deref()).map(|(key, value)| format!("{key}={value}")).collect();
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
    let uses_tcp = !tls.is_some_and(|word| word == "^tcp" || word == "ib" || SINGLE_TRANSPORTS.contains(&word));
    let tls = tls.map(|word| ("TLS", word.to_owned()));
    let over_tcp = OVER_TCP.iter().filter(move |_| uses_tcp).map(|(key, value)| (*key, (*value).to_owned()));
    tls.into_iter().chain(over_tcp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::backend_names::transports;

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
        for first in transports() {
            for second in transports() {
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
    fn the_error_for_a_missing_plugin_lists_the_available_ones() {
        let message = plan_of(&["UXC"]).unwrap_err().to_string();
        let expected = "`nixl_backends` names the plugin \"UXC\", which this NIXL does not have (did you mean \"UCX\"?). It has: \
                        GDS, LIBFABRIC, POSIX, UCX";
        assert_eq!(message, expected);
    }

    #[test]
    fn transports_need_the_ucx_plugin() {
        let error = plan(&["tcp".to_owned()], &["POSIX".to_owned()]).unwrap_err();
        assert!(matches!(error, BackendsError::UnknownPlugin { name, .. } if name == "UCX"));
    }
}
