//! `s3`: keeps KV chunks as objects in an S3 bucket. Configuration only.

use crate::{CommonConfig, L2AdapterConfig, RuleError, Secret, schema::unexpanded};

/// Keeps KV chunks as objects in an S3 bucket.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "s3")]
#[config(also_known_as = ["aws", "aws_s3", "minio", "ceph", "object_store", "object_storage", "boto3", "s3fs"])]
#[config(also_known_as = ["r2"])]
#[config(warning(
    name = "endpoint_of_a_bucket",
    doc = "`s3_endpoint` is the bucket's own host, `s3://<bucket>.<host>`: neither a bucket alone nor a bucket behind a slash.",
    reads(s3_endpoint, s3_region),
    check = endpoint_of_a_bucket,
))]
#[config(warning(
    name = "region_of_the_endpoint",
    doc = "`s3_region` is the region that the host of `s3_endpoint` names.",
    reads(s3_region, s3_endpoint),
    check = region_of_the_endpoint,
))]
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
    pub common: CommonConfig,
}

/// LMCache drops `s3://` and takes the rest for the host that requests are sent to and signed for.
fn endpoint_of_a_bucket(endpoint: &str, region: &str) -> Result<(), RuleError> {
    if unexpanded(endpoint).is_some() {
        return Ok(());
    }
    let (scheme, rest) = scheme_and_rest(endpoint.trim_matches(crate::BLANK));
    let without_query = rest.split(['?', '#']).next().unwrap_or(rest);
    let (authority, path) = without_query.split_once('/').unwrap_or((without_query, ""));
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let is_address = host.split(':').next().is_some_and(|host| host.parse::<std::net::IpAddr>().is_ok());
    let bucket = path.split('/').find(|part| !part.is_empty());
    let is_name = !host.contains(['.', ':']) && host != "localhost";
    let (found, written) = match bucket {
        _ if authority.contains([',', ';', ' ']) => {
            return Err(RuleError::new(
                "is a list or has a blank in it: an adapter has one endpoint, the host of one bucket",
            ));
        }
        _ if scheme == "gs" => {
            return Err(RuleError::new("is an address of Google Cloud Storage: use the type `gcs`"));
        }
        _ if is_address => {
            return Err(RuleError::new(
                "is an IP address: requests go to the bucket's own host. Give the server a name, and write \"s3_endpoint\": \
                 \"s3://<bucket>.<name>:<port>\"",
            ));
        }
        bucket if host.is_empty() => {
            ("names no host", format!("{}.{}", bucket.unwrap_or("my-bucket"), aws_host(region)))
        }
        _ if is_name => ("names a bucket and no host", format!("{host}.{}", aws_host(region))),
        Some(bucket)
            if host.starts_with(&format!("{bucket}.")) || [".s3.", ".s3-"].iter().any(|s3| host.contains(s3)) =>
        {
            ("has a path behind its host", host.to_owned())
        }
        Some(bucket) => ("has its bucket behind a slash", format!("{bucket}.{host}")),
        None if !names_bucket(host) => ("names no bucket before its host", format!("my-bucket.{host}")),
        None if authority != host => ("has a user before its `@`", host.to_owned()),
        None if scheme != "s3" => ("begins with another scheme than `s3`", host.to_owned()),
        None if rest.contains('/') => ("ends in a slash", host.to_owned()),
        None if rest.contains(['?', '#']) => ("has a query behind its host", host.to_owned()),
        None => return Ok(()),
    };
    Err(RuleError::new(format!(
        "{found}: requests go to the bucket's own host. Write \"s3_endpoint\": \"s3://{written}\""
    )))
}

/// The scheme of an endpoint and what follows it, also where the scheme is not written as one: `s3:/kv`, `s3//kv`.
fn scheme_and_rest(endpoint: &str) -> (&str, &str) {
    if let Some(parts) = endpoint.split_once("://") {
        return parts;
    }
    if let Some((_, bucket)) = endpoint.strip_prefix("arn:").and_then(|name| name.split_once(":::")) {
        return ("s3", bucket);
    }
    let broken = ["s3", "http", "https", "gs"].iter().find_map(|scheme| {
        let rest = endpoint.strip_prefix(scheme)?;
        let after = rest.trim_start_matches([':', '/']);
        (after.len() < rest.len() && !after.is_empty()).then_some((*scheme, after))
    });
    broken.unwrap_or(("s3", endpoint))
}

/// Whether a host may begin with a bucket: AWS's own hosts of a region and addresses do not.
fn names_bucket(host: &str) -> bool {
    let host = host.split(':').next().unwrap_or(host);
    let is_of_a_region = host.starts_with("s3.") || host.starts_with("s3-") && host.contains(".amazonaws.com");
    // A bucket may be called `s3-kv`.
    let names_service = host.split('.').skip(1).any(|label| label == "s3" || label.starts_with("s3-"));
    let is_machine = !host.contains('.') || host.parse::<std::net::IpAddr>().is_ok();
    (!is_of_a_region || names_service) && !is_machine
}

fn aws_host(region: &str) -> String {
    let region = if looks_like_region(region) { region } else { "eu-central-1" };
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("s3.{region}.{domain}")
}

fn region_of_the_endpoint(region: &str, endpoint: &str) -> Result<(), RuleError> {
    let host = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    match region_in(host) {
        Some(named) if named != region && unexpanded(region).is_none() => Err(RuleError::new(format!(
            "is \"{region}\", and the host of `s3_endpoint` is in \"{named}\": requests would be signed for another region. \
             Write \"s3_region\": \"{named}\", or the endpoint of a bucket in \"{region}\""
        ))),
        _ => Ok(()),
    }
}

/// The region that follows the last `s3` of a host, as in `bucket.s3.dualstack.eu-central-1.amazonaws.com` and
/// `bucket.s3-eu-west-1.amazonaws.com`.
fn region_in(host: &str) -> Option<&str> {
    let labels: Vec<&str> = host.split('.').collect();
    let service = labels
        .iter()
        .rposition(|label| *label == "s3" || label.starts_with("s3-") || label.starts_with("s3express-"))?;
    let of_service = labels[service].strip_prefix("s3-").unwrap_or_default();
    let after = labels[service + 1..].iter().copied().find(|label| *label != "dualstack").unwrap_or_default();
    [of_service, after].into_iter().find(|label| looks_like_region(label))
}

/// Whether a name is built like `eu-central-1` and `us-gov-west-1`.
fn looks_like_region(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match parts.as_slice() {
        [area, words @ .., number] => {
            area.len() == 2
                && is_word(area)
                && !words.is_empty()
                && words.iter().all(is_word)
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_in_another_form_is_a_fault_with_the_right_form() {
        for (endpoint, written) in [
            ("s3://my-bucket", "s3://my-bucket.s3.us-east-1.amazonaws.com"),
            ("my-bucket", "s3://my-bucket.s3.us-east-1.amazonaws.com"),
            ("s3://my-bucket/prefix", "s3://my-bucket.s3.us-east-1.amazonaws.com"),
            ("https://minio.local:9000/kv", "s3://kv.minio.local:9000"),
            ("http://localhost:9000/kv/", "s3://kv.localhost:9000"),
            ("https://s3.us-east-1.amazonaws.com/kv", "s3://kv.s3.us-east-1.amazonaws.com"),
            ("s3://kv.s3.us-east-1.amazonaws.com/kv", "s3://kv.s3.us-east-1.amazonaws.com"),
            ("https://kv.s3.us-east-1.amazonaws.com", "s3://kv.s3.us-east-1.amazonaws.com"),
            ("http://minio:9000", "s3://my-bucket.minio:9000"),
            ("https://kv.minio.local?x=1", "s3://kv.minio.local"),
            ("s3.us-east-1.amazonaws.com", "s3://my-bucket.s3.us-east-1.amazonaws.com"),
            ("s3://kv.minio.local/", "s3://kv.minio.local"),
            ("s3://", "s3://my-bucket.s3.us-east-1.amazonaws.com"),
            ("s3:///kv", "s3://kv.s3.us-east-1.amazonaws.com"),
            ("s3:/kv", "s3://kv.s3.us-east-1.amazonaws.com"),
            ("s3//kv/prefix", "s3://kv.s3.us-east-1.amazonaws.com"),
            ("https:/minio:9000/kv", "s3://kv.minio:9000"),
            ("https://", "s3://my-bucket.s3.us-east-1.amazonaws.com"),
            ("https://key:secret@minio:9000/kv", "s3://kv.minio:9000"),
            ("s3://key@kv.minio.local", "s3://kv.minio.local"),
            ("kv.minio.local#x", "s3://kv.minio.local"),
            ("arn:aws:s3:::kv/prefix", "s3://kv.s3.us-east-1.amazonaws.com"),
        ] {
            let told = endpoint_of_a_bucket(endpoint, "us-east-1").map_err(|error| format!("{error:?}"));
            let expected = format!("\\\"s3_endpoint\\\": \\\"{written}\\\"");
            assert!(told.as_ref().is_err_and(|message| message.contains(&expected)), "{endpoint}: {told:?}");
        }
    }

    #[test]
    fn an_endpoint_with_a_bucket_is_accepted() {
        for endpoint in [
            "s3://kv.s3.eu-central-1.amazonaws.com",
            "kv.s3.eu-central-1.amazonaws.com",
            "s3-kv.s3.us-east-1.amazonaws.com",
            "s3://kv.minio.local:9000",
            "kv.nyc3.digitaloceanspaces.com",
            "s3://${BUCKET}",
        ] {
            assert_eq!(endpoint_of_a_bucket(endpoint, "eu-central-1"), Ok(()), "{endpoint}");
        }
    }

    #[test]
    fn the_region_is_found_in_a_host_that_names_one() {
        for (host, region) in [
            ("kv.s3.eu-central-1.amazonaws.com", Some("eu-central-1")),
            ("kv.s3.dualstack.us-west-2.amazonaws.com", Some("us-west-2")),
            ("kv.s3-eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("kv.s3-fips.us-gov-west-1.amazonaws.com", Some("us-gov-west-1")),
            ("kv--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com", Some("us-east-1")),
            ("kv.s3.us-west-004.backblazeb2.com", Some("us-west-004")),
            ("kv.s3.amazonaws.com", None),
            ("eu-central-1.minio.local", None),
            ("kv.minio.local", None),
        ] {
            assert_eq!(region_in(host), region, "{host}");
            let told = region_of_the_endpoint("ap-south-1", &format!("s3://{host}"));
            assert_eq!(told.is_err(), region.is_some(), "{host}");
        }
        assert_eq!(region_of_the_endpoint("eu-west-1", "kv.s3.eu-west-1.amazonaws.com"), Ok(()));
    }
}
