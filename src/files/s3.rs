//! Which S3-compatible object store keeps the files, as the operator's settings name it. Never prints the
//! secret.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::client::HttpConnector;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ObjectStore, RetryConfig};
use url::{Host, Url};

/// How often a request is sent again, and for how long: an upload waits for it.
const MAX_RETRIES: usize = 3;
const RETRY_TIMEOUT: Duration = Duration::from_secs(15);
const MAX_BACKOFF: Duration = Duration::from_secs(2);

/// A bucket, or a part of one.
#[derive(Clone, PartialEq, Eq)]
pub struct S3Location {
    /// `s3://BUCKET/PREFIX`
    pub url: String,
    /// Empty for Amazon's own.
    pub endpoint: String,
    pub region: String,
    pub key_id: String,
    pub secret: String,
    /// Whether `endpoint` may be http on another machine.
    pub allow_http: bool,
}

impl fmt::Debug for S3Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S3Location({} at {:?})", self.url, self.endpoint)
    }
}

impl S3Location {
    /// Checks everything that can be checked without a connection; the text says what to fix.
    pub fn check(&self) -> Result<(), String> {
        self.bucket_and_prefix()?;
        if self.key_id.is_empty() || self.secret.is_empty() {
            return Err(
                "media.url names an S3 bucket: also set media.key_id and media.secret, preferably in the environment as REJOINDER_MEDIA__KEY_ID and REJOINDER_MEDIA__SECRET"
                    .to_owned(),
            );
        }
        if self.region.is_empty() {
            return Err("media.region must not be empty".to_owned());
        }
        self.check_endpoint()
    }

    fn check_endpoint(&self) -> Result<(), String> {
        if self.endpoint.is_empty() {
            return Ok(());
        }
        let wanted = "media.endpoint must be the web address of an S3 service, such as https://s3.example.org";
        let url = Url::parse(&self.endpoint)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .filter(|url| url.username().is_empty() && url.password().is_none())
            .filter(|url| url.query().is_none() && url.fragment().is_none())
            .ok_or_else(|| wanted.to_owned())?;
        let is_local = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        match url.scheme() == "https" || is_local || self.allow_http {
            true => Ok(()),
            false => Err(
                "media.endpoint is not https: files would be sent unencrypted. If its network is safe, set media.allow_http = true"
                    .to_owned(),
            ),
        }
    }

    fn bucket_and_prefix(&self) -> Result<(String, String), String> {
        let wanted =
            "media.url must name a bucket and perhaps a folder in it, such as s3://bucket/folder";
        let rest = self.url.strip_prefix("s3://").ok_or(wanted)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let is_name = |text: &str| {
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
        };
        let prefix = prefix.trim_end_matches('/');
        let is_path = prefix.is_empty()
            || prefix
                .split('/')
                .all(|part| !part.is_empty() && part != "." && part != ".." && is_name(part));
        if bucket.is_empty() || !is_name(bucket) || !is_path {
            return Err(wanted.to_owned());
        }
        Ok((bucket.to_owned(), prefix.to_owned()))
    }

    /// The store, which connects with the first request.
    pub(super) fn open(
        &self,
        connector: impl HttpConnector,
    ) -> Result<Arc<dyn ObjectStore>, String> {
        self.check()?;
        let (bucket, prefix) = self.bucket_and_prefix()?;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(&self.region)
            .with_access_key_id(&self.key_id)
            .with_secret_access_key(&self.secret)
            .with_allow_http(true)
            // Not every service knows deletion in bulk.
            .with_disable_bulk_delete(true)
            .with_http_connector(connector)
            .with_retry(RetryConfig {
                backoff: BackoffConfig {
                    max_backoff: MAX_BACKOFF,
                    ..BackoffConfig::default()
                },
                max_retries: MAX_RETRIES,
                retry_timeout: RETRY_TIMEOUT,
            });
        if !self.endpoint.is_empty() {
            builder = builder.with_endpoint(&self.endpoint);
        }
        let store = builder
            .build()
            .map_err(|error| format!("the S3 settings under [media] cannot be used: {error}"))?;
        Ok(match prefix.as_str() {
            "" => Arc::new(store),
            prefix => Arc::new(PrefixStore::new(store, prefix)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(url: &str, endpoint: &str) -> S3Location {
        S3Location {
            url: url.to_owned(),
            endpoint: endpoint.to_owned(),
            region: "eu-central-1".to_owned(),
            key_id: "id".to_owned(),
            secret: "hidden-secret".to_owned(),
            allow_http: false,
        }
    }

    #[test]
    fn a_bucket_may_have_a_folder() {
        for (url, bucket, prefix) in [
            ("s3://news", "news", ""),
            ("s3://news/", "news", ""),
            ("s3://news/media/2026/", "news", "media/2026"),
        ] {
            let parts = location(url, "").bucket_and_prefix().unwrap();
            assert_eq!(parts, (bucket.to_owned(), prefix.to_owned()), "{url}");
        }
        for url in [
            "",
            "news",
            "s3://",
            "s3:///media",
            "s3://news//media",
            "s3://news/../other",
            "s3://id:secret@news",
            "https://news",
            "s3://news?x",
        ] {
            assert!(location(url, "").check().is_err(), "{url}");
        }
    }

    #[test]
    fn an_unencrypted_endpoint_is_local_or_asked_for() {
        for endpoint in [
            "",
            "https://s3.example.org",
            "http://127.0.0.1:9000",
            "http://localhost:9000",
            "http://[::1]:9000",
        ] {
            let found = location("s3://news", endpoint).check();
            assert_eq!(found, Ok(()), "{endpoint}");
        }
        for endpoint in [
            "http://s3.example.org",
            "http://10.0.0.1",
            "ftp://x",
            "s3.example.org",
            "https://id:secret@s3.example.org",
        ] {
            let found = location("s3://news", endpoint).check();
            assert!(found.is_err(), "{endpoint}");
        }
        let asked = S3Location {
            allow_http: true,
            ..location("s3://news", "http://10.0.0.1")
        };
        assert_eq!(asked.check(), Ok(()));
    }

    #[test]
    fn the_secret_is_needed_and_never_printed() {
        let without = S3Location {
            secret: String::new(),
            ..location("s3://news", "")
        };
        assert!(without.check().unwrap_err().contains("media.secret"));
        assert!(!format!("{:?}", location("s3://news", "")).contains("hidden-secret"));
    }
}
