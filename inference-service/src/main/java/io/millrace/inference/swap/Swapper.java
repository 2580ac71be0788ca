package io.millrace.inference.swap;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.InferenceMetric;
import io.millrace.inference.runtime.ModelRuntime;
import io.millrace.inference.runtime.RuntimeLoader;
import io.millrace.platform.checkpoint.CheckpointFiles;
import io.millrace.platform.registry.ModelVersion;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Makes a version serve: verifies every byte, loads and warms it beside the old one, exchanges one
 * reference. Whatever fails, the old one keeps serving and the reason is kept.
 */
@Component
class Swapper {

  private static final Logger LOG = LoggerFactory.getLogger(Swapper.class);

  private final Models models;
  private final CheckpointFiles checkpoints;
  private final Map<String, RuntimeLoader> loaders;
  private final SwapLog log;
  private final MeterRegistry meters;

  Swapper(
      Models models,
      CheckpointFiles checkpoints,
      List<RuntimeLoader> loaders,
      SwapLog log,
      MeterRegistry meters) {
    this.models = models;
    this.checkpoints = checkpoints;
    this.loaders =
        loaders.stream().collect(Collectors.toMap(RuntimeLoader::task, Function.identity()));
    this.log = log;
    this.meters = meters;
  }

  /**
   * Swaps a version in unless it, or a later one, serves already.
   *
   * @return false if it was refused
   */
  boolean swapIn(ModelVersion version) {
    if (version.version() <= models.version(version.model())) {
      return true;
    }
    long begin = System.nanoTime();
    try {
      ModelRuntime runtime = load(version);
      double loadMs = millisSince(begin);
      double pauseMs = models.exchange(version, runtime);
      meters
          .counter(InferenceMetric.SWAPS.id(), InferenceMetric.MODEL, version.model())
          .increment();
      meters
          .timer(InferenceMetric.LOAD.id(), InferenceMetric.MODEL, version.model())
          .record((long) (loadMs * 1e6), TimeUnit.NANOSECONDS);
      LOG.info(
          "model {} serves version {} ({}) after {} ms",
          version.model(),
          version.version(),
          version.manifestSha256(),
          Math.round(loadMs));
      record(version, () -> log.serving(version, loadMs, pauseMs));
      return true;
    } catch (IOException | RuntimeException | Error e) {
      reject(version, e, millisSince(begin));
      return false;
    }
  }

  private ModelRuntime load(ModelVersion version) throws IOException {
    RuntimeLoader loader = loaders.get(version.task());
    if (loader == null) {
      throw new IOException(
          "this service serves %s, not %s".formatted(loaders.keySet(), version.task()));
    }
    Path folder = checkpoints.verify(version.location(), version.manifestSha256());
    TensorEngine.enterThread(1);
    ModelRuntime runtime = loader.load(folder);
    try {
      runtime.warmUp();
      return runtime;
    } catch (RuntimeException | Error e) {
      runtime.close();
      throw e;
    }
  }

  private void reject(ModelVersion version, Throwable cause, double loadMs) {
    String reason = String.valueOf(cause.getMessage());
    LOG.warn(
        "model {} version {} is refused, version {} keeps serving",
        version.model(),
        version.version(),
        models.version(version.model()),
        cause);
    models.reject(version, reason);
    meters
        .counter(InferenceMetric.REJECTIONS.id(), InferenceMetric.MODEL, version.model())
        .increment();
    record(version, () -> log.rejected(version, reason, loadMs));
  }

  /** Loses the entry if the database is down: what serves does not depend on it. */
  private static void record(ModelVersion version, Runnable entry) {
    try {
      entry.run();
    } catch (DataAccessException | TransactionException e) {
      LOG.error(
          "cannot record what became of model {} version {}",
          version.model(),
          version.version(),
          e);
    }
  }

  private static double millisSince(long begin) {
    return (System.nanoTime() - begin) / 1e6;
  }
}
