#!/usr/bin/env bash
# The contract is clean by `buf lint`.
set -euo pipefail
cd "$(dirname "$0")/../../proto"
exec node_modules/.bin/buf lint
