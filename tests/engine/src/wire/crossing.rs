//! The operations on tables in the calls that a wire carries.

use serde_json::{Value, json};

/// One operation on one table, as part of a function's call to the engine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Crossing {
    /// The name of the function.
    pub function: String,
    /// The name of the operation, such as `GetItem`.
    pub operation: String,
    /// The name of the table.
    pub table: String,
}

/// Returns whether this is the call with which a function prepares itself for requests. It asks for a user that does not
/// exist, as `authctl` does to read the engine's clock.
pub(super) fn is_preparation(head: &hyper::http::request::Parts, body: &[u8]) -> bool {
    let body: Value = serde_json::from_slice(body).unwrap();
    body["Key"] == json!({"user_id": {"S": "-"}}) && head.uri.path().trim_matches('/') != "authctl"
}

/// Returns the operations of a call. A batch has one for each table. A transaction has one for each write, because each
/// write needs the permission for its own operation.
pub(super) fn crossings(head: &hyper::http::request::Parts, body: &[u8]) -> Vec<Crossing> {
    let target = head.headers.get("x-amz-target").unwrap().to_str().unwrap();
    let operation = target.split('.').next_back().unwrap();
    let body: Value = serde_json::from_slice(body).unwrap();
    let crossing = |operation: String, item: &Value| Crossing {
        function: head.uri.path().trim_matches('/').to_owned(),
        operation,
        table: item["TableName"].as_str().unwrap().to_owned(),
    };
    if let Some(tables) = body["RequestItems"].as_object() {
        let tables = tables.keys().map(|table| json!({"TableName": table}));
        return tables.map(|table| crossing(operation.to_owned(), &table)).collect();
    }
    match body["TransactItems"].as_array() {
        None => vec![crossing(operation.to_owned(), &body)],
        Some(items) => {
            let writes = items.iter().flat_map(|item| item.as_object().unwrap());
            writes
                .map(|(write, item)| crossing(format!("{write}Item"), item))
                .collect()
        }
    }
}
