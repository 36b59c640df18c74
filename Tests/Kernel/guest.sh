#!/bin/sh
# What is tried on a real kernel: each step prints a line, the last one says PASSED.
set -eu
programs=$1
# the card's file, on the host
card=card.json
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
export HOME=/tmp PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8

say() { echo "-- $*"; }
fail() {
  echo "FAILED: $*"
  dmesg | tail -n 10
  tail -n 30 /tmp/log /tmp/repair /tmp/ticket 2>/dev/null || :
  counter station status till1 --json 2>&1 || :
  exit 1
}
# until_true SECONDS COMMAND…: tries it until it succeeds
until_true() {
  end=$(($(date +%s) + $1)); shift
  while ! "$@" >/tmp/out 2>&1; do
    [ "$(date +%s)" -lt "$end" ] || { cat /tmp/out; fail "never came true: $*"; }
    sleep 0.2
  done
}
load() { /bin/busybox modprobe "$@"; }
counter() { setpriv --reuid=pointcard --regid=pointcard --groups="$groups" "$programs/pointcard" "$@"; }

# the modules lie where init has left them
mkdir -p /lib/modules 2>/dev/null || :
mount --bind /mnt/modules /lib/modules

say "users, groups, rules"
groupadd --system pointcard
useradd --system --gid pointcard --home-dir /tmp --shell /usr/sbin/nologin pointcard
mkdir -p /run/udev/rules.d
cp "$top"/udev/*.rules /run/udev/rules.d/
/lib/systemd/systemd-udevd --daemon
udevadm control --reload

say "a card device behind a generic bridge"
load ftdi_sio
load xhci-pci
until_true 30 test -e /dev/ttyUSB0
udevadm settle
by_id=$(echo /dev/serial/by-id/*)
[ -e "$by_id" ] || fail "the bridge has no name by id"
udevadm info -q property /dev/ttyUSB0 | grep -q POINTCARD_FAMILY && fail "a generic bridge was claimed"
ls -l "$by_id" /dev/ttyUSB0

mkdir -p /tmp/shop /tmp/cards
cat > /tmp/shop/pointcardd.json5 <<JSON
{ node: "TPE01", store: "S1", shop: "幸福商店", data: "/tmp/shop/data", socket: "/tmp/shop/s",
  programme: "$top/Sources/CounterService/Resources/profiles/tw.json5",
  stations: [{ name: "till1", device: "star-tcp300/tcp300ii", address: "serial:$by_id" }] }
JSON
chown -R pointcard: /tmp/shop
export POINTCARD_SOCKET=/tmp/shop/s

start() {
  setpriv --reuid=pointcard --regid=pointcard --groups="$groups" \
    "$programs/pointcardd" --config /tmp/shop/pointcardd.json5 > /tmp/log 2>&1 &
  daemon=$!
  until_true 60 counter health
}
stop() { kill "$daemon"; wait "$daemon" || fail "the daemon ended with $?"; }
# ask WORDS…: has the device's hand on the host do something
ask() { echo "HOST hand $*"; sleep 0.5; }
is_ready() { counter station status till1 --json | grep -q '"ready":true'; }
lies_at_mouth() { counter station status till1 --json | grep -q waitingForRemoval; }
is_empty() { counter station status till1 --json | grep -q waitingForCard; }
is_there() { ! state device.absent; }
is_in_order() { ! counter face stale | grep -q "$1"; }
state() { counter station status till1 --json | grep -q "\"code\":\"$1\""; }

say "an unprivileged user that is not in the bridge's group is refused"
groups=pointcard
start
until_true 30 grep -q "the device is not there" /tmp/log
grep "the device is not there" /tmp/log | head -n 1
stop

say "in the group it works"
groups=pointcard,dialout
start
until_true 60 state station.ready
counter member add 王小明 --phone 0912345678 --json > /tmp/member || fail "$(cat /tmp/member)"
member=$(sed 's/.*"member":"\([^"]*\)".*/\1/' /tmp/member)
counter card issue --member "$member" --json > /tmp/issued || fail "$(cat /tmp/issued)"
number=$(sed 's/.*"number":"\([^"]*\)".*/\1/' /tmp/issued)
counter card repair "$number" --station till1 > /tmp/repair 2>&1 &
until_true 60 state card.insert
ask insert "$card"
until_true 120 state card.issued
ask remove 10
until_true 60 state station.ready
say "a card was issued: $number"

say "unplugged while it prints"
ask insert "$card"
until_true 60 is_ready
counter ticket post --ticket 1 --terminal t1 --amount 12300 --station till1 > /tmp/ticket 2>&1 &
until_true 60 state face.updating
echo "HOST unplug"
until_true 60 state device.absent
[ ! -e /dev/ttyUSB0 ] || fail "the node is still there"
counter statement --card "$number" | tail -n 1
counter face stale > /tmp/stale || :
grep -q "$number" /tmp/stale || fail "the face is not listed as stale"

say "plugged in again under a new name of the bus: found by its own name, the card given out"
echo "HOST replug"
until_true 60 test -e "$by_id"
until_true 60 is_there
until_true 60 lies_at_mouth
ask remove 10
until_true 60 is_empty

say "the card's next visit brings its face up to date"
ask insert "$card"
until_true 60 is_ready
counter station eject till1
ask remove 10
until_true 60 is_in_order "$number"
until_true 60 state station.ready
counter ledger check || fail "the ledger's checks"
stop

usb=usb:0c1f:2800
look() { counter device status --address $usb --model magicard/enduro; }
say "a printer on USB: the kernel's driver takes it first"
ip link set lo up
load vhci-hcd
load usblp
mkfifo /tmp/usb-hand
"$programs/pointcard" device simulate magicard/enduro --usbip 3240 --identity 0c1f:2800 \
  --speed 4 < /tmp/usb-hand >> /tmp/usb.log 2>&1 &
exec 8> /tmp/usb-hand
until_true 30 grep -q "^ok" /tmp/usb.log
until_true 20 usbip attach -r 127.0.0.1 -b 1-1
until_true 20 test -e /dev/usb/lp0
udevadm settle
node=$(udevadm info -q property -n /dev/usb/lp0 -q path | sed 's,/usbmisc.*,,; s,/[^/]*$,,')
device=/dev/$(sed -n 's/^DEVNAME=//p' "/sys$node/uevent")
ls -l "$device" /dev/usb/lp0
udevadm info -q property "$device" | grep POINTCARD_ || fail "the rules do not name it"
[ "$(stat -c '%G %a' "$device")" = "pointcard 660" ] || fail "the rules do not grant it"

say "a stranger is refused"
setpriv --reuid=nobody --regid=nogroup --clear-groups "$programs/pointcard" device status \
  --address $usb --model magicard/enduro > /tmp/stranger 2>&1 && fail "a stranger was let in"
head -n 2 /tmp/stranger

say "an unprivileged user in the group speaks to it; the kernel's driver gets it back"
groups=pointcard
look || fail "it does not answer"
[ -e /dev/usb/lp0 ] || until_true 10 test -e /dev/usb/lp0

say "unplugged, and plugged in again"
usbip detach -p 0
until_true 10 test ! -e /dev/usb/lp0
look > /tmp/gone 2>&1 && fail "it answers though it is gone"
head -n 1 /tmp/gone
until_true 20 usbip attach -r 127.0.0.1 -b 1-1
until_true 20 test -e /dev/usb/lp0
udevadm settle
look || fail "it does not answer when it is back"

plastic=/tmp/cards/usb.json
# hand WORDS…: tells the hand at this printer, and waits for its answer
hand() {
  : > /tmp/usb.log
  echo "$*" >&8
  until_true 60 grep -Eq '^(ok|error)' /tmp/usb.log
  ! grep '^error' /tmp/usb.log || fail "the hand: $*"
}
happened() { grep -q "^event $1" /tmp/usb.log; }
identify() {
  setpriv --reuid=pointcard --regid=pointcard --groups="$groups" \
    curl -sS --fail-with-body --unix-socket /tmp/shop/s -H 'Content-Type: application/json' \
    -d "{\"card\":\"$printed\"}" http://localhost/v1/stations/till1/identify > /tmp/ticket
}
ticket() {
  until_true 60 identify
  counter ticket post --ticket "$1" --terminal t1 --amount 12300 --station till1 \
    > /tmp/ticket 2>&1 &
}
# the card that was put out bears the face that the ledger has for it
shows_its_face() {
  hand remove 60
  counter face render --card "$printed" --station till1 --output /tmp/face.pbm || fail "no face"
  tail -c $((127 * 642)) /tmp/face.pbm | od -An -v -tx1 | tr -d ' \n' > /tmp/wanted
  sed 's/.*"face":"\([0-9a-f]*\)".*/\1/' $plastic | tr -d '\n' > /tmp/shown
  [ -s /tmp/shown ] && cmp /tmp/wanted /tmp/shown
}

say "the daemon prints a card on it: erased, printed and written in one job"
sed -i "s,device: .*,device: \"magicard/enduro\"\, address: \"$usb\" }] }," \
  /tmp/shop/pointcardd.json5
start
until_true 60 state station.identify
counter card issue --member "$member" --json > /tmp/issued || fail "$(cat /tmp/issued)"
printed=$(sed 's/.*"number":"\([^"]*\)".*/\1/' /tmp/issued)
hand load $plastic
counter card repair "$printed" --station till1 > /tmp/repair 2>&1 &
until_true 120 happened cardOut
until_true 60 state card.issued
shows_its_face || fail "another face is on the card"
grep -o '"characters":"[0-9a-f]*"' $plastic || fail "nothing is on its stripe"
say "a card was issued: $printed"

say "unplugged while it prints: it ends the card by itself, the daemon does not count on it"
ticket 2
until_true 60 state station.insertToPrint
hand load $plastic
until_true 60 happened cardIn
usbip detach -p 0
until_true 60 state device.absent
counter face stale > /tmp/stale || :
grep -q "$printed" /tmp/stale || fail "the face is not listed as stale"
until_true 60 happened cardOut
hand remove 10

say "plugged in again: found by the daemon, the next pass brings the face up to date"
until_true 20 usbip attach -r 127.0.0.1 -b 1-1
until_true 60 is_there
ticket 3
until_true 60 state station.insertToPrint
hand load $plastic
until_true 120 happened cardOut
until_true 60 is_in_order "$printed"
shows_its_face || fail "the face is not up to date"
[ "$(grep -o '"wear":[0-9]*' $plastic)" = '"wear":3' ] || fail "it was not printed three times"
counter statement --card "$printed" | tail -n 1
counter ledger check || fail "the ledger's checks"
stop
say "the kernel's driver has it back"
until_true 10 test -e /dev/usb/lp0
echo PASSED
