"""Backups of tables, and their protection against deletion, which DynamoDB Local lacks."""

import json
import time

# What AWS restores of a table besides its items.
RESTORED = ("KeySchema", "AttributeDefinitions")


class Backups:
    """The backups of an account in a region, and the tables that are protected against deletion."""

    def __init__(self, client, place):
        self.client, self.place = client, place
        self.saved, self.protected, self.recoverable = {}, set(), set()

    def answer(self, target, body):
        """Returns status, headers and body of the answer to a call, or `None` if the call is for the engine."""
        service, _, operation = target.partition(".")
        handle = getattr(self, operation, None) if service.startswith("DynamoDB_") else None
        answer = handle(json.loads(body)) if handle else None
        if answer is None:
            return None
        status = 400 if "__type" in answer else 200
        return status, [("content-type", "application/x-amz-json-1.0")], json.dumps(answer, default=str).encode()

    def CreateBackup(self, said):
        name, backup = said["TableName"], said["BackupName"]
        table = self.client.describe_table(TableName=name)["Table"]
        pages = self.client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
        items = [item for page in pages for item in page["Items"]]
        arn = f"arn:aws:dynamodb:{self.place}:table/{name}/backup/{len(self.saved):08}-{backup}"
        self.saved[arn] = ({key: table[key] for key in RESTORED}, items)
        return {"BackupDetails": self.details(arn)}

    def DescribeBackup(self, said):
        return {"BackupDescription": {"BackupDetails": self.details(said["BackupArn"])}}

    def RestoreTableFromBackup(self, said):
        """Makes a table with the items of a backup. As at AWS, it has no stream, no expiry and no protection."""
        schema, items = self.saved[said["BackupArn"]]
        name = said["TargetTableName"]
        if name in self.client.list_tables()["TableNames"]:
            return {"__type": "TableAlreadyExistsException", "message": f"Table already exists: {name}"}
        self.client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **schema)
        for item in items:
            self.client.put_item(TableName=name, Item=item)
        return {"TableDescription": {"TableName": name, "TableStatus": "CREATING"}}

    def UpdateTable(self, said):
        """Changes the protection. The engine makes all other changes."""
        if "DeletionProtectionEnabled" not in said:
            return None
        change = self.protected.add if said["DeletionProtectionEnabled"] else self.protected.discard
        change(said["TableName"])
        return {"TableDescription": {"TableName": said["TableName"], "TableStatus": "ACTIVE"}}

    def UpdateContinuousBackups(self, said):
        self.recoverable.add(said["TableName"])
        return {"ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED"}}

    def DeleteTable(self, said):
        if said["TableName"] not in self.protected:
            return None
        return {"__type": "ValidationException", "message": "Resource cannot be deleted as it is currently protected"}

    def details(self, arn):
        return {
            "BackupArn": arn,
            "BackupName": arn.rpartition("-")[2],
            "BackupStatus": "AVAILABLE",
            "BackupType": "USER",
            "BackupCreationDateTime": int(time.time()),
        }
