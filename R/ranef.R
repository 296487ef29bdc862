# Fixed and random effects of a fit, on the generics of nlme, which lme4 and glmmTMB
# have theirs from as well.

#' @importFrom nlme fixef
#' @export
nlme::fixef

#' @importFrom nlme ranef
#' @export
nlme::ranef

#' @importFrom nlme VarCorr
#' @export
nlme::VarCorr

#' Fixed and random effects
#'
#' Methods of the generics of nlme, which lme4 and glmmTMB use too: they work whichever
#' of these packages is attached.
#'
#' @param object,x A fit.
#' @param condVar Add conditional variances? They need the data, so a fit made with
#'   `keep_data = FALSE` has none.
#' @param drop Give a vector in place of a data frame with one column?
#' @param max_rows A longer data frame is printed by its first and last rows.
#' @param digits Number of significant digits.
#' @param row.names,optional Not used; there for the generic.
#' @param ... Not used.
#'
#' @details
#' Random effects are conditional modes: the most probable values given the data and the
#' estimates of all other parameters; in a linear mixed model they are the conditional
#' means, or best linear unbiased predictions. Conditional variances take fixed effects
#' and covariance parameters as known, as in lme4. Levels whose effects have a known
#' correlation (`known()`) have no conditional variances yet.
#'
#' Terms of one grouping factor, as in `(1 | g) + (0 + x | g)`, are one data frame.
#' Effects on another parameter than the main one are named with it, as in
#' `"phi:Subject"`.
#'
#' @return
#' `fixef()`: the fixed effects, as `coef()`. `ranef()`: a list of class `"ranef.gamut"`
#' with a data frame for each grouping factor, levels as row names and effects as columns.
#' Each has an attribute `"postVar"` with conditional variances, an array of (effects,
#' effects, levels). `as.data.frame()` of it has a row for each effect of each level: the
#' columns `grpvar`, `term`, `grp` (a factor, its levels in the order of the first
#' effect), `condval` and `condsd`, the same as lme4's. `ngrps()`: the number of levels of
#' each grouping factor.
#' @seealso [VarCorr.gamut()]; `coef(fit, "by_group")` for sums of fixed and random
#'   effects; `plot(fit, "random")`.
#' @examples
#' fit <- gamut(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' fixef(fit)
#' head(ranef(fit)$Subject)
#' head(as.data.frame(ranef(fit)))
#' ngrps(fit)
#' head(coef(fit, "by_group")$Subject)
#' @name ranef.gamut
#' @export
fixef.gamut <- function(object, ...) object$coefficients

#' @rdname ranef.gamut
#' @export
ranef.gamut <- function(object, condVar = has_data(object), # nolint: object_name_linter.
                        drop = FALSE, ...) {
  condVar <- check_flag(condVar, "condVar") # nolint: object_name_linter.
  drop <- check_flag(drop, "drop")
  variances <- if (condVar && is_mixed(object)) random_variances(object)
  effects <- lapply(seq_along(object$random), function(t) {
    modes <- random_modes(object, object$random[[t]])
    modes_table(modes, variances[[t]], drop)
  })
  structure(stats::setNames(effects, random_names(object)), class = "ranef.gamut")
}

#' @noRd
modes_table <- function(modes, variances, drop) {
  if (!drop || ncol(modes) > 1L) {
    return(structure(as.data.frame(modes, optional = TRUE), postVar = variances))
  }
  structure(modes[, 1L], postVar = if (!is.null(variances)) variances[1L, 1L, ],
            effect = colnames(modes))
}

#' Names of the terms: the grouping factor, with its parameter unless that is the main one
#'
#' Several terms of a grouping factor that the engine has apart are numbered, as in lme4.
#' @noRd
random_names <- function(object) {
  make.unique(vapply(object$random, term_group, "", object = object))
}

#' @noRd
term_group <- function(entry, object) {
  source <- source_predictor(entry, object)
  if (source == 1L) return(entry$group)
  paste0(names(object$frame$predictors)[source], ":", entry$group)
}

#' The formula that a random term is in, as a number; the first of several
#' @noRd
source_predictor <- function(entry, object) {
  min(vapply(object$predictors[entry$predictor], `[[`, 0L, "frame_predictor"))
}

#' Conditional modes, levels x effects; of a known matrix the correlated ones
#'
#' The engine's are independent there: those of the levels are their products with L.
#' @noRd
random_modes <- function(object, entry) {
  root <- known_root_of(object, entry)
  if (is.null(root)) return(entry$modes)
  modes <- root %*% entry$modes
  dimnames(modes) <- dimnames(entry$modes)
  modes
}

#' @noRd
known_root_of <- function(object, entry) {
  if (entry$parts[[1L]]$structure != "known") return(NULL)
  terms <- object$frame$predictors[[source_predictor(entry, object)]]$random
  labels <- vapply(terms, `[[`, "", "label")
  terms[[match(entry$parts[[1L]]$label, labels)]]$root
}

#' Conditional variances of each term, arrays of effects x effects x levels
#' @noRd
random_variances <- function(object) {
  variances <- conditional_variances(object)
  Map(function(entry, found) {
    if (is.null(known_root_of(object, entry))) found
  }, object$random, variances)
}

#' @rdname ranef.gamut
#' @export
print.ranef.gamut <- function(x, digits = max(3L, getOption("digits") - 3L),
                              max_rows = 60L, ...) {
  for (name in names(x)) {
    cat("$", name, "\n", sep = "")
    table <- x[[name]]
    attributes(table)[c("postVar", "effect")] <- NULL
    print_long(table, digits, max_rows)
    cat("\n")
  }
  with <- names(x)[!vapply(x, function(table) is.null(attr(table, "postVar")), NA)]
  if (length(with)) cat("with conditional variances for", quoted(with), "\n")
  invisible(x)
}

#' @noRd
print_long <- function(table, digits, max_rows) {
  size <- NROW(table)
  shown <- shown_rows(size, max_rows)
  part <- if (is.data.frame(table)) table[shown, , drop = FALSE] else table[shown]
  print(part, digits = digits)
  if (length(shown) < size) {
    cat("[", size - length(shown), " of ", size, " levels not shown]\n", sep = "")
  }
}

#' @rdname ranef.gamut
#' @export
as.data.frame.ranef.gamut <- function(x, row.names = NULL, # nolint: object_name_linter.
                                      optional = FALSE, ...) {
  parts <- Map(long_effects, x, names(x))
  if (!length(parts)) {
    return(long_effects(matrix(0, 0L, 1L, dimnames = list(NULL, "")), character()))
  }
  groups <- unlist(lapply(parts, function(part) levels(part$grp)))
  terms <- unlist(lapply(parts, function(part) levels(part$term)))
  parts <- lapply(parts, function(part) {
    part$grp <- factor(part$grp, unique(groups))
    part$term <- factor(part$term, unique(terms))
    part
  })
  result <- do.call(rbind, unname(parts))
  rownames(result) <- NULL
  result
}

#' @noRd
long_effects <- function(table, name) {
  variances <- attr(table, "postVar")
  dropped <- is.null(dim(table))
  if (dropped && !is.null(variances)) dim(variances) <- c(1L, 1L, length(variances))
  values <- as.matrix(table)
  effects <- if (dropped) attr(table, "effect") else colnames(values)
  size <- nrow(values)
  sd <- if (is.null(variances)) rep(NA_real_, length(values)) else
    sqrt(as.vector(vapply(seq_along(effects), function(j) variances[j, j, ],
                          numeric(size))))
  levels <- rownames(values)[order(values[, 1L])]
  data.frame(grpvar = rep(name, length(values)),
             term = factor(rep(effects, each = size), effects),
             grp = factor(rep(rownames(values), length(effects)), levels),
             condval = as.vector(values), condsd = sd, stringsAsFactors = FALSE)
}

#' Number of levels of each grouping factor
#'
#' @param object A fit; of gamut, or of a package that has a method for lme4's generic of
#'   the same name.
#' @param ... Passed on.
#' @return A named integer vector.
#' @examples
#' ngrps(gamut(score ~ Machine + (1 | Worker/Machine), data = nlme::Machines))
#' @export
ngrps <- function(object, ...) UseMethod("ngrps")

#' @rdname ngrps
#' @export
#' @rawNamespace S3method(lme4::ngrps,gamut)
ngrps.gamut <- function(object, ...) {
  sizes <- vapply(object$random, function(entry) length(entry$levels), 0L)
  groups <- vapply(object$random, `[[`, "", "group")
  stats::setNames(sizes, groups)[!duplicated(groups)]
}

#' Fits of lme4 and glmmTMB, when this generic hides lme4's
#' @rdname ngrps
#' @export
ngrps.default <- function(object, ...) {
  if (isNamespaceLoaded("lme4")) {
    generic <- getExportedValue("lme4", "ngrps")
    return(generic(object, ...))
  }
  abort_argument("object", "a fit with random effects", object)
}

#' @noRd
require_mixed <- function(object, what) {
  if (length(object$random)) return(invisible())
  abort_gamut(what, " is for models with random effects, and this one has none.",
              class = "random")
}

#' Fixed plus random effects of each level, one data frame for each grouping factor
#'
#' An effect that has no fixed one of its name is a deviation from 0.
#' @noRd
coef_by_group <- function(object) {
  require_mixed(object, "coef(fit, \"by_group\")")
  groups <- vapply(object$random, term_group, "", object = object)
  tables <- lapply(unique(groups), function(group) {
    entries <- object$random[groups == group]
    names <- unique(unlist(lapply(entries, `[[`, "predictor")))
    fixed <- predictor_coefficients(object, names)
    levels <- entries[[1L]]$levels
    table <- matrix(fixed, length(levels), length(fixed), byrow = TRUE,
                    dimnames = list(levels, names(fixed)))
    for (entry in entries) table <- add_effects(table, random_modes(object, entry))
    as.data.frame(table, optional = TRUE)
  })
  stats::setNames(tables, unique(groups))
}

#' @noRd
add_effects <- function(table, modes) {
  new <- setdiff(colnames(modes), colnames(table))
  zeros <- matrix(0, nrow(table), length(new), dimnames = list(NULL, new))
  table <- cbind(table, zeros)
  at <- colnames(modes)
  table[, at] <- table[, at] + modes
  table
}

#' Fixed effects of linear predictors, by the names that random effects have in them
#' @noRd
predictor_coefficients <- function(object, names) {
  chosen <- object$predictors[names]
  position <- unlist(lapply(chosen, `[[`, "position"), use.names = FALSE)
  own <- if (length(chosen) == 1L) chosen[[1L]]$names
         else base::names(object$coefficients)[position]
  first <- !duplicated(position)
  stats::setNames(unname(object$coefficients[position[first]]), own[first])
}
