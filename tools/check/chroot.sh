# Other versions of PostgreSQL, in chroots of the Debian releases that have
# them; to be sourced by a script of this folder, after common.sh.
#
# They are made from the archives that apt uses here, and kept in
# ${XDG_CACHE_HOME:-~/.cache}/crm_retention (1 GB each; remove the folder at
# will).  Making and entering one takes root.
# shellcheck shell=bash

cache=${XDG_CACHE_HOME:-$HOME/.cache}/crm_retention

# The Debian release that comes with a version.
release_with() {
	case "$1" in
		15) echo bookworm ;;
		17) echo trixie ;;
		18) echo forky ;;
		*) die "No Debian release is known here to have PostgreSQL $1." ;;
	esac
}

# archive LABEL: where apt has Debian, or Debian-Security, from.
archive() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Label: $1" | head -n 1; }

# The lines of sources.list for a release: with its security updates, where apt
# here has them, too, because minor versions of one day belong together
# (pg_upgrade takes nothing newer).
sources() {
	local security
	security=$(archive Debian-Security)
	printf 'deb %s %s main\n' "$(archive Debian)" "$1"
	[ "$1" = forky ] || [ -z "$security" ] || printf 'deb %s %s-security main\n' "$security" "$1"
}

# apt_in DIRECTORY COMMAND ...: apt-get with the archives in DIRECTORY/sources.list
# alone, which keeps all of its state there and downloads to there.
apt_in() {
	mkdir -p "$1/lists/partial" "$1/archives/partial"
	(cd "$1" && apt-get -q -o Dir::Etc::SourceList="$1/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$1/lists" \
		-o Dir::Cache="$1" -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Check-Valid-Until=false "${@:2}")
}

# Unpacks the headers of a version's server into a directory, unless they are
# there; says what failed.
fetch_headers() {
	local version=$1 directory=$2 apt=$scratch/apt-$1
	[ ! -d "$directory" ] || return 0
	mkdir "$apt"
	sources "$(release_with "$version")" >"$apt/sources.list"
	apt_in "$apt" update 2>&1 && apt_in "$apt" download "postgresql-server-dev-$version" 2>&1 &&
		dpkg-deb -x "$apt"/*.deb "$apt/headers" 2>&1 && mkdir -p "$cache" && mv "$apt/headers" "$directory"
}

# Makes the chroot of a version, unless there is one of the same packages.
make_chroot() {
	local version=$1 chroot=$2 release packages
	release=$(release_with "$version")
	packages="postgresql-$version postgresql-server-dev-$version postgresql-$version-cron gcc libc6-dev make perl"
	packages="$packages python3 python3-mpmath python3-numpy"
	[ "$(cat "$chroot/packages" 2>/dev/null)" != "$(sources "$release") $packages" ] || return 0
	needs mmdebstrap mmdebstrap
	say "Making a chroot of Debian $release with PostgreSQL $version (some minutes) …"
	rm -rf --one-file-system "$chroot"
	mkdir -p "$cache"
	# shellcheck disable=SC2016
	mmdebstrap --quiet --mode=root --variant=minbase --include="${packages// /,}" --aptopt='Acquire::Check-Valid-Until "false"' \
		--setup-hook='mkdir -p "$1/etc/postgresql-common"; echo "create_main_cluster = false" >"$1/etc/postgresql-common/createcluster.conf"' \
		"$release" "$chroot" - < <(sources "$release") >"$scratch/mmdebstrap.log" 2>&1 ||
		{ cat "$scratch/mmdebstrap.log" >&2; rm -rf --one-file-system "$chroot"; die "The chroot could not be made."; }
	say "$(sources "$release") $packages" >"$chroot/packages"
}

# in_chroot DIRECTORY COMMAND ...: in namespaces of its own, so that what it
# mounts and starts is gone when it ends.
# shellcheck disable=SC2016
enter='
	set -e
	mount -t proc proc "$1/proc"
	mkdir -p "$1/dev/shm" "$1/data"
	mount -t tmpfs tmpfs "$1/dev/shm"
	for device in null zero full random urandom; do
		[ -e "$1/dev/$device" ] || : >"$1/dev/$device"
		mount --bind "/dev/$device" "$1/dev/$device"
	done
	[ ! -d "$CRM_DATA" ] || mount --bind -o ro "$CRM_DATA" "$1/data"
	exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root CRM_DATA=/data COPT="${COPT:-}" "${@:2}"'
in_chroot() { unshare --mount --pid --fork --kill-child bash -c "$enter" enter "$@"; }
