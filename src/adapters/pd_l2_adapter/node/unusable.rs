//! Why a node cannot be created.

use std::{error::Error as _, io};

use crate::{
    L2AdapterConfig,
    adapter::CreateError,
    adapters::pd_l2_adapter::{
        PdL2AdapterConfig,
        advice::{Wanted, advice, shortage_of_descriptors},
    },
    transfer::TransferError,
};

/// The obstacle, and what to do.
pub(super) fn unusable(reason: String) -> CreateError {
    CreateError::Unusable { type_name: PdL2AdapterConfig::TYPE_NAME, reason, source: None }
}

/// The system has no descriptor or thread for something.
pub(super) fn system(what: &str, error: io::Error) -> CreateError {
    let reason = match advice(Wanted::Resource, &error) {
        Some(advice) => format!("{what} cannot be made: {advice}"),
        None => format!("{what} cannot be made"),
    };
    CreateError::Unusable { type_name: PdL2AdapterConfig::TYPE_NAME, reason, source: Some(error.into()) }
}

/// The transfer channel cannot be created. NIXL does not report whether descriptors ran out.
pub(super) fn channel(error: &TransferError) -> CreateError {
    let of_system = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    let advice = match of_system {
        Some(error) => advice(Wanted::Resource, error).map(str::to_owned),
        None => shortage_of_descriptors(),
    };
    unusable(advice.map_or_else(|| error.to_string(), |advice| format!("{error}; {advice}")))
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn a_lack_of_descriptors_is_reported_with_the_limit_to_raise() {
        let errors = [
            system("its runtime", Errno::MFILE.into()),
            channel(&TransferError::Memory { what: "making", size_bytes: 1, source: Errno::MFILE.into() }),
        ];
        for error in errors {
            assert!(error.to_string().contains("raise the limit (`ulimit -n`)"), "{error}");
        }
        let error = channel(&TransferError::Memory { what: "making", size_bytes: 1, source: Errno::NOMEM.into() });
        assert!(!error.to_string().contains("ulimit"), "{error}");
    }
}
