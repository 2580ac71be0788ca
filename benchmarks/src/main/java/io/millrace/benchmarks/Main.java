package io.millrace.benchmarks;

import io.millrace.benchmarks.chaos.ChaosBenchmark;
import io.millrace.benchmarks.classify.ClassifyBenchmark;
import io.millrace.benchmarks.command.Benchmark;
import io.millrace.benchmarks.detection.DetectBenchmark;
import io.millrace.benchmarks.experiment.AblationBenchmark;
import io.millrace.benchmarks.experiment.LossesBenchmark;
import io.millrace.benchmarks.experiment.RecipeBenchmark;
import io.millrace.benchmarks.represent.RepresentBenchmark;
import io.millrace.benchmarks.rest.IdleBenchmark;
import io.millrace.benchmarks.rest.SwapsBenchmark;
import io.millrace.benchmarks.soak.SoakBenchmark;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** {@code benchmarks/run NAME ...}. */
public final class Main {

  private static final List<Benchmark> ALL =
      List.of(
          new TrainBenchmark(),
          new DecodeBenchmark(),
          new DeviceBenchmark(),
          new DeviceTrainBenchmark(),
          new RivalGpuBenchmark(),
          new RecomputationBenchmark(),
          new StreamBenchmark(),
          new StartsBenchmark(),
          new ChaosBenchmark(),
          new SoakBenchmark(),
          new SwapsBenchmark(),
          new IdleBenchmark(),
          new ServeBenchmark(),
          new EmbedBenchmark(),
          new RivalBenchmark(),
          new RecipeBenchmark(),
          new AblationBenchmark(),
          new LossesBenchmark(),
          new DetectBenchmark(),
          new ClassifyBenchmark(),
          new RepresentBenchmark());

  private Main() {}

  /** Runs the benchmark named first; without one, or with an unknown one, lists them. */
  public static void main(String[] arguments) throws Exception {
    for (Benchmark benchmark : ALL) {
      if (arguments.length > 0 && benchmark.name().equals(arguments[0])) {
        try {
          benchmark.run(Arrays.asList(arguments).subList(1, arguments.length), System.out);
        } catch (IllegalArgumentException | IOException e) {
          System.err.println(e.getMessage());
          System.exit(1);
        }
        return;
      }
    }
    System.err.println("usage: benchmarks/run NAME ...");
    ALL.forEach(benchmark -> System.err.println("  " + benchmark.description()));
    System.exit(2);
  }
}
