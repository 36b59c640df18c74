#!/bin/busybox sh
# The guest's first process: the machine's root, made writable in memory, then guest.sh in it.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
version=$(uname -r)
for module in virtio_pci 9pnet_virtio 9p overlay; do modprobe "$module"; done
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=262144,cache=loose host /host
mkdir -p /new/over /new/root
mount -t tmpfs tmpfs /new
mkdir -p /new/over /new/work /new/root
mount -t overlay -o lowerdir=/host,upperdir=/new/over,workdir=/new/work overlay /new/root
for name in proc sys dev; do mount --bind /$name /new/root/$name; done
mount -t tmpfs tmpfs /new/root/tmp
mount -t tmpfs tmpfs /new/root/run
mkdir -p /new/root/dev/shm /new/root/dev/pts
mount -t tmpfs tmpfs /new/root/dev/shm
mount -t devpts devpts /new/root/dev/pts
mkdir -p "/new/root/lib/modules"
mount -t tmpfs tmpfs /new/root/mnt
cp -r "/lib/modules" /new/root/mnt/
# wherever they lie on the machine, also below its /tmp
mkdir -p /new/root/mnt/source /new/root/mnt/programs
mount --bind "/host$(cat /top)" /new/root/mnt/source
mount --bind "/host$(cat /programs)" /new/root/mnt/programs
chroot /new/root /bin/sh /mnt/source/Tests/Kernel/guest.sh /mnt/programs
echo "guest ended with $?"
poweroff -f
