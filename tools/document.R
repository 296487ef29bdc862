# Rscript tools/document.R FOLDER
#
# Regenerates NAMESPACE, man/ and the RcppExports files of the package in FOLDER with
# the roxygen2 that DESCRIPTION pins; the package must be installed as it stands.

pinned <- read.dcf("DESCRIPTION", fields = "RoxygenNote")[[1]]
found <- as.character(utils::packageVersion("roxygen2"))
if (found != pinned) {
  stop("roxygen2 ", pinned, " is pinned in DESCRIPTION, but ", found, " is installed",
       call. = FALSE)
}
# roxygen2 looks at the loaded package, which an outdated NAMESPACE can keep from loading.
trouble <- tryCatch({
  loadNamespace("gamut")
  NULL
}, error = conditionMessage)
if (!is.null(trouble)) {
  stop("the package as built does not load: ", trouble, "\nWhere NAMESPACE names what ",
       "R/ no longer has, delete those lines and run 'make document' again",
       call. = FALSE)
}
folder <- commandArgs(trailingOnly = TRUE)[1]
Rcpp::compileAttributes(folder)
roxygen2::roxygenise(folder, load_code = "installed")
