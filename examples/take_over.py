"""Makes the files with which CloudFormation takes over the tables and the factor key that a deleted stack has left.

take_over.py STACK FACTOR_KEY writes take-over-template.json and take-over-resources.json into the present folder.
FACTOR_KEY is the ARN of the secret. Needs the AWS CLI.
"""

import json
import subprocess
import sys

# The tables of `template.yaml` that outlive the stack: the logical id, and what follows the name of the stack.
TABLES = {
    "UsersTable": "users",
    "CredentialsTable": "credentials",
    "FactorsTable": "factors",
    "DeletionsTable": "deletions",
    "RefreshTokensTable": "sessions",
    "AuthorizerFeed": "feed",
    "PublicKeysTable": "public-keys",
    "FeedSnapshotsTable": "feed-snapshots",
}

# The properties of `FactorKey` in `template.yaml`. CloudFormation would make another key if the next deployment changed
# how the key is generated.
FACTOR_KEY = {
    "GenerateSecretString": {
        "SecretStringTemplate": "{}",
        "GenerateStringKey": "current",
        "PasswordLength": 64,
        "ExcludePunctuation": True,
    }
}


def main(stack, factor_key):
    existing = set(aws("dynamodb", "list-tables")["TableNames"])
    resources, identifiers = {}, []

    def take(logical, kind, identifier, properties):
        resources[logical] = {"Type": kind, "DeletionPolicy": "Retain", "Properties": properties}
        identifiers.append({"ResourceType": kind, "LogicalResourceId": logical, "ResourceIdentifier": identifier})

    for logical, suffix in TABLES.items():
        name = f"{stack}-{suffix}"
        if name in existing:
            take(logical, "AWS::DynamoDB::Table", {"TableName": name}, properties_of(name))
    take("FactorKey", "AWS::SecretsManager::Secret", {"Id": factor_key}, FACTOR_KEY)
    write("take-over-template.json", {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})
    write("take-over-resources.json", identifiers)
    print(f"{len(resources)} resources: {', '.join(resources)}")


def properties_of(name):
    """Returns the properties of a table that an import needs. The next deployment sets the others."""
    described = aws("dynamodb", "describe-table", "--table-name", name)["Table"]
    keys = {key: described[key] for key in ("KeySchema", "AttributeDefinitions")}
    return {"TableName": name, "BillingMode": "PAY_PER_REQUEST", **keys}


def aws(*arguments):
    command = ["aws", *arguments, "--output", "json"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def write(name, value):
    with open(name, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=2)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
