package io.millrace.benchmarks;

import java.util.Arrays;
import java.util.List;

/** {@code benchmarks/run NAME ...}. */
public final class Main {

  private static final List<Benchmark> ALL =
      List.of(
          new TrainBenchmark(), new DecodeBenchmark(), new StreamBenchmark(), new RivalBenchmark());

  private Main() {}

  /** Runs the benchmark named first; without one, or with an unknown one, lists them. */
  public static void main(String[] arguments) throws Exception {
    for (Benchmark benchmark : ALL) {
      if (arguments.length > 0 && benchmark.name().equals(arguments[0])) {
        benchmark.run(Arrays.asList(arguments).subList(1, arguments.length), System.out);
        return;
      }
    }
    System.err.println("usage: benchmarks/run NAME ...");
    ALL.forEach(benchmark -> System.err.println("  " + benchmark.description()));
    System.exit(2);
  }
}
