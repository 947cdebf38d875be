//! `gcs`: keeps KV chunks as objects in Google Cloud Storage. Configuration only.

use std::path::PathBuf;

use crate::{BLANK, CommonConfig, L2AdapterConfig, RuleError, schema::unexpanded};

/// Keeps KV chunks as objects in Google Cloud Storage.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "gcs")]
#[config(also_known_as = ["google_cloud_storage", "google", "gs", "gcp"])]
#[config(warning(
    name = "bucket_alone",
    doc = "`gcs_bucket` is the name of a bucket, and not its address.",
    reads(gcs_bucket),
    check = bucket_alone,
))]
pub struct GcsL2AdapterConfig {
    /// The bucket, which must exist.
    #[config(required, not_blank, example = "kv-chunks")]
    #[config(also_known_as = ["bucket", "bucket_name"])]
    pub gcs_bucket: String,
    /// The service account's key file. Absent or null: Google's application default credentials.
    #[config(exists = file, access = read, example = "/etc/lmcache/service-account.json")]
    #[config(also_known_as = ["credentials", "credentials_file", "credentials_path"])]
    #[config(also_known_as = ["google_application_credentials", "service_account_file", "token"])]
    pub gcs_credentials_file: Option<PathBuf>,
    /// The Google Cloud project. Absent or null: that of the credentials.
    #[config(example = "my-project")]
    #[config(also_known_as = ["project", "project_id"])]
    pub gcs_project: Option<String>,
    /// Threads that read and write.
    #[config(default = 64, min = 1)]
    #[config(also_known_as = ["num_threads", "threads", "max_workers", "io_threads", "num_workers"])]
    pub gcs_num_workers: u32,
    /// The capacity for `eviction`. 0: unknown, and `eviction` never begins.
    #[config(default = 0.0, min = 0.0, unit = gib)]
    #[config(also_known_as = ["max_size_gb", "capacity_gb", "max_capacity", "capacity", "max_size", "max_local_disk_size"])]
    pub max_capacity_gb: f64,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

/// LMCache gives the text to Google's client, which takes a name only.
fn bucket_alone(gcs_bucket: &str) -> Result<(), RuleError> {
    let is_sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    let is_name = |text: &str| (1..=222).contains(&text.len()) && text.bytes().all(is_sign);
    if is_name(gcs_bucket) || unexpanded(gcs_bucket).is_some() {
        return Ok(());
    }
    let trimmed = gcs_bucket.trim_matches(BLANK);
    let (scheme, rest) = trimmed.split_once(":/").unwrap_or(("", trimmed));
    let services =
        ["storage.googleapis.com/", "storage.cloud.google.com/", "console.cloud.google.com/storage/browser/"];
    let rest = rest.trim_start_matches('/');
    let path = services.iter().find_map(|service| rest.strip_prefix(service)).unwrap_or(rest);
    let first = path.split(['/', '?', '#', ';']).next().unwrap_or_default();
    let bucket = first.strip_suffix(".storage.googleapis.com").unwrap_or(first).to_ascii_lowercase();
    let found = match scheme {
        "s3" => return Err(RuleError::new("is an address of S3: use the type `s3`")),
        "" if trimmed.contains('/') => "has a path, and LMCache takes the name of a bucket alone",
        "" => "is not the name of a bucket, which has lower-case letters, digits, `-`, `_` and `.`",
        _ => "is an address, and LMCache takes the name of a bucket alone",
    };
    let instead = if is_name(&bucket) { format!(": write \"gcs_bucket\": \"{bucket}\"") } else { String::new() };
    Err(RuleError::new(format!("{found}{instead}")))
}

#[cfg(test)]
mod tests {
    use super::bucket_alone;

    #[test]
    fn an_address_of_a_bucket_gets_the_name_in_it() {
        for (written, bucket) in [
            ("gs://kv-chunks", "kv-chunks"),
            ("gs://kv-chunks/", "kv-chunks"),
            ("gs://b", "b"),
            ("gs://kv-chunks/llama/3", "kv-chunks"),
            ("gs:/kv-chunks", "kv-chunks"),
            ("kv-chunks/llama", "kv-chunks"),
            (" kv-chunks ", "kv-chunks"),
            ("KV-chunks", "kv-chunks"),
            ("https://storage.googleapis.com/kv-chunks/a?x=1", "kv-chunks"),
            ("https://kv-chunks.storage.googleapis.com/a", "kv-chunks"),
            ("https://console.cloud.google.com/storage/browser/kv-chunks;tab=objects", "kv-chunks"),
        ] {
            let error = format!("{:?}", bucket_alone(written));
            assert!(error.contains(&format!("\\\"gcs_bucket\\\": \\\"{bucket}\\\"")), "{written}: {error}");
        }
        assert!(format!("{:?}", bucket_alone("s3://kv-chunks")).contains("use the type `s3`"));
        assert!(bucket_alone("gs://").is_err_and(|error| !format!("{error:?}").contains("write")));
        for bucket in ["kv-chunks", "kv_chunks.example.com", "0kv", "$BUCKET", "gs://${BUCKET}"] {
            assert_eq!(bucket_alone(bucket), Ok(()), "{bucket}");
        }
    }
}
