//! A function that does nothing, without the default features of `lambda_runtime`.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json, value::RawValue};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(answer)).await
}

async fn answer(_: LambdaEvent<Box<RawValue>>) -> Result<Value, Error> {
    Ok(json!({"isAuthorized": true, "context": {}}))
}
