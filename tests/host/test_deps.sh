#!/bin/sh
# deps/fetch and deps/mirrors, against a package mirror in a directory: no network, no root. Prints TAP.
# shellcheck disable=SC2317 # the tests are called by the names that the loop at the end finds
set -eu

repo=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset LWIP_DIR MICROPYTHON_DIR

mirror=$work/mirror
tarball=pool/main/l/lwip/lwip_9.orig.tar.xz
export XDG_CACHE_HOME="$work/cache"
cache=$XDG_CACHE_HOME/baresock
fetch=$work/deps/fetch

# A mirror with one tarball, an apt configuration that names it, and a copy of deps/ that asks for it.
set_up() {
  rm -rf "${work:?}"/*
  mkdir -p "$work/deps" "$work/lwip-9/src" "$mirror/${tarball%/*}" "$work/etc/apt/sources.list.d" "$work/etc/apt/apt.conf.d"
  echo one > "$work/lwip-9/README"
  tar -cJf "$mirror/$tarball" -C "$work" lwip-9
  cp "$repo/deps/fetch" "$repo/deps/mirrors" "$work/deps/"
  lock "$(sha256sum < "$mirror/$tarball" | cut -d' ' -f1)"
  echo "Dir \"$work\"; Dir::State::status \"/dev/null\";" > "$work/apt.conf"
  export APT_CONFIG="$work/apt.conf"
  echo "deb [arch=all trusted=yes] file:$mirror stable main" > "$work/etc/apt/sources.list"
}

lock() {
  echo "lwip 9 $1 $tarball BSD TCP" > "$work/deps/lock"
}

# The sources that mirrors reads: $1 as sources.list, $2 as a deb822 file.
sources() {
  printf '%b' "$1" > "$work/etc/apt/sources.list"
  printf '%b' "$2" > "$work/etc/apt/sources.list.d/debian.sources"
}

expect() {
  [ "$1" = "$2" ] || { echo "expected: $2"; echo "but got:  $1"; return 1; }
}

# The command fails with one line that contains $1, and leaves nothing unfinished.
expect_refusal() {
  words=$1
  shift
  ! message=$("$@" 2>&1 > /dev/null) || { echo "$* succeeded"; return 1; }
  expect "$(echo "$message" | wc -l)" 1 || return 1
  case $message in *"$words"*) ;; *) expect "$message" "$words" || return 1 ;; esac
  expect "$(find "$cache" -name 'tmp.*' 2> /dev/null)" ''
}

test_fetch_cold_cache_unpacks_at_path() {
  "$fetch" lwip
  expect "$(cat "$("$fetch" --path lwip)/README")" one
}

test_fetch_warm_cache_needs_no_mirror() {
  "$fetch"
  rm -r "$mirror"
  expect "$("$fetch" 2>&1)" ''
}

test_fetch_tarball_put_into_cache_needs_no_mirror() {
  mkdir -p "$cache"
  mv "$mirror/$tarball" "$cache/"
  expect "$("$fetch" 2>&1)" ''
}

test_fetch_wrong_sum_is_refused_with_both_sums() {
  wrong=$(echo wrong | sha256sum | cut -d' ' -f1)
  right=$(sha256sum < "$mirror/$tarball" | cut -d' ' -f1)
  lock "$wrong"
  expect_refusal "$right where deps/lock says $wrong" "$fetch"
  expect "$(ls "$cache")" ''
}

test_fetch_damaged_tarball_in_cache_is_fetched_anew() {
  mkdir -p "$cache"
  echo damaged > "$cache/${tarball##*/}"
  "$fetch"
  expect "$(cat "$("$fetch" --path lwip)/README")" one
}

test_fetch_no_mirror_has_it_says_what_to_do() {
  rm "$mirror/$tarball"
  expect_refusal 'put that file into' "$fetch"
}

test_fetch_cache_not_writable_says_what_to_do() {
  : > "$work/file"
  XDG_CACHE_HOME=$work/file expect_refusal 'set XDG_CACHE_HOME' "$fetch"
}

test_fetch_unknown_name_is_refused() {
  expect_refusal 'name one of lwip' "$fetch" openssl
  expect_refusal 'name one of lwip' "$fetch" --path openssl
}

test_fetch_own_checkout_is_used_as_it_is() {
  rm -r "$mirror"
  mkdir "$work/mine"
  LWIP_DIR=$work/mine "$fetch"
  expect "$(LWIP_DIR=$work/mine "$fetch" --path lwip)" "$work/mine"
  expect "$(find "$work" -name cache)" ''
}

test_fetch_own_checkout_missing_is_refused() {
  LWIP_DIR=$work/nowhere expect_refusal 'is no directory' "$fetch"
}

patch_readme() {
  mkdir -p "$work/deps/patches/lwip"
  printf -- '--- a/README\n+++ b/README\n@@ -1 +1 @@\n-%s\n+%s\n' "$1" "$2" > "$work/deps/patches/lwip/readme.patch"
}

test_fetch_changed_patch_makes_a_new_tree() {
  "$fetch"
  before=$("$fetch" --path lwip)
  patch_readme one two
  "$fetch"
  expect "$(cat "$("$fetch" --path lwip)/README")" two
  patch_readme one three
  "$fetch"
  expect "$(cat "$("$fetch" --path lwip)/README")" three
  expect "$(cat "$before/README")" one
}

test_fetch_patch_that_does_not_apply_is_refused() {
  patch_readme four two
  expect_refusal 'does not apply' "$fetch"
  expect "$(find "$cache" -name README)" ''
}

test_fetch_many_at_once_all_succeed() {
  running=
  for _ in 1 2 3 4 5 6; do
    "$fetch" > /dev/null &
    running="$running $!"
  done
  for one in $running; do
    wait "$one"
  done
  expect "$(find "$cache" -mindepth 1 -maxdepth 1 | wc -l)" 2
}

test_mirrors_classic_form() {
  sources '# deb http://no stable main\ndeb-src http://no stable main\ndeb [a=b c=d] http://one/debian/ stable contrib main
deb http://no stable-updates main\ndeb http://no stable contrib\n' ''
  expect "$("$work/deps/mirrors")" http://one/debian
}

test_mirrors_deb822_form() {
  sources '' 'Types: deb\nURIs: http://no\nSuites: stable\nComponents: main\nEnabled: no\n
Types: deb deb-src\n# URIs: http://no\nURIs: http://one\n http://two\nSuites: stable-updates stable\nComponents: main contrib\n
Types: deb-src\nURIs: http://no\nSuites: stable\nComponents: main\n
Types: deb\nURIs: http://one\nSuites: stable\nComponents: main'
  expect "$("$work/deps/mirrors" | paste -sd' ')" 'http://one http://two'
}

test_mirrors_list_in_a_file() {
  echo "http://one/debian  priority:1" > "$work/list"
  sources '' "Types: deb\nURIs: mirror+file://$work/list\nSuites: stable\nComponents: main\n"
  expect "$("$work/deps/mirrors")" http://one/debian
}

status=0
number=0
tests=$(sed -n 's/^\(test_[a-z0-9_]*\)() {/\1/p' "$0")
for name in $tests; do
  number=$((number + 1))
  # A subshell of its own, so that the first thing that fails ends the test.
  set +e
  (set -e; set_up; $name > "$work/out" 2>&1)
  result=$?
  set -e
  if [ $result = 0 ]; then
    echo "ok $number - $name"
  else
    echo "not ok $number - $name"
    sed 's/^/# /' "$work/out"
    status=1
  fi
done
echo "1..$number"
exit $status
