#!/usr/bin/env bash
# build.sh - compiles and installs the package into the checkout's own .build/lib.
#
# It works on a copy of the sources, .build/source, that keeps its object files:
# only what changed is compiled again. R's make rules know nothing of headers, so
# a change in one of them throws all objects away.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

source_dir=$build_dir/source
stamp=$build_dir/installed

# The files that the package is made of; further tests of find may follow.
sources() {
  find DESCRIPTION NAMESPACE LICENSE R man inst src -type f \
    ! -name '*.o' ! -name '*.so' "$@" 2> /dev/null || true
}

# A file that was added or removed shows in the list, a changed one by its time.
up_to_date() {
  [ -e "$stamp" ] && [ -e "$library/gamut/DESCRIPTION" ] &&
    [ "$(sources | sort)" = "$(cat "$stamp")" ] && [ -z "$(sources -newer "$stamp")" ]
}

# Headers, and the flags in Makevars.
engine_changed() {
  [ ! -e "$stamp" ] || [ -n "$(sources -newer "$stamp" \( -name '*.hpp' -o -name '*.h' \
    -o -name 'Makevars*' \))" ]
}

# Copies with times, so that make still sees which sources are newer than objects.
copy_sources() {
  mkdir -p "$source_dir/src"
  if engine_changed; then rm -f "$source_dir"/src/*.o "$source_dir"/src/*.so; fi
  find "$source_dir" -mindepth 1 -type f ! -name '*.o' ! -name '*.so' -delete
  sources | tar --create --files-from=- | tar --extract --directory "$source_dir"
}

if up_to_date; then
  say "    gamut is built already: $library"
  exit 0
fi
step "Compiling and installing gamut into $library"
if engine_changed; then say "    all of its C++ engine: this takes a minute or more"; fi
mkdir -p "$library"
sources | sort > "$stamp.new"
copy_sources
MAKEFLAGS="-j$(cores)" patiently "compiling" "$build_dir/log/install.log" \
  R CMD INSTALL --no-test-load --library="$library" "$source_dir"
mv "$stamp.new" "$stamp"
