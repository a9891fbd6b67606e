#!/usr/bin/env bash
# What the shell is offered: each row is a command line up to where Tab is pressed, and the words.
#   completion.bash FILE
source "$1"
cd / # no file here has a name like the words below
failed=0

offers() { # words of the line, the last one unfinished; "="; the words that are offered
    COMP_WORDS=()
    while [ "$1" != = ]; do
        COMP_WORDS+=("$1")
        shift
    done
    shift
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    _nivactl
    [ "${COMPREPLY[*]}" = "$*" ] && return
    printf '%s: expected "%s", actual "%s"\n' "${COMP_WORDS[*]}" "$*" "${COMPREPLY[*]}" >&2
    failed=1
}

offers nivactl forec = forecast
offers nivactl --lang '' = sv en
offers nivactl settle export 2022-07 --format '' = sie4i csv xlsx
offers nivactl settle '' = export get list void book
offers nivactl settle void --f =
offers nivactl settle export --f = --format
offers nivactl import template --format '' = xlsx csv
offers nivactl import template '' = reports listings contracts indicators
offers nivactl import templ = template
offers nivactl import --kind '' = reports listings contracts indicators
offers nivactl breaches --kind ABSENCE_L = ABSENCE_LATE
offers nivactl dialogue '' = open note answer measure complete
offers nivactl dialogue open --o = --output --officer
offers nivactl dialogue answer --o = --output
offers nivactl dialogue --o = --output --officer
offers nivactl --lang en letter c = communication call
offers nivactl letter receipt --b =
offers nivactl letter communication --b = --by
offers nivactl call niva.compliance.v1.ComplianceService/ListF = niva.compliance.v1.ComplianceService/ListForecasts
offers nivactl decide ID w = waive
offers nivactl forecast --within '' =
exit $failed
