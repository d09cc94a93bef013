#!/bin/sh
# tests/chroot.sh [TARGET...]: clones HEAD into a bare Debian 12 that has only git, and calls ./dev with each TARGET
# there (run and test unless told), as somebody would who has just found us. Needs root and mmdebstrap.
set -eu

repo=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
release=bookworm
cache=${XDG_CACHE_HOME:-$HOME/.cache}/baresock
base=$cache/$release.tar
[ $# -gt 0 ] || set -- run test

die() {
  echo "tests/chroot.sh: $*" >&2
  exit 1
}

[ "$(id -u)" = 0 ] || die "A chroot takes root: run 'sudo make test-chroot'."
command -v mmdebstrap > /dev/null || die "mmdebstrap is missing: run './dev test-chroot'."

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 1' HUP INT TERM
# Programs in the chroot see its root through this directory's mode.
chmod 755 "$work"

if [ ! -e "$base" ]; then
  echo "Making a bare $release"
  mkdir -p "$cache"
  # What the machine needs to reach its mirror (a proxy, say), the chroot needs as well.
  apt-config dump | grep -E '^Acquire::(Check-|http|https|ftp|Retries|ForceIPv)' > "$work/apt.conf" || :
  "$repo/deps/mirrors" | sed "s|.*|deb & $release main|" > "$work/sources.list"
  mmdebstrap --quiet --variant=minbase --include=git,ca-certificates --aptopt="$work/apt.conf" \
    $release "$work/base.tar" "$work/sources.list" || die "mmdebstrap failed: mend what it says above."
  mv "$work/base.tar" "$base"
fi

root=$work/root
mkdir "$root"
tar -xf "$base" -C "$root"
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
git clone -q --no-local "$repo" "$root/root/baresock"

# Namespaces of its own take the mount and all processes away at the end. Where they are not permitted it works
# without /proc, and what is left running stays.
cat > "$root/as-a-user" << 'END'
[ -z "$1" ] || mount -t proc proc /proc 2> /dev/null || :
# Terminals for the tests of the prompt; any Debian that has started has them.
[ -z "$1" ] || { mkdir -p /dev/pts && mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts &&
  ln -sf pts/ptmx /dev/ptmx; } 2> /dev/null || :
shift
cd ~/baresock
for target; do
  echo "--- ./dev $target"
  ./dev "$target" || exit
done
END
apart=
if unshare --mount --pid --fork true 2> /dev/null; then
  apart='unshare --mount --pid --fork'
fi
start=$(date +%s)
# shellcheck disable=SC2086
if env -i HOME=/root TERM=dumb LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  $apart chroot "$root" sh /as-a-user "$apart" "$@" < /dev/null; then
  echo "A bare $release did '$*' in $(($(date +%s) - start)) s."
else
  die "'$*' failed in a bare $release after $(($(date +%s) - start)) s."
fi
