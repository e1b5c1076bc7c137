#!/bin/sh
# The smaller program for a jump host or a container, in target/small: without the desktop's clipboard, and with only those
# parts of SQLite that are used. Further words go to cargo (--target x86_64-unknown-linux-musl).
#
# Its addresses are written in the short form that glibc reads since 2.36 (2022), musl since 1.2.4: a megabyte. For an older
# system (RHEL 9, Ubuntu 22.04): OLD_LOADER=1 contrib/small.sh
set -eu
cd "$(dirname "$0")/.."
LIBSQLITE3_FLAGS="-USQLITE_ENABLE_FTS3 -USQLITE_ENABLE_FTS3_PARENTHESIS -USQLITE_ENABLE_FTS5 -USQLITE_ENABLE_RTREE \
-USQLITE_ENABLE_STAT4 -USQLITE_ENABLE_DBSTAT_VTAB -USQLITE_ENABLE_LOAD_EXTENSION -DSQLITE_OMIT_LOAD_EXTENSION -USQLITE_SOUNDEX"
export LIBSQLITE3_FLAGS
if [ -z "${OLD_LOADER:-}" ]; then
  RUSTFLAGS="${RUSTFLAGS:-} -C link-arg=-Wl,-z,pack-relative-relocs"
  export RUSTFLAGS
fi
exec cargo build --profile small --no-default-features "$@"
