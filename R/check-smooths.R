# Checks of smooths: is the basis large enough, can other terms imitate them, and where do
# the data leave them alone?

#' A test of the size of each basis
#'
#' Against a basis of twice the size, of at most 20,000 rows that are spread evenly.
#' @noRd
examine_basis_size <- function(context) {
  fit <- context$fit
  if (!length(fit$smooths) || length(fit$predictors) > 2L) return(NULL)
  tests <- lapply(fit$smooths, basis_size_of, fit = fit)
  p <- vapply(tests, function(t) t$p_value %||% NA_real_, 0)
  if (all(is.na(p))) return(NULL)
  labels <- vapply(fit$smooths, `[[`, "", "label")
  index <- vapply(tests, function(t) t$k_index %||% NA_real_, 0)
  least <- which.min(p)
  bad <- which(p < 0.01 / length(p))
  verdict <- if (!length(bad)) "ok" else if (any(index[bad] < 0.9)) "problem" else "note"
  check_row(
    "basis size", verdict,
    if (length(bad)) {
      paste0("A basis of twice the size fits better: ", enumerate(labels[bad]), " (",
             p_text(p[least]), ", k-index ", format(round(index[least], 2L)), ").")
    } else {
      paste0("No basis needs to be larger (least p = ", format(signif(p[least], 2L)),
             ").")
    },
    "Fit with a larger k for these terms and see whether it matters.",
    value = index[least], p = p[least]
  )
}

#' @noRd
basis_size_of <- function(smooth, fit) {
  piece <- smooth$piece
  x <- covariate_data(piece, fit$frame$variables)
  if (length(x) > 2L || !all_plain_numbers(x) || smooth$predictor != 1L) return(NULL)
  rows <- unique(round(seq(1, fit$n, length.out = min(fit$n, 2e4))))
  larger <- tryCatch(suppressMessages(larger_matrix(piece, x, fit)),
                     error = function(e) NULL)
  if (is.null(larger)) return(NULL)
  found <- fit_rows(fit, working_information(fit$family))
  weight <- pmax(as.matrix(found$weight)[rows, 1L], 0)
  weight[!is.finite(weight)] <- 0
  residual <- ifelse(weight > 0, as.matrix(found$score)[rows, 1L] / weight, 0)
  known <- if (tests_have_df(fit)) NULL else 1
  model <- joint_matrix(fit, 1L, fit$frame)[rows, , drop = FALSE]
  basis_size_test(residual, do.call(cbind, x)[rows, ], model,
                  larger[rows, , drop = FALSE], weight, known)
}

#' @noRd
all_plain_numbers <- function(x) {
  all(vapply(x, function(v) is.double(v) && is.null(dim(v)), NA))
}

#' The columns of a spline of the same covariates with a basis of twice the size
#' @noRd
larger_matrix <- function(piece, x, fit) {
  k <- min(2L * piece$basis$columns + 1L, nrow(unique(as.data.frame(x))))
  bs <- if (length(x) == 1L) "cr" else "tp"
  spec <- structure(list(bs = bs, term = names(x), k = as.integer(k), m = NA, xt = NULL,
                         fixed = FALSE, label = piece$label),
                    class = c(paste0(bs, "_smooth"), "gamut_basis_spec"))
  larger <- basis_matrix(smooth_basis(spec, x, NULL), x)
  if (is.null(piece$by)) return(larger)
  larger * by_values(piece, fit$frame$variables[[piece$by]])
}

#' How much of each smooth the other terms can imitate
#' @noRd
examine_concurvity <- function(context) {
  fit <- context$fit
  smooths <- joint_smooths(smooths_of(fit, 1L))
  if (length(smooths) < 2L) return(NULL)
  rows <- unique(round(seq(1, fit$n, length.out = min(fit$n, 2e4))))
  x <- joint_matrix(fit, 1L, fit$frame)[rows, , drop = FALSE]
  groups <- lapply(smooths, `[[`, "position")
  names(groups) <- vapply(smooths, `[[`, "", "label")
  parametric <- fit$predictors[[1L]]$position
  if (length(parametric)) groups <- c(list(parametric = parametric), groups)
  own <- unlist(groups)
  indices <- concurvity_indices(
    x[, own, drop = FALSE], utils::relist(seq_along(own), groups),
    unname(all_coefficients(fit))[own]
  )
  values <- indices["estimate", names(groups) != "parametric"]
  worst <- which.max(values)
  verdict <- c("ok", "note", "problem")[1L + sum(values[worst] > c(0.8, 0.95))]
  check_row(
    "concurvity", verdict,
    paste0("Other terms can imitate ", format(round(100 * values[worst])), " % of ",
           names(values)[worst], " as estimated."),
    "Its shape and those of the others cannot be told apart well; leave one of them out.",
    value = values[worst]
  )
}

#' Gaps in the data of each smooth of one covariate
#' @noRd
examine_gaps <- function(context) {
  fit <- context$fit
  found <- lapply(fit$smooths, support_of_smooth, variables = fit$frame$variables)
  found <- Filter(Negate(is.null), found)
  if (!length(found)) return(NULL)
  gaps <- vapply(found, `[[`, 0, "gap")
  empty <- vapply(found, function(f) sum(f$intervals$n == 0), 0)
  worst <- found[[which.max(gaps)]]
  wide <- gaps > 0.1
  labels <- vapply(found, `[[`, "", "label")
  check_row(
    "gaps", if (any(wide)) "note" else "ok",
    paste0("The largest gap, of ", worst$label, ", is ", format(round(100 * max(gaps))),
           " % of its range, from ", short_number(worst$between[1L]), " to ",
           short_number(worst$between[2L]),
           if (any(empty > 0)) paste0("; intervals between knots without data: ",
                                      enumerate(labels[empty > 0])), "."),
    "Between and beyond the data a smooth follows its penalty: see predict(flag = TRUE).",
    value = max(gaps)
  )
}

#' The support of a smooth of one covariate that is more than a few values
#' @noRd
support_of_smooth <- function(smooth, variables) {
  piece <- smooth$piece
  x <- covariate_data(piece, variables)
  if (length(x) != 1L || !is.double(x[[1L]])) return(NULL)
  value <- as.vector(x[[1L]])
  if (!is.null(piece$by_level)) {
    value <- value[by_values(piece, variables[[piece$by]]) > 0]
  }
  if (length(unique(value)) < 10L) return(NULL)
  # other bases have a knot at each value
  knots <- if (inherits(piece$basis, c("cr_basis", "cc_basis", "ps_basis"))) {
    piece$basis$knots
  }
  c(smooth_support(value, knots), list(label = smooth$label))
}
