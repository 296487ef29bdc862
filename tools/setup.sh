#!/usr/bin/env bash
# setup.sh [demo|test|ci] - installs what is missing, and nothing else.
#
#   demo   R, a C++ compiler, and the packages in Imports and LinkingTo
#   test   also the packages in Suggests: testthat and the peers we compare with
#   ci     also roxygen2, lintr, clang-format, pandoc, qpdf, ccache
#
# As root (or with a sudo that asks nothing) on a system with apt, Debian's built
# packages are taken; all else comes from CRAN as source, into the first R library
# that can be written, which for most people is their own (R_LIBS_USER).
# DESCRIPTION is the one list of R packages. Silent when all is there.

# Lists of names are split into words on purpose:
# shellcheck disable=SC2046,SC2086
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

level=${1:-demo}
case $level in demo | test | ci) ;; *) die "setup.sh: no such level: $level" ;; esac
export DEBIAN_FRONTEND=noninteractive

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo -n DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

can_apt() {
  command -v apt-get > /dev/null || return 1
  [ "$(id -u)" = 0 ] || sudo -n true 2> /dev/null
}

# Reads apt's lists anew, once a run. A source that does not answer is no reason to
# stop: what matters is whether the install that follows works.
refreshed=no
apt_refresh() {
  [ "$refreshed" = no ] || return 0
  refreshed=yes
  patiently "reading the package lists" "$build_dir/log/apt-update.log" \
    as_root apt-get update -q || true
}

# Those of the given Debian packages that apt could install.
apt_known() {
  apt-cache policy "$@" 2> /dev/null |
    awk '/^[^ ]/ { name = $1 } /Candidate:/ && $2 != "(none)" { sub(":$", "", name); print name }'
}

apt_get() {
  as_root apt-get install -q -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "$@"
}

# Installs the given Debian packages; old lists name files that are gone by now, so
# a failure is tried once more with new ones.
apt_install() {
  local log=$build_dir/log/apt-install.log
  say "    from Debian: $*"
  patiently "apt-get install" "$log" apt_get "$@" && return 0
  [ "$refreshed" = no ] || return 1
  apt_refresh
  patiently "apt-get install, second try" "$log" apt_get "$@"
}

# install_debian NAME...: all of these, or fail.
install_debian() {
  [ "$(apt_known "$@" | sort -u | wc -l)" -eq $# ] || apt_refresh
  apt_install "$@"
}

# Is this Debian package installed?
has_package() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2> /dev/null)" = installed ]
}

# The compilers R was built with and the libraries that its packages link to.
have_r() {
  command -v R > /dev/null && command -v Rscript > /dev/null &&
    command -v g++ > /dev/null && command -v gfortran > /dev/null || return 1
  ! debian_r || has_package r-base-dev
}

# Debian's R, whose site library Debian's r-cran-* packages go to? Any other R
# would not find them there.
debian_r() { [ "$(R RHOME 2> /dev/null)" = /usr/lib/R ] && command -v dpkg > /dev/null; }

setup_r() {
  if have_r; then return 0; fi
  step "Installing R and a C++ compiler"
  can_apt || die "R (4.1 or newer), g++ and gfortran are needed, and this script can
install them only as root on a system with apt. Install them, then run this again."
  install_debian r-base-core r-base-dev
  have_r || die "R is still not complete; see $build_dir/log/apt-install.log"
}

# Prints what is missing of the level's R packages; with --deep also what those need.
missing_packages() { Rscript tools/missing-packages.R "$level" "$@" | xargs; }

# The r-cran-* packages of the given R packages that apt knows, minus those that are
# installed already (too old for us, then: CRAN has a newer one).
debian_names() {
  local names
  names=$(printf 'r-cran-%s\n' "$@" | tr '[:upper:]' '[:lower:]')
  apt_known $names | sort -u | while read -r name; do
    has_package "$name" || printf '%s\n' "$name"
  done
}

packages_from_debian() {
  local names
  if ! can_apt || ! debian_r; then return 0; fi
  [ -n "$(apt_known r-cran-rcpp)" ] || apt_refresh
  names=$(debian_names "$@")
  [ -z "$names" ] || apt_install $names || true
}

packages_from_cran() {
  # Without the certificates no secure connection to CRAN can be made.
  if can_apt && debian_r && [ ! -e /etc/ssl/certs/ca-certificates.crt ]; then
    install_debian ca-certificates
  fi
  say "    from CRAN, as source: $*"
  patiently "install.packages" "$build_dir/log/cran.log" \
    Rscript tools/install-packages.R "$@"
}

setup_packages() {
  local missing
  missing=$(missing_packages)
  if [ -z "$missing" ]; then return 0; fi
  step "Installing R packages: $missing"
  packages_from_debian $missing
  missing=$(missing_packages)
  if [ -n "$missing" ]; then
    # What CRAN's packages need in turn may be had from Debian, already built.
      packages_from_debian $(missing_packages --deep)
      packages_from_cran $missing || true
  fi
  report_missing
}

# Tests of agreement skip when their peer is absent, unless peers are required;
# everything else must be there.
report_missing() {
  local missing required
  missing=$(missing_packages)
  required=$(missing_packages --required)
  [ -z "$missing" ] || say "    still missing: $missing"
  if [ -n "$required" ]; then
    die "these R packages could not be installed: $required"
  fi
}

# command:package pairs that only CI needs.
setup_tools() {
  local pair wanted=""
  for pair in git:git pandoc:pandoc qpdf:qpdf clang-format:clang-format ccache:ccache; do
    command -v "${pair%%:*}" > /dev/null || wanted="$wanted ${pair##*:}"
  done
  if [ -z "$wanted" ]; then return 0; fi
  step "Installing tools:$wanted"
  if can_apt; then
      install_debian $wanted
  else
    say "    cannot install them here (no apt, or not root); their checks will fail"
  fi
}

setup_r
setup_packages
if [ "$level" = ci ]; then setup_tools; fi
