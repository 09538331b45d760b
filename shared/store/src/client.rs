//! AWS clients and their timeouts. All clients share an HTTPS stack with embedded root certificates.

use std::sync::OnceLock;

use aws_config::{BehaviorVersion, SdkConfig, environment::EnvironmentVariableCredentialsProvider};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::{
    Client,
    config::{Credentials, Region},
};
use aws_sdk_secretsmanager::Client as SecretsManager;
use config::{ConfigError, Environment};

use crate::{Patience, http_client::SharedClient};

/// The configuration of AWS clients: region, credentials and endpoints. A client is made when it is asked for, and
/// connects on its first call.
#[derive(Clone, Debug)]
pub struct Aws {
    config: SdkConfig,
    patience: Patience,
    endpoints: Endpoints,
    /// One client for all secrets, so that they share a connection.
    secrets_manager: OnceLock<SecretsManager>,
}

/// The URLs of services that are not at their region's endpoint.
#[derive(Clone, Debug, Default)]
struct Endpoints {
    dynamodb: Option<String>,
    secrets_manager: Option<String>,
}

impl Aws {
    /// Reads the region, the endpoints and the credentials from environment variables, and from nowhere else. The SDK's
    /// default chain would also look for files, roles and servers, which costs start time and a megabyte of code.
    ///
    /// # Errors
    /// If the environment lacks the region or the credentials.
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        let region = environment.require("AWS_REGION")?;
        // The provider reads these two variables itself, but it would report a missing one only at the first call.
        environment.require("AWS_ACCESS_KEY_ID")?;
        environment.require("AWS_SECRET_ACCESS_KEY")?;
        let credentials = SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new());
        let config = config(Region::new(region.to_owned()), credentials);
        Ok(Self::new(config, Endpoints::from_environment(environment)?))
    }

    /// Returns the clients of an operator, who has their own way to find the region, the credentials and the network.
    ///
    /// # Errors
    /// If no region is configured.
    pub fn for_operator(config: SdkConfig) -> Result<Self, ConfigError> {
        let config = require_region(config)?;
        Ok(Self::new(config, Endpoints::default()).with_patience(Patience::for_operator()))
    }

    /// Returns the configuration for local engines at these URLs, which accept any credentials.
    #[must_use]
    pub fn local(dynamodb: &str, secrets_manager: &str) -> Self {
        let credentials = Credentials::new("local", "local", None, None, "local");
        let config = config(Region::new("local"), SharedCredentialsProvider::new(credentials));
        let endpoints = Endpoints {
            dynamodb: Some(dynamodb.to_owned()),
            secrets_manager: Some(secrets_manager.to_owned()),
        };
        Self::new(config, endpoints)
    }

    const fn new(config: SdkConfig, endpoints: Endpoints) -> Self {
        Self {
            config,
            patience: Patience::for_function(),
            endpoints,
            secrets_manager: OnceLock::new(),
        }
    }

    /// Returns this configuration with other timeouts and retries. Without this call, [`Patience::for_operator`]
    /// applies after [`Self::for_operator`], and [`Patience::for_function`] otherwise.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        let config = self.config.into_builder();
        Self {
            config: config
                .timeout_config(patience.timeouts())
                .retry_config(patience.retries())
                .build(),
            patience,
            endpoints: self.endpoints,
            secrets_manager: OnceLock::new(),
        }
    }

    /// Returns the configuration for the client of a service that this crate does not use, so that only the functions
    /// that use the service link its client. The client has the credentials, timeouts and connections of the others.
    /// Its endpoint is the URL in the environment variable `endpoint`, or else in `AWS_ENDPOINT_URL`, or else that of
    /// the region.
    ///
    /// # Errors
    /// If the variable is not Unicode.
    pub fn service_config(&self, environment: &Environment, endpoint: &str) -> Result<SdkConfig, ConfigError> {
        let mut config = self.config.clone().into_builder();
        config.set_endpoint_url(endpoint_from(environment, endpoint)?);
        Ok(config.build())
    }

    /// Returns a client of DynamoDB, which connects on first use.
    #[must_use]
    pub fn dynamodb(&self) -> Client {
        let mut config = aws_sdk_dynamodb::config::Builder::from(&self.config);
        if let Some(endpoint) = &self.endpoints.dynamodb {
            config.set_endpoint_url(Some(endpoint.clone()));
        }
        Client::from_conf(config.build())
    }

    /// Returns the configuration of a client that calls the same engine as [`Self::dynamodb`]. The local stack makes its
    /// client of DynamoDB Streams from it; no function has one.
    #[must_use]
    pub fn engine_config(&self) -> SdkConfig {
        let mut config = self.config.clone().into_builder();
        config.set_endpoint_url(self.endpoints.dynamodb.clone());
        config.build()
    }

    /// Returns the client of Secrets Manager, which connects on first use. Its calls have their own time limit.
    #[must_use]
    pub fn secrets_manager(&self) -> SecretsManager {
        let make = || {
            let mut config = aws_sdk_secretsmanager::config::Builder::from(&self.config);
            config.set_timeout_config(Some(self.patience.secret_timeouts()));
            if let Some(endpoint) = &self.endpoints.secrets_manager {
                config.set_endpoint_url(Some(endpoint.clone()));
            }
            SecretsManager::from_conf(config.build())
        };
        self.secrets_manager.get_or_init(make).clone()
    }
}

impl Endpoints {
    fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            dynamodb: endpoint_from(environment, "AWS_ENDPOINT_URL_DYNAMODB")?,
            secrets_manager: endpoint_from(environment, "AWS_ENDPOINT_URL_SECRETS_MANAGER")?,
        })
    }
}

/// Returns the endpoint of a service from the service's own variable, or else from `AWS_ENDPOINT_URL`.
fn endpoint_from(environment: &Environment, variable: &str) -> Result<Option<String>, ConfigError> {
    let url = environment.get(variable)?.or(environment.get("AWS_ENDPOINT_URL")?);
    Ok(url.map(str::to_owned))
}

/// Returns the configuration of a function's clients.
fn config(region: Region, credentials: SharedCredentialsProvider) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(region)
        .credentials_provider(credentials)
        .http_client(SharedClient::default())
        .timeout_config(Patience::for_function().timeouts())
        .retry_config(Patience::for_function().retries())
        .build()
}

fn require_region(config: SdkConfig) -> Result<SdkConfig, ConfigError> {
    if config.region().is_none() {
        return Err(ConfigError::new("AWS_REGION", "not set"));
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_variable_is_found_at_start() {
        let all = [
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ];
        assert!(Aws::from_environment(&all.into_iter().collect()).is_ok());

        for (missing, _) in all {
            let rest = all.into_iter().filter(|(name, _)| *name != missing).collect();

            let error = Aws::from_environment(&rest).unwrap_err();

            assert_eq!(error.to_string(), format!("{missing}: not set"));
        }
    }

    #[test]
    fn an_operator_without_a_region_is_told_so() {
        let nowhere = SdkConfig::builder().build();

        let error = require_region(nowhere).unwrap_err();

        assert_eq!(error.to_string(), "AWS_REGION: not set");
    }

    #[test]
    fn the_variable_of_a_service_comes_before_that_of_all() {
        let environment = [
            ("AWS_ENDPOINT_URL", "http://all"),
            ("AWS_ENDPOINT_URL_DYNAMODB", "http://own"),
        ];

        let endpoints = Endpoints::from_environment(&environment.into_iter().collect()).unwrap();

        assert_eq!(endpoints.dynamodb.as_deref(), Some("http://own"));
        assert_eq!(endpoints.secrets_manager.as_deref(), Some("http://all"));
    }
    #[test]
    fn another_service_has_its_own_endpoint() {
        let (own, all) = (
            ("AWS_ENDPOINT_URL_SESV2", "http://own"),
            ("AWS_ENDPOINT_URL", "http://all"),
        );
        let aws = Aws::local("http://dynamodb", "http://secrets");

        for (variables, expected) in [
            (vec![], None),
            (vec![all], Some("http://all")),
            (vec![all, own], Some("http://own")),
        ] {
            let environment = Environment::from_iter(variables);

            let config = aws.service_config(&environment, "AWS_ENDPOINT_URL_SESV2").unwrap();

            assert_eq!(config.endpoint_url(), expected);
            assert!(config.http_client().is_some() && config.credentials_provider().is_some());
            assert_eq!(config.region().map(Region::as_ref), Some("local"));
        }
    }
}
