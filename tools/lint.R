# Rscript tools/lint.R
#
# Runs lintr with the rules of .lintr over all R files of the project, and looks for names
# that two files of R/ give to different things. The package must be installed, so that
# lintr knows which names it has.

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
  name <- substr(lint$line, span[1], span[2])
  # lintr knows the generics of a file only
  own <- grepl("^(smooth_basis|basis_matrix)[.]", name)
  own || name %in% established
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

# What a file of R/ assigns at its top level. Of two files with one name the package has
# what the later one says, without a word.
top_level_names <- function(file) {
  expressions <- parse(file, keep.source = TRUE)
  lines <- vapply(attr(expressions, "srcref"), `[`, 0L, 1L)
  assigned <- vapply(expressions, function(e) {
    is.call(e) && as.character(e[[1L]])[1L] %in% c("<-", "=") && !is.call(e[[2L]])
  }, NA)
  names <- vapply(expressions[assigned], function(e) as.character(e[[2L]]), "")
  data.frame(name = names, place = sprintf("%s:%d", file, lines[assigned]))
}

sources <- list.files("R", "[.]R$", full.names = TRUE)
known <- do.call(rbind, lapply(sources, top_level_names))
twice <- known[known$name %in% known$name[duplicated(known$name)], ]
for (name in unique(twice$name)) {
  cat(sprintf("%s is defined at %s\n", name,
              paste(twice$place[twice$name == name], collapse = " and ")))
}
cat(sprintf("names: %d at the top level of R/, %d defined twice\n",
            length(unique(known$name)), length(unique(twice$name))))
if (length(found) || nrow(twice)) quit(status = 1)
