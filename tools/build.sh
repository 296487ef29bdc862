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

sources() {
  find DESCRIPTION NAMESPACE LICENSE R man inst src -type f \
    ! -name '*.o' ! -name '*.so' 2> /dev/null
}

up_to_date() {
  [ -e "$stamp" ] && [ -e "$library/gamut/DESCRIPTION" ] || return 1
  # A file that was added or removed shows in the list, a changed one by its time.
  [ "$(sources | sort)" = "$(cat "$stamp")" ] || return 1
  [ -z "$(sources | xargs -d '\n' -I '{}' find '{}' -newer "$stamp")" ]
}

engine_changed() {
  [ -e "$stamp" ] || return 0
  [ -n "$(find inst/include src -newer "$stamp" ! -name '*.cpp' ! -name '*.o' \
    ! -name '*.so' ! -type d)" ]
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
say "    a C++ engine of templates: the first time takes a minute or more"
mkdir -p "$library"
copy_sources
sources | sort > "$stamp.new"
MAKEFLAGS="-j$(cores)" patiently "compiling" "$build_dir/log/install.log" \
  R CMD INSTALL --no-test-load --library="$library" "$source_dir"
mv "$stamp.new" "$stamp"
