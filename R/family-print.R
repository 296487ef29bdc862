# What a family shows of itself.

#' Print a family
#'
#' Shows the links of all parameters, whether the dispersion is estimated, what
#' `weights` mean and which information gives the standard errors.
#'
#' @param x A family of gamut.
#' @param ... Not used.
#' @return `x`, invisibly.
#' @examples
#' Beta()
#' @export
print.gamut_family <- function(x, ...) {
  weights <- c(
    precision = "precisions (they divide the variance)",
    trials = "numbers of trials of the proportions",
    likelihood = "factors of the log-likelihood"
  )
  cat("Family:      ", family_title(x), "\n", sep = "")
  cat("Link:        ", describe_links(x), "\n", sep = "")
  if (!is.null(x$variance_id)) {
    cat("Variance:    dispersion * ", x$variance_id, "\n", sep = "")
  }
  print_reference(x)
  cat("Dispersion:  ", if (has_fixed_dispersion(x)) "fixed at 1" else "estimated", "\n",
    sep = ""
  )
  cat("Weights:     ", weights[[x$weights_are]], "\n", sep = "")
  cat("Information: ", x$information, "\n", sep = "")
  invisible(x)
}

#' "dirichlet, mean parametrization"
#' @noRd
family_title <- function(family) {
  named <- family$parametrization
  paste0(family$family, if (!is.null(named)) paste0(", ", named, " parametrization"))
}

#' "logit", or "mu: logit, phi: log" where there are several parameters
#' @noRd
describe_links <- function(family) {
  if (is.function(family$link_text)) return(family$link_text(family))
  links <- vapply(family$links, function(link) link$name, "")
  if (length(links) == 1L) {
    return(family$link)
  }
  paste(names(links), links, sep = ": ", collapse = ", ")
}

#' @noRd
print_reference <- function(x) {
  if (is.null(x$against)) {
    return(invisible())
  }
  first <- if (is_composition(x)) "the first part" else "the first level"
  reference <- if (is.null(x$reference)) first else x$reference
  cat("Reference:   ", reference, "\n", sep = "")
}
