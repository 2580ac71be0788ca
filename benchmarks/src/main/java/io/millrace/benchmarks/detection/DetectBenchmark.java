package io.millrace.benchmarks.detection;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.benchmarks.experiment.Spread;
import io.millrace.tensor.engine.TensorEngine;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Average precision of a detector on the published test part of a set, over several seeds. */
public final class DetectBenchmark implements Benchmark {

  @Override
  public String name() {
    return "detect";
  }

  @Override
  public String description() {
    return "detect FOLDER [KEY=VALUE ...]: COCO's figures of a detector trained from random weights (bccd, nuclei, or a folder)";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws Exception {
    if (arguments.isEmpty() || arguments.getFirst().contains("=")) {
      throw new IllegalArgumentException("which folder? " + description());
    }
    Settings settings = Settings.of(arguments.subList(1, arguments.size()));
    PictureCorpus corpus =
        PictureCorpus.read(
            arguments.getFirst(), settings.parts(), settings.width(), settings.height());
    out.printf(
        "%d pictures to learn from, %d to be judged on, classes %s; %s%n",
        corpus.training().size(), corpus.test().size(), corpus.classes(), settings);
    TensorEngine engine = TensorEngine.start("cpu");
    Map<String, List<Double>> figures = new LinkedHashMap<>();
    for (int seed = 1; seed <= settings.seeds(); seed++) {
      try (Trial trial = new Trial(engine, corpus, settings, seed, out)) {
        trial
            .run()
            .forEach((name, value) ->
                figures.computeIfAbsent(name, unused -> new ArrayList<>()).add(value));
      }
    }
    out.printf("%nmean and deviation of %d seeds%n", settings.seeds());
    figures.forEach((name, values) -> out.printf("  %-24s %s%n", name, Spread.of(values)));
  }
}
