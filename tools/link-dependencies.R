# Rscript tools/link-dependencies.R LIBRARY
#
# Links the packages of Imports and LinkingTo, and what they need, from where they are
# installed into LIBRARY. Base and recommended packages are R's own and stay there.

description <- read.dcf("DESCRIPTION", fields = c("Imports", "LinkingTo"))
direct <- trimws(sub("\\(.*", "", unlist(strsplit(description, ","))))
installed <- utils::installed.packages()
with_r <- rownames(installed)[installed[, "Priority"] %in% c("base", "recommended")]
needed <- unlist(tools::package_dependencies(direct, installed, recursive = TRUE))
needed <- setdiff(union(direct, needed), with_r)
library_path <- commandArgs(trailingOnly = TRUE)[1]
linked <- file.symlink(find.package(needed), file.path(library_path, needed))
stopifnot(linked)
cat("linked:", needed, "\n")
