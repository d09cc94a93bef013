#!/bin/sh
# tools/x86.sh IMAGE NIC [ARGUMENT...]: boots IMAGE in QEMU with the network card NIC, behind which QEMU's user
# networking is. ARGUMENTs are the boot command line; a script among them that exists here is brought along.
# X86_MEMORY is the machine's memory in MB (32), X86_FORWARD a port of this machine that leads to port 2323 there.
set -eu

image=$1
nic=$2
shift 2

command -v qemu-system-i386 > /dev/null || {
  echo "x86-run: qemu-system-i386 is missing: install qemu-system-x86." >&2
  exit 1
}
case $nic in
e1000 | ne2k_pci) device=$nic ;;
ne2k_isa) device=ne2k_isa,iobase=0x300,irq=9 ;;
*)
  echo "x86-run: there is no network card '$nic': X86_NIC is e1000, ne2k_pci or ne2k_isa." >&2
  exit 2
  ;;
esac

# A word as the boot command line takes it, where blanks and quotes are as in a shell.
quoted() {
  case $1 in
  '' | *[!A-Za-z0-9_./=,:+@%-]*) printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")" ;;
  *) printf %s "$1" ;;
  esac
}

words=
files=
for word; do
  words="$words $(quoted "$word")"
  [ ! -f "$word" ] || files="$files${files:+,}$word"
done
words=${words# }

echo "The host is 10.0.2.2 (fec0::2) there. Ctrl-A X ends the machine."
set -- -M pc -accel tcg -m "${X86_MEMORY-32}" -display none -no-reboot -serial mon:stdio -kernel "$image" \
  -netdev "user,id=n0${X86_FORWARD:+,hostfwd=tcp:127.0.0.1:$X86_FORWARD-:2323}" -device "$device,netdev=n0" \
  -device isa-debug-exit,iobase=0xf4,iosize=4
[ -z "$words" ] || set -- "$@" -append "$words"
[ -z "$files" ] || set -- "$@" -initrd "$files"

# The machine's exit device makes 2 * status + 1 of a program's status.
status=0
qemu-system-i386 "$@" || status=$?
[ $((status & 1)) = 1 ] || exit "$status"
exit $((status >> 1))
