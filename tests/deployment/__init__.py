"""Deploys the template to an AWS on this machine, and runs every function in that stack."""
