//! `s3`: keeps KV chunks as objects in an S3 bucket. Configuration only.

use crate::{L2AdapterConfig, Secret, SharedConfig};

/// Keeps KV chunks as objects in an S3 bucket.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "s3")]
pub struct S3L2AdapterConfig {
    /// The bucket's own address, `s3://<bucket>.<host>` or `<bucket>.<host>`: requests are signed for this host.
    #[config(required, not_blank, example = "s3://kv-chunks.s3.eu-central-1.amazonaws.com")]
    pub s3_endpoint: String,
    /// The region that requests are signed for.
    #[config(required, not_blank, example = "eu-central-1")]
    pub s3_region: String,
    /// Threads that read and write.
    #[config(default = 64, min = 1)]
    pub s3_num_io_threads: u32,
    /// Whether HTTP/2 is used if the server offers it.
    #[config(default = true)]
    pub s3_prefer_http2: bool,
    /// Whether requests are signed for S3 Express One Zone.
    #[config(default = false)]
    pub s3_enable_s3express: bool,
    /// Whether chunks travel without TLS.
    #[config(default = false)]
    pub disable_tls: bool,
    /// The access key. It is used only together with `aws_secret_access_key`; without both, AWS's default sources are used: the
    /// environment, a profile, the instance's role.
    #[config(secret)]
    pub aws_access_key_id: Option<Secret<String>>,
    /// The secret of the access key, used only together with `aws_access_key_id`.
    #[config(secret)]
    pub aws_secret_access_key: Option<Secret<String>>,
    /// The capacity for `eviction`. 0: unknown, and `eviction` never begins.
    #[config(default = 0.0, min = 0.0, unit = gib)]
    pub max_capacity_gb: f64,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
}
