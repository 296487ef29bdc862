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
folder <- commandArgs(trailingOnly = TRUE)[1]
Rcpp::compileAttributes(folder)
roxygen2::roxygenise(folder, load_code = "installed")
