# Every family against its best peer, n = 1e5, one thread, from formula to fit: the same
# model, the same data, and the log-likelihoods compared in the same run. Run from the
# project's root: Rscript bench/families.R [name ...]
source("bench/common.R")
suppressMessages(library(gamut))

n <- 1e5L

base_data <- function(seed = 1L) {
  set.seed(seed)
  d <- data.frame(x = runif(n, -1, 1), z = rnorm(n) / 2,
                  f = factor(sample(letters[1:4], n, TRUE)))
  d$eta <- 0.4 + 0.5 * d$x - 0.3 * d$z + 0.2 * (d$f == "b") - 0.3 * (d$f == "c")
  d$w <- runif(n)
  d
}

with_response <- function(draw) {
  d <- base_data()
  d$y <- draw(d)
  d
}

data_of <- function(case) {
  if (is.null(case$data)) with_response(case$draw) else case$data()
}

zero_some <- function(y, p) y * (runif(length(y)) >= p)

# Peers whose logLik() is missing or stands for something else give their own.
loglik_of <- function(fit) as.numeric(logLik(fit))
from_vgam <- function(fit) fit@criterion$loglikelihood

# One entry a family: the response drawn from the other columns (or the data themselves),
# our fit, and the peers, each list(fit =, loglik =).
cases <- list(
  Beta = list(
    draw = function(d) {
      rbeta(n, 8 * plogis(d$eta), 8 * plogis(-d$eta))
    },
    ours = function(d) gamut(y ~ x + z + f, d, Beta()),
    betareg = list(fit = function(d) betareg::betareg(y ~ x + z + f, d)),
    glmmTMB = list(fit = function(d) {
      glmmTMB::glmmTMB(y ~ x + z + f, d, glmmTMB::beta_family())
    })
  ),
  categorical = list(
    draw = function(d) {
      u <- cbind(0, d$eta, -d$eta) - log(-log(matrix(runif(3 * n), n)))
      factor(letters[max.col(u)])
    },
    ours = function(d) gamut(y ~ x + z + f, d, categorical()),
    multinom = list(fit = function(d) {
      nnet::multinom(y ~ x + z + f, d, trace = FALSE, maxit = 1000, reltol = 1e-12)
    }),
    VGAM = list(fit = function(d) VGAM::vglm(y ~ x + z + f, VGAM::multinomial(), d),
                loglik = from_vgam)
  ),
  cumulative = list(
    draw = function(d) {
      cut(d$eta + rlogis(n), c(-Inf, -1, 0.5, 2, Inf), 1:4, ordered_result = TRUE)
    },
    ours = function(d) gamut(y ~ x + z + f, d, cumulative()),
    polr = list(fit = function(d) MASS::polr(y ~ x + z + f, d)),
    clm = list(fit = function(d) ordinal::clm(y ~ x + z + f, data = d))
  ),
  dirichlet = list(
    draw = function(d) {
      g <- cbind(a = rgamma(n, exp(d$eta)), b = rgamma(n, 2), c = rgamma(n, exp(1 - d$x)))
      g <- pmax(g, 1e-12)
      g / rowSums(g)
    },
    ours = function(d) gamut(y ~ x + z + f, d, dirichlet()),
    DirichletReg = list(fit = function(d) {
      d$Y <- suppressWarnings(DirichletReg::DR_data(d$y))
      DirichletReg::DirichReg(Y ~ x + z + f, d)
    })
  ),
  negbinomial = list(
    draw = function(d) rnbinom(n, size = 2, mu = exp(1 + d$eta)),
    ours = function(d) gamut(y ~ x + z + f, d, negbinomial()),
    glm.nb = list(fit = function(d) MASS::glm.nb(y ~ x + z + f, d)),
    glmmTMB = list(fit = function(d) {
      glmmTMB::glmmTMB(y ~ x + z + f, d, glmmTMB::nbinom2())
    })
  ),
  negbinomial_linear = list(
    draw = function(d) {
      mu <- exp(1 + d$eta)
      rnbinom(n, size = mu / 0.7, mu = mu)
    },
    ours = function(d) gamut(y ~ x + z + f, d, negbinomial(variance = "linear")),
    glmmTMB = list(fit = function(d) {
      glmmTMB::glmmTMB(y ~ x + z + f, d, glmmTMB::nbinom1())
    })
  ),
  zero_inflated_poisson = list(
    draw = function(d) {
      zero_some(rpois(n, exp(1 + d$eta)), plogis(-1 + d$z))
    },
    ours = function(d) gamut(y ~ x + z + f | z, d, zero_inflated(poisson())),
    pscl = list(fit = function(d) pscl::zeroinfl(y ~ x + z + f | z, d)),
    glmmTMB = list(fit = function(d) {
      glmmTMB::glmmTMB(y ~ x + z + f, d, poisson(), ziformula = ~z)
    })
  ),
  zero_inflated_negbinomial = list(
    draw = function(d) {
      zero_some(rnbinom(n, size = 2, mu = exp(1 + d$eta)), plogis(-1 + d$z))
    },
    ours = function(d) gamut(y ~ x + z + f | z, d, zero_inflated(negbinomial())),
    pscl = list(fit = function(d) pscl::zeroinfl(y ~ x + z + f | z, d, dist = "negbin")),
    glmmTMB = list(fit = function(d) {
      glmmTMB::glmmTMB(y ~ x + z + f, d, glmmTMB::nbinom2(), ziformula = ~z)
    })
  ),
  hurdle_poisson = list(
    draw = function(d) {
      zero_some(rpois(n, exp(1 + d$eta)), plogis(-1 + d$z))
    },
    ours = function(d) gamut(y ~ x + z + f | z, d, hurdle(poisson())),
    pscl = list(fit = function(d) pscl::hurdle(y ~ x + z + f | z, d))
  ),
  hurdle_negbinomial = list(
    draw = function(d) {
      zero_some(rnbinom(n, size = 2, mu = exp(1 + d$eta)), plogis(-1 + d$z))
    },
    ours = function(d) gamut(y ~ x + z + f | z, d, hurdle(negbinomial())),
    pscl = list(fit = function(d) pscl::hurdle(y ~ x + z + f | z, d, dist = "negbin"))
  ),
  hurdle_Gamma = list(
    draw = function(d) {
      zero_some(rgamma(n, 3, 3 / exp(d$eta)), plogis(-1 + d$z))
    },
    ours = function(d) gamut(y ~ x + z + f | z, d, hurdle(Gamma("log"))),
    glmmTMB = list(fit = function(d) {
      glmmTMB::glmmTMB(y ~ x + z + f, d, glmmTMB::ziGamma("log"), ziformula = ~z)
    })
  ),
  truncated_poisson = list(
    data = function() {
      d <- with_response(function(d) rpois(n, exp(1 + d$eta)))
      d[d$y > 0, ]
    },
    ours = function(d) gamut(y ~ x + z + f, d, truncated(poisson())),
    VGAM = list(fit = function(d) VGAM::vglm(y ~ x + z + f, VGAM::pospoisson(), d),
                loglik = from_vgam),
    glmmTMB = list(fit = function(d) {
      glmmTMB::glmmTMB(y ~ x + z + f, d, glmmTMB::truncated_poisson())
    })
  ),
  betabinomial = list(
    data = function() {
      d <- base_data()
      d$m <- sample(5:20, n, TRUE)
      d$k <- rbinom(n, d$m, rbeta(n, 6 * plogis(d$eta), 6 * plogis(-d$eta)))
      d
    },
    ours = function(d) gamut(cbind(k, m - k) ~ x + z + f, d, betabinomial()),
    glmmTMB = list(fit = function(d) {
      glmmTMB::glmmTMB(cbind(k, m - k) ~ x + z + f, d, glmmTMB::betabinomial())
    })
  ),
  compois = list(
    draw = function(d) rbinom(n, 12L, plogis(d$eta - 1)),
    ours = function(d) gamut(y ~ x + z + f, d, compois()),
    glmmTMB = list(fit = function(d) {
      glmmTMB::glmmTMB(y ~ x + z + f, d, glmmTMB::compois())
    })
  ),
  chisq = list(
    draw = function(d) rchisq(n, exp(1 + d$eta)),
    ours = function(d) gamut(y ~ x + z + f, d, chisq()),
    VGAM = list(fit = function(d) VGAM::vglm(y ~ x + z + f, VGAM::chisq(), d),
                loglik = from_vgam)
  ),
  chisq_var = list(
    draw = function(d) exp(d$eta) * rchisq(n, 6) / 6,
    ours = function(d) gamut(y ~ x + z + f, d, chisq_var(6)),
    glm = list(fit = function(d) glm(y ~ x + z + f, Gamma("log"), d),
               loglik = function(fit) {
                 sum(dgamma(fit$y, 3, 3 / fitted(fit), log = TRUE))
               })
  ),
  exponential = list(
    draw = function(d) rexp(n, exp(-d$eta)),
    ours = function(d) gamut(y ~ x + z + f, d, exponential()),
    glm = list(fit = function(d) glm(y ~ x + z + f, Gamma("log"), d),
               loglik = function(fit) sum(dexp(fit$y, 1 / fitted(fit), log = TRUE))),
    survreg = list(fit = function(d) {
      survival::survreg(survival::Surv(y) ~ x + z + f, d, dist = "exponential")
    })
  ),
  gaussian_sigma = list(
    draw = function(d) rnorm(n, d$eta, exp(-0.5 + d$z)),
    ours = function(d) gamut(list(y ~ x + z + f, sigma ~ z), d, gaussian()),
    glmmTMB = list(fit = function(d) glmmTMB::glmmTMB(y ~ x + z + f, d, dispformula = ~z))
  ),
  lognormal = list(
    draw = function(d) exp(rnorm(n, d$eta)),
    ours = function(d) gamut(y ~ x + z + f, d, lognormal()),
    survreg = list(fit = function(d) {
      survival::survreg(survival::Surv(y) ~ x + z + f, d, dist = "lognormal")
    })
  ),
  weibull = list(
    draw = function(d) rweibull(n, 1.7, exp(d$eta)),
    ours = function(d) gamut(y ~ x + z + f, d, weibull()),
    survreg = list(fit = function(d) {
      survival::survreg(survival::Surv(y) ~ x + z + f, d, dist = "weibull")
    })
  ),
  student = list(
    draw = function(d) d$eta + rt(n, 5),
    ours = function(d) gamut(y ~ x + z + f, d, student()),
    VGAM = list(fit = function(d) VGAM::vglm(y ~ x + z + f, VGAM::studentt3(), d),
                loglik = from_vgam)
  ),
  tweedie = list(
    draw = function(d) mgcv::rTweedie(exp(1 + d$eta), 1.4, 1.5),
    ours = function(d) gamut(y ~ x + z + f, d, tweedie()),
    mgcv = list(fit = function(d) mgcv::gam(y ~ x + z + f, mgcv::tw(), d, method = "ML")),
    glmmTMB = list(fit = function(d) {
      glmmTMB::glmmTMB(y ~ x + z + f, d, glmmTMB::tweedie())
    })
  ),
  censored_gaussian = list(
    draw = function(d) pmax(rnorm(n, d$eta), 0),
    ours = function(d) gamut(y ~ x + z + f, d, censored(gaussian(), left = 0)),
    survreg = list(fit = function(d) {
      survival::survreg(survival::Surv(y, y > 0, type = "left") ~ x + z + f, d,
                        dist = "gaussian")
    })
  ),
  skewnormal = list(
    draw = function(d) {
      d$eta + 2 * abs(rnorm(n)) + rnorm(n)
    },
    ours = function(d) gamut(y ~ x + z + f, d, skewnormal()),
    sn = list(fit = function(d) sn::selm(y ~ x + z + f, data = d))
  ),
  Beta_inflated = list(
    draw = function(d) {
      y <- rbeta(n, 8 * plogis(d$eta), 8 * plogis(-d$eta))
      ifelse(d$w < 0.1, 0, ifelse(d$w > 0.9, 1, y))
    },
    ours = function(d) gamut(y ~ x + z + f, d, Beta_inflated()),
    VGAM = list(fit = function(d) {
      VGAM::vglm(y ~ x + z + f, VGAM::zoabetaR(zero = c("shape2", "pobs")), d)
    }, loglik = from_vgam, other_model = TRUE)
  ),
  Beta_extended = list(
    draw = function(d) {
      u <- 0.1
      pmin(pmax(-u + (1 + 2 * u) * rbeta(n, 4 * plogis(d$eta), 4 * plogis(-d$eta)), 0), 1)
    },
    ours = function(d) gamut(y ~ x + z + f, d, Beta_extended()),
    betareg = list(fit = function(d) {
      betareg::betareg(y ~ x + z + f, d, dist = "xbetax")
    })
  )
)

# The answer must be no worse than the peer's: log-likelihoods to 1e-7 relative, which is
# some tenths in 1e6 and below what peers with loose tolerances leave.
run_case <- function(name) {
  case <- cases[[name]]
  cat(name, "...\n")
  d <- data_of(case)
  ours <- case$ours(d)
  mine <- as.numeric(logLik(ours))
  times <- time_in_turn(3L, gamut = case$ours(d))
  peers <- setdiff(names(case), c("data", "draw", "ours"))
  rows <- lapply(peers, function(peer) peer_row(name, peer, case[[peer]], d, mine, times))
  do.call(rbind, rows)
}

peer_row <- function(name, label, peer, d, mine, times) {
  found <- tryCatch({
    seconds <- system.time(fit <- suppressWarnings(peer$fit(d)))[["elapsed"]]
    theirs <- (peer$loglik %||% loglik_of)(fit)
    list(seconds = seconds, gain = mine - theirs)
  }, error = function(e) list(seconds = NA, gain = NA, why = conditionMessage(e)))
  if (is.null(peer$other_model) && is.finite(found$gain)) {
    stopifnot(found$gain > -1e-7 * abs(mine))
  }
  data.frame(family = name, gamut = number(times[["gamut"]]), peer = label,
             seconds = if (is.na(found$seconds)) "cannot" else number(found$seconds),
             ratio = if (is.na(found$seconds)) "" else
               paste0(number(found$seconds / times[["gamut"]]), " x faster"),
             "log-likelihood above the peer's" =
               if (is.null(peer$other_model)) number(found$gain) else "another model",
             check.names = FALSE)
}

`%||%` <- function(a, b) if (is.null(a)) b else a

chosen <- commandArgs(trailingOnly = TRUE)
if (!length(chosen)) chosen <- names(cases)
table <- do.call(rbind, lapply(chosen, run_case))
print(table, right = FALSE)
if (setequal(chosen, names(cases))) {
  save_results(table, "families", c(
    "n = 1e5, three variables (one of them a factor of four levels), seconds from",
    "formula to fit: the median of three runs, one run of a peer. The difference of the",
    "log-likelihoods is checked to be above -1e-7 of their size in the same run."
  ))
}
