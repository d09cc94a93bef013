#!/bin/sh
# tools/run.sh MP [URL]: with a URL, fetches it. Without, serves a file with python3's web server on this machine,
# fetches it with MP through a TCP/IP stack of its own, compares, and tells in three lines what happened.
set -eu

mp=$1
url=${2-}
wget=$(dirname -- "$0")/wget.py

die() {
  echo "run: $*" >&2
  exit 1
}

# Inside the stack 127.0.0.1 is the stack itself.
if [ -n "$url" ]; then
  inside=$(echo "$url" | sed -E \
    's,^(http://)(127\.0\.0\.1|localhost)([:/?#]|$),\110.0.2.2\3,; s,^(http://)\[::1\],\1[fec0::2],')
  [ "$inside" = "$url" ] || echo "Inside, the host is 10.0.2.2 (fec0::2), so this fetches $inside."
  exec "$mp" "$wget" "$inside"
fi

server=
work=$(mktemp -d)
clean_up() {
  [ -z "$server" ] || kill "$server" 2> /dev/null || :
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

sha256() {
  sha256sum < "$1" | cut -d' ' -f1
}

mkdir "$work/served"
head -c 10000000 /dev/urandom > "$work/served/random.bin"
python3 -u -m http.server --bind 127.0.0.1 --directory "$work/served" 0 > "$work/log" 2>&1 &
server=$!
port=
while [ -z "$port" ]; do
  kill -0 "$server" 2> /dev/null || die "python3's web server did not start: $(cat "$work/log")"
  sleep 0.05
  port=$(sed -n 's/^Serving .* port \([0-9]*\) .*/\1/p' "$work/log")
done
echo "Served:  10 MB of random bytes by python3's web server, at 127.0.0.1 port $port of this machine."

url=http://10.0.2.2:$port/random.bin
unset BARESOCK_IP4 BARESOCK_IP6 BARESOCK_DNS
"$mp" --link slirp "$wget" -O "$work/random.bin" "$url"
echo "Fetched: $url by $mp, through a TCP/IP stack of its own. Seen from inside, this machine is 10.0.2.2."

[ "$(sha256 "$work/random.bin")" = "$(sha256 "$work/served/random.bin")" ] || die "What came is not what was served."
echo "Checked: SHA-256 $(sha256 "$work/random.bin") on both sides."
