//! The credentials chain of the AWS SDKs, for programs that outlive a profile file.

use std::sync::{Arc, Mutex, PoisonError};

use aws_config::Region;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_credential_types::provider::{ProvideCredentials, future};

use super::profile_files::ProfileFiles;

/// The chain, built anew if the profile files have changed. `aws-config` reads them once in the life of a chain, so that a profile which
/// another program rewrites would stay expired.
///
/// Everything else that rotates on disk (SSO tokens, web identity tokens, authorization tokens of containers) is read by the chain each time.
/// An unchanged chain is kept, because it holds sessions and the last credentials of the instance metadata service.
#[derive(Debug)]
pub(crate) struct CredentialsChain {
    profile: Option<String>,
    region: Option<Region>,
    built: Mutex<Option<(ProfileFiles, Arc<DefaultCredentialsChain>)>>,
}

impl CredentialsChain {
    /// `profile` overrides `AWS_PROFILE`. Without `region`, each chain looks it up in the environment.
    pub(crate) fn new(profile: Option<&str>, region: Option<Region>) -> Self {
        Self {
            profile: profile.map(str::to_owned),
            region,
            built: Mutex::default(),
        }
    }

    /// Returns the chain if it was built with these files.
    fn built(&self, files: ProfileFiles) -> Option<Arc<DefaultCredentialsChain>> {
        let built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        let (read, chain) = built.as_ref()?;
        (*read == files).then(|| Arc::clone(chain))
    }

    async fn current(&self) -> Arc<DefaultCredentialsChain> {
        let files = ProfileFiles::now();
        if let Some(chain) = self.built(files) {
            return chain;
        }
        let mut builder = DefaultCredentialsChain::builder();
        if let Some(profile) = &self.profile {
            builder = builder.profile_name(profile);
        }
        builder.set_region(self.region.clone());
        let chain = Arc::new(builder.build().await);
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        *built = Some((files, Arc::clone(&chain)));
        chain
    }
}

impl ProvideCredentials for CredentialsChain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(
            async move { self.current().await.provide_credentials().await },
        )
    }
}
