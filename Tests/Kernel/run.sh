#!/bin/sh
# Runs guest.sh under a real Debian kernel in QEMU: real usblp, ftdi_sio, udev, vhci and libusb.
# The daemon prints cards on a Star behind an emulated bridge and on a Magicard on USB; both are
# unplugged while they print, and plugged in again.
#
#   Tests/Kernel/run.sh [FOLDER]     FOLDER: where the programs are; default .build/debug
#
# What it needs it installs (apt). The machine's own root is mounted read-only in the guest, so the
# programs that were built here run there. The console's log stays in $LOG (default: printed only).
# By hand and on demand: emulated without KVM it takes about two minutes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd -P)
programs=$(cd "${1:-$top/.build/debug}" && pwd -P)
work=$(mktemp -d)
children=
trap 'for child in $children; do kill "$child" 2>/dev/null && wait "$child" 2>/dev/null || :; done; rm -rf "$work"' EXIT

need() { dpkg -s "$@" >/dev/null 2>&1 || apt-get install -y --no-install-recommends "$@"; }
need qemu-system-x86 busybox-static udev kmod cpio xz-utils socat usbip curl >&2

# the kernel: uncompressed, because an emulated machine unpacks slowly
cache=${XDG_CACHE_HOME:-$HOME/.cache}/pointcard-kernel
package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: //p' | head -n 1)
if [ ! -f "$cache/$package/vmlinux" ]; then
  mkdir -p "$cache/$package"
  (cd "$work" && apt-get download -qq "$package" && dpkg-deb -x "$package"*.deb root)
  image=$(echo "$work"/root/boot/vmlinuz-*)
  offset=$(LC_ALL=C grep -abo "$(printf '\3757zXZ')" "$image" | head -n 1 | cut -d: -f1)
  tail -c +"$((offset + 1))" "$image" | xz -dc > "$cache/$package/vmlinux" 2>/dev/null || :
  [ -s "$cache/$package/vmlinux" ] || { echo "the kernel cannot be unpacked" >&2; exit 1; }
  cp -r "$work/root/lib" "$cache/$package/"
fi
root=$cache/$package
version=$(ls "$root/lib/modules")
[ -f "$root/lib/modules/$version/modules.dep" ] || depmod -b "$root" "$version"

# the first memory disk: busybox, the modules that the guest loads, and init
disk=$work/disk
mkdir -p "$disk/bin" "$disk/lib" "$disk/proc" "$disk/sys" "$disk/dev" "$disk/host" "$disk/new"
cp "$(command -v busybox)" "$disk/bin/busybox"
for module in virtio_pci 9pnet_virtio 9p overlay xhci-pci vhci-hcd usblp ftdi_sio; do
  modprobe -d "$root" -S "$version" --show-depends "$module" | sed -n 's/^insmod //p'
done | sort -u | while read -r file; do
  target=$disk/lib/${file#"$root"/lib/}
  mkdir -p "$(dirname "$target")"
  cp "$file" "$target"
done
depmod -b "$disk" "$version" 2>/dev/null
cp "$here/init.sh" "$disk/init"
chmod +x "$disk/init"
printf '%s\n' "$top" > "$disk/top"
printf '%s\n' "$programs" > "$disk/programs"
(cd "$disk" && find . | cpio -o -H newc --quiet) > "$work/disk.cpio"

# a virtual Star behind an emulated FTDI bridge
mkfifo "$work/hand"
(cd "$work" && exec "$programs/pointcard" device simulate star-tcp300/tcp300ii \
  --link "$work/star" --speed 2 < hand > star.log 2>&1) &
children="$children $!"
exec 9> "$work/hand"
while [ ! -e "$work/star" ]; do sleep 0.1; done

: > "$work/console"
timeout "${LIMIT:-600}" qemu-system-x86_64 -machine q35 -cpu max -smp 1 -m 1536 -nographic -no-reboot \
  -kernel "$root/vmlinux" -initrd "$work/disk.cpio" \
  -append "console=ttyS0 quiet panic=-1 random.trust_cpu=on" \
  -virtfs "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap" \
  -device qemu-xhci,id=usb -chardev "serial,id=star,path=$work/star" \
  -device usb-serial,chardev=star,id=bridge,bus=usb.0,serial=STAR0001 \
  -qmp "unix:$work/qmp,server,nowait" \
  < /dev/null > "$work/console" 2>&1 &
machine=$!
children="$children $machine"

monitor() {
  printf '{"execute":"qmp_capabilities"}\n%s\n' "$1" | socat -t 2 - "UNIX-CONNECT:$work/qmp" \
    >> "$work/qmp.log"
}

# does what the guest asks for, a line each: "HOST unplug", "HOST insert CARDFILE", …
tail -n +1 -F --pid=$machine "$work/console" 2>/dev/null | sed -u 's/\r//g' | while read -r line; do
  printf '%s\n' "$line"
  case $line in
    "HOST unplug") monitor '{"execute":"device_del","arguments":{"id":"bridge"}}' ;;
    "HOST replug")
      monitor '{"execute":"device_add","arguments":{"driver":"usb-serial","chardev":"star","id":"bridge","bus":"usb.0","serial":"STAR0001"}}' ;;
    "HOST hand "*) printf '%s\n' "${line#HOST hand }" >&9 ;;
  esac
done
wait $machine || :
[ -z "${LOG:-}" ] || tr -d '\r' < "$work/console" > "$LOG"
cat "$work/star.log" >&2
grep -q '^PASSED' "$work/console"
