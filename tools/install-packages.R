# Rscript tools/install-packages.R NAME...
#
# Installs packages from CRAN into the first library that can be written; when there
# is none, makes the user's own (R_LIBS_USER), as install.packages() would offer to.
# Sourced, its value is a function that gives the CRAN mirror to use.

cran_mirror <- function() {
  repos <- getOption("repos")
  if (!identical(unname(repos["CRAN"]), "@CRAN@")) return(repos)
  utils::chooseCRANmirror(graphics = FALSE, ind = 1, local.only = TRUE)
  getOption("repos")
}

# This checkout's own library stands first and is only for the package itself.
target_library <- function() {
  own <- normalizePath(file.path(getwd(), ".build", "lib"), mustWork = FALSE)
  paths <- setdiff(.libPaths(), c(own, .Library))
  paths <- paths[file.access(paths, mode = 2) == 0]
  if (length(paths)) return(paths[1])
  user <- path.expand(strsplit(Sys.getenv("R_LIBS_USER"), .Platform$path.sep)[[1]][1])
  dir.create(user, recursive = TRUE, showWarnings = FALSE)
  user
}

main <- function(names) {
  target <- target_library()
  # A library made just now is known to the next R, but not yet to this one.
  .libPaths(c(target, .libPaths()))
  options(repos = cran_mirror(), timeout = 600)
  message("library: ", target)
  utils::install.packages(names, lib = target, Ncpus = 2L)
}

names <- commandArgs(trailingOnly = TRUE)
if (sys.nframe() == 0L) main(names) else cran_mirror
