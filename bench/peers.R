# Times splm and SDPDmod in R on one sample; bench/in_r.py calls it.
#
#   Rscript bench/peers.R                                     versions, and why a package is left out
#   Rscript bench/peers.R splm|SDPDmod JOB FILE CITIES REPEATS   seconds, CPU seconds, megabytes, rho
#
# FILE holds doubles: y, four regressors, their four spatial lags (all cities of a year, then of the next),
# and W by columns. Both packages give standard errors with every fit.

SLOPES <- c("a", "b", "c", "d")
LAGS <- paste0("w", SLOPES)
SMALL <- 24 # cities of the sample with which the process warms up
LONG <- 2 # CPU seconds of all repeats beyond which none is added

versions <- function() {
  cat("R", paste(R.version$major, R.version$minor, sep = "."), "\n")
  cat("BLAS", basename(La_library()), "\n")
  for (name in c("splm", "SDPDmod")) {
    tryCatch({
      suppressMessages(loadNamespace(name))
      cat(name, as.character(utils::packageVersion(name)), "\n")
    }, error = function(e) message("R's ", name, " is left out: ", conditionMessage(e)))
  }
}

# SDPDmod takes out the years by its transformation only where rowSums(W) == 1 to the last bit.
rows_of_one <- function(w) {
  w <- w / rowSums(w)
  largest <- cbind(seq_len(nrow(w)), max.col(w, "first"))
  while (any(rowSums(w) != 1)) w[largest] <- w[largest] + (1 - rowSums(w))
  w
}

# A function that fits the model to the first cities of the sample, W being in the package's own form.
fit_of <- function(package, job, panel, w, cities) {
  panel <- panel[panel$city <= cities, ]
  w <- rows_of_one(w[seq_len(cities), seq_len(cities)])
  index <- c("city", "year")
  if (package == "splm") {
    listw <- spdep::mat2listw(w)
    durbin <- reformulate(c(SLOPES, LAGS), "y")
    return(function() {
      splm::spml(durbin, panel, index = index, listw = listw, model = "within", effect = "twoways",
                 lag = TRUE, spatial.error = "none")$coefficients[["lambda"]]
    })
  }
  dynamic <- job == "dynamic SDM"
  function() {
    found <- SDPDmod::SDPDm(reformulate(SLOPES, "y"), panel, w, index, model = "sdm", effect = "twoways",
                            LYtrans = TRUE, dynamic = dynamic, tlaginfo = list(ind = NULL, tl = TRUE, stl = TRUE))
    unname(if (dynamic) found$rho1 else found$rho)
  }
}

peak_memory <- function() {
  status <- readLines("/proc/self/status")
  as.numeric(gsub("\\D", "", grep("^VmHWM", status, value = TRUE))) / 1024
}

# Count from now on: what R holds by now are packages, a warm-up and the sample.
settled <- function() {
  gc()
  if (file.exists("/proc/self/clear_refs")) cat("5", file = "/proc/self/clear_refs")
  peak_memory()
}

timed <- function(work, repeats) {
  walls <- cpus <- c()
  before <- settled()
  while (length(cpus) < repeats && sum(cpus) < LONG) {
    took <- system.time(found <- work()) # after a garbage collection that does not count
    walls <- c(walls, took[["elapsed"]])
    cpus <- c(cpus, took[["user.self"]] + took[["sys.self"]])
  }
  c(median(walls), median(cpus), peak_memory() - before, found)
}

asked <- commandArgs(TRUE)
if (length(asked) == 0) {
  versions()
} else {
  package <- asked[1]
  suppressMessages(library(package, character.only = TRUE))
  cities <- as.integer(asked[4])
  values <- readBin(asked[3], "double", file.size(asked[3]) / 8)
  columns <- matrix(head(values, -cities^2), ncol = 1 + length(SLOPES) + length(LAGS))
  w <- matrix(tail(values, cities^2), cities)
  colnames(columns) <- c("y", SLOPES, LAGS)
  years <- nrow(columns) / cities
  panel <- data.frame(city = rep(seq_len(cities), years), year = rep(seq_len(years), each = cities), columns)
  rm(values, columns)
  fit_of(package, asked[2], panel, w, SMALL)()
  work <- fit_of(package, asked[2], panel, w, cities)
  cat(format(timed(work, as.integer(asked[5])), digits = 17), "\n")
}
