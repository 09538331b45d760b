//! Making tables in a local DynamoDB. In AWS, the template makes them.

use auth::error::StoreError;
use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, StreamSpecification,
        TimeToLiveSpecification,
    },
};

use crate::fault::{has_code, malformed, unavailable};

/// The definition of a table, as in the template. Every key is a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDefinition {
    /// The attribute of the partition key.
    pub partition_key: String,
    /// The attribute of the sort key, if there is one.
    pub sort_key: Option<String>,
    /// The attribute with the Unix time in seconds from which an item may be deleted.
    pub ttl: Option<String>,
    /// What the records of the table's stream contain, such as `NEW_IMAGE`, or `None` if the table has no stream.
    pub stream: Option<String>,
}

impl TableDefinition {
    /// Makes the table, unless a table with this name exists.
    ///
    /// # Errors
    /// If DynamoDB refuses the request or cannot be reached.
    pub async fn create(&self, name: &str, client: &Client) -> Result<(), StoreError> {
        const OPERATION: &str = "create table";
        let keys = [
            (Some(&self.partition_key), KeyType::Hash),
            (self.sort_key.as_ref(), KeyType::Range),
        ];
        let mut request = client
            .create_table()
            .table_name(name)
            .billing_mode(BillingMode::PayPerRequest)
            .set_stream_specification(self.stream_specification(OPERATION)?);
        for (attribute, key_type) in keys.into_iter().filter_map(|(key, kind)| Some((key?, kind))) {
            let key = KeySchemaElement::builder().attribute_name(attribute).key_type(key_type);
            let definition = AttributeDefinition::builder()
                .attribute_name(attribute)
                .attribute_type(ScalarAttributeType::S);
            request = request
                .key_schema(key.build().map_err(|_| malformed(OPERATION))?)
                .attribute_definitions(definition.build().map_err(|_| malformed(OPERATION))?);
        }
        match request.send().await {
            Ok(_) => self.enable_ttl(name, client).await,
            Err(error) if has_code(&error, "ResourceInUseException") => Ok(()),
            Err(error) => Err(unavailable(OPERATION, &error)),
        }
    }

    fn stream_specification(&self, operation: &'static str) -> Result<Option<StreamSpecification>, StoreError> {
        let Some(view) = &self.stream else {
            return Ok(None);
        };
        let specification = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(view.as_str().into());
        specification.build().map(Some).map_err(|_| malformed(operation))
    }

    async fn enable_ttl(&self, name: &str, client: &Client) -> Result<(), StoreError> {
        const OPERATION: &str = "enable ttl";
        let Some(attribute) = &self.ttl else {
            return Ok(());
        };
        let specification = TimeToLiveSpecification::builder()
            .attribute_name(attribute)
            .enabled(true)
            .build()
            .map_err(|_| malformed(OPERATION))?;
        client
            .update_time_to_live()
            .table_name(name)
            .time_to_live_specification(specification)
            .send()
            .await
            .map_err(|error| unavailable(OPERATION, &error))?;
        Ok(())
    }
}
