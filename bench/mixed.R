# Mixed models: the rows of the design's table against lme4 and glmmTMB, the same data and
# the same answer in the same run, with the evaluations that each search needed; then how
# time grows with rows and with levels. One thread. Run from the project's root:
#
#   Rscript bench/mixed.R               # all, some minutes: lme4 alone takes one
#   Rscript bench/mixed.R cbpp scaling  # some problems; then nothing is written
#
# Needs lme4 and glmmTMB. Peers that take long are run once, all else several times.
source("bench/common.R")
suppressMessages(library(gamut))
for (peer in c("lme4", "glmmTMB")) suppressWarnings(loadNamespace(peer))

from_lme4 <- function(name) {
  store <- new.env()
  utils::data(list = name, package = "lme4", envir = store)
  store[[name]]
}

verbal <- r2 ~ (Anger + Gender + btype + situ)^2 + (1 | id) + (1 | item)
ratings <- y ~ service + (1 | s) + (1 | d) + (1 | dept)
herds <- cbind(incidence, size - incidence) ~ period + (1 | herd)
sleep <- Reaction ~ Days + (Days | Subject)

# Of gamut and lme4 `repeats` fits are timed together, of glmmTMB one; all that `runs`
# times, but for the peers in `once`: these are fitted a single time.
problems <- list(
  InstEval = list(
    label = "InstEval, 3 crossed factors, ML", data = "InstEval", runs = 3L,
    ours = function(d) gamut(ratings, d, method = "ML"), once = "lme4",
    lme4 = function(d) lme4::lmer(ratings, d, REML = FALSE)
  ),
  sleepstudy = list(
    label = "sleepstudy, correlated slopes, REML", data = "sleepstudy", runs = 5L,
    repeats = 20L, ours = function(d) gamut(sleep, d),
    lme4 = function(d) lme4::lmer(sleep, d),
    glmmTMB = function(d) glmmTMB::glmmTMB(sleep, d, REML = TRUE)
  ),
  VerbAgg = list(
    label = "VerbAgg, all two-way interactions, Laplace", data = "VerbAgg", runs = 3L,
    ours = function(d) gamut(verbal, d, binomial()), once = c("lme4", "glmmTMB"),
    lme4 = function(d) lme4::glmer(verbal, d, binomial()),
    glmmTMB = function(d) glmmTMB::glmmTMB(verbal, d, binomial())
  ),
  cbpp = list(
    label = "cbpp, binomial, Laplace", data = "cbpp", runs = 5L, repeats = 10L,
    ours = function(d) gamut(herds, d, binomial()),
    lme4 = function(d) lme4::glmer(herds, d, binomial()),
    glmmTMB = function(d) glmmTMB::glmmTMB(herds, d, binomial())
  )
)

# --- what is compared -----------------------------------------------------------------

restricted <- function(fit) {
  isTRUE(if (inherits(fit, "gamut")) fit$method == "REML"
         else if (inherits(fit, "glmmTMB")) fit$modelInfo$REML
         else lme4::isREML(fit))
}

loglik_of <- function(fit) {
  if (inherits(fit, "gamut")) return(as.numeric(logLik(fit, REML = restricted(fit))))
  as.numeric(logLik(fit))
}

fixed_of <- function(fit) {
  beta <- fixef(fit)
  if (inherits(fit, "glmmTMB")) beta$cond else beta
}

# Ours and glmmTMB's have a gradient, lme4's a value alone.
evaluations_of <- function(fit) {
  if (inherits(fit, "gamut")) {
    return(paste(fit$criterion$evaluations, "with gradients"))
  }
  if (inherits(fit, "glmmTMB")) {
    counts <- fit$fit$evaluations
    return(paste(counts[["function"]], "and", counts[["gradient"]], "gradients"))
  }
  as.character(fit@optinfo$feval)
}

# No worse than a peer: log-likelihoods to 1e-9 of their size, below which no search
# goes. Where the peer came as far, coefficients within a hundredth of a standard error,
# which is what peers with loose tolerances leave.
check_answers <- function(ours, theirs) {
  gain <- loglik_of(ours) - loglik_of(theirs)
  stopifnot(ours$convergence$converged, restricted(ours) == restricted(theirs),
            gain > -1e-7 - 1e-9 * abs(loglik_of(ours)))
  if (gain < 1e-4) {
    apart <- abs(fixed_of(ours) - fixed_of(theirs)) / sqrt(diag(vcov(ours)))
    stopifnot(apart < 0.01)
  }
  gain
}

seconds_of <- function(fit, data, repeats) {
  gc(FALSE)
  time <- system.time(for (i in seq_len(repeats)) fit(data), gcFirst = FALSE)
  time[["elapsed"]] / repeats
}

# --- the table ------------------------------------------------------------------------

run_problem <- function(name) {
  cat(name, "...\n")
  problem <- problems[[name]]
  data <- from_lme4(problem$data)
  repeats <- if (is.null(problem$repeats)) 1L else problem$repeats
  ours <- problem$ours(data)
  peers <- intersect(c("lme4", "glmmTMB"), names(problem))
  # a peer that is timed once is timed at the fit that is checked
  first <- lapply(problem[peers], timed_fit, data = data)
  often <- c(list(gamut = problem$ours), problem[setdiff(peers, problem$once)])
  times <- vapply(seq_len(problem$runs), function(run) {
    vapply(names(often), function(who) {
      seconds_of(often[[who]], data, if (who == "glmmTMB") 1L else repeats)
    }, 0)
  }, numeric(length(often)))
  times <- apply(matrix(times, length(often), dimnames = list(names(often), NULL)), 1L,
                 stats::median)
  rows <- lapply(peers, function(peer) {
    found <- first[[peer]]
    seconds <- if (peer %in% names(times)) times[[peer]] else found$seconds
    problem_row(problem, peer, ours, found, times[["gamut"]], seconds)
  })
  do.call(rbind, rows)
}

timed_fit <- function(fit, data) {
  warned <- FALSE
  seconds <- system.time(
    result <- withCallingHandlers(fit(data), warning = function(w) {
      warned <<- warned || grepl("converge", conditionMessage(w))
      invokeRestart("muffleWarning")
    })
  )[["elapsed"]]
  list(fit = result, seconds = seconds, warned = warned)
}

problem_row <- function(problem, peer, ours, found, mine, theirs) {
  gain <- check_answers(ours, found$fit)
  data.frame(
    problem = problem$label, "gamut, ms" = number(1000 * mine), peer = peer,
    "its ms" = number(1000 * theirs), ratio = paste0(number(theirs / mine), " x faster"),
    "our evaluations" = evaluations_of(ours),
    "its evaluations" = evaluations_of(found$fit),
    "log-likelihood" = formatC(loglik_of(ours), digits = 11, width = 1),
    "above the peer's" = paste0(formatC(gain, digits = 2, format = "g"),
                                if (found$warned) " (it warns)"),
    check.names = FALSE
  )
}

# --- scaling --------------------------------------------------------------------------

# Made-up data: a slope, two crossed factors of which the second has a tenth of the levels
# of the first, counts and real responses.
make_data <- function(n, levels) {
  set.seed(1)
  d <- data.frame(x = rnorm(n), g = sample.int(levels, n, TRUE),
                  h = sample.int(max(levels %/% 10L, 5L), n, TRUE))
  eta <- 0.5 + 0.2 * d$x + rnorm(levels, sd = 0.5)[d$g]
  d$count <- rpois(n, exp(eta))
  d$y <- eta + rnorm(max(d$h), sd = 0.5)[d$h] + rnorm(n)
  d$g <- factor(d$g)
  d$h <- factor(d$h)
  d
}

designs <- list(
  "slopes, gaussian: y ~ x + (x | g)" = function(d) gamut(y ~ x + (x | g), d),
  "crossed, gaussian: y ~ x + (1 | g) + (1 | h)" = function(d) {
    gamut(y ~ x + (1 | g) + (1 | h), d)
  },
  "intercepts, Poisson: count ~ x + (1 | g)" = function(d) {
    gamut(count ~ x + (1 | g), d, poisson())
  }
)

run_scaling <- function(rows, levels, fixed_levels, fixed_rows) {
  grid <- rbind(data.frame(vary = "rows", n = rows, levels = fixed_levels),
                data.frame(vary = "levels", n = fixed_rows, levels = levels))
  found <- lapply(seq_len(nrow(grid)), function(i) {
    cat("scaling: n =", grid$n[i], "levels =", grid$levels[i], "...\n")
    data <- make_data(grid$n[i], grid$levels[i])
    # small data have every pair of levels, of which a message tells
    do.call(rbind, lapply(names(designs), function(name) {
      time <- system.time(fit <- suppressMessages(designs[[name]](data)))
      stopifnot(fit$convergence$converged)
      data.frame(grid[i, ], design = name, seconds = time[["elapsed"]],
                 evaluations = fit$criterion$evaluations)
    }))
  })
  do.call(rbind, found)
}

scaling_table <- function(found) {
  cell <- paste0(number(found$seconds), " (", found$evaluations, ")")
  key <- paste(found$vary, found$n, found$levels)
  keys <- unique(key)
  first <- match(keys, key)
  table <- data.frame(rows = count(found$n[first]), levels = count(found$levels[first]))
  for (name in names(designs)) {
    mine <- found$design == name
    table[[sub(":.*", "", name)]] <- cell[mine][match(keys, key[mine])]
  }
  markdown_table(table)
}

draw_scaling <- function(found, file) {
  dir.create(dirname(file), showWarnings = FALSE, recursive = TRUE)
  grDevices::png(file, 1500, 750, res = 150)
  on.exit(grDevices::dev.off())
  graphics::par(mfrow = c(1, 2), mar = c(4.2, 4.2, 2, 1), las = 1, mgp = c(2.7, 0.7, 0))
  colours <- c("#0072B2", "#D55E00", "#009E73")
  for (vary in c("rows", "levels")) {
    part <- found[found$vary == vary, ]
    size <- if (vary == "rows") part$n else part$levels
    fixed <- if (vary == "rows") part$levels[1L] else part$n[1L]
    held <- paste(format(fixed, big.mark = ",", scientific = FALSE),
                  if (vary == "rows") "levels of g" else "rows")
    plot(size, part$seconds, log = "xy", type = "n", xlab = paste("number of", vary),
         ylab = "seconds", main = held, ylim = range(found$seconds), bty = "l")
    for (k in seq_along(designs)) {
      mine <- part$design == names(designs)[k]
      graphics::lines(size[mine], part$seconds[mine], type = "b", pch = 19, lwd = 2,
                      col = colours[k])
    }
    # what is proportional to the size has the slope of this line
    ends <- range(size)
    graphics::lines(ends, min(found$seconds) * ends / ends[1L], lty = 3, col = "grey40")
  }
  graphics::legend("topleft", c(sub(":.*", "", names(designs)), "slope 1"), bty = "n",
                   col = c(colours, "grey40"), lwd = c(2, 2, 2, 1), lty = c(1, 1, 1, 3),
                   cex = 0.85)
}

# --- what no peer is waited for -------------------------------------------------------

# Levels of two factors, nested or crossed at random; the truth stands for the peer: each
# standard deviation within five of its standard errors, sd / sqrt(2 levels).
large <- list(
  list(label = "nested: 50,000 pupils in 5,000 schools, 2e5 rows", rows = 2e5,
       levels = c(50000, 5000), nested = TRUE),
  list(label = "crossed: 1e5 and 1e4 levels, 1e6 rows", rows = 1e6,
       levels = c(100000, 10000), nested = FALSE)
)

run_large <- function(case) {
  cat(case$label, "...\n")
  set.seed(2)
  a <- sample.int(case$levels[1L], case$rows, TRUE)
  b <- sample.int(case$levels[2L], if (case$nested) case$levels[1L] else case$rows, TRUE)
  if (case$nested) b <- b[a]
  d <- data.frame(x = rnorm(case$rows), a = factor(a), b = factor(b))
  d$y <- 1 + 0.5 * d$x + 0.8 * rnorm(case$levels[1L])[a] +
    0.5 * rnorm(case$levels[2L])[b] + rnorm(case$rows)
  seconds <- system.time(fit <- gamut(y ~ x + (1 | a) + (1 | b), d))[["elapsed"]]
  sds <- vapply(fit$random, function(entry) sqrt(entry$covariance[1L]), 0)
  truth <- ifelse(vapply(fit$random, `[[`, "", "group") == "a", 0.8, 0.5)
  levels <- vapply(fit$random, function(entry) length(entry$levels), 0)
  stopifnot(fit$convergence$converged,
            abs(sds - truth) < 5 * truth / sqrt(2 * levels))
  taken <- elimination(fit)
  data.frame(design = case$label, seconds = number(seconds),
             evaluations = fit$criterion$evaluations, "the tail" = taken$how[2L],
             "error of -2 log-likelihood" = number(attr(taken, "error"), 2),
             check.names = FALSE)
}

# --- run ------------------------------------------------------------------------------

chosen <- commandArgs(trailingOnly = TRUE)
everything <- !length(chosen)
if (everything) chosen <- c(names(problems), "scaling", "large")
unknown <- setdiff(chosen, c(names(problems), "scaling", "scaling-small", "large"))
if (length(unknown)) stop("no such problem: ", paste(unknown, collapse = ", "))

table <- do.call(rbind, lapply(intersect(names(problems), chosen), run_problem))
if (!is.null(table)) print(table, right = FALSE)
if ("scaling-small" %in% chosen) {
  found <- run_scaling(c(1e3, 1e4), c(20L, 200L), 50L, 2000)
  cat(scaling_table(found), sep = "\n")
  draw_scaling(found, file.path(tempdir(), "mixed-scaling.png"))
}
if ("scaling" %in% chosen) {
  found <- run_scaling(c(1e4, 3e4, 1e5, 3e5, 1e6), c(100L, 1000L, 3000L, 10000L), 1000L,
                       1e5)
  cat(scaling_table(found), sep = "\n")
}
if ("large" %in% chosen) {
  many <- do.call(rbind, lapply(large, run_large))
  cat(markdown_table(many), sep = "\n")
}
if (everything) {
  draw_scaling(found, file.path("bench", "results", "mixed-scaling.png"))
  save_results(table, "mixed", c(
    "From formula to fit, medians of several runs; lme4's fits to InstEval and VerbAgg",
    "and glmmTMB's to VerbAgg were run once. Log-likelihoods (restricted ones of fits by",
    "REML) are checked in the same run to be no worse than a peer's by more than 1e-9 of",
    "their size, and coefficients to be within 0.01 standard errors of those of a peer",
    "that came as far. An evaluation of gamut has a value, an exact gradient and what a",
    "Newton step needs; one of lme4 has a value.",
    "", "## How time grows", "",
    "Seconds (evaluations) of one fit to made-up data; factor `g` has the given levels,",
    "factor `h` of the crossed design a tenth of them.", "",
    scaling_table(found), "", "![Seconds by rows and by levels](mixed-scaling.png)",
    "", "## Many levels of two factors", "",
    "One fit each, to made-up data whose standard deviations it finds.", "",
    markdown_table(many)
  ))
}
