#!/usr/bin/env bash
# The contract keeps what it has promised: `buf breaking` against proto/baseline.binpb. That this can fail is seen on a
# copy: a field that is added is no break, every other edit below is told by its name.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd -P)
buf=$root/proto/node_modules/.bin/buf
baseline=$root/proto/baseline.binpb
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

cd "$root/proto"
"$buf" breaking --against "$baseline"

# Each edit of a file under niva/, and what must be said of it; nothing: it must be allowed.
edits=(
    'compliance/v1/compliance.proto|/^message Breach {/a string more = 900;|'
    'compliance/v1/compliance.proto|s/string breach_id = 1;/string breach_id = 901;/|field "1" with name "breach_id" on message "Breach" was deleted'
    'compliance/v1/compliance.proto|s/int32 version = 14;/int64 version = 14;/|Field "14" with name "version" on message "Breach" changed type'
    'compliance/v1/compliance.proto|s/string returns_from = 10;/string returned_from = 10;/|Field "10" on message "Breach" changed name'
    'compliance/v1/compliance.proto|/string case_officer = 11;/d|field "11" with name "case_officer" on message "Breach" was deleted'
    'compliance/v1/compliance.proto|s/MERGED = 4;/MERGED = 904;/|enum value "4" on enum "State" was deleted'
    'compliance/v1/compliance.proto|/rpc GetBusinessDay/d|RPC "GetBusinessDay" on service "ComplianceService" was deleted'
    'compliance/v1/events.proto|/^message BreachMerged {/,/^}/d|message "BreachMerged" was deleted'
)
cp -r --parents buf.yaml $(find niva google io -name '*.proto') "$copy"
cd "$copy"
for edit in "${edits[@]}"; do
    IFS='|' read -r file sed _ <<<"$edit"
    cp "niva/$file" before
    sed -i "$sed" "niva/$file"
    if cmp -s before "niva/$file"; then
        echo "$file: $sed changes nothing" >&2
        exit 1
    fi
done
"$buf" build
if "$buf" breaking --against "$baseline" >said; then
    echo "The copy was expected to be refused." >&2
    exit 1
fi
wrong=0
for edit in "${edits[@]}"; do
    IFS='|' read -r file sed words <<<"$edit"
    grep -qF "$words" said && continue
    echo "$file: $sed: expected to be told: $words" >&2
    wrong=1
done
if grep -F '"more"' said; then
    echo "A field that is added was expected to be allowed." >&2
    wrong=1
fi
[ "$wrong" = 0 ] || cat said >&2
exit "$wrong"
