# Runs a program in a file system of its own. Called under `unshare --user --map-root-user --mount --pid --net …`:
#
#   jail.sh <empty folder> <folder for sockets> <folder of files> <project> <program> [argument…]
#
# Inside there are the system's programs, the project's library and the hand-in's own files, all read-only, and a
# small /tmp. The teacher's home, the other hand-ins, the gradebook and the network do not exist.
set -eu
new=$1 sockets=$2 files=$3 project=$4
shift 4

show() { # <path outside> <path inside>: the same thing, read-only
  if [ -d "$1" ]; then mkdir -p "$new$2"; else mkdir -p "$(dirname "$new$2")"; : >"$new$2"; fi
  mount --bind "$1" "$new$2"
  mount -o remount,bind,ro,nosuid,nodev "$new$2"
}

mount --make-rprivate /
mount -t tmpfs -o size=1m,mode=755 tmpfs "$new"
mkdir "$new/dev" "$new/proc" "$new/tmp" "$new/old"
mount -t tmpfs -o size=64m tmpfs "$new/tmp"

for path in /usr /bin /sbin /lib /lib32 /lib64 /etc/ld.so.cache /etc/ssl; do
  if [ -L "$path" ]; then cp -P "$path" "$new$path"; elif [ -e "$path" ]; then show "$path" "$path"; fi
done
for part in package.json dist datasets node_modules; do show "$project/$part" "$project/$part"; done
# What answers are held to is shown to the tests, not to who gives the answers.
if [ -n "${WITHHOLD:-}" ]; then
  definitions="$project/dist/assignments/definitions"
  for file in "$definitions"/*.js; do mount --bind "$definitions/withheld.js" "$new$file"; done
fi
# Node, and TensorFlow's libraries, lie where set-up found or put them.
saved_ifs=$IFS
IFS=:
for path in $LIBRARY_FOLDERS; do [ -e "$new$path" ] || show "$path" "$path"; done
IFS=$saved_ifs
show "$files" "$project/notebooks"

for device in null zero random urandom; do
  : >"$new/dev/$device"
  mount --bind "/dev/$device" "$new/dev/$device"
done
mount -t proc proc "$new/proc"
mkdir "$new/tmp/kernel"
mount --bind "$sockets" "$new/tmp/kernel"

cd "$new"
pivot_root . old
umount -l /old
rmdir /old
mount -o remount,ro /
cd "$project/notebooks"
unset OLDPWD LIBRARY_FOLDERS WITHHOLD
export PATH=/usr/local/bin:/usr/bin:/bin
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
