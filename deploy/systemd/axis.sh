#!/bin/sh
# Every command of the axis as the account that owns its files; who called sudo stays on the record.
export AXIS_CONFIG="${AXIS_CONFIG:-/etc/axis/axis.toml}"
[ "$(id -un)" = axis ] && exec /opt/axis/bin/axis "$@"
exec sudo --preserve-env=AXIS_CONFIG,LANG,LC_ALL -u axis /opt/axis/bin/axis "$@"
