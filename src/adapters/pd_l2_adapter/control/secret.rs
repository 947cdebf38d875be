//! Proofs of knowing the shared secret that do not reveal it. Pure: nonces are arguments.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{Secret, adapters::pd_l2_adapter::protocol::Epoch};

/// Length of a nonce.
pub(super) const NONCE_BYTES: usize = 16;

/// A value that its maker has never used before.
pub(super) type Nonce = [u8; NONCE_BYTES];

/// The statement that is proven: a proof of one kind is not valid for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Statement {
    Introduction,
    Welcome,
    Attachment,
    Attached,
}

impl Statement {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Introduction => b"l2adapter.pd.v1 introduction",
            Self::Welcome => b"l2adapter.pd.v1 welcome",
            Self::Attachment => b"l2adapter.pd.v1 attachment",
            Self::Attached => b"l2adapter.pd.v1 attached",
        }
    }
}

/// The shared secret, or its absence.
#[derive(Debug, Clone)]
pub(crate) struct SharedSecret(Option<Secret<String>>);

impl SharedSecret {
    pub(crate) fn new(secret: Option<Secret<String>>) -> Self {
        Self(secret)
    }

    /// A nonce of an incarnation. Without the secret it is unpredictable.
    pub(super) fn nonce(&self, epoch: Epoch, counter: u64) -> Nonce {
        let mut nonce = [0; NONCE_BYTES];
        match self.mac() {
            Some(mut mac) => {
                mac.update(b"l2adapter.pd.v1 nonce");
                mac.update(&epoch.0.to_le_bytes());
                mac.update(&counter.to_le_bytes());
                let code = mac.finalize().into_bytes();
                nonce.iter_mut().zip(code).for_each(|(to, from)| *to = from);
            }
            None => {
                let (first, second) = nonce.split_at_mut(8);
                first.copy_from_slice(&epoch.0.to_le_bytes());
                second.copy_from_slice(&counter.to_le_bytes());
            }
        }
        nonce
    }

    /// The proof of a statement; empty without a secret.
    pub(super) fn prove(&self, statement: Statement, nonces: (&[u8], &[u8]), payload: &[u8]) -> Vec<u8> {
        self.over(statement, nonces, payload).map_or_else(Vec::new, |mac| mac.finalize().into_bytes().to_vec())
    }

    /// Whether a proof is valid, compared in constant time. A side without a secret accepts only an empty proof: if one of two
    /// nodes has a secret, they are configured wrongly.
    pub(super) fn verify(&self, statement: Statement, nonces: (&[u8], &[u8]), payload: &[u8], proof: &[u8]) -> bool {
        self.over(statement, nonces, payload).map_or(proof.is_empty(), |mac| mac.verify_slice(proof).is_ok())
    }

    /// Nonces have a fixed length, so that no byte can move from one part into the next.
    fn over(&self, statement: Statement, (sender, receiver): (&[u8], &[u8]), payload: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = self.mac()?;
        mac.update(statement.label());
        mac.update(&fixed(sender));
        mac.update(&fixed(receiver));
        mac.update(payload);
        Some(mac)
    }

    fn mac(&self) -> Option<Hmac<Sha256>> {
        // HMAC accepts keys of every length.
        self.0.as_ref().and_then(|secret| Hmac::new_from_slice(secret.expose().as_bytes()).ok())
    }
}

fn fixed(nonce: &[u8]) -> Nonce {
    let mut fixed = [0; NONCE_BYTES];
    fixed.iter_mut().zip(nonce).for_each(|(to, from)| *to = *from);
    fixed
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCES: (&[u8], &[u8]) = (&[1; NONCE_BYTES], &[2; NONCE_BYTES]);

    fn secret(text: &str) -> SharedSecret {
        SharedSecret::new(Some(Secret::new(text.to_owned())))
    }

    #[test]
    fn a_proof_is_valid_only_for_its_secret_statement_nonces_and_payload() {
        let ours = secret("correct horse battery");
        let proof = ours.prove(Statement::Introduction, NONCES, b"payload");
        assert!(ours.verify(Statement::Introduction, NONCES, b"payload", &proof));
        assert!(!secret("wrong horse battery").verify(Statement::Introduction, NONCES, b"payload", &proof));
        assert!(!ours.verify(Statement::Attachment, NONCES, b"payload", &proof));
        assert!(!ours.verify(Statement::Introduction, (NONCES.1, NONCES.0), b"payload", &proof));
        assert!(!ours.verify(Statement::Introduction, NONCES, b"Payload", &proof));
        assert!(!ours.verify(Statement::Introduction, NONCES, b"payload", &[]));
    }

    #[test]
    fn a_side_without_a_secret_accepts_no_proof_of_one() {
        let none = SharedSecret::new(None);
        let proof = secret("correct horse battery").prove(Statement::Welcome, NONCES, b"");
        assert!(!none.verify(Statement::Welcome, NONCES, b"", &proof));
        assert!(none.verify(Statement::Welcome, NONCES, b"", &[]));
    }

    #[test]
    fn nonces_do_not_repeat() {
        for secret in [secret("correct horse battery"), SharedSecret::new(None)] {
            assert_ne!(secret.nonce(Epoch(1), 1), secret.nonce(Epoch(1), 2));
            assert_ne!(secret.nonce(Epoch(1), 1), secret.nonce(Epoch(2), 1));
        }
    }
}
