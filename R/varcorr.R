# Variances and correlations of random effects, and how they are printed.

#' Variances and correlations of random effects
#'
#' @param x A fit, or its `VarCorr()`.
#' @param sigma Factor of all standard deviations, as in the generic of nlme.
#' @param comp Columns to print, of `"Variance"` and `"Std.Dev."`.
#' @param digits Number of significant digits.
#' @param row.names,optional Not used; there for the generic.
#' @param ... Not used.
#'
#' @details
#' Printed are the standard deviations, and what there is of correlations: those with the
#' effects above for a free covariance, the common one for `cs()`, that of neighbours for
#' `ar1()`, that with the first effect for `toep()`, and the range (the distance over
#' which correlations fade) for `exp()` and `mat()`. Effects that have one standard
#' deviation in common, as in `ar1()`, are one row in each linear predictor.
#' `as.data.frame()` gives all numbers.
#'
#' @return A list of class `"VarCorr.gamut"` with the covariance matrix of each term,
#' named by its grouping factor, with attributes `stddev`, `correlation`, `structure` and
#' `label` (the term as written). Attribute `sc` is the residual standard deviation;
#' `useSc` says whether there is one, which is in gaussian models with identity link. In
#' other models with a dispersion it is a parameter with a predictor, and among the
#' coefficients.
#'
#' `as.data.frame()`: columns `grp`, `var1`, `var2`, `vcov` and `sdcor`, as lme4 has them.
#' Variances have no `var2`; for correlations `vcov` is the covariance.
#' @seealso [ranef.gamut()], [rank_report()]
#' @examples
#' fit <- gamut(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' VarCorr(fit)
#' as.data.frame(VarCorr(fit))
#' VarCorr(fit)$Subject
#' @export
VarCorr.gamut <- function(x, sigma = 1, ...) { # nolint: object_name_linter.
  check_number(sigma, "sigma", above = 0)
  parts <- unlist(lapply(x$random, function(entry) {
    lapply(entry$parts, part_covariance_matrix, entry = entry, object = x, sigma = sigma)
  }), recursive = FALSE)
  names <- vapply(parts, attr, "", "group")
  parts <- lapply(parts, function(part) structure(part, group = NULL))
  scaled <- is_profiled(x$family)
  structure(stats::setNames(parts, make.unique(as.character(names))),
            sc = if (scaled) sigma * sqrt(x$dispersion) else 1, useSc = scaled,
            class = "VarCorr.gamut")
}

#' @noRd
part_covariance_matrix <- function(part, entry, object, sigma) {
  at <- part$columns
  covariance <- sigma^2 * entry$covariance[at, at, drop = FALSE]
  sd <- sqrt(diag(covariance))
  names(sd) <- rownames(covariance)
  # an effect without variance has no correlation
  inverse <- ifelse(sd > 0, 1 / sd, NaN)
  correlation <- covariance * outer(inverse, inverse)
  diag(correlation) <- 1
  structure(covariance, stddev = sd, correlation = correlation,
            structure = part$structure, label = part$label,
            range = correlation_range(entry, part), size = part$size,
            group = term_group(entry, object))
}

#' The range of correlations that decay with distance, in each linear predictor
#'
#' It is the second parameter of a predictor's share of theta, as a logarithm.
#' @noRd
correlation_range <- function(entry, part) {
  if (!is_spatial(part$structure) || part$size < 2L) return(NULL)
  at <- match(part$label, vapply(entry$parts, `[[`, "", "label"))
  before <- sum(vapply(entry$parts[seq_len(at - 1L)], `[[`, 0, "parameters"))
  unname(exp(entry$theta[before + seq(2L, part$parameters, by = 2L)]))
}

#' @rdname VarCorr.gamut
#' @export
as.data.frame.VarCorr.gamut <- function(x, row.names = NULL, # nolint
                                        optional = FALSE, ...) {
  parts <- Map(long_covariance, unclass(x)[seq_along(x)], names(x))
  if (attr(x, "useSc")) {
    sc <- attr(x, "sc")
    parts <- c(parts, list(data.frame(grp = "Residual", var1 = NA_character_,
                                      var2 = NA_character_, vcov = sc^2, sdcor = sc)))
  }
  result <- do.call(rbind, unname(parts))
  rownames(result) <- NULL
  result
}

#' @noRd
long_covariance <- function(matrix, name) {
  effects <- rownames(matrix)
  below <- which(lower.tri(matrix) & has_correlations(matrix), arr.ind = TRUE)
  correlation <- attr(matrix, "correlation")
  data.frame(
    grp = name, var1 = c(effects, effects[below[, 2L]]),
    var2 = c(rep(NA_character_, length(effects)), effects[below[, 1L]]),
    vcov = c(diag(matrix), matrix[below]),
    sdcor = c(attr(matrix, "stddev"), correlation[below]), row.names = NULL
  )
}

#' @noRd
has_correlations <- function(matrix) {
  nrow(matrix) > 1L && !attr(matrix, "structure") %in% c("diag", "known")
}

#' @rdname VarCorr.gamut
#' @export
print.VarCorr.gamut <- function(x, comp = "Std.Dev.",
                                digits = max(3L, getOption("digits") - 2L), ...) {
  print_varcorr(x, comp, digits)
  invisible(x)
}

#' @noRd
print_varcorr <- function(x, comp, digits) {
  known <- c("Variance", "Std.Dev.")
  if (!is.character(comp) || !length(comp) || !all(comp %in% known)) {
    abort_argument("comp", "of \"Variance\" and \"Std.Dev.\"", comp)
  }
  table <- varcorr_table(x, digits)
  kept <- c("Groups", "Name", intersect(known, comp),
            setdiff(colnames(table), c("Groups", "Name", known)))
  table <- table[, kept, drop = FALSE]
  colnames(table)[startsWith(colnames(table), "Corr") & colnames(table) != "Corr"] <- ""
  print(table, quote = FALSE, right = FALSE)
}

#' The table that is printed, as text
#' @noRd
varcorr_table <- function(x, digits) {
  groups <- short_names(names(x), 50L)
  rows <- lapply(seq_along(x), function(i) varcorr_rows(x[[i]], groups[i], digits))
  if (attr(x, "useSc")) {
    rows <- c(rows, list(list(names = "", group = "Residual", sd = attr(x, "sc"),
                              correlations = matrix("", 1L, 0L))))
  }
  width <- max(0L, vapply(rows, function(row) ncol(row$correlations), 0L))
  sd <- unlist(lapply(rows, `[[`, "sd"))
  correlations <- do.call(rbind, lapply(rows, function(row) {
    given <- row$correlations
    cbind(given, matrix("", nrow(given), width - ncol(given)))
  }))
  groups <- unlist(lapply(rows, function(row) {
    c(row$group, rep("", length(row$names) - 1L))
  }))
  table <- cbind(groups, unlist(lapply(rows, `[[`, "names")),
                 aligned(sd^2, digits), aligned(sd, digits), correlations)
  names <- c("Groups", "Name", "Variance", "Std.Dev.",
             if (width) paste0("Corr", c("", seq_len(width - 1L))))
  colnames(table) <- names
  rownames(table) <- rep("", nrow(table))
  table
}

#' Numbers of one column at one decimal point; what is 0 but for rounding does not force
#' all others into scientific notation
#' @noRd
aligned <- function(x, digits) {
  text <- format(x, digits = digits)
  if (!any(grepl("e", text, fixed = TRUE))) return(text)
  x[abs(x) < 1e-6 * max(abs(x))] <- 0
  format(x, digits = digits)
}

#' @noRd
varcorr_rows <- function(matrix, group, digits) {
  sd <- attr(matrix, "stddev")
  structure <- attr(matrix, "structure")
  names <- short_names(rownames(matrix), 40L)
  size <- attr(matrix, "size")
  if (has_one_deviation(structure) && size > 1L) {
    # a row for each linear predictor
    first <- seq(1L, length(sd), by = size)
    range <- attr(matrix, "range")
    neighbours <- attr(matrix, "correlation")[cbind(first, first + 1L)]
    text <- if (is.null(range)) two_digits(neighbours)
            else paste("range", vapply(range, format, "", digits = 3L))
    label <- paste0(names[first], " ... ", names[first + size - 1L])
    return(list(names = label, group = group, sd = sd[first],
                correlations = cbind(paste0(text, " (", structure, ")"))))
  }
  list(names = names, group = group, sd = sd,
       correlations = correlation_text(matrix, structure))
}

#' @noRd
correlation_text <- function(matrix, structure) {
  size <- nrow(matrix)
  if (!has_correlations(matrix)) return(matrix("", size, 0L))
  correlation <- attr(matrix, "correlation")
  if (structure == "cs") {
    return(cbind(c(paste(two_digits(correlation[2L, 1L]), "(cs)"), rep("", size - 1L))))
  }
  text <- two_digits(correlation)
  dim(text) <- dim(correlation)
  text[!lower.tri(text)] <- ""
  if (structure == "toep") return(cbind(c("(toep)", text[-1L, 1L])))
  text[, -size, drop = FALSE]
}

#' @noRd
two_digits <- function(x) {
  text <- formatC(x, digits = 2L, format = "f")
  text[!is.finite(x)] <- "."
  # aligned at the point
  ifelse(startsWith(text, "-") | text == ".", text, paste0(" ", text))
}
