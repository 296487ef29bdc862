# Rscript tools/lint.R
#
# Runs lintr with the rules of .lintr over all R files of the project. The package must
# be installed, so that lintr knows which names it has.

# Names that established generics and family objects brought along: not ours to choose.
established <- c(
  "se.fit", "re.form", "fixed.only", "REML", "na.action", "na.rm", "do.coef",
  "df.residual", "dev.resids", "mu.eta", "type.predict", "type.residuals", "conf.int",
  "conf.level", "all.names", "Beta", "Gamma", "inverse.gaussian"
)

# Outside R/ lintr cannot see the helpers that tests and scripts get from other files.
is_unseen_helper <- function(lint) {
  lint$linter == "object_usage_linter" && !grepl("/R/[^/]*$", lint$filename)
}

is_established <- function(lint) {
  if (lint$linter != "object_name_linter") return(FALSE)
  span <- lint$ranges[[1]]
  substr(lint$line, span[1], span[2]) %in% established
}

folders <- c("R", "tests", "tools", "bench", "vignettes")
found <- lapply(folders[dir.exists(folders)], function(folder) {
  lintr::lint_dir(folder, relative_path = FALSE, parse_settings = TRUE)
})
found <- do.call(c, found)
found <- Filter(function(lint) !is_established(lint) && !is_unseen_helper(lint), found)
for (lint in found) {
  file <- sub(paste0(getwd(), "/"), "", lint$filename, fixed = TRUE)
  cat(sprintf("%s:%d:%d: [%s] %s\n", file, lint$line_number, lint$column_number,
              lint$linter, lint$message))
}
cat(sprintf("lintr: %d complaints\n", length(found)))
if (length(found)) quit(status = 1)
