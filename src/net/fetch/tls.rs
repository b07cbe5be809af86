//! The TLS settings of all requests that this server makes, with the system's root certificates. Never resumes a session, so
//! that no site recognises this server by one.

use std::sync::{Arc, OnceLock};

use rustls::ClientConfig;

use crate::net::fetch::error::FetchError;

/// The settings, read once for the process because reading the certificates takes a while.
pub(in crate::net) fn client_config() -> Result<ClientConfig, FetchError> {
    static CONFIG: OnceLock<ClientConfig> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(config.clone());
    }
    let config = build_client_config()?;
    Ok(CONFIG.get_or_init(|| config).clone())
}

fn build_client_config() -> Result<ClientConfig, FetchError> {
    // Named here and not installed for the whole process, which can be done only once.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(FetchError::setup)?;
    let mut config = match rustls_platform_verifier::Verifier::new(provider) {
        Ok(verifier) => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth(),
        Err(error) => {
            // Trusting nobody keeps the rest working: each https fetch fails, nothing else.
            tracing::warn!(%error, "no root certificates found, so no https URL can be fetched");
            builder
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.resumption = rustls::client::Resumption::disabled();
    Ok(config)
}
