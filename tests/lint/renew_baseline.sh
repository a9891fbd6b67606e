#!/usr/bin/env bash
# Renews proto/baseline.binpb from the protos, so that what was added since is guarded too. Refuses where something that
# the present baseline promises would be broken: that needs a new package (v2), never a new baseline.
set -euo pipefail
cd "$(dirname "$0")/../../proto"
buf=node_modules/.bin/buf
[ ! -f baseline.binpb ] || "$buf" breaking --against baseline.binpb
"$buf" build --exclude-source-info --output baseline.binpb
