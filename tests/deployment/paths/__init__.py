"""What users, their APIs and operators do in a stack, in the order of a day."""
