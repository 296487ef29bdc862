# Links: g(mu) = eta, with inverse and derivative of the inverse. A link is the
# "link-glm" object of stats::make.link(), so links of stats, of gamut and of users
# are one kind of thing. The engine knows the named ones and calls back for others.

#' Links by name
#'
#' A link \eqn{g} maps a parameter of the response distribution to the real line,
#' where the linear predictor lives: \eqn{\eta = g(\mu)}.
#'
#' @param link A name, or an object of class `"link-glm"` (then checked and returned).
#'
#' @details
#' | name | \eqn{\eta = g(\mu)} | range of \eqn{\mu} |
#' |---|---|---|
#' | `"identity"` | \eqn{\mu} | all reals |
#' | `"log"` | \eqn{\log \mu} | positive |
#' | `"inverse"` | \eqn{1/\mu} | not 0 |
#' | `"sqrt"` | \eqn{\sqrt\mu}{sqrt(mu)}, \eqn{\eta > 0} (see below) | positive |
#' | `"1/mu^2"` | \eqn{1/\mu^2}, \eqn{\eta > 0} | positive |
#' | `"logit"` | \eqn{\log\{\mu/(1-\mu)\}} | (0, 1) |
#' | `"probit"` | \eqn{\Phi^{-1}(\mu)} | (0, 1) |
#' | `"cauchit"` | \eqn{\tan\{\pi(\mu - 1/2)\}} | (0, 1) |
#' | `"cloglog"` | \eqn{\log\{-\log(1-\mu)\}} | (0, 1) |
#' | `"loglog"` | \eqn{-\log\{-\log \mu\}} | (0, 1) |
#' | `"logit12"` | \eqn{\log\{(\mu-1)/(2-\mu)\}} | (1, 2) |
#'
#' All but the last two are those of [stats::make.link()]. `"logit12"` is for the power of
#' [tweedie()]. The log-log link is the
#' mirror image of the complementary one: it fits the failures where `"cloglog"`
#' fits the successes, with the signs of the coefficients turned.
#'
#' In a model with random effects the mean is \eqn{\mu = \eta^2} on both sides of 0, as
#' normal effects may lie on either.
#'
#' Two more kinds of link are accepted wherever a link is: those of
#' [stats::power()], and your own, as
#' `structure(list(linkfun =, linkinv =, mu.eta =, valideta =, name =), class =
#' "link-glm")`, each a function of a vector (`valideta` returns one `TRUE` or
#' `FALSE`).
#'
#' Standard errors come from expected information when every link is one of
#' `make.link()` or `power()` (as in `glm()`), and from observed information with
#' `"loglog"` or a link of your own, unless `gamut_control(information = )` says
#' otherwise.
#'
#' @return An object of class `"link-glm"`: a list of the functions `linkfun`,
#'   `linkinv`, `mu.eta` (\eqn{d\mu/d\eta}), `valideta` and the string `name`.
#'   An unknown name or a malformed object is an error of class
#'   `gamut_error_link`.
#' @references McCullagh, P. and Nelder, J. A. (1989) *Generalized Linear Models*,
#'   2nd edition, section 4.3. \doi{10.1201/9780203753736}
#' @examples
#' loglog <- gamut_link("loglog")
#' loglog$linkinv(c(-1, 0, 1))
#'
#' # goes into any family of stats or of gamut
#' binomial(link = gamut_link("loglog"))
#' bernoulli(link = "loglog")
#'
#' # a link of your own: log odds ratio against odds of 1 in 100
#' shifted <- structure(
#'   list(
#'     linkfun = function(mu) qlogis(mu) - qlogis(0.01),
#'     linkinv = function(eta) plogis(eta + qlogis(0.01)),
#'     mu.eta = function(eta) dlogis(eta + qlogis(0.01)),
#'     valideta = function(eta) TRUE,
#'     name = "logit against 0.01"
#'   ),
#'   class = "link-glm"
#' )
#' binomial(link = gamut_link(shifted))
#' @export
gamut_link <- function(link) {
  resolve_link(link, call = sys.call())
}

#' Names of the links that the engine computes itself
#' @noRd
link_names <- function() {
  c(make_link_names(), "loglog", "logit12")
}

#' @noRd
make_link_names <- function() {
  c(
    "logit", "probit", "cauchit", "cloglog",
    "identity", "log", "sqrt", "1/mu^2", "inverse"
  )
}

#' @noRd
resolve_link <- function(link, call = NULL) {
  if (inherits(link, "link-glm")) {
    return(check_link(link, call))
  }
  if (!is.character(link) || length(link) != 1L || is.na(link)) {
    abort_gamut(
      "A link must be one name or an object of class \"link-glm\", not ",
      describe_object(link), ".",
      class = "link", call = call
    )
  }
  if (!link %in% link_names()) {
    abort_gamut(
      "There is no link \"", link, "\". Known are ",
      paste0("\"", link_names(), "\"", collapse = ", "),
      "; for a link of your own see ?gamut_link.",
      class = "link", call = call
    )
  }
  switch(link, loglog = loglog_link(), logit12 = logit12_link(),
         stats::make.link(link))
}

#' @noRd
check_link <- function(link, call = NULL) {
  parts <- c("linkfun", "linkinv", "mu.eta", "valideta")
  missing_parts <- parts[!vapply(parts, function(p) is.function(link[[p]]), NA)]
  if (length(missing_parts)) {
    abort_gamut(
      "The link object lacks the function ",
      paste0("`", missing_parts, "`", collapse = ", "),
      ". A link has ", paste0("`", parts, "`", collapse = ", "), " and `name`.",
      class = "link", call = call
    )
  }
  if (!is.character(link$name) || length(link$name) != 1L) {
    link$name <- "user-defined"
  }
  link
}

#' The log-log link, with the bounds of stats' cloglog (reports never show 0 or 1)
#' @noRd
loglog_link <- function() {
  structure(
    list(
      linkfun = function(mu) -log(-log(mu)),
      linkinv = function(eta) {
        eps <- .Machine$double.eps
        pmin(pmax(exp(-exp(-eta)), eps), 1 - eps)
      },
      mu.eta = function(eta) {
        eta <- pmax(eta, -700)
        pmax(exp(-eta - exp(-eta)), .Machine$double.eps)
      },
      valideta = function(eta) TRUE,
      name = "loglog"
    ),
    class = "link-glm"
  )
}

#' The logit of a number between 1 and 2
#' @noRd
logit12_link <- function() {
  structure(
    list(
      linkfun = function(mu) stats::qlogis(mu - 1),
      linkinv = function(eta) 1 + stats::plogis(eta),
      mu.eta = function(eta) stats::dlogis(eta),
      valideta = function(eta) TRUE,
      name = "logit12"
    ),
    class = "link-glm"
  )
}

#' The link of a family object, as an object
#' @noRd
link_of <- function(family, call = NULL) {
  link <- family[c("linkfun", "linkinv", "mu.eta", "valideta")]
  check_link(structure(c(link, list(name = family$link)), class = "link-glm"), call)
}

#' Is this the link that its name promises? Somebody may well have written a link
#' of their own and called it "logit", and the engine must not replace it.
#' @noRd
is_named_link <- function(link) {
  link$name %in% link_names() && same_link(link, resolve_link(link$name))
}

#' @noRd
same_link <- function(link, other) {
  same <- function(part) {
    identical(link[[part]], other[[part]],
      ignore.bytecode = TRUE, ignore.environment = TRUE, ignore.srcref = TRUE
    )
  }
  same("linkfun") && same("linkinv") && same("mu.eta")
}

#' The exponent of a link made by stats::power(), or NULL
#'
#' The name holds it rounded to three digits; the closure holds it in full.
#' @noRd
power_of_link <- function(link) {
  if (!same_link(link, stats::power(0.5))) {
    return(NULL)
  }
  get0("lambda", environment(link$linkfun), mode = "numeric", inherits = FALSE)
}

#' A link that glm() offers by name or by power()
#' @noRd
is_stats_link <- function(link) {
  named <- link$name %in% make_link_names() && is_named_link(link)
  named || !is.null(power_of_link(link))
}

#' A link as the engine takes it: its name, or functions to call back
#' @noRd
engine_link <- function(link) {
  if (is_named_link(link)) {
    return(paste0(if (isTRUE(link$whole)) "whole ", link$name))
  }
  functions <- unclass(link)[c("name", "linkfun", "linkinv", "mu.eta")]
  functions$power <- power_of_link(link)
  functions
}

#' A family whose mean may have predictors on either side of 0 where the link is the root
#'
#' A normal random effect reaches all of the line, and the likelihood integrates over it.
#' With mu = eta^2 beyond 0, too, it is smooth there; cut off, the modes of levels of low
#' counts are at an edge, where no Laplace approximation can be made.
#' @noRd
whole_link <- function(family, whole) {
  if (identical(family$links[[1L]]$name, "sqrt")) {
    family$links[[1L]]$whole <- if (whole) TRUE
  }
  family
}
