# The open protocol of smooth terms: two generics. What is in front of them (formulas) and
# behind them (centring, `by`, penalties in the engine) knows no basis by name.

#' Bases of smooth terms: the protocol
#'
#' A smooth term such as `s(x, bs = "cr", k = 10)` is a sum of basis functions with
#' penalised coefficients. Each kind of basis, the `bs` of a term, is a method of
#' `smooth_basis()`, which makes the basis from data, and one of `basis_matrix()`, which
#' evaluates it at any data. Write these two for a basis of your own and it can be used in
#' every formula, with all that belongs to smooth terms.
#'
#' @param spec What the term asks for, of class `c("<bs>_smooth", "gamut_basis_spec")`: a
#'   list with `bs`; `term`, the names of its covariates; `k`, a whole number or `NA` for
#'   the default; `m` and `xt`, `NA` and `NULL` unless given; `fixed`, `TRUE` for a basis
#'   without penalty (`fx = TRUE`); and `label`, such as `"s(x)"`, for messages.
#' @param data Named list of the covariates: numeric vectors, factors, or numeric
#'   matrices. `smooth_basis()` never sees a missing value; for `basis_matrix()` these may
#'   be new data.
#' @param knots `NULL`, or a named list with the knots of some covariates.
#' @param basis A basis that `smooth_basis()` made.
#'
#' @details
#' The bases at hand, with the spaces, penalties and defaults that they have in package
#' \pkg{mgcv}:
#'
#' * `"tp"`, `"ts"`: thin plate regression splines of any number of covariates; `k` is 10,
#'   30 and 110 for one, two and three of them, `m` the order of the derivatives
#' * `"cr"`, `"cs"`, `"cc"`: cubic regression splines, natural or cyclic; `k = 10` knots
#'   at quantiles of the unique values
#' * `"ps"`, `"cp"`: B-splines, cyclic ones, whose coefficients have penalised
#'   differences; `k = 10`, `m = c(2, 2)`: cubic splines, second differences
#' * `"bs"`: B-splines with integrated squares of derivatives as penalties; `k = 10`,
#'   `m = c(3, 2)`: cubic splines, second derivatives; further numbers, further penalties
#' * `"ad"`: P-splines whose smoothness varies along the covariate; `k = 40`, `m = 5`
#'   penalties
#' * `"gp"`: Gaussian processes of any number of covariates; `m`: the correlation, from 1
#'   to 5 (spherical, power exponential, Matern of 3/2, 5/2, 7/2; by default 3; negative
#'   for no linear trend), its range (by default the largest distance), its power
#' * `"re"`: independent random coefficients, of the interaction of its covariates
#' * `"mrf"`: a Markov random field of regions; `xt = list(polys = )`, `list(nb = )` or
#'   `list(penalty = )` says which are neighbours; `k`, all regions unless given
#'
#' `"ts"` and `"cs"` are `"tp"` and `"cr"` with a small penalty on what else has none, so
#' that a term can vanish. The one for lines is a tenth of the least other eigenvalue; in
#' `"cs"` the one for constants is a tenth of that. (There \pkg{mgcv} divides the two
#' between a line and a constant as rounding errors have it.)
#' Any other `bs` goes to \pkg{mgcv}, if that is installed: to a method of
#' `mgcv::smooth.construct()` of its own, or one that you wrote.
#'
#' Where the covariates have fewer unique values than `k`, `k` is reduced with a message.
#' Thin plate splines and Gaussian processes of more than 2,000 unique places have their
#' knots in 2,000 of these, spread evenly over the data without random numbers;
#' `xt = list(max.knots = )` is another limit.
#'
#' @return `smooth_basis()`: a list of class `c("<bs>_basis", "gamut_basis")` with nothing
#'   in it that has a row for each observation:
#'   * `bs`, `term`; `columns`, the number p of basis functions
#'   * `S`, a list of p x p penalties, empty if there is none; `copies` m, if the basis is
#'     m blocks of p / m columns, each with the penalties `S`, as `"re"` and `"fs"` are
#'   * `rank` of each penalty; `null_dim`, p less the rank of their sum
#'   * `constraint`: `"sum"` if the term is still to be centred over the data, `"none"`,
#'     or a matrix `C` of p columns where coefficients `b` must have `C b = 0`
#'   * `side`: `FALSE` if the term is never made identifiable next to smooths of fewer of
#'     its covariates
#'   * `random`: `TRUE` for independent random effects
#'   * whatever else `basis_matrix()` needs.
#'
#'   Arguments that make no basis are errors of class `gamut_error_smooth` that name the
#'   term; a reduced `k` is a message of class `gamut_message_basis`.
#'
#'   `basis_matrix()`: a numeric matrix with a row for each of `data` and p columns.
#'   Beyond the knots splines go on in straight lines, cyclic ones come round. Rows with a
#'   missing covariate are `NA`.
#' @examples
#' # A basis of one's own: sines and cosines, the fast ones penalised more
#' smooth_basis.trig_smooth <- function(spec, data, knots) {
#'   waves <- if (is.na(spec$k)) 5 else spec$k
#'   speed <- rep(seq_len(waves), each = 2)
#'   structure(
#'     list(bs = "trig", term = spec$term, columns = 2 * waves,
#'          S = list(diag(speed^4)), rank = 2 * waves, null_dim = 0,
#'          constraint = "sum", side = TRUE, random = FALSE, waves = waves),
#'     class = c("trig_basis", "gamut_basis"))
#' }
#' basis_matrix.trig_basis <- function(basis, data) {
#'   angle <- 2 * pi * outer(data[[basis$term]], seq_len(basis$waves))
#'   cbind(sin(angle), cos(angle))[, order(rep(seq_len(basis$waves), 2)), drop = FALSE]
#' }
#' spec <- structure(list(bs = "trig", term = "x", k = 3, m = NA, xt = NULL,
#'                        fixed = FALSE, label = "s(x)"),
#'                   class = c("trig_smooth", "gamut_basis_spec"))
#' basis <- smooth_basis(spec, list(x = runif(20)), NULL)
#' round(basis_matrix(basis, list(x = c(0, 1 / 8, NA))), 3)
#' @references Wood, S. N. (2017) Generalized Additive Models: An Introduction with R, 2nd
#'   edition. \doi{10.1201/9781315370279}
#' @export
smooth_basis <- function(spec, data, knots) {
  UseMethod("smooth_basis")
}

#' @rdname smooth_basis
#' @export
basis_matrix <- function(basis, data) {
  UseMethod("basis_matrix")
}

#' A basis as the protocol has it
#'
#' @param class Further classes between that of `bs` and `"gamut_basis"`.
#' @param ... What evaluation needs.
#' @noRd
new_basis <- function(spec, columns, S, rank, null_dim, ..., class = character(),
                      constraint = "sum", side = TRUE, random = FALSE) {
  if (spec$fixed) {
    S <- list()
    rank <- integer()
    null_dim <- columns
  }
  structure(
    list(bs = spec$bs, term = spec$term, columns = as.integer(columns), S = S,
         rank = as.integer(rank), null_dim = as.integer(null_dim),
         constraint = constraint, side = side, random = random, ...),
    class = unique(c(paste0(spec$bs, "_basis"), class, "gamut_basis"))
  )
}

#' Rows of a basis at covariates as a matrix, `NA` where one of these is not finite
#' @param evaluate From a matrix with finite rows and a column for each covariate, to the
#'   rows of the basis.
#' @noRd
rows_where_finite <- function(basis, data, evaluate) {
  x <- covariates_as_columns(data[basis$term])
  good <- is.finite(rowSums(x))
  if (all(good)) return(evaluate(x))
  out <- matrix(NA_real_, nrow(x), basis$columns)
  out[good, ] <- evaluate(x[good, , drop = FALSE])
  out
}

#' Covariates as the columns of a matrix of numbers
#' @noRd
covariates_as_columns <- function(data) {
  x <- vapply(data, as.double, numeric(length(data[[1L]])), USE.NAMES = FALSE)
  matrix(x, ncol = length(data))
}
