//! An authorizer in the shape of AWS's blueprint, as it is usually written in Rust: the typed event of
//! `aws_lambda_events`, `jsonwebtoken` with `aws_lc_rs`, a simple response, and the log of `lambda_runtime`. Its key is
//! in the environment.

use aws_lambda_events::event::apigw::{
    ApiGatewayV2CustomAuthorizerSimpleResponse, ApiGatewayV2CustomAuthorizerV2Request,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use lambda_runtime::{Error, LambdaEvent, service_fn, tracing};
use serde::{Deserialize, Serialize};

/// The claims that are passed on to the API.
#[derive(Debug, Deserialize, Serialize)]
struct Claims {
    sub: String,
    scope: String,
    role: String,
    exp: u64,
}

/// The keys and the rules that a token is checked with.
struct Authorizer {
    keys: Vec<(Option<String>, DecodingKey)>,
    validation: Validation,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let authorizer = &Authorizer::read()?;
    lambda_runtime::run(service_fn(
        |event: LambdaEvent<ApiGatewayV2CustomAuthorizerV2Request>| async move { authorizer.answer(&event.payload) },
    ))
    .await
}

impl Authorizer {
    fn read() -> Result<Self, Error> {
        let (algorithm, keys) = if let Ok(secret) = std::env::var("SECRET") {
            (Algorithm::HS256, vec![(None, DecodingKey::from_base64_secret(&secret)?)])
        } else {
            let set: JwkSet = serde_json::from_str(&std::env::var("JWKS")?)?;
            let algorithm = std::env::var("ALGORITHM")?.parse()?;
            let keys = set
                .keys
                .iter()
                .map(|jwk| Ok((jwk.common.key_id.clone(), DecodingKey::from_jwk(jwk)?)));
            (algorithm, keys.collect::<Result<_, Error>>()?)
        };
        let mut validation = Validation::new(algorithm);
        validation.set_audience(&[std::env::var("AUDIENCE")?]);
        validation.set_issuer(&[std::env::var("ISSUER")?]);
        Ok(Self { keys, validation })
    }

    fn answer(
        &self,
        event: &ApiGatewayV2CustomAuthorizerV2Request,
    ) -> Result<ApiGatewayV2CustomAuthorizerSimpleResponse<Option<Claims>>, Error> {
        let header = event.headers.get("authorization").and_then(|value| value.to_str().ok());
        let claims = header
            .and_then(|header| header.strip_prefix("Bearer "))
            .and_then(|token| self.claims(token));
        let mut response = ApiGatewayV2CustomAuthorizerSimpleResponse::default();
        response.is_authorized = claims.is_some();
        response.context = claims;
        Ok(response)
    }

    fn claims(&self, token: &str) -> Option<Claims> {
        let kid = decode_header(token).ok()?.kid;
        let (_, key) = self.keys.iter().find(|(id, _)| id.is_none() || *id == kid)?;
        Some(decode(token, key, &self.validation).ok()?.claims)
    }
}

