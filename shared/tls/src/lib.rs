#![doc = include_str!("../README.md")]

use std::sync::Arc;

use rustls::{ClientConfig, Error, RootCertStore, crypto::aws_lc_rs};

/// How clients of HTTPS are set up; cheap, since nothing is read or parsed.
pub fn client_config() -> Result<ClientConfig, Error> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_told_the_name_they_are_called_by_and_spoken_to_in_http_1_1() {
        let config = client_config().unwrap();
        assert_eq!((config.alpn_protocols, config.enable_sni), (vec![b"http/1.1".to_vec()], true));
    }
}
