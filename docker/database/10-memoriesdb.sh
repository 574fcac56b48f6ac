#!/bin/sh
# Run once by the entry point of the postgres image, while the new server listens on its socket only.
set -eu
exec memoriesdb-setup
