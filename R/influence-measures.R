# What deletions change: the measures of `influence()` for groups, and their methods.

#' @noRd
new_influence <- function(model, parts, found, refit) {
  full <- describe_deletion(model, model)
  fixed <- stacked_rows(found, "fixed", full)
  change <- rep(full$fixed, each = nrow(fixed)) - fixed
  errors <- vapply(found, function(d) sqrt(pmax(diag(d$vcov), 0)), full$fixed)
  errors <- matrix(errors, nrow(fixed), byrow = TRUE)
  ratio <- vapply(found, function(d) volume_ratio(d, full), 0)
  structure(
    list(fixed = fixed, coefficients = change, dfbetas = change / errors,
         cook = cook_of_changes(change, full$vcov), covratio = ratio,
         covariance = stacked_rows(found, "covariance", full), size = lengths(parts$rows),
         converged = vapply(found, `[[`, NA, "converged"), group = parts$label,
         refit = refit, full = full[c("fixed", "covariance", "vcov")]),
    class = "gamut_influence"
  )
}

#' A row for each group, or NULL where there is nothing
#' @noRd
stacked_rows <- function(found, name, full) {
  if (is.null(found[[1L]][[name]])) return(NULL)
  rows <- unlist(lapply(found, `[[`, name), use.names = FALSE)
  matrix(rows, length(found), byrow = TRUE,
         dimnames = list(names(found), names(full[[name]])))
}

#' @noRd
cook_of_changes <- function(change, vcov) {
  if (!ncol(change)) return(stats::setNames(rep(NaN, nrow(change)), rownames(change)))
  rowSums((change %*% symmetric_inverse(vcov)) * change) / ncol(change)
}

#' The inverse by way of correlations, so that units do not matter
#' @noRd
symmetric_inverse <- function(covariance) {
  scale <- sqrt(diag(covariance))
  solve(covariance / outer(scale, scale)) / outer(scale, scale)
}

#' det V_(g) / det V
#' @noRd
volume_ratio <- function(deletion, full) {
  if (anyNA(deletion$fixed)) return(NA_real_)
  scale <- sqrt(diag(full$vcov))
  volume <- function(vcov) {
    as.double(determinant(vcov / outer(scale, scale))$modulus)
  }
  exp(volume(deletion$vcov) - volume(full$vcov))
}

#' @rdname gamut_influence
#' @export
cooks.distance.gamut_influence <- function(model, ...) model$cook

#' @rdname gamut_influence
#' @export
dfbeta.gamut_influence <- function(model, ...) model$coefficients

#' @rdname gamut_influence
#' @export
dfbetas.gamut_influence <- function(model, ...) model$dfbetas

#' @rdname gamut_influence
#' @export
as.data.frame.gamut_influence <- function(x, row.names = NULL, # nolint
                                          optional = FALSE, ...) {
  table <- data.frame(group = rownames(x$fixed), size = unname(x$size),
                      cook = unname(x$cook), covratio = unname(x$covratio),
                      converged = unname(x$converged))
  cbind(table, x$dfbetas, row.names = seq_along(x$cook))
}

#' @rdname gamut_influence
#' @export
print.gamut_influence <- function(x, n = 10L, digits = max(3L, getOption("digits") - 4L),
                                  ...) {
  n <- check_count(n, "n")
  count <- length(x$cook)
  how <- if (x$refit) "the model refitted without each"
         else "each left out, variances held"
  cat(strwrap(paste0("Influence of ", count, if (x$group == "row") " rows"
                     else paste0(" groups (", x$group, ")"), ": ", how)), sep = "\n")
  cat("Cook's distance, COVRATIO, and DFBETAS of the coefficients",
      if (n < count) paste0(", the ", n, " most influential"), "\n\n", sep = "")
  table <- cbind("Cook's D" = x$cook, COVRATIO = x$covratio, x$dfbetas)
  order <- order(x$cook, decreasing = TRUE)
  print(table[utils::head(order, n), , drop = FALSE], digits = digits)
  bad <- names(x$converged)[!x$converged]
  if (length(bad)) {
    cat("\n", paste(strwrap(paste("Not converged:", enumerate(bad))), collapse = "\n"),
        "\n", sep = "")
  }
  invisible(x)
}
