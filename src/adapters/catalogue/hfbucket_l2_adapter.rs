//! `hfbucket`: keeps KV chunks in a bucket of the Hugging Face hub. Configuration only.

use std::{fmt, path::PathBuf};

use crate::{BLANK, CommonConfig, L2AdapterConfig, RuleError, Secret, schema::unexpanded};

/// Keeps KV chunks in a bucket of the Hugging Face hub.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "hfbucket")]
#[config(also_known_as = ["hugging_face", "hf", "hf_hub"])]
#[config(warning(
    name = "name_of_a_variable",
    doc = "`token_env` is the name of an environment variable, and not the token.",
    reads(token_env),
    check = name_of_a_variable,
))]
pub struct HfBucketL2AdapterConfig {
    /// The bucket, and optionally a prefix: `hf://buckets/<namespace>/<bucket>[/<prefix>]`.
    #[config(required, parse_with = HfBucketHandle::parse, write_with = HfBucketHandle::to_string)]
    #[config(example = "hf://buckets/my-team/kv-chunks/llama")]
    #[config(also_known_as = ["bucket", "repo", "repo_id", "bucket_name"])]
    pub bucket_handle: HfBucketHandle,
    /// The environment variable that holds the access token.
    #[config(default = "HF_TOKEN", not_blank)]
    pub token_env: String,
    /// The access token, used if that variable is not set.
    #[config(secret)]
    #[config(also_known_as = ["hf_token", "api_key", "access_token"])]
    pub token: Option<Secret<String>>,
    /// Whether the bucket is created when the first chunk is stored.
    #[config(default = false)]
    pub create_bucket_if_missing: bool,
    /// A directory for files that are being loaded.
    #[config(default_with = download_tmp_dir, min_length = 1, access = create, example = "/path/to/download-tmp-dir")]
    #[config(default_doc = "`lmcache-hfbucket-mp` in the machine's directory for temporary files")]
    pub download_tmp_dir: PathBuf,
    /// How long the size of a stored file is cached.
    #[config(default = 30.0, min = 0.0, unit = seconds)]
    pub metadata_cache_ttl_secs: f64,
    /// Threads that read and write.
    #[config(default = 4, min = 1)]
    pub num_workers: u32,
    /// The capacity for `eviction`. 0: unknown, and `eviction` never begins.
    #[config(default = 0.0, min = 0.0, unit = gib)]
    pub max_capacity_gb: f64,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

/// The place of chunks in the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HfBucketHandle {
    /// Whose bucket it is.
    pub namespace: String,
    /// The bucket's name.
    pub bucket: String,
    /// The prefix of all file names; may be empty.
    pub prefix: String,
}

impl HfBucketHandle {
    const SCHEME: &str = "hf://buckets/";

    /// Reads a handle as LMCache does: white space around it is dropped, and so are empty parts.
    fn parse(handle: String) -> Result<Self, RuleError> {
        let path = handle
            .trim_matches(BLANK)
            .strip_prefix(Self::SCHEME)
            .ok_or_else(|| RuleError::new(format!("must begin with \"{}\"{}", Self::SCHEME, instead(&handle))))?;
        let mut parts = path.split('/').filter(|part| !part.is_empty()).map(str::to_owned);
        match (parts.next(), parts.next()) {
            (Some(namespace), Some(bucket)) => {
                Ok(Self { namespace, bucket, prefix: parts.collect::<Vec<_>>().join("/") })
            }
            _ => Err(RuleError::new("must name a namespace and a bucket: hf://buckets/<namespace>/<bucket>")),
        }
    }
}

/// What to write for another form of a handle: the address of a page, or a scheme that is not whole.
fn instead(handle: &str) -> String {
    let trimmed = handle.trim_matches(BLANK);
    let rest = trimmed.split_once("://").map_or(trimmed, |(_, rest)| rest);
    let page = ["huggingface.co/", "www.huggingface.co/", "hf.co/"].iter().find_map(|host| rest.strip_prefix(host));
    let path = page.unwrap_or(rest).trim_start_matches('/');
    let path = path.strip_prefix("buckets/").unwrap_or(path).split(['?', '#']).next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let is_part = |part: &&str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if parts.len() < 2 || !parts.iter().all(is_part) {
        return String::new();
    }
    format!(": write \"{}{}\"", HfBucketHandle::SCHEME, parts.join("/"))
}

impl fmt::Display for HfBucketHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}/{}", Self::SCHEME, self.namespace, self.bucket)?;
        if self.prefix.is_empty() { Ok(()) } else { write!(formatter, "/{}", self.prefix) }
    }
}

/// LMCache asks the environment for the variable, and finds none by any other text. The message shows nothing of it: it may be the
/// token.
fn name_of_a_variable(token_env: &str) -> Result<(), RuleError> {
    let is_name = |text: &str| {
        !text.starts_with(|first: char| first.is_ascii_digit())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if token_env.starts_with("hf_") {
        return Err(RuleError::fixed(
            "looks like a token, and is the name of the variable that has it: write \"HF_TOKEN\", or the token as `token`",
        ));
    }
    if is_name(token_env) || unexpanded(token_env).is_some() {
        return Ok(());
    }
    Err(RuleError::fixed("is not the name of an environment variable: write one such as \"HF_TOKEN\""))
}

fn download_tmp_dir() -> PathBuf {
    std::env::temp_dir().join("lmcache-hfbucket-mp")
}

#[cfg(test)]
mod tests {
    use super::HfBucketHandle;

    #[test]
    fn another_form_of_a_handle_gets_the_handle_that_was_meant() {
        for (written, handle) in [
            ("a/b", "hf://buckets/a/b"),
            ("hf://a/b/c", "hf://buckets/a/b/c"),
            ("hf:/buckets/a", ""),
            ("HF://buckets/a/b", "hf://buckets/a/b"),
            ("https://huggingface.co/buckets/a/b/?x=1", "hf://buckets/a/b"),
            ("b", ""),
            ("a b/c", ""),
        ] {
            let error = format!("{:?}", HfBucketHandle::parse(written.to_owned()));
            let expected =
                if handle.is_empty() { "hf://buckets/\\\"\"".to_owned() } else { format!("write \\\"{handle}\\\"\"") };
            assert!(error.contains(&expected), "{written}: {error}");
        }
    }
}
