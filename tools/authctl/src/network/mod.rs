//! The connections of an operator, whose network may have a proxy that presents certificates of its own.

mod proxy;
mod web;

use std::path::Path;

use anyhow::Context as _;
use config::Environment;
use connections::{Connections, amazon_roots};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};

use self::proxy::Proxied;
pub(crate) use self::web::{Answer, Web};

/// The variable with the path of further root certificates, as the AWS CLI reads it.
const BUNDLE: &str = "AWS_CA_BUNDLE";

/// Returns connections through the proxy of the environment, to hosts with a certificate of Amazon, of the system, of
/// `AWS_CA_BUNDLE` or of the given authority.
pub(crate) fn connections(authority: Option<&Path>) -> anyhow::Result<Connections> {
    let mut roots = amazon_roots();
    // A system without certificates is not an error, because Amazon's are in the binary.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = Environment::from_process().get(BUNDLE)? {
        roots.add_parsable_certificates(certificates(Path::new(path)).context(BUNDLE)?);
    }
    if let Some(path) = authority {
        roots.add_parsable_certificates(certificates(path)?);
    }
    Ok(Connections::new(Box::new(Proxied::from_environment()), roots))
}

fn certificates(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    read.with_context(|| format!("cannot read the certificates in {}", path.display()))
}
