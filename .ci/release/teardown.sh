#!/bin/sh
# Deletes the stack, and names what outlives it, with the command that ends each. STACK and BUCKET are as in deploy.sh.
set -eu
cd "$(dirname "$0")"
STACK=${STACK:-gatehouse}
region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region)}}
export AWS_DEFAULT_REGION="$region" AWS_PAGER=
account=$(aws sts get-caller-identity --query Account --output text)
BUCKET=${BUCKET:-gatehouse-$account-$region}

# Prints the resources that the template keeps, each with its type and its name in AWS.
kept() {
    awk '/^  [A-Za-z0-9]+:/ { name = $1 } /^    DeletionPolicy: Retain/ { sub(":", "", name); print name }' template.yaml |
        while read -r name; do awk -v name="$name" '$1 == name { print $2, $3 }' "$resources"; done
}

resources=$(mktemp)
trap 'rm -f "$resources"' EXIT
aws cloudformation list-stack-resources --stack-name "$STACK" --output text \
    --query 'StackResourceSummaries[].[LogicalResourceId, ResourceType, PhysicalResourceId]' >"$resources"
echo "This deletes the stack $STACK in account $account, region $region: nobody can log in any more, and the APIs"
echo 'that use its authorizer answer 500. All sessions end, because their keys are deleted. These stay, with their data:'
kept | sed 's/^/  /'
printf 'Type the name of the stack to delete it: '
read -r answer
[ "$answer" = "$STACK" ] || { echo 'Nothing was deleted.'; exit 1; }
left=$(kept)
aws cloudformation delete-stack --stack-name "$STACK"
aws cloudformation wait stack-delete-complete --stack-name "$STACK"

echo 'The stack is deleted. These outlive it. Each command deletes data for ever:'
echo "$left" | while read -r type name; do
    case $type in
    AWS::DynamoDB::Table)
        echo "  aws dynamodb update-table --no-deletion-protection-enabled --table-name $name"
        echo "  aws dynamodb delete-table --table-name $name"
        ;;
    AWS::SecretsManager::Secret) echo "  aws secretsmanager delete-secret --recovery-window-in-days 7 --secret-id $name" ;;
    '') ;;
    *) echo "  $type $name" ;;
    esac
done
aws logs describe-log-groups --log-group-name-prefix "/aws/lambda/$STACK-" --query 'logGroups[].[logGroupName]' --output text |
    while read -r group; do echo "  aws logs delete-log-group --log-group-name $group"; done
echo "  aws s3 rb --force s3://$BUCKET  # unless another stack uses this bucket"
