//! `s3`: keeps KV chunks as objects in an S3 bucket. Configuration only.

use crate::{L2AdapterConfig, Secret, SharedConfig};

/// Keeps KV chunks as objects in an S3 bucket.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "s3")]
#[config(also_known_as = ["aws", "aws_s3", "minio", "ceph", "object_store", "object_storage", "boto3", "s3fs"])]
#[config(also_known_as = ["r2"])]
pub struct S3L2AdapterConfig {
    /// The bucket's own address, `s3://<bucket>.<host>` or `<bucket>.<host>`: requests are signed for this host.
    #[config(required, not_blank, example = "s3://kv-chunks.s3.eu-central-1.amazonaws.com")]
    #[config(also_known_as(
        names = ["bucket", "bucket_name", "s3_bucket", "aws_s3_bucket", "aws_bucket"],
        advice = "the bucket is the first part of the host there, `s3://<bucket>.<host>`"
    ))]
    #[config(also_known_as = ["endpoint", "endpoint_url", "endpoint_override", "aws_endpoint_url"])]
    #[config(also_known_as = ["aws_endpoint_url_s3", "s3_endpoint_url", "s3_url", "url", "host"])]
    pub s3_endpoint: String,
    /// The region that requests are signed for.
    #[config(required, not_blank, example = "eu-central-1")]
    #[config(also_known_as = ["region", "region_name", "aws_region", "aws_default_region", "default_region"])]
    pub s3_region: String,
    /// Threads that read and write.
    #[config(default = 64, min = 1)]
    #[config(also_known_as = ["num_threads", "threads", "max_workers", "io_threads", "num_workers"])]
    #[config(also_known_as = ["max_concurrency", "max_pool_connections"])]
    pub s3_num_io_threads: u32,
    /// Whether HTTP/2 is used if the server offers it.
    #[config(default = true)]
    #[config(also_known_as = ["prefer_http2", "http2"])]
    pub s3_prefer_http2: bool,
    /// Whether requests are signed for S3 Express One Zone.
    #[config(default = false)]
    #[config(also_known_as = ["enable_s3express", "s3express", "express"])]
    pub s3_enable_s3express: bool,
    /// Whether chunks travel without TLS.
    #[config(default = false)]
    #[config(also_known_as(
        names = ["use_tls", "use_ssl", "use_https", "ssl", "tls", "https", "secure", "tls_enable"],
        advice = "it says the opposite: true is without TLS"
    ))]
    pub disable_tls: bool,
    /// The access key. It is used only together with `aws_secret_access_key`; without both, AWS's default sources are used: the
    /// environment, a profile, the instance's role.
    #[config(secret)]
    #[config(also_known_as = ["access_key", "access_key_id", "aws_access_key", "s3_access_key", "s3_access_key_id"])]
    #[config(also_known_as = ["minio_access_key", "minio_root_user", "key"])]
    pub aws_access_key_id: Option<Secret<String>>,
    /// The secret of the access key, used only together with `aws_access_key_id`.
    #[config(secret)]
    #[config(also_known_as = ["secret_key", "secret_access_key", "aws_secret_key", "s3_secret_key"])]
    #[config(also_known_as = ["s3_secret_access_key"])]
    #[config(also_known_as = ["minio_secret_key", "minio_root_password", "secret"])]
    pub aws_secret_access_key: Option<Secret<String>>,
    /// The capacity for `eviction`. 0: unknown, and `eviction` never begins.
    #[config(default = 0.0, min = 0.0, unit = gib)]
    #[config(also_known_as = ["max_size_gb", "capacity_gb", "max_capacity", "capacity", "max_size", "max_local_disk_size"])]
    pub max_capacity_gb: f64,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
}
