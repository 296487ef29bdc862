# Rscript tools/missing-packages.R LEVEL [--deep] [--required]
#
# Prints the R packages that the level (demo, test, ci) wants and that are absent or
# older than DESCRIPTION asks. --deep adds what those need in turn and is absent too
# (asks CRAN). --required leaves out the peers, without which tests only skip; with
# GAMUT_REQUIRE_PEERS=true peers are required as well.

# Needed for help pages and vignettes only: no test calls them.
documentation <- c("knitr", "rmarkdown")

fields <- list(
  demo = c("Imports", "LinkingTo"),
  test = c("Imports", "LinkingTo", "Suggests"),
  ci = c("Imports", "LinkingTo", "Suggests", "Config/Needs/check")
)

# "cli (>= 3.6.0)" -> name "cli", version "3.6.0"; "0" when any version will do.
read_wanted <- function(description, fields) {
  text <- stats::na.omit(description[1, intersect(fields, colnames(description))])
  items <- trimws(unlist(strsplit(text, ",")))
  items <- unique(items[nzchar(items)])
  name <- sub("[ (].*$", "", gsub("\n", " ", items))
  has_version <- grepl(">=", items, fixed = TRUE)
  version <- ifelse(has_version, sub("^.*>= *([0-9.-]+).*$", "\\1", items), "0")
  data.frame(name, version)[name != "R", ]
}

is_missing <- function(name, version) {
  file <- system.file("DESCRIPTION", package = name)
  !nzchar(file) || utils::packageVersion(name) < version
}

# The packages without which the level makes no sense.
required_names <- function(level, wanted, description) {
  if (level == "ci" || identical(Sys.getenv("GAMUT_REQUIRE_PEERS"), "true")) {
    return(wanted$name)
  }
  c(read_wanted(description, fields$demo)$name, "testthat")
}

with_dependencies <- function(names) {
  options(repos = source("tools/install-packages.R", local = new.env())$value())
  known <- utils::available.packages()
  deep <- unlist(tools::package_dependencies(names, known, recursive = TRUE))
  deep <- setdiff(deep, names)
  c(names, deep[!nzchar(vapply(deep, function(p) system.file(package = p), ""))])
}

arguments <- commandArgs(trailingOnly = TRUE)
level <- arguments[1]
description <- read.dcf("DESCRIPTION")
wanted <- read_wanted(description, fields[[level]])
if (level == "test") wanted <- wanted[!wanted$name %in% documentation, ]
missing <- wanted$name[mapply(is_missing, wanted$name, wanted$version)]
if ("--required" %in% arguments) {
  missing <- intersect(missing, required_names(level, wanted, description))
}
if ("--deep" %in% arguments && length(missing)) missing <- with_dependencies(missing)
if (length(missing)) cat(unique(missing), sep = "\n")
